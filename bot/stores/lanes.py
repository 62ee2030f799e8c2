"""Order within one process: each user's messages in order of arrival, each delivery once.

Every store begins here. A lock in Redis is polled for and therefore knows no order; within one process a fair lock keeps
it, and spares Redis the polling.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field

from bot.stores.protocol import Answered, Busy, Running

_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Place:
    """The right to work on one user's message, until it is left. ``token`` is unlike any other in this process."""

    user: str
    delivery: str | None
    token: str = field(default_factory=lambda: f"{next(_NUMBERS):016x}")


@dataclass(slots=True)
class _Lane:
    """One user's queue. ``places`` counts who stands in it, so that an empty lane is forgotten."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    places: int = 0


class Lanes:
    """A fair queue per user, and the deliveries that stand in one or are being worked on."""

    def __init__(self) -> None:
        self._lanes: dict[str, _Lane] = {}
        self._running: dict[tuple[str, str], asyncio.Future[Answered | None]] = {}

    async def enter(self, user: str, delivery: str | None, deadline: float) -> Place | Answered | Running | Busy:
        """Wait until it is this message's turn, or until the same delivery has been answered by its first copy.

        ``deadline`` is in the event loop's time. A copy whose first was given up takes its place.
        """
        while delivery is not None and (first := self._running.get((user, delivery))) is not None:
            outcome = await _join(first, deadline)
            if outcome is not None:
                return outcome
        place = Place(user, delivery)
        if delivery is not None:
            self._running[user, delivery] = asyncio.get_running_loop().create_future()
        lane = self._lanes.setdefault(user, _Lane())
        lane.places += 1
        try:
            if lane.places == 1:
                await lane.lock.acquire()
            else:
                async with asyncio.timeout_at(deadline):
                    await lane.lock.acquire()
        except TimeoutError:
            self._forget(place, None)
            return Busy()
        except BaseException:
            self._forget(place, None)
            raise
        return place

    def leave(self, place: Place, outcome: Answered | None) -> None:
        """End the turn. Copies of the delivery that wait get ``outcome``; ``None`` lets the first of them have a try."""
        self._lanes[place.user].lock.release()
        self._forget(place, outcome)

    def _forget(self, place: Place, outcome: Answered | None) -> None:
        lane = self._lanes[place.user]
        lane.places -= 1
        if lane.places == 0:
            del self._lanes[place.user]
        if place.delivery is not None:
            self._running.pop((place.user, place.delivery)).set_result(outcome)


async def _join(first: asyncio.Future[Answered | None], deadline: float) -> Answered | Running | None:
    try:
        async with asyncio.timeout_at(deadline):
            # Shielded: one copy that stops waiting must not end the wait of the others.
            return await asyncio.shield(first)
    except TimeoutError:
        return Running()
