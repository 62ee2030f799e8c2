"""Text to pages of limited size in UTF-8, cut where a reader would pause."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MORE_MARKER = "（未完，回复“更多”看下文）"
"""The last line of every page but the last."""

MARKER_ROOM = len(f"\n{MORE_MARKER}".encode())
SMALLEST_LIMIT = 256

_SENTENCE_END = re.compile(r"[。！？；!?;…]+[”’）》】」』\"')]*|\n")
_CLAUSE_END = re.compile(r"[，、：,:]|\s")
_AFTER_PAUSE = frozenset("。！？；!?;…”’）》】」』\"')，、：,:")
_FLAG_HALVES = "".join(map(chr, range(0x1F1E6, 0x1F200)))
_JOINERS = {"Mn", "Me", "Mc"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of text. ``whole``: goes to the next page sooner than it is parted."""

    text: str
    whole: bool = False


def size(text: str) -> int:
    """Return the bytes of ``text`` in UTF-8."""
    return len(text.encode())


def paginate(chunks: Sequence[Chunk], limit: int) -> tuple[str, ...]:
    """Put chunks on lines of their own and the lines on pages of at most ``limit`` bytes, marker included.

    Chunks that begin with a newline keep it as a blank line, except at the head of a page. Raises ValueError when
    ``limit`` is below :data:`SMALLEST_LIMIT`.
    """
    if limit < SMALLEST_LIMIT:
        raise ValueError(f"a page needs at least {SMALLEST_LIMIT} bytes")
    text = "\n".join(chunk.text for chunk in chunks).strip("\n")
    if size(text) <= limit:
        return (text,) if text.strip() else ()
    pages = list(_pages(chunks, limit - MARKER_ROOM))
    if len(pages) > 1:
        # The last page needs no marker: what was kept free for one may hold it.
        joined = f"{pages[-2].text}{pages[-2].joint}{pages[-1].text}"
        if size(joined) <= limit:
            pages[-2:] = [_Page(joined, "")]
    return (*(f"{page.text}\n{MORE_MARKER}" for page in pages[:-1]), pages[-1].text)


@dataclass(frozen=True, slots=True)
class _Page:
    """The text of a page and what stood between it and the next: a newline, or nothing inside a line."""

    text: str
    joint: str


def _pages(chunks: Sequence[Chunk], room: int) -> Iterator[_Page]:
    page = ""
    for chunk in chunks:
        rest = chunk.text
        while rest:
            if not page:
                rest = rest.lstrip("\n")
            glue = "\n" if page else ""
            left = room - size(page + glue)
            if size(rest) <= left:
                page += glue + rest
                break
            # A page half full is better closed than ended inside a chunk that the next one can hold.
            moves = page and size(rest) <= room and (chunk.whole or size(page) * 2 >= room)
            cut = 0 if moves else _cut(rest, left, gently=bool(page))
            if cut:
                page += glue + rest[:cut].rstrip("\n")
            yield _Page(page, "\n" if cut == 0 or rest[cut - 1] == "\n" or rest[cut : cut + 1] == "\n" else "")
            page, rest = "", rest[cut:]
    if page:
        yield _Page(page, "")


def _cut(text: str, room: int, *, gently: bool) -> int:
    """Return how many characters of ``text`` to put into ``room`` bytes: up to a line or sentence end, else a clause end,
    else as many as fit. ``gently``: 0 rather than ending inside a sentence.
    """
    most = _fitting(text, room)
    head = text[:most]
    line = head.rfind("\n") + 1
    if line * 2 >= most and head[:line].strip():
        return line
    for pause in (_SENTENCE_END,) if gently else (_SENTENCE_END, _CLAUSE_END):
        for end in reversed([found.end() for found in pause.finditer(text, 0, most)]):
            # A page must not begin with the mark that closes the sentence before.
            if head[:end].strip() and text[end : end + 1] not in _AFTER_PAUSE and not _belong_together(text, end):
                return end
    return 0 if gently else _character_end(text, most)


def _fitting(text: str, room: int) -> int:
    return len(text.encode()[: max(0, room)].decode(errors="ignore"))


def _character_end(text: str, most: int) -> int:
    """Step back from ``most`` to where a character as seen by a reader ends; a cluster longer than that is parted."""
    for end in range(most, 0, -1):
        if not _belong_together(text, end):
            return end
    return most


def _belong_together(text: str, place: int) -> bool:
    """Tell whether the characters before and after ``place`` show as one: accents, emoji sequences, flags."""
    if not 0 < place < len(text):
        return False
    before, after = text[place - 1], text[place]
    if "\u200d" in (before, after) or unicodedata.category(after) in _JOINERS or "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if before not in _FLAG_HALVES or after not in _FLAG_HALVES:
        return False
    return (place - len(text[:place].rstrip(_FLAG_HALVES))) % 2 == 1
