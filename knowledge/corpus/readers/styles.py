"""Paragraph and character styles of a docx: what they say about headings, numbering and hidden text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from knowledge.corpus.readers.numbering import is_on, to_integer

# Outline level 9 is body text (ISO/IEC 29500-1, 17.3.1.20).
BODY_LEVEL: Final = 9
_HEADING_NAME: Final = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)
_CONTENTS_NAME: Final = re.compile(r"(?:toc|目录)\s*(?:[1-9]|heading|标题)", re.IGNORECASE)
_TITLE_NAMES: Final = frozenset({"title", "标题"})
_LONGEST_CHAIN: Final = 20


@dataclass(slots=True)
class Style:
    """One style as written; ``None`` where it says nothing and the style it is based on decides."""

    name: str = ""
    kind: str = "paragraph"
    based_on: str | None = None
    outline: int | None = None
    number_id: str | None = None
    number_level: int | None = None
    hidden: bool | None = None


class StyleSheet:
    """The styles of one document, with inheritance."""

    def __init__(self, styles: dict[str, Style], default: str | None) -> None:
        self._styles = styles
        self._default = default
        self._chains: dict[str | None, list[Style]] = {}

    def _chain(self, style_id: str | None) -> list[Style]:
        """Return a style and those it is based on, nearest first."""
        if style_id not in self._chains:
            chain: list[Style] = []
            current = style_id
            while current in self._styles and len(chain) < _LONGEST_CHAIN:
                chain.append(self._styles[current])
                current = chain[-1].based_on
            self._chains[style_id] = chain
        return self._chains[style_id]

    def outline(self, style_id: str | None) -> int | None:
        """Return the outline level 0–8 of a paragraph style, by its settings or its built-in name."""
        for style in self._chain(style_id or self._default):
            if style.outline is not None:
                return style.outline if style.outline < BODY_LEVEL else None
            if match := _HEADING_NAME.fullmatch(style.name):
                return int(match[1]) - 1
        return None

    def numbering(self, style_id: str | None) -> tuple[str, int | None] | None:
        """Return list and level that a paragraph style gives, ``None`` without; the level may be left to the list."""
        level: int | None = None
        for style in self._chain(style_id or self._default):
            level = style.number_level if level is None else level
            if style.number_id is not None:
                return style.number_id, level
        return None

    def is_hidden(self, style_id: str | None) -> bool:
        """Return whether a style hides its text."""
        return next((style.hidden for style in self._chain(style_id) if style.hidden is not None), False)

    def is_title(self, style_id: str | None) -> bool:
        """Return whether this is the built-in style for the document's title."""
        return any(style.name.lower() in _TITLE_NAMES for style in self._chain(style_id))

    def is_contents(self, style_id: str | None) -> bool:
        """Return whether this is a line of a table of contents."""
        return any(_CONTENTS_NAME.fullmatch(style.name) for style in self._chain(style_id))

    def numbering_styles(self) -> dict[str, str]:
        """Return the numbering styles and the list instance each stands for."""
        return {
            id_: style.number_id for id_, style in self._styles.items() if style.kind == "numbering" and style.number_id
        }


class StyleEvents:
    """Reads ``word/styles.xml``."""

    def __init__(self) -> None:
        self._styles: dict[str, Style] = {}
        self._default: str | None = None
        self._style: Style | None = None

    def result(self) -> StyleSheet:
        """Return the styles read."""
        return StyleSheet(self._styles, self._default)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        value = attributes.get("w:val", "")
        if name == "w:style":
            style_id = attributes.get("w:styleId", "")
            self._style = self._styles[style_id] = Style(kind=attributes.get("w:type", "paragraph"))
            if self._style.kind == "paragraph" and attributes.get("w:default") in {"1", "true", "on"}:
                self._default = style_id
        elif self._style is None:
            return
        elif name == "w:name":
            self._style.name = value.strip()
        elif name == "w:basedOn":
            self._style.based_on = value
        elif name == "w:outlineLvl":
            self._style.outline = min(to_integer(value, BODY_LEVEL), BODY_LEVEL)
        elif name == "w:numId":
            self._style.number_id = value
        elif name == "w:ilvl":
            self._style.number_level = to_integer(value, 0)
        elif name == "w:vanish":
            self._style.hidden = is_on(attributes)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == "w:style":
            self._style = None

    def text(self, text: str) -> None:
        """Styles have no character data of interest."""
