"""A store that answers even when Redis does not.

Every message goes through the fallback (memory) first: it keeps order, joins redeliveries and holds a copy of each session,
notebook and reply that passed through this process. Redis is asked on top of it while it is well. Of the two copies of a
session the one saved last counts, so a conversation goes on through an outage and after it; what Redis missed is written
when it is back, and what it may have lost since (the last second of a crash, what a replica that took over had not got
yet) is compared. How two copies of a notebook become one: :mod:`bot.stores.reconciling`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bot.logs import log_event
from bot.stores.breaker import CircuitBreaker
from bot.stores.protocol import (
    FAILED_FOR_OTHERS,
    PATIENCE_SECONDS,
    Begun,
    ConversationStore,
    New,
    StoreUnavailableError,
    now,
)
from bot.stores.reconciling import Reconciler

UNSAVED_USERS = 10_000
UNSAVED_REPLIES = 8
"""Bounds of what is kept for writing later: users, and the newest replies of each."""

DOUBTED_SECONDS = 60.0
"""A notebook saved at most this long before an outage is looked at after it; Sentinels take up to half of it to act."""

HICCUP_SECONDS = 1.0
"""An outage shorter than this in which nothing but time ran out: a machine that is busy, and a server that has lost nothing.
To compare everything after each of these would keep a busy machine busy."""

PAUSE_SECONDS = 0.1
"""Between two looks whether Redis may be asked again."""

FIRST_SECONDS = 0.6
FIRST_CONNECTIONS = 4
"""How long the first messages of a process wait for Redis, and how many connections are opened before them. A worker that has
just started remembers nobody: to answer from its memory would be to forget what everybody was talking about."""

CLOSING_SECONDS = 1.0
"""How long a process that ends goes on trying to write what Redis missed."""

_OUT_OF_TIME = frozenset({"TimeoutError", FAILED_FOR_OTHERS})

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Turn:
    """One user's turn in both stores; ``remote`` is ``None`` when Redis was away at its beginning.

    ``local`` holds what counts of both; ``missing`` is the notebook Redis should have and has not (``None``: it has).
    """

    local: New
    remote: New | None
    missing: str | None


class MovingStore(ConversationStore, Protocol):
    """A store that may come to be on another server."""

    @property
    def moves(self) -> int:
        """How often that happened."""
        ...


class ResilientStore:
    """``primary`` while it works, ``fallback`` whenever it does not. Never raises StoreUnavailableError."""

    def __init__(
        self, primary: MovingStore, fallback: ConversationStore, breaker: CircuitBreaker | None = None
    ) -> None:
        self._primary = primary
        self._moves = primary.moves
        self._fallback = fallback
        self._breaker = breaker or CircuitBreaker()
        self._reconciler = Reconciler()
        self._turns: dict[str, _Turn] = {}
        self._unsaved: OrderedDict[str, dict[str, str | None]] = OrderedDict()
        self._fresh: OrderedDict[str, float] = OrderedDict()
        self._catching_up: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[None] | None = None
        self._away_since = 0.0
        self._is_hiccup = True

    async def begin(self, user: str, delivery: str | None, patience: float = PATIENCE_SECONDS) -> Begun:
        """Begin in memory, then in Redis; without Redis the turn is taken in memory alone. One patience for both."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        if self._warming is None:
            self._warming = asyncio.create_task(self._warm_up())
        if not self._warming.done():
            await asyncio.shield(self._warming)
        local = await self._fallback.begin(user, delivery, patience)
        if not isinstance(local, New):
            return local
        remote = None
        try:
            if self._breaker.allows():
                with suppress(StoreUnavailableError):
                    remote = await self._reach(self._primary.begin(user, delivery, deadline - loop.time()))
        except BaseException:
            await self._fallback.abandon(local)
            raise
        if remote is not None and not isinstance(remote, New):
            await self._fallback.abandon(local)
            return remote
        begun, missing = self._reconciler.reconcile(local, remote)
        self._turns[local.token] = _Turn(begun, remote, missing)
        return begun

    async def finish(
        self, begun: New, session: str, reply: str | None, notebook: str | None = None, saved_at: float | None = None
    ) -> bool:
        """Save in both, under one time; what Redis did not take is kept for later."""
        turn = self._turns.pop(begun.token, None)
        if turn is None:
            return False
        stamp = now() if saved_at is None else saved_at
        notebook = turn.missing if notebook is None else notebook
        saved = None
        try:
            if turn.remote is not None:
                # Called even while the breaker is open: the primary's own queue has to be left.
                with suppress(StoreUnavailableError):
                    saved = await self._reach(self._primary.finish(turn.remote, session, reply, notebook, stamp))
        finally:
            if saved is False:
                # Another worker took the turn over; a copy of ours would look newer than what that one saved.
                await self._fallback.abandon(turn.local)
            else:
                if saved:
                    self._reconciler.settle(begun.user)
                    if notebook is not None:
                        self._remember(begun.user)
                elif notebook is not None:
                    self._reconciler.grow(turn.local, turn.remote, notebook, stamp)
                await self._fallback.finish(turn.local, session, reply, notebook, stamp)
                if not saved:
                    self._keep_for_later(begun.user, begun.delivery, reply)
        return saved is not False

    async def abandon(self, begun: New) -> None:
        """Give the turn back in both."""
        turn = self._turns.pop(begun.token, None)
        if turn is None:
            return
        try:
            if turn.remote is not None:
                with suppress(StoreUnavailableError):
                    await self._reach(self._primary.abandon(turn.remote))
        finally:
            await self._fallback.abandon(turn.local)

    async def ready(self) -> bool:
        """Tell whether Redis is there. Also a probe: recovery is noticed without a message."""
        there = await self._primary.ready()
        if there:
            self._note_success()
        else:
            self._note_failure("not ready")
        return there

    async def _warm_up(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + FIRST_SECONDS
        while loop.time() < deadline:
            answers = (self._primary.ready() for _ in range(FIRST_CONNECTIONS))
            if all(there is True for there in await asyncio.gather(*answers, return_exceptions=True)):
                return
            await asyncio.sleep(PAUSE_SECONDS / 4)

    async def close(self) -> None:
        """Write what Redis missed, if it takes it now; close both stores."""
        for task in (self._warming, self._catching_up):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await self._write_unsaved()
        if self._unsaved:
            log_event(_log, "redis still away, memory is lost now", logging.ERROR, users=len(self._unsaved))
        await self._primary.close()
        await self._fallback.close()

    async def _reach(self, call: Awaitable[T]) -> T:
        """Await a call to the primary and tell the breaker how it went."""
        try:
            result = await call
        except StoreUnavailableError as error:
            self._note_failure(str(error))
            raise
        self._note_success()
        return result

    def _note_failure(self, reason: str) -> None:
        began = self._breaker.fail()
        self._is_hiccup = (began or self._is_hiccup) and reason in _OUT_OF_TIME
        if began:
            self._away_since = asyncio.get_running_loop().time()
            log_event(_log, "redis away, answering from memory", logging.ERROR, reason=reason)

    def _note_success(self) -> None:
        moves, self._moves = self._moves, self._primary.moves
        recovered = self._breaker.succeed()
        brief = asyncio.get_running_loop().time() - self._away_since < HICCUP_SECONDS
        if self._moves != moves or (recovered and not (brief and self._is_hiccup)):
            self._doubt()
        if recovered:
            log_event(_log, "redis back", logging.WARNING, unsaved=len(self._unsaved))
        self._see_to_unsaved()

    def _keep_for_later(self, user: str, delivery: str | None, reply: str | None) -> None:
        replies = self._unsaved.setdefault(user, {})
        if delivery is not None:
            replies[delivery] = reply
            if len(replies) > UNSAVED_REPLIES:
                del replies[next(iter(replies))]
        if len(self._unsaved) > UNSAVED_USERS:
            self._unsaved.popitem(last=False)
        self._see_to_unsaved()

    def _see_to_unsaved(self) -> None:
        if self._unsaved and (self._catching_up is None or self._catching_up.done()):
            self._catching_up = asyncio.create_task(self._catch_up())

    def _remember(self, user: str) -> None:
        """Note that Redis said it has the user's notebook, just now."""
        self._fresh.pop(user, None)
        self._fresh[user] = asyncio.get_running_loop().time()
        if len(self._fresh) > UNSAVED_USERS:
            self._fresh.popitem(last=False)

    def _doubt(self) -> None:
        """Have the notebooks that Redis took shortly before it went away compared with what it has now."""
        oldest = asyncio.get_running_loop().time() - DOUBTED_SECONDS
        while self._fresh and next(iter(self._fresh.values())) < oldest:
            self._fresh.popitem(last=False)
        # They stay in doubt: what answers now may still be the server that is about to be replaced.
        for user in self._fresh:
            self._unsaved.setdefault(user, {})

    async def _catch_up(self) -> None:
        """Write what Redis missed as soon as it takes it: nobody else may speak to Redis for days."""
        while self._unsaved:
            if not self._breaker.allows() or not await self._write_unsaved():
                await asyncio.sleep(PAUSE_SECONDS)

    async def _write_unsaved(self) -> bool:
        """Write one user's after another; tell whether all was written. The first that is not comes last next time."""
        while self._unsaved:
            user, replies = self._unsaved.popitem(last=False)
            written = False
            try:
                written = await self._write(user, replies)
            finally:
                if not written:
                    self._unsaved[user] = {**replies, **self._unsaved.get(user, {})}
            if not written:
                return False
        return True

    async def _write(self, user: str, replies: dict[str, str | None]) -> bool:
        local = await self._fallback.begin(user, None)
        if not isinstance(local, New):
            return False
        written = False
        try:
            for delivery, reply in replies.items():
                written |= await self._write_turn(local, delivery, reply)
            return written or await self._write_turn(local, None, None) or not self._reconciler.grew(user)
        except StoreUnavailableError:
            return False
        finally:
            await self._fallback.abandon(local)

    async def _write_turn(self, local: New, delivery: str | None, reply: str | None) -> bool:
        """Write session and notebook, with a reply where there is one; tell whether Redis took them."""
        remote = await self._reach(self._primary.begin(local.user, delivery))
        if not isinstance(remote, New):
            return False
        begun, missing = self._reconciler.reconcile(local, remote)
        stamp = max(begun.saved_at, begun.notebook_saved_at)
        written = await self._reach(self._primary.finish(remote, begun.session or "", reply, missing, stamp))
        if written:
            self._reconciler.settle(local.user)
        return written
