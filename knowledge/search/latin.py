"""Read terms typed in pinyin without tones (sanhuiyike → 三会一课), by the readings of the names the tables hold."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from functools import lru_cache

from knowledge.synonyms import Correction

SHORTEST = 4
"""Letters; fewer are an abbreviation that could mean anything."""

LONGEST = 60
"""Letters of one run that are read at all; keeps the cost bounded."""

_RUN = re.compile(r"[a-z](?:[a-z' ]*[a-z])?", re.IGNORECASE)
_HAN = re.compile("[\u4e00-\u9fff]+")
_NOT_LETTERS = re.compile("[^a-z]")


class LatinReader:
    """Turns runs of pinyin into the names they spell; a run that is not spelt by names alone stays as it is."""

    def __init__(self, names: Iterable[str]) -> None:
        # Shorter names first: of two names with one reading the plainer is meant.
        # What isn't all characters (党建+) would be read as if the rest weren't there.
        whole = (name for name in set(names) if len(name) > 1 and _HAN.fullmatch(name))
        self._names = sorted(whole, key=lambda name: (len(name), name))
        self._spelt: dict[str, str] | None = None
        self._loading = threading.Lock()

    def read(self, text: str) -> tuple[str, tuple[Correction, ...]]:
        """Return ``text`` with its pinyin read, and what was read as what."""
        if not _RUN.search(text):
            return text, ()
        read: list[Correction] = []

        def replace(match: re.Match[str]) -> str:
            names = self._split(_NOT_LETTERS.sub("", match.group().lower()))
            if not names:
                return match.group()
            read.append(Correction(match.group(), "".join(names)))
            return "".join(names)

        return _RUN.sub(replace, text), tuple(read)

    def _split(self, letters: str) -> list[str]:
        """Return the names that spell all of ``letters``, the fewest; empty where there are none."""
        if not SHORTEST <= len(letters) <= LONGEST:
            return []
        spelt = self._readings()
        best: list[list[str] | None] = [[]] + [None] * len(letters)
        for end in range(2, len(letters) + 1):
            for start in range(end - 1):
                before = best[start]
                name = spelt.get(letters[start:end])
                if before is not None and name and (best[end] is None or len(before) + 1 < len(best[end] or ())):
                    best[end] = [*before, name]
        return best[-1] or []

    def _readings(self) -> dict[str, str]:
        with self._loading:
            if self._spelt is None:
                spelt: dict[str, str] = {}
                for name in self._names:
                    spelt.setdefault(_reading(name), name)
                self._spelt = spelt
        return self._spelt


@lru_cache(8192)
def _reading(name: str) -> str:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - only those who type pinyin wait for it

    return "".join(lazy_pinyin(name, errors="ignore"))
