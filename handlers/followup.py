"""Follow-ups: more, another, back, a number, the source, the original. Each works on what the user is looking at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from handlers import (
    checking,
    drafting,
    export,
    favourites,
    headings,
    outline,
    phrase_list,
    phrasing,
    registry,
    sections,
    similarity,
    skeleton,
    texts,
)
from handlers.context import Context, Present, prefixed
from handlers.dialogue import Session, Turn, View
from handlers.pointing import find_listed, resolve
from handlers.reply import Block, Moves, Paragraph, PassageBlock, Reply, SourceLine, Title
from handlers.shown import remembered
from knowledge.library import Library

MOST_AT_ONCE = 5
"""How many entries of a list are shown in full for one message."""

_BACK_TO = {
    "提纲": ("outline", "skeleton"),
    "大纲": ("outline", "skeleton"),
    "例句": ("phrases",),
    "小标题": ("headings",),
    "草稿": ("draft",),
    "收藏": ("favourites",),
}


@remembered
def present_original(view: View, library: Library, year: int) -> Reply:
    """Show passages in the text around them, as the cleaned report has it."""
    blocks: list[Block] = []
    for passage in library.passages(view.ids):
        blocks += [Title(f"【原文】{passage.sources[0].title}"), Paragraph(library.context(passage))]
        blocks.append(SourceLine((passage.sources[0],)))
    blocks.append(Moves(("返回",)))
    items = PassageBlock(
        tuple(phrase_list.passage_item(None, passage, library, year) for passage in library.passages(view.ids))
    )
    return Reply(tuple(blocks), total=len(items.items))


@remembered
def present_sources(view: View, library: Library, year: int) -> Reply:
    """Show entries with their sources in full."""
    blocks: list[Block] = [Title("【出处】")]
    numbers = [int(number) for number in (view.param("numbers") or "").split("、") if number]
    for position, identifier in enumerate(view.ids):
        label = f"{numbers[position]}. " if numbers else ""
        for source in library.sources(identifier):
            blocks.append(Paragraph(f"{label}{outline.source_path(source)}（{source.report}）"))
            label = "　 " if label else ""
        blocks.extend(
            Paragraph(texts.used_by(passage.shared, passage.support))
            for passage in library.passages((identifier,))
            if passage.support > 1
        )
    blocks.append(Moves(("返回",)))
    return Reply(tuple(blocks), total=len(view.ids))


PRESENT: dict[str, Present] = {
    "outline": outline.present_outline,
    "section": sections.present_section,
    "phrases": phrase_list.present_phrases,
    "headings": headings.present_headings,
    "original": present_original,
    "sources": present_sources,
    "check": checking.present_check,
    "similar": similarity.present_similarity,
    **registry.PRESENT,
    registry.BASIS: registry.present_basis,
    skeleton.OUTLINE: skeleton.present_skeleton,
    skeleton.SECTION: skeleton.present_skeleton_section,
}
"""How each kind of view is shown again."""

KEPT: dict[str, Callable[[View, Context], Reply]] = {
    "draft": drafting.present_draft,
    "favourites": favourites.present_favourites,
    "export": export.present_export,
}
"""How views of what the user keeps are shown again."""

TURNED: dict[str, Callable[[Context, View, int], Turn]] = {
    "check": checking.turn_page,
    "similar": similarity.turn_page,
    "favourites": favourites.turn_page,
}
"""How 更多 and 上一页 turn the page of a list that is no list of passages."""

WITHOUT_IDS = frozenset(
    {"choices", "confirm", "kept", "check", checking.AWAITED, "similar", registry.BASIS, *registry.PRESENT, *KEPT}
)
"""Views whose ids, if any, name nothing of a knowledge base."""


def show(context: Context, view: View) -> Reply | None:
    """Return what a view shows, or ``None`` for one that is shown once only."""
    if view.kind in KEPT:
        return KEPT[view.kind](view, context)
    return PRESENT[view.kind](view, context.library, context.year) if view.kind in PRESENT else None


def is_half_read(session: Session) -> bool:
    """Whether the text shown last goes on on another page."""
    return session.page + 1 < session.pages


def answer_more(context: Context) -> Turn:
    """Answer 更多: the rest of a text that did not fit, else the next entries of the list."""
    session, view = context.session, context.session.view
    if view is None:
        return context.say(texts.NOTHING_OPEN, found=False)
    if is_half_read(session) and (reply := show(context, view)):
        return Turn(reply, session, context.understanding, page=session.page + 1)
    if view.kind == "phrases":
        return phrasing.more_phrases(context, view, context.number("count"))
    if view.kind == "headings":
        return headings.change_headings(context, view)
    if view.kind in TURNED:
        return TURNED[view.kind](context, view, 1)
    if view.kind in {"original", "sources"} and (below := _below(context, "phrases")):
        return answer_more(below)
    return context.say(texts.ENTIRE_TEXT_SHOWN)


def answer_previous(context: Context) -> Turn:
    """Answer 上一页: the page before of a long text, else the entries before of the list."""
    session, view = context.session, context.session.view
    if view is None:
        return context.say(texts.NOTHING_OPEN, found=False)
    if session.page > 0 and (reply := show(context, view)):
        return Turn(reply, session, context.understanding, page=session.page - 1)
    if view.kind == "phrases":
        return phrasing.previous_phrases(context, view)
    if view.kind == "headings":
        return headings.change_headings(context, view, -1)
    if view.kind in TURNED:
        return TURNED[view.kind](context, view, -1)
    return context.say(texts.FIRST_PAGE)


def _below(context: Context, kind: str) -> Context | None:
    """Return the context with the view of that kind on top that lies under the current one."""
    session = context.session.pop()
    return replace(context, session=session) if session.view is not None and session.view.kind == kind else None


def answer_change(context: Context) -> Turn:
    """Answer 换一个: another entry, version or set in place of what is shown."""
    view = context.session.view
    if view is None:
        return context.say(texts.NOTHING_OPEN, found=False)
    if view.kind == "outline":
        return outline.change_outline(context, view)
    if view.kind == "headings":
        return headings.change_headings(context, view)
    if view.kind == "phrases":
        return phrasing.more_phrases(context, view)
    if view.kind in skeleton.KINDS:
        return skeleton.change_skeleton(context, view)
    if len(context.session.views) > 1:
        return answer_change(replace(context, session=context.session.pop()))
    return context.say(texts.ENTIRE_TEXT_SHOWN)


def answer_back(context: Context) -> Turn:
    """Answer 返回 and 回到提纲: the view before, or the last one of the kind named."""
    session = context.session.pop()
    if wanted := _BACK_TO.get(context.slot("to") or ""):
        while session.view is not None and session.view.kind not in wanted:
            session = session.pop()
    while session.view is not None and session.view.kind not in {*PRESENT, *KEPT}:
        session = session.pop()
    reply = show(context, session.view) if session.view is not None else None
    if reply is None:
        return context.say(texts.NOTHING_BEFORE, found=False)
    return Turn(reply, replace(session, page=0, pages=1), context.understanding)


def answer_source(context: Context) -> Turn:
    """Answer 出处: where the entries shown last stand, each down to its section."""
    top = context.session.view
    if top is not None and top.kind in registry.PRESENT:
        return registry.answer_basis(context, top)
    listed = find_listed(context)
    if isinstance(listed, Turn):
        return listed
    numbers, identifiers = listed
    params = (("numbers", "、".join(map(str, numbers))),) if numbers else ()
    view = View("sources", params, identifiers)
    return context.open(view, present_sources(view, context.library, context.year))


def answer_original(context: Context) -> Turn:
    """Answer 原文1: the passage in the text around it."""
    listed = find_listed(context)
    if isinstance(listed, Turn):
        return listed
    passages = [identifier for identifier in listed[1] if context.library.is_passage(identifier)]
    if not passages:
        return context.say("这里没有可看的原文，先要几条例句，例如“主题党日例句”。", found=False)
    view = View("original", (), tuple(passages[: 1 if not context.reference else MOST_AT_ONCE]))
    return context.open(view, present_original(view, context.library, context.year))


def answer_section_phrase(context: Context) -> Turn:
    """Answer 例句（三） and 例句3: phrases for a section of the outline or for one heading of a set."""
    view = context.session.view
    if view is not None and view.kind == "headings" and context.number("level") is None:
        found = context.library.heading_set(view.ids[view.start])
        number = resolve((context.reference or (1,))[0], len(found.headings))
        if number is None:
            return context.say(texts.out_of_range(len(found.headings), "个小标题"), found=False)
        report = context.library.report(found.source.report)
        return phrasing.phrases_of_section(context, report, found.headings[number - 1])
    frame = sections.newest_outline(context)
    if context.slot("here") and frame is not None and frame.kind in {"section", skeleton.SECTION}:
        return _of_this_section(context, frame)
    if context.slot("each") or context.slot("here"):
        return _each_section(context)
    if frame is not None and frame.kind in skeleton.KINDS:
        heading = skeleton.find_heading(context, frame)
        if heading is None:
            return context.say(texts.NO_OUTLINE_HERE, found=False)
        return phrasing.phrases_of_heading(context, *heading)
    section = sections.find_section(context)
    if isinstance(section, Turn):
        return section
    return phrasing.phrases_of_section(context, section[0], section[1])


def _of_this_section(context: Context, frame: View) -> Turn:
    """Answer 这部分有例句吗 about the section that is open."""
    if frame.kind == skeleton.SECTION:
        title = skeleton.title_of(context.library, frame)
        return (
            phrasing.phrases_of_heading(context, title, title)
            if title
            else context.say(texts.NO_OUTLINE_HERE, found=False)
        )
    report = context.library.report(frame.param("report") or "")
    heading = context.library.outline(report.id).headings[int(frame.param("node") or 0)]
    return phrasing.phrases_of_section(context, report, heading)


def _each_section(context: Context) -> Turn:
    """Answer 每段都配例句: the first section now, and how to ask for the others; a whole report is no message."""
    count = {"count": context.number("count")} if context.number("count") else {}
    slots = {"ref": [1], "level": 2, **count}
    turn = answer_section_phrase(replace(context, understanding=replace(context.understanding, slots=slots)))
    if turn.reply is None or not turn.reply.found:
        slots = {"ref": [1], **count}
        turn = answer_section_phrase(replace(context, understanding=replace(context.understanding, slots=slots)))
    return prefixed(turn, texts.ONE_BY_ONE) if turn.reply is not None and turn.reply.found else turn


def answer_select(context: Context) -> Turn | str:
    """Answer a bare number. Returns the text of the option chosen where the list was a list of options."""
    view = context.session.view
    if view is None or not context.reference or view.kind not in {"choices", "confirm", "kept", *PRESENT, *KEPT}:
        return context.say(texts.NO_LIST, found=False)
    if view.kind == "choices":
        number = resolve(context.reference[0], len(view.ids))
        return view.ids[number - 1] if number else context.say(texts.out_of_range(len(view.ids), "项"), found=False)
    if view.kind in {"outline", "section", *skeleton.KINDS}:
        return sections.answer_expand(context)
    if view.kind == "headings":
        return answer_section_phrase(context)
    if view.kind == "phrases":
        return answer_original(context)
    if view.kind in {"draft", "favourites", "check"}:
        return context.say(texts.WHAT_WITH_IT.format(n=max(context.reference[0], 1)), found=False)
    return answer_select(replace(context, session=context.session.pop()))
