"""Wording out of its year, and the year a text says it is written for."""

from __future__ import annotations

import pytest

from knowledge.checking.checker import Checker, recognise_year
from knowledge.checking.model import Level


@pytest.fixture(scope="module")
def checker() -> Checker:
    return Checker.load()


def told(checker: Checker, text: str, year: int) -> set[tuple[str, Level]]:
    return {(f.rule, f.level) for f in checker.check(text, year=year) if f.rule.startswith("dated.")}


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("某某局2025年党建工作总结\n2023年以来，我局扎实推进各项工作。", 2025),
        ("二〇二四年度支部工作总结\n现将有关情况汇报如下。", 2024),
        ("根据要求，现将2023年上半年党建工作汇报如下：\n一、主要情况", 2023),
        ("2022年，某某局党组坚持以习近平新时代中国特色社会主义思想为指导，现将党建工作总结如下：", 2022),
        ("关于报送材料的说明\n2026年度工作进展顺利。", 2026),
        ("深入贯彻落实上级部署，扎实开展各项工作。", None),
        ("自2012年党的十八大召开后，面貌焕然一新。", None),
        ("", None),
    ],
)
def test_a_text_says_its_year_in_its_title_or_opening(text: str, year: int | None) -> None:
    assert recognise_year(text) == year


def test_a_campaign_is_work_of_its_own_years_only(checker: Checker) -> None:
    text = "扎实开展党史学习教育，组织专题学习6次。"
    assert told(checker, text, 2021) == set()
    assert told(checker, text, 2024) == {("dated.campaign", Level.DOUBTFUL)}
    assert told(checker, text, 2020) == {("dated.campaign", Level.DOUBTFUL)}


@pytest.mark.parametrize(
    "text",
    [
        "推动党史学习教育常态化长效化。",
        "五年来，先后开展党史学习教育、党纪学习教育。",
        "回顾2021年，扎实开展党史学习教育，成效明显。",
        "《关于开展党史学习教育的通知》印发各支部。",
        "扎实开展党史学习教育、学习贯彻习近平新时代中国特色社会主义思想主题教育、党纪学习教育。",
        "弘扬以学促干的作风。",
    ],
)
def test_what_only_looks_back_is_left_alone(checker: Checker, text: str) -> None:
    assert told(checker, text, 2026) == set()


def test_last_years_campaign_is_left_alone_in_a_text_about_both_years(checker: Checker) -> None:
    text = "2025年工作总结和2026年计划\n扎实开展深入贯彻中央八项规定精神学习教育。"
    assert told(checker, text, 2026) == set()
    assert told(checker, text.replace("2025年工作总结和", ""), 2026) == {("dated.campaign", Level.DOUBTFUL)}


def test_a_plenum_is_studied_from_its_year_on(checker: Checker) -> None:
    text = "深入学习贯彻党的二十届四中全会精神。"
    assert told(checker, text, 2024) == {("dated.meeting-to-come", Level.WRONG)}
    assert told(checker, text, 2025) == set()
    assert told(checker, text, 2026) == set()


def test_a_superseded_wording_is_a_hint_in_the_year_of_change_and_doubtful_after_it(checker: Checker) -> None:
    text = "学习习近平总书记关于党的建设的重要思想。"
    assert told(checker, text, 2025) == set()
    assert told(checker, text, 2026) == {("dated.wording-changing", Level.HINT)}
    assert told(checker, text, 2027) == {("dated.wording", Level.DOUBTFUL)}


def test_an_anniversary_has_to_fit_the_year(checker: Checker) -> None:
    (finding,) = checker.check("热烈庆祝建党103周年。", year=2026)
    assert (finding.rule, finding.right) == ("dated.anniversary", "建党105周年")


@pytest.mark.parametrize(
    ("text", "year", "wrong"),
    [
        ("今年是“十五五”开局之年。", 2026, False),
        ("今年是“十五五”开局之年。", 2025, True),
        ("2020年是“十三五”收官之年。", 2026, False),
        ("2020年是“十四五”收官之年。", 2026, True),
        ("为“十五五”开局之年打好基础。", 2025, False),
    ],
)
def test_the_first_and_last_year_of_a_plan_are_known(checker: Checker, text: str, year: int, *, wrong: bool) -> None:
    assert bool(told(checker, text, year)) is wrong
