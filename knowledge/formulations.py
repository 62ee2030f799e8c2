"""Set phrases (提法): official wording, since when and until when, with what they are used, and where that is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from knowledge.lexicon import Lexicon
from knowledge.tables import Row, Table, TableError, bundled, check_unique

if TYPE_CHECKING:
    from collections.abc import Iterable

CONFIDENCES = ("high", "medium")
"""How sure the wording is; what is less sure is not in the tables."""


class Status(StrEnum):
    """Whether a formulation is in use: 现行, 历史, 被取代, 地方提法, or open until someone has looked it up."""

    CURRENT = "current"
    HISTORICAL = "historical"
    SUPERSEDED = "superseded"
    LOCAL = "local"
    UNSETTLED = "unsettled"


@dataclass(frozen=True, slots=True)
class Formulation:
    """One set phrase.

    ``expansion`` may be quoted only if ``quotable``: then it was seen word for word in an official text; else it
    serves look-up. ``official`` and ``valid_from`` are there only where the origin was seen. Dates are ``YYYY``,
    ``YYYY-MM`` or ``YYYY-MM-DD``. ``ambiguous`` names mean other things too, so they say nothing about a text's date.
    """

    term: str
    aliases: tuple[str, ...]
    kind: str
    topic: str | None
    expansion: str | None
    quotable: bool
    official: str | None
    valid_from: str | None
    valid_to: str | None
    dates_verified: bool
    status: Status
    superseded_by: str | None
    usage: str | None
    note: str | None
    ambiguous: bool
    confidence: str
    source: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The term and its aliases."""
        return (self.term, *self.aliases)


@dataclass(frozen=True, slots=True)
class FormulationMention:
    """A formulation found in a text: ``text[start:end]`` is ``alias``."""

    formulation: Formulation
    alias: str
    start: int
    end: int


class Formulations:
    """The registry of set phrases; immutable once loaded."""

    def __init__(self, entries: Iterable[Formulation]) -> None:
        self.entries = tuple(entries)
        self._names = Lexicon({name: entry for entry in self.entries for name in entry.names})

    @classmethod
    def load(cls) -> Formulations:
        """Return the formulations that ship with the program."""
        return cls.read(bundled("formulations.toml"))

    @classmethod
    def read(cls, table: Table) -> Formulations:
        """Return the formulations of ``table``; raises ``TableError`` for any slip in it."""
        rows = table.rows("formulation")
        entries = [_read(row) for row in rows]
        check_unique(
            ((name, entry.term) for entry in entries for name in entry.names),
            lambda name, first, second: f"{table.name}：“{name}”同时属于“{first}”和“{second}”",
        )
        terms = {entry.term for entry in entries}
        if len(terms) != len(entries):
            raise TableError(f"{table.name}：有重复的提法")
        for row, entry in zip(rows, entries, strict=True):
            if entry.superseded_by is not None and entry.superseded_by not in terms:
                raise row.error(f"“{entry.term}”的新提法“{entry.superseded_by}”不在表里")
        return cls(entries)

    def get(self, name: str) -> Formulation | None:
        """Return the formulation of exactly that name or alias."""
        return self._names.get(name)

    def find(self, text: str) -> tuple[FormulationMention, ...]:
        """Return the formulations a text names, in order; the longest name at each place."""
        return tuple(
            FormulationMention(entry, text[start:end], start, end) for start, end, entry in self._names.longest(text)
        )


def _read(row: Row) -> Formulation:
    entry = Formulation(
        term=row.text("term"),
        aliases=row.texts("aliases"),
        kind=row.text("kind"),
        topic=row.optional_text("topic"),
        expansion=row.optional_text("expansion"),
        quotable=row.flag("quotable"),
        official=row.optional_text("official"),
        valid_from=row.date("valid_from"),
        valid_to=row.date("valid_to"),
        dates_verified=row.flag("dates_verified"),
        status=Status(row.choice("status", list(Status))),
        superseded_by=row.optional_text("superseded_by"),
        usage=row.optional_text("usage"),
        note=row.optional_text("note"),
        ambiguous=row.flag("ambiguous"),
        confidence=row.choice("confidence", CONFIDENCES),
        source=row.texts("source", required=True),
    )
    row.finish()
    if (entry.official or entry.valid_from) and not entry.dates_verified:
        raise row.error("起源没有核过，不能写“official”和“valid_from”")
    if entry.quotable and entry.expansion is None:
        raise row.error("没有“expansion”，不能“quotable”")
    if (entry.status is Status.SUPERSEDED) != (entry.superseded_by is not None):
        raise row.error("被取代的提法要写“superseded_by”，别的不写")
    return entry
