"""Turns as a caller takes them, and a bench on which Redis can be made to fail in every way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.stores.keys import Keys
from bot.stores.protocol import Answered, Begun, ConversationStore, New
from bot.stores.redis_store import RedisStore
from bot.stores.resilient import ResilientStore
from tests.redis_faults import Spoilable

KEYS = Keys(b"a salt of the tests")
RECOVERY_SECONDS = 5.0
"""An idle machine takes 0.7 s; the rest is for a loaded one."""

UNHURRIED = 10.0
"""A limit of a round trip that a test machine under load does not reach."""

MakeStore = Callable[[], ConversationStore]


@dataclass(frozen=True, slots=True)
class Bench(Spoilable):
    """A resilient store whose Redis sits behind a proxy, and everything needed to spoil it."""

    store: ResilientStore
    direct: RedisStore
    """Another worker that sees what is in Redis and nothing else."""


def new(begun: Begun) -> New:
    """Narrow: the caller has the turn."""
    assert isinstance(begun, New), begun
    return begun


async def answer(store: ConversationStore, user: str, delivery: str | None, session: str, reply: str | None) -> None:
    """Take one turn, whatever there was before."""
    await store.finish(new(await store.begin(user, delivery)), session, reply)


async def keep(store: ConversationStore, user: str, notebook: str) -> None:
    """Take one turn that saves a notebook (empty: deletes it) and goes on with the session as it is."""
    begun = new(await store.begin(user, None))
    await store.finish(begun, begun.session or "", None, notebook)


async def kept(store: ConversationStore, user: str) -> str | None:
    """Look at the notebook and give the turn back."""
    begun = new(await store.begin(user, None))
    await store.abandon(begun)
    return begun.notebook


async def say(store: ConversationStore, user: str, number: int) -> tuple[str | None, float]:
    """Add ``number`` to the user's session; return what the session was, and the seconds it took."""
    started = time.perf_counter()
    begun = new(await store.begin(user, f"d{number}"))
    await store.finish(begun, f"{begun.session or ''}{number} ", f"reply {number}")
    return begun.session, time.perf_counter() - started


def numbers(up_to: int) -> str:
    return "".join(f"{number} " for number in range(1, up_to + 1))


async def until_ready(store: ConversationStore) -> float:
    """Ask for readiness as a load balancer would; return the seconds it took."""
    started = time.perf_counter()
    async with asyncio.timeout(RECOVERY_SECONDS):
        while True:
            if await store.ready():
                return time.perf_counter() - started
            await asyncio.sleep(0.01)


async def until_redis_holds(bench: Bench, user: str, session: str) -> None:
    async with asyncio.timeout(RECOVERY_SECONDS):
        while True:
            begun = new(await bench.direct.begin(user, None))
            await bench.direct.abandon(begun)
            if begun.session == session:
                return
            await asyncio.sleep(0.01)


async def until_another_worker_knows(bench: Bench, delivery: str, reply: str) -> None:
    async with asyncio.timeout(RECOVERY_SECONDS):
        while True:
            begun = await bench.direct.begin("u", delivery)
            if begun == Answered(reply):
                return
            await bench.direct.abandon(new(begun))
            await asyncio.sleep(0.01)
