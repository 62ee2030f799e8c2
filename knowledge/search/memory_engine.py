"""A search engine in memory, in plain Python: every score worked out as the formula says, nothing skipped or rounded.

It serves small bases that need no files, and it is what the engine on disk is held against.
BM25 as in Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with k1 = 1.2 and b = 0.75.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from knowledge.search.engine import Entry, Form, Hit, Query
from knowledge.search.terms import HEADING_LAYERS, Layer, Term, drop_common, idf, weigh
from knowledge.segmentation import Segmenter

_K1, _B = 1.2, 0.75


class _Field:
    """One text field of one form: postings with term counts, and lengths."""

    def __init__(self) -> None:
        self._postings: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._lengths: dict[int, int] = {}

    def add(self, number: int, terms: tuple[str, ...]) -> None:
        if terms:
            self._lengths[number] = len(terms)
            for term, count in Counter(terms).items():
                self._postings[term][number] = count

    def remove(self, number: int) -> None:
        self._lengths.pop(number, None)
        for holders in self._postings.values():
            holders.pop(number, None)

    def holders(self, term: str) -> Mapping[int, int]:
        return self._postings.get(term, {})

    def scores(self, term: str, total: int) -> Iterable[tuple[int, float]]:
        holders = self.holders(term)
        mean = sum(self._lengths.values()) / total if total else 1.0
        for number, count in holders.items():
            norm = _K1 * (1 - _B + _B * self._lengths[number] / mean)
            yield number, idf(len(holders), total) * count * (_K1 + 1) / (count + norm)


class MemoryEngine:
    """Reads and writes an index in memory. Not safe to write from several threads."""

    def __init__(self, segmenter: Segmenter) -> None:
        self._segmenter = segmenter
        self._entries: dict[int, Entry] = {}
        self._numbers: dict[tuple[Form, str], int] = {}
        self._next = 0
        self._text: defaultdict[tuple[Form, Layer], _Field] = defaultdict(_Field)
        self._headings: defaultdict[tuple[Form, Layer], _Field] = defaultdict(_Field)

    def add(self, entries: Iterable[Entry]) -> None:
        """Add entries, each replacing the one of the same form and id."""
        for entry in entries:
            self.remove(entry.form, (entry.id,))
            number, self._next = self._next, self._next + 1
            self._entries[number] = entry
            self._numbers[entry.form, entry.id] = number
            text = self._segmenter.analyze(entry.text)
            headings = self._segmenter.analyze("\n".join(entry.headings))
            for layer in Layer:
                self._text[entry.form, layer].add(number, getattr(text, layer))
                if layer in HEADING_LAYERS:
                    self._headings[entry.form, layer].add(number, getattr(headings, layer))

    def remove(self, form: Form, ids: Iterable[str]) -> None:
        """Remove entries by id; unknown ids are passed over."""
        for id_ in ids:
            number = self._numbers.pop((form, id_), None)
            if number is not None:
                del self._entries[number]
                for fields in (self._text, self._headings):
                    for layer in Layer:
                        fields[form, layer].remove(number)

    def commit(self) -> None:
        """Do nothing: what is in memory is found at once."""

    def search(self, query: Query) -> tuple[Hit, ...]:
        """Return the best entries, best first; equal scores in the order in which the entries were added."""
        weights = weigh(query, self._segmenter)
        if not weights or query.limit < 1:
            return ()
        total = len(self._entries)
        holders = {term: len(self._text[query.form, term.layer].holders(term.text)) for term in weights}
        weights = drop_common(weights, holders, total)
        ceiling = sum(weight * idf(holders[term], total) for term, weight in weights.items())
        scores = self._scores(query, weights)
        admitted = [number for number in scores if self._admits(query, self._entries[number])]
        best = sorted(admitted, key=lambda number: (-scores[number], number))[: query.limit]
        return tuple(
            Hit(self._entries[number].id, scores[number], min(1.0, scores[number] / ceiling)) for number in best
        )

    def document_frequency(self, term: str, form: Form = Form.PASSAGE) -> int:
        """Return how many entries have the term in their text or headings, however the text is cut into words."""
        analysis = self._segmenter.analyze(term)
        layer, terms = Layer.BIGRAMS, analysis.bigrams
        if len(analysis.characters) == 1:
            layer, terms = Layer.CHARACTERS, analysis.characters
        holders = [self._anywhere(form, Term(layer, text)) for text in terms]
        return len(set.intersection(*holders)) if holders else 0

    def count(self) -> int:
        """Return the number of entries of all forms."""
        return len(self._entries)

    def _anywhere(self, form: Form, term: Term) -> set[int]:
        fields = (self._text[form, term.layer], self._headings[form, term.layer])
        return {number for field in fields for number in field.holders(term.text)}

    def _scores(self, query: Query, weights: Mapping[Term, float]) -> Mapping[int, float]:
        total = len(self._entries)
        scores: defaultdict[int, float] = defaultdict(float)
        for term, weight in weights.items():
            for number, score in self._text[query.form, term.layer].scores(term.text, total):
                scores[number] += weight * score
            for number, score in self._headings[query.form, term.layer].scores(term.text, total):
                scores[number] += weight * query.weights.headings * score
        for preference in query.preferences:
            for number, entry in self._entries.items():
                if entry.form is query.form and preference.value in entry.facet(preference.facet):
                    scores[number] += preference.weight
        return scores

    @staticmethod
    def _admits(query: Query, entry: Entry) -> bool:
        if entry.form is not query.form or entry.id in query.exclude:
            return False
        return all(set(demand.values) & set(entry.facet(demand.facet)) for demand in query.demands)
