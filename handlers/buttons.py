"""Buttons (按钮): what a user may press instead of typing, for answers that are mostly followed by one of a few wishes."""

from __future__ import annotations

from dataclasses import replace

from handlers import skeleton
from handlers.dialogue import Turn
from handlers.reply import Buttons, Choices, Moves, Reply, Title
from handlers.texts import buttons as texts

MOST_BUTTONS = 6
MOST_OPTIONS = 10
"""What one card of WeChat Work holds of either; of a longer list the text has the rest."""

_ANSWERS = frozenset({"outline", "phrases", *skeleton.KINDS})
"""Views that get buttons."""

_WISHES = ("展开", "例句（", "换", "更多", "加入草稿")
"""How the moves begin that become buttons, in the order of the buttons."""


def add_buttons(turn: Turn, reply: Reply) -> Reply:
    """Return the reply of a turn, with buttons where it is one that gets them: an outline, phrases, the choice of a kind."""
    view = turn.session.view
    if view is None or turn.page or turn.remark:
        return reply
    found = None
    if view.kind == "choices" and turn.understanding.intent == "outline":
        found = _choice(reply)
    elif view.kind in _ANSWERS:
        found = _answer_actions(view.kind, reply)
    return reply if found is None else replace(reply, buttons=found)


def _choice(reply: Reply) -> Buttons | None:
    options = tuple(item.text for block in reply.blocks if isinstance(block, Choices) for item in block.items)
    return Buttons(texts.WHICH_KIND, options[:MOST_OPTIONS], texts.KIND) if options else None


def _answer_actions(kind: str, reply: Reply) -> Buttons | None:
    moves = [option for block in reply.blocks if isinstance(block, Moves) for option in block.options]
    if kind == "phrases":
        # What goes without saying below a list of phrases.
        moves += ["换一个", "加入草稿"]
    found = [move for wish in _WISHES for move in moves if move.startswith(wish)]
    title = next((block.text for block in reply.blocks if isinstance(block, Title)), texts.NEXT)
    return Buttons(title, tuple(dict.fromkeys(found))[:MOST_BUTTONS]) if found else None
