"""Help that fits the moment: one line on the first contact of the day, a short choice after several misses in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers import texts
from handlers.dialogue import Turn, View
from handlers.reply import Choices, Item, ItemType, Moves, Paragraph, Reply
from handlers.texts import hints

PATIENCE = 3
"""After so many answers in a row that gave nothing, a short choice is offered."""

_MISSES = frozenset({"fallback", "phrase", "heading", "outline", "term", "validity", "rule", "format", "difference"})
_OPTIONS = ("党建工作总结提纲", "主题党日例句", "小标题", "检查", "帮助")


def offer_help(turn: Turn, misses: int) -> Turn:
    """Count what was not understood or not held; after :data:`PATIENCE` of them offer a choice by number."""
    if turn.reply is None:
        return turn
    if turn.reply.found or turn.understanding.intent not in _MISSES:
        known = turn.reply.found and not turn.remark
        return replace(turn, session=replace(turn.session, misses=0)) if known and turn.session.misses else turn
    if misses + 1 < PATIENCE:
        return replace(turn, session=replace(turn.session, misses=misses + 1))
    items = tuple(Item(ItemType.CHOICE, option, n) for n, option in enumerate(_OPTIONS, 1))
    said = tuple(block for block in turn.reply.blocks if isinstance(block, Paragraph))[:1]
    reply = Reply((*said, Paragraph(hints.TRY_THESE), Choices(items)), found=False, notes=turn.reply.notes)
    session = replace(turn.session.push(View("choices", (), _OPTIONS)), misses=0)
    return replace(turn, reply=reply, session=session, remark=False)


def add_hint(turn: Turn) -> Turn:
    """Add one line that says what can be done with an answer like this one."""
    view, reply = turn.session.view, turn.reply
    hint = hints.OF_VIEW.get(view.kind) if view is not None and reply is not None and reply.found else None
    if reply is None or hint is None:
        return turn
    *body, last = reply.blocks
    blocks = (*body, Paragraph(hint), last) if isinstance(last, Moves) else (*reply.blocks, Paragraph(hint))
    return replace(turn, reply=replace(reply, blocks=blocks))


def announce_wishes(turn: Turn, wishes: Sequence[str]) -> Turn:
    """Say which wishes of the message come next."""
    if turn.reply is None:
        return turn
    line = Paragraph(texts.wishes_left(wishes))
    return replace(turn, reply=replace(turn.reply, blocks=(*turn.reply.blocks, line)))
