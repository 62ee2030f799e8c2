"""Notebooks in every store: kept for half a year under the user's lock, deleted when asked, within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.stores.memory_store import ExpiringMap, MemoryStore
from bot.stores.protocol import Answered, ConversationStore, Lifetimes, StoreUnavailableError
from bot.stores.redis_store import RedisStore
from bot.stores.resilient import ResilientStore
from tests.conftest import RedisServer
from tests.stores.bench import KEYS, UNHURRIED, MakeStore, answer, keep, kept, new

DAY_MS = 86_400_000
LOCK, SESSION, NOTEBOOK, DELIVERY = KEYS.conversation("u", "d")
FULL = "一二三四五六七八九十" * 13_000


@pytest.fixture
async def raw(redis_server: RedisServer) -> AsyncIterator[Redis]:
    """A plain connection, to look and to spoil."""
    client: Redis = Redis.from_url(redis_server.url, decode_responses=True)
    yield client
    await client.aclose()


@pytest.fixture
async def store(redis_server: RedisServer) -> AsyncIterator[RedisStore]:
    made = RedisStore(redis_server.url, KEYS, trip_limit=UNHURRIED)
    yield made
    await made.close()


class TestContract:
    async def test_new_user_has_no_notebook(self, make_store: MakeStore) -> None:
        begun = new(await make_store().begin("u", "d"))
        assert (begun.notebook, begun.notebook_saved_at) == (None, 0.0)

    @pytest.mark.parametrize("notebook", ['{"draft":"草稿 “一”\\n"}', FULL], ids=["small", "full"])
    async def test_next_message_finds_what_was_kept(self, make_store: MakeStore, notebook: str) -> None:
        store = make_store()
        begun = new(await store.begin("u", "d1"))
        assert await store.finish(begun, "s", "r", notebook)
        begun = new(await store.begin("u", "d2"))
        assert (begun.session, begun.notebook) == ("s", notebook)
        assert begun.notebook_saved_at > 0
        assert await kept(make_store(), "v") is None

    async def test_message_that_keeps_nothing_new_leaves_it_as_it_was(self, make_store: MakeStore) -> None:
        store = make_store()
        await keep(store, "u", "n1")
        first = new(await store.begin("u", None))
        await store.abandon(first)
        for number in range(3):
            await answer(store, "u", f"d{number}", f"s{number}", "r")
        begun = new(await store.begin("u", None))
        assert (begun.session, begun.notebook) == ("s2", "n1")
        assert begun.notebook_saved_at == first.notebook_saved_at

    async def test_abandoned_message_leaves_it_as_it_was(self, make_store: MakeStore) -> None:
        store = make_store()
        await keep(store, "u", "n1")
        await store.abandon(new(await store.begin("u", "d")))
        assert await kept(store, "u") == "n1"

    async def test_empty_values_delete_and_the_recorded_reply_stays(self, make_store: MakeStore) -> None:
        store = make_store()
        await keep(store, "u", "n1")
        await answer(store, "u", "d1", "s1", "r1")
        await store.finish(new(await store.begin("u", "d2")), "", "已清除", "")
        begun = new(await store.begin("u", None))
        assert (begun.session, begun.notebook) == (None, None)
        await store.abandon(begun)
        assert await store.begin("u", "d2") == Answered("已清除")
        await keep(store, "u", "n2")
        assert await kept(store, "u") == "n2"

    async def test_session_can_be_deleted_alone(self, make_store: MakeStore) -> None:
        store = make_store()
        await store.finish(new(await store.begin("u", None)), "s", None, "n")
        await answer(store, "u", None, "", None)
        begun = new(await store.begin("u", None))
        assert (begun.session, begun.notebook) == (None, "n")

    async def test_fifty_additions_at_once_are_all_kept(self, make_store: MakeStore) -> None:
        store = make_store()

        async def add(number: int) -> None:
            begun = new(await store.begin("u", f"d{number}"))
            await asyncio.sleep(0)
            await store.finish(begun, "s", "r", f"{begun.notebook or ''}{number} ")

        await asyncio.gather(*(add(number) for number in range(50)))
        assert await kept(store, "u") == "".join(f"{number} " for number in range(50))

    async def test_finish_tells_whether_it_saved(self, make_store: MakeStore) -> None:
        store = make_store()
        begun = new(await store.begin("u", "d"))
        assert await store.finish(begun, "s", "r", "n")
        assert not await store.finish(begun, "another", "r", "another")
        assert await kept(store, "u") == "n"


@pytest.mark.parametrize("make_store", ["redis", "resilient"], indirect=True)
class TestTwoWorkers:
    async def test_write_into_one_notebook_in_turn(self, make_store: MakeStore) -> None:
        workers = [make_store(), make_store()]
        for number in range(6):
            await keep(workers[number % 2], "u", f"{await kept(workers[number % 2], 'u') or ''}{number} ")
        assert [await kept(worker, "u") for worker in workers] == ["0 1 2 3 4 5 "] * 2

    async def test_what_one_deleted_does_not_come_back_from_the_memory_of_the_other(
        self, make_store: MakeStore
    ) -> None:
        one, two = make_store(), make_store()
        await answer(one, "u", None, "private session", None)
        await keep(one, "u", "private")
        await two.finish(new(await two.begin("u", None)), "", "r", "")
        begun = new(await one.begin("u", None))
        assert (begun.session, begun.notebook) == (None, None)
        await one.finish(begun, "", "r")
        assert await kept(two, "u") is None


class TestRedis:
    async def test_notebook_lives_half_a_year_from_the_last_message(self, store: RedisStore, raw: Redis) -> None:
        await keep(store, "u", "n")
        assert 179.9 * DAY_MS < await raw.pttl(NOTEBOOK) <= 180 * DAY_MS
        await raw.pexpire(NOTEBOOK, 20 * DAY_MS)
        await answer(store, "u", "d", "s", "r")
        assert 179.9 * DAY_MS < await raw.pttl(NOTEBOOK) <= 180 * DAY_MS
        assert await raw.pttl(SESSION) <= 7_200_000

    async def test_what_is_left_of_a_deletion_is_its_time_for_two_hours(self, store: RedisStore, raw: Redis) -> None:
        await keep(store, "u", "canary")
        await store.finish(new(await store.begin("u", None)), "", None, "")
        for key in (SESSION, NOTEBOOK):
            assert str(await raw.get(key)).strip().isdigit()
            assert 7_190_000 < await raw.pttl(key) <= 7_200_000
        await raw.pexpire(NOTEBOOK, 1_000_000)
        await answer(store, "u", "d", "s", "r")
        assert await raw.pttl(NOTEBOOK) <= 1_000_000, "a mark is not renewed"

    async def test_message_of_a_user_without_notebook_makes_none(self, store: RedisStore, raw: Redis) -> None:
        await answer(store, "u", "d", "s", "r")
        assert await raw.exists(NOTEBOOK) == 0

    @pytest.mark.parametrize("value", [b"\xff\xfe", "hello", "soon {}", "9" * 400 + " {}", ""])
    async def test_poisoned_value_is_no_notebook(self, store: RedisStore, raw: Redis, value: str | bytes) -> None:
        await raw.set(NOTEBOOK, value)
        assert await kept(store, "u") is None
        await answer(store, "u", "d", "s", "r")
        await keep(store, "u", "n")
        assert await kept(store, "u") == "n"

    async def test_value_of_another_type_is_no_notebook_and_is_replaced(self, store: RedisStore, raw: Redis) -> None:
        await raw.rpush(NOTEBOOK, "x")
        assert await kept(store, "u") is None
        await answer(store, "u", "d", "s", "r")
        await keep(store, "u", "n")
        assert await kept(store, "u") == "n"

    async def test_keeping_costs_no_further_round_trip(self, store: RedisStore, raw: Redis) -> None:
        await keep(store, "u", "n")
        await raw.config_resetstat()
        await keep(store, "u", "n2")
        stats = await raw.info("commandstats")
        assert stats["cmdstat_evalsha"]["calls"] == 2

    async def test_no_room_is_a_failure_that_saves_neither(self, store: RedisStore, raw: Redis) -> None:
        await store.finish(new(await store.begin("u", None)), "s1", None, "n1")
        begun = new(await store.begin("u", None))
        await raw.config_set("maxmemory", "1")
        with pytest.raises(StoreUnavailableError, match="OutOfMemoryError"):
            await store.finish(begun, "s2", None, "n2")
        await raw.config_set("maxmemory", "0")
        begun = new(await store.begin("u", None))
        assert (begun.session, begun.notebook) == ("s1", "n1")


@pytest.mark.parametrize("resilient", [False, True], ids=["redis", "resilient"])
async def test_worker_that_lost_its_lock_saves_neither_session_nor_notebook(
    redis_server: RedisServer, raw: Redis, resilient: bool
) -> None:
    def make() -> ConversationStore:
        redis = RedisStore(redis_server.url, KEYS, trip_limit=UNHURRIED)
        return ResilientStore(redis, MemoryStore()) if resilient else redis

    stalled, brisk = make(), make()
    late = new(await stalled.begin("u", "d1"))
    # What the end of the lock's lifetime does.
    await raw.delete(LOCK)
    await brisk.finish(new(await brisk.begin("u", "d2")), "newer", "r2", "newer notes")
    assert not await stalled.finish(late, "older", "r1", "older notes")
    begun = new(await stalled.begin("u", "d3"))
    assert (begun.session, begun.notebook) == ("newer", "newer notes")
    await stalled.close()
    await brisk.close()


class TestMemory:
    async def test_notebook_outlives_the_session_and_is_renewed_by_every_message(self) -> None:
        now = [0.0]
        store = MemoryStore(lifetimes=Lifetimes(session=10, notebook=1000), clock=lambda: now[0])
        await store.finish(new(await store.begin("u", None)), "s", None, "n")
        now[0] = 900.0
        begun = new(await store.begin("u", None))
        assert (begun.session, begun.notebook) == (None, "n")
        await store.finish(begun, "s", None)
        now[0] = 1899.0
        assert await kept(store, "u") == "n"
        now[0] = 1900.0
        assert await kept(store, "u") is None

    async def test_characters_of_all_notebooks_are_bounded_and_the_least_recently_used_goes(self) -> None:
        store = MemoryStore(notebook_characters=100)
        await keep(store, "a", "a" * 40)
        await keep(store, "b", "b" * 40)
        await keep(store, "a", "a" * 50)
        await keep(store, "c", "c" * 40)
        assert [len(await kept(store, user) or "") for user in "abc"] == [50, 0, 40]
        await keep(store, "d", "d" * 101)
        assert [len(await kept(store, user) or "") for user in "abcd"] == [50, 0, 40, 0], "too heavy by itself"

    def test_weights_are_given_back_in_every_way_an_entry_can_go(self) -> None:
        now = [0.0]
        entries: ExpiringMap[str, str] = ExpiringMap(3, 10, lambda: now[0], len, 30)
        for key in "abcd":
            entries.put(key, "x" * 10)
        entries.drop("b")
        now[0] = 10.0
        assert [entries.get(key) for key in "abcd"] == [None] * 4
        for key in "efg":
            entries.put(key, "y" * 10)
        assert [entries.get(key) for key in "efg"] == ["y" * 10] * 3
