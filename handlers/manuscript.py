"""Manuscript (文稿): a draft ready to be laid out, as a value. Only the transport knows Word files and text pages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ParagraphKind(StrEnum):
    """What a paragraph is; decides its font. The four headings are 一、 （一） 1. （1） (GB/T 9704—2012, 7.3.3)."""

    TITLE = "title"
    SALUTATION = "salutation"
    HEADING_1 = "heading_1"
    HEADING_2 = "heading_2"
    HEADING_3 = "heading_3"
    HEADING_4 = "heading_4"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class ManuscriptParagraph:
    """One paragraph with its number written out. ``lead`` is a heading run into the paragraph (（一）加强理论武装。), set in
    the font of ``kind``, while ``text`` goes on in the font of the body; for a heading of its own ``text`` is empty.
    Blanks stand as 【X次】.
    """

    kind: ParagraphKind
    lead: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A document to be written: ``file_name`` without its suffix, the paragraphs in order (the title first), the blanks to
    fill in with the words around them (数据清单), and the sources (出处) of its lines, each as shown to a user.
    """

    file_name: str
    paragraphs: tuple[ManuscriptParagraph, ...]
    blanks: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    """Warnings that belong beside the text: dated wording, mostly verbatim."""
