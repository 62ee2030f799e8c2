"""Many fixed phrases looked up in one pass over a text."""

from __future__ import annotations

import re
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
    """Phrases with a value each; a scan costs the length of the text times the number of phrase lengths."""

    def __init__(self, phrases: Mapping[str, T]) -> None:
        self._phrases = dict(phrases)
        lengths: dict[str, set[int]] = {}
        for phrase in self._phrases:
            if not phrase:
                raise ValueError("an empty phrase can't be looked up")
            lengths.setdefault(phrase[0], set()).add(len(phrase))
        # Longest first, so that the first hit at a place is the longest.
        self._lengths = {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}
        self._starts = re.compile("[" + "".join(map(re.escape, lengths)) + "]") if lengths else None

    def scan(self, text: str) -> Iterator[Found[T]]:
        """Yield every phrase at every place, overlapping ones too: by start, at one start the longest first."""
        if self._starts is None:
            return
        for match in self._starts.finditer(text):
            start = match.start()
            for length in self._lengths[match.group()]:
                phrase = text[start : start + length]
                if len(phrase) == length and phrase in self._phrases:
                    yield Found(start, start + length, self._phrases[phrase])

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
