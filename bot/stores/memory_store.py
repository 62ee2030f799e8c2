"""Conversations in this process's memory: for one worker, for tests, and as the store behind a Redis that is away."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from bot.stores.lanes import Lanes, Place
from bot.stores.protocol import PATIENCE_SECONDS, Answered, Begun, Lifetimes, New, now

CAPACITY = 10_000
"""Sessions, and likewise recorded replies and notebooks, kept at most. The first two take about 1 KiB each."""

NOTEBOOK_CHARACTERS = 16_000_000
"""Characters of all notebooks together: a full one has some 130 000, and a Chinese character takes two bytes (32 MiB)."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ExpiringMap(Generic[K, V]):
    """Keeps at most ``capacity`` entries, each for ``seconds``; the least recently used goes first.

    With ``weigh`` it also keeps the weights of all values together within ``heaviest``.
    """

    def __init__(
        self,
        capacity: int,
        seconds: float,
        clock: Callable[[], float],
        weigh: Callable[[V], int] = lambda value: 0,
        heaviest: int = 0,
    ) -> None:
        self._capacity = capacity
        self._seconds = seconds
        self._clock = clock
        self._weigh = weigh
        self._heaviest = heaviest
        self._weight = 0
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """Return the live value of ``key``, or ``None``."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[0] <= self._clock():
            self.drop(key)
            return None
        self._entries.move_to_end(key)
        return entry[1]

    def put(self, key: K, value: V) -> None:
        """Store ``value`` for a full lifetime; one that is too heavy by itself is not kept."""
        self.drop(key)
        weight = self._weigh(value)
        if weight > self._heaviest:
            return
        self._entries[key] = (self._clock() + self._seconds, value)
        self._weight += weight
        while len(self._entries) > self._capacity or self._weight > self._heaviest:
            self.drop(next(iter(self._entries)))

    def drop(self, key: K) -> None:
        """Forget ``key``, if it is there."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._weight -= self._weigh(entry[1])


class MemoryStore:
    """A conversation store that forgets when the process ends. ``clock`` runs in seconds and never backwards."""

    def __init__(
        self,
        *,
        lifetimes: Lifetimes | None = None,
        capacity: int = CAPACITY,
        notebook_characters: int = NOTEBOOK_CHARACTERS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        kept = lifetimes or Lifetimes()
        self._lanes = Lanes()
        self._held: dict[str, Place] = {}
        self._sessions: ExpiringMap[str, tuple[str, float]] = ExpiringMap(capacity, kept.session, clock)
        self._notebooks: ExpiringMap[str, tuple[str, float]] = ExpiringMap(
            capacity, kept.notebook, clock, lambda entry: len(entry[0]), notebook_characters
        )
        self._replies: ExpiringMap[tuple[str, str], Answered] = ExpiringMap(capacity, kept.reply, clock)

    async def begin(self, user: str, delivery: str | None, patience: float = PATIENCE_SECONDS) -> Begun:
        """Wait for the user's turn, then look up the delivery, the session and the notebook."""
        place = await self._lanes.enter(user, delivery, asyncio.get_running_loop().time() + patience)
        if not isinstance(place, Place):
            return place
        answered = None if delivery is None else self._replies.get((user, delivery))
        if answered is not None:
            self._lanes.leave(place, answered)
            return answered
        self._held[place.token] = place
        session, saved_at = self._sessions.get(user) or ("", 0.0)
        notebook, notebook_saved_at = self._notebooks.get(user) or ("", 0.0)
        return New(user, delivery, session or None, place.token, saved_at, notebook or None, notebook_saved_at)

    async def finish(
        self, begun: New, session: str, reply: str | None, notebook: str | None = None, saved_at: float | None = None
    ) -> bool:
        """Keep session, notebook and reply, end the turn. Without ``notebook`` the one in ``begun`` is kept."""
        place = self._held.pop(begun.token, None)
        if place is None:
            return False
        stamp = now() if saved_at is None else saved_at
        self._sessions.put(place.user, (session, stamp))
        self._keep_notebook(begun, notebook, stamp)
        if place.delivery is not None:
            self._replies.put((place.user, place.delivery), Answered(reply))
        self._lanes.leave(place, Answered(reply))
        return True

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

    def _keep_notebook(self, begun: New, notebook: str | None, stamp: float) -> None:
        if notebook is not None:
            self._notebooks.put(begun.user, (notebook, stamp))
        elif begun.notebook_saved_at:
            self._notebooks.put(begun.user, (begun.notebook or "", begun.notebook_saved_at))
        else:
            self._notebooks.drop(begun.user)
