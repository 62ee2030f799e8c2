"""Turn the numbering of a report into its section tree. Parsing never fails: it returns a value and its problems.

The five bundled reports already number in five ways (headings on their own line, run-in headings, 一是 inside a
paragraph, 一是 inside 一是, ordinals that jump), so nothing here relies on one layout. A number counts when it stands
where a number can stand (:mod:`knowledge.corpus.numbering`) and fits a sequence; what does not fit is kept and
reported, never dropped.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.corpus.headlines import Headline, with_headlines
from knowledge.corpus.leads import find_lead
from knowledge.corpus.numbering import Mark, Style, find_marks
from knowledge.model import Heading

LOOK_AHEAD = 60
"""How many marks ahead a decision may look: enough for any list people write, and what keeps the cost linear."""


LATEST_START = 3
"""A list may have lost its first items, but one that starts beyond 三是 is a sentence (十二是个数)."""


@dataclass(frozen=True, slots=True)
class StructureProblem:
    """Something irregular in the numbering: ``reason`` is 跳号, 重号, 重新编号, 嵌套同级 or 空标题."""

    reason: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Structure:
    """The section tree in document order, where the body before the first heading ends, and what was irregular."""

    headings: tuple[Heading, ...]
    preamble_end: int
    problems: tuple[StructureProblem, ...]


@dataclass(slots=True)
class _Level:
    """One open list on the stack: its style, the number reached, and the node that number belongs to."""

    style: Style
    order: float
    number: int
    node: int


@dataclass(slots=True)
class _Node:
    mark: Mark
    parent: int | None
    level: int
    end: int = 0


def parse(text: str, headlines: Sequence[Headline] = ()) -> Structure:
    """Parse ``text`` (one paragraph per line) into its :class:`Structure`. Linear in the length of ``text``.

    ``headlines`` are the lines that the document's format marks as headings; without any, lines that look like
    headings without a number are taken for such where a text has several.
    """
    return _Parser(text, headlines).parse()


class _Parser:
    def __init__(self, text: str, headlines: Sequence[Headline]) -> None:
        self._text = text
        self._marks: Sequence[Mark] = with_headlines(text, find_marks(text), headlines)
        self._line_ends = [at for at, character in enumerate(text) if character == "\n"]
        self._section_starts = [m.start for m in self._marks if m.opens_line and not m.style.inline]
        self._nodes: list[_Node] = []
        self._stack: list[_Level] = []
        self._problems: list[StructureProblem] = []

    def parse(self) -> Structure:
        for position, mark in enumerate(self._marks):
            if mark.style.inline:
                self._take_item(position, mark)
            elif mark.opens_line or self._continues(position, mark):
                self._take_section(mark)
        self._close_nodes()
        headings = self._headings()
        first = headings[0].mark if headings else len(self._text)
        return Structure(headings, first, tuple(self._problems))

    # Sections: numbers that open a line (or go on with a sequence inside one)

    def _continues(self, position: int, mark: Mark) -> bool:
        """Whether a section number inside a line is one: it goes on with a sequence, or starts one that goes on."""
        for level in reversed(self._stack):
            if level.style is mark.style:
                return mark.number == level.number + 1
        if mark.number != 1:
            return False
        line_end = self._line_end(mark.start)
        return any(
            other.style is mark.style and other.number == 2 and other.start < line_end
            for other in self._marks[position + 1 : position + LOOK_AHEAD]
        )

    def _take_section(self, mark: Mark) -> None:
        while self._stack and self._stack[-1].order > mark.order:
            self._stack.pop()
        if self._stack and self._stack[-1].order == mark.order:
            self._step(self._stack[-1], mark)
        else:
            self._open(mark)

    # Items: 一是, 第一， and 首先 inside a section

    def _take_item(self, position: int, mark: Mark) -> None:
        depths = [depth for depth, level in enumerate(self._stack) if level.style is mark.style]
        for depth in reversed(depths):
            if mark.number == self._stack[depth].number + 1:
                del self._stack[depth + 1 :]
                self._step(self._stack[depth], mark)
                return
        if not depths:
            self._open_item(mark)
        elif mark.number == 1 and self._nests(position, self._stack[depths[-1]]):
            self._problem("嵌套同级", mark)
            self._open(mark)
        else:
            del self._stack[depths[0] + 1 :]
            self._step(self._stack[depths[0]], mark)

    def _open_item(self, mark: Mark) -> None:
        if mark.number != 1:
            # 其次 without a beginning is a turn of speech, not a list; 二是 at the head of a line is one.
            if not (mark.style is Style.SHI and mark.opens_line and mark.number <= LATEST_START):
                return
            self._problem("跳号", mark)
        self._open(mark)

    def _nests(self, position: int, outer: _Level) -> bool:
        """Whether a list that starts again belongs inside the open item: later the outer list goes on from it."""
        style, wanted, reached = outer.style, outer.number + 1, 1
        section_end = self._section_end(self._marks[position].start)
        for mark in self._marks[position + 1 : position + LOOK_AHEAD]:
            if mark.start >= section_end:
                return False
            if mark.style is not style:
                continue
            if mark.number == reached + 1:
                reached = mark.number
            else:
                return mark.number == wanted
        return False

    def _section_end(self, position: int) -> int:
        following = bisect_right(self._section_starts, position)
        return self._section_starts[following] if following < len(self._section_starts) else len(self._text)

    # The tree

    def _open(self, mark: Mark) -> None:
        if mark.number > 1 and not mark.style.inline:
            self._problem("跳号", mark)
        parent = self._stack[-1].node if self._stack else None
        self._stack.append(_Level(mark.style, mark.order, mark.number, self._add(mark, parent)))

    def _step(self, level: _Level, mark: Mark) -> None:
        if mark.style is Style.HEADLINE:
            pass
        elif mark.number == level.number:
            self._problem("重号", mark)
        elif mark.number == 1:
            self._problem("重新编号", mark)
        elif mark.number != level.number + 1:
            self._problem("跳号", mark)
        level.number = mark.number
        level.node = self._add(mark, self._nodes[level.node].parent)

    def _add(self, mark: Mark, parent: int | None) -> int:
        level = 1 if parent is None else self._nodes[parent].level + 1
        self._nodes.append(_Node(mark, parent, level))
        return len(self._nodes) - 1

    def _problem(self, reason: str, mark: Mark) -> None:
        line_end = self._line_end(mark.start)
        shown = self._text[mark.start : min(line_end, mark.start + 24)]
        self._problems.append(StructureProblem(reason, shown, mark.start, mark.end))

    # Where sections end, and what their headings are

    def _close_nodes(self) -> None:
        """A section runs to the next one that is not below it; an item inside a paragraph at most to the end of it."""
        open_nodes: list[int] = []
        for index, node in enumerate(self._nodes):
            while open_nodes and self._nodes[open_nodes[-1]].level >= node.level:
                self._close(open_nodes.pop(), node.mark.start)
            open_nodes.append(index)
        for index in reversed(open_nodes):
            self._close(index, len(self._text))

    def _close(self, index: int, limit: int) -> None:
        node = self._nodes[index]
        if node.mark.style.inline:
            limit = min(limit, max(self._line_end(node.mark.start), node.end))
        while limit > node.mark.end and self._text[limit - 1].isspace():
            limit -= 1
        node.end = max(node.end, limit)
        if node.parent is not None:
            parent = self._nodes[node.parent]
            parent.end = max(parent.end, node.end)

    def _headings(self) -> tuple[Heading, ...]:
        headings = []
        for index, node in enumerate(self._nodes):
            following = self._nodes[index + 1].mark.start if index + 1 < len(self._nodes) else len(self._text)
            stop = min(self._line_end(node.mark.start), following)
            lead = find_lead(self._text, node.mark.end, stop, inline=node.mark.style.inline)
            if lead.start == lead.end:
                self._problem("空标题", node.mark)
            headings.append(
                Heading(
                    index=index,
                    level=node.level,
                    ordinal=node.mark.ordinal,
                    label=self._text[node.mark.start : node.mark.end].strip(),
                    text=self._text[lead.start : lead.end],
                    run_in=lead.run_in,
                    parent=node.parent,
                    mark=node.mark.start,
                    start=lead.start,
                    end=lead.end,
                    body_end=node.end,
                )
            )
        return tuple(headings)

    def _line_end(self, position: int) -> int:
        following = bisect_left(self._line_ends, position)
        return self._line_ends[following] if following < len(self._line_ends) else len(self._text)
