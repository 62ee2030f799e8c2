"""What everybody writes and nobody copies: official wording, titles in 《》, and clauses that several reports share."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise
from zlib import crc32

from knowledge.lexicon import Lexicon
from knowledge.shingles import BareText, lay_bare

OWN, SHARED, OFFICIAL = b"\x00", b"\x01", b"\x02"
"""What a character of a text is: its own, part of a clause that several reports share, or of official wording."""

SHORTEST_PHRASE = 4
"""Characters of official wording worth looking for; it takes more than that to be taken for a copy."""

_CLAUSE = re.compile(r"[^，。；：！？,;:!?\n]+")
_TITLE = re.compile(r"《[^》\n]{2,60}》")
_PARTS = re.compile("[；：]")


class ClauseCensus:
    """Counts in how many reports a clause stands; given the reports one after another."""

    def __init__(self) -> None:
        self._reports = 0
        self._seen = array("Q")

    def add(self, text: str, bare: BareText) -> None:
        """Count the clauses of one report."""
        self._seen.extend({clause << 32 | self._reports for _, _, clause in _clauses(text, bare)})
        self._reports += 1

    def shared(self) -> array[int]:
        """Return the hashes of the clauses of at least two reports, in order."""
        # A report's clauses are a set: two equal hashes side by side are of two reports.
        pairs = pairwise(sorted(self._seen))
        return array("I", sorted({one >> 32 for one, other in pairs if one >> 32 == other >> 32}))


class Commonplaces:
    """Wordings that belong to nobody: ``phrases``, and clauses that several reports share, by the hashes of a census."""

    def __init__(self, phrases: Iterable[str], shared: array[int]) -> None:
        bare = {lay_bare(part).text for phrase in phrases for part in (phrase, *_PARTS.split(phrase))}
        self._phrases = Lexicon(dict.fromkeys((phrase for phrase in bare if len(phrase) >= SHORTEST_PHRASE), True))
        self._shared = shared

    def mark(self, text: str, bare: BareText) -> bytearray:
        """Return for each character of a bare text what it is (:data:`OWN`, :data:`SHARED`, :data:`OFFICIAL`)."""
        marks = bytearray(len(bare.text))
        for start, end, clause in _clauses(text, bare):
            if self._is_shared(clause):
                marks[start:end] = SHARED * (end - start)
        titles = (bare.within(*title.span()) for title in _TITLE.finditer(text))
        phrases = ((found.start, found.end) for found in self._phrases.scan(bare.text))
        for spans in (titles, phrases):
            for start, end in spans:
                marks[start:end] = OFFICIAL * (end - start)
        return marks

    def _is_shared(self, clause: int) -> bool:
        place = bisect_left(self._shared, clause)
        return place < len(self._shared) and self._shared[place] == clause


def _clauses(text: str, bare: BareText) -> Iterator[tuple[int, int, int]]:
    """Yield span and hash of each clause of a bare text."""
    for clause in _CLAUSE.finditer(text):
        start, end = bare.within(*clause.span())
        if start < end:
            yield start, end, crc32(bare.text[start:end].encode("utf-8", "surrogatepass"))
