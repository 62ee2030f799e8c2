"""The most probable way to cut a stretch of Chinese characters into words, as jieba defines it, at twice its speed.

The words are jieba's, to the last one (a test compares them): a word is as probable as its frequency says, a character
in no word counts as seen once, of equal ways the one with the longer first word wins, and single characters that stand
together are left to jieba's model for unknown words. What is saved is jieba's graph of all words, kept apart from the
search for the best way through it, and the logarithm that it takes anew each time a word is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from math import inf, log

Table = dict[str, float | None]
"""Words with the logarithm of their frequency; the beginnings of words that are none themselves have ``None``."""

_ABSENT = -1.0
"""Stands for what the table does not have; a logarithm of a frequency is never below 0."""

# jieba's dictionary and model know these; it leaves any other character alone.
_KNOWN = re.compile("[\u4e00-\u9fd5]+|.", re.DOTALL)


def make_table(frequencies: Mapping[str, int]) -> Table:
    """Return the table of jieba's frequencies, in which the beginning of a word has the frequency 0."""
    return {word: log(frequency) if frequency else None for word, frequency in frequencies.items()}


class WordCutter:
    """Cuts with a table of words; ``total`` is the sum of their frequencies, ``guess`` cuts single characters' runs."""

    def __init__(self, table: Table, total: int, guess: Callable[[str], Iterable[str]]) -> None:
        self._table = table
        self._log_total = log(total)
        self._guess = guess

    def is_word(self, word: str) -> bool:
        """Tell whether the dictionary has the word as it stands."""
        return self._table.get(word) is not None

    def cut(self, run: str) -> list[str]:
        """Return the words of a stretch of Chinese characters, in order."""
        words: list[str] = []
        for block in _KNOWN.findall(run):
            ends = self._best_ends(block)
            length = len(block)
            start = single = 0
            while start < length:
                end = ends[start]
                if end - start > 1:
                    if single < start:
                        self._add_singles(block[single:start], words)
                    words.append(block[start:end])
                    single = end
                start = end
            if single < length:
                self._add_singles(block[single:], words)
        return words

    def cut_for_search(self, run: str) -> list[str]:
        """Return the words of a stretch, each preceded by the words of two and of three characters inside it."""
        found: list[str] = []
        for word in self.cut(run):
            for length in (2, 3) if len(word) > 3 else (2,) if len(word) > 2 else ():
                parts = [word[start : start + length] for start in range(len(word) - length + 1)]
                found += [part for part in parts if self.is_word(part)]
            found.append(word)
        return found

    def _best_ends(self, block: str) -> list[int]:
        """Return for every place where the word that starts there ends, on the best way from it to the end."""
        look_up, log_total, length = self._table.get, self._log_total, len(block)
        best = [0.0] * (length + 1)
        ends = [0] * length
        for start in range(length - 1, -1, -1):
            end = chosen = start + 1
            value = look_up(block[start], _ABSENT)
            # The order of the operations is jieba's, for the same rounding and so the same ties.
            if value is None:
                score = -inf
            elif value == _ABSENT:
                score = -log_total + best[end]
            else:
                score = value - log_total + best[end]
            while value != _ABSENT and end < length:
                end += 1
                value = look_up(block[start:end], _ABSENT)
                if value is not None and value != _ABSENT:
                    other = value - log_total + best[end]
                    if other >= score:
                        score, chosen = other, end
            best[start] = score if score > -inf else best[start + 1] - log_total
            ends[start] = chosen
        return ends

    def _add_singles(self, singles: str, words: list[str]) -> None:
        if len(singles) > 1 and not self.is_word(singles):
            words.extend(self._guess(singles))
        else:
            words.extend(singles)
