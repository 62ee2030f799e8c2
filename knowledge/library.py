"""The library (资料库): a knowledge base and the domain tables together, asked in the terms of the domain.

This is the one door through which dialogue reaches the knowledge layer. It knows reports, topics and years; it does
not know that anybody chats.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from knowledge.build.headings import fits_pattern, has_length
from knowledge.checking.checker import Checker, recognise_year
from knowledge.checking.model import Finding
from knowledge.model import HeadingSet, Passage, Role, Source
from knowledge.report_shelf import REMEMBERED, ReportShelf
from knowledge.search.engine import Query
from knowledge.search.phrases import PhraseFinder, PhraseQuery, fits_form
from knowledge.search.question import QuestionReader
from knowledge.search.ranking import rank_sets
from knowledge.segmentation import Segmenter
from knowledge.similarity import Similarity, SimilarityIndex
from knowledge.store import KnowledgeBase
from knowledge.tableset import TableSet

PARAGRAPH = 100
"""From this many characters on a request for a length is for a paragraph, not for a sentence."""

COUNTABLE = 200
"""Up to how many reports the use of a term is counted in; in a larger base that would hold up the answer."""

MOST_SETS = 40
"""How many heading sets one question is answered from."""

_PARAGRAPH_ID = "section:"

T = TypeVar("T")


class Library(ReportShelf):
    """A knowledge base with the tables to ask it by. Immutable; a newer base gets a library of its own.

    What it was asked lately it remembers (bounded), which is sound because neither the base nor the tables ever change.
    """

    def __init__(self, base: KnowledgeBase, tables: TableSet, segmenter: Segmenter, words: Iterable[str] = ()) -> None:
        """``words`` are further words that questions are made of (提纲, 例句) and may be misspelt."""
        super().__init__(base, tables)
        self._finder = PhraseFinder(base, tables, segmenter, self._is_marked)
        self.questions = QuestionReader(base, tables, segmenter, words)
        self.registry = tables.registry
        self.skeletons = tables.skeletons
        self.words = tables.words
        self._find_phrases = lru_cache(REMEMBERED)(self._search_phrases)
        self._find_sets = lru_cache(REMEMBERED)(self._search_sets)
        self._find_usage = lru_cache(REMEMBERED)(self._count_usage)
        self._recalled: OrderedDict[Hashable, Any] = OrderedDict()
        self._find_nearest = lru_cache(REMEMBERED)(self._search_nearest)
        self._find_marks = lru_cache(8 * REMEMBERED)(self._judge)
        self._count_topic = lru_cache(REMEMBERED)(self._count_phrases)

    @cached_property
    def _checker(self) -> Checker:
        return Checker.load(self._tables)

    def load(self) -> None:
        """Load now what the first message would otherwise wait for."""
        self.questions.load()
        self._checker.check("", year=0)
        self._similarity.load()

    def check(self, text: str, *, year: int, unit: str | None = None) -> tuple[Finding, ...]:
        """Return what the checker finds in a text written for ``year`` by ``unit``, in order of place."""
        return self._checker.check(text, year=year, unit=unit)

    @cached_property
    def _similarity(self) -> SimilarityIndex:
        names = (name for entry in self._tables.registry.formulations.entries for name in entry.names)
        expansions = (entry.expansion for entry in self._tables.registry.formulations.entries if entry.expansion)
        return SimilarityIndex(self._base, (*names, *expansions))

    def similarity(self, text: str) -> Similarity:
        """Return how much of a text stands in the reports of this edition, and where; common wording does not count."""
        return self._similarity.compare(text)

    def recognise_year(self, text: str) -> int | None:
        """Return the year a text says it is written for."""
        return recognise_year(text)

    @property
    def edition(self) -> str:
        """The version of the knowledge base; ids are only sure to exist in the edition that gave them."""
        return self._base.version

    def has(self, identifier: str) -> bool:
        """Whether this edition holds what ``identifier`` names: a passage, a heading set, a report or its heading."""
        report, _, heading = identifier.removeprefix(_PARAGRAPH_ID).partition("#")
        if report in self._by_id:
            return not heading or (heading.isdecimal() and int(heading) < len(self.outline(report).headings))
        return self._base.passage(identifier) is not None or self._base.heading_set(identifier) is not None

    def recall(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made for ``key`` lately, or make it now: for what follows from this library and the key alone."""
        if key in self._recalled:
            self._recalled.move_to_end(key)
        else:
            self._recalled[key] = make()
            if len(self._recalled) > REMEMBERED:
                self._recalled.popitem(last=False)
        found: T = self._recalled[key]
        return found

    # Passages

    def phrases(self, query: PhraseQuery, year: int) -> tuple[Passage, ...]:
        """Return every passage that answers ``query``, best first; empty when the library holds none.

        Passages whose wording does not fit the reader's ``year`` come later.
        """
        return self._find_phrases(query, year)

    def _search_phrases(self, query: PhraseQuery, year: int) -> tuple[Passage, ...]:
        found = tuple(passage for passage in self._passages_for(query, year) if fits_form(passage.text, query))
        if query.kind is not None:
            found = tuple(sorted(found, key=lambda passage: not self._is_of_kind(passage, query.kind or "")))
        if query.level is not None:
            found = tuple(sorted(found, key=lambda passage: not self._is_of_level(passage, query.level or "")))
        if query.length is None:
            return found
        if query.within or query.length < PARAGRAPH:
            shortest = 0 if query.within else 0.5 * query.length
            longest = query.length if query.within else 1.2 * query.length
            return tuple(passage for passage in found if shortest <= len(passage.text) <= longest)
        return self._paragraphs_of(found, query.length) or found

    def _is_of_kind(self, passage: Passage, kind: str) -> bool:
        return any(self._by_id[source.report].kind == kind for source in passage.sources)

    def _is_of_level(self, passage: Passage, level: str) -> bool:
        return any(level in (self._by_id[source.report].unit_level or "") for source in passage.sources)

    def _passages_for(self, query: PhraseQuery, year: int) -> tuple[Passage, ...]:
        if query.report is not None and query.section is not None:
            return self._phrases_of_section(query.report, query.section)
        return self._finder.find(query, year)

    def passages(self, identifiers: Iterable[str]) -> tuple[Passage, ...]:
        """Return passages by id, in the order given; ids of an older base that are gone are left out."""
        found = (self._paragraph(i) if i.startswith(_PARAGRAPH_ID) else self._base.passage(i) for i in identifiers)
        return tuple(passage for passage in found if passage is not None)

    def is_passage(self, identifier: str) -> bool:
        """Whether ``identifier`` names a passage of this edition."""
        return bool(self.passages((identifier,)))

    def is_cut(self, query: PhraseQuery) -> bool:
        """Whether there are so many passages that ``phrases`` gives the most fitting of them only."""
        return not query.term and self._finder.is_cut(query)

    def usage(self, term: str) -> int:
        """Return how many reports use a term under any of its names; 0 in a base too large to count in passing."""
        return self._find_usage(term)

    def _count_usage(self, term: str) -> int:
        if len(self._reports) > COUNTABLE:
            return 0
        entry = self.registry.formulations.get(term)
        names = (*self._finder.names(term), *(entry.names if entry else (term,)))
        texts = (self._base.text(report.id) or "" for report in self._reports)
        return sum(any(name in text for name in names) for text in texts)

    def subject(self, name: str) -> PhraseQuery:
        """Return the query for a topic or a narrower term by its name."""
        term = next((entry for entry in self._tables.topics.terms if entry.name == name), None)
        return PhraseQuery(topic=term.topic, term=term.name) if term else PhraseQuery(topic=name)

    def nearest(self, query: PhraseQuery) -> tuple[tuple[str, int], ...]:
        """Return the two nearest topics that have passages, with how many: what to offer when nothing fits."""
        return self._find_nearest(query)

    def _search_nearest(self, query: PhraseQuery) -> tuple[tuple[str, int], ...]:
        names: list[str] = []
        if query.topic:
            names += [query.topic] if query.role or query.term or query.alias else []
            names += self._tables.topics.related(query.topic)
        if query.about:
            names += self._tables.topics.classify(query.about)
            hits = self._base.search(Query(text=query.about, limit=12))
            found = self._base.passages(hit.id for hit in hits)
            names += [topic for topic, _ in Counter(topic for p in found for topic in p.topics[:1]).most_common()]
        counted = ((name, self._count_topic(name)) for name in dict.fromkeys(names))
        return tuple((name, count) for name, count in counted if count)[:2]

    def largest_topics(self, most: int) -> tuple[tuple[str, int], ...]:
        """Return the topics with most passages, with how many: what to offer to who names no subject."""
        names = (topic.name for topic in self._tables.topics.topics)
        largest = sorted(names, key=lambda name: -self._base.count_passages(topic=name))[:most]
        return tuple((name, self._count_topic(name)) for name in largest)

    def _count_phrases(self, topic: str) -> int:
        # As many as who asks for the topic by its name is given; the year is about their order alone.
        return len(self._finder.find(PhraseQuery(topic=topic, about=topic), year=0))

    def context(self, passage: Passage) -> str:
        """Return the passage with the text around it in its section, withheld stretches left out visibly."""
        return self._excerpts.context(passage)

    # Heading sets

    def heading_sets(
        self,
        topic: str | None = None,
        role: Role | None = None,
        length: int | None = None,
        like: str | None = None,
        without: str | None = None,
    ) -> tuple[HeadingSet, ...]:
        """Return the heading sets under a topic, in a role, of a form, best first; without any, all of them.

        ``length`` is in characters, of each heading or of each of its clauses; ``like`` a pattern with gaps that some
        heading fits (突出…，彰显…); ``without`` a word that no heading has.
        """
        return self._find_sets(topic, role, length, like, without)

    def _search_sets(
        self, topic: str | None, role: Role | None, length: int | None, like: str | None, without: str | None
    ) -> tuple[HeadingSet, ...]:
        sets = [
            found
            for found in self._base.heading_sets(topic=topic, role=role, limit=10 * MOST_SETS)
            if (length is None or has_length(found.headings, length))
            and (without is None or not any(without in heading.text for heading in found.headings))
            and (like is None or fits_pattern(found.headings, like))
        ]
        ranked = rank_sets(sets, topic)
        if like is not None:
            ranked = tuple(sorted(ranked, key=lambda found: -fits_pattern(found.headings, like)))
        return ranked[:MOST_SETS]

    def heading_set(self, identifier: str) -> HeadingSet:
        """Return one heading set by its id; raises ``KeyError`` for one that this edition does not hold."""
        found = self._base.heading_set(identifier)
        if found is None:
            raise KeyError(identifier)
        return found

    # Sources and validity

    def sources(self, identifier: str) -> tuple[Source, ...]:
        """Return the sources of anything a reply lists: a passage, a heading set, a heading or a report."""
        if "#" in identifier and not identifier.startswith(_PARAGRAPH_ID):
            report, _, heading = identifier.partition("#")
            return (self.source_of(report, int(heading) if heading else None),)
        if found := self._base.heading_set(identifier):
            return (found.source,)
        return tuple(source for passage in self.passages((identifier,)) for source in passage.sources)

    def marks(self, text: str, text_year: int | None, year: int) -> tuple[str, ...]:
        """Return the warnings that ``text`` of ``text_year`` needs before a reader in ``year``, each once."""
        return self._find_marks(text, text_year, year)

    def _judge(self, text: str, text_year: int | None, year: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(mark.label for mark in self._tables.validity.marks(text, text_year, year=year)))

    def _is_marked(self, passage: Passage, year: int) -> bool:
        return bool(self.marks(passage.text, passage.sources[0].year, year))

    # How phrases are found

    def _phrases_of_section(self, report: str, section: int) -> tuple[Passage, ...]:
        heading = self.outline(report).headings[section]
        found = self._base.find_passages(report=report)
        return tuple(
            passage
            for passage in found
            if any(s.report == report and heading.mark <= s.start < heading.body_end for s in passage.sources)
        )

    def _paragraphs_of(self, passages: Sequence[Passage], length: int) -> tuple[Passage, ...]:
        """Return the sections without subsections that ``passages`` stand in, where they are about ``length`` long."""
        found: dict[str, Passage] = {}
        for passage in passages:
            source = passage.sources[0]
            inner = [h for h in self.outline(source.report).headings if h.mark <= source.start < h.body_end]
            identifier = f"{_PARAGRAPH_ID}{source.report}#{inner[-1].index}" if inner else ""
            if inner and identifier not in found and (paragraph := self._paragraph(identifier)):
                found[identifier] = paragraph
        return tuple(p for p in found.values() if 0.8 * length <= len(p.text) <= 1.2 * length)

    def _paragraph(self, identifier: str) -> Passage | None:
        """Return a whole section as one passage, or ``None`` where it is not fit to be quoted whole."""
        report, _, index = identifier.removeprefix(_PARAGRAPH_ID).partition("#")
        if report not in self._by_id or not index.isdecimal():
            return None
        heading = self.outline(report).headings[int(index)]
        whole = self._excerpts.section(report, heading)
        if whole is None or self.outline(report).children(heading.index):
            return None
        start, end, body = whole
        found = self.report(report)
        source = Source(report, found.title, found.year, self._path(report, heading.index), start, end)
        role = self._tables.roles.of_path(source.section) or Role.PRACTICE
        return Passage(identifier, body, role, self._tables.topics.classify(body, source.section), (source,))
