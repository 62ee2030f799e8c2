"""The outbox in this process's memory: what waits when the process ends is lost, files and notes alike.

It is the default without Redis, for one worker on trial; a service that people rely on has a Redis.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.outbox.protocol import Due, Gone, Limits, OutboxFullError, Parcel, Permit, Ticket, Wait, Waiting
from bot.stores.memory_store import CAPACITY, ExpiringMap

TURN_SECONDS = 0.05
"""Pause before the courier looks again whether the parcel before this one is finished."""


@dataclass(slots=True)
class _Kept:
    """A parcel that waits. ``check`` is decided when it is first sent."""

    ticket: Ticket
    due: Due
    check: bool | None = None


class MemoryOutbox:
    """An outbox store that forgets when the process ends. ``clock`` gives seconds since 1970."""

    def __init__(self, *, limits: Limits | None = None, clock: Callable[[], float] = time.time) -> None:
        self._limits = limits or Limits()
        self._clock = clock
        self._number = 0
        self._load = 0
        self._kept: dict[str, _Kept] = {}
        self._lanes: defaultdict[str, deque[str]] = defaultdict(deque)
        self._new: deque[Ticket] = deque()
        self._sent: defaultdict[str, list[float]] = defaultdict(list)
        self._seen: ExpiringMap[str, bool] = ExpiringMap(CAPACITY, self._limits.repeat, clock)
        self._said: ExpiringMap[tuple[str, str], str] = ExpiringMap(CAPACITY, self._limits.repeat, clock)
        self._notes: ExpiringMap[str, tuple[str, ...]] = ExpiringMap(CAPACITY, self._limits.notes_keep, clock)

    async def accept(self, parcel: Parcel) -> bool:
        """Keep a parcel."""
        if self._seen.get(parcel.id):
            return False
        limits, waiting = self._limits, len(self._lanes.get(parcel.user, ()))
        full = len(self._kept) >= limits.parcels or waiting >= limits.parcels_of_one
        if full or parcel.size > limits.parcel_bytes or self._load + parcel.size > limits.bytes:
            raise OutboxFullError("too large, or too many wait")
        self._number += 1
        ticket = Ticket((0, self._number), parcel.id, parcel.user, parcel.size)
        self._kept[parcel.id] = _Kept(ticket, Due(parcel, self._clock()))
        self._load += parcel.size
        self._lanes[parcel.user].append(parcel.id)
        self._new.append(ticket)
        self._seen.put(parcel.id, True)
        return True

    async def collect(self, most: int) -> tuple[Ticket, ...]:
        """Return the new tickets."""
        return tuple(self._new.popleft() for _ in range(min(most, len(self._new))))

    async def take(self, ticket: Ticket) -> Due | Wait | Gone:
        """Return the parcel when it is the first of its member's."""
        kept = self._kept.get(ticket.id)
        if kept is None:
            return Gone()
        return kept.due if self._lanes[ticket.lane][0] == ticket.id else Wait(TURN_SECONDS)

    async def remember_upload(self, ticket: Ticket, media_id: str) -> str:
        """Keep the media id, unless there is one; another makes another request, with a check of its own."""
        kept = self._kept.get(ticket.id)
        if kept is None:
            return media_id
        if not kept.due.media_id:
            kept.due, kept.check = replace(kept.due, media_id=media_id), None
        return kept.due.media_id

    async def forget_upload(self, ticket: Ticket) -> None:
        """Drop the media id."""
        kept = self._kept.get(ticket.id)
        if kept is not None:
            kept.due, kept.check = replace(kept.due, media_id=""), None

    async def permit(self, ticket: Ticket, digest: str) -> Permit | Wait | Gone:
        """Count one sending, unless the member has had too many."""
        kept = self._kept.get(ticket.id)
        if kept is None:
            return Gone()
        limits, now, sent = self._limits, self._clock(), self._sent[ticket.lane]
        del sent[: bisect_right(sent, now - limits.hour)]
        waits = (
            sent[-most] + window - now
            for most, window in ((limits.per_minute, limits.minute), (limits.per_hour, limits.hour))
            if len(sent) >= most
        )
        if (wait := max(waits, default=0.0)) > 0:
            return Wait(wait)
        sent.append(now)
        if kept.check is None:
            kept.check = self._said.get((ticket.lane, digest)) in {None, ticket.id}
            self._said.put((ticket.lane, digest), ticket.id)
        return Permit(kept.check)

    async def become_text(self, ticket: Ticket) -> None:
        """Drop what is not text from the parcel."""
        kept = self._kept.get(ticket.id)
        if kept is not None:
            parcel = replace(kept.due.parcel, file=None, card=None)
            kept.due, kept.check = Due(parcel, kept.due.accepted_at), None

    async def finish(self, ticket: Ticket, note: str | None = None) -> None:
        """Forget the parcel and keep the note."""
        if self._kept.pop(ticket.id, None) is None:
            return
        self._load -= ticket.size
        lane = self._lanes[ticket.lane]
        lane.remove(ticket.id)
        if not lane:
            del self._lanes[ticket.lane]
        if note:
            notes = (*(self._notes.get(ticket.lane) or ()), note)
            self._notes.put(ticket.lane, notes[-self._limits.notes :])

    async def notes(self, user: str) -> tuple[str, ...]:
        """Return what could not be sent to a member."""
        return self._notes.get(user) or ()

    async def drop_notes(self, user: str, count: int) -> None:
        """Forget the oldest notes."""
        notes = (self._notes.get(user) or ())[count:]
        if notes:
            self._notes.put(user, notes)
        else:
            self._notes.drop(user)

    async def waiting(self) -> Waiting:
        """Return how many wait, and for how long the first of them has."""
        first = next(iter(self._kept.values()), None)
        return Waiting(len(self._kept), 0.0 if first is None else max(0.0, self._clock() - first.due.accepted_at))

    async def pledge(self, parcel: Parcel) -> None:
        """Do nothing: there is no other worker, and nothing here outlives this one."""

    async def redeem(self, id_: str) -> None:
        """Nothing was pledged."""

    async def release(self) -> None:
        """Nobody else could take over."""

    async def close(self) -> None:
        """Nothing to give back."""
