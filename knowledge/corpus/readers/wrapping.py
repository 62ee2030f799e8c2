"""Lines cut at a fixed width, joined into paragraphs again (硬换行)."""

from __future__ import annotations

import re
from typing import Final

from knowledge.corpus.readers.lines import display_width, ends_sentence, merge_rows, starts_with_ordinal

# A line is full when it reaches the width but for two characters: a mark that cannot begin a line goes over or stays.
_SLACK: Final = 4
_WIDTHS: Final = range(36, 161)
_MIN_FULL_LINES: Final = 6
# Of the full lines at least this share ends inside a sentence; of a text with one paragraph a line hardly any does.
_OPEN_SHARE: Final = 0.6
# Full lines make up at least this share of all: between two of them a paragraph's short last line or a heading.
_FULL_SHARE: Final = 0.4
_INDENT: Final = re.compile(r"^(?:[\u3000]{1,}|[ \t\u3000]{2,})\S")
_STOP: Final = re.compile(r"[。！？：][”’）》]*$")


def unwrap(rows: list[str]) -> tuple[list[str], bool]:
    """Return ``rows`` with fixed-width lines joined into paragraphs, and whether they were.

    Only when it is certain: no line is wider than the width, many reach it, and most of those stop inside a sentence.
    A paragraph ends at a short line, a blank line, an indented next line, and before an ordinal that follows a full
    stop; without indentation a full line that ends in a full stop ends it too.
    """
    width = _find_width(rows)
    if width is None:
        return rows, False
    body = [row for row in rows if row.strip()]
    indented = sum(bool(_INDENT.match(row)) for row in body) * 20 >= len(body)

    def continues(before: str, row: str) -> bool:
        if not row or display_width(before) < width - _SLACK:
            return False
        return not _starts_paragraph(row, before, indented=indented)

    return merge_rows((row.rstrip() for row in rows), continues), True


def _find_width(rows: list[str]) -> int | None:
    """Return the width in columns at which every line of ``rows`` is cut, ``None`` when they are not."""
    filled = [row.rstrip() for row in rows if row.strip()]
    if any(len(row) >= _WIDTHS.stop for row in filled):
        return None
    widths = [display_width(row) for row in filled]
    if not widths or max(widths) not in _WIDTHS:
        return None
    width = max(widths)
    full = [row for row, columns in zip(filled, widths, strict=True) if columns >= width - _SLACK]
    inside = sum(not ends_sentence(row) for row in full)
    if len(full) < max(_MIN_FULL_LINES, _FULL_SHARE * len(filled)) or inside < _OPEN_SHARE * len(full):
        return None
    return width


def _starts_paragraph(row: str, before: str, *, indented: bool) -> bool:
    if indented:
        return bool(_INDENT.match(row))
    return bool(_STOP.search(before[-10:])) or (before.endswith("；") and starts_with_ordinal(row.strip()))
