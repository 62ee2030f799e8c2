"""The curated table applied: certain wrong forms are put right, the rest of what it names is withheld."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from knowledge.corpus.gate import Decision, GateTable
from knowledge.corpus.revision import Cause, Revision, Withheld


def repair(revision: Revision, table: GateTable, year: int | None) -> None:
    """Put right what the table is certain of for a report of that year."""
    for entry in table.entries:
        if entry.occurs(revision.text) and entry.decide(year) in {Decision.REPAIR, Decision.SLOT}:
            cause = Cause(entry.reason, entry.id, entry.source)
            to = entry.replacement
            # Expanding a template costs far more than a fixed text.
            revision.substitute(entry.pattern, partial(_expand, to) if "\\" in to else to, cause)


def find_wrong(text: str, table: GateTable, year: int | None) -> Iterator[Withheld]:
    """Yield what the table can't put right with certainty."""
    for entry in table.entries:
        if entry.occurs(text) and entry.decide(year) is Decision.WITHHOLD:
            for found in entry.pattern.finditer(text):
                yield Withheld(found.start(), found.end(), entry.reason, entry.id, entry.source)


def _expand(template: str, found: re.Match[str]) -> str:
    return found.expand(template)
