"""Phrases (例句): passages on a topic, in a role or from a section, a few at a time and never twice in one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers import registry, texts
from handlers.context import Context, prefixed
from handlers.dialogue import Turn, View
from handlers.phrase_list import present_phrases, query_of, subject_of
from handlers.reply import Choices, Item, ItemType, Moves, Paragraph, Reply
from knowledge.contents import ReportSummary
from knowledge.library import PARAGRAPH
from knowledge.model import Heading, Passage, Role
from knowledge.search.phrases import PhraseQuery

Near = tuple[tuple[str, int], ...]
"""Nearest topics with the number of their passages."""

PAGE = 3
"""Passages given when no number is asked for: what fits a phone screen."""

TOPICS_OFFERED = 6

_CRITICAL = frozenset({Role.PROBLEM, Role.CAUSE})
"""Roles in which nothing good is said."""


def answer_phrase(context: Context) -> Turn:
    """Answer 意识形态怎么写, 主题党日 3条, 开头怎么写: the best passages, or an honest no with what is nearest."""
    query = _query(context)
    if query == PhraseQuery(level=query.level, kind=query.kind) and not context.words("unknown"):
        return _offer_topics(context)
    if context.understanding.slots.get("each") and context.words("also"):
        return _one_of_each(context, query)
    if context.understanding.slots.get("doubtful"):
        return _nothing(context, replace(query, role=None))
    found = find_phrases(context, query)
    if found:
        return _with_formulas(context, open_list(context, query, found, context.number("count")))
    if query.length and (longer := find_phrases(context, replace(query, length=None, within=False))):
        shortest = tuple(sorted(longer, key=lambda passage: len(passage.text)))[:1]
        return open_list(context, replace(query, length=len(shortest[0].text), within=True), shortest, 1, note=True)
    missing = [query.term or query.topic or ""]
    for name in context.words("also"):
        # Several subjects in one message: the first one held is answered, and what is not held is said.
        other = replace(context.library.subject(name), role=query.role)
        if found := find_phrases(context, other):
            return open_list(context, other, found, context.number("count"), missing)
        missing.append(name)
    return registry.define(context, query.term or query.topic or "") or _nothing(context, query)


def _one_of_each(context: Context, query: PhraseQuery) -> Turn:
    """Answer 三会一课、主题党日各来一条: as many of each subject, numbered through; what is not held is said."""
    count = context.number("count") or 1
    first = query.term or query.topic or ""
    taken: list[Passage] = []
    missing = []
    for name in (first, *context.words("also")):
        wanted = replace(context.library.subject(name), role=query.role)
        fresh = [passage for passage in find_phrases(context, wanted) if passage not in taken][:count]
        taken += fresh
        missing += [] if fresh else [name]
    if not taken:
        return _nothing(context, query)
    names = "、".join(name for name in (first, *context.words("also")) if name not in missing)
    params = [("fixed", names), *((("unknown", "、".join(missing)),) if missing else ())]
    view = View("phrases", tuple(params), tuple(passage.id for passage in taken))
    return context.open(view, present_phrases(view, context.library, context.year))


def _with_formulas(context: Context, turn: Turn) -> Turn:
    """Add the usual closing formulas where a closing was asked for: they stand in no report that leaves them out."""
    if turn.reply is None or context.slot("role") != Role.CLOSING.value:
        return turn
    kinds = (context.slot("kind"),) if context.slot("kind") else texts.KINDS_WITH_FORMULAS
    frames = [frame for kind in kinds if kind and (frame := context.library.skeletons.get(kind))]
    if not frames:
        return turn
    line = Paragraph(texts.closing_formulas([(context.library.kind_name(f.kind), f.closing) for f in frames]))
    return replace(turn, reply=replace(turn.reply, blocks=(*turn.reply.blocks[:-1], line, turn.reply.blocks[-1])))


def phrases_of_section(context: Context, report: ReportSummary, heading: Heading) -> Turn:
    """Answer 例句（三）: the passages of one section of the outline."""
    query = PhraseQuery(report=report.id, section=heading.index)
    found = find_phrases(context, query)
    if not found:
        return context.say(texts.not_in_library(f"{heading.label}{heading.text}"), found=False)
    return open_list(context, query, found, context.number("count"))


def phrases_of_heading(context: Context, heading: str, section: str) -> Turn:
    """Answer 例句二 to a skeleton, whose headings stand in no report: phrases on what the heading names, in the role that it or
    the title of its ``section`` announces.
    """
    topics, role = context.library.sense(heading)
    role = role or context.library.sense(section)[1]
    query = PhraseQuery(topic=topics[0] if topics else None, role=role, level=context.notebook.profile.level)
    found = find_phrases(context, query) if topics or role else ()
    if not found and topics and role:
        # What was done well is no phrase for what went wrong: there the role counts for more than the subject.
        query = replace(query, topic=None) if role in _CRITICAL else replace(query, role=None)
        found = find_phrases(context, query)
        if found and query.topic is None and role is not None:
            note = texts.other_subjects(topics[0], texts.ROLE_NAMES[role.value])
            return prefixed(open_list(context, query, found, context.number("count")), note)
    if not found:
        return context.say(texts.not_in_library(heading), Moves(("返回",)), found=False)
    return open_list(context, query, found, context.number("count"))


def more_phrases(context: Context, view: View, count: int | None = None) -> Turn:
    """Answer 更多, 再来一条, 换一个: the next passages of the same list, numbered on."""
    query = query_of(view)
    if view.param("fixed"):
        return context.say(texts.ENTIRE_TEXT_SHOWN)
    rest = [passage for passage in find_phrases(context, query) if passage.id not in view.ids]
    if not rest:
        near = context.library.nearest(query)
        text = texts.all_shown(len(view.ids))
        if not near:
            return context.say(text)
        reply = Reply((Paragraph(text + texts.nearest()), _choices(near)), total=len(view.ids), notes=(text,))
        return context.open(_view_of(near), reply)
    taken = rest[: count or len(view.ids) - view.start]
    view = replace(view, ids=(*view.ids, *(passage.id for passage in taken)), start=len(view.ids))
    return context.go_on(view, present_phrases(view, context.library, context.year))


def previous_phrases(context: Context, view: View) -> Turn:
    """Answer 上一页: the passages listed before those shown."""
    if view.start == 0:
        return context.say(texts.FIRST_PAGE)
    start = max(0, view.start - (int(view.param("count") or 0) or PAGE))
    view = replace(view, ids=view.ids[: view.start], start=start)
    return context.go_on(view, present_phrases(view, context.library, context.year))


def find_phrases(context: Context, query: PhraseQuery) -> tuple[Passage, ...]:
    """Return the passages that answer ``query``; those the user called wrong come last."""
    found, rejected = context.library.phrases(query, context.year), context.notebook.rejected
    if not rejected:
        return found
    return tuple(sorted(found, key=lambda passage: passage.id in rejected))


def _query(context: Context) -> PhraseQuery:
    role = context.slot("role")
    topic = context.slot("topic")
    return PhraseQuery(
        topic=topic,
        term=context.slot("term"),
        role=Role(role) if role else None,
        alias=context.slot("alias") or "",
        about=context.slot("about") or "",
        length=context.number("length"),
        within=bool(context.understanding.slots.get("within")),
        without=context.slot("without") or "",
        figures={"有": True, "无": False}.get(context.slot("figures") or ""),
        soft=bool(context.understanding.slots.get("soft")),
        level=context.notebook.profile.level,
        kind=context.notebook.profile.kind,
    )


def open_list(
    context: Context,
    query: PhraseQuery,
    found: tuple[Passage, ...],
    count: int | None,
    missing: Sequence[str] = (),
    *,
    note: bool = False,
) -> Turn:
    """Open a list of passages: the first ``count`` of ``found`` (by default what fits a screen)."""
    taken = found[: count or PAGE] if query.length is None else _fit(found, query.length, count, within=query.within)
    params = {
        "topic": query.topic,
        "term": query.term,
        "alias": query.alias,
        "role": query.role.value if query.role else None,
        "about": query.about,
        "report": query.report,
        "section": None if query.section is None else str(query.section),
        "count": str(count) if count else None,
        "length": str(query.length) if query.length else None,
        "within": "是" if query.within else None,
        "without": query.without,
        "figures": None if query.figures is None else "有" if query.figures else "无",
        "soft": "是" if query.soft else None,
        "level": query.level,
        "kind": query.kind,
        "shorter": str(context.number("length")) if note else None,
        "also": next((name for name in context.words("also") if name not in missing), None),
        "unknown": "、".join((*missing, *_unknown(context))),
    }
    view = View(
        "phrases",
        tuple((name, value) for name, value in params.items() if value),
        tuple(passage.id for passage in taken),
    )
    return context.open(view, present_phrases(view, context.library, context.year))


def _fit(found: tuple[Passage, ...], length: int, count: int | None, *, within: bool) -> tuple[Passage, ...]:
    """Take as many passages as were asked for; for a paragraph's length one that has it, or several that add up to it."""
    if count or within or length < PARAGRAPH:
        return found[: count or PAGE]
    if len(found[0].text) >= 0.8 * length:
        return found[:1]
    taken: list[Passage] = []
    total = 0
    for passage in found:
        if total + len(passage.text) <= 1.2 * length:
            taken.append(passage)
            total += len(passage.text)
        if total >= 0.9 * length:
            break
    return tuple(taken or found[:1])


def _unknown(context: Context) -> tuple[str, ...]:
    return () if context.reference else context.words("unknown")


def _offer_topics(context: Context) -> Turn:
    """Ask who says 例句 and nothing else what about."""
    topics = context.library.largest_topics(TOPICS_OFFERED)
    blocks = (Paragraph(texts.WHICH_TOPIC), _choices(topics))
    return context.open(_view_of(topics), Reply(blocks, total=len(topics)))


def _nothing(context: Context, query: PhraseQuery) -> Turn:
    doubtful = bool(context.understanding.slots.get("doubtful"))
    name = (context.slot("about") if doubtful else subject_of(query, context.library)) or context.slot("about") or ""
    if query.role and not (query.topic or query.term) and context.words("unknown"):
        # What is missing is what the role was asked for, not the role.
        name = f"{''.join(query.about.split()).removesuffix('的')}·{texts.ROLE_NAMES[query.role.value]}"
    near = context.library.nearest(query)
    if not near:
        return context.say(texts.not_in_library(name), Paragraph(texts.NOT_UNDERSTOOD), found=False)
    blocks = (Paragraph(texts.not_in_library(name) + texts.nearest()), _choices(near))
    return context.open(_view_of(near), Reply(blocks, total=0, found=False))


def _view_of(near: Near) -> View:
    return View("choices", (), tuple(f"{name}例句" for name, _ in near))


def _choices(near: Near) -> Choices:
    return Choices(
        tuple(Item(ItemType.CHOICE, texts.near_topic(name, count), n) for n, (name, count) in enumerate(near, 1))
    )
