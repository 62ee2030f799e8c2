"""Collect sibling headings into sets (小标题组): their parallelism is what people want, so a set is kept whole."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from knowledge.corpus.numbering import style_of
from knowledge.model import Heading

_GAP = re.compile(r"(?:…|\.{3})+")

FEWEST = 2
"""A set has at least two headings."""

LONGEST = 40
"""A heading beyond this many characters is a sentence."""


def sibling_sets(headings: Sequence[Heading]) -> Iterator[tuple[Heading, ...]]:
    """Yield the headings below each section, in document order, where they form a set."""
    below: defaultdict[int | None, list[Heading]] = defaultdict(list)
    for heading in headings:
        below[heading.parent].append(heading)
    for siblings in below.values():
        # One section may hold an inline list and, behind it, numbered sections; each is a set of its own.
        for group in _by_style(siblings):
            if len(group) >= FEWEST and all(0 < len(heading.text) <= LONGEST for heading in group):
                yield tuple(group)


def shape(headings: Sequence[Heading]) -> tuple[int, ...]:
    """Return the commonest lengths of the clauses of a set, in characters: (6, 10) for 突出政治建设，彰显政治本色为民本色."""
    counted = Counter(_clause_lengths(heading.text) for heading in headings)
    return counted.most_common(1)[0][0] if counted else ()


def has_length(headings: Sequence[Heading], length: int) -> bool:
    """Whether every heading, or every clause of every heading, has ``length`` characters."""
    return all(len(heading.text) == length or set(_clause_lengths(heading.text)) == {length} for heading in headings)


def is_even(headings: Sequence[Heading]) -> bool:
    """Whether all headings have as many clauses, of the same lengths, as each other."""
    return len({_clause_lengths(heading.text) for heading in headings}) == 1


def fits_pattern(headings: Sequence[Heading], pattern: str) -> int:
    """Return how many headings fit a pattern with gaps: 突出政治建设，彰显政治本色 fits 突出…，彰显…."""
    parts = [re.escape(part) for part in _GAP.split(pattern.strip("，, "))]
    expression = re.compile(".+".join(parts).replace(",", "，"))
    return sum(expression.search(heading.text) is not None for heading in headings)


def parallelism(headings: Sequence[Heading]) -> float:
    """Return how parallel a set is, 0–1: the share of headings in the set's shape, helped by a shared first or last word."""
    if len(headings) < FEWEST:
        return 0.0
    most = shape(headings)
    same = sum(_clause_lengths(heading.text) == most for heading in headings) / len(headings)
    near = sum(len(_clause_lengths(heading.text)) == len(most) for heading in headings) / len(headings)
    head = Counter(heading.text[:1] for heading in headings).most_common(1)[0][1] / len(headings)
    tail = Counter(heading.text[-2:] for heading in headings).most_common(1)[0][1] / len(headings)
    return round(0.6 * same + 0.2 * near + 0.2 * max(head, tail), 3)


def _clause_lengths(text: str) -> tuple[int, ...]:
    return tuple(len(clause) for clause in text.split("，"))


def _by_style(siblings: Sequence[Heading]) -> Iterator[list[Heading]]:
    groups: defaultdict[str, list[Heading]] = defaultdict(list)
    for heading in siblings:
        groups[style_of(heading.label)].append(heading)
    yield from groups.values()
