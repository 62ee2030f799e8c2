"""Buttons (按钮): what a user may press instead of typing, for answers that are mostly followed by one of a few wishes."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from handlers import skeleton
from handlers.dialogue import Session, Turn, View
from handlers.reply import Buttons, Choices, Moves, Reply, Title
from handlers.texts import buttons as texts

MOST_BUTTONS = 6
MOST_OPTIONS = 10
"""What one card of WeChat Work holds of either; of a longer list the text has the rest."""

_VERSIONED = frozenset({"outline", *skeleton.KINDS})
"""Views whose ``start`` is the version that is shown."""

_ANSWERS = frozenset({"phrases", *_VERSIONED})
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
        found = _answer_actions(view, reply)
    return reply if found is None else replace(reply, buttons=found)


def _choice(reply: Reply) -> Buttons | None:
    options = tuple(item.text for block in reply.blocks if isinstance(block, Choices) for item in block.items)
    return Buttons(texts.WHICH_KIND, options[:MOST_OPTIONS], texts.KIND) if options else None


def bring_up(session: Session, mark: str) -> Session | None:
    """Return the session with what a pressed button was about on top, in the version it stood under; ``None`` where that is
    no longer among what the user has been looking at.
    """
    name, _, version = mark.partition("-")
    for place in reversed(range(len(session.views))):
        view = session.views[place]
        if _name(view) != name:
            continue
        if view.kind in skeleton.KINDS or (view.kind in _VERSIONED and int(version) < len(view.ids)):
            view = replace(view, start=int(version))
        return session if view == session.view else session.lift(place, view)
    return None


def _mark(view: View) -> str:
    return f"{_name(view)}-{view.start if view.kind in _VERSIONED else 0}"


def _name(view: View) -> str:
    """Return what tells a view from others; how deep or how far it has been opened makes no other of it."""
    about = [param for param in view.params if param[0] != "depth"]
    return hashlib.blake2b(repr((view.kind, about)).encode(errors="replace"), digest_size=5).hexdigest()


def _answer_actions(view: View, reply: Reply) -> Buttons | None:
    moves = [option for block in reply.blocks if isinstance(block, Moves) for option in block.options]
    if view.kind == "phrases":
        # What goes without saying below a list of phrases.
        moves += ["换一个", "加入草稿"]
    found = [move for wish in _WISHES for move in moves if move.startswith(wish)]
    title = next((block.text for block in reply.blocks if isinstance(block, Title)), texts.NEXT)
    return Buttons(title, tuple(dict.fromkeys(found))[:MOST_BUTTONS], mark=_mark(view)) if found else None
