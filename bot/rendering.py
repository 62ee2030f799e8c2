"""Reply to pages of text: the only place that knows bytes.

A page never exceeds the channel's limit. It ends at a line or sentence end where there is one, never inside a character. A
passage keeps its source line, a heading set its headings, wherever a page can hold them. Pages put together again, without
their markers, are the whole reply.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import assert_never

from bot.paging import MARKER_ROOM, Chunk, paginate, size
from handlers.citation import cite
from handlers.reply import (
    Block,
    Choices,
    HeadingBlock,
    Item,
    Moves,
    OutlineBlock,
    Paragraph,
    PassageBlock,
    Reply,
    SourceLine,
    Title,
)
from knowledge.model import Source

TEXT_LIMIT_BYTES = 2048
"""What WeChat Work shows of a text message; the rest is cut off silently [90241]."""

INDENT = "　"
_SOURCE = "出处："
_MOVES = "回复："
_BETWEEN_MOVES = " · "

_UNTIDY = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]|\s{17}|\s$")
_IDLE = " " * 17
_UNSENDABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_TAIL = re.compile(r"[^\S\n]+(?=\n|$)")
_WIDE_GAP = re.compile(r"[^\S\n]{17,}")
_BLANK_LINES = re.compile(r"\n{3,}")


def render(reply: Reply, limit_bytes: int = TEXT_LIMIT_BYTES) -> tuple[str, ...]:
    """Return the pages of ``reply``, each at most ``limit_bytes`` of UTF-8; none for a reply without text.

    Raises ValueError for a limit too small to page in (see :func:`bot.paging.paginate`).
    """
    chunks: list[Chunk] = []
    for block in reply.blocks:
        if not isinstance(block, Moves):
            chunks += _chunks(block)
    options = [option for block in reply.blocks if isinstance(block, Moves) for option in block.options]
    moves = _moves(options, limit_bytes - MARKER_ROOM)
    return paginate([*chunks, Chunk(moves, whole=True)] if moves else chunks, limit_bytes)


def _chunks(block: Block) -> list[Chunk]:
    """Return the pieces of a block that are better not parted."""
    match block:
        case Title(text=text) | Paragraph(text=text):
            return _texts([_clean(text)])
        case OutlineBlock(items=items):
            return _texts(map(_outline_line, items))
        case PassageBlock(items=items):
            return _texts(map(_passage, items), whole=True)
        case HeadingBlock(items=items):
            return list(_heading_sets(items))
        case Choices(items=items):
            return _texts(map(_numbered_line, items))
        case SourceLine(sources=sources):
            return _texts([_sources(sources)])
        case Moves(options=options):
            return _texts([_moves(options, TEXT_LIMIT_BYTES)])
        case _:
            assert_never(block)


def _texts(texts: Iterable[str], *, whole: bool = False) -> list[Chunk]:
    return [Chunk(text, whole=whole) for text in texts if text.strip()]


def _heading_sets(items: Sequence[Item]) -> Iterator[Chunk]:
    """Return one chunk for each set, with a blank line before every set but the first."""
    sets = (
        "\n".join(filter(None, map(_numbered_line, members))) for _, members in groupby(items, lambda item: item.set)
    )
    for place, text in enumerate(filter(None, sets)):
        yield Chunk(f"\n{text}" if place else text, whole=True)


def _outline_line(item: Item) -> str:
    text = _marked(item)
    if not text:
        return ""
    level = item.level or 1
    number = _ordinal(item.ordinal, level) if item.ordinal else f"{item.n}. " if item.n is not None else ""
    return f"{INDENT * (level - 1)}{number}{text}"


def _numbered_line(item: Item) -> str:
    """Return the line with the number a user may reply with; without one, with the ordinal the heading has."""
    text = _marked(item)
    if not text:
        return ""
    if item.n is not None:
        return f"{item.n}. {text}"
    return _ordinal(item.ordinal, item.level or 1) + text if item.ordinal else text


def _passage(item: Item) -> str:
    text = _marked(item)
    if not text:
        return ""
    number = f"{item.n}. " if item.n is not None else ""
    source = _sources(item.sources)
    return f"{number}{text}\n{INDENT}{source}" if source else f"{number}{text}"


def _marked(item: Item) -> str:
    text = _clean(item.text)
    return INDENT.join([text, *filter(None, map(_clean, item.marks))]) if text and item.marks else text


def _ordinal(ordinal: str, level: int) -> str:
    """Return an ordinal with the punctuation of its level: 一、（一） 1. （1）; 一是 and 第一 read on into the text."""
    number = _clean(ordinal)
    if number.endswith("是"):
        return number
    if number.startswith("第"):
        return f"{number}，"
    forms = {1: f"{number}、", 3: f"{number}. "}
    return forms.get(level, f"（{number}）")


def _sources(sources: Sequence[Source]) -> str:
    if not sources:
        return ""
    reports = len({source.report for source in sources})
    return f"{_SOURCE}{_clean(cite(sources[0]))}{f'等{reports}篇' if reports > 1 else ''}"


def _moves(options: Sequence[str], room: int) -> str:
    """Return the line of next moves; those beyond ``room`` bytes are left out, a move cut short being none at all."""
    clean = [option for option in map(_clean, options) if option]
    line = _MOVES + _BETWEEN_MOVES.join(clean) if clean else ""
    if size(line) <= room:
        return line
    line = ""
    for option in clean:
        longer = f"{line}{_BETWEEN_MOVES if line else _MOVES}{option}"
        if size(longer) > room:
            break
        line = longer
    return line


def _clean(text: str) -> str:
    """Return ``text`` without what no message can carry (control characters, lone surrogates) and without idle space."""
    # Printable text has no space but the plain one.
    if (text.isprintable() and text[-1:] != " " and _IDLE not in text) or not _UNTIDY.search(text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = _UNSENDABLE.sub("", text)
    text = _LINE_TAIL.sub("", text)
    text = _WIDE_GAP.sub(INDENT * 4, text)
    return _BLANK_LINES.sub("\n\n", text).strip("\n")
