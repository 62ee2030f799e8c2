"""Words that betray what a passage is about, weighed per topic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from knowledge.lexicon import Lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

STRONG, PLAIN, WEAK, HIDDEN = 3, 2, 1, 0
"""Points of a cue; a hidden one only keeps the shorter cues inside it from counting."""

# The first clause says what a sentence is about; naming a thing again says so too, a few times over.
_LEAD, _REPEATS = 2, 3
_CLAUSE_END = re.compile("[，。；：]")
# A cue in the title of a document says little about the passage that names it.
_TITLE = re.compile("《[^《》]{1,80}》")


@dataclass(frozen=True, slots=True)
class Cue:
    """What a phrase says about one topic (by its place in the table): points in a passage and in a heading."""

    topic: int
    points: int
    in_heading: int


class CueSheet:
    """All cues of all topics; weighing a text costs time linear in its length."""

    def __init__(self, cues: Mapping[str, Sequence[Cue]]) -> None:
        self._cues = Lexicon({phrase: tuple(found) for phrase, found in cues.items()})
        # A heading is weighed once for each passage below it.
        self.named_by = lru_cache(4096)(self._name)
        """Return the topics that a heading names."""

    def _name(self, heading: str) -> tuple[int, ...]:
        return tuple(self.weigh(heading, heading=True))

    def weigh(self, text: str, *, heading: bool = False) -> dict[int, int]:
        """Return the points of each topic that ``text`` says something about.

        A cue counts once, repeated ones a little more; inside a longer phrase of its own topic it doesn't count.
        """
        titles = _Spans(_TITLE.finditer(text))
        clause = _CLAUSE_END.search(text)
        first = clause.start() if clause else len(text)
        tallies: dict[int, _Tally] = {}
        for start, end, cues in self._cues.scan(text):
            quoted = titles.cover(start)
            for cue in cues:
                tally = tallies.setdefault(cue.topic, _Tally())
                if end <= tally.covered:
                    continue
                tally.covered = end
                points = cue.in_heading if heading else cue.points
                if points:
                    tally.add(text[start:end], min(points, WEAK) if quoted else points, leads=start < first)
        return {topic: tally.points for topic, tally in tallies.items() if tally.points}


class _Spans:
    """Spans of a text in order, asked for places that only move forwards."""

    def __init__(self, matches: Iterator[re.Match[str]]) -> None:
        self._matches = matches
        self._span = (0, 0)

    def cover(self, place: int) -> bool:
        """Return whether a span holds ``place``."""
        while self._span[1] <= place:
            match = next(self._matches, None)
            if match is None:
                return False
            self._span = match.span()
        return self._span[0] <= place


class _Tally:
    """What one passage says for one topic so far."""

    def __init__(self) -> None:
        self.covered = 0
        self.points = 0
        self._seen: set[str] = set()
        self._repeats = 0
        self._led = False

    def add(self, phrase: str, points: int, *, leads: bool) -> None:
        if phrase in self._seen:
            points = 1 if self._repeats < _REPEATS else 0
            self._repeats += 1
        elif leads and points >= PLAIN and not self._led:
            self._led = True
            points += _LEAD
        self._seen.add(phrase)
        self.points += points
