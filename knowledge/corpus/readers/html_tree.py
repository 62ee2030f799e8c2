"""A web page as a flat list of blocks, each knowing the elements it stands in.

lxml's parser (libxml2) reads the page as a stream of events: measured over 26 hostile pages of 1 MB it stays below
0.2 s and 30 MiB, where html.parser and HTML5 tree builders need minutes or grow without bound. No tree is built: an
element is the span of blocks between its tags.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from knowledge.corpus.readers.errors import Reason, UnreadableDocument
from knowledge.corpus.readers.limits import MAX_HTML_DEPTH, MAX_HTML_EVENTS
from knowledge.corpus.readers.templates import words_of_variable

_SKIPPED_TAGS: Final = (
    "script style noscript template iframe object embed applet select textarea button svg math canvas map audio video "
    "datalist colgroup xml"
)
_BLOCK_TAGS: Final = (
    "html body div p section article main table tbody thead tfoot tr td th caption ul ol li dl dt dd h1 h2 h3 h4 h5 h6 "
    "blockquote pre form fieldset legend center figure figcaption header footer nav aside details summary address"
)
_SKIPPED: Final = frozenset(_SKIPPED_TAGS.split())
_BLOCKS: Final = frozenset(_BLOCK_TAGS.split())
_HEADINGS: Final = frozenset(f"h{level}" for level in range(1, 7))
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_META_TITLES: Final = frozenset({"articletitle", "og:title", "dc.title", "contenttitle"})
_SPACES: Final = re.compile(r"\s+")
_NUMBERED: Final = re.compile(r"[（(]?[一二三四五六七八九十\d]{1,3}[、.．）)]")
_CELL_LIMIT: Final = 200
_CHUNK: Final = 65_536


@dataclass(slots=True, eq=False)
class Element:
    """One block element: its tag, the words of its names, parent, and the span of blocks inside it."""

    tag: str
    names: str
    parent: Element | None
    start: int
    end: int = 0
    weight: int = 0
    items: int = 0


@dataclass(slots=True)
class Block:
    """One paragraph of a page: its words, how many of them are links, its heading level and its element."""

    text: str
    link_length: int
    level: int | None
    element: Element


@dataclass(slots=True)
class Page:
    """The blocks and elements of a page in document order, the text of its ``<title>`` and its title in ``<meta>``."""

    blocks: list[Block] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    title: str = ""
    meta_title: str = ""


def parse_page(text: str) -> Page:
    """Return the blocks of a web page; raise ``UnreadableDocument`` when it has more tags than any article."""
    builder = _PageBuilder()
    parser = etree.HTMLParser(target=builder, recover=True, no_network=True, remove_pis=True, encoding="utf-8")
    data = text.encode("utf-8", "replace")
    try:
        for start in range(0, len(data), _CHUNK):
            parser.feed(data[start : start + _CHUNK])
        parser.close()
    except etree.LxmlError as error:
        if not builder.page.blocks:
            raise UnreadableDocument(Reason.DAMAGED) from error
    return builder.close()


class _PageBuilder:
    """Receives the parser's events (lxml's target interface) and builds the page."""

    def __init__(self) -> None:
        self.page = Page()
        self._element = Element("#", "", None, 0)
        self.page.elements.append(self._element)
        self._depth = self._surplus = self._skipped = self._links = self._events = self._pre = 0
        self._level: int | None = None
        self._pieces: list[str] = []
        self._link_length = 0
        self._marker = ""
        self._in_title = False
        self._rows: list[list[int]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count()
        if self._skipped or tag in _SKIPPED or _is_hidden(attributes):
            self._skipped += 1
        elif tag == "title":
            self._in_title = True
        elif tag == "meta":
            self._read_meta(attributes)
        elif tag in {"br", "hr"}:
            self._flush()
        elif tag == "a":
            self._links += 1
        elif tag in _BLOCKS:
            self._open(tag, attributes)
        elif words := words_of_variable(tag, attributes):
            for line in words.split("\n"):
                self._pieces.append(line)
                self._flush()

    def end(self, tag: str) -> None:
        self._count()
        if self._skipped:
            self._skipped -= 1
        elif tag == "title":
            self._in_title = False
        elif tag == "a":
            self._links = max(0, self._links - 1)
        elif tag in _BLOCKS:
            self._close(tag)

    def data(self, text: str) -> None:
        self._count()
        if self._in_title:
            self.page.title += text[:500]
        elif not self._skipped:
            if self._pre and "\n" in text:
                first, *others = text.split("\n")
                self._add(first)
                for line in others:
                    self._flush()
                    self._add(line)
            else:
                self._add(text)

    def close(self) -> Page:
        self._flush()
        element: Element | None = self._element
        while element is not None:
            element.end = len(self.page.blocks)
            element = element.parent
        return self.page

    def _count(self) -> None:
        self._events += 1
        if self._events > MAX_HTML_EVENTS:
            raise UnreadableDocument(Reason.UNSAFE)

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        if self._links:
            self._link_length += len(text.strip())

    def _flush(self) -> None:
        """Close the paragraph under way."""
        if not self._pieces:
            return
        text = collapse_spaces("".join(self._pieces))
        if text:
            marker = "" if _NUMBERED.match(text) else self._marker
            level = self._level
            self.page.blocks.append(Block(marker + text, min(self._link_length, len(text)), level, self._element))
            self._marker = ""
            # A link ends with its paragraph: authors forget to close it, and the page behind it is no link.
            self._links = 0
        self._pieces.clear()
        self._link_length = 0

    def _open(self, tag: str, attributes: dict[str, str]) -> None:
        self._flush()
        if self._depth >= MAX_HTML_DEPTH:
            self._surplus += 1
            return
        self._depth += 1
        # Office programs save running heads as <div title="header">.
        names = " ".join(attributes.get(key, "") for key in ("class", "id", "title"))[:200].lower()
        self._element = Element(tag, names, self._element, len(self.page.blocks))
        self.page.elements.append(self._element)
        if tag in _HEADINGS:
            self._level = int(tag[1])
        elif tag == "ol":
            self._element.items = _to_int(attributes.get("start"), 1) - 1
        elif tag == "li":
            self._marker = _list_marker(self._element.parent)
        elif tag == "tr":
            self._rows.append([])
        elif tag in {"td", "th"} and self._rows:
            self._rows[-1].append(len(self.page.blocks))
        elif tag == "pre":
            self._pre += 1

    def _close(self, tag: str) -> None:
        self._flush()
        if self._surplus:
            self._surplus -= 1
            return
        if self._element.parent is None:
            return
        self._depth -= 1
        self._element.end = len(self.page.blocks)
        if tag in _HEADINGS:
            self._level = None
        elif tag == "li":
            self._marker = ""
        elif tag == "tr" and self._rows:
            self._join_cells(self._rows.pop())
        elif tag == "pre":
            self._pre = max(0, self._pre - 1)
        self._element = self._element.parent

    def _join_cells(self, starts: list[int]) -> None:
        """Join the cells of a table row into one line, unless the table is there for the layout."""
        blocks = self.page.blocks
        ends = [*starts[1:], len(blocks)]
        cells = [blocks[start:end] for start, end in zip(starts, ends, strict=False)]
        if sum(bool(cell) for cell in cells) < 2 or any(_is_layout(cell) for cell in cells):
            return
        text = "\t".join(" ".join(block.text for block in cell) for cell in cells).rstrip("\t")
        links = sum(block.link_length for cell in cells for block in cell)
        del blocks[starts[0] :]
        blocks.append(Block(text, links, None, self._element))
        for element in self._later_elements(starts[0]):
            element.start = min(element.start, starts[0])
            element.end = min(element.end, len(blocks))

    def _later_elements(self, start: int) -> list[Element]:
        """Return the elements that began behind block ``start``: the cells of the row being joined."""
        found: list[Element] = []
        for element in reversed(self.page.elements):
            if element is self._element:
                break
            found.append(element)
        return found

    def _read_meta(self, attributes: dict[str, str]) -> None:
        name = (attributes.get("name") or attributes.get("property") or "").lower()
        if name in _META_TITLES and not self.page.meta_title:
            self.page.meta_title = collapse_spaces(attributes.get("content", ""))[:200]


def collapse_spaces(text: str) -> str:
    """Return ``text`` with runs of white space as a browser shows them, but none for a source line break in Chinese."""
    return _SPACES.sub(_space_between, text.strip()).strip()


def _space_between(match: re.Match[str]) -> str:
    if "\n" not in match.group():
        return " "
    before, after = match.string[match.start() - 1], match.string[match.end() : match.end() + 1]
    return "" if before > "\u2e7f" or after > "\u2e7f" else " "


def _is_hidden(attributes: dict[str, str]) -> bool:
    return "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style", "")[:500]))


def _is_layout(cell: list[Block]) -> bool:
    return len(cell) > 3 or sum(len(block.text) for block in cell) > _CELL_LIMIT or any(b.level for b in cell)


def _list_marker(parent: Element | None) -> str:
    if parent is None or parent.tag != "ol":
        return ""
    parent.items += 1
    return f"{parent.items}."


def _to_int(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 5 else default
