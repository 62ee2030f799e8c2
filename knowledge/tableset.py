"""All domain tables, loaded once by whoever composes the program and passed down."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.corpus.gate import GateTable, load_gate
from knowledge.kinds import Kinds
from knowledge.roles import Roles
from knowledge.synonyms import Synonyms
from knowledge.topics import Term, Topic, Topics
from knowledge.validity import Validity


@dataclass(frozen=True, slots=True)
class TableSet:
    """The tables that building and answering share."""

    gate: GateTable
    kinds: Kinds
    roles: Roles
    synonyms: Synonyms
    topics: Topics
    validity: Validity

    def names(self) -> frozenset[str]:
        """Return every name a question may call something by: topics, terms, kinds and roles."""
        entries: tuple[Topic | Term, ...] = (*self.topics.topics, *self.topics.terms)
        topics = (name for entry in entries for name in (entry.name, *entry.aliases))
        kinds = (name for kind in self.kinds.kinds for name in (kind.id, *kind.aliases))
        return frozenset((*topics, *kinds, *self.roles.names()))

    @classmethod
    def load(cls) -> TableSet:
        """Read the tables that ship with the program; raises the table's own error for any slip in one."""
        return cls(load_gate(), Kinds.load(), Roles.load(), Synonyms.load(), Topics.load(), Validity.load())
