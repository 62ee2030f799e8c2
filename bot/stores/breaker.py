"""A circuit breaker: after a failure, leave the backend alone for a while, then let one caller find out."""

from __future__ import annotations

import time
from collections.abc import Callable

OPEN_SECONDS = 0.5
"""Long enough to spare a struggling Redis, short enough that recovery is noticed within a second."""


class CircuitBreaker:
    """Closed while all is well; open after a failure; every ``seconds`` while open one call is let through as a probe."""

    def __init__(self, seconds: float = OPEN_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._opened_at: float | None = None

    @property
    def closed(self) -> bool:
        """Whether the last that was heard of the backend was good."""
        return self._opened_at is None

    def allows(self) -> bool:
        """Tell whether to call the backend. Whoever is allowed while it is open is the only probe of this period."""
        if self._opened_at is None:
            return True
        now = self._clock()
        if now - self._opened_at < self._seconds:
            return False
        self._opened_at = now
        return True

    def succeed(self) -> bool:
        """Note a good answer; tell whether it ended an outage."""
        recovered = self._opened_at is not None
        self._opened_at = None
        return recovered

    def fail(self) -> bool:
        """Note a failure; tell whether it began an outage."""
        began = self._opened_at is None
        self._opened_at = self._clock()
        return began
