"""Find the numbers of a Chinese official text (层次序数): 一、 （一） 1. （1） ① 第一部分, and inline 一是 第一， 首先.

A mark found here is only a candidate: whether it opens a section is decided by :mod:`knowledge.corpus.structure`,
which sees the sequence it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

_DIGITS = {"零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_ONES = "零一二三四五六七八九"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_ADVERBS = ("首先", "其次", "再次", "最后")


class Style(IntEnum):
    """Numbering styles in their standard order of depth (一、（一）1.（1）: GB/T 9704-2012, 7.3.3; the rest: usage).

    The three styles from :attr:`ORDER_WORD` on number items inside a paragraph; their depth is where they stand.
    :attr:`HEADLINE` is a heading without a number.
    """

    HEADLINE = -1
    PART = 0
    CHINESE = 1
    CHINESE_PAREN = 2
    ARABIC = 3
    ARABIC_PAREN = 4
    CIRCLED = 5
    ORDER_WORD = 6
    SHI = 7
    ADVERB = 8

    @property
    def inline(self) -> bool:
        """Whether the style numbers items inside a paragraph."""
        return self >= Style.ORDER_WORD


@dataclass(frozen=True, slots=True)
class Mark:
    """One candidate number: ``text[start:end]`` is the whole mark with its punctuation, ``ordinal`` the bare number.

    A heading without a number has an empty mark; ``raised`` is its place in the order of styles.
    """

    style: Style
    number: int
    ordinal: str
    start: int
    end: int
    opens_line: bool
    raised: float | None = None

    @property
    def order(self) -> float:
        """Where the mark stands between the styles: what is lower holds what is higher."""
        return self.style if self.raised is None else self.raised


_HAN = r"[一二三四五六七八九十]"
_LINE = re.compile(
    rf"""^[ \t\u3000]*(?:
        (?P<part>第(?P<part_n>{_HAN}{{1,3}})(?:部分|[章节篇]))[、：:，,\ \u3000]?
      | (?P<cn>{_HAN}{{1,3}})(?:、|[．.](?!\d))
      | [（(](?P<cnp>{_HAN}{{1,3}})[）)][、.．]?
      | (?P<ar>\d{{1,3}})[.．、](?!\d)
      | [（(](?P<arp>\d{{1,3}})[）)][、.．]?
      | (?P<arq>\d{{1,2}})[）)]
      | (?P<circ>[{_CIRCLED}])
    )""",
    re.MULTILINE | re.VERBOSE,
)
_INSIDE = re.compile(
    rf"""(?P<shi>{_HAN}{{1,3}})是(?!一[^是])
      | 第(?P<word>{_HAN}{{1,3}})[，、,：:](?!第)
      | (?P<adverb>{"|".join(_ADVERBS)})[，,]
      | [（(](?P<cnp>{_HAN}{{1,3}})[）)]
    """,
    re.VERBOSE,
)
_BEFORE_ITEM = frozenset("。；：，、！？”’）】;:,!?\n\t \u3000")
_BEFORE_SECTION = frozenset("。；！？\n\t \u3000")


def chinese_number(text: str) -> int:
    """Return the value of a Chinese number from 一 to 九十九 (``0`` for anything else)."""
    tens, found, ones = text.rpartition("十")
    if not found:
        return _DIGITS.get(text, 0) if len(text) == 1 else 0
    if len(tens) > 1 or len(ones) > 1:
        return 0
    return (_DIGITS.get(tens, 0) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)


def number_of(ordinal: str) -> int:
    """Return the value of an ordinal as a heading carries it: 三, 3, 三是, 第三, ③, 首先 (``0`` for anything else)."""
    if ordinal.isdecimal():
        return int(ordinal)
    if ordinal in _ADVERBS:
        return _ADVERBS.index(ordinal) + 1
    if ordinal and ordinal in _CIRCLED:
        return _CIRCLED.index(ordinal) + 1
    return chinese_number(ordinal.removeprefix("第").rstrip("是部分章节篇"))


def write_ordinal(pattern: str, number: int) -> str:
    """Return ``number`` as an ordinal in the style of ``pattern``: 四是 in the style of 六是."""
    if pattern.isdecimal():
        return str(number)
    if pattern in _ADVERBS or pattern in _CIRCLED:
        series = _ADVERBS if pattern in _ADVERBS else _CIRCLED
        return series[min(number, len(series)) - 1]
    tens, ones = divmod(number, 10)
    written = ("" if not tens else "十" if tens == 1 else _ONES[tens] + "十") + (_ONES[ones] if ones else "")
    return re.sub(rf"{_HAN}+", written, pattern, count=1)


def style_of(label: str) -> str:
    """Return the look of a label without its number: （三） and （四） look the same."""
    return re.sub(rf"{_HAN}+|\d+|[{_CIRCLED}]", "#", label)


def find_marks(text: str) -> tuple[Mark, ...]:
    """Return every candidate mark in ``text``, in order and without overlap. Linear in the length of the text."""
    opening = list(_line_marks(text))
    taken = {mark.start for mark in opening}
    inside = [mark for mark in _inside_marks(text) if mark.start not in taken]
    marks = sorted((*opening, *inside), key=lambda mark: mark.start)
    return tuple(mark for previous, mark in zip((None, *marks), marks, strict=False) if not _overlap(previous, mark))


def _overlap(previous: Mark | None, mark: Mark) -> bool:
    return previous is not None and mark.start < previous.end


def _line_marks(text: str) -> Iterator[Mark]:
    for match in _LINE.finditer(text):
        start = match.end() - len(match.group().lstrip(" \t\u3000"))
        if ordinal := match["part_n"]:
            yield Mark(Style.PART, chinese_number(ordinal), match["part"], start, match.end(), opens_line=True)
        elif ordinal := match["cn"]:
            yield Mark(Style.CHINESE, chinese_number(ordinal), ordinal, start, match.end(), opens_line=True)
        elif ordinal := match["cnp"]:
            yield Mark(Style.CHINESE_PAREN, chinese_number(ordinal), ordinal, start, match.end(), opens_line=True)
        elif ordinal := match["ar"]:
            yield Mark(Style.ARABIC, int(ordinal), ordinal, start, match.end(), opens_line=True)
        elif ordinal := match["arp"] or match["arq"]:
            yield Mark(Style.ARABIC_PAREN, int(ordinal), ordinal, start, match.end(), opens_line=True)
        elif ordinal := match["circ"]:
            yield Mark(Style.CIRCLED, _CIRCLED.index(ordinal) + 1, ordinal, start, match.end(), opens_line=True)


def _opens_line(text: str, start: int) -> bool:
    while start and text[start - 1] in " \t\u3000":
        start -= 1
    return not start or text[start - 1] == "\n"


def _inside_marks(text: str) -> Iterator[Mark]:
    for match in _INSIDE.finditer(text):
        start = match.start()
        before = text[start - 1] if start else "\n"
        opens_line = _opens_line(text, start)
        if ordinal := match["cnp"]:
            # A section number inside a line follows a finished sentence; elsewhere （一） is a reference or a remark.
            if before in _BEFORE_SECTION and not opens_line:
                yield Mark(Style.CHINESE_PAREN, chinese_number(ordinal), ordinal, start, match.end(), opens_line=False)
        elif before not in _BEFORE_ITEM:
            continue
        elif ordinal := match["shi"]:
            yield Mark(Style.SHI, chinese_number(ordinal), ordinal + "是", start, match.end(), opens_line)
        elif ordinal := match["word"]:
            yield Mark(Style.ORDER_WORD, chinese_number(ordinal), "第" + ordinal, start, match.end(), opens_line)
        elif ordinal := match["adverb"]:
            yield Mark(Style.ADVERB, _ADVERBS.index(ordinal) + 1, ordinal, start, match.end(), opens_line)
