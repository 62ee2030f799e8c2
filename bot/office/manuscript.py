"""Manuscript (文稿) → a Word file laid out per GB/T 9704—2012."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.office.appendix import add_appendix
from bot.office.blank import open_blank, pack
from bot.office.layout import STANDARD, Layout
from bot.office.prose import clean, lines, set_style, set_text
from bot.office.styles import BODY, LEADS, STYLES
from handlers.manuscript import Manuscript, ManuscriptParagraph, ParagraphKind

if TYPE_CHECKING:
    from docx.document import Document

_LONGEST_TITLE = 255
"""Characters a core property may have in python-docx."""


def write_manuscript(manuscript: Manuscript, layout: Layout = STANDARD) -> bytes:
    """Return ``manuscript`` as a .docx file; equal manuscripts give equal bytes.

    Any text makes a valid file: what XML can't hold is left out, a line break starts a new paragraph.
    """
    document = open_blank(layout)
    paragraphs = tuple(lines(manuscript.paragraphs))
    for n, paragraph in enumerate(paragraphs):
        _add(document, paragraph)
        follows = paragraphs[n + 1].kind if n + 1 < len(paragraphs) else None
        if paragraph.kind is ParagraphKind.TITLE and follows not in {ParagraphKind.TITLE, None}:
            # 标题下空一行 (7.3.2).
            document.add_paragraph()
    add_appendix(document, manuscript)
    document.core_properties.title = _title(paragraphs, manuscript.file_name)
    return pack(document)


def _add(document: Document, paragraph: ManuscriptParagraph) -> None:
    lead, text = paragraph.lead, paragraph.text
    if not (text and paragraph.kind in LEADS):
        set_text(set_style(document.add_paragraph(), STYLES[paragraph.kind]), lead + text)
        return
    written = set_style(document.add_paragraph(), BODY)
    set_text(written, lead, LEADS[paragraph.kind])
    set_text(written, text)


def _title(paragraphs: tuple[ManuscriptParagraph, ...], name: str) -> str:
    lead = [paragraph.lead + paragraph.text for paragraph in paragraphs if paragraph.kind is ParagraphKind.TITLE]
    return ("".join(lead) or clean(name))[:_LONGEST_TITLE]
