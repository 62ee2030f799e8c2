"""Whether what the user is looking at can still be written (这个还能用吗): its dated wording, each with why and by what."""

from __future__ import annotations

from handlers import registry
from handlers.context import Context
from handlers.dialogue import Turn
from handlers.followup import show
from handlers.pointing import find_view
from handlers.reply import Moves, Paragraph, Reply, Title
from handlers.texts import currency as texts
from handlers.texts.registry import basis

MOST = 4
"""Dated wordings told at once; more are a wall of text."""


def answer_validity(context: Context) -> Turn:
    """Answer 还能用吗 about what the question names, or about the entries shown last where it only points at them."""
    view = find_view(context) if context.understanding.slots.get("shown") else None
    reply = show(context, view) if view is not None else None
    items = [item for item in reply.items if item.text] if reply is not None else []
    if context.reference:
        items = [item for item in items if item.n in context.reference]
    if view is None or not items:
        return registry.answer_validity(context)
    validity = context.library.registry.validity
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for item in items:
        written = item.sources[0].year if item.sources else None
        for mark in validity.marks(item.text, written, year=context.year):
            found.setdefault(mark.note, (item.text[mark.start : mark.end], mark.source))
    if not found:
        return context.say(texts.NOT_DATED)
    lines = [Paragraph(texts.dated(words, note)) for note, (words, _) in found.items()]
    sources = [source for _, (_, named) in found.items() for source in named]
    first, *others = lines[:MOST]
    more = (Paragraph(texts.more(len(lines) - MOST)),) if len(lines) > MOST else ()
    moves = ("更多", "出处") if view.kind == "phrases" else ("出处",)
    blocks = (Title(texts.title(context.year)), first, *others, *more, Paragraph(basis(sources)), Moves(moves))
    return Turn(Reply(blocks, total=len(found)), context.session, context.understanding)
