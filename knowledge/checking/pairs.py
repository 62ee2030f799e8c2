"""Marks that come in pairs (成对标点): which one is missing, turned round or nested in its like, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from knowledge.checking.model import Copy

_FAMILIES = {"“": "”", "‘": "’", "（": "）", "《": "》", "〈": "〉", "【": "】", "〔": "〕"}
_OPENING_OF = {**{close: opening for opening, close in _FAMILIES.items()}, ")": "（"}
_MARKS = re.compile("[“”‘’（）()《》〈〉【】〔〕]")
_NEAR_LINES = 4
"""A pair may be broken over so many lines where a file breaks its lines by width."""

_CLOSES_NEXT = re.compile(r"[，。、；：！？）》”\n]|的(?!确)|等(?![级待])|\Z")
_OPENS_BEFORE = frozenset("，、；：（《\n")
_REACH = 40
"""A mark is taken for turned round only where its partner stands so near."""
_LIST_NUMBER = re.compile(r"(?:^|[\s。；：，、])(?:[0-9]{1,3}|[一二三四五六七八九十]{1,3}|[A-Za-z])\Z")
_LATIN = re.compile(r"[A-Za-z]")


class PairFault(Enum):
    """What is wrong: never closed, never opened, the other half stands there, or the same mark inside."""

    UNCLOSED = auto()
    UNOPENED = auto()
    REVERSED = auto()
    NESTED = auto()


@dataclass(frozen=True, slots=True)
class PairProblem:
    """One mark that is wrong at ``text[start:end]``; a nested one spans from its opening to its closing mark."""

    fault: PairFault
    start: int
    end: int
    opening: str


def closing_of(opening: str) -> str:
    """Return the mark that closes ``opening``."""
    return _FAMILIES[opening]


def find_pair_problems(copy: Copy) -> Iterator[PairProblem]:
    """Yield every mark without its partner, turned round or nested in its like. Linear in the length of the text."""
    loose: dict[str, list[tuple[int, PairProblem]]] = {}
    for number, (start, end) in enumerate(copy.lines):
        marks: dict[str, list[int]] = {}
        for found in _MARKS.finditer(copy.text, start, end):
            sign = "（" if found[0] == "(" else found[0]
            opening = _OPENING_OF.get(sign, sign)
            if not (sign == "’" and _LATIN.match(copy.text, found.start() - 1)):
                marks.setdefault(opening, []).append(found.start())
        for opening, places in marks.items():
            for problem in _problems(copy.text, opening, places):
                if problem.fault in {PairFault.REVERSED, PairFault.NESTED}:
                    yield problem
                else:
                    loose.setdefault(opening, []).append((number, problem))
    for problems in loose.values():
        yield from _without_broken_lines(copy, problems)


def _problems(text: str, opening: str, places: Sequence[int]) -> Iterator[PairProblem]:
    inner = _nested(text, opening, places)
    if inner is None:
        yield from _recover(text, opening, places)
        return
    if opening not in "（【":
        for start, end in inner:
            yield PairProblem(PairFault.NESTED, start, end, opening)


def _opens(text: str, opening: str, place: int) -> bool:
    return text[place] == opening or (text[place] == "(" and opening == "（")


def _nested(text: str, opening: str, places: Sequence[int]) -> list[tuple[int, int]] | None:
    """Return the pairs that stand directly inside an outer pair of their kind, or ``None`` where the marks are not balanced."""
    stack: list[int] = []
    inner: list[tuple[int, int]] = []
    for place in places:
        if _opens(text, opening, place):
            stack.append(place)
        elif not stack:
            return None
        else:
            start = stack.pop()
            if len(stack) == 1:
                inner.append((start, place + 1))
    return None if stack else inner


def _recover(text: str, opening: str, places: Sequence[int]) -> Iterator[PairProblem]:
    """Walk through marks that do not balance and name the ones that can't be right."""
    quote = opening in "“‘"
    last: int | None = None
    for place, following in zip(places, (*places[1:], None), strict=True):
        if _opens(text, opening, place):
            if last is not None and quote and place - last <= _REACH and _looks_closing(text, place):
                yield PairProblem(PairFault.REVERSED, place, place + 1, opening)
                last = None
                continue
            if last is not None:
                yield PairProblem(PairFault.UNCLOSED, last, last + 1, opening)
            last = place
        elif last is not None:
            last = None
        elif quote and following is not None and following - place <= _REACH and _looks_opening(text, place, following):
            yield PairProblem(PairFault.REVERSED, place, place + 1, opening)
            last = place
        elif not (opening == "（" and _LIST_NUMBER.search(text, max(0, place - 4), place)):
            yield PairProblem(PairFault.UNOPENED, place, place + 1, opening)
    if last is not None:
        yield PairProblem(PairFault.UNCLOSED, last, last + 1, opening)


def _looks_closing(text: str, place: int) -> bool:
    before = text[place - 1 : place] or "\n"
    return before not in _OPENS_BEFORE and _CLOSES_NEXT.match(text, place + 1) is not None


def _looks_opening(text: str, place: int, following: int) -> bool:
    """Whether a closing mark stands where one should open: behind a comma, with its like closing soon after."""
    before = text[place - 1 : place] or "\n"
    return before in _OPENS_BEFORE and text[following] == text[place] and not _CLOSES_NEXT.match(text, place + 1)


def _without_broken_lines(copy: Copy, problems: Sequence[tuple[int, PairProblem]]) -> Iterator[PairProblem]:
    """Yield the problems except pairs broken over neighbouring lines, and paragraphs of one long quotation."""
    waiting: tuple[int, PairProblem] | None = None
    for number, problem in problems:
        if problem.fault is PairFault.UNOPENED and waiting is not None and number - waiting[0] <= _NEAR_LINES:
            waiting = None
            continue
        if waiting is not None:
            yield waiting[1]
        waiting = None
        if problem.fault is PairFault.UNOPENED:
            yield problem
        elif not _goes_on(copy, number, problem):
            waiting = (number, problem)
    if waiting is not None:
        yield waiting[1]


def _goes_on(copy: Copy, number: int, problem: PairProblem) -> bool:
    """Whether the quotation goes on in the next paragraph: each of them opens, the last one alone closes."""
    if problem.opening not in "“‘":
        return False
    following = copy.lines[number + 1 : number + 1 + _NEAR_LINES]
    texts = (copy.text[start:end].lstrip() for start, end in following)
    return next((text for text in texts if text), "").startswith(problem.opening)
