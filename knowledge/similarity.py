"""Similarity (雷同): how much of a text stands in the reports of a knowledge base, and where.

Only the base is looked at, never the network. Punctuation, blanks and figures don't count, small changes don't hide a
stretch, and what everybody writes (:mod:`knowledge.commonplace`) is not copied from anybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from knowledge.commonplace import OWN, ClauseCensus, Commonplaces
from knowledge.matching import Place, find_places, join_near
from knowledge.model import Source
from knowledge.shingles import BareText, TileIndex, lay_bare
from knowledge.store import KnowledgeBase

REMEMBERED = 128
"""For how many reports it is remembered where the characters stand."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """A stretch of a text, ``text``, at ``start``–``end``, that stands in a report at ``source`` (nearly) word for word.

    ``share`` is what part of the whole text it makes up (0–1), counted as in :class:`Similarity`.
    """

    start: int
    end: int
    text: str
    source: Source
    share: float


@dataclass(frozen=True, slots=True)
class ReportShare:
    """How much of a text stands in one report, in per cent as in :class:`Similarity`."""

    report: str
    title: str
    percent: float


@dataclass(frozen=True, slots=True)
class Similarity:
    """How much of a text stands in the base, where, and in which reports most.

    ``percent`` is of the text's Chinese characters without common wording, which counts neither for nor against it: a
    report of the base comes to nearly 100, official wording alone to 0. ``overlaps`` are in the order of the text and
    don't overlap each other; ``compared`` is the number of reports.
    """

    percent: float
    overlaps: tuple[Overlap, ...]
    by_report: tuple[ReportShare, ...]
    compared: int


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What is worked out of a base once."""

    tiles: TileIndex
    commonplaces: Commonplaces


class SimilarityIndex:
    """Compares texts with one knowledge base. Several threads may share it.

    ``phrases`` are wordings that belong to nobody. What it needs is worked out by the first comparison, or by ``load``:
    a few milliseconds per report.
    """

    def __init__(self, base: KnowledgeBase, phrases: Iterable[str] = ()) -> None:
        self._base = base
        self._phrases = tuple(phrases)
        self._reports = base.reports()
        self._bare = lru_cache(REMEMBERED)(lambda report: lay_bare(base.text(report) or ""))
        self._outline = lru_cache(REMEMBERED)(base.outline)
        self._loading = Lock()
        self._loaded: _Loaded | None = None

    def load(self) -> None:
        """Work out now what the first comparison would otherwise wait for."""
        self._load()

    def compare(self, text: str) -> Similarity:
        """Return how much of a text stands in the base, and where. Linear in the length of the text."""
        loaded, bare = self._load(), lay_bare(text)
        marks = loaded.commonplaces.mark(text, bare)
        places = join_near(find_places(bare.text, marks, loaded.tiles))
        total = max(1, marks.count(OWN))
        by_report: Counter[int] = Counter()
        for place in places:
            by_report[place.report] += place.counted
        shares = tuple(
            ReportShare(self._reports[number].id, self._reports[number].title, 100 * counted / total)
            for number, counted in by_report.most_common()
        )
        overlaps = tuple(self._overlap(text, bare, place, total, loaded.tiles) for place in places)
        return Similarity(100 * by_report.total() / total, overlaps, shares, len(self._reports))

    def _load(self) -> _Loaded:
        with self._loading:
            if self._loaded is None:
                census = ClauseCensus()
                tiles = TileIndex(self._read(census))
                self._loaded = _Loaded(tiles, Commonplaces(self._phrases, census.shared()))
            return self._loaded

    def _read(self, census: ClauseCensus) -> Iterator[str]:
        """Yield the bare texts of all reports, one in memory at a time."""
        for report in self._reports:
            text = self._base.text(report.id) or ""
            bare = lay_bare(text)
            census.add(text, bare)
            yield bare.text

    def _overlap(self, text: str, bare: BareText, place: Place, total: int, tiles: TileIndex) -> Overlap:
        start, end = bare.places[place.start], bare.places[place.end - 1] + 1
        report = self._reports[place.report]
        there, low = self._bare(report.id), tiles.begin(place.report)
        first, last = there.places[place.span[0] - low], there.places[place.span[1] - 1 - low] + 1
        source = Source(report.id, report.title, report.year, self._section(report.id, first), first, last)
        return Overlap(start, end, text[start:end], source, place.counted / total)

    def _section(self, report: str, place: int) -> tuple[str, ...]:
        """Return the headings above a place of a report, outermost first."""
        outline = self._outline(report)
        headings = outline.headings if outline else ()
        return tuple(f"{found.label}{found.text}" for found in headings if found.mark <= place < found.body_end)
