"""Numbers and references as people type them: 三条, 5, 第二个, ②, （三）, 1和3, 1-3, 最后一条, 前两条."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "俩": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_CIRCLED = {character: value for value, character in enumerate("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳", 1)}

NUMBER = r"(?:[0-9]{1,4}|[零一二两俩三四五六七八九十]{1,3}|[①-⑳])"
"""One number, Arabic, Chinese or circled."""

_ONE = rf"(?:第)?(?:[（(](?P<paren>{NUMBER})[）)]|(?P<plain>{NUMBER})(?P<dun>[、.．])?)(?:条|个|点|项|部分|段|句|组|篇|版)?"
_REFERENCE = re.compile(_ONE)
_INSIDE = re.compile(
    rf"(?:第)?(?P<parent>{NUMBER})(?:部分|大?点|、|项|章|块)?(?:的|里的?|下的?|中的?)?"
    rf"(?:[（(](?P<bracketed>{NUMBER})[）)]|第(?P<counted>{NUMBER})(?:小?点|条|个|小?节|部分|项|块))"
)
_JOIN = r"[ ,，、和与跟及]+"
_RANGE = re.compile(rf"(?:第)?({NUMBER})(?:条|个|点)?[-–~～到至](?:第)?({NUMBER})(?:条|个|点)?")
_LIST = re.compile(
    rf"{_ONE.replace('?P<paren>', '').replace('?P<plain>', '').replace('?P<dun>', '')}"
    rf"(?:{_JOIN}{_ONE.replace('?P<paren>', '').replace('?P<plain>', '').replace('?P<dun>', '')})+"
)
_FIRST = re.compile(rf"前(?:面)?({NUMBER})(?:条|个|点)?")
_LAST = re.compile(r"(?:最后|末尾|倒数第)(?:那)?(?:一)?(?:条|个|点|项)")
_LATEST = re.compile(r"(?:上|刚才|刚刚|这|那)(?:面|边)?(?:那|这)?(?:一)?(?:条|个|句|段)")
MOST = 20
"""No list a user sees is longer; a larger range is a slip."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What the user points at: ``numbers`` from 1; -1 the last entry, 0 the entry just shown.

    ``level`` is 1 for ``二、`` and 2 for ``（三）``, else ``None``; ``parent`` the part of the first level it is in
    (一（三）, 第一部分第三点).
    """

    numbers: tuple[int, ...]
    level: int | None = None
    parent: int | None = None


def parse_number(text: str) -> int | None:
    """Return the value of an Arabic, Chinese (to 九十九; 三百, 三百五十) or circled number, or ``None``."""
    if text.isdecimal() and text.isascii():
        return int(text)
    if text in _CIRCLED:
        return _CIRCLED[text]
    hundreds, hundred, rest = text.partition("百")
    if hundred:
        low = parse_number(rest) if rest else 0
        return _DIGITS[hundreds] * 100 + low if hundreds in _DIGITS and low is not None and low < 100 else None
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.get(text)
    if len(tens) > 1 or len(ones) > 1 or not set(tens + ones) <= set(_DIGITS):
        return None
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def parse_reference(text: str) -> Reference | None:
    """Return what ``text`` as a whole points at, or ``None`` when it is not a reference."""
    text = text.strip().rstrip("的里面下中")
    if match := _REFERENCE.fullmatch(text):
        number = parse_number(match["paren"] or match["plain"])
        level = 2 if match["paren"] else 1 if match["dun"] == "、" else None
        return Reference((number,), level) if number else None
    if match := _INSIDE.fullmatch(text):
        parent, number = parse_number(match["parent"]), parse_number(match["bracketed"] or match["counted"])
        return Reference((number,), 2, parent) if parent and number else None
    if _LAST.fullmatch(text):
        return Reference((-1,))
    if _LATEST.fullmatch(text):
        return Reference((0,))
    return _several(text)


def _several(text: str) -> Reference | None:
    if match := _RANGE.fullmatch(text):
        low, high = parse_number(match[1]), parse_number(match[2])
        return Reference(tuple(range(low, high + 1))) if low and high and low <= high < low + MOST else None
    if match := _FIRST.fullmatch(text):
        count = parse_number(match[1])
        return Reference(tuple(range(1, count + 1))) if count and count <= MOST else None
    if _LIST.fullmatch(text):
        numbers = tuple(number for part in re.findall(NUMBER, text) if (number := parse_number(part)))
        return Reference(tuple(dict.fromkeys(numbers))) if len(numbers) <= MOST else None
    return None
