"""The plain baseline: BM25 over words or character pairs, no fields, no tables, no corrections.

BM25 as in Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with the usual k1 = 1.2 and b = 0.75.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log

K1, B = 1.2, 0.75

Cut = Callable[[str], Sequence[str]]
"""Cuts a text into the units it is compared by."""


class Bm25:
    """Ranks texts for a query by BM25; the units are whatever ``cut`` yields."""

    def __init__(self, texts: Sequence[str], cut: Cut) -> None:
        self._cut = cut
        self._counts = [Counter(cut(text)) for text in texts]
        self._lengths = [counts.total() for counts in self._counts]
        self._mean = sum(self._lengths) / len(texts)
        self._held = Counter(unit for counts in self._counts for unit in counts)

    def rank(self, query: str, depth: int) -> tuple[int, ...]:
        """Return the places of the best texts, best first; those that share nothing with the query are left out."""
        units = self._cut(query)
        scores = [(self._score(place, units), place) for place in range(len(self._counts))]
        best = sorted((entry for entry in scores if entry[0] > 0), key=lambda entry: (-entry[0], entry[1]))
        return tuple(place for _, place in best[:depth])

    def _score(self, place: int, units: Sequence[str]) -> float:
        counts = self._counts[place]
        norm = K1 * (1 - B + B * self._lengths[place] / self._mean)
        return sum(self._idf(unit) * counts[unit] * (K1 + 1) / (counts[unit] + norm) for unit in units)

    def _idf(self, unit: str) -> float:
        held = self._held[unit]
        return log(1 + (len(self._counts) - held + 0.5) / (held + 0.5))


def pairs(text: str) -> Sequence[str]:
    """Return the overlapping pairs of characters of a text, blanks and punctuation left out."""
    return ["".join(pair) for pair in pairwise(character for character in text if character.isalnum())]
