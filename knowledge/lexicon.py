"""Many fixed phrases looked up in one pass over a text."""

from __future__ import annotations

from operator import add
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

T = TypeVar("T")


class Found(NamedTuple, Generic[T]):
    """A phrase found in a text, ``text[start:end]``, and what the lexicon holds for it."""

    start: int
    end: int
    value: T


class Lexicon(Generic[T]):
    """Phrases with a value each; a scan looks at each pair of characters once and at what begins with it."""

    def __init__(self, phrases: Mapping[str, T]) -> None:
        self._phrases = dict(phrases)
        lengths: dict[str, set[int]] = {}
        for phrase in self._phrases:
            if not phrase:
                raise ValueError("an empty phrase can't be looked up")
            lengths.setdefault(phrase[:2], set()).add(len(phrase))
        singles = {start for start in lengths if len(start) == 1}
        # Longest first, so that the first hit at a place is the longest; a single character comes after them all.
        self._lengths = {
            start: (*sorted(found, reverse=True), *((1,) if start[0] in singles and len(start) == 2 else ()))
            for start, found in lengths.items()
        }
        self._singles = frozenset(singles)

    def scan(self, text: str) -> Iterator[Found[T]]:
        """Yield every phrase at every place, overlapping ones too: by start, at one start the longest first."""
        # Most texts begin no phrase anywhere, and that is soon seen.
        pairs = map(add, text, text[1:] + "\0")
        if self._lengths.keys().isdisjoint(pairs) and self._lengths.keys().isdisjoint(text if self._singles else ()):
            return iter(())
        return self._scan(text)

    def _scan(self, text: str) -> Iterator[Found[T]]:
        lengths, phrases = self._lengths, self._phrases
        # The last character stands alone and is paired with one that no phrase has.
        for start, pair in enumerate(map(add, text, text[1:] + "\0")):
            for length in lengths.get(pair) or (lengths.get(pair[0], ()) if self._singles else ()):
                phrase = text[start : start + length]
                if len(phrase) == length and phrase in phrases:
                    yield Found(start, start + length, phrases[phrase])

    def longest(self, text: str) -> Iterator[Found[T]]:
        """Yield phrases from left to right, the longest at each place, none overlapping another."""
        free = 0
        for found in self.scan(text):
            if found.start >= free:
                yield found
                free = found.end

    def get(self, phrase: str) -> T | None:
        """Return what is held for exactly this phrase."""
        return self._phrases.get(phrase)
