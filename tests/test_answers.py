"""Everything the bot can be asked for by name is asked for, read to the last page, and held against the gate's tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.rendering import render
from handlers.dialogue import Message, Session
from handlers.routing import Dialogue
from knowledge.corpus.gate import Decision
from knowledge.tableset import TableSet

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
MOST_PAGES = 40

# Written apart from the gate on purpose: what no reader may ever see, wherever it comes from.
FORBIDDEN = re.compile(
    r"##|paidbegin|paidend|某某|[XxＸ]{2}|(?<![【A-Za-z])[XxＸ](?![A-Za-z个次名元项篇条件场份人堂批期月】%])|\*|36827|160余"
    r"|党的二十精神|洗礼重要讲话|坚持以思想为指导|学习贯彻思想|用思想凝心|同某|某域|党委织|不取腐|交纳交纳|四个个|不平均衡|更具实际"
    r"|活动的是改造|在职名党员|意识形态域|警示教录|真碰硬整治(?<!动真碰硬整治)|重实效、建新功|，。|选配和20|党支工作|围绕展开走访|门局"
)


def names(tables: TableSet) -> Iterator[str]:
    for topic in tables.topics.topics:
        yield from (f"{topic.name}怎么写", f"{topic.name}小标题", f"{topic.name} 300字")
    for term in tables.topics.terms:
        yield f"{term.name}例句"
    for kind in tables.kinds.kinds:
        yield from (f"{kind.id}提纲", f"{kind.id} 三级提纲")
    yield from (
        "开头怎么写",
        "主要做法怎么写",
        "工作成效怎么写",
        "存在问题怎么写",
        "原因分析",
        "下一步打算",
        "结尾怎么写",
    )
    yield from ("小标题", "存在问题小标题", "下一步小标题", "帮助", "提纲")


def pages(dialogue: Dialogue, text: str) -> Iterator[str]:
    """Yield everything an answer leads to: its pages, the further entries, their originals and sources."""
    session = Session()
    for number in range(MOST_PAGES):
        said = text if number == 0 else "更多"
        turn = dialogue.respond(Message("test", "u", said, NOW), session)
        assert turn.reply is not None
        shown = render(turn.reply)
        yield shown[turn.page]
        session = replace(turn.session, page=turn.page, pages=len(shown)) if not turn.remark else turn.session
        if turn.remark or not turn.reply.items:
            return
        for aside in ("原文1", "原文最后一条", "出处", "展开一", "换一个"):
            other = dialogue.respond(Message("test", "u", aside, NOW), session).reply
            yield from render(other) if other else ()
        if turn.understanding.intent == "more" and session.view is not None and session.view.kind == "choices":
            return


def test_no_answer_holds_a_wrong_form(dialogue: Dialogue, tables: TableSet) -> None:
    # Cues first: a hundred and more patterns over some megabytes would take a minute.
    entries = [entry for entry in tables.gate.entries if entry.decide(2023) in {Decision.REPAIR, Decision.WITHHOLD}]
    seen: set[str] = set()
    asked = 0
    for name in names(tables):
        asked += 1
        for page in pages(dialogue, name):
            if page in seen:
                continue
            seen.add(page)
            assert len(page.encode()) <= 2048
            assert not FORBIDDEN.search(page), (name, FORBIDDEN.search(page), page)
            for line in page.splitlines():
                wrong = [entry.id for entry in entries if entry.occurs(line) and entry.pattern.search(line)]
                assert not wrong, (name, wrong, line)
    assert asked > 200
    assert len(seen) > 200


@pytest.mark.parametrize("name", ["意识形态怎么写", "党建工作总结提纲", "小标题", "存在问题怎么写"])
def test_every_line_served_carries_a_source(dialogue: Dialogue, name: str) -> None:
    turn = dialogue.respond(Message("test", "u", name, NOW), Session())
    assert turn.reply is not None
    assert turn.reply.items
    for item in turn.reply.items:
        assert item.sources
        assert item.sources[0].report
        assert item.sources[0].title


def test_an_answer_is_a_function_of_its_message(dialogue: Dialogue, tables: TableSet) -> None:
    for name in names(tables):
        message = Message("test", "u", name, NOW)
        assert dialogue.respond(message, Session()) == dialogue.respond(message, Session())
