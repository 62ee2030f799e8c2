"""The last pages of an exported draft (附页): what to check, what to fill in and where its lines are from.

They start on a page of their own and say that they are no part of the document. They share its section: with a section
of their own, deleting them would take the page numbers of the document along.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Twips

from bot.office.layout import type_area
from bot.office.prose import clean, set_style, set_text
from bot.office.styles import APPENDIX_CELL, APPENDIX_ENTRY, APPENDIX_HEADING, APPENDIX_NOTICE, APPENDIX_TITLE, TABLE
from handlers.manuscript import Manuscript

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import _Cell, _Row

TITLE = "附页"
NOTICE = "本页起不属于正文，仅供核对，定稿前请删除"
REMARKS = "需要留意"
BLANKS = "数据清单"
SOURCES = "出处"
COLUMNS = ("序号", "要填的内容", "填写")

_NUMBER_WIDTH = 900
"""Twips: the heading of the first column and its margins."""


def add_appendix(document: Document, manuscript: Manuscript) -> None:
    """Add the last pages to ``document``; nothing where there is nothing to list."""
    remarks, blanks, sources = (
        _entries(texts) for texts in (manuscript.remarks, manuscript.blanks, manuscript.sources)
    )
    if not (remarks or blanks or sources):
        return
    set_style(document.add_paragraph(TITLE), APPENDIX_TITLE)
    set_style(document.add_paragraph(NOTICE), APPENDIX_NOTICE)
    _add_list(document, REMARKS, remarks)
    if blanks:
        set_style(document.add_paragraph(BLANKS), APPENDIX_HEADING)
        _add_form(document, blanks)
    _add_list(document, SOURCES, sources)
    if blanks and not sources:
        # A document must not end with a table.
        set_style(document.add_paragraph(), APPENDIX_ENTRY)


def _entries(texts: Sequence[str]) -> list[str]:
    return [text for text in map(clean, texts) if text]


def _add_list(document: Document, heading: str, entries: Sequence[str]) -> None:
    if not entries:
        return
    set_style(document.add_paragraph(heading), APPENDIX_HEADING)
    for n, entry in enumerate(entries, 1):
        set_text(set_style(document.add_paragraph(), APPENDIX_ENTRY), f"{n}.\t{entry}")


def _add_form(document: Document, blanks: Sequence[str]) -> None:
    table = document.add_table(1 + len(blanks), len(COLUMNS), TABLE)
    table.autofit = False
    half = (type_area()[0] - _NUMBER_WIDTH) // 2
    for column, width in zip(table.columns, (_NUMBER_WIDTH, half, half), strict=True):
        column.width = Twips(width)
    heading, *rows = table.rows
    _fill_row(heading, COLUMNS, centred=len(COLUMNS))
    heading._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for n, (row, blank) in enumerate(zip(rows, blanks, strict=True), 1):
        _fill_row(row, (str(n), blank, ""), centred=1)


def _fill_row(row: _Row, texts: tuple[str, ...], *, centred: int) -> None:
    """Write ``texts`` into the cells of a row that no page break divides; the first ``centred`` stand in the middle."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for n, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        _fill(cell, text, centred=n < centred)


def _fill(cell: _Cell, text: str, *, centred: bool) -> None:
    paragraph = set_style(cell.paragraphs[0], APPENDIX_CELL)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    set_text(paragraph, text)
