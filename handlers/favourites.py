"""Favourites (收藏): lines a user keeps, each with its source, until he deletes them."""

from __future__ import annotations

from dataclasses import replace

from handlers import pointing, texts
from handlers.confirmation import ask
from handlers.context import Context
from handlers.dialogue import Turn, View
from handlers.notebook import MOST_FAVOURITES, Line
from handlers.reply import Moves, Paragraph, PassageBlock, Reply, Title
from handlers.texts import collection

PAGE = 5
"""Favourites shown at once."""


def answer_favourite_add(context: Context) -> Turn:
    """Answer 收藏, 收藏2: keep the passages pointed at, or those shown last."""
    listed = pointing.find_listed(context)
    if isinstance(listed, Turn):
        return listed if pointing.find_view(context) else context.say(collection.NOTHING_TO_KEEP, found=False)
    lines = keepable(context, listed[1])
    if not lines:
        return context.say(collection.NOTHING_TO_KEEP, found=False)
    kept = context.notebook.favourites
    new = tuple(line for line in lines if all(line.text != other.text for other in kept))
    if not new:
        return context.say(collection.already_kept(len(lines)), Moves(("我的收藏",)))
    if len(kept) + len(new) > MOST_FAVOURITES:
        return context.say(collection.favourites_full(MOST_FAVOURITES), Moves(("我的收藏",)), found=False)
    favourites = (*kept, *new)
    receipt = collection.favoured(len(new), len(favourites))
    return context.keep(replace(context.notebook, favourites=favourites), receipt, Moves(("我的收藏", "加入草稿")))


def keepable(context: Context, identifiers: tuple[str, ...]) -> tuple[Line, ...]:
    """Return the passages, or the headings of a set, among what ``identifiers`` name, as lines to be kept."""
    lines = tuple(pointing.line_of(passage) for passage in context.library.passages(identifiers))
    if lines:
        return lines
    view = pointing.find_view(context)
    if view is None or view.kind != "headings":
        return ()
    found = context.library.heading_set(identifiers[0])
    return tuple(
        Line(heading.text, "", context.library.source_of(found.source.report, heading.index))
        for heading in found.headings
    )


def answer_favourite_list(context: Context) -> Turn:
    """Answer 我的收藏."""
    if not context.notebook.favourites:
        return context.say(collection.NO_FAVOURITES, found=False)
    view = View("favourites")
    return context.open(view, present_favourites(view, context))


def present_favourites(view: View, context: Context) -> Reply:
    """Show one page of the favourites, from ``view.start`` on."""
    kept = context.notebook.favourites
    start = view.start if view.start < len(kept) else 0
    page = kept[start : start + PAGE]
    if not page:
        return Reply((Paragraph(collection.NO_FAVOURITES),), found=False)
    items = tuple(pointing.line_item(n, line, context.library, context.year) for n, line in enumerate(page, start + 1))
    more = ("更多",) if start + PAGE < len(kept) else ()
    return Reply(
        (
            Title(collection.favourites_title(start + 1, start + len(page), len(kept))),
            PassageBlock(items),
            Moves((*more, f"{start + 1}加入草稿", f"删掉收藏{start + 1}")),
        ),
        total=len(kept),
    )


def turn_page(context: Context, view: View, step: int) -> Turn:
    """Answer 更多 and 上一页 in the favourites."""
    start = view.start + step * PAGE
    if not 0 <= start < len(context.notebook.favourites):
        return context.say(texts.ENTIRE_TEXT_SHOWN if step > 0 else texts.FIRST_PAGE)
    view = replace(view, start=start)
    return context.go_on(view, present_favourites(view, context))


def answer_favourite_delete(context: Context) -> Turn:
    """Answer 删掉收藏3, 清空收藏 (asks first)."""
    kept = context.notebook.favourites
    if not kept:
        return context.say(collection.NO_FAVOURITES, found=False)
    if context.slot("all"):
        return ask(context, "favourites", collection.ask_clear_favourites(len(kept)))
    if not context.reference:
        return answer_favourite_list(context)
    places = pointing.resolve_all(context, len(kept))
    if isinstance(places, Turn):
        return places
    left = tuple(line for n, line in enumerate(kept, 1) if n not in places)
    receipt = collection.deleted(places, "收藏", len(left))
    return context.keep(replace(context.notebook, favourites=left), receipt, Moves(("我的收藏",) if left else ()))


def clear_favourites(context: Context) -> Turn:
    """Delete every favourite, once confirmed."""
    return context.keep(replace(context.notebook, favourites=()), collection.FAVOURITES_CLEARED)
