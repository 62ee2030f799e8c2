"""The values readers hand on: a read document, and what one format module found in it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HeadingHint:
    """What the format itself says about a heading: ``text[start:end]`` has ``level`` 1–9.

    From a docx style or outline level, ``h1``–``h6`` in html, ``#`` in Markdown; one hint a line. A hint, not a
    verdict: writers give whole paragraphs a heading style.
    """

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Document:
    """One document as text (文稿): one paragraph a line, automatic numbering restored in place.

    ``name`` is the file stem and ``sha256`` the digest of the bytes. ``format`` is the true format (``txt``, ``md``,
    ``html``, ``docx``, ``pdf``), whatever the file is called; ``encoding`` the decided one of text formats
    (``utf-8``, ``utf-8-sig``, ``utf-16``, ``gb18030``), else empty. ``title`` is one the format itself carries.
    ``remarks`` are Chinese sentences on what reading changed or left out (wrong extension, web page furniture, joined
    lines); ``text`` has no control characters but line feeds and tabs, and no blank lines.
    """

    name: str
    text: str
    format: str
    encoding: str
    sha256: str
    hints: tuple[HeadingHint, ...] = ()
    title: str | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a paragraph and where the file has them: from ``offset`` on in its ``element``-th text element.

    Text elements (``w:t`` and ``m:t``) are counted from 0 in document order, those that are not shown included.
    ``element`` is ``None`` for what stands in none: automatic numbers, tabs, line breaks, the joints of table cells.
    """

    text: str
    element: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph of a document; ``level`` when the format calls it a heading (1–9).

    ``pieces`` says where a docx has the line (other formats leave it empty); together they are ``text`` but for the
    blanks inside table cells.
    """

    text: str
    level: int | None = None
    pieces: tuple[Piece, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Extract:
    """What a format module found: lines in reading order, the format's own title, and remarks for the user."""

    lines: list[Line]
    title: str | None = None
    remarks: tuple[str, ...] = ()
