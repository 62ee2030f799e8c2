"""Outcomes and their means: Success@1 and @3, nDCG@5, and whether what is not there was declined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log2

DEPTH = 5
"""How many ranks are looked at."""

PRODUCT = "product"
"""The system that is measured; every other is a baseline."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one system made of one message.

    ``ranked`` holds the texts it listed with their grades, ``found`` whether it claimed an answer (``None``: it cannot
    decline), ``ideal`` the grades of all judged passages, highest first, and ``wanted`` the best of them by name.
    """

    message: str
    way: str
    split: str
    answerable: bool
    ideal: tuple[int, ...]
    wanted: tuple[str, ...]
    ranked: tuple[tuple[str, int], ...]
    found: bool | None

    def success(self, depth: int) -> bool:
        """Whether a passage of grade 2 or 3 is among the first ``depth``."""
        return any(grade >= 2 for _, grade in self.ranked[:depth])

    @property
    def ndcg(self) -> float:
        """Normalized discounted cumulative gain of the first five, a grade counting 2^grade - 1."""
        best = gain(self.ideal[:DEPTH])
        return gain(grade for _, grade in self.ranked[:DEPTH]) / best if best else 0.0

    @property
    def missed(self) -> bool:
        """Whether the user was not served: no fitting passage first, or an answer to what is not there."""
        if self.answerable:
            return not self.success(1) or self.found is False
        return self.found is True


@dataclass(frozen=True, slots=True)
class Score:
    """Means over messages; ``nan`` where there is none of the sort."""

    answerable: int
    success_1: float
    success_3: float
    ndcg_5: float
    answered: float
    absent: int
    declined: float

    @property
    def no_answer(self) -> float:
        """Return the mean of the share answered where there is an answer and declined where there is none."""
        return (self.answered + self.declined) / 2


@dataclass(frozen=True, slots=True)
class Figures:
    """The outcomes of each system on every message."""

    passages: int
    outcomes: Mapping[str, tuple[Outcome, ...]]

    def score(self, system: str = PRODUCT, *, split: str | None = None, way: str | None = None) -> Score:
        """Return the means of one system, of one split or one way of asking if named."""
        chosen = [one for one in self.outcomes[system] if split in {None, one.split} and way in {None, one.way}]
        present = [one for one in chosen if one.answerable]
        absent = [one for one in chosen if not one.answerable]
        return Score(
            answerable=len(present),
            success_1=mean(one.success(1) for one in present),
            success_3=mean(one.success(3) for one in present),
            ndcg_5=mean(one.ndcg for one in present),
            answered=mean(one.found is True for one in present if one.found is not None),
            absent=len(absent),
            declined=mean(one.found is False for one in absent if one.found is not None),
        )


def gain(grades: Iterable[int]) -> float:
    """Return the discounted cumulative gain of grades in order (Järvelin and Kekäläinen 2002, exponential gains)."""
    return sum((2.0**grade - 1) / log2(rank + 1) for rank, grade in enumerate(grades, 1))


def mean(values: Iterable[float]) -> float:
    """Return the mean, ``nan`` of nothing."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else float("nan")
