"""The checker (校对器): all rules over one text, and what is told where several rules look at the same words."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from knowledge.checking.catalogue import compose
from knowledge.checking.model import Copy, Finding, Level, Rule
from knowledge.checking.years import recognise_year
from knowledge.tableset import TableSet

__all__ = ["Checker", "recognise_year"]

_SURENESS = {level: rank for rank, level in enumerate(Level)}

_WIDE = 40
"""A finding longer than this is about a passage as a whole and says nothing about the single words in it."""

_STRETCH = 64
"""Findings are compared with those that touch the same stretch of so many characters."""


class Checker:
    """Every rule of the catalogue, loaded once; immutable, so that one checker serves every request."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)

    @classmethod
    def load(cls, tables: TableSet | None = None) -> Checker:
        """Return the checker over the given tables, or over those that ship with the program.

        Raises ``TableError`` for any slip in a table.
        """
        return cls(compose(TableSet.load() if tables is None else tables))

    def check(self, text: str, *, year: int, unit: str | None = None) -> tuple[Finding, ...]:
        """Return what is found in a text written for ``year`` (by ``unit``, where it is known), in the order of the text.

        Spans refer to ``text`` as given, whatever its width and blanks. Of findings on the same words the surest stays,
        then the longest. Never raises on any string; time is linear in the length of the text.
        """
        copy = Copy(text, year, unit)
        return settle(chain.from_iterable(rule.find(copy) for rule in self.rules))


def settle(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that stay, in order: one goes when a surer or longer one holds at least half of its words."""
    ranked = sorted(
        dict.fromkeys(findings),
        key=lambda finding: (_SURENESS[finding.level], finding.start - finding.end, finding.start),
    )
    kept: list[Finding] = []
    stretches: dict[int, list[Finding]] = {}
    for finding in ranked:
        touched = range(finding.start // _STRETCH, finding.end // _STRETCH + 1)
        if any(_outdoes(other, finding) for place in touched for other in stretches.get(place, ())):
            continue
        kept.append(finding)
        for place in touched:
            stretches.setdefault(place, []).append(finding)
    return tuple(sorted(kept, key=lambda finding: (finding.start, finding.end)))


def _outdoes(better: Finding, finding: Finding) -> bool:
    """Whether ``better`` holds at least half of the words of ``finding``, and speaks about them."""
    shared = min(better.end, finding.end) - max(better.start, finding.start)
    if 2 * shared < finding.end - finding.start or shared <= 0:
        return False
    return better.end - better.start <= _WIDE or better.category is finding.category
