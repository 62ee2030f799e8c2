"""What a message points at: the numbers it names, resolved against the list the user is looking at."""

from __future__ import annotations

from handlers import texts
from handlers.asking import ABOUT
from handlers.context import Context
from handlers.dialogue import Turn, View
from handlers.notebook import Line
from handlers.reply import Item, ItemType
from knowledge.library import Library
from knowledge.model import Passage

ASIDE = frozenset({"choices", "sources", "confirm", "kept", "draft", "favourites", "check", "similar", "basis", *ABOUT})
"""Views that show no entries of the library's own to point at."""


def resolve(number: int, count: int) -> int | None:
    """Return the place in a list of ``count`` that a number means (-1: the last, 0: the one just shown)."""
    place = count if number in {-1, 0} else number
    return place if 1 <= place <= count else None


def resolve_all(context: Context, count: int, unit: str = "条") -> tuple[int, ...] | Turn:
    """Return the places the message names in a list of ``count``, or the turn that says which numbers there are."""
    places = [resolve(number, count) for number in context.reference]
    if not count or None in places:
        return context.say(texts.out_of_range(count, unit) if count else texts.NO_LIST, found=False)
    return tuple(place for place in places if place is not None)


def find_view(context: Context) -> View | None:
    """Return the newest view that lists entries of the library."""
    return next((view for view in reversed(context.session.views) if view.kind not in ASIDE), None)


def find_listed(context: Context) -> tuple[tuple[int, ...], tuple[str, ...]] | Turn:
    """Return the numbers and ids of the entries the message points at: without a reference, those shown last."""
    view = find_view(context)
    if view is None:
        return context.say(texts.NOTHING_OPEN, found=False)
    if view.kind == "outline":
        return (), (f"{view.ids[view.start]}#",)
    if view.kind == "section":
        return (), (f"{view.param('report')}#{view.param('node')}",)
    if view.kind == "headings":
        return (), (view.ids[view.start],)
    if not context.reference:
        first = 0 if view.kind == "original" else view.start
        numbers = tuple(range(first + 1, len(view.ids) + 1))
    else:
        places = resolve_all(context, len(view.ids))
        if isinstance(places, Turn):
            return places
        numbers = places
    return numbers, tuple(view.ids[number - 1] for number in numbers)


def line_of(passage: Passage) -> Line:
    """Return a passage as a line to be kept, with its source."""
    return Line(passage.text, passage.id, passage.sources[0], passage.topics, passage.role.value)


def mark_line(line: Line, library: Library, year: int) -> tuple[str, ...]:
    """Return the warnings a kept line needs in ``year``; the user's own words get none of a corpus line."""
    return library.marks(line.text, line.source.year, year) if line.source else ()


def line_item(n: int | None, line: Line, library: Library, year: int) -> Item:
    """Return a kept line as an item of a reply."""
    sources = (line.source,) if line.source else ()
    return Item(ItemType.LINE, line.text, n, sources=sources, marks=mark_line(line, library, year))
