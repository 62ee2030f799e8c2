"""What is taken for each other: two kinds of document or meeting (区别), two words or forms (用词)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.lexicon import Lexicon
from knowledge.sieve import Sieve
from knowledge.tables import Row, Table, bundled, check_unique

if TYPE_CHECKING:
    from collections.abc import Iterable

BASES = ("规定", "实务")
"""规定: a regulation, a standard or an official text says so; 实务: usage only."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How two things differ: a point for each respect, what to mind in writing, and on what that rests.

    ``clause`` is there only where ``basis`` is 规定.
    """

    name: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    points: tuple[str, ...]
    advice: str | None
    basis: str
    clause: str | None
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """Which of several forms to write, and why: ``words`` are the forms, ``asked`` further ways of asking."""

    name: str
    words: tuple[str, ...]
    asked: tuple[re.Pattern[str], ...]
    advice: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    basis: str
    source: tuple[str, ...]


class Differences:
    """All differences; immutable once loaded."""

    def __init__(self, entries: Iterable[Difference]) -> None:
        self.entries = tuple(entries)
        sides: dict[str, tuple[tuple[str, int], ...]] = {}
        for entry in self.entries:
            for side, names in enumerate((entry.first, entry.second)):
                for name in names:
                    sides[name] = (*sides.get(name, ()), (entry.name, side))
        self._sides = Lexicon(sides)
        self._by_name = {entry.name: entry for entry in self.entries}

    @classmethod
    def load(cls) -> Differences:
        """Return the differences that ship with the program."""
        return cls.read(bundled("differences.toml"))

    @classmethod
    def read(cls, table: Table) -> Differences:
        """Return the differences of ``table``; raises ``TableError`` for any slip in it."""
        rows = table.rows("difference")
        entries = [_read_difference(row) for row in rows]
        _refuse_namesakes(table, [entry.name for entry in entries])
        pairs: set[frozenset[str]] = set()
        for row, entry in zip(rows, entries, strict=True):
            pair = frozenset((entry.first[0], entry.second[0]))
            if len(pair) < 2 or pair in pairs or set(entry.first) & set(entry.second):
                raise row.error("两边的名称要不同，一对只写一次")
            pairs.add(pair)
        return cls(entries)

    def get(self, name: str) -> Difference | None:
        """Return the difference of that name."""
        return self._by_name.get(name)

    def find(self, text: str) -> tuple[Difference, ...]:
        """Return the differences of which a text names both sides, the one with the longest names first."""
        found: dict[str, dict[int, int]] = {}
        for start, end, sides in self._sides.longest(text):
            for name, side in sides:
                longest = found.setdefault(name, {})
                longest[side] = max(longest.get(side, 0), end - start)
        named = [(sum(sides.values()), name) for name, sides in found.items() if len(sides) == 2]
        return tuple(self._by_name[name] for _, name in sorted(named, key=lambda pair: -pair[0]))


class Usages:
    """All words and forms often taken for each other; immutable once loaded."""

    def __init__(self, entries: Iterable[Usage]) -> None:
        self.entries = tuple(entries)
        self._by_name = {entry.name: entry for entry in self.entries}
        self._asked = Sieve(entry.asked for entry in self.entries)
        words: dict[str, tuple[int, ...]] = {}
        for place, entry in enumerate(self.entries):
            for word in entry.words:
                words[word] = (*words.get(word, ()), place)
        self._words = Lexicon(words)

    @classmethod
    def load(cls) -> Usages:
        """Return the entries that ship with the program."""
        return cls.read(bundled("usage.toml"))

    @classmethod
    def read(cls, table: Table) -> Usages:
        """Return the entries of ``table``; raises ``TableError`` for any slip in it."""
        entries = [_read_usage(row) for row in table.rows("usage")]
        _refuse_namesakes(table, [entry.name for entry in entries])
        return cls(entries)

    def get(self, name: str) -> Usage | None:
        """Return the entry of that name."""
        return self._by_name.get(name)

    def find(self, text: str) -> tuple[Usage, ...]:
        """Return the entries a question is about: two of an entry's forms side by side, or one of its patterns."""
        forms: dict[int, set[str]] = {}
        for start, end, places in self._words.longest(text):
            for place in places:
                forms.setdefault(place, set()).add(text[start:end])
        found = self._asked.search(text) | {place for place, used in forms.items() if len(used) > 1}
        return tuple(self.entries[place] for place in sorted(found))

    def strip(self, text: str) -> str:
        """Return a text without the forms that may be taken for each other."""
        for start, end, _ in self._words.longest(text):
            text = text[:start] + " " * (end - start) + text[end:]
        return text


def _refuse_namesakes(table: Table, names: Iterable[str]) -> None:
    check_unique(
        ((name, f"第{n}条") for n, name in enumerate(names, 1)),
        lambda name, first, second: f"{table.name}：“{name}”写了两次（{first}、{second}）",
    )


def _read_difference(row: Row) -> Difference:
    difference = Difference(
        name=row.text("name"),
        first=(row.text("first"), *row.texts("first_names")),
        second=(row.text("second"), *row.texts("second_names")),
        points=row.texts("points", required=True),
        advice=row.optional_text("advice"),
        basis=row.choice("basis", BASES),
        clause=row.optional_text("clause"),
        source=row.texts("source", required=True),
    )
    row.finish()
    if (difference.basis == "规定") != (difference.clause is not None):
        raise row.error("“basis”是规定的要写“clause”，实务的不写")
    return difference


def _read_usage(row: Row) -> Usage:
    usage = Usage(
        name=row.text("name"),
        words=row.texts("words"),
        asked=row.patterns("asked"),
        advice=row.text("advice"),
        right=row.texts("right"),
        wrong=row.texts("wrong"),
        basis=row.choice("basis", BASES),
        source=row.texts("source", required=True),
    )
    row.finish()
    if len(usage.words) < 2 and not usage.asked:
        raise row.error("“words”至少写两个，或写“asked”")
    return usage
