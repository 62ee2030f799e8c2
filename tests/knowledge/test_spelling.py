"""Misspelt questions are put right towards known terms; correct ones are left alone."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.library import Library
from knowledge.tableset import TableSet


def corrected(library: Library, text: str) -> str:
    return library.questions.correct(library.questions.normalize(text))[0]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("三会一棵", "三会一课"),
        ("主题党曰", "主题党日"),
        ("党见工作提刚", "党建工作提纲"),
        ("党建工作总洁", "党建工作总结"),
        ("意识形太怎么写", "意识形态怎么写"),
        ("党风连政", "党风廉政"),
        ("述值报告框架", "述职报告框架"),
        ("民主评义党员", "民主评议党员"),
        ("作风建射的例巨", "作风建设的例句"),
        ("会报材料", "汇报材料"),
    ],
)
def test_homophones_and_lookalikes_are_put_right(library: Library, typed: str, meant: str) -> None:
    assert corrected(library, typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "三会一课怎么写",
        "注重实效",
        "民兵训练",
        "村规民约",
        "营商环境",
        "廉政短信",
        "群众满意率",
        "网评员",
        "工会",
        "今天天气怎么样",
        "党员大会",
    ],
)
def test_words_of_their_own_are_left_alone(library: Library, text: str) -> None:
    assert library.questions.correct(text) == (text, ())


def test_every_name_of_the_tables_is_left_alone(library: Library) -> None:
    changed = {
        name: library.questions.correct(name)[0]
        for name in TableSet.load().names()
        if library.questions.correct(name)[1]
    }
    assert not changed


def test_what_was_changed_comes_back(library: Library) -> None:
    text, corrections = library.questions.correct("三会一棵怎么写")
    assert text == "三会一课怎么写"
    assert [(entry.wrong, entry.right) for entry in corrections] == [("三会一棵", "三会一课")]


def test_long_paste_is_not_bent(library: Library) -> None:
    text = "三会一棵" * 20
    assert library.questions.correct(text) == (text, ())


@given(text=st.text(max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back_at_its_length(text: str, library: Library) -> None:
    changed, corrections = library.questions.correct(text)
    if not corrections:
        assert changed == text
    for correction in corrections:
        assert correction.right in changed or len(corrections) > 1
