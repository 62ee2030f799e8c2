"""Another word (换个词): verbs that may stand for one used too often, with what they go with and how many reports say so."""

from __future__ import annotations

from handlers.context import Context
from handlers.dialogue import Turn, View
from handlers.reply import Choices, Item, ItemType, Moves, Paragraph, Reply, Title
from handlers.texts import words as texts
from knowledge.library import Library
from knowledge.words import WordGroup

MOST = 8
"""Words given at once."""


def answer_synonym(context: Context) -> Turn:
    """Answer 抓实的近义词, 换个词“加强”, 形容党员积极的四字词."""
    word, library = context.slot("word") or "", context.library
    groups = library.words.alternatives(word) if word else ()
    groups = groups or library.words.about(context.slot("about") or "")
    if not groups:
        return context.lacks("synonym", texts.none(word), Moves(("小标题",)))
    others = dict.fromkeys(other for group in groups for other in group.words if other != word)
    items = tuple(
        Item(ItemType.LINE, _with_objects(library, other), n) for n, other in enumerate(list(others)[:MOST], 1)
    )
    blocks = (Title(texts.title(word, _meaning(groups))), Choices(items), Paragraph(texts.SOURCE), Moves(("小标题",)))
    return context.open(View("kept"), Reply(blocks, total=len(items)))


def _meaning(groups: tuple[WordGroup, ...]) -> str:
    return "；".join(group.meaning for group in groups)


def _with_objects(library: Library, word: str) -> str:
    objects = library.words.objects(word)
    used = {f"{word}{thing}": library.usage(f"{word}{thing}") for thing in objects} or {word: library.usage(word)}
    counted = [texts.used(pair, count) for pair, count in used.items()]
    return f"{word}：{'、'.join(counted)}" if objects else counted[0]
