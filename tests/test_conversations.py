"""Every conversation in ``tests/conversations`` is held with the real knowledge base and compared turn by turn."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.rendering import render
from handlers.dialogue import LARGEST_SESSION, Message, MessageKind, Session, Turn
from handlers.grammar import Grammar
from handlers.notebook import Notebook
from handlers.routing import HANDLERS, Dialogue

FOLDER = Path(__file__).parent / "conversations"
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
KEYS = {
    "say",
    "event",
    "intent",
    "found",
    "has",
    "lacks",
    "items",
    "total",
    "slots",
    "same_as_first",
    "silent",
    "later",
    "files",
    "document",
    "kept",
    "drafted",
}
"""What a turn may say: ``later`` hours have passed before it, ``files``: the channel takes files; then what is expected."""


def conversations() -> list[Any]:
    return [
        pytest.param(entry, id=f"{file.stem}:{entry['name']}")
        for file in sorted(FOLDER.glob("*.toml"))
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["conversation"]
    ]


def shown(turn: Turn) -> str:
    return render(turn.reply)[turn.page] if turn.reply else ""


@pytest.mark.parametrize("conversation", conversations())
def test_conversation(conversation: dict[str, Any], dialogue: Dialogue) -> None:
    session, notebook, now = Session(day=NOW.date().isoformat()), Notebook(), NOW
    first = ""
    for step in conversation["turn"]:
        assert set(step) <= KEYS, f"unknown expectation in {step}"
        kind = MessageKind(step["event"]) if "event" in step else MessageKind.TEXT
        if hours := step.get("later"):
            # A session lives two hours, a notebook half a year.
            now += timedelta(hours=hours)
            session = Session() if hours >= 2 else session
        message = Message("test", "u", step.get("say", ""), now, kind, takes_files=step.get("files", False))
        stored = session.to_json()
        assert len(stored.encode()) <= LARGEST_SESSION
        turn = dialogue.respond(message, Session.from_json(stored), Notebook.from_json(notebook.to_json()))
        notebook = notebook if turn.notebook is None else turn.notebook
        check_notebook(step, notebook)
        pages = render(turn.reply) if turn.reply else ()
        text = shown(turn)
        first = first or text
        check(step, turn, text, first)
        assert all(len(page.encode()) <= 2048 for page in pages)
        session = turn.session
        if not (turn.remark and len(pages) == 1):
            session = replace(session, page=turn.page, pages=max(1, len(pages)))


def check_notebook(step: dict[str, Any], notebook: Notebook) -> None:
    if "kept" in step:
        assert len(notebook.favourites) == step["kept"], step
    if "drafted" in step:
        assert len(notebook.draft.lines) == step["drafted"], step


def check(step: dict[str, Any], turn: Turn, text: str, first: str) -> None:
    where = f"\n{step}\n-> {turn.understanding}\n{text}"
    if step.get("silent"):
        assert turn.reply is None, where
        return
    assert turn.reply is not None, where
    if "intent" in step:
        assert turn.understanding.intent == step["intent"], where
    for name, value in step.get("slots", {}).items():
        assert turn.understanding.slots.get(name) == value, where
    if "found" in step:
        assert turn.reply.found is step["found"], where
    if "items" in step:
        assert len(turn.reply.items) == step["items"], where
    if "total" in step:
        assert turn.reply.total == step["total"], where
    for part in step.get("has", ()):
        assert part in text, f"missing {part!r}{where}"
    for part in step.get("lacks", ()):
        assert part not in text, f"unwanted {part!r}{where}"
    if "document" in step:
        assert (turn.reply.document is not None) is step["document"], where
    if step.get("same_as_first"):
        assert text == first, where


def test_every_intent_is_held_in_some_conversation() -> None:
    said = {
        step["intent"]
        for file in FOLDER.glob("*.toml")
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["conversation"]
        for step in entry["turn"]
        if "intent" in step
    }
    assert {handler.intent for handler in HANDLERS} | {"select", "fallback"} <= said


def test_every_intent_has_a_handler_and_its_examples_reach_it(dialogue: Dialogue, grammar: Grammar) -> None:
    answered = {handler.intent for handler in HANDLERS} | {"select"}
    for intent in grammar.intents:
        assert intent.name in answered
        assert intent.examples, intent.name
        for example in intent.examples:
            turn = dialogue.respond(Message("test", "u", example, NOW), Session())
            assert turn.understanding.intent == intent.name, example
