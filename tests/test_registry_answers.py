"""Answers from the registry: in the form agreed, worded by rank, never invented, and every move leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rendering import render
from handlers import registry
from handlers.asking import ABOUT, inquiry_of, understand_question, view_of
from handlers.dialogue import Message, Session, Turn, Understanding, View
from handlers.grammar import Grammar
from handlers.reply import Moves, Reply
from handlers.routing import Dialogue
from knowledge.formulations import Status
from knowledge.library import Library
from knowledge.registry import Registry
from knowledge.regulations import STRENGTHS
from knowledge.tableset import TableSet

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
YEAR = 2026
HEADS = ("【提法】", "【时效】", "【用词】", "【规定】", "【格式】", "【区别】")
ENDINGS = {
    "例句": {"phrase"},
    "是什么": {"term"},
    "还能用吗": {"validity"},
    "区别": {"difference"},
    "提纲": {"outline"},
}


def understanding(about: str, **slots: list[str]) -> Understanding:
    return Understanding(about, 1.0, dict(slots))


def every_question(tables: Registry) -> Iterator[Understanding]:
    """Yield a question for each entry of each table."""
    for formulation in tables.formulations.entries:
        yield understanding("term", formulations=[formulation.term])
        yield understanding("validity", formulations=[formulation.term])
    for campaign in tables.validity.campaigns:
        yield understanding("term", campaigns=[campaign.name])
        yield understanding("validity", campaigns=[campaign.name])
    for meeting in tables.validity.meetings:
        yield understanding("term", meetings=[meeting.name])
        yield understanding("validity", meetings=[meeting.name])
    yield from (understanding("validity", yearly=[yearly.name]) for yearly in tables.validity.yearly)
    yield from (understanding("rule", rules=[rule.item]) for rule in tables.rules.entries)
    yield from (understanding("format", layouts=[layout.item]) for layout in tables.layouts.entries)
    yield understanding("format", layouts=[layout.item for layout in tables.layouts.overview])
    yield from (understanding("difference", differences=[entry.name]) for entry in tables.differences.entries)
    yield understanding("difference", kinds=["调研报告", "党课讲稿"])
    yield from (understanding("usage", usages=[usage.name]) for usage in tables.usages.entries)


def present(asked: Understanding, library: Library) -> Reply:
    view = view_of(asked, YEAR)
    return registry.PRESENT[view.kind](view, library, YEAR)


def say(dialogue: Dialogue, text: str) -> Turn:
    return dialogue.respond(Message("test", "u", text, NOW), Session(day=NOW.date().isoformat()))


def moves(reply: Reply) -> tuple[str, ...]:
    return next(block.options for block in reply.blocks if isinstance(block, Moves))


# ---- every entry ----


def test_every_entry_is_answered_on_one_page_with_its_basis(library: Library) -> None:
    asked = 0
    for question in every_question(library.registry):
        reply = present(question, library)
        pages = render(reply)
        assert reply.found, question
        assert len(pages) == 1, question
        assert pages[0].startswith(HEADS), question
        assert "\n依据：" in pages[0], question
        assert len(pages[0]) <= 650, question
        assert "None" not in pages[0]
        assert "。。" not in pages[0].replace("？。", "")
        asked += 1
    assert asked > 600


def test_every_answer_says_on_what_it_rests_when_asked(library: Library) -> None:
    for question in every_question(library.registry):
        view = replace(view_of(question, YEAR), kind=registry.BASIS)
        reply = registry.present_basis(view, library, YEAR)
        assert reply.total >= 1
        assert render(reply)[0].startswith("【出处】规范库\n")


def test_a_stored_view_shows_the_same_answer_again(library: Library) -> None:
    for question in every_question(library.registry):
        session = Session().push(view_of(question, YEAR))
        view = Session.from_json(session.to_json()).view
        assert view is not None
        assert registry.PRESENT[view.kind](view, library, YEAR) == present(question, library)


def test_every_move_of_an_answer_leads_to_what_it_says(dialogue: Dialogue, library: Library) -> None:
    offered = {move for question in every_question(library.registry) for move in moves(present(question, library))}
    assert len(offered) > 300
    for move in sorted(offered - {"出处"}):
        turn = say(dialogue, move)
        ending = next((ending for ending in ENDINGS if move.endswith(ending)), "")
        assert turn.understanding.intent in ENDINGS.get(ending, set(ABOUT)), (move, turn.understanding)
        assert turn.reply is not None
        assert turn.reply.found, move


# ---- wording by rank ----


def test_only_what_was_seen_word_for_word_is_given_as_a_quotation(library: Library) -> None:
    for entry in library.registry.formulations.entries:
        if entry.kind in {"学习教育", "会议"}:
            continue
        head = render(present(understanding("term", formulations=[entry.term]), library))[0].partition("\n")[0]
        if entry.expansion is None:
            assert head == f"【提法】{entry.term}"
        else:
            assert ("大意" in head) is not entry.quotable, entry.term
            assert head.endswith(entry.expansion)


def test_standing_is_said_in_the_answer(library: Library) -> None:
    said = {
        Status.CURRENT: "现行",
        Status.SUPERSEDED: "已被“",
        Status.LOCAL: "地方（单位）提法",
        Status.UNSETTLED: "是否沿用没有核定",
        Status.HISTORICAL: "历史提法",
    }
    for entry in library.registry.formulations.entries:
        if entry.kind not in {"学习教育", "会议"}:
            text = render(present(understanding("validity", formulations=[entry.term]), library))[0]
            assert said[entry.status] in text, entry.term


def test_a_rule_is_stated_as_one_only_where_it_is_one(library: Library) -> None:
    for rule in library.registry.rules.entries:
        text = render(present(understanding("rule", rules=[rule.item]), library))[0]
        assert rule.clause in text
        assert ("各处说法不一，不作规定引用" in text) is not rule.settled
        assert ("旧规的数字" in text) is bool(rule.outdated)
        assert ("字句有待核对" in text) is (rule.confidence != "high")


def test_standard_and_usage_are_told_apart(library: Library) -> None:
    for layout in library.registry.layouts.entries:
        text = render(present(understanding("format", layouts=[layout.item]), library))[0]
        assert layout.strength in STRENGTHS
        assert ("实务做法，国标没有规定" in text) is (layout.strength == "实务" or layout.clause is None), layout.item
    overview = render(
        present(understanding("format", layouts=[e.item for e in library.registry.layouts.overview]), library)
    )
    standard, _, usage = overview[0].partition("实务（国标没有规定）：")
    assert "国标不给磅值" in usage
    assert "国标不给磅值" not in standard


def test_a_difference_without_a_regulation_is_called_usage(library: Library) -> None:
    for entry in library.registry.differences.entries:
        text = render(present(understanding("difference", differences=[entry.name]), library))[0]
        assert ("依据：实务通常如此" in text) is (entry.basis == "实务"), entry.name


# ---- what is asked ----


def test_the_examples_of_each_intent_are_understood(grammar: Grammar, library: Library) -> None:
    intents = [intent for intent in grammar.intents if intent.name in ABOUT]
    assert {intent.name for intent in intents} == set(ABOUT)
    for intent in intents:
        for example in intent.examples:
            asked = understand_question(library.questions.normalize(example), grammar, library)
            assert asked is not None, example
            assert asked.intent == intent.name, example


@pytest.mark.parametrize(
    "message",
    [
        "党建工作总结提纲",
        "意识形态怎么写",
        "三会一课规范表述",
        "三会一课落实情况怎么表述",
        "两个确立 两个维护 怎么放进去",
        "主题党日",
        "双报到",
        "一岗双责",
        "党的二十大",
        "要一个跟去年不一样的党建总结结构",
        "给我word格式的提纲",
        "排比句式的二级标题，四条",
        "帮我编几个数据，开展活动多少次",
        "发展党员那段怎么写",
        "请示报告制度",
        "更多",
        "我把报告发你，帮我看看",
    ],
)
def test_what_asks_the_registry_nothing_is_left_alone(message: str, grammar: Grammar, library: Library) -> None:
    assert understand_question(library.questions.normalize(message), grammar, library) is None


@pytest.mark.parametrize(
    ("message", "year"),
    [
        ("主题教育还能写吗", 2026),
        ("去年的总结能写主题教育吗", 2025),
        ("写2023年的总结，主题教育还能写吗", 2023),
        ("2019年主题教育还能写吗", 2026),
    ],
)
def test_the_year_written_for_is_the_one_said(message: str, year: int, grammar: Grammar, library: Library) -> None:
    asked = understand_question(library.questions.normalize(message), grammar, library)
    assert asked is not None
    assert view_of(asked, YEAR).param("year") == str(year)


@settings(max_examples=200)
@given(name=st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=12))
def test_what_is_not_held_is_never_explained(name: str, grammar: Grammar, library: Library, dialogue: Dialogue) -> None:
    turn = say(dialogue, f"{name}指的是什么")
    assert turn.reply is not None
    text = render(turn.reply)[0]
    if "missing" in turn.understanding.slots:
        assert text.partition("\n")[0].startswith("库内没有“")
        assert "【提法】" not in text
        assert not turn.reply.found


def test_an_entry_that_is_gone_is_not_made_up(library: Library) -> None:
    view = View("term", (("formulations", "曾在覆盖表里的提法"), ("year", "2026")))
    assert inquiry_of(view, library.registry).formulations == ()
    reply = registry.PRESENT["term"](view, library, YEAR)
    assert not reply.found
    assert "不猜" in render(reply)[0]


def test_without_phrases_the_set_phrase_itself_is_given(library: Library, dialogue: Dialogue, tables: TableSet) -> None:
    without = [
        entry.term
        for entry in tables.registry.formulations.entries
        if entry.topic and not library.phrases(replace(library.subject(entry.term), about=entry.term), YEAR)
    ]
    assert without
    for term in without[:5]:
        text = render(say(dialogue, f"{term}例句").reply or Reply(()))[0]
        assert text.startswith(f"库内没有“{term}”的材料，不编。")
        assert "【提法】" in text
