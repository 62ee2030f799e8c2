"""Automatic numbering of a docx (自动编号): the labels Word shows but does not store in the text.

``word/numbering.xml`` has abstract lists with up to nine levels, and instances of them that paragraphs and styles
refer to (ISO/IEC 29500-1, 17.9). Instances of one abstract list count on together, unless an instance restarts a
level.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from knowledge.corpus.readers.numerals import numeral

_LEVELS: Final = 9
# Nine numbers with words between them.
_LONGEST_PATTERN: Final = 60
_PLACE: Final = re.compile(r"%([1-9])")
# After such an ending a space stands between label and text (1.1 总则, 第一条 为了); else it follows directly, as reports
# are typed: 一、坚持 1.坚持 （一）坚持 ①坚持.
_OPEN_ENDING: Final = re.compile(r"[0-9A-Za-z编篇部章节条款项]$")


@dataclass(slots=True)
class Level:
    """One level of a list: its first number, number format, pattern (``（%1）``) and what follows the label."""

    start: int = 1
    number_format: str = "decimal"
    pattern: str = ""
    suffix: str = "tab"
    restart_after: int | None = None
    style: str | None = None
    legal: bool = False


@dataclass(slots=True)
class AbstractList:
    """A list definition; ``style_link`` names the numbering style that really defines it."""

    levels: dict[int, Level] = field(default_factory=dict)
    style_link: str | None = None


@dataclass(slots=True)
class ListInstance:
    """An instance of an abstract list, with its own levels and the levels it restarts and at which number."""

    abstract: str
    levels: dict[int, Level] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The lists of one document, counting as its paragraphs go by."""

    def __init__(self, abstracts: dict[str, AbstractList], instances: dict[str, ListInstance]) -> None:
        self._abstracts = abstracts
        self._instances = instances
        self._counters: dict[str, list[int | None]] = {}
        self._started: set[tuple[str, int]] = set()

    def follow_style_links(self, style_lists: dict[str, str]) -> None:
        """Give abstract lists defined by a numbering style that style's levels; ``style_lists``: style to instance."""
        for abstract in self._abstracts.values():
            instance = self._instances.get(style_lists.get(abstract.style_link or "", ""))
            target = self._abstracts.get(instance.abstract) if instance else None
            if target is not None and not abstract.levels:
                abstract.levels = target.levels

    def level_of_style(self, number_id: str, style: str) -> int:
        """Return the level of list ``number_id`` that is tied to paragraph style ``style``, else 0."""
        for index in range(_LEVELS):
            level = self._level(number_id, index)
            if level is not None and level.style == style:
                return index
        return 0

    def label(self, number_id: str, index: int) -> str:
        """Count one paragraph of list ``number_id`` at level ``index`` and return what Word shows before it."""
        level = self._level(number_id, index)
        if level is None:
            return ""
        counters = self._count(number_id, index, level)
        if level.number_format in {"bullet", "none"} or not level.pattern:
            return ""

        def write(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            shown = self._level(number_id, place) or Level()
            value = counters[place]
            number_format = "decimal" if level.legal else shown.number_format
            return numeral(shown.start if value is None else value, number_format)

        label = _PLACE.sub(write, level.pattern, count=_LEVELS)
        return label + _separator(label, level.suffix)

    def _count(self, number_id: str, index: int, level: Level) -> list[int | None]:
        instance = self._instances[number_id]
        counters = self._counters.setdefault(instance.abstract, [None] * _LEVELS)
        current = counters[index]
        start = instance.starts.get(index, level.start)
        restarts = index in instance.starts and (number_id, index) not in self._started
        counters[index] = start if current is None or restarts else current + 1
        self._started.add((number_id, index))
        for deeper in range(index + 1, _LEVELS):
            below = self._level(number_id, deeper)
            # w:lvlRestart: 0 never restarts; n restarts only after level n (counted from 1) or a higher one.
            if below is None or below.restart_after is None or index < below.restart_after:
                counters[deeper] = None
        return counters

    def _level(self, number_id: str, index: int) -> Level | None:
        instance = self._instances.get(number_id)
        if instance is None:
            return None
        if index in instance.levels:
            return instance.levels[index]
        abstract = self._abstracts.get(instance.abstract)
        return abstract.levels.get(index) if abstract else None


def _separator(label: str, suffix: str) -> str:
    return " " if suffix != "nothing" and _OPEN_ENDING.search(label) else ""


class NumberingEvents:
    """Reads ``word/numbering.xml``."""

    def __init__(self) -> None:
        self._abstracts: dict[str, AbstractList] = {}
        self._instances: dict[str, ListInstance] = {}
        self._abstract: AbstractList | None = None
        self._instance: ListInstance | None = None
        self._level: Level | None = None
        self._override = 0

    def result(self) -> Numbering:
        """Return the lists read."""
        return Numbering(self._abstracts, self._instances)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        value = attributes.get("w:val", "")
        if name == "w:abstractNum":
            self._abstract = self._abstracts[attributes.get("w:abstractNumId", "")] = AbstractList()
        elif name == "w:num":
            self._instance = self._instances[attributes.get("w:numId", "")] = ListInstance("")
        elif name == "w:lvl":
            self._open_level(to_integer(attributes.get("w:ilvl"), 0))
        elif name == "w:lvlOverride":
            self._override = to_integer(attributes.get("w:ilvl"), 0)
        elif name == "w:numStyleLink" and self._abstract:
            self._abstract.style_link = value
        elif name == "w:abstractNumId" and self._instance:
            self._instance.abstract = value
        elif name == "w:startOverride" and self._instance:
            self._instance.starts[self._override] = to_integer(value, 1)
        elif self._level is not None:
            self._set(self._level, name, value, attributes)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == "w:abstractNum":
            self._abstract = None
        elif name == "w:num":
            self._instance = None
        elif name == "w:lvl":
            self._level = None

    def text(self, text: str) -> None:
        """Numbering has no character data of interest."""

    def _open_level(self, index: int) -> None:
        self._level = Level()
        owner = self._instance or self._abstract
        if owner is not None and 0 <= index < _LEVELS:
            owner.levels[index] = self._level

    def _set(self, level: Level, name: str, value: str, attributes: dict[str, str]) -> None:
        if name == "w:start":
            level.start = to_integer(value, 1)
        elif name == "w:numFmt":
            level.number_format = value
        elif name == "w:lvlText":
            level.pattern = value[:_LONGEST_PATTERN]
        elif name == "w:suff":
            level.suffix = value
        elif name == "w:pStyle":
            level.style = value
        elif name == "w:isLgl":
            level.legal = is_on(attributes)
        elif name == "w:lvlRestart":
            level.restart_after = to_integer(value, 0)


def to_integer(text: str | None, default: int) -> int:
    """Return ``text`` as a number of at most six digits, else ``default``."""
    return int(text) if text and len(text) <= 6 and text.isascii() and text.isdigit() else default


def is_on(attributes: dict[str, str]) -> bool:
    """Return whether an on/off element (``w:vanish``) is on: without a value, or with any but 0, false, off."""
    return attributes.get("w:val", "1") not in {"0", "false", "off", "none"}
