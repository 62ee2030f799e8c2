"""Set phrases that list their parts (政治意识、大局意识、核心意识、看齐意识): out of order, cut short, one part slipped.

The lists come from the tables of formulations and campaigns. Only a run of parts joined as in the official wording
counts, and only where nothing else is listed with them: a text may well name some of the parts by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from knowledge.checking.declaring import Hit, Kind
from knowledge.checking.model import Category, Copy, Level, Rule
from knowledge.events import Campaign
from knowledge.formulations import Formulation, Formulations, Status
from knowledge.lexicon import Lexicon

_LISTED = re.compile(r"[\u4e00-\u9fff]{2,13}(?:[、，][\u4e00-\u9fff]{2,13}){2,7}\Z")
_PART = re.compile("[、，]")
_SEPARATORS = ("、", "，")
_NUMBERED = re.compile("[两三四五六七八九十]")
_PARTIAL_BEFORE = re.compile(r"(?:特别是|尤其是|其中|包括|例如|如|强化|突出)[“]?\Z")
_NEARBY = 16

_FREE_KINDS = frozenset({"基层", "品牌", "会议", "时间表述"})
"""Kinds whose lists are enumerations, not wording: 先进基层党组织、优秀共产党员 may come in any order."""

_FREE = frozenset(
    {
        "新发展理念",
        "规范化法治化正规化",
        "好干部标准",
        "德才兼备、以德为先、五湖四海、任人唯贤",
        "把方向、管大局、保落实",
        "四下基层",
    }
)
"""Lists of words that are common by themselves or have a second official wording; the tables' own entries cover them."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A set phrase that lists its parts: ``wording`` as it is written officially, ``names`` that announce it."""

    wording: str
    parts: tuple[str, ...]
    names: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch between separators: ``place`` is its place in the formula, ``None`` for words that are none of its parts."""

    place: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Run:
    formula: Formula
    parts: tuple[_Part, ...]

    @property
    def places(self) -> list[int | None]:
        return [part.place for part in self.parts]


class Formulas:
    """The listing set phrases of the tables; immutable, finds all their runs in one pass."""

    def __init__(self, formulas: Iterable[Formula]) -> None:
        self.formulas = tuple({formula.parts: formula for formula in formulas}.values())
        places: dict[str, tuple[Formula, ...]] = {}
        for formula in self.formulas:
            for part in formula.parts:
                places[part] = (*places.get(part, ()), formula)
        self._parts = Lexicon(places)
        self._complete = frozenset(formula.parts for formula in self.formulas)

    @classmethod
    def read(cls, formulations: Formulations, campaigns: Iterable[Campaign]) -> Formulas:
        """Return the listing set phrases among the formulations that may be quoted, and the campaigns' own."""
        of_campaigns = (
            Formula(phrase, tuple(_PART.split(phrase)), (campaign.name,), campaign.source[0])
            for campaign in campaigns
            for phrase in campaign.phrases
            if _LISTED.match(phrase)
        )
        return cls([*(formula for entry in formulations.entries for formula in _formulas(entry)), *of_campaigns])

    def runs(self, copy: Copy) -> tuple[_Run, ...]:
        """Return every run of two or more parts of one formula in the plain form of a copy."""
        text = copy.plain.text
        runs: list[_Run] = []
        free: dict[Formula, int] = {}
        for found in self._parts.scan(text):
            for formula in found.value:
                if found.start < free.get(formula, 0):
                    continue
                run = _read_run(text, found.start, formula)
                free[formula] = run.parts[-1].end
                if len(run.parts) > 1:
                    runs.append(run)
        return tuple(runs)

    def is_complete(self, run: _Run) -> bool:
        """Whether the run is, word for word, some other set phrase."""
        formula = run.formula
        return tuple(formula.parts[place] for place in run.places if place is not None) in self._complete


def rules(formulations: Formulations, campaigns: Iterable[Campaign]) -> tuple[Rule, ...]:
    """Return the three rules on set phrases that list their parts."""
    formulas = Formulas.read(formulations, campaigns)
    return tuple(
        _KIND.rule(name, Level.DOUBTFUL, title, partial(find, formulas), flags=flags, misses=misses)
        for name, title, find, flags, misses in (
            ("formula.order", "列举的固定提法次序颠倒", _find_disorder, _ORDER_FLAGS, _ORDER_MISSES),
            ("formula.missing", "列举的固定提法缺了一项", _find_missing, _MISSING_FLAGS, _MISSING_MISSES),
            ("formula.slip", "列举的固定提法有一项写错一字", _find_slip, _SLIP_FLAGS, _SLIP_MISSES),
        )
    )


_KIND = Kind(Category.PHRASE, "提法表与集中教育表（逐条列有出处）")

_ORDER_FLAGS = (
    "坚定理论自信、道路自信、制度自信、文化自信。",
    "做到“学纪、明纪、知纪、守纪”，把纪律刻印在心。",
    "全面落实控制总量、提高质量、优化结构、发挥作用的要求。",
)
_ORDER_MISSES = (
    "坚定道路自信、理论自信、制度自信、文化自信。",
    "严守组织纪律、政治纪律，带头执行廉洁纪律。",
    "把理论自信、道路自信、制度自信、文化自信、历史自信统一起来。",
)
_MISSING_FLAGS = (
    "增强政治意识、大局意识、看齐意识“四个意识”。",
    "认真落实“学思想、强党性、建新功”的总要求。",
)
_MISSING_MISSES = (
    "增强“四个意识”，特别是核心意识、看齐意识。",
    "在学思想、强党性上下功夫，以建新功检验成效。",
    "坚定道路自信、理论自信、制度自信。",
)
_SLIP_FLAGS = (
    "不断提高政治判断力、政治领会力、政治执行力。",
    "做到控制总量、优化结构、提升质量、发挥作用。",
    "实现自我净化、自我完善、自我革新、自我提升。",
)
_SLIP_MISSES = (
    "不断提高政治判断力、政治领悟力、政治执行力。",
    "始终在政治立场、政治方向、政治原则、政治道路上保持一致。",
    "政治纪律、组织纪律、廉洁纪律、群众纪律、工作纪律、生活作风",
)


def _formulas(entry: Formulation) -> Iterator[Formula]:
    if entry.kind in _FREE_KINDS or entry.term in _FREE or entry.status in {Status.SUPERSEDED, Status.LOCAL}:
        return
    if entry.status is Status.HISTORICAL and entry.kind != "学习教育":
        return
    names = tuple(name for name in entry.names if _NUMBERED.match(name.lstrip("“")) and len(name) > 2)
    wordings = [name for name in entry.names if _LISTED.match(name)]
    if entry.quotable and entry.expansion and _LISTED.match(entry.expansion):
        wordings.append(entry.expansion)
    for wording in wordings:
        yield Formula(wording, tuple(_PART.split(wording)), names, entry.source[0])


def _read_run(text: str, start: int, formula: Formula) -> _Run:
    """Follow the parts from ``start``, at most one more than the formula has; a strange one may stand among them."""
    longest = max(map(len, formula.parts)) + 1
    parts: list[_Part] = []
    strange = 0
    while len(parts) <= len(formula.parts):
        place = next((n for n, part in enumerate(formula.parts) if text.startswith(part, start)), None)
        if place is None:
            stretch = _PART.search(text, start, start + longest + 1)
            end = stretch.start() if stretch else start + len(formula.parts[min(len(parts), len(formula.parts) - 1)])
            strange += 1
            if strange > 1 or end <= start or end > len(text):
                break
        else:
            end = start + len(formula.parts[place])
        parts.append(_Part(place, start, end))
        if not text.startswith(_SEPARATORS, end):
            break
        start = end + 1
    return _Run(formula, tuple(parts))


def _stands_alone(text: str, parts: tuple[_Part, ...]) -> bool:
    """Whether nothing else is listed with the parts."""
    start, end = parts[0].start, parts[-1].end
    return not (text.startswith("、", end) or (start and text[start - 1] == "、"))


def _find_disorder(formulas: Formulas, copy: Copy) -> Iterator[Hit]:
    text = copy.plain.text
    for run in copy.once(formulas.runs):
        order = list(range(len(run.formula.parts)))
        parts = run.parts[: len(order)]
        places = [part.place for part in parts if part.place is not None]
        if sorted(places) == order and places != order and _stands_alone(text, parts):
            wording = run.formula.wording
            yield Hit(*copy.plain.span(parts[0].start, parts[-1].end), f"依次是{wording}", wording, run.formula.source)


def _find_missing(formulas: Formulas, copy: Copy) -> Iterator[Hit]:
    text = copy.plain.text
    for run in copy.once(formulas.runs):
        places = [place for place in run.places if place is not None]
        short = len(run.formula.parts) - 1
        if len(places) != len(run.parts) or len(places) != short or places != sorted(set(places)):
            continue
        if formulas.is_complete(run) or not _stands_alone(text, run.parts):
            continue
        start, end = run.parts[0].start, run.parts[-1].end
        if _is_announced(text, start, end, run.formula) or _is_quoted(text, start, end, short):
            missing = next(part for n, part in enumerate(run.formula.parts) if n not in places)
            yield Hit(*copy.plain.span(start, end), f"缺“{missing}”", run.formula.wording, run.formula.source)


def _find_slip(formulas: Formulas, copy: Copy) -> Iterator[Hit]:
    text = copy.plain.text
    for run in copy.once(formulas.runs):
        official = run.formula.parts
        parts = _with_slipped_head(text, run)[: len(official)]
        wrong = [n for n, part in enumerate(parts) if part.place != n]
        if len(parts) != len(official) or len(wrong) != 1 or parts[wrong[0]].place is not None:
            continue
        part, right = parts[wrong[0]], official[wrong[0]]
        if _differ_by_one(text[part.start : part.end], right) and _stands_alone(text, parts):
            yield Hit(
                *copy.plain.span(part.start, part.end), f"固定提法是{run.formula.wording}", right, run.formula.source
            )


def _with_slipped_head(text: str, run: _Run) -> tuple[_Part, ...]:
    """Put the words before a run in front of it where the run starts with the second part."""
    first = run.parts[0]
    length = len(run.formula.parts[0])
    if first.place == 1 and first.start > length and text[first.start - 1] in _SEPARATORS:
        return (_Part(None, first.start - 1 - length, first.start - 1), *run.parts)
    return run.parts


def _differ_by_one(word: str, right: str) -> bool:
    """Whether two words differ in one character, or one has one more than the other; not in their first two alone."""
    if len(word) == len(right):
        return len(right) > 2 and sum(a != b for a, b in zip(word, right, strict=True)) == 1
    if abs(len(word) - len(right)) != 1 or len(right) < 4:
        return False
    long, short = (word, right) if len(word) > len(right) else (right, word)
    return any(long[:n] + long[n + 1 :] == short for n in range(len(long)))


def _is_announced(text: str, start: int, end: int, formula: Formula) -> bool:
    """Whether the number in the formula's name stands beside the run: 四个意识, and only three are listed."""
    before, after = text[max(0, start - _NEARBY) : start], text[end : end + _NEARBY]
    if after.startswith("等") or _PARTIAL_BEFORE.search(before):
        return False
    before = re.split("[。；！？\n]", before)[-1]
    after = re.split("[。；！？\n]", after)[0]
    return any(name in before or name in after for name in formula.names)


def _is_quoted(text: str, start: int, end: int, count: int) -> bool:
    return count > 2 and text[max(0, start - 1) : start] == "“" and text.startswith("”", end)
