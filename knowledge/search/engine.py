"""What a search engine is asked and answers, whichever engine it is.

An index holds two forms of entries, passages and heading sets, side by side: a query looks at one form only, so that
neither changes the ranking of the other. Scores are BM25 sums; ``share`` makes them comparable between queries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Form(StrEnum):
    """What an entry is."""

    PASSAGE = "passage"
    HEADING_SET = "heading_set"


class Facet(StrEnum):
    """A property of entries that a query can demand or prefer."""

    TOPIC = "topic"
    ROLE = "role"
    KIND = "kind"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the index sees it: its text, the headings it stands under, and its facets.

    ``kinds`` are the document kinds (文种) and ``reports`` the ids of all reports that carry the entry.
    """

    id: str
    form: Form
    text: str
    headings: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    role: str = ""
    kinds: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()

    def facet(self, facet: Facet) -> tuple[str, ...]:
        """Return the entry's values of one facet."""
        match facet:
            case Facet.TOPIC:
                return self.topics
            case Facet.ROLE:
                return (self.role,) if self.role else ()
            case Facet.KIND:
                return self.kinds
            case Facet.REPORT:
                return self.reports


@dataclass(frozen=True, slots=True)
class WeightedTerm:
    """A further wording (a synonym, a corrected spelling) and how much it counts beside the text, which counts 1."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Preference:
    """Adds ``weight`` to the score of entries that have a value of a facet; a rare word in the text scores about 8."""

    facet: Facet
    value: str
    weight: float


@dataclass(frozen=True, slots=True)
class Demand:
    """Admits only entries that have at least one of the values of a facet."""

    facet: Facet
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much a match counts by what matches: whole words, character bigrams, characters; heading paths beside text.

    The figures are the flat top of a grid over short questions (see ``knowledge.search.terms``).
    """

    words: float = 0.4
    bigrams: float = 1.0
    characters: float = 0.5
    headings: float = 0.5


@dataclass(frozen=True, slots=True)
class Query:
    """A search: words that should occur, facets that must or may hold, and entries to leave out.

    ``terms`` are further wordings beside ``text``. ``demands`` must all hold. ``exclude`` names entries by id.
    A query without any word, and one whose ``limit`` is not above zero, finds nothing.
    """

    text: str = ""
    terms: tuple[WeightedTerm, ...] = ()
    form: Form = Form.PASSAGE
    demands: tuple[Demand, ...] = ()
    preferences: tuple[Preference, ...] = ()
    exclude: tuple[str, ...] = ()
    limit: int = 10
    weights: Weights = field(default_factory=Weights)


@dataclass(frozen=True, slots=True)
class Hit:
    """A found entry, its score, and the score as a share of what a passage with every word of the query would get.

    ``share`` lies between 0 and 1 and depends little on the query's length: low means that the words which matter
    were not found. What headings and preferences add to the score, they add to the share.
    """

    id: str
    score: float
    share: float


class SearchEngine(Protocol):
    """Finds entries in an index that does not change. Safe to use from several threads."""

    def search(self, query: Query) -> tuple[Hit, ...]:
        """Return the best entries, best first; equal scores in the order in which the entries were added."""
        ...

    def document_frequency(self, term: str, form: Form = Form.PASSAGE) -> int:
        """Return how many entries have the term in their text or headings, however the text is cut into words."""
        ...

    def count(self) -> int:
        """Return the number of entries of all forms."""
        ...


class IndexWriter(Protocol):
    """Writes an index; nothing is found before ``commit``."""

    def add(self, entries: Iterable[Entry]) -> None:
        """Add entries, each replacing the one of the same form and id."""
        ...

    def remove(self, form: Form, ids: Iterable[str]) -> None:
        """Remove entries by id; unknown ids are passed over."""
        ...

    def commit(self) -> None:
        """Make the changes permanent and close the writer."""
        ...
