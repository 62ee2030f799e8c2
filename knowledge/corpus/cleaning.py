"""The gate (把关): from the raw text of a report to text that is safe to hand out, with every decision visible.

What is certain is put right or left as a blank to fill; what is doubtful is marked as withheld (宁可不给，不可给错).
"""

from __future__ import annotations

from knowledge.corpus.gate import GateTable, load_gate
from knowledge.corpus.masks import explain_masks, find_masks
from knowledge.corpus.repairs import find_wrong, repair
from knowledge.corpus.revision import CleanText, Repair, Revision, Withheld
from knowledge.corpus.slots import blank_dates, blank_figures
from knowledge.corpus.typography import find_damage, regularise

__all__ = ["CleanText", "GateTable", "Repair", "Withheld", "clean", "load_gate"]

_ROUNDS = 8
"""One edit may complete another's pattern, so the steps run until nothing changes: twice on real text."""


def clean(raw: str, table: GateTable, *, year: int | None) -> CleanText:
    """Clean one report; ``year`` is its own year (``None``: not known, then no year becomes a blank).

    Never raises on any string; linear in its length; a cleaned text comes out as it went in.
    """
    revision = Revision(raw)
    for _ in range(_ROUNDS):
        before = revision.text
        regularise(revision)
        repair(revision, table, year)
        blank_dates(revision, year)
        revision.apply(explain_masks(revision.text, table.masks))
        blank_figures(revision, table.figure)
        if revision.text == before:
            break
    text = revision.text
    withheld = {*find_damage(text), *find_wrong(text, table, year), *find_masks(text, table.masks)}
    ordered = sorted(withheld, key=lambda span: (span.start, span.end, span.rule))
    return CleanText(text, revision.repairs(), tuple(ordered), revision.offsets)
