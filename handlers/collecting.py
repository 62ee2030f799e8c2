"""Collect into the draft (加入草稿): an outline becomes its headings, lines find their place under them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from handlers import draft as drafts
from handlers import pointing, skeleton
from handlers.citation import cite
from handlers.confirmation import ask
from handlers.context import Context
from handlers.dialogue import Turn, View
from handlers.drafting import kind_name
from handlers.favourites import keepable
from handlers.notebook import LONGEST_LINE, MOST_LINES, Draft, Line, Part
from handlers.reply import Moves
from handlers.texts import collection

_OUTLINES = frozenset({"outline", *skeleton.KINDS})


def answer_draft_add(context: Context) -> Turn:
    """Answer 加入草稿, 加入1、3, 加入草稿：…: an outline becomes the draft's, lines go under its headings."""
    if (own := context.slot("text")) is not None:
        return _add_own(context, own.strip())
    view = pointing.find_view(context)
    top = context.session.view
    if context.slot("favourites") and not context.notebook.favourites:
        return context.say(collection.NOTHING_TO_KEEP, found=False)
    if context.slot("favourites") or (top is not None and top.kind == "favourites"):
        return _add_favourites(context)
    if view is None:
        return context.say(collection.NOTHING_TO_KEEP, found=False)
    if view.kind in _OUTLINES and not context.reference:
        return _add_outline(context, view)
    if view.kind == "section" and not context.reference and context.notebook.draft.is_empty:
        # The section stands in an outline that was shown: a draft begins with the whole of it.
        whole = next((other for other in reversed(context.session.views) if other.kind in _OUTLINES), None)
        if whole is not None:
            return _add_outline(context, whole)
    if view.kind == "section" and not context.reference:
        return _add_headings(context, _children(context, view))
    if view.kind == "section":
        return _add_chosen_headings(context, view)
    listed = pointing.find_listed(context)
    if isinstance(listed, Turn):
        return listed
    lines = keepable(context, listed[1])
    if view.kind == "headings":
        return _add_headings(context, [Part(line.text, 2) for line in lines])
    if not lines:
        return context.say(collection.NOTHING_TO_KEEP, found=False)
    return _add_lines(context, lines)


def replace_outline(context: Context) -> Turn:
    """Put the outline shown last in place of the draft's, once confirmed; the lines find their new headings."""
    view = pointing.find_view(context)
    if view is None or view.kind not in _OUTLINES:
        return context.say(collection.NOTHING_TO_KEEP, found=False)
    kept = context.notebook.draft
    new = drafts.rearrange(draft_of(context, view), kept.lines, context.library.sense, context.library.related)
    receipt = collection.outline_replaced(kind_name(context, new), len(kept.lines))
    return context.keep(replace(context.notebook, draft=new), receipt, Moves(("看看草稿",)))


def draft_of(context: Context, view: View) -> Draft:
    """Return a draft with the headings of the outline that ``view`` shows."""
    library = context.library
    if view.kind in skeleton.KINDS:
        return skeleton.draft_of_skeleton(view, library)
    report = view.ids[view.start]
    depth = int(view.param("depth") or 2)
    parts = [
        Part(heading.text, heading.level)
        for heading in library.outline(report).headings
        if heading.level <= depth and not heading.ordinal.endswith("是") and library.may_serve(report, heading)
    ]
    source = cite(library.source_of(report))
    return Draft("", view.param("kind") or "", source, drafts.number_parts(parts))


def _add_outline(context: Context, view: View) -> Turn:
    kept = context.notebook.draft
    headings = sum(bool(part.heading) for part in kept.parts)
    if headings:
        return ask(context, "outline", collection.ask_replace(headings, len(kept.lines)))
    new = drafts.rearrange(draft_of(context, view), kept.lines, context.library.sense, context.library.related)
    new = replace(new, title=kept.title)
    receipt = collection.outline_added(kind_name(context, new), len(new.parts))
    return context.keep(replace(context.notebook, draft=new), receipt, Moves(("例句（一）", "看看草稿")))


def _children(context: Context, view: View) -> list[Part]:
    headings = context.library.outline(view.param("report") or "").headings
    children = [headings[int(entry.rpartition("#")[2])] for entry in view.ids]
    return [Part(child.text, child.level) for child in children]


def _add_chosen_headings(context: Context, view: View) -> Turn:
    """Answer 2加入草稿 to a section: the headings of those numbers."""
    children = _children(context, view)
    places = pointing.resolve_all(context, len(children))
    return places if isinstance(places, Turn) else _add_headings(context, [children[place - 1] for place in places])


def _add_headings(context: Context, parts: Sequence[Part]) -> Turn:
    """Put headings into the draft: under the heading they belong to where the draft has it, else at its end."""
    draft = context.notebook.draft
    known = {part.heading for part in draft.parts}
    new = [part for part in parts if part.heading not in known]
    if not draft.is_empty and not any(part.level == 1 for part in draft.parts):
        new = [replace(part, level=1) for part in new]
    view = pointing.find_view(context)
    above = -1
    if view is not None and view.kind == "section":
        heading = context.library.outline(view.param("report") or "").headings[int(view.param("node") or 0)]
        above = next((n for n, part in enumerate(draft.parts) if part.heading == heading.text), -1)
    at = above + 1 if above >= 0 else len(draft.parts)
    merged = drafts.number_parts((*draft.parts[:at], *new, *draft.parts[at:]))
    notebook = replace(context.notebook, draft=replace(draft, parts=merged))
    return context.keep(notebook, collection.headings_added(len(new)), Moves(("看看草稿",)))


def _add_favourites(context: Context) -> Turn:
    kept = context.notebook.favourites
    places = pointing.resolve_all(context, len(kept)) if context.reference else tuple(range(1, len(kept) + 1))
    return places if isinstance(places, Turn) else _add_lines(context, [kept[place - 1] for place in places])


def _add_own(context: Context, text: str) -> Turn:
    if not text:
        return context.say(collection.EMPTY_LINE, found=False)
    if len(text) > LONGEST_LINE:
        return context.say(collection.line_too_long(LONGEST_LINE), found=False)
    topics, role = context.library.sense_text(text)
    return _add_lines(context, [Line(text, "", None, topics, role.value)])


def _seeded(context: Context) -> tuple[Draft, bool]:
    """Return the draft; an empty one begins with the outline the user has been looking at, if any (then ``True``)."""
    draft = context.notebook.draft
    view = next((view for view in reversed(context.session.views) if view.kind in _OUTLINES), None)
    if not draft.is_empty or view is None:
        return draft, False
    return replace(draft_of(context, view), title=draft.title), True


def _add_lines(context: Context, lines: Sequence[Line]) -> Turn:
    draft, seeded = _seeded(context)
    known = {line.text for line in draft.lines}
    new = [line for line in lines if line.text not in known]
    if not new:
        return context.say(collection.already_drafted(len(draft.lines)), Moves(("看看草稿",)))
    if len(draft.lines) + len(new) > MOST_LINES:
        return context.say(collection.draft_full(MOST_LINES), Moves(("看看草稿", "导出")), found=False)
    placed: Counter[str] = Counter()
    for line in new:
        draft, index = drafts.place_line(draft, line, context.library.sense, context.library.related)
        placed[draft.parts[index].heading or (collection.AT_THE_TOP if index == 0 else collection.AT_THE_END)] += 1
    receipt = collection.lines_added([(count, heading) for heading, count in placed.items()], len(draft.lines))
    if seeded:
        receipt = collection.outline_added(kind_name(context, draft), len(draft.parts)) + receipt
    elif not any(part.heading for part in draft.parts):
        receipt = collection.lines_without_outline(len(new), len(draft.lines))
    return context.keep(replace(context.notebook, draft=draft), receipt, Moves(("看看草稿", "导出")))
