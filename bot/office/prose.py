"""Text on its way into a document: what XML can't hold is left out, lines become paragraphs, blanks are highlighted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from docx.oxml import parse_xml

from bot.office.styles import NAMESPACE
from handlers.manuscript import ManuscriptParagraph, ParagraphKind

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph

# Control characters, halves of surrogate pairs and the two code points that XML 1.0 excludes (production 2, Char).
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BLANK = re.compile(r"(【[^【】]+】)")


def clean(text: str) -> str:
    """Return ``text`` on one line, without what a document can't hold and without white space at its ends."""
    return _UNWRITABLE.sub("", " ".join(text.splitlines())).strip()


def lines(paragraphs: Iterable[ManuscriptParagraph]) -> Iterator[ManuscriptParagraph]:
    """Yield the paragraphs fit to be written: each one line, none empty.

    A line break in a pasted text starts a paragraph of its own; spaces typed as an indent go, the style indents.
    """
    for paragraph in paragraphs:
        *before, lead = _split(paragraph.lead)
        text, *after = _split(paragraph.text)
        yield from _filled(paragraph.kind, before)
        kind = paragraph.kind if lead.strip() else _without_lead(paragraph.kind)
        if lead.strip() or text.strip():
            yield ManuscriptParagraph(kind, *_trim(lead, text))
        yield from _filled(_without_lead(paragraph.kind), after)


def set_style(paragraph: Paragraph, style: str) -> Paragraph:
    """Give ``paragraph`` the style of that id and return it.

    ``Paragraph.style`` would search the styles for each of hundreds of paragraphs, and takes longer than all the rest.
    """
    paragraph._p.style = style
    return paragraph


def set_text(paragraph: Paragraph, text: str, style: str = "") -> None:
    """Add ``text`` to ``paragraph``, in the character style of that id; each blank (【X次】) is a run on yellow."""
    for n, piece in enumerate(_BLANK.split(text)):
        if piece:
            paragraph.add_run(piece).element.insert(0, parse_xml(_properties(style, is_blank=n % 2 == 1)))


@cache
def _properties(style: str, *, is_blank: bool) -> str:
    # Quotation marks and dashes belong to both scripts; the hint has them set in the Chinese typeface.
    return (
        f"<w:rPr {NAMESPACE}>"
        + (f'<w:rStyle w:val="{style}"/>' if style else "")
        + '<w:rFonts w:hint="eastAsia"/>'
        + ('<w:highlight w:val="yellow"/>' if is_blank else "")
        + "</w:rPr>"
    )


def _split(text: str) -> list[str]:
    return [_UNWRITABLE.sub("", line) for line in text.splitlines()] or [""]


def _trim(lead: str, text: str) -> tuple[str, str]:
    """Return both without white space at the ends of the paragraph; between them it is kept."""
    if not text.strip():
        return lead.strip(), ""
    return (lead.lstrip(), text.rstrip()) if lead.strip() else ("", text.strip())


def _filled(kind: ParagraphKind, texts: Iterable[str]) -> Iterator[ManuscriptParagraph]:
    for text in texts:
        if text.strip():
            yield ManuscriptParagraph(kind, text.strip())


def _without_lead(kind: ParagraphKind) -> ParagraphKind:
    """Return what the text after a heading is: body, while a title or a salutation stays what it is."""
    return kind if kind in {ParagraphKind.TITLE, ParagraphKind.SALUTATION} else ParagraphKind.BODY
