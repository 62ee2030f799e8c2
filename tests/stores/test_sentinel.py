"""Conversations behind real Sentinels: a master that dies, one that steps down, Sentinels that are away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.stores.memory_store import MemoryStore
from bot.stores.protocol import StoreUnavailableError
from bot.stores.redis_links import SentinelLink
from bot.stores.redis_store import RedisStore
from bot.stores.resilient import ResilientStore
from tests.conftest import StartRedis
from tests.stores.bench import KEYS, UNHURRIED, answer, keep, until_ready
from tests.stores.flow import LONGEST_SECONDS, flowing, until, until_held, until_kept
from tests.stores.topologies import SERVICE, Sentinel, Watched, free_ports


@pytest.fixture
def watched(start_redis: StartRedis, tmp_path: Path) -> Iterator[Watched]:
    made = Watched(start_redis, tmp_path)
    yield made
    made.close()


async def test_conversations_go_on_while_the_master_dies_and_the_replica_takes_over(watched: Watched) -> None:
    store = ResilientStore(RedisStore(watched.url, KEYS), MemoryStore())
    direct = RedisStore(watched.url, KEYS, trip_limit=UNHURRIED)
    async with flowing(store) as flow:
        await flow.grow(3)
        watched.servers[0].kill()
        await until(watched.has_moved)
        recovery = await until_ready(store)
        await flow.grow(3)
    await until_held(direct, flow)
    print(f"slowest message {flow.slowest * 1000:.0f} ms, back {recovery * 1000:.0f} ms after the switch")
    assert flow.slowest < LONGEST_SECONDS
    await store.close()
    await direct.close()


async def test_conversations_go_on_while_the_master_steps_down_and_nothing_given_to_it_is_lost(
    watched: Watched,
) -> None:
    store = ResilientStore(RedisStore(watched.url, KEYS), MemoryStore())
    direct = RedisStore(watched.url, KEYS, trip_limit=UNHURRIED)
    await keep(store, "never seen again", "kept before")
    async with flowing(store) as flow:
        await flow.grow(3)
        watched.servers[1].command("SCRIPT", "FLUSH")
        assert watched.sentinels[0].ask("SENTINEL", "FAILOVER", SERVICE).startswith("+OK")
        await until(watched.has_moved)
        await keep(store, "never seen again", "given to the old master")
        await flow.grow(3)
        watched.demote()
        await flow.grow(3)
    await until_held(direct, flow)
    await until_kept(direct, "never seen again", "given to the old master")
    assert flow.slowest < LONGEST_SECONDS
    await store.close()
    await direct.close()


async def test_sentinels_that_are_away_or_frozen_are_passed_over(watched: Watched) -> None:
    watched.sentinels[0].stop()
    watched.sentinels[1].kill()
    store = RedisStore(watched.url, KEYS)
    await until_ready(store)
    await answer(store, "u", "d", "s", "r")
    await store.close()


async def test_no_sentinel_is_forgotten_when_many_ask_at_once(watched: Watched) -> None:
    watched.sentinels[0].kill()
    store = RedisStore(watched.url, KEYS, trip_limit=UNHURRIED)
    await asyncio.gather(*(answer(store, f"user {number}", "d", "s", "r") for number in range(16)))
    assert isinstance(store._link, SentinelLink)
    known = {sentinel.connection_pool.connection_kwargs["port"] for sentinel in store._link._sentinel.sentinels}
    assert known == {sentinel.port for sentinel in watched.sentinels}
    await store.close()


async def test_without_any_sentinel_or_under_another_name_redis_is_away(watched: Watched) -> None:
    for url in ("redis+sentinel://127.0.0.1:1,127.0.0.1:2/name", watched.url.replace(SERVICE, "another")):
        store = RedisStore(url, KEYS)
        assert not await store.ready()
        with pytest.raises(StoreUnavailableError):
            await store.begin("u", None)
        await store.close()


async def test_passwords_of_servers_and_sentinels_are_told_apart(start_redis: StartRedis, tmp_path: Path) -> None:
    ports = free_ports(2)
    start_redis("--port", str(ports[0]), "--bind", "127.0.0.1", "--requirepass", "p@ss")
    secured = ("requirepass s&s", f"sentinel auth-pass {SERVICE} p@ss")
    sentinel = Sentinel(tmp_path, ports[1], ports[0], 5.0, *secured)
    host = f"127.0.0.1:{sentinel.port}/{SERVICE}"
    try:
        await until(sentinel.listens)
        store = RedisStore(f"redis+sentinel://:p%40ss@{host}?sentinel_password=s%26s", KEYS, trip_limit=UNHURRIED)
        await until_ready(store)
        await store.close()
        for wrong in (f":p%40ss@{host}", f":s%26s@{host}?sentinel_password=s%26s"):
            store = RedisStore(f"redis+sentinel://{wrong}", KEYS, trip_limit=UNHURRIED)
            assert not await store.ready()
            await store.close()
    finally:
        sentinel.kill()
