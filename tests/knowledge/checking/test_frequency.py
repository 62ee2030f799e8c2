"""Frequencies: only a whole year is judged, against the clause, in words that fit how binding it is."""

from __future__ import annotations

import pytest

from knowledge.checking.frequency import rules
from knowledge.checking.model import Level
from knowledge.regulations import Rules
from knowledge.tables import Table, bundled
from tests.knowledge.checking.structural import find, tell

RULES = rules(Rules.load())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("全年召开组织生活会0次。", "组织生活会0次"),
        ("全年召开党员大会2次、支委会12次。", "党员大会2次"),
        ("全年党员大会召开2次。", "党员大会召开2次"),
        ("2023年，支部共召开支部大会三次。", "支部大会三次"),
        ("一年来，支部召开了2次党员大会。", "召开了2次党员大会"),
        ("支委会每季度召开1次。", "支委会每季度召开1次"),
        ("坚持每半年开展一次主题党日。", "每半年开展一次主题党日"),
        ("党员大会每年召开2次。", "党员大会每年召开2次"),
        ("组织生活会每两年1次，全年开展主题党日活动8次。", "主题党日活动8次"),
        ("党组每年专题研究意识形态工作1次。", "每年专题研究意识形态工作1次"),
    ],
)
def test_less_than_the_clause_says_is_doubtful(text: str, words: str) -> None:
    assert tell(RULES, text) == [("life.frequency", words)]
    assert find(RULES, text)[0].level is Level.DOUBTFUL


def test_the_clause_is_the_source_and_its_rank_the_wording() -> None:
    [usual] = find(RULES, "全年召开党员大会2次。")
    [binding] = find(RULES, "全年召开组织生活会0次。")
    assert usual.reason == "“党员大会2次”低于通常要求：一般每季度1次"
    assert usual.source is not None
    assert usual.source.endswith("第十一条")
    assert binding.reason.startswith("“组织生活会0次”低于规定：每年至少1次")


@pytest.mark.parametrize(
    "text",
    [
        "全年召开党员大会4次、支委会12次、组织生活会1次、主题党日12次。",
        "上半年召开党员大会2次、支委会6次。",
        "今年以来，召开党员大会2次。",
        "2023年上半年工作总结\n2023年，支部召开党员大会2次。",
        "每季度召开1次党员大会，每月召开1次支委会，每半年召开一次组织生活会，每年开展一次民主评议党员。",
        "书记全年参加所在支部党员大会2次，指导支部召开组织生活会0次。",
        "党小组会每季度召开1次，与共建单位开展联合主题党日2次。",
        "全年召开党员大会3次以上。",
        "计划全年召开党员大会2次。",
        "党支部全年专题研究意识形态工作1次。",
        "支部现有党员12名，党员大会讨论通过。",
    ],
)
def test_enough_or_not_a_whole_year_is_left_alone(text: str) -> None:
    assert tell(RULES, text) == []


@pytest.mark.parametrize("change", ["settled = false", 'outdated = "新《条例》"'])
def test_what_is_unsettled_or_outdated_never_judges(change: str) -> None:
    table = bundled("org_life.toml")
    entry = 'item = "组织生活会"\n'
    assert entry in table.text
    changed = rules(Rules.read(Table(table.name, table.text.replace(entry, f"{entry}{change}\n", 1))))
    assert tell(changed, "全年召开组织生活会0次。") == []
    assert tell(changed, "全年召开党员大会0次。") != []
