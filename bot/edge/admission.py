"""Backpressure: a delivery that would be answered too late is refused at once, before anything is spent on it.

The answer is 503, not an empty 200. An empty 200 tells WeChat Work that there is nothing to say, and the message is lost;
after a 503 it may deliver again (three tries in all), when the crowd has passed. At worst it does not, which is the same
as the empty answer. A refusal costs about as much as a bare aiohttp handler, so threefold load by repetition is borne.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from bot.edge.limits import LIMITS, Limits
from bot.edge.server import GuardedConnection
from bot.errors import OverloadError


class Admission:
    """Counts the deliveries being answered, and refuses more than can be."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._most = limits.deliveries_at_once
        self._seconds = limits.queue_seconds
        self._running = 0

    def check(self, request: web.Request) -> None:
        """Decide about a request that has just come to its turn.

        Raises:
            OverloadError: its bytes have lain here too long, or too many others are being answered.
        """
        if self._running >= self._most:
            raise OverloadError
        connection = request.protocol
        if isinstance(connection, GuardedConnection) and connection.waited() > self._seconds:
            raise OverloadError

    @contextmanager
    def answering(self, request: web.Request) -> Iterator[None]:
        """Count a delivery for as long as it is being answered; its connection is not cut meanwhile."""
        connection = request.protocol
        if isinstance(connection, GuardedConnection):
            connection.take()
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
