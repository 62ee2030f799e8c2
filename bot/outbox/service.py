"""The outbox as the application holds it: it accepts parcels at once and delivers them beside the callback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from bot.outbox.courier import Courier, Pace
from bot.outbox.memory_store import MemoryOutbox
from bot.outbox.protocol import OutboxStore, Parcel, Waiting
from bot.outbox.redis_store import RedisOutbox
from bot.outbox.redis_tokens import RedisTokens
from bot.outbox.redis_trips import RedisTrips
from bot.wecom.client import ApiClient, ApiCredentials
from bot.wecom.tokens import MemoryTokens, TokenStore
from bot.wecom.wire import API_BASE, Observe


class Outbox:
    """Accepts parcels and has them delivered while it is entered. ``client`` may be used for calls of other kinds too."""

    def __init__(
        self,
        store: OutboxStore,
        client: ApiClient,
        *,
        pace: Pace | None = None,
        finished: Callable[[str], None] = lambda result: None,
    ) -> None:
        self.client = client
        self._store = store
        self._courier = Courier(store, client, pace=pace, finished=finished)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.client.__aenter__()
        self._task = asyncio.create_task(self._courier.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._store.close()
        await self.client.__aexit__(kind, error, trace)

    async def accept(self, parcel: Parcel) -> bool:
        """Keep a parcel until it is delivered or given up, within a third of a second; tell whether its id is new.

        Raises ``OutboxFullError`` and ``OutboxUnavailableError``: then the answer has to do without it.
        """
        taken = await self._store.accept(parcel)
        self._courier.wake()
        return taken

    async def pledge(self, parcel: Parcel) -> None:
        """Have a text sent should this process die before it is redeemed. Raises ``OutboxUnavailableError``."""
        await self._store.pledge(parcel)

    async def redeem(self, id_: str) -> None:
        """Forget a pledge. Raises ``OutboxUnavailableError``."""
        await self._store.redeem(id_)

    async def notes(self, user: str) -> tuple[str, ...]:
        """Return what could not be sent to a member, oldest first, for his next turn. Raises ``OutboxUnavailableError``."""
        return await self._store.notes(user)

    async def drop_notes(self, user: str, count: int) -> None:
        """Forget the oldest ``count`` notes of a member. Raises ``OutboxUnavailableError``."""
        await self._store.drop_notes(user, count)

    async def waiting(self) -> Waiting:
        """Return how much waits, in all workers together. Raises ``OutboxUnavailableError``."""
        return await self._store.waiting()


def open_outbox(
    credentials: ApiCredentials,
    redis_url: str | None,
    salt: bytes,
    *,
    base: str = API_BASE,
    observe: Observe = lambda call, code: None,
    finished: Callable[[str], None] = lambda result: None,
    pace: Pace | None = None,
) -> Outbox:
    """Return the outbox of one app: in Redis, or in memory (lost with the process) where there is none."""
    if redis_url is None:
        tokens: TokenStore = MemoryTokens()
        store: OutboxStore = MemoryOutbox()
    else:
        trips = RedisTrips(redis_url)
        tokens = RedisTokens(trips, credentials)
        store = RedisOutbox(trips, f"{credentials.corp_id}:{credentials.agent_id}", salt)
    return Outbox(store, ApiClient(credentials, tokens, base=base, observe=observe), pace=pace, finished=finished)
