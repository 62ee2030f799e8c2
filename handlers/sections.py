"""Sections (展开): a part of an outline taken apart, and the reference that says which part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers import skeleton, texts
from handlers.context import Context
from handlers.dialogue import Turn, View
from handlers.figures import list_blanks
from handlers.outline import label_of, outline_item, year_notes
from handlers.phrasing import phrases_of_section
from handlers.reply import Block, Choices, Item, Moves, Paragraph, Reply, SourceLine, Title
from handlers.shown import remembered
from knowledge.contents import ReportSummary
from knowledge.corpus.numbering import number_of
from knowledge.library import Library
from knowledge.model import Heading, Role

MOST_FIGURES = 8
"""Figures named with a section."""


def answer_section_outline(context: Context) -> Turn:
    """Answer 主要做法下面怎么分: the headings below the section of that role, in the outline shown or the usual one."""
    library = context.library
    view = next((view for view in reversed(context.session.views) if view.kind == "outline"), None)
    kind = context.slot("kind") or next(iter(library.kinds_held()), "")
    reports = (library.report(view.ids[view.start]),) if view else library.reports_of_kind(kind)
    if view is not None and context.slot("whole"):
        tops = [heading for heading in library.outline(view.ids[view.start]).headings if heading.level == 1]
        return context.say(
            texts.parts_named([f"{heading.label}{heading.text}" for heading in tops]), Moves(("展开一",))
        )
    wanted = context.slot("role") or Role.PRACTICE.value
    for report in reports:
        for heading in library.outline(report.id).headings:
            role = library.sense(heading.text)[1] if heading.level == 1 else None
            if role and role.value == wanted and (children := library.children(report.id, heading.index)):
                params = (("report", report.id), ("node", str(heading.index)))
                section = View("section", params, _node_ids(report.id, children))
                return context.open(section, present_section(section, library, context.year))
    return context.say(texts.NOT_DIVIDED, Moves(("党建工作总结提纲", "小标题")), found=False)


def answer_expand(context: Context) -> Turn:
    """Answer 展开（三）: the headings below a section, or its phrases where it has none."""
    if context.slot("next"):
        return _answer_next(context)
    view = newest_outline(context)
    if view is not None and view.kind in skeleton.KINDS:
        return skeleton.expand_skeleton(context, view)
    found = find_section(context)
    if isinstance(found, Turn):
        return found
    return _open_section(context, *found)


def _answer_next(context: Context) -> Turn:
    """Answer 下一部分: what was shown of a section, of the one after it."""
    view, frame = context.session.view, newest_outline(context)
    if frame is not None and frame.kind == skeleton.SECTION:
        part, held = int(frame.param("part") or 0) + 1, context.library.skeletons.get(frame.param("kind") or "")
        if held is not None and part > len(held.sections):
            return context.say(texts.LAST_SECTION, Moves(("返回",)))
        slots = {"ref": [part]}
        return skeleton.expand_skeleton(
            replace(context, understanding=replace(context.understanding, slots=slots)), frame
        )
    report_id = view.param("report") if view is not None else None
    place = view.param("node") or view.param("section") if view is not None else None
    if view is None or report_id is None or place is None:
        slots = {"ref": [1]}
        return answer_expand(replace(context, understanding=replace(context.understanding, slots=slots)))
    report, headings = context.library.report(report_id), context.library.outline(report_id).headings
    here = headings[int(place)]
    following = next(
        (
            heading
            for heading in headings[here.index + 1 :]
            if heading.level <= here.level
            and (_is_run_in(here) or not _is_run_in(heading))
            and context.library.may_serve(report.id, heading)
        ),
        None,
    )
    if following is None:
        return context.say(texts.LAST_SECTION, Moves(("返回",)))
    if view.kind == "phrases":
        return phrases_of_section(context, report, following)
    return _open_section(context, report, following)


def _open_section(context: Context, report: ReportSummary, heading: Heading, others: Sequence[Heading] = ()) -> Turn:
    children = context.library.children(report.id, heading.index)
    if not children:
        return phrases_of_section(context, report, heading)
    view = View("section", (("report", report.id), ("node", str(heading.index))), _node_ids(report.id, children))
    reply = present_section(view, context.library, context.year)
    if others:
        note = Paragraph(texts.other_section(label_of(others[0])))
        reply = Reply((*reply.blocks[:-1], note, reply.blocks[-1]), reply.total, reply.found, reply.notes)
    return context.open(view, reply)


@remembered
def present_section(view: View, library: Library, year: int) -> Reply:
    """Show what stands below one section: its headings, numbered, and the figures it wants filled in."""
    report = library.report(view.param("report") or "")
    outline = library.outline(report.id)
    heading = outline.headings[int(view.param("node") or 0)]
    children = [outline.headings[int(entry.rpartition("#")[2])] for entry in view.ids]
    items = tuple(_choice(n, child, library, report, year) for n, child in enumerate(children, 1))
    blocks: list[Block] = [
        Title(f"【展开】{label_of(heading)}{heading.text}"),
        Choices(items),
        SourceLine((library.source_of_section(report.id, heading.index),)),
    ]
    if figures := list_blanks([library.section_text(report.id, heading.index)], MOST_FIGURES):
        blocks.append(Paragraph(texts.fill_in(figures)))
    blocks.extend(year_notes(items, report, library, year))
    blocks.append(
        Moves(("例句1", "展开1", "返回") if library.children(report.id, children[0].index) else ("例句1", "返回"))
    )
    return Reply(tuple(blocks), total=len(items))


def newest_outline(context: Context) -> View | None:
    """Return the outline, the skeleton or the section of one that was shown last."""
    kinds = {"outline", "section", *skeleton.KINDS}
    return next((view for view in reversed(context.session.views) if view.kind in kinds), None)


def find_section(context: Context) -> tuple[ReportSummary, Heading, tuple[Heading, ...]] | Turn:
    """Return the section the message points at and the others that fit too, or the turn that says why there is none."""
    view = newest_outline(context)
    if view is None or view.kind in skeleton.KINDS:
        return context.say(texts.NO_OUTLINE_HERE, found=False)
    library = context.library
    report = library.report(view.ids[view.start] if view.kind == "outline" else view.param("report") or "")
    headings = [heading for heading in library.outline(report.id).headings if library.may_serve(report.id, heading)]
    number, level = (context.reference or (1,))[0], context.number("level")
    if view.kind == "section" and level is None:
        children = [heading for heading in headings if _node_id(report.id, heading) in view.ids]
        return _numbered(context, report, children, number)
    candidates = [heading for heading in headings if heading.level == level] if level else headings
    if parent := context.number("parent"):
        # 三（二）: of the headings （二）, the one below 三、.
        every = library.outline(report.id).headings
        candidates = [h for h in candidates if h.parent is not None and number_of(every[h.parent].ordinal) == parent]
    if number == -1:
        return (report, candidates[-1], ()) if candidates else context.say(texts.NO_OUTLINE_HERE, found=False)
    fitting = [heading for heading in candidates if number_of(heading.ordinal) == max(number, 1) and heading.level <= 2]
    plain = [heading for heading in candidates if heading.level == 1 and not heading.ordinal]
    if not fitting and max(number, 1) <= len(plain):
        # Headings without numbers are counted through.
        return report, plain[max(number, 1) - 1], ()
    if not fitting:
        return context.say(
            texts.out_of_range(len([h for h in headings if h.level == (level or 1)]), "个部分"), found=False
        )
    # 展开五 with three top-level parts means （五）; where both 二、 and （二） exist, the higher one.
    fitting.sort(key=lambda heading: (heading.level, _is_run_in(heading)))
    others = (heading for heading in fitting[1:] if heading.level > fitting[0].level and not _is_run_in(heading))
    return report, fitting[0], tuple(others)


def _numbered(
    context: Context, report: ReportSummary, children: Sequence[Heading], number: int
) -> tuple[ReportSummary, Heading, tuple[Heading, ...]] | Turn:
    place = len(children) if number == -1 else max(number, 1)
    if place > len(children):
        return context.say(texts.out_of_range(len(children), "项"), found=False)
    return report, children[place - 1], ()


def _choice(n: int, heading: Heading, library: Library, report: ReportSummary, year: int) -> Item:
    node = outline_item(heading, library, report, year)
    below = library.children(report.id, heading.index)
    text = f"{node.text}（{'、'.join(child.text for child in below)}）" if below else node.text
    return Item(node.type, text, n, node.level, node.ordinal, None, node.sources, node.marks)


def _is_run_in(heading: Heading) -> bool:
    """Whether a heading is only the beginning of a paragraph (一是…)."""
    return heading.ordinal.endswith("是")


def _node_id(report: str, heading: Heading) -> str:
    return f"{report}#{heading.index}"


def _node_ids(report: str, headings: Sequence[Heading]) -> tuple[str, ...]:
    return tuple(_node_id(report, heading) for heading in headings)
