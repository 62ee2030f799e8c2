"""Stores of every kind, and the bench."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.stores.memory_store import MemoryStore
from bot.stores.protocol import ConversationStore
from bot.stores.redis_store import RedisStore
from bot.stores.resilient import ResilientStore
from tests.conftest import RedisServer
from tests.proxy import Proxy
from tests.redis_faults import FAULTS, Act
from tests.stores.bench import KEYS, UNHURRIED, Bench, MakeStore


@pytest.fixture(params=["memory", "redis", "resilient"])
async def make_store(request: pytest.FixtureRequest) -> AsyncIterator[MakeStore]:
    """Make stores of one kind; those over Redis share one server, as workers do."""
    made: list[ConversationStore] = []
    server: RedisServer | None = None if request.param == "memory" else request.getfixturevalue("redis_server")

    def make() -> ConversationStore:
        store: ConversationStore = MemoryStore()
        if server is not None:
            redis = RedisStore(server.url, KEYS, trip_limit=UNHURRIED)
            store = redis if request.param == "redis" else ResilientStore(redis, store)
        made.append(store)
        return store

    yield make
    for store in made:
        await store.close()


@pytest.fixture
async def bench(redis_server: RedisServer) -> AsyncIterator[Bench]:
    async with Proxy(redis_server.socket) as proxy:
        store = ResilientStore(RedisStore(proxy.url, KEYS), MemoryStore())
        direct = RedisStore(redis_server.url, KEYS, trip_limit=UNHURRIED)
        admin: Redis = Redis.from_url(redis_server.url, single_connection_client=True)
        await admin.initialize()
        yield Bench(redis_server, proxy, admin, store, direct)
        await store.close()
        await direct.close()
        await admin.aclose()


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest) -> tuple[Act, Act]:
    return FAULTS[request.param]
