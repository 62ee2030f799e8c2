"""Blanks and masks: each empty place is told once, a filtered word is put right, ordinary words are left alone."""

from __future__ import annotations

import pytest

from knowledge.checking.blanks import rules
from knowledge.checking.model import Level
from knowledge.corpus.gate import load_gate
from tests.knowledge.checking.structural import correct, find, tell

RULES = rules(load_gate().masks)


@pytest.mark.parametrize(
    "blank",
    ["XX次", "xx次", "×××元", "【X次】", "【单位】", "***", "____", "20XX", "X月", "某某局"],
)
def test_every_kind_of_blank_is_told(blank: str) -> None:
    text = f"今年共有{blank}，年底完成。" if not blank.startswith("20") else f"今后{blank}年继续推进。"
    assert ("blank.unfilled", blank) in tell(RULES, text)


def test_each_blank_is_one_finding_with_its_measure_word() -> None:
    text = "全年召开党员大会XX次、支委会XX次，发展党员X名，于X月X日换届。"
    assert tell(RULES, text) == [("blank.unfilled", words) for words in ("XX次", "XX次", "X名", "X月", "X日")]
    assert {finding.level for finding in find(RULES, text)} == {Level.HINT}


@pytest.mark.parametrize(
    "text",
    [
        "某些支部、某种程度、某个环节、某一方面还有差距。",
        "购置X光机，数据按XML格式报送，版面1×2，B2B平台上线。",
        "通报王某某、李某严重违纪案件。",
        "【经验做法】坚持周周学。（含列席人员）",
        "按照X射线防护要求，做好5G建设和3D打印。",
    ],
)
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert tell(RULES, text) == []


@pytest.mark.parametrize(
    ("masked", "right"),
    [
        ("在X委坚强领导下", "在党委坚强领导下"),
        ("广大X员干部", "广大党员干部"),
        ("学习X的二十大精神", "学习党的二十大精神"),
        ("开展主题X日活动", "开展主题党日活动"),
        ("压实ZZ责任", "压实政治责任"),
        ("上好D课", "上好党课"),
        ("学习XX新时代中国特色社会主义思想", "学习习近平新时代中国特色社会主义思想"),
    ],
)
def test_what_a_filter_masked_is_doubtful_and_put_right(masked: str, right: str) -> None:
    assert correct(RULES, masked, "blank.filter") == right
    assert [finding.level for finding in find(RULES, masked)] == [Level.DOUBTFUL]


def test_a_masked_set_phrase_is_told_without_guessing() -> None:
    [finding] = find(RULES, "学习贯彻省委十X届XX全会精神。")
    assert (finding.rule, finding.right) == ("blank.phrase", None)


def test_empty_brackets_and_hints_of_a_template_are_told() -> None:
    text = "学习《》精神，参加（　）人，（此处补充本单位情况）。"
    assert tell(RULES, text) == [
        ("blank.empty", "《》"),
        ("blank.empty", "（　）"),
        ("blank.hint", "（此处补充本单位情况）"),
    ]
