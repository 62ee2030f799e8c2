"""What a question to the registry names, and the figures in it: a year, a session, a number of occasions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.differences import Difference, Usage
from knowledge.events import Campaign, Meeting, Yearly
from knowledge.formulations import Formulation
from knowledge.kinds import DocumentKind
from knowledge.regulations import Layout, Rule

_CHARACTERS = "零一二三四五六七八九"
_FIGURE = re.compile(r"(?<!\d)(?:([1-9])(?=[个项种大次条中])|(1[0-9]|2[0-3])(?=[大届]))")
_SESSION = re.compile("(十八|十九|二十[一二三]?)[大届]")
_LATEST = re.compile(
    "几(?:次|个)?中?全会|几中|第几(?:次|届)|(?:最新|最近|上)(?:的)?(?:一次|一个|一届)?(?:中央)?(?:中?全会|纪委全会|党代会)"
)
_TIMES = re.compile(r"(\d{1,3}|[零〇一二两三四五六七八九十]{1,3})次")
# 多久开一次 and 至少1次 ask or quote; they do not say how often it was held.
_NOT_HELD = re.compile("多久|多长时间|几次|几个?[月年周天]|多少次|至少|不少于|最近|上一?次|这次|首次|再一?次|[每第]")
_YEAR = re.compile(
    r"(20\d\d)年?度?的?(?:工作|党建|年度|年终|个人)*(?:总结|材料|报告|要点|计划|述职|汇报)|写在?(20\d\d)年|(20\d\d)年(?:还|可|能)"
)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What a question names. ``bare``: it is nothing but names of set phrases, campaigns or meetings.

    ``kinds`` are two kinds of document whose difference is told by the kinds' own table, for want of an entry.
    ``session`` is the Central Committee whose meetings are asked for, as a numeral; ``year`` the year written for, where
    the question says one; ``times`` a number of occasions it states (0次).
    """

    formulations: tuple[Formulation, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    session: str | None = None
    yearly: tuple[Yearly, ...] = ()
    rules: tuple[Rule, ...] = ()
    layouts: tuple[Layout, ...] = ()
    differences: tuple[Difference, ...] = ()
    usages: tuple[Usage, ...] = ()
    kinds: tuple[DocumentKind, ...] = ()
    bare: bool = False
    year: int | None = None
    times: int | None = None


def in_characters(text: str) -> str:
    """Return a text with the figures of set phrases written out: 4个意识 → 四个意识, 20届4中全会 → 二十届四中全会."""
    return _FIGURE.sub(lambda found: _written_out(int(found.group())), text)


def asks_latest(text: str) -> bool:
    """Whether a question wants to know which meeting was the last (二十届几中全会了)."""
    return _LATEST.search(text) is not None


def read_session(text: str) -> str | None:
    """Return the session of the Central Committee that a text names, as a numeral (二十)."""
    found = _SESSION.search(text)
    return found.group(1) if found else None


def read_year(text: str) -> int | None:
    """Return the year that a text says one writes for (2024年的总结); a year inside a name is none."""
    found = _YEAR.search(text)
    return int(found.group(1) or found.group(2) or found.group(3)) if found else None


def read_times(text: str) -> int | None:
    """Return how many occasions a text says there were (0次, 两次), ``None`` where it only asks."""
    found = None if _NOT_HELD.search(text) else _TIMES.search(text)
    return _number(found.group(1)) if found else None


def _number(numeral: str) -> int:
    if numeral.isdecimal():
        return int(numeral)
    digits = numeral.replace("〇", "零").replace("两", "二")
    if "十" not in digits:
        return int("".join(str(_CHARACTERS.index(digit)) for digit in digits))
    tens, _, ones = digits.partition("十")
    return 10 * (_CHARACTERS.index(tens[-1]) if tens else 1) + (
        _CHARACTERS.index(ones[0]) if ones[:1] != "十" and ones else 0
    )


def _written_out(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if not tens else "十" if tens == 1 else _CHARACTERS[tens] + "十") + (_CHARACTERS[ones] if ones else "")
