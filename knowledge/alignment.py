"""From a few characters that two texts have in common to the whole stretch, over words put in, left out and changed."""

from __future__ import annotations

from dataclasses import dataclass

GAP = 6
"""Characters that may differ between two stretches that are alike: a word or two."""

HOLD = 4
"""Characters in common after a gap that make it a gap and not the end."""

_STEP = 16

LONGEST_BACK = 64
"""How far back from where the first tile was found the stretch is followed; a tile is found in its first dozen."""


@dataclass(frozen=True, slots=True)
class Run:
    """``first[start:start + length]`` and ``second[other:other + length]`` are equal."""

    start: int
    other: int
    length: int

    @property
    def end(self) -> int:
        """Where it ends in the first text."""
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Stretch:
    """Two texts that are alike over runs with small gaps between them, in order."""

    runs: tuple[Run, ...]

    @property
    def start(self) -> int:
        """Where it begins in the first text."""
        return self.runs[0].start

    @property
    def end(self) -> int:
        """Where it ends in the first text."""
        return self.runs[-1].end

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands in the second text."""
        return self.runs[0].other, self.runs[-1].other + self.runs[-1].length

    @property
    def length(self) -> int:
        """How many characters are equal."""
        return sum(run.length for run in self.runs)

    def behind(self, start: int) -> Stretch:
        """Return what of it stands behind a place of the first text; there must be something."""
        runs = []
        for run in self.runs:
            cut = max(0, start - run.start)
            if cut < run.length:
                runs.append(Run(run.start + cut, run.other + cut, run.length - cut))
        return Stretch(tuple(runs))


def align(first: str, start: int, second: str, other: int, bounds: tuple[int, int]) -> Stretch:
    """Return the stretch around ``first[start]`` and ``second[other]``, which are equal; in ``second`` within ``bounds``.

    Linear in the length of the stretch.
    """
    low, high = bounds
    before, before_other = first[max(0, start - LONGEST_BACK) : start], second[max(low, other - LONGEST_BACK) : other]
    back = [
        Run(start - run.start - run.length, other - run.other - run.length, run.length)
        for run in _follow(before[::-1], 0, before_other[::-1], 0, len(before_other))
    ][::-1]
    forth = _follow(first, start, second, other, high)
    if back and back[-1].end == start and back[-1].other + back[-1].length == other:
        last = back.pop()
        forth[0] = Run(last.start, last.other, last.length + forth[0].length)
    return Stretch((*back, *forth))


def _follow(first: str, at: int, second: str, at_other: int, end: int) -> list[Run]:
    """Return the runs from two places on, as long as gaps are small."""
    runs = []
    while True:
        length = common_length(first, at, second, at_other, end)
        if length:
            runs.append(Run(at, at_other, length))
        at, at_other = at + length, at_other + length
        gap = _gap(first, at, second, at_other, end)
        if gap is None:
            return runs
        at, at_other = at + gap[0], at_other + gap[1]


def common_length(first: str, at: int, second: str, at_other: int, end: int) -> int:
    """Return how many characters are equal from two places on."""
    longest = min(len(first) - at, end - at_other)
    length = 0
    while length + _STEP <= longest and first.startswith(
        second[at_other + length : at_other + length + _STEP], at + length
    ):
        length += _STEP
    while length < longest and first[at + length] == second[at_other + length]:
        length += 1
    return length


def _gap(first: str, at: int, second: str, at_other: int, end: int) -> tuple[int, int] | None:
    """Return how many characters to leave out on each side for the texts to be equal again; the fewest in all."""
    ahead: dict[str, int] = {}
    for left_out in range(min(GAP, end - at_other - HOLD), -1, -1):
        ahead[second[at_other + left_out : at_other + left_out + HOLD]] = left_out
    best: tuple[int, int] | None = None
    for left_out in range(min(GAP, len(first) - at - HOLD) + 1):
        other = ahead.get(first[at + left_out : at + left_out + HOLD])
        if other is not None and (best is None or left_out + other < sum(best)):
            best = left_out, other
    return best
