"""All domain tables, loaded once by whoever composes the program and passed down."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.corpus.gate import GateTable, load_gate
from knowledge.kinds import Kinds
from knowledge.roles import Roles
from knowledge.topics import Topics
from knowledge.validity import Validity


@dataclass(frozen=True, slots=True)
class TableSet:
    """The tables that building and answering share."""

    gate: GateTable
    kinds: Kinds
    roles: Roles
    topics: Topics
    validity: Validity

    @classmethod
    def load(cls) -> TableSet:
        """Read the tables that ship with the program; raises the table's own error for any slip in one."""
        return cls(load_gate(), Kinds.load(), Roles.load(), Topics.load(), Validity.load())
