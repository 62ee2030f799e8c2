from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.outbox.memory_store import MemoryOutbox
from bot.outbox.protocol import OutboxStore
from bot.wecom.client import ApiClient
from tests.conftest import RedisServer
from tests.outbox.bench import MakeStore, open_redis_store
from tests.wecom.api_client import Site, api_site


@pytest.fixture(params=["memory", "redis"])
async def make_store(request: pytest.FixtureRequest) -> AsyncIterator[MakeStore]:
    """Make stores of one kind; those over Redis share one server, as workers do."""
    made: list[OutboxStore] = []
    server: RedisServer | None = None if request.param == "memory" else request.getfixturevalue("redis_server")

    def make(**options: object) -> OutboxStore:
        store: OutboxStore = (
            MemoryOutbox(**options) if server is None else open_redis_store(server, **options)  # type: ignore[arg-type]
        )
        made.append(store)
        return store

    yield make
    for store in made:
        await store.close()


@pytest.fixture
def store(make_store: MakeStore) -> OutboxStore:
    return make_store()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with api_site() as site:
        yield site


@pytest.fixture
async def client(site: Site) -> AsyncIterator[ApiClient]:
    async with site.client() as client:
        yield client
