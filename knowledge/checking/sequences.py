"""Follow the numbers of a text list by list (序号): where one is left out, repeated, out of order or nested in its like.

Continuous numbering across blocks, a fresh 一是 after a finished list and lists that start again below a new heading
are right and reported nowhere. What may be a reference, a turn of speech or a stray figure is not followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from knowledge.checking.model import Copy
from knowledge.corpus.numbering import Mark, Style, write_ordinal

_WIDEST = 5
"""More numbers than these are not left out by a slip: the second number belongs to something else."""

_LOOK_AHEAD = 60
"""How many items ahead a decision may look; keeps the cost linear."""

_ITEMS = (Style.SHI, Style.ORDER_WORD)
_REFERENCE_NEXT = frozenset("、。”）’")
"""What stands behind a number that is only spoken of."""
_NUMERALS = frozenset("一二三四五六七八九十")
_GREATEST = {Style.CIRCLED: 20, Style.ARABIC: 999, Style.ARABIC_PAREN: 999}


class Fault(Enum):
    """What is wrong with a number: left out before it, repeated, smaller than before, a list in its like, no first."""

    SKIP = auto()
    REPEAT = auto()
    BACK = auto()
    NESTED = auto()
    LATE = auto()
    UPSIDE_DOWN = auto()


@dataclass(frozen=True, slots=True)
class Misnumbering:
    """One wrong number: the mark, the one before it in its list (if any) and the number it should have (if clear)."""

    fault: Fault
    mark: Mark
    before: Mark | None
    right: int | None = None


@dataclass(slots=True)
class _List:
    """One open list: its first and its last mark, and the number reached."""

    first: Mark
    last: Mark
    number: int


@dataclass(slots=True)
class _Outline:
    """The open lists of headings from the outermost in, and the last list of each style that is closed."""

    stack: list[_List] = field(default_factory=list)
    closed: dict[Style, _List] = field(default_factory=dict)


def label_of(copy: Copy, mark: Mark) -> str:
    """Return a number as it stands in the text, without blanks and the comma behind it."""
    return copy.text[mark.start : mark.end].strip(" \t\u3000，,：:")


def relabel(label: str, number: int) -> str:
    """Return ``label`` with another number: 5 in the style of （三） is （五）."""
    if any(sign.isdecimal() for sign in label):
        return re.sub(r"\d+", str(number), label, count=1)
    return write_ordinal(label, number)


def find_misnumbering(copy: Copy) -> Iterator[Misnumbering]:
    """Yield every wrong number of a text, headings first. Linear in the number of marks."""
    marks = [mark for mark in copy.marks if mark.number]
    headings = _headings(copy, marks)
    yield from _follow_headings(copy, headings)
    for items in _item_runs(copy, marks, headings):
        yield from _follow_items(copy, items)


# Headings: 一、（一）1.（1）①


def _headings(copy: Copy, marks: Sequence[Mark]) -> list[Mark]:
    """Return the marks that number headings: at the head of a line, or going on with a list inside one."""
    found: list[Mark] = []
    reached: dict[Style, int] = {}
    for mark in marks:
        if mark.style.inline or not (mark.opens_line or reached.get(mark.style) == mark.number - 1):
            continue
        reached[mark.style] = mark.number
        found.append(mark)
    return found


def _follow_headings(copy: Copy, headings: Sequence[Mark]) -> Iterator[Misnumbering]:
    outline = _Outline()
    stack, closed = outline.stack, outline.closed
    for place, mark in enumerate(headings):
        while stack and stack[-1].last.style > mark.style:
            done = stack.pop()
            closed[done.last.style] = done
        if stack and stack[-1].last.style is mark.style:
            following = _next_of(headings, place)
            yield from _step(copy, stack[-1], mark, following)
            continue
        yield from _opening(outline, mark)
        stack.append(_List(mark, mark, mark.number))


def _opening(outline: _Outline, mark: Mark) -> Iterator[Misnumbering]:
    """Yield what is wrong with a list that opens at ``mark`` below the lists on the stack."""
    parent = outline.stack[-1] if outline.stack else None
    before = outline.closed.get(mark.style)
    if mark.number == 1 or parent is None:
        return
    if before is None or mark.number != before.number + 1:
        if mark.number <= _WIDEST + 1:
            yield Misnumbering(Fault.LATE, mark, None)
    elif before.last.start < parent.first.start and parent.first.style not in outline.closed:
        # （一） 一、 二、 （二）: the smaller style holds the greater one.
        yield Misnumbering(Fault.UPSIDE_DOWN, parent.first, before.last)
        outline.closed[parent.first.style] = parent


def _next_of(headings: Sequence[Mark], place: int) -> Mark | None:
    """Return the next number of the list that ``headings[place]`` belongs to."""
    style = headings[place].style
    for mark in headings[place + 1 : place + 1 + _LOOK_AHEAD]:
        if mark.style < style:
            return None
        if mark.style is style:
            return mark
    return None


# Items inside a paragraph: 一是 二是, 第一，第二，


def _item_runs(copy: Copy, marks: Sequence[Mark], headings: Sequence[Mark]) -> Iterator[list[Mark]]:
    """Yield the items of one kind between two headings."""
    ends = {mark.start for mark in headings}
    runs: dict[Style, list[Mark]] = {style: [] for style in _ITEMS}
    for mark in marks:
        if mark.start in ends:
            yield from runs.values()
            runs = {style: [] for style in _ITEMS}
        elif mark.style in _ITEMS and not _refers(copy, mark):
            runs[mark.style].append(mark)
    yield from runs.values()


def _refers(copy: Copy, mark: Mark) -> bool:
    """Whether the words are no number of an item: 上述一是、三是所列; 一是一，二是二; 第二、三季度."""
    after = copy.text[mark.end : mark.end + 3]
    if mark.style is Style.ORDER_WORD and copy.text[mark.end - 1] == "、" and after[:1] in _NUMERALS:
        return True
    return after[:1] in _REFERENCE_NEXT or after.startswith(mark.ordinal.removesuffix("是"))


def _follow_items(copy: Copy, items: Sequence[Mark]) -> Iterator[Misnumbering]:
    stack: list[_List] = []
    for place, mark in enumerate(items):
        going_on = next(
            (depth for depth in reversed(range(len(stack))) if stack[depth].number == mark.number - 1), None
        )
        following = items[place + 1] if place + 1 < len(items) else None
        if going_on is not None:
            del stack[going_on + 1 :]
            stack[-1].last, stack[-1].number = mark, mark.number
        elif stack and mark.number == 1 and _nests(copy, items, place, stack[-1]):
            yield Misnumbering(Fault.NESTED, mark, stack[-1].last)
            stack.append(_List(mark, mark, 1))
        elif not stack or (mark.number == 1 and not _repeats_first(stack[-1], following)):
            stack = [_List(mark, mark, mark.number)]
        elif _same_line(copy, stack[-1].last, mark) or mark.opens_line:
            del stack[_nearest(stack, mark.number) + 1 :]
            yield from _step(copy, stack[-1], mark, following)
        else:
            stack = [_List(mark, mark, mark.number)]


def _nests(copy: Copy, items: Sequence[Mark], place: int, outer: _List) -> bool:
    """Whether the list that starts at ``items[place]`` stands inside an item of ``outer``, which later goes on."""
    reached = 1
    for mark in items[place + 1 : place + 1 + _LOOK_AHEAD]:
        if mark.number == reached + 1:
            reached = mark.number
        else:
            return reached > 1 and mark.number == outer.number + 1 and _same_line(copy, outer.last, mark)
    return False


def _repeats_first(current: _List, following: Mark | None) -> bool:
    """Whether a second 一是 stands where 二是 should: 一是 一是 三是."""
    return current.number == 1 and following is not None and following.number == 3


def _nearest(stack: Sequence[_List], number: int) -> int:
    """Return which open list a number that continues none belongs to: the one that came closest to it."""
    below = [depth for depth, each in enumerate(stack) if each.number <= number]
    return max(below, key=lambda depth: stack[depth].number) if below else 0


def odd_stops(copy: Copy) -> Iterator[tuple[Mark, str]]:
    """Yield the item of a paragraph's list before which another stop stands than before the rest, with the usual stop."""
    run: list[Mark] = []
    for mark in copy.marks:
        if mark.style not in _ITEMS or not mark.number:
            continue
        goes_on = run and mark.style is run[-1].style and mark.number == run[-1].number + 1
        if goes_on and _same_line(copy, run[-1], mark):
            run.append(mark)
            continue
        yield from _odd_stop(copy, run)
        run = [mark]
    yield from _odd_stop(copy, run)


def _odd_stop(copy: Copy, run: Sequence[Mark]) -> Iterator[tuple[Mark, str]]:
    stops = [copy.text[mark.start - 1] for mark in run[1:]]
    if len(set(stops)) > 1 and set(stops) <= set("。；，"):
        usual = max(stops, key=stops.count)
        yield next(mark for mark, stop in zip(run[1:], stops, strict=True) if stop != usual), usual


# One step within a list


def _step(copy: Copy, current: _List, mark: Mark, following: Mark | None) -> Iterator[Misnumbering]:
    """Yield what is wrong with ``mark`` as the next number of a list, and take it into the list."""
    before, wanted = current.last, current.number + 1
    # 一是 二是 五是 四是: the one after it shows that this is 三是.
    only_this = following is not None and following.number == wanted + 1 and wanted <= _greatest(mark)
    starts_again = mark.number == 1 and not (only_this and wanted == 2)
    last_or_jump = following is None or following.number != wanted
    current.last = mark
    current.number = wanted if only_this and not starts_again else mark.number
    if mark.number == wanted or starts_again:
        return
    right = wanted if only_this else None
    if mark.number == wanted - 1:
        right = wanted if (only_this or last_or_jump) and wanted <= _greatest(mark) else None
        yield Misnumbering(Fault.REPEAT, mark, before, right)
    elif mark.number < wanted:
        yield Misnumbering(Fault.BACK, mark, before, right)
    elif mark.number - wanted <= _WIDEST and not _written_otherwise(copy, before, mark, wanted):
        yield Misnumbering(Fault.SKIP, mark, before, right)


def _written_otherwise(copy: Copy, before: Mark, mark: Mark, number: int) -> bool:
    """Whether the number left out stands between the two in another form: 二要, 第二, 其二, （二） glued to a word."""
    gap = copy.text[before.end : mark.start]
    label = label_of(copy, mark)
    bare = re.sub(r"[^\d一二三四五六七八九十①-⑳]", "", relabel(label, number))
    if relabel(label, number) in gap:
        return True
    if mark.style in _ITEMS:
        return bool(re.search(rf"(?:^|[。；：，、！？”\s])[第其]?(?:{bare}|其次|再次|最后|另外|此外)", gap))
    return bool(re.search(rf"(?:^|[\n。；])[ \u3000]*[（(]?{bare}[）)、.．,，：: \u3000]", gap))


def _same_line(copy: Copy, before: Mark, mark: Mark) -> bool:
    return copy.text.find("\n", before.start, mark.start) < 0


def _greatest(mark: Mark) -> int:
    return _GREATEST.get(mark.style, 99)
