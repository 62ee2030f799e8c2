"""The table of intents: what is asked in the scripted conversations and in the intents' own examples is understood."""

from __future__ import annotations

import tomllib
from pathlib import Path

from handlers.grammar import Grammar
from knowledge.library import Library
from tests.evaluation.intents import MEANINGS, Miss, find_misses

FOLDER = Path(__file__).parent.parent / "conversations"
DEPENDS_ON_THE_LIST = frozenset({"select", "welcome", "event", "media"})
"""What a message means only with a list open, or without any text."""


def said() -> list[tuple[str, str]]:
    return [
        (step["say"], step["intent"])
        for file in sorted(FOLDER.glob("*.toml"))
        for one in tomllib.loads(file.read_text(encoding="utf-8"))["conversation"]
        for step in one["turn"]
        if "say" in step and step.get("intent", "select") not in DEPENDS_ON_THE_LIST
    ]


def test_first_understanding_is_right_for_what_the_conversations_say(library: Library, grammar: Grammar) -> None:
    messages = said()
    # 继续 with wishes waiting means the next wish; everything else means by itself what it means in its conversation.
    misses = [miss for miss in find_misses(messages, grammar, library) if miss.text not in {"继续", "好的"}]
    assert len(messages) > 200
    assert len(misses) <= 0.03 * len(messages), misses


def test_a_miss_is_counted(library: Library, grammar: Grammar) -> None:
    assert find_misses([("三会一课怎么写", "outline")], grammar, library) == [
        Miss("三会一课怎么写", "outline", "phrase")
    ]


def test_meanings_name_intents_that_exist(grammar: Grammar) -> None:
    known = {intent.name for intent in grammar.intents} | {
        "fallback",
        "menu",
        "empty",
        "opening",
        "closing",
        "problem",
        "cause",
        "plan",
    }
    assert {name for names in MEANINGS.values() for name in names} <= known
