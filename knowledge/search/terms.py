"""What the words of a query count: one analysis for every engine.

Measured on short questions against short passages (``bigan evaluate``), three things make lexical search better than
plain bigrams, each by itself:

- words, bigrams and characters are searched together: words tell apart, characters forgive order and abbreviation;
- the bigrams of one word share that word's weight. A long fixed name would else outweigh everything said about it,
  as its bigrams all occur together;
- words that only ask (什么, 如何) are left out: they are rare in passages, so they would count as if they meant much.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import log

from knowledge.search.engine import Query, Weights
from knowledge.segmentation import Segmenter, is_han

ACROSS_WORDS = 0.6
"""Weight of a bigram that two neighbouring words share."""

COMMON_SHARE, COMMON_FLOOR = 0.15, 100
"""A character is common if it stands in more than this share of the entries, and in more than so many."""

_ASKING = re.compile(
    "(?:都|还)?有(?:哪些|什么|多少)|是(?:什么|怎么|怎样|多少|哪些)|(?:什么|怎么|怎)样|什么|怎么|如何|哪些|哪里|哪儿|多少|是否|请问|咋样|[咋啥吗呢么]"
)


class Layer(StrEnum):
    """A way of cutting text into index terms."""

    WORDS = "words"
    BIGRAMS = "bigrams"
    CHARACTERS = "characters"


HEADING_LAYERS = (Layer.WORDS, Layer.BIGRAMS)
"""The layers in which heading paths are searched: a single character of a heading says too little."""


@dataclass(frozen=True, slots=True)
class Term:
    """One index term of a layer."""

    layer: Layer
    text: str


def weigh(query: Query, segmenter: Segmenter) -> Mapping[Term, float]:
    """Return the index terms of a query's text and further wordings with their weights, in order of appearance."""
    weights: defaultdict[Term, float] = defaultdict(float)
    for text, factor in ((query.text, 1.0), *((term.text, term.weight) for term in query.terms)):
        for term, weight in _terms(text, segmenter, query.weights):
            weights[term] += weight * factor
    return {term: weight for term, weight in weights.items() if weight > 0}


def drop_common(weights: Mapping[Term, float], holders: Mapping[Term, int], total: int) -> Mapping[Term, float]:
    """Return the weights without common characters, unless nothing else is left.

    They are most of the work of a search in a large base, and leaving them out changes no measure of its quality.
    ``holders`` says how many of the ``total`` entries have each term.
    """
    limit = max(COMMON_FLOOR, COMMON_SHARE * total)
    kept = {
        term: weight for term, weight in weights.items() if term.layer is not Layer.CHARACTERS or holders[term] <= limit
    }
    return kept or weights


def idf(holders: int, total: int) -> float:
    """Return how much a term tells that ``holders`` of ``total`` entries have (BM25's inverse document frequency)."""
    return log(1 + (total - holders + 0.5) / (holders + 0.5))


def _terms(text: str, segmenter: Segmenter, weights: Weights) -> Iterator[tuple[Term, float]]:
    content = _ASKING.sub(" ", text)
    runs = tuple(segmenter.runs(content)) or tuple(segmenter.runs(text))
    for run in runs:
        cut = tuple(segmenter.cut_run(run))
        for word in cut:
            if len(word) > 1 or not is_han(word):
                yield Term(Layer.WORDS, word), weights.words
        for bigram, weight in _bigrams(run, cut):
            yield Term(Layer.BIGRAMS, bigram), weights.bigrams * weight
        for character in run if is_han(run) else (run,):
            yield Term(Layer.CHARACTERS, character), weights.characters


def _bigrams(run: str, words: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    if not is_han(run) or len(run) == 1:
        yield run, 1.0
        return
    start = 0
    for word in words:
        for place in range(start, start + len(word) - 1):
            yield run[place : place + 2], 1 / (len(word) - 1)
        start += len(word)
        if start < len(run):
            yield run[start - 1 : start + 1], ACROSS_WORDS
