"""Which connections are open and what each is doing: opening a request, sending it, being answered, or idle in between.

aiohttp waits for a request as long as it takes. Here a connection that takes too long to ask is cut. When there are too
many, one that has not even sent the head of a request goes first, then one that is idle, then one whose request has been
coming for long; one that is being answered never does.
"""

from __future__ import annotations

from typing import Protocol

from bot.edge.limits import LIMITS, Limits

OPENING_SECONDS = 0.1
SENDING_SECONDS = 1.0
"""A connection that has been opening or sending for less is not cut to make room. An honest head comes in one piece; behind
it a request may wait its turn, and in a crowd that takes a part of a second."""


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
        self._opening: dict[Cuttable, float] = {}
        self._sending: dict[Cuttable, float] = {}
        self._idle: dict[Cuttable, None] = {}
        self._answering: set[Cuttable] = set()

    def __len__(self) -> int:
        return len(self._opening) + len(self._sending) + len(self._idle) + len(self._answering)

    def admit(self, connection: Cuttable, now: float) -> bool:
        """Take a new connection in, cutting another for it where there are too many; tell whether there was room."""
        if len(self) >= self._most and not self._make_room(now):
            return False
        self._opening[connection] = now
        return True

    def hear(self, connection: Cuttable, now: float, *, headed: bool) -> None:
        """Note that bytes arrived; ``headed``: the end of a request's head was among them."""
        since = self._opening.get(connection)
        if since is None:
            if connection not in self._idle:
                return
            del self._idle[connection]
            since = now
        if headed:
            self._opening.pop(connection, None)
            self._sending[connection] = since
        else:
            self._opening[connection] = since

    def take(self, connection: Cuttable) -> None:
        """Note that a request has been read and is being answered."""
        self.forget(connection)
        self._answering.add(connection)

    def rest(self, connection: Cuttable) -> None:
        """Note that a request has been answered."""
        self.forget(connection)
        self._idle[connection] = None

    def forget(self, connection: Cuttable) -> None:
        """Note that a connection is closed."""
        self._opening.pop(connection, None)
        self._sending.pop(connection, None)
        self._idle.pop(connection, None)
        self._answering.discard(connection)

    def cut_slow(self, now: float) -> int:
        """Cut every connection that has taken too long to ask; return how many there were."""
        slow = [
            connection
            for asking in (self._opening, self._sending)
            for connection, since in asking.items()
            if now - since >= self._seconds
        ]
        for connection in slow:
            self._cut(connection)
        return len(slow)

    def _make_room(self, now: float) -> bool:
        victim = _older(self._opening, now - OPENING_SECONDS) or next(iter(self._idle), None)
        victim = victim or _older(self._sending, now - SENDING_SECONDS)
        if victim is not None:
            self._cut(victim)
        return victim is not None

    def _cut(self, connection: Cuttable) -> None:
        self.forget(connection)
        connection.cut()


def _older(asking: dict[Cuttable, float], than: float) -> Cuttable | None:
    """Return the first connection, if it has been there since before a time."""
    first = next(iter(asking.items()), None)
    return first[0] if first is not None and first[1] <= than else None
