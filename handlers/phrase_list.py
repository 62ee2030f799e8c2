"""A list of phrases (例句) as it is shown: title, passages with their marks, notes, what may be asked next."""

from __future__ import annotations

import re

from handlers import texts
from handlers.dialogue import View
from handlers.reply import Block, Item, ItemType, Moves, Paragraph, PassageBlock, Reply, Title
from handlers.shown import remembered
from knowledge.library import PARAGRAPH, Library
from knowledge.model import Passage, Role
from knowledge.search.phrases import PhraseQuery

_FILLING = re.compile("^(?:要|想)?写(?:一|个|份|篇|段|句)*|的话$| ")


@remembered
def present_phrases(view: View, library: Library, year: int) -> Reply:
    """Show the passages listed last."""
    query = query_of(view)
    fixed = view.param("fixed")
    total = len(view.ids) if fixed else len(library.phrases(query, year))
    users = library.usage(query.term) if query.term else 0
    passages = library.passages(view.ids[view.start :])
    items = tuple(passage_item(n, passage, library, year) for n, passage in enumerate(passages, view.start + 1))
    wanted = int(view.param("count") or 0)
    notes = _notes(view, wanted, total)
    if query.length and query.length >= PARAGRAPH and not query.within:
        notes = (*notes, texts.characters(sum(len(passage.text) for passage in passages)))
    blocks: list[Block] = [
        Title(
            texts.phrases_title(
                fixed or subject_of(query, library),
                view.start + 1,
                len(view.ids),
                total,
                users,
                cut=library.is_cut(query),
            )
        ),
        PassageBlock(items),
        *(Paragraph(note) for note in notes),
    ]
    if any(item.marks for item in items):
        blocks.append(Paragraph(_year_warning(passages, year)))
    blocks.append(Moves(_moves(view, query, total, library)))
    return Reply(tuple(blocks), total=total, notes=notes)


def passage_item(n: int | None, passage: Passage, library: Library, year: int) -> Item:
    """Return a passage as an item of a reply, marked where its wording belongs to another year."""
    marks = library.marks(passage.text, passage.sources[0].year, year)
    return Item(ItemType.PASSAGE, passage.text, n, sources=passage.sources, marks=marks)


def query_of(view: View) -> PhraseQuery:
    """Return the query a list of phrases was opened with."""
    role, section = view.param("role"), view.param("section")
    return PhraseQuery(
        topic=view.param("topic"),
        term=view.param("term"),
        alias=view.param("alias") or "",
        role=Role(role) if role else None,
        about=view.param("about") or "",
        report=view.param("report"),
        section=int(section) if section else None,
        length=int(view.param("length") or 0) or None,
        within=view.param("within") is not None,
        without=view.param("without") or "",
        figures={"有": True, "无": False}.get(view.param("figures") or ""),
        soft=view.param("soft") is not None,
        level=view.param("level"),
        kind=view.param("kind"),
    )


def _notes(view: View, wanted: int, total: int) -> tuple[str, ...]:
    notes = []
    if unknown := view.param("unknown"):
        notes.append(texts.without_words(unknown.split("、")))
    if shorter := view.param("shorter"):
        notes.append(texts.none_as_short(int(shorter)))
    if wanted > total:
        notes.append(texts.only(total))
    return tuple(notes)


def _year_warning(passages: tuple[Passage, ...], year: int) -> str:
    years = sorted({passage.sources[0].year for passage in passages if passage.sources[0].year})
    return texts.WARNING_YEAR.format(years="、".join(map(str, years)), now=year)


def subject_of(query: PhraseQuery, library: Library) -> str:
    """Return what a list is about, as its title says it."""
    if query.report is not None and query.section is not None:
        heading = library.outline(query.report).headings[query.section]
        return f"{heading.label}{heading.text}"
    subject = query.term or query.topic or ("" if query.role else query.about)
    role = texts.ROLE_NAMES[query.role.value] if query.role else ""
    return "·".join(part for part in (_FILLING.sub("", subject), role) if part)


def _moves(view: View, query: PhraseQuery, total: int, library: Library) -> tuple[str, ...]:
    first = view.start + 1
    moves = ["更多"] if len(view.ids) < total else []
    moves += [f"原文{first}", "出处"]
    if also := view.param("also"):
        moves.append(f"{also}例句")
    if query.topic and library.heading_sets(topic=query.topic):
        moves.append(f"{query.topic}小标题")
    elif query.role in {Role.PROBLEM, Role.PLAN} and library.heading_sets(role=query.role):
        moves.append(f"{texts.ROLE_NAMES[query.role.value]}小标题")
    if query.report is not None:
        moves.append("返回")
    return tuple(moves)
