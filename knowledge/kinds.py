"""Document kinds (文种) and unit levels: named in a question, recognised in a document, with their known structure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.sieve import Sieve
from knowledge.tables import Row, Table, TableError, bundled, check_unique

if TYPE_CHECKING:
    from collections.abc import Sequence

BASES = ("规定", "实务")
# A document says what it is within its first characters.
_HEAD = 1000


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind of document: ``id`` is its key and what a user reads.

    ``sections`` is empty where no reliable structure is known. ``basis`` is 规定 where a regulation stands behind it
    (``basis_note`` says for what) and 实务 where only usage does.
    """

    id: str
    name: str
    family: str
    parent: str | None
    aliases: tuple[str, ...]
    writer: str
    reader: str
    when: str
    person: str | None
    sections: tuple[str, ...]
    optional_sections: tuple[str, ...]
    figures: tuple[str, ...]
    basis: str
    basis_note: str | None
    note: str | None
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindMention:
    """A kind named in a question: ``text[start:end]`` is ``alias``, ``kind`` the id."""

    kind: str
    alias: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Patterns:
    """How one kind is recognised; ``asked`` holds the aliases too, longest first."""

    asked: tuple[re.Pattern[str], ...]
    titles: tuple[re.Pattern[str], ...]
    openings: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class UnitLevel:
    """One level or sort of unit (党组, 党支部, 企业 …) with the expressions that betray it."""

    name: str
    titles: tuple[re.Pattern[str], ...]
    openings: tuple[re.Pattern[str], ...]
    source: tuple[str, ...]


class Kinds:
    """All kinds and unit levels, the narrower before the wider; immutable once loaded."""

    def __init__(
        self, kinds: Sequence[DocumentKind], patterns: Sequence[_Patterns], levels: Sequence[UnitLevel]
    ) -> None:
        self.kinds = tuple(kinds)
        self.levels = tuple(levels)
        self._patterns = tuple(patterns)
        self._asked = Sieve(entry.asked for entry in self._patterns)
        self._by_id = {kind.id: kind for kind in self.kinds}

    @classmethod
    def load(cls) -> Kinds:
        """Return the kinds that ship with the program."""
        return cls.read(bundled("kinds.toml"))

    @classmethod
    def read(cls, table: Table) -> Kinds:
        """Return the kinds of ``table``; raises ``TableError`` for any slip in it."""
        rows = table.parse("kind", "level")
        entries = [_read_kind(row) for row in rows["kind"]]
        kinds = [kind for kind, _ in entries]
        check_unique(
            ((alias, kind.id) for kind in kinds for alias in {kind.id, *kind.aliases}),
            lambda alias, first, second: f"{table.name}：“{alias}”同时属于“{first}”和“{second}”",
        )
        known = [kind.id for kind in kinds]
        if len(set(known)) != len(known):
            raise TableError(f"{table.name}：有重复的文种")
        widest = {kind.id for kind in kinds if kind.parent is None}
        for kind in kinds:
            if kind.parent is not None and kind.parent not in widest:
                raise TableError(f"{table.name}：“{kind.id}”的上位文种“{kind.parent}”不存在，或它自己还有上位文种")
        return cls(kinds, [patterns for _, patterns in entries], [_read_level(row) for row in rows["level"]])

    def get(self, kind_id: str) -> DocumentKind | None:
        """Return the kind with that id."""
        return self._by_id.get(kind_id)

    def find(self, text: str) -> KindMention | None:
        """Return the kind a question names: the narrowest one, and of its names the longest."""
        for place, patterns in self._asked.candidates(text).items():
            matches = [match for pattern in patterns for match in pattern.finditer(text)]
            if matches:
                best = max(matches, key=lambda match: (match.end() - match.start(), -match.start()))
                return KindMention(self.kinds[place].id, best.group(), best.start(), best.end())
        return None

    def classify(self, title: str, opening: str) -> str | None:
        """Return the id of a document's kind from its title, else from its opening words, else ``None``."""
        for select, text in ((_titles, title[:_HEAD]), (_openings, opening[:_HEAD])):
            for kind, patterns in zip(self.kinds, self._patterns, strict=True):
                if any(pattern.search(text) for pattern in select(patterns)):
                    return kind.id
        return None

    def within(self, kind_id: str) -> tuple[str, ...]:
        """Return a kind and the narrower kinds it takes in (年度总结 takes in 支部总结), itself first."""
        return (kind_id, *(kind.id for kind in self.kinds if kind.parent == kind_id))

    def unit_level(self, title: str, opening: str) -> str | None:
        """Return the level or sort of the unit that wrote a document, from its title, else its opening words."""
        for level in self.levels:
            if any(pattern.search(title[:_HEAD]) for pattern in level.titles):
                return level.name
        for level in self.levels:
            if any(pattern.search(opening[:_HEAD]) for pattern in level.openings):
                return level.name
        return None


def _titles(patterns: _Patterns) -> tuple[re.Pattern[str], ...]:
    return patterns.titles


def _openings(patterns: _Patterns) -> tuple[re.Pattern[str], ...]:
    return patterns.openings


def _read_kind(row: Row) -> tuple[DocumentKind, _Patterns]:
    kind = DocumentKind(
        id=row.text("id"),
        name=row.text("name"),
        family=row.text("family"),
        parent=row.optional_text("parent"),
        aliases=row.texts("aliases", required=True),
        writer=row.text("writer"),
        reader=row.text("reader"),
        when=row.text("when"),
        person=row.optional_text("person"),
        sections=row.texts("sections"),
        optional_sections=row.texts("optional_sections"),
        figures=row.texts("figures"),
        basis=row.choice("basis", BASES),
        basis_note=row.optional_text("basis_note"),
        note=row.optional_text("note"),
        source=row.texts("source", required=True),
    )
    if not kind.sections and not (kind.note or kind.basis_note):
        raise row.error("没有“sections”时要在“note”里说明")
    names = sorted({kind.id, *kind.aliases}, key=len, reverse=True)
    asked = (re.compile("|".join(map(re.escape, names))), *row.patterns("asked"))
    patterns = _Patterns(asked, row.patterns("titles"), row.patterns("openings"))
    row.finish()
    return kind, patterns


def _read_level(row: Row) -> UnitLevel:
    level = UnitLevel(
        row.text("name"), row.patterns("titles"), row.patterns("openings"), row.texts("source", required=True)
    )
    row.finish()
    return level
