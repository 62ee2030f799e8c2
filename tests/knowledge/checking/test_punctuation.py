"""Punctuation: certain faults are put right, long texts are not flooded, and ordinary punctuation is left alone."""

from __future__ import annotations

import pytest

from knowledge.checking.declaring import MOST
from knowledge.checking.model import Level
from knowledge.checking.punctuation import rules
from tests.knowledge.checking.structural import correct, find, reasons, tell

RULES = rules()


@pytest.mark.parametrize(
    ("wrong", "right", "rule"),
    [
        ("全面过硬，。", "全面过硬。", "punct.run"),
        ("学习3次，，开展排查。", "学习3次，开展排查。", "punct.run"),
        ("抓学习、，抓实践。", "抓学习，抓实践。", "punct.run"),
        ("抓学习；。", "抓学习。", "punct.run"),
        ("落实“三会一课“，做好记录。", "落实“三会一课”，做好记录。", "punct.reversed"),
        ("落实，”三会一课”制度。", "落实，“三会一课”制度。", "punct.reversed"),
        ("转发《关于学习《条例》的通知》。", "转发《关于学习〈条例〉的通知》。", "punct.nested-title"),
        ("提出“抓好“三会一课”制度”要求。", "提出“抓好‘三会一课’制度”要求。", "punct.nested-quote"),
        ("增强“四个意识”,坚定“四个自信”。", "增强“四个意识”，坚定“四个自信”。", "punct.half"),
        ("情况如下:\n做到严格;有序有力.", "情况如下：\n做到严格；有序有力。", "punct.half"),
        ("党组（党委)书记", "党组（党委）书记", "punct.mixed-bracket"),
        ("党组(党委)书记", "党组（党委）书记", "punct.half-bracket"),
        ('落实"三会一课"制度。', "落实“三会一课”制度。", "punct.straight"),
        ("２０２３年开展１２次。", "2023年开展12次。", "punct.wide"),
        ("学习、研讨、实践。。。", "学习、研讨、实践……", "punct.ellipsis"),
        ("推动高质量发展 。", "推动高质量发展。", "punct.blank"),
        ("开展学习、研讨、和实践，提升素质。", "开展学习、研讨和实践，提升素质。", "punct.list-word"),
        ("增强“四个意识”、“四个自信”。", "增强“四个意识”“四个自信”。", "punct.between"),
    ],
)
def test_a_clear_fault_is_put_right(wrong: str, right: str, rule: str) -> None:
    assert correct(RULES, wrong, rule) == right
    assert rule not in [name for name, _ in tell(RULES, right)]


@pytest.mark.parametrize(
    ("text", "lone"),
    [
        ("落实“三会一课制度。", "“"),
        ("落实三会一课”制度。", "”"),
        ("学习《条例、掌握要求。", "《"),
        ("召开党员大会（扩大，研究工作。", "（"),
        ("根据某党发〔2023 5号文件。", "〔"),
    ],
)
def test_a_mark_without_its_partner_is_told(text: str, lone: str) -> None:
    assert tell(RULES, text) == [("punct.pair", lone)]


@pytest.mark.parametrize(
    "text",
    [
        "真的做到了吗？！当然！！",
        "投入1,000元，于10:30开会，比例1:2，版本2.0。",
        "1）抓学习；2）抓组织；（1）抓作风。",
        "他说：“要抓学习。\n“要抓组织。\n“要抓作风。”",
        "“我们要把学习\n坚持下去。”",
        "学习、研讨、实践……",
        "“学习”，“实践”；《条例》和《规定》（试行）。",
        "第一章 总则\n张 三  李 四",
        "打响“好学善思 实干争先”品牌，扩大影响。",
        "促进团结、和谐、稳定，做到公开、及时、准确。",
        "it’s a test, isn’t it?",
    ],
)
def test_right_punctuation_is_left_alone(text: str) -> None:
    assert tell(RULES, text) == []


def test_a_quotation_that_comes_before_its_line_is_not_called_turned_round() -> None:
    assert tell(RULES, "坚持学习。”党员代表说，要“学以致用”。") == [("punct.pair", "”")]


def test_many_faults_of_one_kind_are_told_once_with_their_number() -> None:
    text = "抓好学习,抓好实践。\n" * (MOST + 1)
    [reason] = reasons(RULES, text)
    assert reason.endswith(f"全文{MOST + 1}处")
    assert len(find(RULES, "抓好学习,抓好实践。\n" * MOST)) == MOST


def test_a_paragraph_that_ends_in_a_comma_before_the_next_heading_is_told() -> None:
    assert tell(RULES, "抓好调研工作，\n（三）推动融合。") == [("punct.cut-off", "，")]
    assert tell(RULES, "抓好调研工作，\n推动融合。") == []


def test_a_paragraph_without_its_stop_is_a_hint_unless_lines_are_broken_by_width() -> None:
    long = "坚持把政治建设摆在首位，严肃党内政治生活。全年召开党员大会十二次，组织集中学习二十四次，参学率稳步提高"
    [finding] = find(RULES, f"{long}\n{long}。")
    assert (finding.rule, finding.level) == ("punct.unfinished", Level.HINT)
    assert tell(RULES, f"{long}\n" * 8) == []


def test_the_clause_of_the_standard_is_named_where_it_is_certain() -> None:
    [finding] = find(RULES, "学习《党章》、《条例》。")
    assert finding.source == "GB/T 15834—2011《标点符号用法》4.5.3.5"
