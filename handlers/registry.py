"""Answers from the registry (规范库): set phrases, validity, usage, rules, layout, differences. Nothing in it is made up."""

from __future__ import annotations

from dataclasses import replace

from handlers import rules, terms
from handlers.asking import DIFFERENCE, FORMAT, RULE, TERM, USAGE, VALIDITY, entries_named, inquiry_of, view_of
from handlers.context import Context, Present
from handlers.dialogue import Turn, Understanding, View
from handlers.reply import Choices, Item, ItemType, Moves, Paragraph, Reply, Title
from handlers.texts import not_in_library
from handlers.texts import registry as texts
from knowledge.library import Library

PRESENT: dict[str, Present] = {
    TERM: terms.present_term,
    VALIDITY: terms.present_validity,
    USAGE: rules.present_usage,
    RULE: rules.present_rule,
    FORMAT: rules.present_format,
    DIFFERENCE: rules.present_difference,
}
"""How each kind of view of the registry is shown."""

MOST_NEW = 12
FEW_NEW = 4
"""How many new set phrases are listed at most; of fewer than the second those of the year before are added."""

BASIS = "basis"
"""The kind of view that shows what such an answer rests on."""


def answer_term(context: Context) -> Turn:
    """Answer 四个意识是什么: what it stands for, or an honest no with the names most like it."""
    missing, since = context.slot("missing"), context.number("new_since")
    if since is not None:
        return _tell_new(context, since)
    if missing is None:
        return _answer(context)
    near = context.library.registry.nearest(missing)
    if not near:
        return context.say(texts.unknown_term(missing), found=False)
    text = Paragraph(texts.unknown_term(missing) + texts.NEAREST)
    return context.offer(text, tuple(f"{name}是什么" for name in near), found=False)


def _tell_new(context: Context, since: int) -> Turn:
    """Answer 今年有哪些新提法: what is in use and known to be from that year or later, each with its source."""
    registry = context.library.registry
    year = since or context.year
    found = registry.newest_since(year)
    if len(found) < FEW_NEW and not since:
        year -= 1
        found = registry.newest_since(year)
    if not found:
        return context.say(texts.nothing_new(year), found=False)
    shown = found[:MOST_NEW]
    items = tuple(
        Item(ItemType.CHOICE, texts.new_term(entry.term, entry.valid_from or "", entry.source[0]), n)
        for n, entry in enumerate(shown, 1)
    )
    notes = (Paragraph(texts.ONLY_WHAT_IS_LISTED),)
    reply = Reply((Title(texts.new_terms(year)), Choices(items), *notes), total=len(shown))
    return context.open(View("choices", (), tuple(f"{entry.term}是什么" for entry in shown)), reply)


def answer_validity(context: Context) -> Turn:
    """Answer 两学一做还能用吗, 二十届几中全会了, 今年是什么学习教育."""
    of_year = context.number("of_year")
    if context.understanding.slots.get("instead"):
        return _answer_instead(context)
    if of_year is None:
        return _answer(context)
    year = of_year or context.year
    held = [entry.name for entry in context.library.registry.validity.campaigns if year in entry.years]
    if not held:
        return context.say(texts.no_campaign(year), found=False)
    slots = {"campaigns": held, "written_for": year}
    return _answer(context, Understanding(VALIDITY, context.understanding.confidence, slots))


def _answer_instead(context: Context) -> Turn:
    """Answer 那应该写什么 after a question about validity: the campaign of the year in place of another, else the same again."""
    view = context.session.view
    if view is None or view.kind not in {VALIDITY, TERM}:
        return context.say(texts.WRITE_WHAT, found=False)
    if not inquiry_of(view, context.library.registry).campaigns:
        return Turn(PRESENT[view.kind](view, context.library, context.year), context.session, context.understanding)
    slots = {"of_year": context.year}
    return answer_validity(replace(context, understanding=replace(context.understanding, slots=slots)))


def answer_usage(context: Context) -> Turn:
    """Answer 截止还是截至."""
    return _answer(context)


def answer_rule(context: Context) -> Turn:
    """Answer 组织生活会一年几次."""
    return _answer(context)


def answer_format(context: Context) -> Turn:
    """Answer 行间距多少磅."""
    return _answer(context)


def answer_difference(context: Context) -> Turn:
    """Answer 请示和报告区别."""
    return _answer(context)


def define(context: Context, name: str) -> Turn | None:
    """Answer with what a set phrase or campaign is, where the library has no phrases on it; ``None``: it is neither."""
    slots = entries_named(name, context.library.registry)
    if not slots:
        return None
    turn = _answer(context, Understanding(TERM, context.understanding.confidence, slots))
    if turn.reply is None:
        return None
    blocks = (Paragraph(not_in_library(name)), *turn.reply.blocks)
    return replace(turn, reply=replace(turn.reply, blocks=blocks, total=0, found=False))


def answer_basis(context: Context, shown: View) -> Turn:
    """Answer 出处 with an answer of the registry open."""
    view = replace(shown, kind=BASIS)
    return context.open(view, present_basis(view, context.library, context.year))


def present_basis(view: View, library: Library, _: int) -> Reply:
    """Show everything that an answer of the registry rests on, entry by entry (出处)."""
    inquiry = inquiry_of(view, library.registry)
    entries = [
        *((entry.term, entry.source) for entry in inquiry.formulations),
        *((entry.name, entry.source) for entry in inquiry.campaigns),
        *((entry.name, entry.source) for entry in inquiry.meetings),
        *((entry.name, entry.source) for entry in inquiry.yearly),
        *((entry.item, entry.source) for entry in inquiry.rules),
        *((entry.item, entry.source) for entry in inquiry.layouts),
        *((entry.name, entry.source) for entry in inquiry.differences),
        *((entry.name, entry.source) for entry in inquiry.usages),
        *((entry.name, entry.source) for entry in inquiry.kinds),
    ]
    if inquiry.session:
        entries += [(entry.name, entry.source) for entry in library.registry.plenums(inquiry.session)]
    lines = (Paragraph(f"{name}：{'；'.join(source)}") for name, source in entries)
    return Reply((Title(texts.BASIS), *lines, Moves(("返回",))), total=len(entries))


def _answer(context: Context, understanding: Understanding | None = None) -> Turn:
    view = view_of(understanding or context.understanding, context.year)
    return context.open(view, PRESENT[view.kind](view, context.library, context.year))
