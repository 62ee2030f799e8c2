"""Numbers: what is missing is named, what is clear is put right, and right numbering in its many forms is left alone."""

from __future__ import annotations

import pytest

from knowledge.checking.model import Level
from knowledge.checking.numbering import rules
from tests.knowledge.checking.structural import correct, find, reasons, tell

RULES = rules()


def test_a_skip_names_the_numbers_that_are_missing() -> None:
    [finding] = find(RULES, "一是抓学习。二是抓组织。三是抓制度。六是抓作风。")
    assert finding.reason == "序号“三是”后接“六是”，缺四是、五是"
    assert (finding.level, finding.right, finding.source) == (Level.WRONG, None, None)


def test_one_wrong_number_between_right_ones_is_put_right() -> None:
    assert correct(RULES, "一是甲；二是乙；五是丙；四是丁。", "number.skip") == "一是甲；二是乙；三是丙；四是丁。"
    assert correct(RULES, "一是甲；二是乙；二是丙；四是丁。", "number.repeat") == "一是甲；二是乙；三是丙；四是丁。"
    assert correct(RULES, "一是甲；一是乙；三是丙。", "number.repeat") == "一是甲；二是乙；三是丙。"
    text = "（一）学习\n正文。\n（二）组织\n正文。\n（二）作风\n正文。\n（四）纪律\n正文。"
    assert correct(RULES, text, "number.repeat") == text.replace("（二）作风", "（三）作风")


def test_a_repeat_before_the_right_next_number_has_no_single_answer() -> None:
    [finding] = find(RULES, "一是甲；二是乙；二是丙；三是丁。")
    assert (finding.rule, finding.right) == ("number.repeat", None)


def test_a_repeat_and_a_skip_in_one_list_are_both_told() -> None:
    assert reasons(RULES, "一是甲。\n二是乙。\n三是丙。\n三是丁。\n六是戊。") == [
        "序号“三是”重复，应为“四是”",
        "序号“三是”后接“六是”，缺四是、五是",
    ]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("一、甲\n正文。\n二、乙\n正文。\n四、丙\n正文。", "缺三、"),
        ("1.甲\n2.乙\n5.丙", "缺3.、4."),
        ("（1）甲\n（2）乙\n（4）丙", "缺（3）"),
        ("①甲\n②乙\n④丙", "缺③"),
        ("第一，甲；第二，乙；第四，丙。", "缺第三"),
        ("第一部分 甲\n第二部分 乙\n第四部分 丙", "缺第三部分"),
    ],
)
def test_every_style_of_number_is_followed(text: str, missing: str) -> None:
    [reason] = reasons(RULES, text)
    assert reason.endswith(missing)


@pytest.mark.parametrize(
    "text",
    [
        "一、甲\n"
        + "\n".join(f"{n}.事项" for n in range(1, 9))
        + "\n二、乙\n"
        + "\n".join(f"{n}.事项" for n in range(9, 25)),
        "一、甲\n（一）子\n（二）丑\n二、乙\n（三）寅\n（四）卯",
        "一、甲\n1.子\n2.丑\n二、乙\n1.寅\n2.卯",
        "一是甲，二是乙。\n一是丙，二是丁，三是戊。",
        "一是甲，二是乙。做到两点：一是丙，二是丁。",
        "一、甲\n一是子，二是丑。\n二、乙\n三是寅，四是卯。",
        "上述一是、三是所列问题，已经整改。",
        "落实第一议题制度，第三、四季度各开一次会。",
        "一是甲；二要乙；三是丙。首先，丁；第二，戊；最后，己。",
        "一是一、二是二，讲真话。",
        "附件1\n一、甲\n二、乙\n附件2\n一、丙\n二、丁",
        "（三）丙\n正文。\n（四）丁\n正文。",
        "收入1.5亿元，同比增长3.2%。\n2026.",
    ],
)
def test_right_numbering_is_left_alone(text: str) -> None:
    assert [told for told in tell(RULES, text) if told[0] != "number.form"] == []


def test_a_number_glued_to_another_line_counts_as_present() -> None:
    assert tell(RULES, "（一）甲\n正文。\n（二）乙\n##paidbegin##（三）丙\n正文。\n（四）丁\n正文。") == []


def test_a_list_inside_an_item_of_its_like_is_doubtful() -> None:
    text = "一是甲，坚持两条：一是子，二是丑。二是乙。"
    [finding] = find(RULES, text)
    assert (finding.rule, finding.level, finding.start) == ("number.nested", Level.DOUBTFUL, text.index("一是子"))


def test_levels_upside_down_are_told_once_and_arabic_below_chinese_is_fine() -> None:
    upside_down = "（一）甲\n一、子\n二、丑\n（二）乙\n一、寅\n二、卯\n（三）丙\n一、辰"
    [finding] = find(RULES, upside_down)
    assert finding.rule == "number.level"
    assert finding.source is not None
    assert "7.3.3" in finding.source
    assert tell(RULES, "一、甲\n1.子\n2.丑\n二、乙\n1.寅") == []


def test_stops_behind_numbers_are_told_once_per_form_and_put_right() -> None:
    findings = find(RULES, "（一）、甲\n（二）、乙\n（三）、丙\n1、子\n2、丑")
    assert [(finding.rule, finding.right) for finding in findings] == [("number.form", "（一）"), ("number.form", "1.")]
    assert "全文3处" in findings[0].reason


def test_the_odd_stop_of_a_list_is_named() -> None:
    text = "一是甲；二是乙。三是丙；四是丁。"
    assert correct(RULES, text, "number.stops") == "一是甲；二是乙；三是丙；四是丁。"
