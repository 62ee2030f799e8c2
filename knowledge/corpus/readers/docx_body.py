"""``word/document.xml`` as lines: paragraphs in order with their labels, tables as rows, changes as accepted.

What a reader of the final document would see on paper is kept; what the file merely remembers is not: deleted and
moved-away text, old properties, hidden text, field codes, comments, footnotes, tables of contents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from knowledge.corpus.readers.document import Line, Piece
from knowledge.corpus.readers.numbering import Numbering, is_on, to_integer
from knowledge.corpus.readers.styles import BODY_LEVEL, StyleSheet

# Elements left out with everything below them. The other half of mc:AlternateContent repeats the first for old programs.
_LEFT_OUT: Final = (
    "w:moveFrom w:pPrChange w:rPrChange w:sectPrChange w:tblPrChange w:tblGridChange w:trPrChange w:tcPrChange "
    "w:tblPrExChange w:numberingChange w:sectPr w:instrText w:delText w:delInstrText w:rt mc:Fallback w:tabs"
)
_SKIPPED: Final = frozenset(_LEFT_OUT.split())
_TEXTS: Final = frozenset({"w:t", "m:t"})
_CHARACTERS: Final = {"w:tab": "\t", "w:ptab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-"}
CHECK_TAG: Final = "bigan-check"
"""The tag of the content control that a checked document's summary page stands in; it is no part of the text."""

# A form's cell that holds a whole report: its paragraphs stay paragraphs.
_LONG_CELL: Final = 120


@dataclass(slots=True)
class _Paragraph:
    pieces: list[Piece] = field(default_factory=list)
    style: str | None = None
    number_id: str | None = None
    number_level: int | None = None
    outline: int | None = None
    joins_next: bool = False
    boxes: list[Line] = field(default_factory=list)
    codes: list[bool] = field(default_factory=list)


@dataclass(slots=True)
class _Row:
    cells: list[list[Line]] = field(default_factory=list)
    deleted: bool = False


class BodyEvents:
    """Reads the document part; afterwards ``lines`` holds its paragraphs and ``title`` the one in Title style."""

    def __init__(self, styles: StyleSheet, numbering: Numbering) -> None:
        self.lines: list[Line] = []
        self.title: str | None = None
        self._styles = styles
        self._numbering = numbering
        self._path: list[str] = []
        self._skipped = 0
        self._sinks: list[list[Line]] = [self.lines]
        self._paragraphs: list[_Paragraph] = []
        self._rows: list[_Row] = []
        self._hidden_runs: list[bool] = []
        self._carried: list[Piece] = []
        self._contents: list[bool] = []
        self._texts = -1
        self._offset = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        parent = self._path[-1] if self._path else ""
        self._path.append(name)
        if name in _TEXTS:
            self._texts += 1
            self._offset = 0
        if self._skipped or name in _SKIPPED or self._is_dropped(name, parent):
            self._skipped += 1
        elif name == "w:p":
            self._paragraphs.append(_Paragraph())
        elif name == "w:r":
            self._hidden_runs.append(False)
        elif name in {"w:tc", "w:txbxContent"}:
            self._sinks.append([])
        elif name == "w:tr":
            self._rows.append(_Row())
        elif name == "w:sdt":
            self._contents.append(False)
        elif parent == "w:r":
            self._start_in_run(name, attributes)
        else:
            self._start_property(name, parent, attributes)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        self._path.pop()
        if self._skipped:
            self._skipped -= 1
        elif name == "w:p" and self._paragraphs:
            self._end_paragraph(self._paragraphs.pop())
        elif name == "w:r" and self._hidden_runs:
            self._hidden_runs.pop()
        elif name == "w:tc":
            cell = self._sinks.pop()
            if self._rows:
                self._rows[-1].cells.append(cell)
            else:
                self._sinks[-1].extend(cell)
        elif name == "w:txbxContent":
            box = self._sinks.pop()
            (self._paragraphs[-1].boxes if self._paragraphs else self._sinks[-1]).extend(box)
        elif name == "w:tr" and self._rows:
            self._end_row(self._rows.pop())
        elif name == "w:sdt" and self._contents:
            self._contents.pop()

    def text(self, text: str) -> None:
        """Take character data: only that of w:t (and formulas) is the document's."""
        if self._path and self._path[-1] in _TEXTS:
            if not self._skipped:
                self._add(Piece(text, self._texts, self._offset))
            self._offset += len(text)

    def close(self) -> None:
        """Add what a last paragraph carried over to a next one that never came."""
        if self._carried:
            pieces = _trim(self._carried)
            self.lines.append(Line(_text_of(pieces), pieces=tuple(pieces)))

    def _is_dropped(self, name: str, parent: str) -> bool:
        """Return whether an element with a condition is left out: deletions, contents tables, prompts, check pages."""
        if name == "w:sdtContent":
            return bool(self._contents and self._contents[-1])
        return name == "w:del" and parent not in {"w:rPr", "w:trPr"}

    def _start_in_run(self, name: str, attributes: dict[str, str]) -> None:
        if name in _CHARACTERS:
            self._add(Piece(_CHARACTERS[name]))
        elif name == "w:fldChar" and self._paragraphs:
            _follow_field(self._paragraphs[-1].codes, attributes.get("w:fldCharType", ""))

    def _start_property(self, name: str, parent: str, attributes: dict[str, str]) -> None:
        value = attributes.get("w:val", "")
        if parent == "w:rPr" and self._hidden_runs and self._path[-3] == "w:r":
            if name == "w:vanish":
                self._hidden_runs[-1] = is_on(attributes)
            elif name == "w:rStyle" and self._styles.is_hidden(value):
                self._hidden_runs[-1] = True
        elif name == "w:del" and parent == "w:trPr" and self._rows:
            self._rows[-1].deleted = True
        elif name in {"w:docPartGallery", "w:showingPlcHdr", "w:tag"} and self._contents:
            self._contents[-1] |= name == "w:showingPlcHdr" or value.lower() in {"table of contents", CHECK_TAG}
        elif self._paragraphs:
            self._set_paragraph(self._paragraphs[-1], name, parent, value, attributes)

    def _set_paragraph(
        self, paragraph: _Paragraph, name: str, parent: str, value: str, attributes: dict[str, str]
    ) -> None:
        if name == "w:pStyle":
            paragraph.style = value
        elif name == "w:numId" and parent == "w:numPr":
            paragraph.number_id = value
        elif name == "w:ilvl" and parent == "w:numPr":
            paragraph.number_level = to_integer(value, 0)
        elif name == "w:outlineLvl":
            paragraph.outline = min(to_integer(value, BODY_LEVEL), BODY_LEVEL)
        elif parent == "w:rPr" and (name == "w:del" or (name == "w:specVanish" and is_on(attributes))):
            # The paragraph mark is deleted, or hidden as a style separator: the next paragraph goes on here.
            paragraph.joins_next = True

    def _add(self, piece: Piece) -> None:
        if not self._paragraphs or (self._hidden_runs and self._hidden_runs[-1]):
            return
        paragraph = self._paragraphs[-1]
        if not any(paragraph.codes):
            paragraph.pieces.append(piece)

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        sink = self._sinks[-1]
        pieces, self._carried = self._carried, []
        pieces += paragraph.pieces
        if paragraph.joins_next:
            self._carried = pieces
        elif not self._styles.is_contents(paragraph.style):
            label = self._label(paragraph)
            if pieces := _trim(pieces):
                body = _text_of(pieces)
                if self.title is None and self._styles.is_title(paragraph.style):
                    self.title = " ".join(body.split())
                sink.append(Line(label + body, self._level(paragraph), (Piece(label), *pieces)))
        sink.extend(paragraph.boxes)

    def _label(self, paragraph: _Paragraph) -> str:
        """Return the automatic number of ``paragraph``: its own, or its style's; list 0 means none."""
        number_id, level = paragraph.number_id, paragraph.number_level
        if number_id is None:
            inherited = self._styles.numbering(paragraph.style)
            if inherited is None:
                return ""
            number_id = inherited[0]
            level = inherited[1] if level is None else level
            if level is None and paragraph.style:
                level = self._numbering.level_of_style(number_id, paragraph.style)
        return self._numbering.label(number_id, level or 0) if number_id != "0" else ""

    def _level(self, paragraph: _Paragraph) -> int | None:
        outline = paragraph.outline if paragraph.outline is not None else self._styles.outline(paragraph.style)
        return outline + 1 if outline is not None and outline < BODY_LEVEL else None

    def _end_row(self, row: _Row) -> None:
        if not row.deleted:
            self._sinks[-1].extend(_row_lines(row.cells))


def _follow_field(codes: list[bool], kind: str) -> None:
    """Keep track of complex fields: between begin and separate stands the code, then the result that is shown."""
    if kind == "begin":
        codes.append(True)
    elif kind == "separate" and codes:
        codes[-1] = False
    elif kind == "end" and codes:
        codes.pop()


def _row_lines(cells: list[list[Line]]) -> Iterator[Line]:
    """Yield a table row as one line of cells, or cell by cell where the table is there for the layout."""
    filled = [cell for cell in cells if cell]
    is_layout = len(filled) < 2 or any(
        any(line.level for line in cell) or sum(len(line.text) for line in cell) > _LONG_CELL for cell in filled
    )
    if is_layout:
        for cell in filled:
            yield from cell
    else:
        text = "\t".join(" ".join(" ".join(line.text.split()) for line in cell) for cell in cells)
        yield Line(text.rstrip("\t"), pieces=tuple(_row_pieces(cells)))


def _row_pieces(cells: list[list[Line]]) -> Iterator[Piece]:
    for column, cell in enumerate(cells):
        if column:
            yield Piece("\t")
        for index, line in enumerate(cell):
            if index:
                yield Piece(" ")
            for piece in line.pieces:
                yield Piece(" ") if piece.text == "\n" else piece


def _text_of(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _trim(pieces: list[Piece]) -> list[Piece]:
    """Return ``pieces`` without the blanks at both ends."""
    start, end = 0, len(pieces)
    while start < end and not pieces[start].text.strip():
        start += 1
    while start < end and not pieces[end - 1].text.strip():
        end -= 1
    kept = pieces[start:end]
    if kept:
        first = kept[0]
        opening = first.text.lstrip()
        kept[0] = replace(first, text=opening, offset=first.offset + len(first.text) - len(opening))
        kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip())
    return kept
