"""Ask before something is lost, and do it when the user says yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from handlers.context import Answer, Context
from handlers.dialogue import Turn, View
from handlers.reply import Moves, Paragraph, Reply
from handlers.texts import collection

CONFIRM = "confirm"
"""The kind of view that waits for a yes; its only parameter names what is to be done."""


def ask(context: Context, action: str, question: str) -> Turn:
    """Ask ``question``; a 确认 that follows does ``action``."""
    return context.open(View(CONFIRM, (("action", action),)), Reply((Paragraph(question), Moves(("确认", "取消")))))


def answer_confirm(context: Context, actions: Mapping[str, Answer]) -> Turn:
    """Answer 确认: do what was asked about last; without a question it is a word like 好的."""
    view = context.session.view
    action = actions.get(view.param("action") or "") if view is not None and view.kind == CONFIRM else None
    if action is None:
        return context.say(collection.NOTHING_TO_CONFIRM)
    return action(replace(context, session=context.session.pop()))


def answer_cancel(context: Context) -> Turn:
    """Answer 取消, 算了: leave everything as it is."""
    view = context.session.view
    if view is None or view.kind != CONFIRM:
        return context.say(collection.NOTHING_TO_CONFIRM)
    turn = context.say(collection.NOT_CLEARED)
    return replace(turn, session=context.session.pop(), remark=False)
