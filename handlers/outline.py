"""Outlines (提纲): an outline of a kind, another version, and a section of it taken apart (展开)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from handlers import skeleton, texts
from handlers.context import Context
from handlers.dialogue import Turn, View
from handlers.reply import Block, Item, ItemType, Moves, OutlineBlock, Paragraph, Reply, SourceLine, Title
from handlers.shown import remembered
from knowledge.contents import ReportSummary
from knowledge.corpus.numbering import number_of, write_ordinal
from knowledge.library import Library
from knowledge.model import Heading, Source

DEFAULT_DEPTH = 2
DEEPEST = 4
_FORM = frozenset({"depth", "parts", "other", "without_role", "short"})
"""Slots that say how an outline is to look, whatever it is of."""


def answer_outline(context: Context) -> Turn:
    """Answer 党建工作总结提纲: the best outline of the kind, or an honest no with what there is."""
    kind = context.slot("kind") or _usual_kind(context)
    depth = min(context.number("depth") or DEFAULT_DEPTH, DEEPEST)
    view = context.session.view
    if kind is None and view is not None and view.kind == "outline" and context.number("depth"):
        return deepen_outline(context, view, depth)
    if kind is None and _FORM & set(context.understanding.slots):
        # 提纲要六个部分的 names no kind: the one most is held of, with the others a message away.
        kind = next(iter(context.library.kinds_held()), None)
    if kind is None:
        if "topic" in context.understanding.slots or "about" in context.understanding.slots:
            return _no_such_kind(context, context.slot("term") or context.slot("topic") or context.slot("about") or "")
        return _which_kind(context)
    reports = context.library.reports_of_kind(kind)
    if not reports:
        return skeleton.open_skeleton(context, kind) or _no_such_kind(context, context.library.kind_name(kind))
    params = {
        "kind": kind,
        "depth": str(depth),
        "without": context.slot("without_role"),
        "parts": str(context.number("parts") or "") or None,
    }
    ids = tuple(report.id for report in _ordered(context, reports, depth))
    # 跟去年不一样: not the version everybody is given first.
    start = 1 if context.understanding.slots.get("other") and len(ids) > 1 else 0
    view = View("outline", tuple((name, value) for name, value in params.items() if value), ids, start)
    return context.open(view, present_outline(view, context.library, context.year))


def _usual_kind(context: Context) -> str | None:
    """Return the kind the user always writes, where the message names nothing else either."""
    if {"topic", "about"} & set(context.understanding.slots):
        return None
    view = context.session.view
    if context.number("depth") and view is not None and view.kind == "outline":
        return None
    return context.notebook.profile.kind


def _ordered(context: Context, reports: Sequence[ReportSummary], depth: int) -> list[ReportSummary]:
    """Put first what fits the request: as many parts, as many levels, the user's own level; else the library's order."""
    parts, level = context.number("parts"), context.notebook.profile.level

    short = bool(context.understanding.slots.get("short"))

    def misfit(report: ReportSummary) -> tuple[int, int, bool, bool]:
        length = sum(heading.level <= depth for heading in context.library.outline(report.id).headings) if short else 0
        missing = abs(_count_parts(context.library, report.id, parts) - parts) if parts else 0
        other_level = level is not None and level not in (report.unit_level or "")
        return missing, length, context.library.depth(report.id) < depth, other_level

    return sorted(reports, key=misfit)


def _count_parts(library: Library, report: str, wanted: int) -> int:
    """Return how many parts a report has: sections of the first level, or below one of them, whichever is nearer."""
    headings = library.outline(report).headings
    tops = [heading for heading in headings if heading.level == 1]
    counts = [len(tops), *(len(library.children(report, top.index)) for top in tops)]
    return min(counts, key=lambda count: abs(count - wanted))


def change_outline(context: Context, view: View) -> Turn:
    """Answer 换一版: the next version of the kind, from the beginning again after the last."""
    if len(view.ids) < 2:
        library = context.library
        return context.say(texts.single_version([f"{kind}提纲" for kind in library.kinds_held()]))
    view = View(view.kind, view.params, view.ids, (view.start + 1) % len(view.ids))
    return context.go_on(view, present_outline(view, context.library, context.year))


def deepen_outline(context: Context, view: View, depth: int) -> Turn:
    """Answer 三级提纲 with an outline open: the same version with more levels."""
    params = tuple((name, value) for name, value in view.params if name != "depth")
    view = View(view.kind, (*params, ("depth", str(min(depth, DEEPEST)))), view.ids, view.start)
    return context.go_on(view, present_outline(view, context.library, context.year))


@remembered
def present_outline(view: View, library: Library, year: int) -> Reply:
    """Show the version of the outline that ``view.start`` points at."""
    report = library.report(view.ids[view.start])
    depth = int(view.param("depth") or DEFAULT_DEPTH)
    headings = library.outline(report.id).headings
    # Items inside a paragraph (一是) are detail: they show from the third level on, wherever they stand.
    shown = [h for h in headings if h.level <= depth and (depth > DEFAULT_DEPTH or not h.ordinal.endswith("是"))]
    unwanted = view.param("without")
    shown = [heading for heading in shown if not unwanted or _role(library, headings, heading) != unwanted]
    items = tuple(outline_item(heading, library, report, year) for heading in shown)
    if unwanted:
        items = _closed_up(items)
    kind = library.kind_name(view.param("kind") or "")
    renumbered = library.numbers(report.id)
    blocks: list[Block] = [
        Title(texts.outline_title(kind, view.start + 1, len(view.ids))),
        OutlineBlock(items),
        SourceLine((library.source_of(report.id),)),
    ]
    if unwanted:
        blocks.append(Paragraph(texts.left_out(texts.ROLE_NAMES[unwanted])))
    parts = int(view.param("parts") or 0)
    if parts and _count_parts(library, report.id, parts) != parts:
        blocks.append(Paragraph(texts.parts_of(parts)))
    if any(heading.index in renumbered for heading in shown):
        blocks.append(Paragraph(texts.RENUMBERED))
    if missing := _missing_topics(view, library, report):
        blocks.append(Paragraph(texts.missing_topics(missing)))
    blocks.extend(year_notes(items, report, library, year))
    blocks.append(Moves(_outline_moves(view, library, shown, headings, depth)))
    return Reply(tuple(blocks), total=len(view.ids))


def outline_item(heading: Heading, library: Library, report: ReportSummary, year: int) -> Item:
    """Return a heading as an item: counted through where its number repeats, withheld where the gate says so, marked."""
    number = library.numbers(report.id).get(heading.index)
    return Item(
        ItemType.OUTLINE_NODE,
        heading.text if library.may_serve(report.id, heading) else texts.HEADING_WITHHELD,
        level=heading.level,
        ordinal=(write_ordinal(heading.ordinal, number) if number else heading.ordinal) or None,
        sources=(library.source_of(report.id, heading.index),),
        marks=library.marks(heading.text, report.year, year),
    )


def label_of(heading: Heading) -> str:
    """Return a heading's number as one says it: （三） on the second level."""
    return f"（{heading.ordinal}）" if heading.level == 2 and not heading.ordinal.endswith("是") else heading.label


def _outline_moves(
    view: View, library: Library, shown: Sequence[Heading], headings: Sequence[Heading], depth: int
) -> tuple[str, ...]:
    parents = {heading.parent for heading in headings}
    second = [heading for heading in shown if heading.level == 2 and heading.ordinal and number_of(heading.ordinal)]
    moves = []
    if expandable := [heading for heading in second if heading.index in parents]:
        moves.append(f"展开（{expandable[0].ordinal}）")
    elif shown:
        moves.append(f"展开{shown[0].ordinal or 1}")
    if leaf := [heading for heading in second if heading.index not in parents]:
        moves.append(f"例句（{leaf[0].ordinal}）")
    if len(view.ids) > 1:
        moves.append("换一版")
    if depth == DEFAULT_DEPTH and any(heading.level > depth for heading in headings):
        moves.append("三级提纲")
    if library.skeletons.get(view.param("kind") or ""):
        moves.append("通用框架")
    return (*moves, "加入草稿")


def _closed_up(items: Sequence[Item]) -> tuple[Item, ...]:
    """Count the first level through where a section of it was left out."""
    numbers = count(1)
    return tuple(
        replace(item, ordinal=write_ordinal(item.ordinal, next(numbers))) if item.level == 1 and item.ordinal else item
        for item in items
    )


def _role(library: Library, headings: Sequence[Heading], heading: Heading) -> str | None:
    """Return the role of the section of the first level that a heading stands in."""
    while heading.parent is not None:
        heading = headings[heading.parent]
    role = library.sense(heading.text)[1]
    return role.value if role else None


def _missing_topics(view: View, library: Library, report: ReportSummary) -> tuple[str, ...]:
    """Topics that stand in a heading of another version and in none of this one."""
    own = library.heading_topics(report.id)
    others = [topic for other in view.ids if other != report.id for topic in library.heading_topics(other, 2)]
    return tuple(dict.fromkeys(topic for topic in others if topic not in own))[:4]


def year_notes(items: Sequence[Item], report: ReportSummary, library: Library, year: int) -> list[Block]:
    """Return the remark that marked headings need, if any is marked."""
    if not any(item.marks for item in items) or report.year is None:
        return []
    return [Paragraph(texts.WARNING_YEAR.format(years=report.year, now=year))]


def _which_kind(context: Context) -> Turn:
    kinds = context.library.kinds_held()
    return context.offer(Title(texts.which_kind(len(kinds))), tuple(f"{kind}提纲" for kind in kinds))


def _no_such_kind(context: Context, name: str) -> Turn:
    options = tuple(f"{kind}提纲" for kind in context.library.kinds_held())
    return context.offer(Paragraph(texts.no_such_kind(name) + texts.available_kinds()), options, found=False)


def source_path(source: Source) -> str:
    """Return a source in full: the report, then every heading down to the line."""
    return " · ".join((source.title, *source.section))
