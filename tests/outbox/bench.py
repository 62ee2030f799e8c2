"""Parcels, clocks, and a courier with everything around it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.outbox.courier import Courier, Pace
from bot.outbox.pace import Backoff
from bot.outbox.protocol import Attachment, Due, OutboxStore, Parcel, Ticket
from bot.outbox.redis_store import RedisOutbox, Vigil
from bot.outbox.redis_trips import RedisTrips
from bot.wecom.client import ApiClient
from tests.conftest import RedisServer

APP = "wwtestcorp:1000002"
SALT = b"a salt of the tests"
UNHURRIED = 10.0
"""A limit of a round trip that a test machine under load does not reach."""

BRISK = Pace(
    poll=0.05,
    store_away=0.02,
    busy=0.05,
    grace=1.0,
    backoff=Backoff(first=0.01, longest=0.05),
    brake=Backoff(first=0.02, longest=0.2),
)
"""A pace for tests that wait in real time."""

WATCHFUL = Vigil(life=0.6, doubt=0.3)

MakeStore = Callable[..., OutboxStore]


class Clock:
    """Time stands still but for what is slept."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0
        self.slept = 0.0

    def __call__(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        self.slept += seconds
        await asyncio.sleep(0)


def text(number: int, user: str = "zhang") -> Parcel:
    return Parcel(f"{user}-{number:04d}", user, f"第{number}条")


def file(number: int, user: str = "zhang") -> Parcel:
    name, content = f"总结{number}.docx", f"content {number}".encode()
    return Parcel(f"{user}-f{number:04d}", user, f"文件{number}没有发成", Attachment(name, content))


def open_redis_store(server: RedisServer, **options: object) -> RedisOutbox:
    """Return the store of one worker."""
    return RedisOutbox(RedisTrips(server.url, limit=UNHURRIED), APP, SALT, **options)  # type: ignore[arg-type]


async def only_ticket(store: OutboxStore) -> Ticket:
    (ticket,) = await store.collect(10)
    return ticket


async def due(store: OutboxStore, ticket: Ticket) -> Due:
    taken = await store.take(ticket)
    assert isinstance(taken, Due)
    return taken


class Results:
    """How parcels ended, and a way to wait for a number of them."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._change = asyncio.Event()

    def __call__(self, result: str) -> None:
        self.counts[result] += 1
        self._change.set()

    async def until(self, count: int) -> None:
        while self.counts.total() < count:
            self._change.clear()
            await self._change.wait()


@asynccontextmanager
async def delivering(
    store: OutboxStore, client: ApiClient, *, pace: Pace = BRISK, clock: Clock | None = None
) -> AsyncIterator[Results]:
    """Run a courier."""
    results = Results()
    if clock is None:
        courier = Courier(store, client, pace=pace, finished=results)
    else:
        courier = Courier(store, client, pace=pace, finished=results, clock=clock, sleep=clock.sleep)
    task = asyncio.create_task(courier.run())
    try:
        async with asyncio.timeout(60):
            yield results
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
