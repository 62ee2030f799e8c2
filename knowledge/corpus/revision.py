"""A text under revision: edits are applied to it, every offset stays traceable, and every visible edit is kept.

The raw text is never lost. Each character of the revised text knows the raw character it stands for, so a decision is
remembered by the stretch of raw text it replaced and finds its place in the revised text at the end.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Repair:
    """One visible decision (订正、空位): ``text[start:end]`` of the cleaned text is ``after``, the raw text ``before``."""

    start: int
    end: int
    before: str
    after: str
    reason: str
    rule: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """A stretch of the cleaned text that must not be served (扣留)."""

    start: int
    end: int
    reason: str
    rule: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class CleanText:
    """A cleaned text, what was changed in it and what of it must not be served, both in order of place.

    ``offsets`` holds the raw offset of every cleaned character and of the end; without it the text is its own raw text.
    """

    text: str
    repairs: tuple[Repair, ...]
    withheld: tuple[Withheld, ...]
    offsets: array[int] | None = field(default=None, repr=False, compare=False)

    def origin(self, offset: int) -> int:
        """Return the raw offset for an offset of the cleaned text (0 to its length; ``IndexError`` beyond)."""
        if not 0 <= offset <= len(self.text):
            raise IndexError(f"offset {offset} of a text of {len(self.text)} characters")
        return offset if self.offsets is None else self.offsets[offset]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something is changed: the reason a reader sees, the rule's id and, where it states a fact, the source."""

    reason: str
    rule: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Put ``after`` in the place of ``text[start:end]``; without a cause the edit is invisible and not remembered."""

    start: int
    end: int
    after: str
    cause: Cause | None = None


class Revision:
    """One raw text on its way to being clean."""

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.text = raw
        self.offsets = array("L", range(len(raw) + 1))
        self._decisions: list[tuple[int, int, Cause]] = []

    def apply(self, edits: Iterable[Edit]) -> None:
        """Apply edits given in order of place; one that overlaps the edit before it is dropped. Linear in the text."""
        text, offsets = self.text, self.offsets
        pieces: list[str] = []
        moved = array("L")
        at = 0
        for edit in edits:
            start, end, after = edit.start, edit.end, edit.after
            if start < at or text[start:end] == after:
                continue
            if start == end and end < len(text):
                # An insertion takes the next character with it, so that the decision has a stretch of its own.
                end, after = end + 1, after + text[end]
            pieces += (text[at:start], after)
            moved.extend(offsets[at:start])
            moved.extend(array("L", [offsets[start]]) * len(after))
            if edit.cause is not None:
                self._decisions.append((offsets[start], self._raw_end(start, end), edit.cause))
            at = end
        if pieces:
            pieces.append(text[at:])
            moved.extend(offsets[at:])
            self.text, self.offsets = "".join(pieces), moved

    def substitute(
        self,
        pattern: re.Pattern[str],
        replace: str | Callable[[re.Match[str]], str | None],
        cause: Cause | None = None,
    ) -> None:
        """Replace every match by a fixed text or by what ``replace`` returns for it (``None``: leave it)."""
        edits: list[Edit] = []
        for found in pattern.finditer(self.text):
            after = replace if isinstance(replace, str) else replace(found)
            if after is not None:
                edits.append(Edit(found.start(), found.end(), after, cause))
        self.apply(edits)

    def repairs(self) -> tuple[Repair, ...]:
        """Return the remembered decisions in order of place, with their texts as they stand now."""
        found: set[Repair] = set()
        for raw_start, raw_end, cause in self._decisions:
            start, end = bisect_left(self.offsets, raw_start), bisect_left(self.offsets, raw_end)
            before, after = self.raw[raw_start:raw_end], self.text[start:end]
            if before != after:
                found.add(Repair(start, end, before, after, cause.reason, cause.rule, cause.source))
        return tuple(sorted(found, key=lambda repair: (repair.start, repair.end, repair.rule)))

    def _raw_end(self, start: int, end: int) -> int:
        """Return where the raw stretch of ``text[start:end]`` ends: a replaced stretch counts as a whole."""
        offsets = self.offsets
        while start < end < len(self.text) and offsets[end] == offsets[end - 1]:
            end += 1
        return offsets[end]
