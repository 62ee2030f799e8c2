"""Follow-ups: more, another, back, a number, the source, the original. Each works on what the user is looking at."""

from __future__ import annotations

from dataclasses import replace

from handlers import headings, outline, phrasing, texts
from handlers.context import Context, Present
from handlers.dialogue import Session, Turn, View
from handlers.reply import Block, Moves, Paragraph, PassageBlock, Reply, SourceLine, Title
from knowledge.library import Library

MOST_AT_ONCE = 5
"""How many entries of a list are shown in full for one message."""

_BACK_TO = {"提纲": "outline", "大纲": "outline", "例句": "phrases", "小标题": "headings"}


def present_original(view: View, library: Library, year: int) -> Reply:
    """Show passages in the text around them, as the cleaned report has it."""
    blocks: list[Block] = []
    for passage in library.passages(view.ids):
        blocks += [Title(f"【原文】{passage.sources[0].title}"), Paragraph(library.context(passage))]
        blocks.append(SourceLine((passage.sources[0],)))
    blocks.append(Moves(("返回",)))
    items = PassageBlock(
        tuple(phrasing.passage_item(None, passage, library, year) for passage in library.passages(view.ids))
    )
    return Reply(tuple(blocks), total=len(items.items))


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
    "section": outline.present_section,
    "phrases": phrasing.present_phrases,
    "headings": headings.present_headings,
    "original": present_original,
    "sources": present_sources,
}
"""How each kind of view is shown again."""


def answer_more(context: Context) -> Turn:
    """Answer 更多: the rest of a text that did not fit, else the next entries of the list."""
    session, view = context.session, context.session.view
    if view is None:
        return context.say(texts.NOTHING_OPEN, found=False)
    if session.page + 1 < session.pages and view.kind in PRESENT:
        reply = PRESENT[view.kind](view, context.library, context.year)
        return Turn(reply, session, context.understanding, page=session.page + 1)
    if view.kind == "phrases":
        return phrasing.more_phrases(context, view, context.number("count"))
    if view.kind == "headings":
        return headings.change_headings(context, view)
    return context.say(texts.ENTIRE_TEXT_SHOWN)


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
    if len(context.session.views) > 1:
        return answer_change(replace(context, session=context.session.pop()))
    return context.say(texts.ENTIRE_TEXT_SHOWN)


def answer_back(context: Context) -> Turn:
    """Answer 返回 and 回到提纲: the view before, or the last one of the kind named."""
    session = context.session.pop()
    if wanted := _BACK_TO.get(context.slot("to") or ""):
        while session.view is not None and session.view.kind != wanted:
            session = session.pop()
    while session.view is not None and session.view.kind not in PRESENT:
        session = session.pop()
    if session.view is None:
        return context.say(texts.NOTHING_BEFORE, found=False)
    reply = PRESENT[session.view.kind](session.view, context.library, context.year)
    return Turn(reply, Session(session.views, edition=session.edition), context.understanding)


def answer_source(context: Context) -> Turn:
    """Answer 出处: where the entries shown last stand, each down to its section."""
    listed = _listed(context)
    if isinstance(listed, Turn):
        return listed
    numbers, identifiers = listed
    params = (("numbers", "、".join(map(str, numbers))),) if numbers else ()
    view = View("sources", params, identifiers)
    return context.open(view, present_sources(view, context.library, context.year))


def answer_original(context: Context) -> Turn:
    """Answer 原文1: the passage in the text around it."""
    listed = _listed(context)
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
        number = _place((context.reference or (1,))[0], len(found.headings))
        if number is None:
            return context.say(texts.out_of_range(len(found.headings), "个小标题"), found=False)
        report = context.library.report(found.source.report)
        return phrasing.phrases_of_section(context, report, found.headings[number - 1])
    section = outline.find_section(context)
    if isinstance(section, Turn):
        return section
    return phrasing.phrases_of_section(context, section[0], section[1])


def answer_select(context: Context) -> Turn | str:
    """Answer a bare number. Returns the text of the option chosen where the list was a list of options."""
    view = context.session.view
    if view is None or not context.reference or view.kind not in {"choices", *PRESENT}:
        return context.say(texts.NO_LIST, found=False)
    if view.kind == "choices":
        number = _place(context.reference[0], len(view.ids))
        return view.ids[number - 1] if number else context.say(texts.out_of_range(len(view.ids), "项"), found=False)
    if view.kind in {"outline", "section"}:
        return outline.answer_expand(context)
    if view.kind == "headings":
        return answer_section_phrase(context)
    if view.kind == "phrases":
        return answer_original(context)
    return answer_select(replace(context, session=context.session.pop()))


def _place(number: int, count: int) -> int | None:
    """Return the place in a list of ``count`` that a number means (-1: the last, 0: the one just shown)."""
    place = count if number in {-1, 0} else number
    return place if 1 <= place <= count else None


def _listed(context: Context) -> tuple[tuple[int, ...], tuple[str, ...]] | Turn:
    """Return the numbers and ids of the entries the message points at: without a reference, those shown last."""
    view = next((view for view in reversed(context.session.views) if view.kind not in {"choices", "sources"}), None)
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
        places = [_place(number, len(view.ids)) for number in context.reference]
        if None in places:
            return context.say(texts.out_of_range(len(view.ids)), found=False)
        numbers = tuple(place for place in places if place is not None)
    return numbers, tuple(view.ids[number - 1] for number in numbers)
