"""Everything a knowledge base holds, as one value: what the pipeline hands to the store and the store hands back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.errors import ContentsError
from knowledge.model import HeadingSet, Outline, Passage, Report, Role


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the pipeline repaired, withheld or found wrong; counted and shown, never silent.

    ``report`` is the id of a report, or the name of a document that did not become one. ``stage`` and ``reason`` are short Chinese names. ``text`` is what was found; ``start``–``end`` is its span in the
    report's clean text, ``None`` where the clean text no longer has it.
    """

    report: str
    stage: str
    reason: str
    text: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class ReportSummary:
    """A report without its text: enough to list and to choose. ``length`` is the text's length in characters."""

    id: str
    title: str
    kind: str | None
    year: int | None
    unit_level: str | None
    sha256: str
    encoding: str
    length: int
    person: str | None = None


@dataclass(frozen=True, slots=True)
class TopicCount:
    """How many entries have a topic (empty: none) and a role."""

    topic: str
    role: Role
    count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many entries of each sort a knowledge base holds."""

    reports: int
    outlines: int
    heading_sets: int
    passages: int
    problems: int


@dataclass(frozen=True, slots=True)
class Contents:
    """The entries of a knowledge base, or those of some reports to be added to one."""

    reports: tuple[Report, ...] = ()
    outlines: tuple[Outline, ...] = ()
    heading_sets: tuple[HeadingSet, ...] = ()
    passages: tuple[Passage, ...] = ()
    problems: tuple[Problem, ...] = ()

    def check(self, known: Iterable[str] = ()) -> None:
        """Raise ``ContentsError`` if an id repeats, or an entry names a report neither here nor among ``known``."""
        self._check_unique()
        reports = {report.id for report in self.reports} | set(known)
        for report, what in self._mentions():
            if report not in reports:
                raise ContentsError(f"{what}的出处“{report}”不在知识库里")

    def _check_unique(self) -> None:
        groups = (
            ("材料", [report.id for report in self.reports]),
            ("提纲", [outline.report for outline in self.outlines]),
            ("小标题组", [entry.id for entry in self.heading_sets]),
            ("例句", [passage.id for passage in self.passages]),
        )
        for name, ids in groups:
            seen: set[str] = set()
            for id_ in ids:
                if id_ in seen:
                    raise ContentsError(f"{name}“{id_}”重复")
                seen.add(id_)

    def _mentions(self) -> Iterable[tuple[str, str]]:
        for outline in self.outlines:
            yield outline.report, "提纲"
        for entry in self.heading_sets:
            yield entry.source.report, f"小标题组“{entry.id}”"
        for passage in self.passages:
            if not passage.sources:
                raise ContentsError(f"例句“{passage.id}”没有出处")
            for source in passage.sources:
                yield source.report, f"例句“{passage.id}”"
