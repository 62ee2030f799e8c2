"""Markdown (md): the markup of headings, emphasis, links, quotes and tables taken off, headings hinted.

Chinese reports in Markdown use little of it; what is not recognised stays as written. Masks (某**局, 202_年) are kept:
emphasis counts only as a pair around text within one line, and underscores only around whole words.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Final

from knowledge.corpus.readers.document import Extract, Line
from knowledge.corpus.readers.lines import (
    check_length,
    check_rows,
    clean_text,
    display_width,
    ends_sentence,
    join_pieces,
    starts_with_ordinal,
)
from knowledge.corpus.readers.text import drop_capture_notes

_HEADING: Final = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|(?=[^\s#]))")
_UNDERLINE: Final = re.compile(r" {0,3}(=+|-+)[ \t]*")
_RULE: Final = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})")
_FENCE: Final = re.compile(r" {0,3}(?:```|~~~)")
_QUOTE: Final = re.compile(r"(?: {0,3}>[ \t]?){1,20}")
_ITEM: Final = re.compile(r"[ \t]*(?:[-*+]|(\d{1,3}[.)]))[ \t]+(?:\[[ xX]\][ \t]+)?(.*)")
_TABLE_ROW: Final = re.compile(r"[ \t]*\|.*\|[ \t]*")
_TABLE_RULE: Final = re.compile(r"[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?")
_COMMENT: Final = re.compile(r"<!--[^<>]{0,2000}-->")
_BREAK_TAG: Final = re.compile(r"<br\s{0,3}/?>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_IMAGE: Final = re.compile(r"!\[[^\[\]]{0,300}\]\([^()\s]{0,2000}(?:\s+\"[^\"]{0,300}\")?\)")
_LINK: Final = re.compile(r"\[([^\[\]]{1,500})\]\([^()\s]{0,2000}(?:\s+\"[^\"]{0,300}\")?\)")
_DEFINITION: Final = re.compile(r" {0,3}\[[^\[\]]{1,100}\]:\s*\S+.*")
_SILENT: Final = (_UNDERLINE, _RULE, _TABLE_RULE, _DEFINITION)
_LONGEST_RULE: Final = 2_000
# Inside a line two stars are strong only around a phrase: with a comma between them they are two masks.
_STRONG: Final = re.compile(
    r"^[ \t]*\*\*(?=[^\s*])([^*\n]{1,500})(?<=[^\s*])\*\*(?!\*)"
    r"|(?<![*\\])\*\*(?=[^\s*])([^*，。；\n]{1,100})(?<=[^\s*])\*\*(?!\*)"
)
_EMPHASIS: Final = re.compile(r"(?<![\w*\\])\*(?=[\w“《])([^*\n]{1,500})(?<=[^\s*])\*(?![\w*])")
_UNDERSCORES: Final = re.compile(r"(?<![\w\\])(_{1,2})(?=[^\s_])([^_\n]{1,500})(?<=[^\s_])\1(?!\w)")
_STRUCK: Final = re.compile(r"~~(?=\S)([^~\n]{1,500})(?<=\S)~~")
_CODE: Final = re.compile(r"`([^`\n]{1,500})`")
_ESCAPED: Final = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|~>])")
# Thirty characters: longer than a heading or a signature without an end mark.
_LONG_ROW: Final = 60


@dataclass(frozen=True, slots=True)
class _Row:
    """One row without markup; ``flows`` when the next row may continue its paragraph."""

    text: str
    level: int | None = None
    flows: bool = False


_BREAK: Final = _Row("")


def read_markdown(text: str) -> Extract:
    """Return the paragraphs of a Markdown text; the only level-1 heading is its title."""
    check_length(text)
    rows: list[_Row] = []
    fenced = False
    source = drop_capture_notes(clean_text(text).split("\n"))
    check_rows(source)
    for raw in source:
        if _FENCE.match(raw):
            fenced = not fenced
            rows.append(_BREAK)
        elif fenced:
            rows.append(_Row(raw))
        elif rows and rows[-1].flows and _UNDERLINE.fullmatch(raw):
            rows[-1] = _Row(rows[-1].text, 1 if "=" in raw else 2)
        else:
            rows.append(_read_row(raw))
    lines = _join_rows(rows)
    top = [line.text for line in lines if line.level == 1]
    return Extract(lines, title=top[0] if len(top) == 1 else None)


def _join_rows(rows: list[_Row]) -> list[Line]:
    """Return paragraphs: a row continues the long row before it that stopped inside a sentence.

    Markdown joins any two rows; Chinese authors end a row where the paragraph ends, so that a short row stands alone.
    """
    lines: list[Line] = []
    pieces: list[str] = []
    for row in [*rows, _BREAK]:
        if pieces and not (row.flows and _runs_on(pieces[-1], row.text)):
            lines.append(Line(join_pieces(pieces)))
            pieces = []
        if row.flows:
            pieces.append(row.text)
        elif row.text:
            lines.append(Line(row.text, row.level))
    return lines


def _runs_on(before: str, row: str) -> bool:
    return display_width(before) >= _LONG_ROW and not ends_sentence(before) and not starts_with_ordinal(row)


def _read_row(raw: str) -> _Row:
    """Return what one row says without its markup."""
    quote = _QUOTE.match(raw)
    raw = raw[quote.end() :] if quote else raw
    if not raw.strip() or (len(raw) < _LONGEST_RULE and any(pattern.fullmatch(raw) for pattern in _SILENT)):
        return _BREAK
    if heading := _HEADING.match(raw):
        return _Row(strip_inline(raw[heading.end() :].rstrip().rstrip("#").rstrip()), len(heading[1]))
    if item := _ITEM.fullmatch(raw):
        return _Row((item[1] or "") + strip_inline(item[2]))
    if _TABLE_ROW.fullmatch(raw):
        cells = raw.strip().strip("|").split("|")
        return _Row("\t".join(strip_inline(cell.strip()) for cell in cells))
    return _Row(strip_inline(raw.strip()), flows=not raw.endswith("  "))


def strip_inline(text: str) -> str:
    """Return ``text`` without inline markup: links and images by their words, emphasis, code, tags, escapes."""
    text = _TAG.sub("", _BREAK_TAG.sub("\n", _COMMENT.sub("", text)))
    text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    text = _STRONG.sub(lambda match: match[1] or match[2], _CODE.sub(r"\1", text))
    text = _UNDERSCORES.sub(r"\2", _STRUCK.sub(r"\1", _EMPHASIS.sub(r"\1", text)))
    return html.unescape(_ESCAPED.sub(r"\1", text))
