"""Characters and lines: what every format's text passes through before it is a document's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

from knowledge.corpus.readers.document import HeadingHint, Line
from knowledge.corpus.readers.errors import Reason, UnreadableDocument
from knowledge.corpus.readers.limits import MAX_CHARACTERS, MAX_LINE_CHARACTERS, MAX_PARAGRAPHS, MAX_ROWS

# Every way a line ends in office files: CR (old Mac), VT (a Word line break pasted as text), FF, NEL, LS, PS.
_LINE_END: Final = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Control characters, lone surrogates, byte order marks inside the text, and code points that are no characters.
_UNWANTED: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]")

_HYPHENATED: Final = re.compile("[A-Za-z][-\u00ad\u2010]$")

# Marks that no line can begin or end with (避头尾): where one does, the line break is not the writer's.
_NEVER_FIRST: Final = frozenset("，。、；：！？）》〉」』】〕”’％,;!?)")
_NEVER_LAST: Final = frozenset("（《〈「『【〔“‘(")
_PAIRS: Final = (("《", "》"), ("“", "”"), ("（", "）"))
_ORDINAL: Final = re.compile(
    r"[（(]?(?:[一二三四五六七八九十]{1,3}[、）)]|\d{1,2}[.．、）)](?!\d)|第[一二三四五六七八九十]+[章节条，])"
)
_TERMINAL: Final = frozenset("。！？；：…!?;:”’）》")


def clean_text(text: str) -> str:
    """Return ``text`` with line feeds only and without control characters, surrogates or stray byte order marks."""
    text = _UNWANTED.sub("", _LINE_END.sub("\n", text))
    return text.replace("\xa0", " ")


def check_length(text: str) -> None:
    """Raise ``UnreadableDocument`` when ``text`` has more characters or rows than a document may have."""
    if text.count("\n") + text.count("\r") > MAX_ROWS:
        raise UnreadableDocument(Reason.TOO_LONG, f"{MAX_ROWS // 10_000}万行")
    if len(text) > MAX_CHARACTERS:
        raise UnreadableDocument(Reason.TOO_LONG, f"{MAX_CHARACTERS // 10_000}万字")


def check_rows(rows: list[str]) -> None:
    """Raise ``UnreadableDocument`` when a row is longer than any paragraph is."""
    if any(len(row) > MAX_LINE_CHARACTERS for row in rows):
        raise UnreadableDocument(Reason.LONG_LINE, f"{MAX_LINE_CHARACTERS // 10_000}万字")


def compose(lines: Iterable[Line]) -> tuple[str, tuple[HeadingHint, ...]]:
    """Return the text of ``lines``, each paragraph stripped and on a line of its own, with the hints' spans in it.

    A paragraph with line ends inside becomes several lines of the same level; blank ones vanish. Raises
    ``UnreadableDocument`` beyond the caps on characters, paragraphs and one line's length.
    """
    kept: list[str] = []
    hints: list[HeadingHint] = []
    position = 0
    for line in lines:
        for piece in clean_text(line.text).split("\n"):
            stripped = piece.strip()
            if not stripped:
                continue
            check_rows([stripped])
            if line.level is not None:
                hints.append(HeadingHint(position, position + len(stripped), line.level))
            kept.append(stripped)
            position += len(stripped) + 1
        if position > MAX_CHARACTERS:
            raise UnreadableDocument(Reason.TOO_LONG, f"{MAX_CHARACTERS // 10_000}万字")
        if len(kept) > MAX_PARAGRAPHS:
            raise UnreadableDocument(Reason.TOO_LONG, f"{MAX_PARAGRAPHS // 10_000}万段")
    return "\n".join(kept), tuple(hints)


def display_width(text: str) -> int:
    """Return the width of ``text`` in half-width columns: a Chinese character or mark takes two, a letter one."""
    return len(text.encode("gbk", "replace"))


def join_pieces(pieces: list[str]) -> str:
    """Return the pieces of one paragraph as one: a space only where both sides are letters or digits."""
    parts: list[str] = []
    for piece in filter(None, pieces):
        if parts and _HYPHENATED.search(parts[-1][-2:]) and piece[0].isalpha():
            parts[-1] = parts[-1][:-1]
        elif parts and not parts[-1].endswith("-") and not is_wide(parts[-1][-1]) and not is_wide(piece[0]):
            parts.append(" ")
        parts.append(piece)
    return "".join(parts)


def merge_rows(rows: Iterable[str], continues: Callable[[str, str], bool]) -> list[str]:
    """Return ``rows`` with each one joined to the row before it for which ``continues(before, row)`` holds."""
    merged: list[str] = []
    pieces: list[str] = []
    for row in rows:
        if pieces and not continues(pieces[-1], row):
            merged.append(join_pieces(pieces))
            pieces = []
        pieces.append(row)
    if pieces:
        merged.append(join_pieces(pieces))
    return merged


def join_cut_lines(lines: list[Line]) -> list[Line]:
    """Return ``lines`` with those of one level joined that certainly are one paragraph (a line opens with a comma)."""
    joined: list[Line] = []
    pieces: list[str] = []
    for index, line in enumerate(lines):
        pieces.append(line.text)
        following = lines[index + 1] if index + 1 < len(lines) else None
        if following is None or following.level != line.level or not is_cut_between(line.text, following.text):
            joined.append(Line(join_pieces(pieces), line.level))
            pieces = []
    return joined


def is_wide(character: str) -> bool:
    """Return whether ``character`` belongs to Chinese text (beside it a line break stands for nothing)."""
    return unicodedata.east_asian_width(character) in "WFA"


def ends_sentence(text: str) -> bool:
    """Return whether ``text`` ends as a paragraph does, with a closing mark."""
    return bool(text) and text[-1] in _TERMINAL


def starts_with_ordinal(text: str) -> bool:
    """Return whether ``text`` opens with a numbered heading's ordinal (一、 （一） 1. 第一条)."""
    return _ORDINAL.match(text) is not None


def is_cut_between(first: str, second: str) -> bool:
    """Return whether the break between two neighbouring lines certainly is not the writer's.

    It is not where a line begins or ends with a mark that cannot stand there, and where a line stops inside a title,
    a quotation or a bracket that the next line closes.
    """
    if not first or not second:
        return False
    if second[0] in _NEVER_FIRST or first[-1] in _NEVER_LAST:
        return True
    if first[-1] in _TERMINAL:
        return False
    return any(_closes(first, second, opening, closing) for opening, closing in _PAIRS)


def _closes(first: str, second: str, opening: str, closing: str) -> bool:
    if first.rfind(opening) <= first.rfind(closing):
        return False
    close, reopened = second.find(closing), second.find(opening)
    return close >= 0 and (reopened < 0 or close < reopened)
