"""Finding (发现) and Rule (规则): what the checker says about a stretch of text, and the declaration that makes it say so."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeVar, cast

from knowledge.checking.plain import Plain, make_plain
from knowledge.corpus.numbering import Mark, find_marks

T = TypeVar("T")


class Level(StrEnum):
    """How sure a finding is. 必错: no reading makes it right; 疑似: look at it; 提示: not wrong, but unfinished or weak."""

    WRONG = "必错"
    DOUBTFUL = "疑似"
    HINT = "提示"


class Category(StrEnum):
    """What a rule is about; the order is the one a reader is told them in."""

    PHRASE = "固定表述"
    DATED = "提法时效"
    OFFICE = "机构职务与会议"
    NUMBERING = "序号"
    FIGURE = "数据"
    BLANK = "空位与遮字"
    SLIP = "错漏重字"
    PUNCTUATION = "标点"
    FORM = "日期与格式"
    WEB = "网页残留"
    FREQUENCY = "组织生活频次"
    UNIT = "单位名称"
    EMPTY = "空话"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: ``text[start:end]`` of the text as it was given.

    ``reason`` is a short Chinese sentence for the writer. ``right`` is what should stand in its place (``None``: there
    is no single answer). ``source`` is where the right form or the rule is written (``None``: plain language or count).
    """

    start: int
    end: int
    rule: str
    level: Level
    category: Category
    reason: str
    right: str | None = None
    source: str | None = None


class Copy:
    """The text to be checked (稿子) and what is known of it; what several rules need is worked out once.

    ``year`` is the year the text is written for, ``unit`` the name of the writer's own unit where it is known.
    """

    def __init__(self, text: str, year: int, unit: str | None = None) -> None:
        self.text = text
        self.year = year
        self.unit = unit
        self._known: dict[Hashable, object] = {}

    @cached_property
    def plain(self) -> Plain:
        """The text as wording is looked for in it: widths evened, straight quotes paired, blanks between words gone."""
        return make_plain(self.text)

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """Every candidate number (层次序数) of the text, in order."""
        return find_marks(self.text)

    @cached_property
    def lines(self) -> tuple[tuple[int, int], ...]:
        """The start and end of each line, line breaks not included."""
        spans: list[tuple[int, int]] = []
        start = 0
        for line in self.text.split("\n"):
            spans.append((start, start + len(line.removesuffix("\r"))))
            start += len(line) + 1
        return tuple(spans)

    def once(self, work_out: Callable[[Copy], T]) -> T:
        """Return what ``work_out`` makes of this copy, worked out at the first call and kept for the other rules."""
        if work_out not in self._known:
            self._known[work_out] = work_out(self)
        return cast("T", self._known[work_out])


@dataclass(frozen=True, slots=True)
class Example:
    """A text a rule has to fire on or to leave alone; ``year`` and ``unit`` where the rule depends on them."""

    text: str
    year: int = 2026
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One declaration: what is looked for, how sure it is, where it is written, and examples both ways.

    ``flags`` and ``misses`` hold at least two examples each; a test runs them all. ``find`` yields the findings of a
    copy in any order, in time linear in its length.
    """

    id: str
    category: Category
    level: Level
    title: str
    source: str
    flags: tuple[Example, ...]
    misses: tuple[Example, ...]
    find: Callable[[Copy], Iterable[Finding]]
