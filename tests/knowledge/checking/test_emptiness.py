"""Empty talk is hinted at once in a paragraph and a few times in a text; a fact makes a sentence worth reading."""

from __future__ import annotations

import pytest

from knowledge.checking.emptiness import MOST, TABLE, rules
from knowledge.checking.model import Level
from knowledge.tables import Table, TableError, bundled
from tests.knowledge.checking.structural import find, tell

RULES = rules()
EMPTY = "将进一步提高思想认识，切实增强责任感和使命感，不断强化责任担当，持续加强作风建设，深入推进各项工作，全面提升工作水平，努力开创新局面。"


def test_a_sentence_of_stock_words_is_a_hint() -> None:
    [finding] = find(RULES, f"抓好学习。{EMPTY}")
    assert (finding.rule, finding.level, finding.source) == ("empty.talk", Level.HINT, None)


@pytest.mark.parametrize("fact", ["，全年12次", "，由支部书记督办", "，建好《台账》", "，三项任务", "，每月通报"])
def test_a_fact_makes_it_worth_reading(fact: str) -> None:
    assert tell(RULES, EMPTY.replace("，深入", f"{fact}，深入")) == []


def test_a_short_sentence_is_left_alone() -> None:
    assert tell(RULES, "进一步加强领导，切实提高认识，持续推进落实，不断强化担当。") == []


def test_one_hint_to_a_paragraph_and_few_to_a_text() -> None:
    assert len(find(RULES, EMPTY * 3)) == 1
    assert len(find(RULES, f"{EMPTY}\n" * (MOST + 3))) == MOST


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"不断"', '"切实"', "重复"),
        ("\n[[fact]]", "\n[[facts]]", "不认识"),
        ('"台账"', '"不断"', "写了两次"),
        ("words = ", "word = ", "缺少"),
    ],
)
def test_a_slip_in_the_table_is_named(old: str, new: str, problem: str) -> None:
    table = bundled(TABLE)
    assert old in table.text
    with pytest.raises(TableError, match=problem):
        rules(Table(table.name, table.text.replace(old, new, 1)))
