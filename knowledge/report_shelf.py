"""The shelf of reports (材料架): reports, their outlines and sources, asked in the terms of the domain."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from itertools import islice

from knowledge.contents import ReportSummary
from knowledge.corpus.numbering import number_of, style_of
from knowledge.excerpts import Excerpts
from knowledge.model import Heading, Outline, Role, Source
from knowledge.store import KnowledgeBase
from knowledge.tableset import TableSet

MOST_VERSIONS = 20
"""How many outlines one question is answered from."""

REMEMBERED = 512
"""How many answers of each sort are remembered; a page of them takes a few kilobytes."""


class ReportShelf:
    """The reports of a knowledge base with the tables that tell what they are. Immutable; remembers what it was asked."""

    def __init__(self, base: KnowledgeBase, tables: TableSet) -> None:
        self._excerpts = Excerpts(base)
        self._base = base
        self._tables = tables
        self._reports = base.reports()
        self._by_id = {report.id: report for report in self._reports}
        self._find_outline = lru_cache(REMEMBERED)(base.outline)
        self._find_numbers = lru_cache(REMEMBERED)(self._count_numbers)
        self._find_heading_topics = lru_cache(REMEMBERED)(self._classify_headings)
        self._find_sense = lru_cache(REMEMBERED)(self._make_sense)
        self._find_reports_of_kind = lru_cache(REMEMBERED)(self._select_reports)
        self._find_children = lru_cache(8 * REMEMBERED)(self._select_children)
        self._find_section_text = lru_cache(REMEMBERED)(self._cut_section)
        self._find_source = lru_cache(8 * REMEMBERED)(self._make_source)

    def reports(self) -> tuple[ReportSummary, ...]:
        """Return every report."""
        return self._reports

    def report(self, report: str) -> ReportSummary:
        """Return one report by its id; raises ``KeyError`` for one that this edition does not hold."""
        return self._by_id[report]

    def years(self) -> tuple[int, ...]:
        """Return the years the reports are about, in order."""
        return tuple(sorted({report.year for report in self._reports if report.year is not None}))

    def kind_name(self, kind: str) -> str:
        """Return the full name of a kind; its id is the short one."""
        found = self._tables.kinds.get(kind)
        return found.name if found else kind

    def figures_of_kind(self, kind: str) -> tuple[str, ...]:
        """Return the figures that documents of a kind usually want (发展党员人数), by usage."""
        found = self._tables.kinds.get(kind)
        return found.figures if found else ()

    def source_of_kind(self, kind: str) -> str:
        """Return where the structure and the figures of a kind are from, with how binding it is."""
        found = self._tables.kinds.get(kind)
        return f"{'、'.join(found.source)}（{found.basis}）" if found else ""

    def holds_level(self, level: str) -> bool:
        """Whether there are reports of a unit level (支部 takes in 党支部 and 支部书记)."""
        return any(level in (report.unit_level or "") for report in self._reports)

    def kinds_held(self) -> tuple[str, ...]:
        """Return the kinds of which there are reports, the most frequent first."""
        counted = Counter(report.kind for report in self._reports if report.kind)
        return tuple(kind for kind, _ in counted.most_common())

    def reports_of_kind(self, kind: str) -> tuple[ReportSummary, ...]:
        """Return the reports of ``kind`` and of the kinds it takes in, the exact ones first, then the newest."""
        return self._find_reports_of_kind(kind)

    def _select_reports(self, kind: str) -> tuple[ReportSummary, ...]:
        order = {name: place for place, name in enumerate(self._tables.kinds.within(kind))}
        fitting = [report for report in self._reports if report.kind in order]
        fitting.sort(key=lambda report: (order[report.kind or ""], -(report.year or 0), report.id))
        # A report without a single heading has passages to give, but no outline.
        return tuple(islice((report for report in fitting if self.depth(report.id)), MOST_VERSIONS))

    def outline(self, report: str) -> Outline:
        """Return the heading tree of a report; raises ``KeyError`` for one that this edition does not hold."""
        outline = self._find_outline(report)
        if outline is None and report not in self._by_id:
            raise KeyError(report)
        return outline or Outline(report, ())

    def depth(self, report: str) -> int:
        """Return how many levels of headings a report has."""
        return max((heading.level for heading in self.outline(report).headings), default=0)

    def children(self, report: str, heading: int | None) -> tuple[Heading, ...]:
        """Return the headings below one that may be served, in order."""
        return self._find_children(report, heading)

    def _select_children(self, report: str, heading: int | None) -> tuple[Heading, ...]:
        return tuple(child for child in self.outline(report).children(heading) if self.may_serve(report, child))

    def may_serve(self, report: str, heading: Heading) -> bool:
        """Whether a heading is fit to be shown: it has text, and none that the gate withholds."""
        return bool(heading.text) and not self._excerpts.is_withheld(report, heading.start, heading.end)

    def numbers(self, report: str) -> dict[int, int]:
        """Return the numbers of headings whose own number repeats or jumps, by index, counted through in order."""
        return self._find_numbers(report)

    def _count_numbers(self, report: str) -> dict[int, int]:
        places: dict[tuple[int | None, str], list[Heading]] = {}
        for heading in self.outline(report).headings:
            if heading.ordinal:
                places.setdefault((heading.parent, style_of(heading.label)), []).append(heading)
        return {
            heading.index: place
            for siblings in places.values()
            if [number_of(heading.ordinal) for heading in siblings] != list(range(1, len(siblings) + 1))
            for place, heading in enumerate(siblings, 1)
        }

    def heading_topics(self, report: str, deepest: int = 4) -> tuple[str, ...]:
        """Return the topics that the headings of a report name, down to level ``deepest``."""
        return self._find_heading_topics(report, deepest)

    def _classify_headings(self, report: str, deepest: int) -> tuple[str, ...]:
        headings = (heading for heading in self.outline(report).headings if heading.level <= deepest)
        found = (topic for heading in headings for topic in self._tables.topics.classify(heading.text)[:1])
        return tuple(dict.fromkeys(found))

    def section_text(self, report: str, heading: int) -> str:
        """Return the clean text of a section, without what the gate withholds."""
        return self._find_section_text(report, heading)

    def _cut_section(self, report: str, heading: int) -> str:
        found = self.outline(report).headings[heading]
        return self._excerpts.served(report, found.mark, found.body_end, gap="")

    def sense(self, heading: str) -> tuple[tuple[str, ...], Role | None]:
        """Return the topics a heading names and the role it announces for its section, if any."""
        return self._find_sense(heading)

    def _make_sense(self, heading: str) -> tuple[tuple[str, ...], Role | None]:
        return self._tables.topics.classify(heading), self._tables.roles.of_heading(heading)

    def related(self, topic: str) -> tuple[str, ...]:
        """Return the topics near a topic, the nearest first."""
        return self._tables.topics.related(topic)

    def sense_text(self, text: str) -> tuple[tuple[str, ...], Role]:
        """Return the topics and the role of a text that stands in no report."""
        return self._tables.topics.classify(text), self._tables.roles.classify(text)

    # Sources

    def source_of(self, report: str, heading: int | None = None) -> Source:
        """Return the source of a heading, or of a report as a whole."""
        return self._find_source(report, heading)

    def _make_source(self, report: str, heading: int | None) -> Source:
        found = self.report(report)
        if heading is None:
            return Source(found.id, found.title, found.year, (), 0, found.length)
        own = self.outline(report).headings[heading]
        return Source(found.id, found.title, found.year, self._path(report, own.parent), own.start, own.end)

    def source_of_section(self, report: str, heading: int) -> Source:
        """Return the source of everything below a heading, with the heading itself as the end of the path."""
        found = self.report(report)
        own = self.outline(report).headings[heading]
        return Source(found.id, found.title, found.year, self._path(report, heading), own.mark, own.body_end)

    def _path(self, report: str, heading: int | None) -> tuple[str, ...]:
        headings = self.outline(report).headings
        path: list[str] = []
        while heading is not None:
            path.append(f"{headings[heading].label}{headings[heading].text}")
            heading = headings[heading].parent
        return tuple(reversed(path))
