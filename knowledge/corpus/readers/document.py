"""The values readers hand on: a read document, and what one format module found in it."""

from __future__ import annotations

from dataclasses import dataclass


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
class Line:
    """One paragraph of a document; ``level`` when the format calls it a heading (1–9)."""

    text: str
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """What a format module found: lines in reading order, the format's own title, and remarks for the user."""

    lines: list[Line]
    title: str | None = None
    remarks: tuple[str, ...] = ()
