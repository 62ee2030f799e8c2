"""Conversations in Redis: shared by all workers, kept over restarts.

Each step is one script and so one round trip: two for a message. redis-py's own time limit (5 s) is WeChat Work's whole
deadline, hence the limits here. Which server is asked: :mod:`bot.stores.redis_links`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import secrets
from dataclasses import dataclass
from typing import cast

from redis.exceptions import NoScriptError, RedisError

from bot.logs import log_event
from bot.stores.keys import Keys
from bot.stores.lanes import Lanes, Place
from bot.stores.protocol import (
    FAILED_FOR_OTHERS,
    PATIENCE_SECONDS,
    Answered,
    Begun,
    Busy,
    Lifetimes,
    New,
    Running,
    StoreUnavailableError,
    now,
)
from bot.stores.redis_address import RedisAddress
from bot.stores.redis_links import POOL_SIZE, Argument, open_link
from bot.stores.redis_scripts import ABANDON, BEGIN, FINISH, Script
from bot.stores.trip_limit import limited

TRIP_SECONDS = 0.15
"""Limit of one round trip, so that the two of a message cost 0.3 s at the very worst."""

POLL_SECONDS = 0.03
"""Mean pause between two looks at a lock or a delivery that another process holds."""

MOST_SKEW_SECONDS = 86_400.0
"""A value that says it was saved later than this from now is none of ours; it would be the newest for ever."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    """A turn in progress: the place in this process's queue, and the user's keys."""

    place: Place
    keys: list[str]


class RedisStore:
    """A conversation store in Redis. ``url`` has one of the forms of :mod:`bot.stores.redis_address`.

    ``trip_limit`` bounds one round trip, in seconds.
    """

    def __init__(
        self,
        url: str,
        keys: Keys,
        *,
        lifetimes: Lifetimes | None = None,
        trip_limit: float = TRIP_SECONDS,
    ) -> None:
        self._keys = keys
        self._trip_limit = trip_limit
        self._lifetimes = lifetimes or Lifetimes()
        self._instance = secrets.token_hex(8)
        self._lanes = Lanes()
        self._held: dict[str, _Held] = {}
        self._slots = asyncio.Semaphore(POOL_SIZE)
        self._failures = 0
        self._is_closed = False
        self._link = open_link(RedisAddress.parse(url), trip_limit)

    @property
    def moves(self) -> int:
        """How often what is kept has been found on another server, which may lack the last of it."""
        return self._link.moves

    async def begin(self, user: str, delivery: str | None, patience: float = PATIENCE_SECONDS) -> Begun:
        """Wait for the user's turn in this process, then claim, lock and load in one round trip."""
        deadline = asyncio.get_running_loop().time() + patience
        place = await self._lanes.enter(user, delivery, deadline)
        if not isinstance(place, Place):
            return place
        held = _Held(place, self._keys.conversation(user, delivery))
        try:
            begun = await self._claim(held, deadline)
        except BaseException:
            self._lanes.leave(place, None)
            raise
        if isinstance(begun, New):
            self._held[place.token] = held
        else:
            self._lanes.leave(place, begun if isinstance(begun, Answered) else None)
        return begun

    async def finish(
        self, begun: New, session: str, reply: str | None, notebook: str | None = None, saved_at: float | None = None
    ) -> bool:
        """Save, record and unlock in one round trip."""
        held = self._held.pop(begun.token, None)
        if held is None:
            return False
        stamp = now() if saved_at is None else saved_at
        outcome = None
        try:
            [status] = await self._run(
                FINISH,
                held.keys,
                self._owner(held.place),
                _stamped(session, stamp),
                _milliseconds(self._lifetimes.session),
                _record(reply),
                _milliseconds(self._lifetimes.reply),
                b"" if notebook is None else _stamped(notebook, stamp),
                self._life_of_notebook(begun, notebook),
                round(begun.saved_at * 1000),
                round(begun.notebook_saved_at * 1000),
                round((now() + MOST_SKEW_SECONDS) * 1000),
            )
            outcome = Answered(reply)
        finally:
            self._lanes.leave(held.place, outcome)
        if status == b"lost":
            log_event(_log, "message was finished too late, another worker had the user's turn", logging.WARNING)
        return status == b"kept"

    async def abandon(self, begun: New) -> None:
        """Unlock and give the claim back. When Redis does not hear it, both expire by themselves."""
        held = self._held.pop(begun.token, None)
        if held is None:
            return
        try:
            await self._run(ABANDON, held.keys, self._owner(held.place))
        finally:
            self._lanes.leave(held.place, None)

    async def ready(self) -> bool:
        """Tell whether Redis takes a write within the time of one round trip (a full or read-only one answers PING)."""
        try:
            async with limited(self._trip_limit):
                await self._link.write(self._keys.readiness())
        except (RedisError, OSError):
            return False
        return True

    async def close(self) -> None:
        """Let the trips under way come to their end, then close every connection; from now on Redis is away."""
        self._is_closed = True
        for _ in range(POOL_SIZE):
            # A connection that is being made while its pool closes would stay open for ever.
            await self._slots.acquire()
        try:
            await self._link.close()
        finally:
            for _ in range(POOL_SIZE):
                self._slots.release()

    async def _claim(self, held: _Held, deadline: float) -> Begun:
        place, owner = held.place, self._owner(held.place)
        life = _milliseconds(self._lifetimes.lock)
        loop = asyncio.get_running_loop()
        while True:
            status, *rest = await self._run(BEGIN, held.keys, self._worker(), owner, life)
            if status == b"new":
                session, notebook = rest
                value, saved_at = _read(session)
                return New(place.user, place.delivery, value, place.token, saved_at, *_read(notebook))
            if status == b"answered":
                return _read_record(rest[0])
            if loop.time() >= deadline:
                return Running() if status == b"running" else Busy()
            # Jitter, so that two processes that wait for one user do not ask in step.
            await asyncio.sleep(POLL_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - no secret

    async def _run(self, script: Script, keys: list[str], *args: Argument) -> list[bytes | None]:
        """Run a script in one round trip (two when Redis has forgotten it). Every fault is StoreUnavailableError.

        Waiting for a connection in a crowd is no fault of Redis, so the limit starts with the trip; but who waited while
        another trip failed does not try in turn: the queue as a whole fails within one limit.
        """
        failures = self._failures
        async with self._slots:
            if self._is_closed:
                raise StoreUnavailableError("closed")
            if self._failures != failures:
                raise StoreUnavailableError(FAILED_FOR_OTHERS)
            try:
                async with limited(self._trip_limit):
                    return await self._evaluate(script, keys, args)
            except Exception as error:
                self._failures += 1
                # A client whose connections break under it raises more than RedisError; none of it may cost an answer.
                raise StoreUnavailableError(type(error).__name__) from error

    async def _evaluate(self, script: Script, keys: list[str], args: tuple[Argument, ...]) -> list[bytes | None]:
        try:
            reply = await self._link.call(keys[0], "EVALSHA", script.sha, len(keys), *keys, *args)
        except NoScriptError:
            reply = await self._link.call(keys[0], "EVAL", script.text, len(keys), *keys, *args)
        return cast("list[bytes | None]", reply)

    def _life_of_notebook(self, begun: New, notebook: str | None) -> int:
        """Return the milliseconds from now that the notebook is kept; 0 where there is none to be renewed."""
        if notebook == "":
            return _milliseconds(self._lifetimes.session)
        return 0 if notebook is None and begun.notebook is None else _milliseconds(self._lifetimes.notebook)

    def _worker(self) -> str:
        # The process number too: a store made before a fork must not make two workers pass for one.
        return f"{self._instance}{os.getpid():08x}"

    def _owner(self, place: Place) -> str:
        return self._worker() + place.token


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _record(reply: str | None) -> bytes:
    return b"N" if reply is None else b"A" + reply.encode("utf-8", "replace")


def _read_record(value: bytes | None) -> Answered:
    if not value or value[:1] == b"N":
        return Answered(None)
    return Answered(value[1:].decode("utf-8", "replace"))


def _stamped(value: str, stamp: float) -> bytes:
    return f"{round(stamp * 1000)} {value}".encode("utf-8", "replace")


def _read(value: bytes | None) -> tuple[str | None, float]:
    """Split a stamped value into the value (``None``: nothing, or deleted) and its time; any other form is nothing."""
    if value is None:
        return None, 0.0
    stamp, _, content = value.partition(b" ")
    try:
        text, saved_at = content.decode() or None, int(stamp) / 1000
    except (ValueError, OverflowError):
        return None, 0.0
    return (text, saved_at) if saved_at < now() + MOST_SKEW_SECONDS else (None, 0.0)
