"""Dated wording is marked for the year one writes for, current wording is not."""

from __future__ import annotations

from importlib import resources
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.events import read_campaigns, read_meetings
from knowledge.tables import Table, TableError
from knowledge.validity import Mark, Validity

VALIDITY = Validity.load()


def marked(text: str, text_year: int | None = 2023, year: int = 2026) -> list[tuple[str, str]]:
    return [(text[mark.start : mark.end], mark.label) for mark in VALIDITY.marks(text, text_year, year=year)]


def only(text: str, text_year: int | None = 2023, year: int = 2026) -> Mark:
    (mark,) = VALIDITY.marks(text, text_year, year=year)
    return mark


# ---- campaigns ----


def test_a_shared_name_means_the_campaign_of_the_year_of_the_text() -> None:
    assert marked("在主题教育中走在前。", 2023) == [("主题教育", "⚠2023年提法")]
    assert marked("在主题教育中走在前。", 2019) == [("主题教育", "⚠2019年提法")]
    mark = only("在主题教育中走在前。", 2023)
    assert mark.note.startswith("学习贯彻习近平新时代中国特色社会主义思想主题教育：2023年集中教育")
    assert mark.source


def test_a_shared_name_in_an_undated_text_is_left_to_the_reader() -> None:
    mark = only("在主题教育中走在前。", None)
    assert mark.label == "⚠按年份核对"
    assert "2019年" in mark.note
    assert "2023年" in mark.note
    assert VALIDITY.campaign("主题教育") is None


def test_work_of_the_same_year_gets_no_mark() -> None:
    assert marked("在主题教育中走在前，按照“学思想、强党性、重实践、建新功”的总要求。", 2023, 2023) == []
    assert marked("开展党纪学习教育。", 2024, 2024) == []
    assert marked("开展树立和践行正确政绩观学习教育。", 2026, 2026) == []


def test_the_general_requirement_dates_a_text_as_its_campaign_does() -> None:
    assert marked("全面落实“学思想、强党性、重实践、建新功”总要求。") == [
        ("学思想、强党性、重实践、建新功", "⚠2023年提法")
    ]


def test_what_has_become_a_standing_task_is_current() -> None:
    assert marked("推进“两学一做”学习教育常态化制度化。", 2017) == []
    assert marked("推动党史学习教育常态化长效化。", 2022) == []
    assert marked("扎实开展党史学习教育。", 2021) == [("党史学习教育", "⚠2021年提法")]


def test_a_work_arrangement_is_no_campaign() -> None:
    assert marked("大兴调查研究，学习贯彻习近平党建思想。") == []


@pytest.mark.parametrize(
    ("question", "year"),
    [
        ("不忘初心主题教育还能写吗", 2019),
        ("两学一做现在还写不写", 2016),
        ("党纪教育", 2024),
        ("八项规定精神学习教育", 2025),
        ("政绩观学习教育", 2026),
        ("三严三实专题教育", 2015),
    ],
)
def test_a_question_finds_the_campaign_it_names(question: str, year: int) -> None:
    campaign = VALIDITY.campaign(question)
    assert campaign is not None
    assert campaign.year == year


def test_campaigns_know_what_was_seen_of_their_end() -> None:
    campaigns = {campaign.year: campaign for campaign in VALIDITY.campaigns if campaign.kind == "集中教育"}
    assert list(campaigns) == [2013, 2015, 2016, 2019, 2021, 2023, 2024, 2025, 2026]
    assert campaigns[2013].years == range(2013, 2015)
    assert campaigns[2023].years == range(2023, 2024)
    assert campaigns[2025].end is None
    assert campaigns[2026].requirement == "立党为公、为民造福、科学决策、真抓实干"


# ---- plenums and congresses ----


def test_a_list_of_plenums_gets_old_with_the_next_plenum() -> None:
    text = "学习党的二十届一中、二中全会精神。"
    assert marked(text, 2023, 2023) == []
    assert marked(text, 2023, 2024) == [("党的二十届一中、二中全会", "⚠2023年提法")]
    note = only(text, 2023, 2026).note
    assert "党的二十届三中全会（2024-07）、党的二十届四中全会（2025-10）" in note
    # Announced, not seen: what it decided is for an administrator to add.
    assert "五中全会" not in note


def test_a_congress_gets_old_with_the_next_one() -> None:
    assert marked("深入学习贯彻党的二十大精神。", 2023, 2026) == []
    assert marked("深入学习贯彻党的十九大精神。", 2021, 2021) == []
    assert marked("深入学习贯彻党的十九大精神。", 2021, 2022) == [("党的十九大精神", "⚠2017年提法")]


def test_history_is_not_marked() -> None:
    assert marked("党的十八大以来，党的十八届三中全会开启了改革新阶段。") == []
    assert marked("党的二十大和二十届历次全会精神", 2026) == []


def test_plenums_of_the_discipline_commission_are_told_apart() -> None:
    assert marked("传达学习二十届中央纪委二次全会精神。") == [("二十届中央纪委二次全会", "⚠2023年提法")]
    assert marked("传达学习二十届中央纪委五次全会精神。", 2026, 2026) == []


# ---- wording of one year ----


def test_anniversaries_tell_their_year() -> None:
    assert marked("庆祝建党102周年表彰大会", 2023) == [("建党102周年", "⚠2023年提法")]
    assert marked("庆祝建党105周年", 2023, 2026) == []
    assert marked("庆祝新中国成立75周年", None, 2025) == [("新中国成立75周年", "⚠2024年提法")]


def test_position_of_a_year_and_yearly_drives_belong_to_the_year_of_the_text() -> None:
    text = "2023年是开局之年、起步之年，开展能力提升年活动。"
    assert [label for _, label in marked(text, 2023, 2026)] == ["⚠2023年提法"] * 3
    assert marked(text, 2023, 2023) == []
    assert [label for _, label in marked(text, None)] == ["⚠按年份核对"] * 3


def test_the_epidemic_is_over() -> None:
    assert marked("积极参与疫情防控。", 2023, 2026) == [("疫情防控", "⚠2023年提法")]


# ---- formulations ----


def test_a_superseded_formulation_names_its_successor() -> None:
    mark = only("深入学习习近平总书记关于党的建设的重要思想。")
    assert mark.label == "⚠2026年6月前提法"
    assert "习近平党建思想" in mark.note
    assert marked("深入学习习近平总书记关于党的建设的重要思想。", 2023, 2025) == []


def test_figures_of_the_old_recruiting_rules_are_marked_as_such() -> None:
    mark = only("落实“控制总量、优化结构、提高质量、发挥作用”的要求。")
    assert mark.label == "⚠2026年5月前提法"
    assert "核对" in mark.note


def test_a_formulation_is_not_used_before_its_time() -> None:
    assert marked("学习习近平党建思想。", 2026, 2024) == [("习近平党建思想", "⚠2026年起提法")]
    assert marked("学习习近平党建思想。", 2026, 2026) == []


def test_a_slogan_is_superseded_from_the_next_year() -> None:
    text = "坚决打赢反腐败斗争攻坚战持久战。"
    assert marked(text, 2023, 2024) == []
    assert marked(text, 2023, 2025) == [("坚决打赢反腐败斗争攻坚战持久战", "⚠2024年及以前提法")]
    assert marked("坚决打好反腐败斗争攻坚战持久战总体战。", 2025, 2026) == []


def test_current_formulations_get_no_mark() -> None:
    text = "增强“四个意识”、坚定“四个自信”、做到“两个维护”，严格落实“三会一课”，锲而不舍落实中央八项规定精神。"
    assert marked(text, 2023, 2026) == []


# ---- the bundled reports ----


def reports() -> dict[str, str]:
    folder = resources.files("knowledge").joinpath("data", "reports")
    return {path.name[:3]: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.name.endswith(".txt")}


def test_for_a_writer_of_2023_the_reports_hold_nothing_old_but_the_campaign_of_2021() -> None:
    found = {number: marked(text, 2023, 2023) for number, text in reports().items()}
    assert found.pop("000") == [("党史学习教育", "⚠2021年提法")]
    assert not any(found.values())


def test_for_a_writer_of_2026_the_dated_wording_of_the_reports_is_marked() -> None:
    phrases = {number: {phrase for phrase, _ in marked(text)} for number, text in reports().items()}
    assert phrases == {
        "000": {
            "党史学习教育",
            "疫情防控",
            "建党102周年",
            "控制总量、优化结构、提高质量、发挥作用",
            "十六字总要求",
        },
        "001": {"开局之年", "起步之年", "提升年行动", "主题教育"},
        "002": {"党的二十届一中、二中全会"},
        "003": {"学习贯彻习近平新时代中国特色社会主义思想主题教育"},
        "004": {"主题教育", "学思想、强党性、重实践、建新功", "提升年活动", "习近平总书记关于党的建设的重要思想"},
    }


# ---- the tables themselves ----

CAMPAIGN = (
    '[[campaign]]\nname = "甲"\nkind = "集中教育"\nyear = 2023\naliases = ["乙"]\nstart = "2023-04"\n'
    'scope = "全党"\nissued = "某会"\nconfidence = "high"\nsource = ["某"]\n'
)
MEETING = '[[meeting]]\nname = "甲"\nkind = "中全会"\nend = "2023-02-28"\nconfidence = "high"\nsource = ["某"]\n'
YEARLY = '[[yearly]]\nname = "甲"\npatterns = ["(a+)"]\nbase = 1921\nnote = "某"\nsource = ["某"]\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (CAMPAIGN.replace("year = 2023\n", ""), "缺少“year”或“start”"),
        (CAMPAIGN.replace("集中教育", "活动"), "“kind”只能是"),
        (CAMPAIGN.replace("high", "low"), "“confidence”只能是high、medium"),
        (CAMPAIGN + CAMPAIGN.replace('name = "甲"', 'name = "丙"'), "“乙”写了两次"),
        (YEARLY.replace("base = 1921\n", ""), "用一个括号取出周年数"),
    ],
)
def test_a_slip_in_the_campaign_table_is_refused(text: str, problem: str) -> None:
    read_campaigns(Table("c.toml", CAMPAIGN + YEARLY))
    with pytest.raises(TableError, match=problem):
        read_campaigns(Table("c.toml", text))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (MEETING.replace('end = "2023-02-28"\n', ""), "“start”和“end”至少写一项"),
        (MEETING.replace("2023-02-28", "2023年"), "应写成2023"),
        (MEETING + MEETING, "“甲”写了两次"),
    ],
)
def test_a_slip_in_the_meeting_table_is_refused(text: str, problem: str) -> None:
    read_meetings(Table("m.toml", MEETING))
    with pytest.raises(TableError, match=problem):
        read_meetings(Table("m.toml", text))


WORDS = st.sampled_from(
    [
        "主题教育",
        "党的二十届",
        "一中",
        "、",
        "二中全会",
        "精神",
        "建党",
        "102",
        "周年",
        "开局之年",
        "十四五",
        "\ud800",
        "。",
    ]
)
ANY_TEXT = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map("".join))


@given(ANY_TEXT, st.one_of(st.none(), st.integers(1990, 2099)), st.integers(1990, 2099))
def test_marks_of_any_text_are_in_order_and_explained(text: str, text_year: int | None, year: int) -> None:
    marks = VALIDITY.marks(text, text_year, year=year)
    assert all(left.end <= right.start for left, right in pairwise(marks))
    for mark in marks:
        assert 0 <= mark.start < mark.end <= len(text)
        assert mark.label.startswith("⚠")
        assert len(mark.label) <= 12
        assert mark.note
        assert mark.source
