"""Cut Chinese prose into sentences without breaking quotations (分句)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

PAIRS = {"“": "”", "‘": "’", "《": "》", "（": "）", "〈": "〉", "【": "】", "「": "」", "『": "』"}
"""Opening marks and what closes them."""

_TOKEN = re.compile("[" + "".join(PAIRS) + "".join(PAIRS.values()) + "。！？；\n]")
_CLOSERS = "".join(PAIRS.values())
_ENDS = "。！？；"


def split_sentences(text: str, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences of ``text[start:stop]``, in order.

    A sentence ends with 。！？； outside any quotation or bracket (together with the closing marks behind it), or with
    the line. Spans are stripped of blanks; text after the last full stop of a line is a sentence without a stop.
    An opening mark that is never closed ends with its line, so that one slip cannot swallow the rest of a report.
    """
    stop = len(text) if stop is None else stop
    depth = 0
    begin = start
    for match in _TOKEN.finditer(text, start, stop):
        character = match.group()
        if character == "\n":
            yield from _span(text, begin, match.start())
            begin, depth = match.end(), 0
        elif character in PAIRS:
            depth += 1
        elif character in _ENDS:
            if depth == 0:
                end = match.end()
                while end < stop and text[end] in _CLOSERS:
                    end += 1
                yield from _span(text, begin, end)
                begin = end
        else:
            depth = max(0, depth - 1)
    yield from _span(text, begin, stop)


def split_long(text: str, start: int, end: int, longest: int) -> Iterator[tuple[int, int]]:
    """Yield ``text[start:end]`` whole if it has at most ``longest`` characters, else cut at commas into even parts.

    Sentences of two hundred characters are common in reports; their halves are what people quote. The comma at a cut
    belongs to neither part. A sentence without a usable comma is yielded whole.
    """
    parts = -(-(end - start) // longest)
    if parts <= 1:
        yield start, end
        return
    commas = _outer_commas(text, start, end)
    while parts <= 4:
        cuts = _even_cuts(commas, start, end, parts)
        edges = [start - 1, *cuts, end]
        if len(cuts) == parts - 1 and max(b - a - 1 for a, b in pairwise(edges)) <= longest:
            yield from ((a + 1, b) for a, b in pairwise(edges))
            return
        parts += 1
    yield start, end


def _outer_commas(text: str, start: int, end: int) -> list[int]:
    depth = 0
    commas = []
    for at in range(start, end):
        character = text[at]
        if character in PAIRS:
            depth += 1
        elif character in _CLOSERS:
            depth = max(0, depth - 1)
        elif character == "，" and depth == 0:
            commas.append(at)
    return commas


def _even_cuts(commas: list[int], start: int, end: int, parts: int) -> list[int]:
    """Return the commas nearest to the even division, in order and without repeats."""
    wanted = (start + (end - start) * part // parts for part in range(1, parts))
    return sorted({min(commas, key=lambda at: abs(at - position)) for position in wanted}) if commas else []


def is_balanced(text: str) -> bool:
    """Whether every quotation mark and bracket in ``text`` is closed, in the right order."""
    expected: list[str] = []
    for character in text:
        if character in PAIRS:
            expected.append(PAIRS[character])
        elif character in _CLOSERS and (not expected or expected.pop() != character):
            return False
    return not expected


def _span(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end
