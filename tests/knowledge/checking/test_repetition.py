"""Slips of the hand: what stands twice is told and put right; reduplication that is right Chinese is not."""

from __future__ import annotations

import pytest

from knowledge.checking.slips import TABLE, rules
from knowledge.tables import Table, TableError, bundled
from tests.knowledge.checking.structural import correct, find, reasons, tell

RULES = rules()


@pytest.mark.parametrize(
    ("wrong", "right", "rule"),
    [
        ("足额交纳交纳党费", "足额交纳党费", "repeat.word"),
        ("进行进行调研", "进行调研", "repeat.word"),
        ("压实主体责任主体责任", "压实主体责任", "repeat.word"),
        ("取得明显的的成效", "取得明显的成效", "repeat.sign"),
        ("完成了了任务", "完成了任务", "repeat.sign"),
        ("在四个个方面用力", "在四个方面用力", "repeat.measure"),
        ("制定5条条措施", "制定5条措施", "repeat.measure"),
        ("加强党员管理，加强党员管理，提升素质", "加强党员管理，提升素质", "repeat.clause"),
        ("大局意识、核心意识、核心意识、看齐意识", "大局意识、核心意识、看齐意识", "repeat.clause"),
    ],
)
def test_what_stands_twice_is_put_right(wrong: str, right: str, rule: str) -> None:
    assert [name for name, _ in tell(RULES, wrong)] == [rule]
    assert correct(RULES, wrong, rule) == right


@pytest.mark.parametrize(
    "text",
    [
        "形形色色、种种、一一、层层、步步、天天、人人、个个都是好样的。",
        "做到个个达标、一个个过关，一代一代接着干，太多太多的教训。",
        "大家研究研究、讨论讨论、学习学习、提高提高。",
        "党的的确确为人民办实事，以教育为目的的活动。",
        "不能不了了之，还要为了了解实情多走走。",
        "组织组织生活会，开展党员活动，落实责任责任书。",
        "实实在在干事，扎扎实实落实，高高兴兴参加。",
        "做到即到即办、专款专用，鼓励企业创业创新。",
        "开展党建工作，工作作风明显好转，党委委员带头。",
        "培养10名名师，落实5项项目、3条条例，帮扶两个个体户。",
        "常态化化解矛盾，参与与监督并重。",
    ],
)
def test_right_reduplication_is_left_alone(text: str) -> None:
    assert tell(RULES, text) == []


def test_sentences_that_come_again_together_are_one_finding() -> None:
    block = "认真落实“三会一课”制度，不断提高组织生活质量。定期分析党员思想状况，及时解决实际困难和问题。"
    assert reasons(RULES, f"{block}支部班子健全。{block}支部经费充足。{block}") == [
        "“认真落实“三会一课”制度，不断…”起2句全文出现3次"
    ]


def test_short_sentences_may_come_again() -> None:
    assert tell(RULES, "定期研究党建工作。党员踊跃参加。定期研究党建工作。") == []


@pytest.mark.parametrize("text", ["一方面抓学习，成效明显。", "既要抓好当前，打牢基础。", "一手抓业务，成效明显。"])
def test_half_of_a_pair_is_told(text: str) -> None:
    assert [name for name, _ in tell(RULES, text)] == ["pair.partner"]


def test_both_halves_of_a_pair_are_found_across_sentences_of_a_paragraph() -> None:
    assert tell(RULES, "一方面抓学习。坚持周周学。另一方面抓实践。") == []
    assert len(find(RULES, "一方面抓学习。\n另抓实践。")) == 1


def test_a_stop_before_a_particle_is_told() -> None:
    assert tell(RULES, "提高党员，的思想认识，的确不易。") == [("pair.dangling", "，的")]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"交纳"', '"交纳党费"', "两个字"),
        ('"交纳"', '"开展"', "重复"),
        ('sign = "的"', 'sign = "的的"', "一个字"),
        ("unlike = ", "unlikely = ", "不认识"),
        ('words = ["党员"]', 'words = ["开展"]', "写了两次"),
    ],
)
def test_a_slip_in_the_table_is_named(old: str, new: str, problem: str) -> None:
    table = bundled(TABLE)
    assert old in table.text
    with pytest.raises(TableError, match=problem):
        rules(Table(table.name, table.text.replace(old, new, 1)))


def test_a_table_without_entries_is_refused() -> None:
    with pytest.raises(TableError, match="缺"):
        rules(Table("空表", ""))
