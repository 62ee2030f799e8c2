"""Roles (部位) of passages: named in a question, announced by a heading, told from a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from knowledge.lexicon import Lexicon
from knowledge.model import Role
from knowledge.tables import Row, Table, TableError, bundled, check_unique

if TYPE_CHECKING:
    from collections.abc import Sequence


class Place(StrEnum):
    """Where a passage stands in a report that has headings: before the first, below one, in the last paragraph."""

    HEAD = "head"
    BODY = "body"
    END = "end"


@dataclass(frozen=True, slots=True)
class RoleMention:
    """A role named in a question: ``text[start:end]`` is ``alias``."""

    role: Role
    alias: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Entry:
    role: Role
    aliases: tuple[str, ...]
    hidden: tuple[str, ...]
    headings: tuple[re.Pattern[str], ...]
    sentences: tuple[re.Pattern[str], ...]
    source: tuple[str, ...]


# What a sentence may turn out to be in a section of each role; a section that announces none leaves all open.
_SHIFTS: dict[Role | None, tuple[Role, ...]] = {
    None: (Role.CLOSING, Role.OPENING, Role.CAUSE, Role.PLAN, Role.PROBLEM, Role.RESULT),
    Role.PRACTICE: (Role.CLOSING, Role.OPENING, Role.RESULT),
    Role.PROBLEM: (Role.CLOSING, Role.CAUSE),
    Role.PLAN: (Role.CLOSING,),
}
# Passages and headings are far shorter; the bound keeps the cost of odd input in hand.
_LONGEST = 1000
# The last words of a report look beyond it: 为……提供坚强保证, 为……凝心聚力.
_FAREWELL = re.compile(r"为.{2,40}(?:提供.{0,12}保[证障]|作出.{0,8}贡献|凝心聚|添砖加瓦|而(?:努力)?奋斗)")


class Roles:
    """All roles with their names and signs; immutable once loaded."""

    def __init__(self, entries: Sequence[_Entry]) -> None:
        self._entries = {entry.role: entry for entry in entries}
        names: dict[str, Role | None] = {}
        for entry in entries:
            names.update(dict.fromkeys(entry.hidden))
        for entry in entries:
            names.update(dict.fromkeys(entry.aliases, entry.role))
        self._names = Lexicon(names)
        # A heading is asked about once for each passage below it.
        self._announced = lru_cache(4096)(self._announce)

    @classmethod
    def load(cls) -> Roles:
        """Return the roles that ship with the program."""
        return cls.read(bundled("roles.toml"))

    @classmethod
    def read(cls, table: Table) -> Roles:
        """Return the roles of ``table``; raises ``TableError`` for any slip in it."""
        entries = [_read(row) for row in table.rows("role")]
        found = [entry.role for entry in entries]
        if sorted(found) != sorted(Role):
            raise TableError(f"{table.name}：每个部位要有且只有一条：{'、'.join(Role)}")
        check_unique(
            ((alias, entry.role.value) for entry in entries for alias in entry.aliases),
            lambda alias, first, second: f"{table.name}：“{alias}”同时属于“{first}”和“{second}”",
        )
        return cls(entries)

    def names(self) -> tuple[str, ...]:
        """Return every name a question may call a role by."""
        return tuple(name for entry in self._entries.values() for name in entry.aliases)

    def find(self, text: str) -> tuple[RoleMention, ...]:
        """Return the roles a question names, in order; the longest name at each place."""
        return tuple(
            RoleMention(role, text[start:end], start, end)
            for start, end, role in self._names.longest(text)
            if role is not None
        )

    def of_heading(self, heading: str) -> Role | None:
        """Return the role that a heading announces for its section, ``None`` for a heading that names a subject."""
        return self._announced(heading[:_LONGEST])

    def _announce(self, heading: str) -> Role | None:
        for role, entry in self._entries.items():
            if any(pattern.search(heading) for pattern in entry.headings):
                return role
        return None

    def of_path(self, headings: Sequence[str]) -> Role | None:
        """Return the role of a section by the headings above it, from the outermost inwards; the innermost decides.

        A practice is announced only where nothing else is: 强化工作举措 inside a plan is still a plan.
        """
        announced = [role for role in map(self.of_heading, headings) if role is not None]
        others = [role for role in announced if role is not Role.PRACTICE]
        return others[-1] if others else (Role.PRACTICE if announced else None)

    def classify(self, text: str, headings: Sequence[str] = (), place: Place = Place.BODY) -> Role:
        """Return the role of a passage; ``headings`` run from the outermost inwards.

        The innermost heading that announces a role decides; within its section a sentence may still say that it is
        something else (a result among practices, a cause among problems).
        """
        section = self.of_path(headings)
        if section is None and place is Place.HEAD:
            section = Role.OPENING
        for role in _SHIFTS.get(section, (Role.CLOSING,)):
            if any(pattern.search(text[:_LONGEST]) for pattern in self._entries[role].sentences):
                return role
        if place is Place.END and _FAREWELL.search(text[-_LONGEST:]):
            return Role.CLOSING
        return section or Role.PRACTICE


def _read(row: Row) -> _Entry:
    entry = _Entry(
        role=Role(row.choice("role", list(Role))),
        aliases=row.texts("aliases", required=True),
        hidden=row.texts("hidden"),
        headings=row.patterns("headings"),
        sentences=row.patterns("sentences"),
        source=row.texts("source", required=True),
    )
    row.finish()
    return entry
