"""Figures: a contradiction is told with the sum behind it; growth, targets and rounding are right."""

from __future__ import annotations

import pytest

from knowledge.checking.figures import rules
from knowledge.checking.model import Level
from tests.knowledge.checking.structural import find, reasons, tell

RULES = rules()


def test_a_stated_rate_is_held_against_its_counts() -> None:
    [finding] = find(RULES, "督查发现问题20条，完成整改18条，整改率100%。")
    assert finding.reason == "总数20条、完成18条，算得90%，不是100%"
    assert (finding.rule, finding.level, finding.source) == ("figure.rate", Level.DOUBTFUL, None)


@pytest.mark.parametrize("rate", ["83%", "83.3%", "83.33%"])
def test_a_rounded_rate_is_right(rate: str) -> None:
    assert tell(RULES, f"梳理问题6个，已整改5个，整改率{rate}。") == []


@pytest.mark.parametrize("rate", ["84%", "83.4%", "83.30%"])
def test_a_rate_beyond_rounding_is_told(rate: str) -> None:
    assert [rule for rule, _ in tell(RULES, f"梳理问题6个，已整改5个，整改率{rate}。")] == ["figure.rate"]


@pytest.mark.parametrize(
    "text",
    [
        "排查隐患12个，已整改15个。",
        "反馈问题20个，已整改17个，全部整改到位。",
        "应到党员50人，实到52人。",
        "发放问卷200份，收回190份，回收率99%。",
    ],
)
def test_counts_that_exclude_each_other_are_told(text: str) -> None:
    assert [rule for rule, _ in tell(RULES, text)] == ["figure.rate"]


@pytest.mark.parametrize(
    "text",
    [
        "用户数同比增长120%，增幅达150%。",
        "年度目标任务完成率112%，拨备覆盖率210%。",
        "群众满意率达到98.5%以上，参学率100%。",
        "梳理问题15个，制定措施22条，建立制度20个。",
        "共有干部30人，其中党员18人、女性14人。",
        "厉行节约30万元以上，最近3年左右完成。",
        "2022年底，本支部有党员42名；目前，本支部有党员45名，全局有党员120名。",
    ],
)
def test_what_can_be_true_is_left_alone(text: str) -> None:
    assert tell(RULES, text) == []


def test_a_share_above_the_whole_is_told() -> None:
    assert tell(RULES, "参学率为105%，青年党员占全体党员的101%。") == [
        ("figure.share", "参学率为105%"),
        ("figure.share", "占全体党员的101%"),
    ]


def test_parts_that_make_up_a_whole_are_added() -> None:
    assert reasons(RULES, "支部共有党员20名，其中男12名、女9名。") == ["各项相加12＋9=21，与总数20不符"]
    assert tell(RULES, "支部共有党员20名，其中女党员9名，男党员11名。") == []
    assert tell(RULES, "共有党员45名（正式党员41名，预备党员3名）。") != []


def test_one_quantity_with_two_values_is_told_where_it_stands_again() -> None:
    text = "本支部现有党员42名，班子健全。本支部共有党员45名。"
    assert tell(RULES, text) == [("figure.two-values", "本支部共有党员45名")]


@pytest.mark.parametrize("text", ["近500余名党员", "约30人左右参加", "至少召开1次以上", "超过200人以上"])
def test_an_approximation_said_twice_is_told(text: str) -> None:
    assert [rule for rule, _ in tell(RULES, text)] == ["figure.about"]
