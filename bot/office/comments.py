"""Word comments (批注) for the findings of a proof, at the very characters found, and the summary page behind the text.

Runs are split where a finding begins and ends, with their formatting; nothing else of the document changes. Where Word
allows no comment (text boxes, formulas, content controls) it is put around the whole of them and quotes the words.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final, cast
from zipfile import BadZipFile

import docx
from docx.exceptions import PythonDocxError
from docx.opc.exceptions import OpcError
from docx.opc.part import PartFactory
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Pt

from bot.office.proof import Proof, advice, quote
from bot.office.summary_page import put_summary
from bot.office.word_text import Place, WordText
from knowledge.checking.model import Finding
from knowledge.corpus.readers.docx import check_parts

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement as Element

AUTHOR: Final = "笔杆"
"""Who the comments are by."""

INITIALS: Final = "笔"

MOST_COMMENTS: Final = 500
"""Beyond this many Word turns slow and nobody reads them; the surest findings come first."""

_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
_PARAGRAPH, _RUN, _TEXT, _PROPERTIES = (qn(name) for name in ("w:p", "w:r", "w:t", "w:rPr"))
_BOX: Final = qn("w:txbxContent")
# Elements around runs that may hold a comment's marks as a paragraph does (ISO/IEC 29500-1, EG_PContent).
_OPEN_TO_MARKS: Final = frozenset(
    qn(f"w:{name}") for name in ("hyperlink", "ins", "moveTo", "smartTag", "fldSimple", "customXml", "dir", "bdo")
)
_COMMENT_SIZE: Final = Pt(9)


class UnmarkableDocument(Exception):  # noqa: N818 - a finding about a document, reported to the user as such
    """A docx that can be read but not written back with comments; ``str()`` says in Chinese what to do."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """The bytes of a document with comments, and the findings that could not be marked in it."""

    data: bytes
    unmarked: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a finding is marked: from ``first`` to ``last``, or around ``whole`` where characters cannot be."""

    finding: Finding
    first: Place
    last: Place
    whole: Element | None
    is_exact: bool


def annotate(data: bytes, word: WordText, proof: Proof, now: datetime) -> Annotated:
    """Return the docx in ``data`` with a comment for each finding of ``proof`` and a summary page at its end.

    ``word`` is the text of the same bytes, ``now`` the local time the comments carry. Raises ``UnreadableDocument`` for
    parts that are not safe to open and ``UnmarkableDocument`` for kinds of files that python-docx does not write.
    """
    check_parts(data, PartFactory.part_type_for)
    document = _open(data)
    texts: list[Element] = list(document.element.iter(_TEXT, qn("m:t")))
    spots = [_find_spot(finding, word, texts) for finding in proof.ranked[:MOST_COMMENTS]]
    marked = [spot for spot in spots if spot is not None]
    pieces = _cut(texts, marked)
    for spot in marked:
        _mark(spot, pieces, _write_comment(document, _word_comment(proof, spot), now))
    reached = {spot.finding for spot in marked}
    unmarked = tuple(finding for finding in proof.findings if finding not in reached)
    put_summary(document, proof, unmarked)
    file = BytesIO()
    document.save(file)
    return Annotated(file.getvalue(), unmarked)


def _open(data: bytes) -> Document:
    try:
        return docx.Document(BytesIO(data))
    except (
        # python-docx raises whatever its tables, its parser (SyntaxError) and the zip file raise.
        *(PythonDocxError, OpcError, BadZipFile, SyntaxError, RecursionError, NotImplementedError),
        *(KeyError, IndexError, ValueError, TypeError, AttributeError, OSError),
    ) as error:
        raise UnmarkableDocument(
            "这个Word文件的格式特殊（带宏、模板或严格格式），加不了批注。请用Word或WPS打开，另存为普通的docx后再试。"
        ) from error


def _find_spot(finding: Finding, word: WordText, texts: list[Element]) -> _Spot | None:
    """Return where ``finding`` can be marked; ``None`` when the document part does not have its words."""
    anchor = word.locate(finding.start, finding.end)
    if not anchor.places or not all(_holds(texts, place) for place in anchor.places):
        return None
    first, last = anchor.places[0], anchor.places[-1]
    holders = [_find_holder(texts[place.element]) for place in (first, last)]
    if holders[0] is None or holders[1] is None:
        return None
    is_run = all(
        texts[place.element].getparent() is holder for place, holder in zip((first, last), holders, strict=True)
    )
    return _Spot(finding, first, last, None if is_run else holders[0], is_run and anchor.is_exact)


def _holds(texts: list[Element], place: Place) -> bool:
    """Return whether the document part really has the characters where the reader saw them."""
    if place.element >= len(texts):
        return False
    text = texts[place.element].text or ""
    return text[place.start : place.end].replace("\xa0", " ") == place.text


def _find_holder(text: Element) -> Element | None:
    """Return the run of a text element, or the element around it that a comment can be put around."""
    boxes = list(text.iterancestors(_BOX))
    chain = [boxes[-1] if boxes else text]
    for ancestor in chain[0].iterancestors():
        if ancestor.tag == _PARAGRAPH:
            return next((element for element in reversed(chain) if element.tag not in _OPEN_TO_MARKS), None)
        chain.append(ancestor)
    return None


def _cut(texts: list[Element], spots: Iterable[_Spot]) -> dict[int, dict[int, Element]]:
    """Split runs where spots begin and end; return the text elements that come of each, by the offset they begin at."""
    offsets: dict[int, set[int]] = {}
    for spot in spots:
        if spot.whole is None:
            offsets.setdefault(spot.first.element, set()).add(spot.first.start)
            offsets.setdefault(spot.last.element, set()).add(spot.last.end)
    # From the end, so that what follows a cut in one run is moved once only.
    return {element: _cut_text(texts[element], offsets[element]) for element in sorted(offsets, reverse=True)}


def _cut_text(text: Element, offsets: Iterable[int]) -> dict[int, Element]:
    content = text.text
    end = len(content)
    pieces = {0: text}
    for offset in sorted(offsets, reverse=True):
        if offset == 0:
            _part_run(text)
        elif offset == len(content):
            if (following := text.getnext()) is not None:
                _part_run(following)
        else:
            tail = _new_element("w:t", {_SPACE: "preserve"})
            tail.text = content[offset:end]
            text.addnext(tail)
            _part_run(tail)
            pieces[offset] = tail
            end = offset
    if end < len(content):
        text.text = content[:end]
        text.set(_SPACE, "preserve")
    return pieces


def _part_run(child: Element) -> None:
    """Move ``child`` and what follows it in its run to a new run of the same formatting behind it."""
    run, before = child.getparent(), child.getprevious()
    if before is None or before.tag == _PROPERTIES:
        return
    rest = [child, *child.itersiblings()]
    behind = _new_element("w:r", dict(run.attrib))
    if (properties := run.find(_PROPERTIES)) is not None:
        behind.append(deepcopy(properties))
    for element in rest:
        behind.append(element)
    run.addnext(behind)


def _mark(spot: _Spot, pieces: dict[int, dict[int, Element]], id_: int) -> None:
    """Put the marks of comment ``id_`` around the spot."""
    first = last = spot.whole
    if first is None or last is None:
        first = pieces[spot.first.element][spot.first.start].getparent()
        ending = pieces[spot.last.element]
        last = ending[max(offset for offset in ending if offset < spot.last.end)].getparent()
    attributes = {qn("w:id"): str(id_)}
    first.addprevious(_new_element("w:commentRangeStart", attributes))
    reference = _new_element("w:r", {})
    reference.append(_new_element("w:commentReference", attributes))
    last.addnext(reference)
    last.addnext(_new_element("w:commentRangeEnd", attributes))


def _write_comment(document: Document, text: str, now: datetime) -> int:
    """Add a comment with ``text`` to the document's list of comments and return its id."""
    comment = document.comments.add_comment(text, AUTHOR, INITIALS)
    # Word writes and shows the local time though the format calls it UTC; a true UTC time would be shown hours off.
    comment._comment_elm.date = now.replace(tzinfo=UTC, microsecond=0)
    for paragraph in comment.paragraphs:
        # The document may not have Word's styles for comments, and its body's are made for print.
        paragraph.paragraph_format.first_line_indent = Pt(0)
        for run in paragraph.runs:
            run.font.size = _COMMENT_SIZE
    return comment.comment_id


def _word_comment(proof: Proof, spot: _Spot) -> str:
    finding = spot.finding
    lines = [f"【{finding.level.value}】{finding.reason}"]
    if not spot.is_exact and (words := quote(proof.found(finding))):
        lines.append(f"原文：{words}")
    if right := advice(finding):
        lines.append(right)
    if finding.source:
        lines.append(f"依据：{finding.source}")
    return "\n".join(lines)


def _new_element(name: str, attributes: dict[str, str]) -> Element:
    return cast("Element", OxmlElement(name, attributes))
