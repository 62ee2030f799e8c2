"""Numbering becomes a section tree, whatever the numbering."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.corpus.headlines import Headline
from knowledge.corpus.structure import Structure, parse


def tree(text: str) -> list[tuple[int, str, str, bool]]:
    return [(h.level, h.label, h.text, h.run_in) for h in parse(text).headings]


def reasons(text: str) -> list[str]:
    return [problem.reason for problem in parse(text).problems]


def test_headings_on_their_own_line_lose_their_full_stop() -> None:
    assert tree("一、做法\n（一）抓学习，打基础。\n1.读原著。\n每月读一次。") == [
        (1, "一、", "做法", False),
        (2, "（一）", "抓学习，打基础", False),
        (3, "1.", "读原著", False),
    ]


def test_run_in_heading_is_the_first_sentence() -> None:
    assert tree("（一）抓实学习。今年组织了集中学习。") == [(1, "（一）", "抓实学习", True)]


def test_run_in_heading_is_the_leading_clause_when_the_sentence_is_long() -> None:
    text = "（一）抓实学习，坚持每周一次集体学习制度，组织开展各类学习活动，及时跟进最新要求，推动学习走深走实。"
    assert tree(text) == [(1, "（一）", "抓实学习", True)]


def test_leading_adverbial_clause_is_passed_over() -> None:
    text = "（一）通过支部会议、小组会议、读书会、座谈会、网上课堂和现场教学等多种多样的形式，常态化抓好学习，推动学习走深走实，不断见到新的成效。"
    assert tree(text) == [(1, "（一）", "常态化抓好学习", True)]


def test_items_inside_a_paragraph_stand_below_their_section() -> None:
    assert tree("一、问题\n一是学得不深；二是用得不多。") == [
        (1, "一、", "问题", False),
        (2, "一是", "学得不深", True),
        (2, "二是", "用得不多", True),
    ]


def test_list_nested_in_an_item_of_the_same_style() -> None:
    text = (
        "（一）建支部。\n一是过好主题党日。做到三个融合。一是与学习融合。二是与议事融合。三是与服务融合。二是收好党费。"
    )
    assert tree(text) == [
        (1, "（一）", "建支部", False),
        (2, "一是", "过好主题党日", True),
        (3, "一是", "与学习融合", True),
        (3, "二是", "与议事融合", True),
        (3, "三是", "与服务融合", True),
        (2, "二是", "收好党费", True),
    ]
    assert reasons(text) == ["嵌套同级"]


def test_second_list_in_a_paragraph_is_not_nested() -> None:
    text = "一、问题\n一是学得不深。二是用得不多。原因在于：一是认识不足。二是抓得不紧。三是考核不严。"
    assert [entry[0] for entry in tree(text)] == [1, 2, 2, 2, 2, 2]
    assert reasons(text) == ["重新编号"]


def test_jumps_and_repeats_are_kept_and_reported() -> None:
    text = "三、计划\n一是抓学习。\n二是抓班子。\n三是抓队伍。\n三是抓制度。\n六是抓作风。"
    assert [entry[1] for entry in tree(text)] == ["三、", "一是", "二是", "三是", "三是", "六是"]
    assert reasons(text) == ["跳号", "重号", "跳号"]


def test_section_number_behind_a_full_stop_counts_when_it_goes_on_with_a_sequence() -> None:
    text = "一、做法\n（一）抓学习。读原著。（二）抓班子。配强书记。\n（三）抓队伍。严把入口。"
    assert [entry[1:3] for entry in tree(text)] == [
        ("一、", "做法"),
        ("（一）", "抓学习"),
        ("（二）", "抓班子"),
        ("（三）", "抓队伍"),
    ]


def test_reference_to_a_section_is_not_a_heading() -> None:
    assert [entry[1] for entry in tree("一、做法\n按照方案（二）的要求推进。详见前文（三）。")] == ["一、"]


def test_year_behind_a_section_number_belongs_to_the_heading() -> None:
    assert tree("一、2025年工作回顾")[0][1:3] == ("一、", "2025年工作回顾")


def test_items_joined_by_commas_lose_the_comma() -> None:
    assert [entry[2] for entry in tree("一、甲\n一是能力提升，二是作风转变。")] == ["甲", "能力提升", "作风转变"]


@pytest.mark.parametrize(
    "line", ["第一、第三支部按期换届", "3.5%的支部按期换届", "2023年以来抓学习", "统一是前提", "十二是个数"]
)
def test_numbers_that_are_no_ordinals(line: str) -> None:
    assert tree(f"一、做法\n{line}。") == [(1, "一、", "做法", False)]


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("第一部分 总体要求\n一、目标\n（一）方向", [1, 2, 3]),
        ("一、甲\n1、乙\n（1）丙\n①丁", [1, 2, 3, 4]),
        ("一、甲\n1．乙\n2．丙", [1, 2, 2]),
        ("一、甲\n首先，学原文。其次，谈体会。最后，抓落实。", [1, 2, 2, 2]),
        ("一、甲\n第一，学原文。第二，谈体会。", [1, 2, 2]),
    ],
)
def test_every_style_in_use(text: str, levels: list[int]) -> None:
    assert [entry[0] for entry in tree(text)] == levels


BODY = "坚持每周一次集体学习，及时跟进最新要求，推动学习走深走实，干部群众反映良好，各项任务圆满完成。"


def test_lines_that_look_like_headings_hold_what_is_numbered_below_them() -> None:
    text = f"各位代表：\n现在报告工作。\n过去一年工作回顾\n{BODY}\n一、抓学习\n{BODY}\n今后工作安排\n{BODY}\n一、抓落实\n{BODY}"
    assert [entry[:3] for entry in tree(text)] == [
        (1, "", "过去一年工作回顾"),
        (2, "一、", "抓学习"),
        (1, "", "今后工作安排"),
        (2, "一、", "抓落实"),
    ]


def test_single_short_line_is_no_heading() -> None:
    assert not tree(f"工作情况如下。\n某某单位\n{BODY}")


def test_headlines_of_the_format_become_headings_at_their_level() -> None:
    text = f"总体情况\n{BODY}\n学习情况\n{BODY}\n（一）读原著\n{BODY}"
    found = parse(text, [Headline(0, 4, 1), Headline(text.index("学习情况"), text.index("学习情况") + 4, 2)])
    assert [(h.level, h.text) for h in found.headings] == [(1, "总体情况"), (2, "学习情况"), (3, "读原著")]


def test_headline_below_a_numbered_one_of_the_format_stays_below_it() -> None:
    text = f"一、总体情况\n{BODY}\n学习情况\n{BODY}\n二、下一步\n{BODY}"
    at = text.index("学习情况")
    found = parse(
        text, [Headline(0, 6, 1), Headline(at, at + 4, 2), Headline(text.index("二、"), text.index("二、") + 5, 1)]
    )
    assert [(h.level, h.text) for h in found.headings] == [(1, "总体情况"), (2, "学习情况"), (1, "下一步")]


def test_text_without_numbers_has_no_headings() -> None:
    structure = parse("今年以来，支部扎实工作。\n成效明显。")
    assert structure == Structure((), 18, ())


_PIECES = st.sampled_from(
    [
        "一、",
        "二、",
        "（一）",
        "（二）",
        "1.",
        "2．",
        "（1）",
        "①",
        "一是",
        "二是",
        "六是",
        "首先，",
        "第一，",
        "抓学习",
        "。",
        "；",
        "，",
        "\n",
        " ",
        "“",
        "”",
        "X",
    ]
)


@given(st.one_of(st.text(), st.lists(_PIECES, max_size=60).map("".join)))
def test_parsing_never_fails_and_spans_hold(text: str) -> None:
    structure = parse(text)
    assert 0 <= structure.preamble_end <= len(text)
    marks = [heading.mark for heading in structure.headings]
    assert marks == sorted(marks)
    for heading in structure.headings:
        assert text[heading.start : heading.end] == heading.text
        assert heading.mark <= heading.start <= heading.end
        assert heading.mark <= heading.body_end <= len(text)
        if heading.parent is not None:
            parent = structure.headings[heading.parent]
            assert parent.level == heading.level - 1
            assert parent.mark < heading.mark
            assert heading.body_end <= parent.body_end
    for problem in structure.problems:
        assert 0 <= problem.start <= problem.end <= len(text)


@pytest.mark.parametrize("unit", ["。一是好", "一是甲，", "。（一）", "一、\n", "抓学习。"])
def test_cost_is_linear(unit: str) -> None:
    def seconds(repeats: int) -> float:
        best = 9.0
        for _ in range(3):
            started = time.process_time()
            parse(unit * repeats)
            best = min(best, time.process_time() - started)
        return best

    # Eight times the text may take at most forty times as long, on a shared processor; a quadratic parser takes sixty-four times.
    assert seconds(8_000) < 40 * max(seconds(1_000), 0.002)
