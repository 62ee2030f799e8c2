"""Export (导出): the draft as a manuscript for Word, or as text where no file can be sent."""

from __future__ import annotations

from dataclasses import replace

from handlers.blanks import blanks_of_draft, count_blanks
from handlers.citation import cite
from handlers.context import Context
from handlers.dialogue import Turn, View
from handlers.drafting import draft_title
from handlers.manuscript import Manuscript, ManuscriptParagraph, ParagraphKind
from handlers.notebook import Draft, Part
from handlers.pointing import mark_line
from handlers.profile import Filler
from handlers.reply import Block, Moves, Paragraph, Reply
from handlers.texts import collection

VERBATIM = 60
"""From this share of its characters on (per cent) a draft is called mostly copied."""

_HEADINGS = {
    1: ParagraphKind.HEADING_1,
    2: ParagraphKind.HEADING_2,
    3: ParagraphKind.HEADING_3,
    4: ParagraphKind.HEADING_4,
}
_NUMBERS = {1: "{}、", 2: "（{}）", 3: "{}.", 4: "（{}）"}


def answer_export(context: Context) -> Turn:
    """Answer 导出: a Word file where one can be sent, else the text of the draft with the reason."""
    wanted = (context.slot("format") or "").lower()
    asides = [collection.NO_MAIL] if wanted in {"邮箱", "邮件", "email", "qq"} else []
    asides += [collection.NO_PDF] if wanted == "pdf" else []
    draft = context.notebook.draft
    if draft.is_empty:
        text = "\n".join((*asides, collection.NO_DRAFT))
        return context.say(text, Moves(("党建工作总结提纲",)), found=False)
    manuscript = compose(context)
    warnings = [Paragraph(text) for text in (*asides, *manuscript.remarks)]
    if context.takes_files:
        receipt = Paragraph(collection.exported(f"{manuscript.file_name}.docx", count_blanks(context)))
        blocks: tuple[Block, ...] = (receipt, *warnings, Paragraph(collection.FONTS), Moves(("看看草稿", "数据清单")))
        reply = Reply(blocks, total=len(draft.lines), document=manuscript)
        return context.open(View("kept"), reply)
    params = {"aside": "\n".join(asides), "refused": "是" if context.file_refused else ""}
    view = View("export", tuple((name, value) for name, value in params.items() if value))
    return context.open(view, present_export(view, context))


def present_export(view: View, context: Context) -> Reply:
    """Show the draft as plain text, page by page."""
    manuscript = compose(context)
    body = [f"{entry.lead}{entry.text}" for entry in manuscript.paragraphs]
    aside = view.param("aside")
    reason = collection.FILE_REFUSED if view.param("refused") else collection.NO_FILE_HERE
    texts = (*((aside,) if aside else ()), reason, *body, *_appendix(manuscript))
    return Reply((*map(Paragraph, texts), Moves(("看看草稿",))), total=len(context.notebook.draft.lines))


def compose(context: Context) -> Manuscript:
    """Return the draft as a manuscript: numbered, with the user's unit and year filled in."""
    draft = context.notebook.draft
    # The title names the year, so the text may too; in chat only a year the user has set is filled in.
    fill = Filler(replace(context.notebook.profile, year=context.year), context.year)
    title = fill(draft_title(context) or "党建材料")
    sources = dict.fromkeys(cite(line.source) for line in draft.lines if line.source)
    if draft.source:
        sources = {collection.draft_source(draft.source): None, **sources}
    return Manuscript(
        title.replace("【单位】", ""),
        (ManuscriptParagraph(ParagraphKind.TITLE, title), *_paragraphs(draft, fill)),
        tuple(fill(blank) for blank in blanks_of_draft(context)),
        tuple(sources),
        tuple(_remarks(context)),
    )


def _paragraphs(draft: Draft, fill: Filler) -> list[ManuscriptParagraph]:
    paragraphs = []
    for part in draft.parts:
        if part.heading:
            paragraphs.append(ManuscriptParagraph(_HEADINGS[min(part.level, 4)], _heading(part, fill)))
        paragraphs += [ManuscriptParagraph(ParagraphKind.BODY, "", fill(line.text)) for line in part.lines]
    return paragraphs


def _heading(part: Part, fill: Filler) -> str:
    number = _NUMBERS[min(part.level, 4)].format(part.ordinal) if part.ordinal else ""
    return number + fill(part.heading)


def _remarks(context: Context) -> list[str]:
    """Warn of what somebody should look at before the text leaves the house."""
    lines = context.notebook.draft.lines
    remarks = []
    dated = [n for n, line in enumerate(lines, 1) if mark_line(line, context.library, context.year)]
    if dated:
        remarks.append(collection.dated_lines(dated, context.year))
    percent = round(context.library.similarity("\n".join(line.text for line in lines)).percent) if lines else 0
    if percent >= VERBATIM:
        remarks.append(collection.mostly_verbatim(percent))
    return remarks


def _appendix(manuscript: Manuscript) -> list[str]:
    lists = []
    if manuscript.blanks:
        lists.append("【数据清单】\n" + "\n".join(f"{n}. {text}" for n, text in enumerate(manuscript.blanks, 1)))
    if manuscript.sources:
        lists.append("【出处】\n" + "\n".join(f"{n}. {text}" for n, text in enumerate(manuscript.sources, 1)))
    return lists + list(manuscript.remarks)
