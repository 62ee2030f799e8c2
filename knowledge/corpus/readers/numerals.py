"""Numbers as Word writes them in front of paragraphs (编号格式): 一、 甲 壹 ① a iv.

The names are those of ST_NumberFormat (ISO/IEC 29500-1, 17.18.59).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_DIGITS: Final = "〇一二三四五六七八九"
_ZERO: Final = "零"
_UNITS: Final = ("", "十", "百", "千")
_FORMAL_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_FORMAL_UNITS: Final = ("", "拾", "佰", "仟")
_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES: Final = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN: Final = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_FULL_WIDTH: Final = str.maketrans({str(digit): chr(0xFF10 + digit) for digit in range(10)})


def numeral(value: int, number_format: str) -> str:
    """Return ``value`` in ``number_format``; an unknown format or a value it cannot write gives plain digits."""
    writer = _WRITERS.get(number_format)
    text = writer(value) if writer and value > 0 else ""
    return text or str(value)


def _chinese(value: int, digits: str, units: tuple[str, ...], zero: str, *, short_ten: bool) -> str:
    """Return ``value`` below 10 000 in Chinese: 二十三, 一百零五; ``short_ten`` writes 十二 for 一十二."""
    if value >= 10_000:
        return ""
    text = ""
    pending_zero = False
    for place in range(3, -1, -1):
        digit = value // 10**place % 10
        if digit:
            text += (zero if pending_zero and text else "") + digits[digit] + units[place]
            pending_zero = False
        else:
            pending_zero = True
    return text[1:] if short_ten and 10 <= value < 20 else text


def _counting(value: int) -> str:
    return _chinese(value, _DIGITS, _UNITS, _ZERO, short_ten=True)


def _formal(value: int) -> str:
    return _chinese(value, _FORMAL_DIGITS, _FORMAL_UNITS, _ZERO, short_ten=False)


def _digital(value: int) -> str:
    return "".join(_DIGITS[int(digit)] for digit in str(value))


def _from_row(row: str) -> Callable[[int], str]:
    return lambda value: row[value - 1] if value <= len(row) else ""


def _from_block(first: str, length: int) -> Callable[[int], str]:
    return lambda value: chr(ord(first) + value - 1) if value <= length else ""


def _circled(value: int) -> str:
    for first, start in (("①", 1), ("㉑", 21), ("㊱", 36)):
        length = 20 if start == 1 else 15
        if start <= value < start + length:
            return chr(ord(first) + value - start)
    return ""


def _letters(value: int) -> str:
    """Return a, b … z, aa, bb: Word repeats the letter."""
    return chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1) if value <= 780 else ""


def _roman(value: int) -> str:
    text = ""
    for amount, letters in _ROMAN:
        count, value = divmod(value, amount)
        text += letters * min(count, 20)
    return text


_WRITERS: Final[dict[str, Callable[[int], str]]] = {
    "decimal": str,
    "decimalZero": lambda value: f"{value:02d}",
    "decimalFullWidth": lambda value: str(value).translate(_FULL_WIDTH),
    "decimalFullWidth2": lambda value: str(value).translate(_FULL_WIDTH),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedFullstop": _from_block("⒈", 20),
    "decimalEnclosedParen": _from_block("⑴", 20),
    "ideographEnclosedCircle": _from_block("㊀", 10),
    "numberInDash": lambda value: f"- {value} -",
    "upperRoman": lambda value: _roman(value).upper(),
    "lowerRoman": _roman,
    "upperLetter": lambda value: _letters(value).upper(),
    "lowerLetter": _letters,
    "chineseCounting": _counting,
    "chineseCountingThousand": _counting,
    "taiwaneseCounting": _counting,
    "taiwaneseCountingThousand": _counting,
    "japaneseCounting": _counting,
    "koreanDigital2": _digital,
    "ideographDigital": _digital,
    "japaneseDigitalTenThousand": _digital,
    "taiwaneseDigital": _digital,
    "chineseLegalSimplified": _formal,
    "ideographLegalTraditional": _formal,
    "ideographTraditional": _from_row(_STEMS),
    "ideographZodiac": _from_row(_BRANCHES),
    "ideographZodiacTraditional": lambda value: _STEMS[(value - 1) % 10] + _BRANCHES[(value - 1) % 12],
}
