"""Headings without a number: those the document's format marks, and lines that can be nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.corpus.numbering import Mark, Style

SHORTEST, LONGEST = 4, 36
"""Length of a line that may be a heading without a number, in characters."""

PARAGRAPH = 40
"""A heading stands above a paragraph of at least so many characters."""

FEWEST = 2
"""One such line may be anything; several divide the text."""

_ENDS = "。！？：；”"
_NO_HEADING = re.compile(r"[。；！？：，,;:）)]$|来源|时间|日期|作者|^\d+年\d+月|^[（(]|^附件|^[\d\W]*$")


@dataclass(frozen=True, slots=True)
class Headline:
    """A line that the document's format marks as a heading: its span, and its level from 1."""

    start: int
    end: int
    level: int


def with_headlines(text: str, marks: Sequence[Mark], headlines: Sequence[Headline]) -> tuple[Mark, ...]:
    """Return ``marks`` and, in order, a mark for every heading without a number."""
    numbered = {mark.start: mark for mark in marks if mark.opens_line}
    if headlines:
        added = list(_of_format(headlines, marks))
    else:
        added = [Mark(Style.HEADLINE, 0, "", start, start, opens_line=True) for start in _plain(text, numbered)]
    return tuple(sorted((*marks, *added), key=lambda mark: mark.start))


def _of_format(headlines: Sequence[Headline], marks: Sequence[Mark]) -> Iterator[Mark]:
    """Yield marks for headlines without a number; one stands below the numbered headlines of a higher level."""
    opening = [mark for mark in marks if mark.opens_line and not mark.style.inline]
    above: dict[int, float] = {}
    plain: list[Headline] = []
    at = 0
    for headline in sorted(headlines, key=lambda found: found.start):
        while at < len(opening) and opening[at].start < headline.start:
            at += 1
        if at < len(opening) and opening[at].start < headline.end:
            above[headline.level] = max(above.get(headline.level, -1), opening[at].style)
        else:
            plain.append(headline)
    for headline in plain:
        higher = [style for level, style in above.items() if level < headline.level]
        order = max(higher) + 0.5 + headline.level / 100 if higher else headline.level / 100 - 1
        yield Mark(Style.HEADLINE, 0, "", headline.start, headline.start, opens_line=True, raised=order)


def _plain(text: str, numbered: dict[int, Mark]) -> list[int]:
    """Return where lines stand that look like headings: short, open-ended, between finished paragraphs."""
    found: list[int] = []
    before, start = "", 0
    lines = text.split("\n")
    for place, line in enumerate(lines):
        stripped = line.strip()
        following = next((later.strip() for later in lines[place + 1 : place + 3] if later.strip()), "")
        if (
            SHORTEST <= len(stripped) <= LONGEST
            and before[-1:] in tuple(_ENDS)
            and len(following) >= PARAGRAPH
            and "。" in following
            and start not in numbered
            and not _NO_HEADING.search(stripped)
        ):
            found.append(start + len(line) - len(line.lstrip()))
        before = stripped or before
        start += len(line) + 1
    return found if len(found) >= FEWEST else []
