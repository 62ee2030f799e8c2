"""Kinds are named in questions and recognised in documents, with title, year and level of the unit."""

from __future__ import annotations

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.classification import derive_title, detect_year, mask_title, opening_of
from knowledge.kinds import Kinds
from knowledge.tables import Table, TableError

KINDS = Kinds.load()

REPORTS = {
    "000": ("某局党组2023年党建工作总结", 2023, "年度总结", "党组"),
    "001": ("2023年支部工作总结", 2023, "支部总结", "党支部"),
    "002": ("2023年上半年党建工作汇报", 2023, "半年总结", "党组"),
    "003": ("某机关（党组）党委2023年党建工作情况总结及下步工作打算", 2023, "年度总结", "机关党组"),
    "004": ("2023年局党组书记抓基层党建工作述职报告", 2023, "述职报告", "党组书记"),
}


def bundled_report(number: str) -> str:
    folder = resources.files("knowledge").joinpath("data", "reports")
    (found,) = (path for path in folder.iterdir() if path.name.startswith(number))
    return found.read_text(encoding="utf-8")


@pytest.mark.parametrize("number", REPORTS)
def test_the_bundled_reports_are_recognised(number: str) -> None:
    text = bundled_report(number)
    title, opening = derive_title(text), opening_of(text)
    assert (title, detect_year(text), KINDS.classify(title, opening), KINDS.unit_level(title, opening)) == REPORTS[
        number
    ]


# ---- questions ----


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("党建工作总结提纲", "年度总结"),
        ("来个党建总结的提纲", "年度总结"),
        ("年终总结", "年度总结"),
        ("总结", "年度总结"),
        ("汇报材料，给工委领导看的，党建方面", "年度总结"),
        ("半年汇报提纲", "半年总结"),
        ("上半年党建工作总结怎么写", "半年总结"),
        ("半年总结 党建", "半年总结"),
        ("支部工作总结 三级提纲", "支部总结"),
        ("学校党支部年度总结 提纲", "支部总结"),
        ("述职报告框架", "述职报告"),
        ("我是支部书记，要给党委述职，给个框架", "述职报告"),
        ("述责述廉报告", "述责述廉"),
        ("党建工作要点 提纲", "工作要点"),
        ("2026年党建工作计划", "工作要点"),
        ("七一主题党日方案", "主题党日方案"),
        ("民主生活会对照检查材料提纲（班子）", "班子对照检查"),
        ("个人对照检查材料框架", "个人对照检查"),
        ("巡视整改情况汇报怎么列提纲", "巡察整改报告"),
        ("意识形态上半年总结", "意识形态报告"),
        ("意识形态分析研判报告 一季度", "意识形态研判报告"),
        ("全面从严治党主体责任报告提纲", "主体责任报告"),
        ("党风廉政建设总结提纲", "党风廉政总结"),
        ("给我一个党课讲稿的框架", "党课讲稿"),
        ("中心组学习研讨发言提纲", "研讨发言"),
        ("学习贯彻二十届四中全会精神情况汇报 大纲", "学习贯彻汇报"),
        ("党支部换届工作报告提纲", "换届工作报告"),
        ("思想汇报", "入党材料"),
        ("党建品牌创建方案提纲", "品牌材料"),
    ],
)
def test_a_question_names_its_kind(question: str, kind: str) -> None:
    mention = KINDS.find(question)
    assert mention is not None
    assert mention.kind == kind
    assert question[mention.start : mention.end] == mention.alias


@pytest.mark.parametrize(
    "question",
    [
        "意识形态怎么写",
        "下一步工作计划怎么写",
        "下步工作计划写四点",
        "下半年计划",
        "述职评议怎么写",
        "党课一年要讲几次",
        "三会一课",
        "提纲",
        "你好",
    ],
)
def test_a_question_about_content_names_no_kind(question: str) -> None:
    assert KINDS.find(question) is None


def test_an_annual_summary_takes_in_the_branch_summary_but_not_the_half_year() -> None:
    assert KINDS.within("年度总结") == ("年度总结", "支部总结")
    assert KINDS.within("支部总结") == ("支部总结",)
    assert {kind.id for kind in KINDS.kinds if kind.family == "总结"} >= {"年度总结", "支部总结", "半年总结"}


# ---- documents ----


@pytest.mark.parametrize(
    ("title", "kind", "level"),
    [
        ("中共某局党组2024年度党建工作总结", "年度总结", "党组"),
        ("关于2024年上半年党建工作情况的报告", "半年总结", None),
        ("某公司党委2024年意识形态工作总结", "意识形态报告", "企业"),
        ("关于落实全面从严治党主体责任情况的报告", "主体责任报告", None),
        ("某中学党总支巡察整改进展情况报告", "巡察整改报告", "学校"),
        ("机关党委2026年党建工作要点", "工作要点", "机关党委"),
        ("在专题党课上的讲稿", "党课讲稿", None),
        ("领导班子2025年度民主生活会对照检查材料", "班子对照检查", None),
        ("某镇党委书记抓基层党建工作述职报告", "述职报告", "党委书记"),
        ("学习贯彻党的二十届四中全会精神情况汇报", "学习贯彻汇报", None),
        ("关于召开会议的函", None, None),
    ],
)
def test_a_title_tells_the_kind_and_the_level(title: str, kind: str | None, level: str | None) -> None:
    assert (KINDS.classify(title, ""), KINDS.unit_level(title, "")) == (kind, level)


def test_opening_words_decide_where_the_title_says_nothing() -> None:
    opening = "现将本人抓基层党建工作情况报告如下："
    assert KINDS.classify("无题材料", opening) == "述职报告"
    assert KINDS.classify("2024年党建工作总结", opening) == "年度总结"
    assert KINDS.classify("无题材料", "春天来了。") is None
    assert KINDS.unit_level("无题材料", "我公司党委坚持") == "企业"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("中共XX局党组\n2023年度党建工作总结\n\n今年以来，我们……", "中共某局党组2023年度党建工作总结"),
        ("关于二〇二四年度\n党建工作情况的汇报\n一、主要做法", "关于二〇二四年度党建工作情况的汇报"),
        ("首页\n字号：大\n2024年工作要点\n为做好工作，", "2024年工作要点"),
        ("标题：某局党建工作总结\n正文", "某局党建工作总结"),
        ("\ufeff##paidbegin##2023年支部工作总结\r\n正文。", "2023年支部工作总结"),
        ("2024年，某某委党委坚持改革，现将全年意识形态工作情况报告如下。", "某委党委2024年意识形态工作报告"),
        ("现将我局20XX年意识形态工作总结汇报如下。", "某年意识形态工作总结汇报"),
        ("一、2023年工作总结\n正文。", "无题材料（2023年）"),
        ("春天来了，万物复苏。", "无题材料"),
        ("", "无题材料"),
    ],
)
def test_a_title_is_taken_from_the_head_or_put_together(text: str, title: str) -> None:
    assert derive_title(text) == title


def test_masks_in_a_title_are_shown_as_one_character() -> None:
    assert mask_title("XX机关×××党委***总结") == "某机关某党委某总结"
    assert mask_title("WPS与Excel使用总结") == "WPS与Excel使用总结"


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2023年工作总结\n针对2022年述职反馈的问题，2022年、2022年……", 2023),
        ("根据要求，现将2024年上半年工作汇报如下：2023年末……", 2024),
        ("二〇二四年工作总结\n正文", 2024),
        ("今年以来，" + "抓落实。" * 300 + "2021年底，2022年初，2022年末", 2022),
        ("项目编号2023100，邮编202300", None),
        ("没有年份", None),
    ],
)
def test_the_year_is_that_of_the_head(text: str, year: int | None) -> None:
    assert detect_year(text) == year


def test_the_opening_leaves_out_the_title_line() -> None:
    assert opening_of("2023年支部工作总结\n2023年是开局之年。").startswith("2023年是开局之年")
    assert opening_of("没有标题的第一段。").startswith("没有标题")


# ---- the table itself ----


def test_structures_known_from_usage_are_not_passed_off_as_rules() -> None:
    assert len(KINDS.kinds) >= 22
    for kind in KINDS.kinds:
        assert kind.basis in {"规定", "实务"}
        if kind.basis == "规定":
            assert kind.basis_note, kind.id
        if not kind.sections:
            assert "未核实" in (kind.note or kind.basis_note or ""), kind.id
    annual = KINDS.get("年度总结")
    assert annual is not None
    assert annual.basis == "实务"
    assert len(annual.sections) == 4
    assert KINDS.get("没有这个文种") is None


def test_what_changes_every_year_is_left_to_the_notice_of_the_year() -> None:
    for kind in ("班子对照检查", "个人对照检查"):
        found = KINDS.get(kind)
        assert found is not None
        assert found.basis_note is not None
        assert "以上级当年通知为准" in found.basis_note


KIND = (
    '[[kind]]\nid = "甲"\nname = "甲"\nfamily = "总结"\naliases = ["甲总结"]\nwriter = "某"\nreader = "某"\n'
    'when = "年末"\nsections = ["一"]\nbasis = "实务"\nsource = ["某"]\n'
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (KIND.replace('basis = "实务"', 'basis = "习惯"'), "“basis”只能是规定、实务"),
        (KIND.replace('sections = ["一"]\n', ""), "没有“sections”时要在“note”里说明"),
        (KIND + 'parent = "乙"\n', "上位文种“乙”不存在"),
        (KIND + 'titles = ["("]\n', "表达式写错了"),
        (KIND + KIND, "有重复的文种"),
        (KIND + KIND.replace('id = "甲"', 'id = "乙"'), "“甲总结”同时属于“甲”和“乙”"),
    ],
)
def test_a_slip_in_the_kind_table_is_refused(text: str, problem: str) -> None:
    Kinds.read(Table("k.toml", KIND))
    with pytest.raises(TableError, match=problem):
        Kinds.read(Table("k.toml", text))


WORDS = st.sampled_from(
    ["2023年", "现将", "总结", "如下", "\n", "某某", "XX", "党组", "（", "）", "半年", "二〇二三年", "\ud800", "##a##"]
)
ANY_TEXT = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map("".join))


@given(ANY_TEXT)
def test_any_text_has_a_title_and_perhaps_a_kind(text: str) -> None:
    title = derive_title(text)
    assert title
    assert "\n" not in title
    assert "某某" not in title
    opening = opening_of(text)
    assert KINDS.classify(title, opening) in {None, *(kind.id for kind in KINDS.kinds)}
    KINDS.unit_level(title, opening)
    year = detect_year(text)
    assert year is None or 2000 <= year <= 2099
    mention = KINDS.find(text)
    assert mention is None or text[mention.start : mention.end] == mention.alias
