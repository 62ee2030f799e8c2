"""Frequencies of organisational life (组织生活频次) below what the regulation says, each with its clause.

Only a whole year is judged: 全年召开组织生活会0次, 支委会每季度召开1次. A half-year, a month, the meetings somebody attended
or guided, and whatever a table leaves open are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from knowledge.checking.declaring import Hit, Kind
from knowledge.checking.model import Category, Copy, Level, Rule
from knowledge.corpus.numbering import chinese_number
from knowledge.regulations import Rule as Regulation
from knowledge.regulations import Rules

_KIND = Kind(Category.FREQUENCY, "组织生活各条例（见每条所附条款）")

_NOT_COUNTED = frozenset({"党小组会", "党费交纳"})
"""Held by each group, or paid and not held: a number of them says nothing about the frequency."""

_OF_COMMITTEES = frozenset({"意识形态专题研究", "意识形态专题汇报"})
"""Asked of party committees and groups, not of branches."""

_BINDING = frozenset({"规定", "应当", "至少"})

_PER_YEAR: Mapping[str, int] = {
    "年": 1,
    "半年": 2,
    "季度": 4,
    "季": 4,
    "两个月": 6,
    "2个月": 6,
    "月": 12,
    "周": 52,
    "两年": 0,
}
_NUMBER = r"(?:\d{1,3}|[零〇一二两三四五六七八九十]{1,3})"
_HELD = r"(?:召开|开展|举行|举办|组织|进行|开)"
_HEAD = 120
_HALF_YEAR = re.compile("半年|季度")

_WHOLE_YEAR = re.compile(
    r"全年|一年来|年度内|本年度|一年内|去年|(?:19|20)\d\d年度?(?=[，,共]|召开|开展|支部|党支部|我)"
)
_PART_OF_YEAR = re.compile(
    r"上半年|下半年|半年|季度|截至|今年以来|目前|月份|[\d一二三四五六七八九十]月|以来|期间|计划|拟|将|力争"
)
_SOMEBODY_ELSE = re.compile(
    r"参加|指导|列席|督促|督导|出席|观摩|为[^，。；]{0,6}(?:讲|上)|未按|没有|跨|联合|共建|党小组|检查|抽查|旁听|调研"
)
_LED_BY = re.compile(
    r"(?:\A|年|坚持|落实|做到|执行|召开|开展|举行|举办|组织|进行|共|计|了|[，、；：:,;和及与次回场堂]|党|支部|其中|专题)\Z"
)


@dataclass(frozen=True, slots=True)
class _Statement:
    """How often something is said to take place: what, times a year, and where it stands."""

    regulation: Regulation
    times: int
    start: int
    end: int


def rules(regulations: Rules) -> tuple[Rule, ...]:
    """Return the rule on frequencies; ``regulations`` are the rules of organisational life."""
    judged = {
        name: entry
        for entry in regulations.entries
        if entry.min_per_year and entry.settled and entry.outdated is None and entry.item not in _NOT_COUNTED
        for name in (entry.item, *entry.aliases)
    }
    return (_below(judged),) if judged else ()


def _below(judged: Mapping[str, Regulation]) -> Rule:
    counted, per = _patterns(judged)

    def look(copy: Copy) -> Iterator[Hit]:
        for statement in (*_in_a_year(copy.text, counted, judged), *_each_period(copy.text, per, judged)):
            entry = statement.regulation
            if statement.times < (entry.min_per_year or 0):
                rank = "规定" if entry.strength in _BINDING else "通常要求"
                shown = copy.text[statement.start : statement.end]
                yield Hit(
                    statement.start, statement.end, f"“{shown}”低于{rank}：{entry.frequency}", source=entry.clause
                )

    return _KIND.rule(
        "life.frequency",
        Level.DOUBTFUL,
        "组织生活频次低于规定或通常要求",
        look,
        flags=(
            "全年召开组织生活会0次、党员大会4次。",
            "坚持党员大会每年召开2次，按期讲党课。",
            "支委会每季度召开1次。",
            "2023年，支部共召开党员大会2次、支委会12次。",
            "坚持每季度开展一次主题党日。",
        ),
        misses=(
            "全年召开党员大会4次、支委会12次、组织生活会1次。",
            "上半年召开党员大会2次、支委会6次。",
            "2023年上半年工作总结\n2023年，支部召开党员大会2次。",
            "坚持每季度召开1次党员大会，每月召开1次支委会，每半年召开一次组织生活会。",
            "书记全年参加所在支部党员大会2次，指导支部召开组织生活会0次。",
            "党小组会每季度召开1次。",
        ),
    )


def _patterns(names: Iterable[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what says how often something was held, and how often in each period."""
    either = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    once, again, third = (rf"(?P<number{n}>{_NUMBER})" for n in "123")
    name1, name2, name3 = (rf"(?P<name{n}>{either})(?:会议|活动|工作|制度)?" for n in "123")
    counted = rf"{name1}(?:共计|累计|共|仅|只)?{_HELD}?了?{once}(?:次|场|堂|回)(?![以左]|会)|{_HELD}了?{again}次{name2}"
    per = (
        rf"{name1}(?:坚持|做到|一般|应当|应|须|按照?|实行)?{_each(1)}{_HELD}?{once}次|{_each(2)}{_HELD}了?{again}次{name2}"
        rf"|{_each(3)}[^，。；、\d\n]{{0,12}}?{name3}{third}次"
    )
    return re.compile(counted), re.compile(per)


def _each(place: int) -> str:
    return rf"每(?P<period{place}>半年|两年|两个月|2个月|年|季度|季|月|周)(?:至少|不少于|固定|定期|一般)?"


def _group(found: re.Match[str], name: str) -> str:
    """Return the one of the groups ``name1``, ``name2``, ``name3`` that took part in the match."""
    return next(value for key, value in found.groupdict().items() if key.startswith(name) and value is not None)


def _in_a_year(text: str, pattern: re.Pattern[str], judged: Mapping[str, Regulation]) -> Iterator[_Statement]:
    """Yield what is counted for a whole year: 全年召开党员大会2次、支委会8次."""
    if _HALF_YEAR.search(text, 0, _HEAD):
        return
    for found in pattern.finditer(text):
        sentence, clause = _before(text, found.start())
        year = list(_WHOLE_YEAR.finditer(sentence))
        if not year or _PART_OF_YEAR.search(sentence, year[-1].end()) or _PART_OF_YEAR.search(sentence[-60:]):
            continue
        if _LED_BY.search(clause) and not _SOMEBODY_ELSE.search(clause):
            entry = judged[_group(found, "name")]
            yield from _statement(entry, _group(found, "number"), 1, found.span(), sentence)


def _each_period(text: str, pattern: re.Pattern[str], judged: Mapping[str, Regulation]) -> Iterator[_Statement]:
    """Yield what is said of every year, half-year, quarter or month: 支委会每季度召开1次."""
    for found in pattern.finditer(text):
        sentence, clause = _before(text, found.start())
        per_year = _PER_YEAR[_group(found, "period")]
        led = found["name1"] is None or _LED_BY.search(clause)
        if per_year and led and not _SOMEBODY_ELSE.search(clause):
            entry = judged[_group(found, "name")]
            yield from _statement(entry, _group(found, "number"), per_year, found.span(), sentence)


def _statement(
    entry: Regulation, number: str, per_year: int, span: tuple[int, int], sentence: str
) -> Iterator[_Statement]:
    count = _count(number)
    if count is not None and not (entry.item in _OF_COMMITTEES and "支部" in sentence):
        yield _Statement(entry, count * per_year, *span)


def _count(number: str) -> int | None:
    if number.isdecimal():
        return int(number)
    if number in {"零", "〇"}:
        return 0
    return chinese_number(number.replace("两", "二")) or None


def _before(text: str, place: int) -> tuple[str, str]:
    """Return what stands before ``place`` in its sentence and in its clause, 200 characters at most."""
    sentence = re.split("[。！？\n]", text[max(0, place - 200) : place])[-1]
    return sentence, re.split("[，；,;]", sentence)[-1]
