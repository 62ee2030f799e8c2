"""XML as events, from a parser that refuses what a document has no use for: DTDs, entities, depth, masses of tags.

A document type declaration is refused outright, and with it every entity (billion laughs, external files); expat
never opens a file or an address by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol
from xml.parsers import expat

from knowledge.corpus.readers.errors import Reason, UnreadableDocument
from knowledge.corpus.readers.limits import (
    MAX_XML_DEPTH,
    MAX_XML_ELEMENTS,
    MAX_XML_NAMES,
    MAX_XML_NAMESPACES,
    MAX_XML_TAG_BYTES,
)

# The two namespaces of each vocabulary: ECMA-376 transitional and ISO 29500 strict.
_PREFIXES: Final = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w:",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w:",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc:",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m:",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m:",
    "http://schemas.openxmlformats.org/package/2006/relationships": "rel:",
    "http://purl.org/dc/elements/1.1/": "dc:",
}
_OTHER: Final = "?:"


class XmlEvents(Protocol):
    """What receives the elements of a part, named ``w:p``, ``w:val`` and so on whatever prefix the file uses."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""

    def end(self, name: str) -> None:
        """Take the end of an element."""

    def text(self, text: str) -> None:
        """Take character data."""


class _Guard:
    """Counts depth and elements, and gives names their short form."""

    def __init__(self, events: XmlEvents) -> None:
        self._events = events
        self._depth = self._elements = self._namespaces = 0
        self._names: dict[str, str] = {}

    def start(self, raw: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_XML_DEPTH or self._elements > MAX_XML_ELEMENTS:
            raise UnreadableDocument(Reason.UNSAFE)
        name = self._names.get(raw) or self._shorten(raw)
        if attributes:
            names = self._names
            attributes = {names.get(key) or self._shorten(key): value for key, value in attributes.items()}
        self._events.start(name, attributes)

    def end(self, raw: str) -> None:
        self._depth -= 1
        self._events.end(self._names[raw])

    def declare_namespace(self, *_: object) -> None:
        self._namespaces += 1
        if self._namespaces > MAX_XML_NAMESPACES:
            raise UnreadableDocument(Reason.UNSAFE)

    def _shorten(self, raw: str) -> str:
        namespace, _, local = raw.rpartition(" ")
        name = _PREFIXES.get(namespace, _OTHER if namespace else "") + local
        self._names[raw] = name
        if len(self._names) > MAX_XML_NAMES:
            raise UnreadableDocument(Reason.UNSAFE)
        return name

    def refuse(self, *_: object) -> None:
        raise UnreadableDocument(Reason.UNSAFE)


def parse_xml(chunks: Iterable[bytes], events: XmlEvents) -> None:
    """Send the elements of an XML part to ``events``; raise ``UnreadableDocument``: damaged or unsafe."""
    guard = _Guard(events)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = guard.start
    parser.EndElementHandler = guard.end
    parser.CharacterDataHandler = events.text
    parser.StartNamespaceDeclHandler = guard.declare_namespace
    parser.StartDoctypeDeclHandler = guard.refuse
    parser.EntityDeclHandler = guard.refuse
    try:
        fed = 0
        for chunk in chunks:
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > MAX_XML_TAG_BYTES:
                raise UnreadableDocument(Reason.UNSAFE)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: an encoding nobody knows
        raise UnreadableDocument(Reason.DAMAGED) from error
