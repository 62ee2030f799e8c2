"""Which connections are open and what each is doing: asking, being answered, or idle between two requests.

aiohttp waits for a request as long as it takes. Here a connection that takes too long to ask is cut, and when there are
too many, one that has been asking for a while goes first, then one that is idle; a request being answered never does.
"""

from __future__ import annotations

from typing import Protocol

from bot.edge.limits import LIMITS, Limits

GRACE_SECONDS = 1.0
"""A connection that has been asking for less than this is not cut to make room: an honest one takes milliseconds."""


class Cuttable(Protocol):
    """A connection as it is seen here."""

    def cut(self) -> None:
        """Close at once, whatever is under way."""
        ...


class Connections:
    """The open connections of one server. Times are those of the event loop's clock, in seconds, and never run backwards."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._most = limits.connections
        self._seconds = limits.request_seconds
        # Dictionaries keep the order of insertion, so the first of each is the one that has been there longest.
        self._asking: dict[Cuttable, float] = {}
        self._idle: dict[Cuttable, None] = {}
        self._answering: set[Cuttable] = set()

    def __len__(self) -> int:
        return len(self._asking) + len(self._idle) + len(self._answering)

    def admit(self, connection: Cuttable, now: float) -> bool:
        """Take a new connection in, cutting another for it where there are too many; tell whether there was room."""
        if len(self) >= self._most and not self._make_room(now):
            return False
        self._asking[connection] = now
        return True

    def hear(self, connection: Cuttable, now: float) -> None:
        """Note that bytes arrived: on an idle connection a request begins."""
        if connection in self._idle:
            del self._idle[connection]
            self._asking[connection] = now

    def take(self, connection: Cuttable) -> None:
        """Note that a request has been read and is being answered."""
        if self._asking.pop(connection, None) is not None:
            self._answering.add(connection)

    def rest(self, connection: Cuttable) -> None:
        """Note that a request has been answered."""
        if connection in self._answering:
            self._answering.remove(connection)
            self._idle[connection] = None
        elif self._asking.pop(connection, None) is not None:
            self._idle[connection] = None

    def forget(self, connection: Cuttable) -> None:
        """Note that a connection is closed."""
        self._asking.pop(connection, None)
        self._idle.pop(connection, None)
        self._answering.discard(connection)

    def cut_slow(self, now: float) -> int:
        """Cut every connection that has taken too long to ask; return how many there were."""
        slow = []
        for connection, since in self._asking.items():
            if now - since < self._seconds:
                break
            slow.append(connection)
        for connection in slow:
            self._cut(connection)
        return len(slow)

    def _make_room(self, now: float) -> bool:
        oldest = next(iter(self._asking.items()), None)
        if oldest is not None and now - oldest[1] >= GRACE_SECONDS:
            self._cut(oldest[0])
            return True
        idle = next(iter(self._idle), None)
        if idle is not None:
            self._cut(idle)
            return True
        return False

    def _cut(self, connection: Cuttable) -> None:
        self.forget(connection)
        connection.cut()
