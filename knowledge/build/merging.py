"""Merge passages that several reports carry: equal ones by their id, near-equal ones by what they are made of.

Reports of one office repeat last year's sentences with a word changed. A list must not offer both, so the first one is
kept as it stands and the sources of the others are added to it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from zlib import crc32

from knowledge.model import Passage

_NOT_WORDS = re.compile(r"\W+")

ALIKE = 0.75
"""Jaccard similarity of shingles from which on two passages are taken for one."""

SHINGLE = 4
"""Characters of a shingle: a word and its neighbour."""

SKETCH = 4
"""How many of the smallest shingle hashes of a passage are looked up: two passages that are alike share one of them
but for once in a few hundred (Broder's bottom-k sketch)."""


def merge_passages(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """Return ``passages`` without repeats, in order; each with the sources of all that were merged into it.

    Only passages of different reports are merged for being alike: within one report a repetition is the writer's own.
    Linear in the number of passages as long as boilerplate is not the rule.
    """
    kept: dict[str, Passage] = {}
    shingles: dict[str, frozenset[int]] = {}
    sketches: defaultdict[int, list[str]] = defaultdict(list)
    for passage in passages:
        if passage.id in kept:
            kept[passage.id] = replace(kept[passage.id], sources=kept[passage.id].sources + passage.sources)
            continue
        own = _shingles(passage.text)
        twin = _twin(passage, own, kept, shingles, sketches)
        if twin is not None:
            kept[twin] = replace(kept[twin], sources=kept[twin].sources + passage.sources)
            continue
        kept[passage.id] = passage
        shingles[passage.id] = own
        for mark in sorted(own)[:SKETCH]:
            sketches[mark].append(passage.id)
    return tuple(kept.values())


def similarity(first: frozenset[int], second: frozenset[int]) -> float:
    """Return the Jaccard similarity of two sets of shingles (0–1)."""
    return len(first & second) / max(1, len(first | second))


def _twin(
    passage: Passage,
    own: frozenset[int],
    kept: dict[str, Passage],
    shingles: dict[str, frozenset[int]],
    sketches: dict[int, list[str]],
) -> str | None:
    report = passage.sources[0].report
    candidates = dict.fromkeys(
        identifier for mark in sorted(own)[:SKETCH] for identifier in sketches.get(mark, ())[:64]
    )
    alike = (
        identifier
        for identifier in candidates
        if all(source.report != report for source in kept[identifier].sources)
        and similarity(own, shingles[identifier]) >= ALIKE
    )
    return next(alike, None)


def _shingles(text: str) -> frozenset[int]:
    plain = _NOT_WORDS.sub("", text)
    # crc32 and not hash(): the same passages are merged in every run.
    return frozenset(crc32(plain[at : at + SHINGLE].encode()) for at in range(max(1, len(plain) - SHINGLE + 1)))
