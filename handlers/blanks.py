"""Blanks (空): what is to be filled in, with the words around it, as a form to copy (数据清单)."""

from __future__ import annotations

from collections.abc import Sequence

from handlers import draft as drafts
from handlers import pointing, skeleton
from handlers.context import Context
from handlers.dialogue import Turn, View
from handlers.drafting import draft_title
from handlers.figures import list_blanks
from handlers.reply import Block, Choices, Item, ItemType, Moves, Paragraph, Reply, Title
from handlers.texts import collection
from knowledge.library import Library


def answer_blanks(context: Context) -> Turn:
    """Answer 数据清单, 要填哪些数据: the blanks of the draft or of what is shown."""
    name, texts = _texts(context)
    if not name:
        return answer_checklist(context)
    listed = list_blanks(texts)
    if not listed:
        return context.say(collection.NO_BLANKS, found=False)
    return _list(context, name, listed)


def answer_checklist(context: Context) -> Turn:
    """Answer 总结一般要填哪些数据: the figures a kind of document usually wants, by usage."""
    kind = context.slot("kind") or next(iter(context.library.kinds_held()), None)
    figures = context.library.figures_of_kind(kind) if kind else ()
    if kind is None or not figures:
        return context.say(collection.NO_OUTLINE_FOR_BLANKS, found=False)
    name = context.library.kind_name(kind)
    source = Paragraph(collection.figures_source(context.library.source_of_kind(kind)))
    return _list(context, name, figures, source, Paragraph(collection.KEEP_RECORDS))


def _list(context: Context, name: str, listed: Sequence[str], *more: Block) -> Turn:
    items = tuple(Item(ItemType.LINE, text, n) for n, text in enumerate(listed, 1))
    blocks = (
        Title(collection.blanks_title(name, len(listed))),
        Choices(items),
        *more,
        Paragraph(collection.FILL_YOUR_OWN),
        Moves(("返回",) if context.session.view else ("党建工作总结提纲",)),
    )
    return context.open(View("kept"), Reply(blocks, total=len(listed)))


def _texts(context: Context) -> tuple[str, list[str]]:
    """Return what the list of blanks is about and the texts that hold them; an empty name for nothing at hand."""
    draft, top, view = context.notebook.draft, context.session.view, pointing.find_view(context)
    if draft.lines and (view is None or (top is not None and top.kind in {"draft", "kept"})):
        return draft_title(context) or "草稿", [line.text for line in draft.lines]
    if view is None:
        return "", []
    library = context.library
    if view.kind == "outline":
        report = view.ids[view.start]
        return library.kind_name(view.param("kind") or ""), section_texts(library, report)
    if view.kind in skeleton.KINDS:
        frame = library.skeletons.get(view.param("kind") or "")
        return library.kind_name(view.param("kind") or ""), list(frame.figures) if frame else []
    if view.kind == "section":
        report, node = view.param("report") or "", int(view.param("node") or 0)
        return library.outline(report).headings[node].text, [library.section_text(report, node)]
    if view.kind in {"phrases", "original"}:
        passages = library.passages(view.ids)
        return view.param("term") or view.param("topic") or "例句", [passage.text for passage in passages]
    return "", []


def section_texts(library: Library, report: str) -> list[str]:
    """Return the clean texts of a report's top-level sections."""
    return [
        library.section_text(report, heading.index)
        for heading in library.outline(report).headings
        if heading.parent is None
    ]


def blanks_of_draft(context: Context) -> tuple[str, ...]:
    """Return every figure the draft wants filled in."""
    return list_blanks([line.text for line in context.notebook.draft.lines], most=200)


def count_blanks(context: Context) -> int:
    """Return how many blanks of any sort the draft has."""
    return len(drafts.find_blanks([line.text for line in context.notebook.draft.lines]))
