"""How long to wait after a fault: longer each time, never in step with others, never for ever."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses in seconds: the ``first``, then twice as long each time up to the ``longest``, each cut by up to a half."""

    first: float = 1.0
    longest: float = 60.0

    def delay(self, tries: int) -> float:
        """Return the pause after ``tries`` tries (from 1 on)."""
        whole = min(self.longest, self.first * 2.0 ** min(tries - 1, 30))
        return whole * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


class Brake:
    """Stops all lanes while the API as a whole is in trouble, so that a thousand members do not each find out.

    A fault of one parcel alone does not count: the brake takes hold after ``patience`` faults with no success between
    them. ``clock`` gives seconds.
    """

    def __init__(self, backoff: Backoff, patience: int = 3, clock: Callable[[], float] = time.time) -> None:
        self._backoff = backoff
        self._patience = patience
        self._clock = clock
        self._faults = 0
        self._until = 0.0

    def remaining(self) -> float:
        """Return for how many seconds nothing is to be sent."""
        return max(0.0, self._until - self._clock())

    def fault(self, seconds: float = 0.0) -> None:
        """Note a fault; ``seconds`` is a pause that the API asks for."""
        self._faults += 1
        beyond = self._faults - self._patience
        pause = self._backoff.delay(beyond + 1) if beyond >= 0 else 0.0
        self._until = max(self._until, self._clock() + max(pause, seconds))

    def release(self) -> None:
        """Note a success."""
        self._faults = 0
        self._until = 0.0
