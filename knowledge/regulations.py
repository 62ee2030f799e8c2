"""Rules on organisational life and figures of document layout, each with its clause and how binding it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.formulations import CONFIDENCES
from knowledge.lexicon import Lexicon
from knowledge.sieve import Sieve
from knowledge.tables import Row, Table, bundled, check_unique

if TYPE_CHECKING:
    from collections.abc import Iterable

STRENGTHS = ("规定", "应当", "至少", "一般", "标准", "推荐", "可以", "实务")
"""How binding an entry is; only 实务 is usage without a rule behind it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of organisational life (组织生活会 每年至少1次).

    ``min_per_year`` counts occasions. ``outdated`` names the regulation that has replaced the one quoted; where
    ``settled`` is false sources differ and the rule must not be stated as one. ``asked`` are ways of asking for it
    without its name (选举要到多少人).
    """

    item: str
    aliases: tuple[str, ...]
    asked: tuple[re.Pattern[str], ...]
    frequency: str | None
    content: str | None
    quorum: str | None
    clause: str
    strength: str
    min_per_year: int | None
    outdated: str | None
    settled: bool
    note: str | None
    confidence: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """One figure or form of GB/T 9704—2012; ``clause`` is missing where usage fills a gap of the standard.

    ``asked`` are ways of asking for it; ``overview`` entries answer a question for the layout as a whole.
    """

    item: str
    asked: tuple[re.Pattern[str], ...]
    overview: bool
    value: str
    clause: str | None
    strength: str
    note: str | None
    source: tuple[str, ...]


class Rules:
    """The rules of organisational life; immutable once loaded."""

    def __init__(self, entries: Iterable[Rule]) -> None:
        self.entries = tuple(entries)
        self._names = Lexicon({name: entry for entry in self.entries for name in (entry.item, *entry.aliases)})
        self._asked = Sieve(entry.asked for entry in self.entries)

    @classmethod
    def load(cls) -> Rules:
        """Return the rules that ship with the program."""
        return cls.read(bundled("org_life.toml"))

    @classmethod
    def read(cls, table: Table) -> Rules:
        """Return the rules of ``table``; raises ``TableError`` for any slip in it."""
        entries = [_read_rule(row) for row in table.rows("rule")]
        check_unique(
            ((name, f"{entry.item}（第{n}条）") for n, entry in enumerate(entries, 1) for name in _names(entry)),
            lambda name, first, second: f"{table.name}：“{name}”同时属于“{first}”和“{second}”",
        )
        return cls(entries)

    def find(self, text: str) -> tuple[Rule, ...]:
        """Return the rules on what a text names, in order, each once; then those it asks for in other words."""
        named = [entry for _, _, entry in self._names.longest(text)]
        asked = [self.entries[place] for place in sorted(self._asked.search(text))]
        return tuple(dict.fromkeys([*named, *asked]))

    def get(self, item: str) -> Rule | None:
        """Return the rule of that name."""
        return next((entry for entry in self.entries if entry.item == item), None)


class Layouts:
    """The figures of GB/T 9704; immutable once loaded."""

    def __init__(self, entries: Iterable[Layout]) -> None:
        self.entries = tuple(entries)
        self._asked = Sieve(entry.asked for entry in self.entries)
        self._items = {entry.item: place for place, entry in enumerate(self.entries)}

    @classmethod
    def load(cls) -> Layouts:
        """Return the figures that ship with the program."""
        return cls.read(bundled("gbt9704.toml"))

    @classmethod
    def read(cls, table: Table) -> Layouts:
        """Return the figures of ``table``; raises ``TableError`` for any slip in it."""
        entries = [_read_layout(row) for row in table.rows("layout")]
        check_unique(
            ((entry.item, f"第{n}条") for n, entry in enumerate(entries, 1)),
            lambda item, first, second: f"{table.name}：“{item}”写了两次（{first}、{second}）",
        )
        return cls(entries)

    def get(self, item: str) -> Layout | None:
        """Return the entry of that name."""
        return next((entry for entry in self.entries if entry.item == item), None)

    def find(self, text: str) -> tuple[Layout, ...]:
        """Return what a question asks for, in the order of the table: by an entry's whole name or one of its patterns."""
        found = self._asked.search(text)
        if text in self._items:
            found.add(self._items[text])
        return tuple(self.entries[place] for place in sorted(found))

    @property
    def overview(self) -> tuple[Layout, ...]:
        """The entries that together tell the layout of a document."""
        return tuple(entry for entry in self.entries if entry.overview)


def _names(rule: Rule) -> set[str]:
    return {rule.item, *rule.aliases}


def _read_rule(row: Row) -> Rule:
    rule = Rule(
        item=row.text("item"),
        aliases=row.texts("aliases"),
        asked=row.patterns("asked"),
        frequency=row.optional_text("frequency"),
        content=row.optional_text("content"),
        quorum=row.optional_text("quorum"),
        clause=row.text("clause"),
        strength=row.choice("strength", STRENGTHS),
        min_per_year=row.number("min_per_year"),
        outdated=row.optional_text("outdated"),
        settled=row.flag("settled", default=True),
        note=row.optional_text("note"),
        confidence=row.choice("confidence", CONFIDENCES),
        source=row.texts("source", required=True),
    )
    row.finish()
    if rule.frequency is None and rule.content is None:
        raise row.error("“frequency”和“content”至少写一项")
    return rule


def _read_layout(row: Row) -> Layout:
    layout = Layout(
        item=row.text("item"),
        asked=row.patterns("asked"),
        overview=row.flag("overview"),
        value=row.text("value"),
        clause=row.optional_text("clause"),
        strength=row.choice("strength", STRENGTHS),
        note=row.optional_text("note"),
        source=row.texts("source", required=True),
    )
    row.finish()
    return layout
