"""A Word document as the text that is checked, and the way back from its characters to those of the file.

The text is the one the knowledge base reads: automatic numbers written out, tracked changes accepted, table rows on one
line each; footnotes and endnotes follow at the end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from operator import attrgetter

from knowledge.corpus.readers.document import Line, Piece
from knowledge.corpus.readers.docx import read_docx, read_notes
from knowledge.corpus.readers.lines import clean_text


@dataclass(frozen=True, slots=True)
class Place:
    """Characters ``start`` to ``end`` of the ``element``-th text element of the document part, with their ``text``."""

    element: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a stretch of the text stands in the file, in order; no places: the document part does not have it.

    Not exact: the stretch itself cannot be marked (an automatic number, a tab), and the place is the nearest that can.
    """

    places: tuple[Place, ...]
    is_exact: bool


@dataclass(frozen=True, slots=True)
class _Segment:
    """``text[start:end]`` of the whole text is found from ``offset`` on in a text element."""

    start: int
    end: int
    element: int
    offset: int


_START = attrgetter("start")
_END = attrgetter("end")


class WordText:
    """The text of a docx, one paragraph or table row a line, with the way back."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._segments: list[_Segment] = []
        rows: list[str] = []
        position = 0
        for line in lines:
            for row in _rows(line.pieces):
                self._segments.extend(_segments(row, position))
                rows.append("".join(piece.text for piece in row))
                position += len(rows[-1]) + 1
        self.text = "\n".join(rows)

    def locate(self, start: int, end: int) -> Anchor:
        """Return where ``text[start:end]`` stands; for an empty or unmarkable stretch the nearest place on its line."""
        end = max(end, start + 1)
        if places := tuple(self._places(start, end)):
            return Anchor(places, is_exact=True)
        line_start = self.text.rfind("\n", 0, start) + 1
        line_end = self.text.find("\n", start)
        line_end = len(self.text) if line_end < 0 else line_end
        after = bisect_left(self._segments, end, key=_START)
        if after < len(self._segments) and self._segments[after].start < line_end:
            nearest = self._segments[after].start
        elif after and self._segments[after - 1].end > line_start:
            nearest = self._segments[after - 1].end - 1
        else:
            return Anchor((), is_exact=False)
        return Anchor(tuple(self._places(nearest, nearest + 1)), is_exact=False)

    def _places(self, start: int, end: int) -> Iterator[Place]:
        for index in range(bisect_right(self._segments, start, key=_END), len(self._segments)):
            segment = self._segments[index]
            if segment.start >= end:
                return
            first, last = max(start, segment.start), min(end, segment.end)
            shift = segment.offset - segment.start
            yield Place(segment.element, first + shift, last + shift, self.text[first:last])


def read_word(data: bytes) -> WordText:
    """Return the text of a docx with the way back; raises ``UnreadableDocument`` as the reader does."""
    notes = (Line(line.text, pieces=(Piece(line.text),)) for line in read_notes(data))
    return WordText([*read_docx(data).lines, *notes])


def _rows(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Yield the lines that pieces make, cut at line breaks, without blanks at their ends; blank ones are left out."""
    row: list[Piece] = []
    for piece in _characters(pieces):
        if piece.text == "\n":
            yield from _trimmed(row)
            row = []
        else:
            row.append(piece)
    yield from _trimmed(row)


def _characters(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield the pieces as a document's text has them: line breaks alone, unwanted characters left out."""
    for piece in pieces:
        text = piece.text.replace("\xa0", " ")
        if clean_text(text) == text and "\n" not in text:
            yield replace(piece, text=text)
        else:
            for index, character in enumerate(text):
                if cleaned := clean_text(character):
                    yield replace(piece, text=cleaned, offset=piece.offset + index)


def _trimmed(row: list[Piece]) -> Iterator[list[Piece]]:
    text = "".join(piece.text for piece in row)
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    kept: list[Piece] = []
    position = 0
    for piece in row:
        first, last = max(start - position, 0), min(end - position, len(piece.text))
        if first < last:
            kept.append(replace(piece, text=piece.text[first:last], offset=piece.offset + first))
        position += len(piece.text)
    if kept:
        yield kept


def _segments(row: list[Piece], position: int) -> Iterator[_Segment]:
    """Yield the segments of one line that begins at ``position``, neighbours in one element joined."""
    last: _Segment | None = None
    for piece in row:
        end = position + len(piece.text)
        if piece.element is None:
            pass
        elif (
            last
            and last.end == position
            and (last.element, last.offset + position - last.start)
            == (
                piece.element,
                piece.offset,
            )
        ):
            last = replace(last, end=end)
        else:
            if last:
                yield last
            last = _Segment(position, end, piece.element, piece.offset)
        position = end
    if last:
        yield last
