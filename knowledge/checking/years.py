"""Years (年份): which one a text is written for, whether it only looks back, and years that do not add up with its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.checking.declaring import Hit, Kind
from knowledge.checking.model import Category, Copy, Example, Level, Rule
from knowledge.checking.wording import sentence_around
from knowledge.classification import derive_title, detect_year

_HEAD = 900
_UNTITLED = "无题材料"
_OWN_YEAR = re.compile(r"(20\d\d)年(?:度|以来|上半年|下半年|全年|[一二三四]季度|，|我|党建|支部|工作|度工作)")

_YEARS = re.compile(r"(?<!\d)((?:19|20)\d\d)年")
_LOOKS_BACK = re.compile(
    r"回顾|历史|历程|曾|当年|(?<!今年)(?<!本年)(?<!\d年)(?<!年度)以来|先后|过去|历次|传统|成果|成效|巩固|拓展|经验|期间|长效|常态|之后|教育后|上一|往年|去年|上年|年来|批主题教育|自觉运用"
)
_FOUNDED = re.compile(
    r"(?P<what>建党|(?:中国共产党|党)成立|建军|(?:新中国|中华人民共和国)成立|建国|建团|共青团成立)(?P<count>\d{2,3})周年(?!.{0,6}大会上|.{0,8}讲话)"
)
_FOUNDING = {"党": 1921, "军": 1927, "国": 1949, "团": 1922}
_STALE = 4
_PLAN_YEAR = re.compile("(?P<plan>十[三四五])五”?(?:规划|时期)?的?(?P<which>开局|收官|起步)[之的]年")
_STATED_YEAR = re.compile(r"(?:(?P<year>20\d\d)年|今年|本年度?)[^，。；\n]{0,16}\Z")
_PLAN_START = {"十三": 2016, "十四": 2021, "十五": 2026}

_KIND = Kind(Category.DATED, "中国共产党成立于1921年，新中国成立于1949年")


def recognise_year(text: str) -> int | None:
    """Return the year a text says it is written for: of its title, its announcement or its opening; ``None``: it does not say."""
    head = text[:_HEAD]
    title = derive_title(head)
    if not title.startswith(_UNTITLED) and (year := detect_year(title)):
        return year
    stated = _OWN_YEAR.search(head)
    return int(stated[1]) if stated else None


def looks_back(copy: Copy, start: int, end: int) -> bool:
    """Tell whether a place of the plain form stands in a sentence about the past: it says so, or names another year.

    What stands in a title 《…》 is taken for the past too: a document keeps its name.
    """
    text = copy.plain.text
    sentence = sentence_around(text, start, end)
    if _LOOKS_BACK.search(sentence) or any(int(year) != copy.year for year in _YEARS.findall(sentence)):
        return True
    opened = text.rfind("《", max(0, start - 60), start)
    return opened >= 0 and "》" not in text[opened:start]


def rules() -> tuple[Rule, ...]:
    """Return the rules on years that do not fit the year of a text."""
    return (_on_anniversaries(), _on_plans())


def _on_anniversaries() -> Rule:
    return _KIND.rule(
        "dated.anniversary",
        Level.DOUBTFUL,
        "周年数与年份对不上",
        _find_anniversaries,
        flags=(
            Example("“七一”前夕，召开庆祝建党102周年表彰大会。", 2026),
            Example("隆重庆祝新中国成立74周年。", 2025),
        ),
        misses=(
            Example("“七一”前夕，召开庆祝建党105周年表彰大会。", 2026),
            Example("2023年，开展庆祝建党102周年系列活动。", 2026),
            Example("学习在庆祝中国共产党成立100周年大会上的重要讲话。", 2023),
        ),
    )


def _on_plans() -> Rule:
    return _KIND.rule(
        "dated.plan",
        Level.WRONG,
        "五年规划的开局、收官之年写错",
        _find_plan_years,
        source="新闻联播2025-12-26：2026年是“十五五”开局之年",
        flags=(
            Example("2026年是“十四五”开局之年，任务繁重。", 2026),
            Example("今年是“十五五”收官之年，要全力冲刺。", 2025),
        ),
        misses=(
            Example("2026年是“十五五”开局之年，任务繁重。", 2026),
            Example("2021年是“十四五”开局之年。", 2026),
            Example("“十四五”即将圆满收官。", 2025),
        ),
    )


def _find_anniversaries(copy: Copy) -> Iterator[Hit]:
    text = copy.plain.text
    for match in _FOUNDED.finditer(text):
        base = next(year for sign, year in _FOUNDING.items() if sign in match["what"].replace("中国共产党", "党"))
        year = base + int(match["count"])
        if year != copy.year and abs(year - copy.year) <= _STALE and not looks_back(copy, *match.span()):
            reason = f"{copy.year}年是{copy.year - base}周年"
            right = match[0].replace(match["count"], str(copy.year - base))
            yield Hit(*copy.plain.span(*match.span()), reason, right, f"成立于{base}年")


def _find_plan_years(copy: Copy) -> Iterator[Hit]:
    text = copy.plain.text
    for match in _PLAN_YEAR.finditer(text):
        stated = _STATED_YEAR.search(text[max(0, match.start() - 24) : match.start()])
        if stated is None:
            continue
        start = _PLAN_START[match["plan"]]
        due = start + 4 if match["which"] == "收官" else start
        if int(stated["year"] or copy.year) != due:
            reason = f"“{match['plan']}五”的{match['which']}之年是{due}年"
            yield Hit(*copy.plain.span(*match.span()), reason)
