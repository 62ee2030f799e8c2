"""The life of one report: read → clean → parse → classify → cut → screen, and the entries of all reports merged.

Every stage returns a value and what it decided; nothing is dropped without a named reason.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knowledge.build.headings import sibling_sets
from knowledge.build.merging import merge_passages
from knowledge.build.passages import Cut, Refusal, cut_passages, refuse
from knowledge.build.support import count_clauses, with_support
from knowledge.classification import derive_title, detect_person, detect_year, mask_title, opening_of
from knowledge.contents import Contents, Problem
from knowledge.corpus.cleaning import CleanText, clean
from knowledge.corpus.headlines import Headline
from knowledge.corpus.reader import Document
from knowledge.corpus.structure import Structure, parse
from knowledge.model import Heading, HeadingSet, Outline, Passage, Report, Role, Source
from knowledge.roles import Place
from knowledge.tableset import TableSet


@dataclass(frozen=True, slots=True)
class Digest:
    """Everything one document yields, stage by stage."""

    report: Report
    clean: CleanText
    structure: Structure
    heading_sets: tuple[HeadingSet, ...]
    passages: tuple[Passage, ...]
    refusals: tuple[Refusal, ...]

    @property
    def outline(self) -> Outline:
        """The heading tree."""
        return Outline(self.report.id, self.structure.headings)


def digest(document: Document, tables: TableSet) -> Digest:
    """Take one document through every stage. Never fails on any text."""
    year = detect_year(document.text)
    title = mask_title(document.title) if document.title else derive_title(document.text)
    opening = opening_of(document.text)
    cleaned = clean(document.text, tables.gate, year=year)
    report = Report(
        id=document.name,
        title=title,
        kind=tables.kinds.classify(title, opening),
        year=year,
        unit_level=tables.kinds.unit_level(title, opening),
        text=cleaned.text,
        sha256=document.sha256,
        encoding=document.encoding,
        person=detect_person(document.text),
    )
    structure = parse(cleaned.text, _headlines(cleaned, document))
    extraction = _Extraction(report, cleaned, structure, tables)
    passages, refusals = extraction.passages()
    return Digest(report, cleaned, structure, tuple(extraction.heading_sets()), passages, refusals)


def _headlines(cleaned: CleanText, document: Document) -> list[Headline]:
    """Return the headings that the document's format marks, as they lie in the clean text."""
    if not document.hints:
        return []
    levels = {at: hint.level for hint in document.hints for at in range(hint.start, hint.end)}
    found: list[Headline] = []
    start = 0
    for line in cleaned.text.split("\n"):
        level = levels.get(cleaned.origin(start)) if line.strip() else None
        if level is not None:
            found.append(Headline(start, start + len(line), level))
        start += len(line) + 1
    return found


def merge(digests: Iterable[Digest]) -> Contents:
    """Put the entries of all reports together; passages that are (nearly) equal become one."""
    digests = tuple(digests)
    passages = merge_passages(passage for found in digests for passage in found.passages)
    return Contents(
        reports=tuple(found.report for found in digests),
        outlines=tuple(found.outline for found in digests),
        heading_sets=tuple(entry for found in digests for entry in found.heading_sets),
        passages=with_support(passages, count_clauses(found.report for found in digests)),
        problems=tuple(problem for found in digests for problem in problems_of(found)),
    )


def problems_of(found: Digest) -> Iterator[Problem]:
    """Yield every decision taken on a report: repairs, what is withheld, irregular numbering, refused passages."""
    report, text = found.report.id, found.clean.text
    for repair in found.clean.repairs:
        yield Problem(report, "repair", repair.reason, f"{repair.before}→{repair.after}", repair.start, repair.end)
    for span in found.clean.withheld:
        yield Problem(report, "withheld", span.reason, text[span.start : span.end], span.start, span.end)
    for problem in found.structure.problems:
        yield Problem(report, "structure", problem.reason, problem.text, problem.start, problem.end)
    for refusal in found.refusals:
        cut = refusal.cut
        yield Problem(report, "passage", refusal.reason, text[cut.start : cut.end], cut.start, cut.end)


class _Extraction:
    """Takes the entries out of one clean, parsed report."""

    def __init__(self, report: Report, cleaned: CleanText, structure: Structure, tables: TableSet) -> None:
        self._report = report
        self._text = cleaned.text
        self._withheld = cleaned.withheld
        self._headings = structure.headings
        self._structure = structure
        self._tables = tables

    def passages(self) -> tuple[tuple[Passage, ...], tuple[Refusal, ...]]:
        taken: dict[str, Passage] = {}
        refused: list[Refusal] = []
        for cut in cut_passages(self._text, self._structure):
            text = self._text[cut.start : cut.end]
            unfinished = None if cut.complete else "不成句"
            reason = self._withheld_reason(cut.start, cut.end) or refuse(text) or unfinished
            if reason:
                refused.append(Refusal(cut, reason))
            else:
                passage = self._passage(cut, text)
                taken.setdefault(passage.id, passage)
        return tuple(taken.values()), tuple(refused)

    def heading_sets(self) -> Iterator[HeadingSet]:
        for siblings in sibling_sets(self._headings):
            if any(self._withheld_reason(heading.start, heading.end) for heading in siblings):
                continue
            parent = siblings[0].parent
            announced = sum(self._tables.roles.of_heading(heading.text) is not None for heading in siblings)
            if parent is None and announced * 2 > len(siblings):
                # 主要做法, 存在问题, 下一步打算 divide every report alike: an outline, not a set to choose from.
                continue
            path = self._path(parent)
            yield HeadingSet(
                id=_identifier("h", self._report.id, str(siblings[0].index)),
                headings=siblings,
                topics=self._set_topics(siblings, path),
                role=self._tables.roles.of_path(path) or Role.PRACTICE,
                source=self._source(parent, siblings[0].mark, siblings[-1].body_end),
            )

    def _set_topics(self, siblings: tuple[Heading, ...], path: tuple[str, ...]) -> tuple[str, ...]:
        """Topics of the section the set stands under, and those that several of its headings share."""
        counted: Counter[str] = Counter()
        for heading in siblings:
            counted.update(self._tables.topics.classify(heading.text))
        shared = [topic for topic, count in counted.most_common() if count > 1]
        above = self._tables.topics.classify(path[-1]) if path[1:] else ()
        return tuple(dict.fromkeys((*above, *shared)))

    def _passage(self, cut: Cut, text: str) -> Passage:
        path = self._path(cut.heading)
        role = self._tables.roles.classify(text, path, self._place(cut))
        return Passage(
            id=_identifier("p", text),
            text=text,
            role=role,
            # An opening names everything and is about nothing: its set phrases would put it under every topic.
            topics=() if role is Role.OPENING else self._tables.topics.classify(text, path),
            sources=(self._source(cut.heading, cut.start, cut.end),),
        )

    def _place(self, cut: Cut) -> Place:
        if cut.heading is None and self._headings:
            return Place.HEAD
        return Place.END if "\n" not in self._text[cut.end :].strip() else Place.BODY

    def _path(self, index: int | None) -> tuple[str, ...]:
        """The headings above a place, outermost first, as they read in a source: ordinal and text."""
        path: list[str] = []
        while index is not None:
            heading = self._headings[index]
            path.append(f"{heading.label}{heading.text}")
            index = heading.parent
        return tuple(reversed(path))

    def _source(self, heading: int | None, start: int, end: int) -> Source:
        report = self._report
        return Source(report.id, report.title, report.year, self._path(heading), start, end)

    def _withheld_reason(self, start: int, end: int) -> str | None:
        return next((span.reason for span in self._withheld if span.start < end and start < span.end), None)


def _identifier(prefix: str, *parts: str) -> str:
    """Return a short stable id: the same words get the same id in every build."""
    return prefix + hashlib.blake2s("\0".join(parts).encode(), digest_size=6).hexdigest()
