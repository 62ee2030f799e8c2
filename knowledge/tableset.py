"""All domain tables, loaded once by whoever composes the program and passed down."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.corpus.gate import GateTable, load_gate
from knowledge.kinds import Kinds
from knowledge.overlay import Overlay
from knowledge.registry import Registry
from knowledge.roles import Roles
from knowledge.skeletons import Skeletons
from knowledge.synonyms import Synonyms
from knowledge.tables import bundled
from knowledge.topics import Term, Topic, Topics
from knowledge.validity import Validity
from knowledge.words import Words


@dataclass(frozen=True, slots=True)
class TableSet:
    """The tables that building and answering share."""

    gate: GateTable
    kinds: Kinds
    roles: Roles
    synonyms: Synonyms
    topics: Topics
    registry: Registry
    skeletons: Skeletons
    words: Words

    @property
    def validity(self) -> Validity:
        """Whether wording still fits the year of its reader."""
        return self.registry.validity

    def names(self) -> frozenset[str]:
        """Return every name a question may call something by: topics, terms, kinds and roles."""
        entries: tuple[Topic | Term, ...] = (*self.topics.topics, *self.topics.terms)
        topics = (name for entry in entries for name in (entry.name, *entry.aliases))
        kinds = (name for kind in self.kinds.kinds for name in (kind.id, *kind.aliases))
        return frozenset((*topics, *kinds, *self.roles.names()))

    @classmethod
    def load(cls, overlay: Overlay | None = None) -> TableSet:
        """Read the tables that ship with the program, with an administrator's entries laid over registry and skeletons.

        A formulation of the overlay can be asked for like any other; what a knowledge base holds never depends on the
        overlay. Raises the table's own error for any slip in one.
        """
        kinds = Kinds.load()
        registry = Registry.load(overlay, kinds)
        topics = Topics.read(bundled("topics.toml"), registry.formulations)
        skeletons = Skeletons.load(kinds, overlay)
        return cls(load_gate(), kinds, Roles.load(), Synonyms.load(), topics, registry, skeletons, Words.load())
