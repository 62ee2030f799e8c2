"""Blanks (空位): another unit's figures, years and dates become 【X次】【年份】【X月】 for the writer to fill."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.corpus.revision import Cause, Edit, Revision

TITLE_LENGTH = 60
"""The first line is taken for a title up to this length; its year stays, a title is served with its source."""

_DAYS = r"\d{1,2}(?:[日号]?[-—–~～至]\d{1,2})?[日号]"
_MORE_MONTHS = r"(?:(?:月份?)?[-—–~～至]\d{1,2})?月份?"
_MONTHS = r"\d{1,2}" + _MORE_MONTHS
# A dated public fact or a rule's date, not the unit's own: 2022年10月，党的二十大…; 自2023年1月1日起施行.
_PUBLIC = r"(?:，?(?:习近平|党中央|中共中央|国务院|中央|全国|党的|我国)|起(?:施行|实施))"
_YEAR_DATE = re.compile(
    rf"[12](?<!\d.)[09]\d\d年(?!版|修[订正]|制定|公布)(?P<stated>{_MONTHS}(?:{_DAYS})?(?={_PUBLIC}))?"
    rf"(?P<own>{_MONTHS}(?:{_DAYS})?)?"
)
_MONTH_DATE = re.compile(rf"[0-9](?<![\d第每].)\d?{_MORE_MONTHS}(?:{_DAYS})?")
_STATED = re.compile(_PUBLIC)
_RANGE_BEFORE = re.compile(r"\d{4}年?[-—–~～至]\Z")
_RANGE_AFTER = re.compile(r"年?[-—–~～至]\d{4}年")
_DEFINES_YEAR = re.compile(r"年(?:度)?是[^。；\n]{0,60}?(?:之年|元年|周年)")
_NOT_OWN_MONTH = re.compile(r"(?:[\d每逐]年|[自〔])\Z")
_ANNIVERSARY = re.compile(r"(?:(?<=建[党国军团院局厂校司])|(?<=成立))(?!100周年)\d{1,3}周年")
_SPAN = re.compile("[-—–~～至]")
_LINE_ORDINAL = re.compile(r"^[ \t\u3000]*\d{1,2}\Z", re.MULTILINE)

_FIGURE = Cause("空位", "slot.figure")
_YEAR = Cause("空位", "slot.year")
_MONTH = Cause("空位", "slot.month")


def blank_dates(revision: Revision, year: int | None) -> None:
    """Turn the report's own years and its dates into blanks; ``year`` is the report's (``None``: years stay)."""
    names = {} if year is None else {year: "【年份】", year - 1: "【上年份】", year + 1: "【下年份】"}
    revision.apply(_year_edits(revision.text, names))
    revision.apply(_month_edits(revision.text))
    if "周年" in revision.text:
        revision.substitute(_ANNIVERSARY, "【X】周年", _FIGURE)


def blank_figures(revision: Revision, figure: re.Pattern[str]) -> None:
    """Turn figures with their measure word (70余个场次, 36827.56元) into blanks."""
    revision.apply(_figure_edits(revision.text, figure))


def _year_edits(text: str, names: dict[int, str]) -> Iterator[Edit]:
    """Yield the report's own years; a stated fact, a span of years (2023—2027年) or another year stays."""
    title_end = _title_end(text)
    for found in _YEAR_DATE.finditer(text):
        start = found.start()
        name = names.get(int(text[start : start + 4]))
        kept = (
            name is None
            or found["stated"]
            or start < title_end
            or _RANGE_BEFORE.search(text, max(0, start - 6), start)
            or _RANGE_AFTER.match(text, start + 4)
            or _DEFINES_YEAR.match(text, start + 4)
        )
        if not kept:
            yield Edit(start, found.end(), f"{name}年{_date_slots(found['own'] or '')}", _YEAR)


def _month_edits(text: str) -> Iterator[Edit]:
    """Yield months and days of an own event (2月召开); every month's or another year's day stays."""
    for found in _MONTH_DATE.finditer(text):
        start = found.start()
        if not (_NOT_OWN_MONTH.search(text, max(0, start - 2), start) or _STATED.match(text, found.end())):
            yield Edit(start, found.end(), _date_slots(found[0]), _MONTH)


def _date_slots(date: str) -> str:
    """Return the slots for months and days as written: 6月15日至20日 → 【X月】【X日】至【X日】."""
    months, _, days = date.rpartition("月")
    month = "" if not months else "【X月】至【X月】" if _SPAN.search(months) else "【X月】"
    day = days.removeprefix("份")
    return month + ("" if not day else "【X日】至【X日】" if _SPAN.search(day) else "【X日】")


def _title_end(text: str) -> int:
    """Return where the title line ends: the first line that is not empty, if it is short and no sentence."""
    start = len(text) - len(text.lstrip())
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    title = text[start:end]
    return end if len(title) <= TITLE_LENGTH and not title.endswith(("。", "；", "：", "，")) else 0


def _figure_edits(text: str, figure: re.Pattern[str]) -> Iterator[Edit]:
    for found in figure.finditer(text):
        start, number = found.start(), found["number"]
        if "." in number and _LINE_ORDINAL.search(text, max(0, start - 4), start + number.index(".")):
            # "1.3个支部…" at the start of a line is item 1 about three branches, not a decimal.
            start += number.index(".") + 1
        yield Edit(start, found.end(), f"【X{found['scale']}{found['measure']}】", _FIGURE)
