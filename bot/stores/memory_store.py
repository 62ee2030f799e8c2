"""Conversations in this process's memory: for one worker, for tests, and as the store behind a Redis that is away."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from bot.stores.lanes import Lanes, Place
from bot.stores.protocol import PATIENCE_SECONDS, Answered, Begun, Lifetimes, New

CAPACITY = 10_000
"""Sessions, and likewise recorded replies, kept at most. At about 1 KiB each: some 20 MiB in all when full."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ExpiringMap(Generic[K, V]):
    """Keeps at most ``capacity`` entries, each for ``seconds``; the least recently used goes first."""

    def __init__(self, capacity: int, seconds: float, clock: Callable[[], float]) -> None:
        self._capacity = capacity
        self._seconds = seconds
        self._clock = clock
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """Return the live value of ``key``, or ``None``."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[0] <= self._clock():
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return entry[1]

    def put(self, key: K, value: V) -> None:
        """Store ``value`` for a full lifetime."""
        self._entries[key] = (self._clock() + self._seconds, value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._capacity:
            self._entries.popitem(last=False)


class MemoryStore:
    """A conversation store that forgets when the process ends. ``clock`` runs in seconds and never backwards."""

    def __init__(
        self,
        *,
        lifetimes: Lifetimes | None = None,
        capacity: int = CAPACITY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        kept = lifetimes or Lifetimes()
        self._lanes = Lanes()
        self._held: dict[str, Place] = {}
        self._sessions: ExpiringMap[str, tuple[str, float]] = ExpiringMap(capacity, kept.session, clock)
        self._replies: ExpiringMap[tuple[str, str], Answered] = ExpiringMap(capacity, kept.reply, clock)

    async def begin(self, user: str, delivery: str | None, patience: float = PATIENCE_SECONDS) -> Begun:
        """Wait for the user's turn, then look the delivery and the session up."""
        place = await self._lanes.enter(user, delivery, asyncio.get_running_loop().time() + patience)
        if not isinstance(place, Place):
            return place
        answered = None if delivery is None else self._replies.get((user, delivery))
        if answered is not None:
            self._lanes.leave(place, answered)
            return answered
        self._held[place.token] = place
        session, saved_at = self._sessions.get(user) or (None, 0.0)
        return New(user, delivery, session, place.token, saved_at)

    async def finish(self, begun: New, session: str, reply: str | None) -> None:
        """Keep session and reply, end the turn."""
        place = self._held.pop(begun.token, None)
        if place is None:
            return
        self._sessions.put(place.user, (session, time.time()))
        if place.delivery is not None:
            self._replies.put((place.user, place.delivery), Answered(reply))
        self._lanes.leave(place, Answered(reply))

    async def abandon(self, begun: New) -> None:
        """End the turn and keep nothing."""
        place = self._held.pop(begun.token, None)
        if place is not None:
            self._lanes.leave(place, None)

    async def ready(self) -> bool:
        """Memory is always there."""
        return True

    async def close(self) -> None:
        """Nothing to give back."""
