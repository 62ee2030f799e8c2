"""All domain tables, loaded once by whoever composes the program and passed down."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.checking.offices import load_names
from knowledge.corpus.gate import Entry, GateTable, load_gate
from knowledge.kinds import Kinds
from knowledge.overlay import Overlay
from knowledge.registry import Registry
from knowledge.roles import Roles
from knowledge.skeletons import Skeletons
from knowledge.synonyms import Synonyms
from knowledge.tables import TableError, bundled
from knowledge.topics import Term, Topic, Topics
from knowledge.validity import Validity
from knowledge.words import Words


@dataclass(frozen=True, slots=True)
class TableSet:
    """The tables that building and answering share; ``offices`` are wrong forms of names, for the checker."""

    gate: GateTable
    kinds: Kinds
    roles: Roles
    synonyms: Synonyms
    topics: Topics
    registry: Registry
    skeletons: Skeletons
    words: Words
    offices: tuple[Entry, ...]

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
        """Read the tables that ship with the program, an administrator's entries laid over those that may be.

        A formulation of the overlay can be asked for like any other; what a knowledge base holds never depends on the
        overlay. Raises the table's own error for any slip in one.
        """
        kinds = Kinds.load()
        registry = Registry.load(overlay, kinds)
        topics = _read_topics(registry, overlay or Overlay())
        skeletons = Skeletons.load(kinds, overlay)
        offices = load_names((overlay or Overlay()).table("names.toml"))
        return cls(
            load_gate(), kinds, Roles.load(), Synonyms.load(), topics, registry, skeletons, Words.load(), offices
        )


def _read_topics(registry: Registry, overlay: Overlay) -> Topics:
    """Read the topics with the formulations as terms; an overlay's entry under a topic that is none is its file's slip."""
    try:
        return Topics.read(bundled("topics.toml"), registry.formulations)
    except TableError as error:
        over = overlay.files.get("formulations.toml")
        if over is None:
            raise
        raise TableError(str(error).replace("formulations.toml", over.name, 1)) from error
