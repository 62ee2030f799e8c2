"""Extract (拆提纲): the outline of a text the user brings along."""

from __future__ import annotations

from handlers.context import Context
from handlers.dialogue import Turn, View
from handlers.reply import Item, ItemType, Moves, OutlineBlock, Paragraph, Reply, Title
from handlers.texts import extraction as texts
from knowledge.extraction import extract_headings, shorten


def answer_extract(context: Context) -> Turn:
    """Answer 拆成提纲：…: the headings of the text, numbers as they stand."""
    text = context.slot("text")
    if not text:
        return context.say(texts.NOTHING_TO_EXTRACT, found=False)
    headings = extract_headings(text)
    if not headings:
        return context.say(texts.NO_NUMBERS, found=False)
    items = tuple(
        Item(ItemType.OUTLINE_NODE, shorten(heading.text), level=heading.level, ordinal=heading.ordinal or None)
        for heading in headings
    )
    blocks = (
        Title(texts.title(len(items))),
        OutlineBlock(items),
        Paragraph(texts.NOT_KEPT),
        Moves(("党建工作总结提纲", "小标题")),
    )
    return context.open(View("kept"), Reply(blocks, total=len(items)))
