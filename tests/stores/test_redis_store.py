"""What the Redis store leaves in Redis, what it makes of strange things found there, and what it costs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.stores.keys import pseudonym
from bot.stores.protocol import Answered, Lifetimes, StoreUnavailableError
from bot.stores.redis_scripts import BEGIN
from bot.stores.redis_store import RedisStore
from tests.conftest import RedisServer, StartRedis
from tests.stores.bench import KEYS, UNHURRIED, answer, new

LOCK, SESSION, NOTEBOOK, DELIVERY = KEYS.conversation("u", "d")


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


async def test_every_key_expires(store: RedisStore, raw: Redis) -> None:
    await answer(store, "u", "d0", "s", "r")
    begun = new(await store.begin("u", "d"))
    assert await store.ready()
    left = {str(key): await raw.pttl(key) for key in await raw.keys("*")}
    recorded = KEYS.conversation("u", "d0")[3]
    assert set(left) == {LOCK, SESSION, DELIVERY, recorded, KEYS.readiness()}
    assert 0 < left[LOCK] <= 3_000
    assert 0 < left[DELIVERY] <= 3_000
    assert 590_000 < left[recorded] <= 600_000
    assert 7_190_000 < left[SESSION] <= 7_200_000
    await store.finish(begun, "s", "r")
    assert await raw.exists(LOCK) == 0
    assert await raw.pttl(DELIVERY) > 590_000


async def test_no_id_is_readable_in_redis_and_one_users_keys_share_a_slot(store: RedisStore, raw: Redis) -> None:
    await answer(store, "ZhangSanCanary", "msg-canary-7712", "s", "r")
    names = [str(key) for key in await raw.keys("*")]
    dump = "".join(names) + str([await raw.get(name) for name in names])
    assert "canary" not in dump.lower()
    assert len({re.findall(r"\{(.+?)\}", name)[0] for name in names}) == 1
    assert pseudonym(b"one salt", "ZhangSan") != pseudonym(b"another", "ZhangSan")


async def test_message_costs_two_round_trips(store: RedisStore, raw: Redis) -> None:
    await answer(store, "u", "d0", "s", "r")
    await raw.config_resetstat()
    for number in range(1, 11):
        await answer(store, "u", f"d{number}", "s", "r")
    stats = await raw.info("commandstats")
    sent = {name: entry["calls"] for name, entry in stats.items() if name != "cmdstat_config|resetstat"}
    inside_scripts = {"cmdstat_get", "cmdstat_set", "cmdstat_del", "cmdstat_pttl", "cmdstat_pexpire"}
    assert sum(calls for name, calls in sent.items() if name not in inside_scripts | {"cmdstat_info"}) == 20
    assert sent["cmdstat_evalsha"] == 20


async def test_redis_that_forgot_the_scripts_is_taught_again(store: RedisStore, raw: Redis) -> None:
    await answer(store, "u", "d1", "s1", "r1")
    await raw.script_flush()
    begun = new(await store.begin("u", "d2"))
    assert begun.session == "s1"
    await raw.script_flush()
    await store.finish(begun, "s2", "r2")
    assert await store.begin("u", "d2") == Answered("r2")


POISON = {
    "bytes": b"\xff\xfe\x00 not utf-8",
    "text": "hello",
    "stamp that is no number": "soon {}",
    "huge stamp": "9" * 400 + " {}",
    "stamp of the far future": "99999999999999 {}",
    "empty": "",
}


@pytest.mark.parametrize("value", POISON.values(), ids=POISON.keys())
@pytest.mark.parametrize("lifetime", [None, 60_000, 10**12])
async def test_poisoned_values_are_no_session_no_lock_and_no_reply(
    store: RedisStore, raw: Redis, value: str | bytes, lifetime: int | None
) -> None:
    for key in (LOCK, SESSION, DELIVERY):
        await raw.set(key, value, px=lifetime)
    begun = new(await store.begin("u", "d"))
    assert begun.session is None
    await store.finish(begun, "s", "r")
    assert await store.begin("u", "d") == Answered("r")


async def test_values_of_another_type_are_replaced(store: RedisStore, raw: Redis) -> None:
    for key in (LOCK, SESSION, DELIVERY):
        await raw.rpush(key, "x")
    begun = new(await store.begin("u", "d"))
    assert begun.session is None
    await store.finish(begun, "s", "r")
    assert new(await store.begin("u", "d2")).session == "s"


async def test_claim_that_never_expires_is_not_believed(store: RedisStore, raw: Redis) -> None:
    await raw.set(DELIVERY, "R" + "0" * 48)
    await store.abandon(new(await store.begin("u", "d")))


async def test_dead_workers_delivery_and_lock_are_taken_over_within_patience(redis_server: RedisServer) -> None:
    lifetimes = Lifetimes(lock=0.2)
    dead = RedisStore(redis_server.url, KEYS, lifetimes=lifetimes, trip_limit=UNHURRIED)
    alive = RedisStore(redis_server.url, KEYS, lifetimes=lifetimes, trip_limit=UNHURRIED)
    await answer(dead, "u", "d0", "s0", "r0")
    new(await dead.begin("u", "d"))
    await dead.close()
    begun = new(await alive.begin("u", "d"))
    assert begun.session == "s0"
    await alive.finish(begun, "s", "r")
    assert await alive.begin("u", "d") == Answered("r")
    await alive.close()


@pytest.mark.parametrize("ends", ["finish", "abandon"])
async def test_call_given_up_that_arrives_late_does_not_take_the_turn_from_the_next_message(
    store: RedisStore, raw: Redis, ends: str
) -> None:
    begun = new(await store.begin("u", "d"))
    owner = str(await raw.get(LOCK))
    late = f"{owner[:24]}{int(owner[24:], 16) - 1:016x}"
    await raw.eval(BEGIN.text, 3, LOCK, SESSION, NOTEBOOK, owner[:24], late, 3000)
    assert await raw.get(LOCK) == late
    if ends == "finish":
        assert await store.finish(begun, "s", "r")
        assert new(await store.begin("u", None)).session == "s"
    else:
        await store.abandon(begun)
        assert await raw.exists(LOCK) == 0


@pytest.mark.parametrize("spoil", ["string", "list"])
async def test_lock_that_is_none_of_ours_takes_no_turn_away(store: RedisStore, raw: Redis, spoil: str) -> None:
    begun = new(await store.begin("u", "d"))
    await raw.delete(LOCK)
    await (raw.set(LOCK, "something") if spoil == "string" else raw.rpush(LOCK, "something"))
    assert await store.finish(begun, "s", "r")
    assert new(await store.begin("u", None)).session == "s"


@pytest.mark.parametrize("value", POISON.values(), ids=POISON.keys())
async def test_what_is_spoilt_during_a_turn_takes_nothing_away(
    store: RedisStore, raw: Redis, value: str | bytes
) -> None:
    begun = new(await store.begin("u", "d"))
    for key in (LOCK, SESSION, NOTEBOOK, DELIVERY):
        await raw.set(key, value)
    assert await store.finish(begun, "s", "r", "kept")
    begun = new(await store.begin("u", None))
    assert (begun.session, begun.notebook) == ("s", "kept")


async def test_worker_that_lost_its_lock_does_not_overwrite_what_came_after(redis_server: RedisServer) -> None:
    lifetimes = Lifetimes(lock=0.1)
    stalled = RedisStore(redis_server.url, KEYS, lifetimes=lifetimes, trip_limit=UNHURRIED)
    brisk = RedisStore(redis_server.url, KEYS, lifetimes=lifetimes, trip_limit=UNHURRIED)
    late = new(await stalled.begin("u", "d1"))
    await answer(brisk, "u", "d2", "newer", "r2")
    await answer(brisk, "u", "d1", "newest", "r1 of the brisk one")
    await stalled.finish(late, "older", "r1 of the late one")
    assert await stalled.begin("u", "d1") == Answered("r1 of the brisk one")
    assert new(await stalled.begin("u", "d3")).session == "newest"
    await stalled.close()
    await brisk.close()


async def test_leftover_of_a_call_without_an_answer_is_taken_over_at_once(
    redis_server: RedisServer, raw: Redis
) -> None:
    lifetimes = Lifetimes(lock=60)
    store = RedisStore(redis_server.url, KEYS, lifetimes=lifetimes, trip_limit=0.5)
    warm = new(await store.begin("v", None))
    await store.finish(warm, "s", None)
    redis_server.stop()
    with pytest.raises(StoreUnavailableError):
        await store.begin("u", "d")
    redis_server.resume()
    # The server now runs the call that was given up: the user is locked for a minute, by a turn nobody takes.
    async with asyncio.timeout(UNHURRIED):
        while await raw.exists(LOCK) == 0:  # noqa: ASYNC110 - another process sets it
            await asyncio.sleep(0.01)
    await store.finish(new(await store.begin("u", "d")), "s", "r")
    assert await store.begin("u", "d") == Answered("r")
    await store.close()


async def test_faults_are_one_exception_that_names_no_value(start_redis: StartRedis) -> None:
    server = start_redis("--requirepass", "right-password-canary")
    store = RedisStore(server.url.replace("unix://", "unix://:wrong-password-canary@"), KEYS)
    with pytest.raises(StoreUnavailableError) as caught:
        await store.begin("u", "d")
    assert "canary" not in repr(caught.value) + repr(caught.value.__cause__)
    assert not await store.ready()
    await store.close()


async def test_right_password_in_the_address_is_used(start_redis: StartRedis) -> None:
    server = start_redis("--requirepass", "p@ss word/秘")
    url = server.url.replace("unix://", "unix://:p%40ss%20word%2F%E7%A7%98@")
    store = RedisStore(url, KEYS, trip_limit=UNHURRIED)
    await answer(store, "u", "d", "s", "r")
    assert await store.ready()
    await store.close()


async def test_failed_finish_ends_the_turn(redis_server: RedisServer) -> None:
    store = RedisStore(redis_server.url, KEYS, trip_limit=UNHURRIED)
    begun = new(await store.begin("u", "d"))
    redis_server.kill()
    with pytest.raises(StoreUnavailableError):
        await store.finish(begun, "s", "r")
    redis_server.start()
    await store.abandon(new(await store.begin("u", "d")))
    await store.close()


async def test_five_hundred_users_at_once_share_the_pool(store: RedisStore) -> None:
    await asyncio.gather(*(answer(store, f"u{number}", "d", f"s{number}", "r") for number in range(500)))
    assert new(await store.begin("u499", None)).session == "s499"


def test_missing_server_is_named_with_the_way_to_get_it(
    start_redis: StartRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.fail.Exception, match="apt-get install redis-server"):
        start_redis()
