"""Word documents (docx), read straight from their XML.

The usual library (python-docx) gives paragraphs without automatic numbers, hidden and deleted text included, over a
tree of the whole document; numbers are what a report's structure is made of. So this reads the few parts itself, as
events, through a guarded zip and a guarded parser, without a dependency.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from typing import Final

from knowledge.corpus.readers.archive import Archive
from knowledge.corpus.readers.document import Extract, Line
from knowledge.corpus.readers.docx_body import BodyEvents
from knowledge.corpus.readers.errors import Reason, UnreadableDocument
from knowledge.corpus.readers.limits import MAX_XML_ELEMENTS
from knowledge.corpus.readers.numbering import Numbering, NumberingEvents
from knowledge.corpus.readers.styles import StyleEvents, StyleSheet
from knowledge.corpus.readers.xml_events import parse_xml

_DOCUMENT: Final = "word/document.xml"
_CORE: Final = "docprops/core.xml"
_TYPES: Final = "[content_types].xml"
# What other zip files are, by an entry that each of them has.
_OTHER_KINDS: Final = (
    ("xl/workbook.xml", Reason.SPREADSHEET),
    ("xl/workbook.bin", Reason.SPREADSHEET),
    ("ppt/presentation.xml", Reason.SLIDES),
    ("ofd.xml", Reason.FIXED_LAYOUT),
    ("meta-inf/container.xml", Reason.EBOOK),
    ("meta-inf/manifest.xml", Reason.OPEN_DOCUMENT),
    ("encryptedpackage", Reason.ENCRYPTED),
)
# A title in the core properties is often a template's or an older document's: it counts when the text opens with it.
_TITLE_LINES: Final = 10
_MIN_TITLE: Final = 4


def read_docx(data: bytes) -> Extract:
    """Return the paragraphs of a docx with restored numbering.

    Raises ``UnreadableDocument`` for damaged, encrypted and hostile files, and for zip files that are no docx.
    """
    archive = Archive(data)
    main = _find_main(archive)
    related = _Relations(archive, main)
    styles = _read_styles(archive, related.part("styles"))
    numbering = _read_numbering(archive, related.part("numbering"))
    numbering.follow_style_links(styles.numbering_styles())
    body = BodyEvents(styles, numbering)
    parse_xml(archive.read(main), body)
    body.close()
    return Extract(body.lines, title=body.title or _core_title(archive, body.lines))


def read_notes(data: bytes) -> list[Line]:
    """Return the footnotes and endnotes of a docx, which ``read_docx`` leaves out; the same errors."""
    archive = Archive(data)
    related = _Relations(archive, _find_main(archive))
    lines: list[Line] = []
    for kind in ("footnotes", "endnotes"):
        if name := related.part(kind):
            notes = BodyEvents(StyleSheet({}, None), Numbering({}, {}))
            parse_xml(archive.read(name), notes)
            notes.close()
            lines += notes.lines
    return lines


def check_parts(data: bytes, types: Collection[str]) -> None:
    """Raise ``UnreadableDocument`` unless the parts of these content types may be given to an unguarded XML parser.

    For programs that read a whole docx as trees. Relationship parts and the list of content types are always among
    them; a part counts as of a type that its name or its ending is given anywhere in that list.
    """
    archive = Archive(data)
    listed = _TypeEvents(types)
    count = _CountEvents()
    if _TYPES in archive.names:
        parse_xml(archive.read(_TYPES), listed)
    for name in sorted(archive.names):
        ending = name.rpartition(".")[2]
        if name == _TYPES or ending == "rels" or ending in listed.endings or f"/{name}" in listed.names:
            parse_xml(archive.read(name), count)


def _find_main(archive: Archive) -> str:
    """Return the name of the main part; raise for zip files of another kind."""
    if "_rels/.rels" in archive.names:
        events = _RelationEvents()
        parse_xml(archive.read("_rels/.rels"), events)
        target = events.targets.get("officedocument", "").lstrip("/").lower()
        if target in archive.names and target.startswith("word"):
            return target
    if _DOCUMENT in archive.names:
        return _DOCUMENT
    for name, reason in _OTHER_KINDS:
        if name in archive.names:
            raise UnreadableDocument(reason)
    raise UnreadableDocument(Reason.DAMAGED if "[content_types].xml" in archive.names else Reason.ARCHIVE)


class _Relations:
    """The parts a main part refers to, by the last word of the relationship type."""

    def __init__(self, archive: Archive, main: str) -> None:
        self._names = archive.names
        self._folder = posixpath.dirname(main)
        self._targets: dict[str, str] = {}
        name = f"{self._folder}/_rels/{posixpath.basename(main)}.rels"
        if name in archive.names:
            events = _RelationEvents()
            parse_xml(archive.read(name), events)
            self._targets = events.targets

    def part(self, kind: str) -> str | None:
        """Return the entry of the related part, by the relationship or its usual name; ``None`` without one."""
        target = self._targets.get(kind, f"{kind}.xml").lower()
        name = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{self._folder}/{target}")
        return name if name in self._names else None


class _RelationEvents:
    """Reads a ``.rels`` part: internal targets by kind, the first of each."""

    def __init__(self) -> None:
        self.targets: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "rel:Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2].lower()
            self.targets.setdefault(kind, attributes.get("Target", ""))

    def end(self, name: str) -> None:
        """Relationships have no content."""

    def text(self, text: str) -> None:
        """Relationships have no character data."""


def _read_styles(archive: Archive, name: str | None) -> StyleSheet:
    events = StyleEvents()
    if name:
        parse_xml(archive.read(name), events)
    return events.result()


def _read_numbering(archive: Archive, name: str | None) -> Numbering:
    events = NumberingEvents()
    if name:
        parse_xml(archive.read(name), events)
    return events.result()


class _TypeEvents:
    """Reads ``[Content_Types].xml``: the part names and file endings that are given one of ``types``."""

    def __init__(self, types: Collection[str]) -> None:
        self.names: set[str] = set()
        self.endings: set[str] = set()
        self._types = types

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if attributes.get("ContentType") in self._types:
            self.names.add(attributes.get("PartName", "").lower())
            self.endings.add(attributes.get("Extension", "").lower())

    def end(self, name: str) -> None:
        """Types have no content."""

    def text(self, text: str) -> None:
        """Types have no character data."""


class _CountEvents:
    """Counts the elements of several parts; as many as one part may have are allowed in all of them, twice over."""

    def __init__(self) -> None:
        self._elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > 2 * MAX_XML_ELEMENTS:
            raise UnreadableDocument(Reason.UNSAFE)

    def end(self, name: str) -> None:
        """Nothing is kept."""

    def text(self, text: str) -> None:
        """Nothing is kept."""


class _TitleEvents:
    """Reads ``dc:title`` from the core properties."""

    def __init__(self) -> None:
        self.title = ""
        self._inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._inside = name == "dc:title"

    def end(self, name: str) -> None:
        self._inside = False

    def text(self, text: str) -> None:
        if self._inside:
            self.title += text[:200]


def _core_title(archive: Archive, lines: list[Line]) -> str | None:
    if _CORE not in archive.names:
        return None
    events = _TitleEvents()
    parse_xml(archive.read(_CORE), events)
    title = events.title.strip()
    opening = "".join("".join(line.text.split()) for line in lines[:_TITLE_LINES])
    return title if len(title) >= _MIN_TITLE and "".join(title.split()) in opening else None
