"""Put misspelt questions right: homophones and look-alikes of the terms the library knows (三会一棵 → 三会一课).

Only towards known terms, only where the words of the question are not known themselves, and never silently: what was
changed comes back beside the text. Readings are those of pypinyin, without tones.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from knowledge.lexicon import Lexicon
from knowledge.segmentation import Segmenter
from knowledge.synonyms import Correction, Synonyms
from knowledge.tables import Table, bundled

LONGEST_QUESTION = 60
"""Characters; a longer text is a paste, and a paste is not to be bent towards our terms."""

TELLING = 4
"""From this many characters on a term is known by the rest of it, even where the slip makes a word of its own (形势主义)."""

SHORTEST, LONGEST = 2, 10
"""Length of the terms a question is corrected towards, in characters."""

_PARTICLES = frozenset("的了着吗呢吧啊呀")
"""Characters that are never a slip: a question is full of them, and they sound like others (的 like 第)."""

_BLANK = "\0"
_CHINESE = re.compile("[\u4e00-\u9fff]*")
_STRETCH = re.compile("[\u4e00-\u9fff]+")
_FLAT = re.compile("^([zcs])h")


class Speller:
    """Corrects questions towards ``terms``; loads the readings of characters on first use (a tenth of a second)."""

    def __init__(
        self, terms: Iterable[str], synonyms: Synonyms, segmenter: Segmenter, lookalikes: Table | None = None
    ) -> None:
        self._terms = {term for term in terms if SHORTEST <= len(term) <= LONGEST and _is_chinese(term)}
        self._known = Lexicon(dict.fromkeys(self._terms, True))
        self._synonyms = synonyms
        self._segmenter = segmenter
        self._looks = _read_lookalikes(lookalikes or bundled("lookalikes.toml"))
        self._by_gap: dict[str, list[str]] | None = None
        self._loading = threading.Lock()

    def load(self) -> None:
        """Prepare now what is otherwise prepared with the first question."""
        self._gaps()
        _readings("党")

    def correct(self, text: str) -> tuple[str, tuple[Correction, ...]]:
        """Return ``text`` with its slips put right, and what was changed; a text of known words comes back unchanged."""
        if len(text) > LONGEST_QUESTION:
            return text, ()
        text, listed = self._synonyms.correct(text)
        corrections = list(listed)
        # Two slips at most: beyond that a question is not misspelt but about something else.
        for _ in range(2):
            found = self._first_slip(text)
            if found is None:
                break
            start, term = found
            corrections.append(Correction(text[start : start + len(term)], term))
            text = text[:start] + term + text[start + len(term) :]
        return text, tuple(corrections)

    def _first_slip(self, text: str) -> tuple[int, str] | None:
        """Return where a term stands misspelt, and the term: the longest first, then the leftmost."""
        named = [(start, end) for start, end, _ in self._known.longest(text)]
        odd = self._odd_places(text, named)
        shortest = SHORTEST if odd else TELLING
        stretches = list(_between(text, [(start, end) for start, end in named if end - start > SHORTEST]))
        longest = max((end - start for start, end in stretches), default=0)
        for length in range(min(LONGEST, longest), shortest - 1, -1):
            for start in (start for left, right in stretches for start in range(left, right - length + 1)):
                window = text[start : start + length]
                if window in self._terms:
                    continue
                places = [place for place in range(length) if length >= TELLING or start + place in odd]
                term = self._meant(window, places) or self._swapped(window)
                if term and (length > SHORTEST or not self._segmenter.is_word(window)):
                    return start, term
        return None

    def _odd_places(self, text: str, named: Iterable[tuple[int, int]]) -> frozenset[int]:
        """Return the places of characters that belong to none of the terms ``named`` and to no word of the dictionary.

        A word of two characters or more that everybody knows is meant as it stands.
        """
        known: set[int] = set()
        for start, end in named:
            known.update(range(start, end))
        at = 0
        for word in self._segmenter.words(text):
            at = max(text.find(word, at), at)
            if len(word) > 1 and self._segmenter.is_word(word):
                known.update(range(at, at + len(word)))
            at += len(word)
        return frozenset(range(len(text))) - known

    def _meant(self, window: str, places: list[int]) -> str | None:
        """Return the term that the window is but for one confusable character at one of ``places``."""
        gaps = self._gaps()
        for place in places:
            for term in gaps.get(_with_gap(window, place), ()):
                if self._confusable(window[place], term[place]):
                    return term
        return None

    def _swapped(self, window: str) -> str | None:
        """Return the term of which two neighbouring characters changed places in the window (办事实 for 办实事)."""
        if len(window) < TELLING:
            return None
        swaps = (window[:at] + window[at + 1] + window[at] + window[at + 2 :] for at in range(len(window) - 1))
        return next((term for term in swaps if term in self._terms), None)

    def _confusable(self, given: str, meant: str) -> bool:
        if given in _PARTICLES:
            return False
        if meant in self._looks.get(given, ""):
            return True
        return bool(_readings(given) & _readings(meant))

    def _gaps(self) -> dict[str, list[str]]:
        if self._by_gap is None:
            with self._loading:
                if self._by_gap is None:
                    by_gap: defaultdict[str, list[str]] = defaultdict(list)
                    for term in sorted(self._terms):
                        for place in range(len(term)):
                            by_gap[_with_gap(term, place)].append(term)
                    self._by_gap = dict(by_gap)
        return self._by_gap


@lru_cache(8192)
def _readings(character: str) -> frozenset[str]:
    from pypinyin import Style, pinyin  # noqa: PLC0415 - takes a tenth of a second that most commands never need

    return frozenset(_blur(reading) for reading in pinyin(character, style=Style.NORMAL, heteronym=True)[0])


def _blur(reading: str) -> str:
    """Return a reading without the differences that many speakers do not make: zh/z, ch/c, sh/s, -ng/-n."""
    return _FLAT.sub(r"\1", reading).replace("ng", "n")


def _with_gap(word: str, place: int) -> str:
    return word[:place] + _BLANK + word[place + 1 :]


def _between(text: str, named: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of Chinese characters that no name covers, from left to right."""
    at = 0
    for start, end in (*named, (len(text), len(text))):
        for found in _STRETCH.finditer(text, at, start):
            yield found.span()
        at = end


def _is_chinese(text: str) -> bool:
    return _CHINESE.fullmatch(text) is not None


def _read_lookalikes(table: Table) -> dict[str, str]:
    looks: dict[str, str] = {}
    for characters in _groups(table):
        for character in characters:
            looks[character] = looks.get(character, "") + characters.replace(character, "")
    return looks


def _groups(table: Table) -> Iterator[str]:
    for row in table.rows("group"):
        yield row.text("characters")
        row.texts("source", required=True)
        row.finish()
