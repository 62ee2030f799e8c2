"""Backpressure: deliveries are answered in order of arrival, a few in each turn of the event loop; who would come too late is
refused at once.

Without it every request that has arrived would be answered in one turn, during which nobody else is heard, not even to be
refused. The refusal is a 503, not an empty 200: an empty 200 tells WeChat Work that there is nothing to say, and the message
is lost; after a 503 it may deliver again (three tries in all), when the crowd has passed. At worst it does not, which is the
same as the empty answer. It costs about as much as a bare aiohttp handler, so threefold load by repetition is borne.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from aiohttp import web

from bot.edge.limits import LIMITS, Limits
from bot.edge.server import GuardedConnection
from bot.errors import OverloadError

AT_A_TIME = 8
TURN_SECONDS = 0.01
"""Deliveries begun in one turn of the event loop while nobody waits, and the time after which no more are."""


@dataclass(slots=True)
class _Waiting:
    """Somebody in the queue, and since when."""

    turn: asyncio.Future[None]
    since: float


class Admission:
    """The queue before the answering. Every :meth:`enter` that returns is followed by a :meth:`leave`."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._places = limits.deliveries_at_once
        self._seconds = limits.queue_seconds
        self._queue: deque[_Waiting] = deque()
        self._begun = 0
        self._turn_began = 0.0
        self._announced = 0.0
        self._ticking = False

    def check(self) -> None:
        """Refuse at the door where the queue is too long: whoever comes last will wait as long as the first has.

        Raises:
            OverloadError: the first in the queue has waited too long already.
        """
        if self._queue and asyncio.get_running_loop().time() - self._queue[0].since > self._seconds:
            raise OverloadError

    async def enter(self, request: web.Request) -> None:
        """Wait for a place. The connection is not cut from here on.

        Raises:
            OverloadError: it took too long.
        """
        connection = request.protocol
        if isinstance(connection, GuardedConnection):
            connection.take()
        loop = asyncio.get_running_loop()
        now = loop.time()
        if not self._begun:
            self._turn_began = now
        if self._queue or not self._places or self._begun >= AT_A_TIME or now - self._turn_began > TURN_SECONDS:
            # The turn was announced at the end of the one before: what is read only now may have lain there since.
            await self._wait(_Waiting(loop.create_future(), self._announced if self._ticking else now))
        else:
            self._places -= 1
            self._begun += 1
            self._tick_later(loop)

    def leave(self) -> None:
        """Give the place back."""
        self._places += 1
        if self._queue:
            self._tick_later(asyncio.get_running_loop())

    async def _wait(self, waiting: _Waiting) -> None:
        self._queue.append(waiting)
        loop = asyncio.get_running_loop()
        self._tick_later(loop)
        # Where nobody leaves there is no turn in which to notice that it took too long.
        late = loop.call_later(self._seconds, _refuse, waiting.turn)
        try:
            await waiting.turn
        except asyncio.CancelledError:
            if waiting.turn.done() and not waiting.turn.cancelled() and waiting.turn.exception() is None:
                self.leave()
            raise
        finally:
            late.cancel()

    def _tick_later(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._ticking:
            self._ticking, self._announced = True, loop.time()
            loop.call_soon(self._tick)

    def _tick(self) -> None:
        """Begin a turn of the event loop: let the first in the queue in, if there is a place, and refuse who waited too long."""
        self._ticking = False
        self._begun = 0
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._queue and self._places:
            waiting = self._queue.popleft()
            if waiting.turn.done():
                continue
            if now - waiting.since > self._seconds:
                _refuse(waiting.turn)
                continue
            self._places -= 1
            waiting.turn.set_result(None)
            break
        if self._queue and self._places:
            self._tick_later(loop)


def _refuse(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_exception(OverloadError())
