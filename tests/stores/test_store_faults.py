"""Redis fails in every way it can; the conversation goes on, quickly, and Redis catches up when it is back."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.stores.breaker import CircuitBreaker
from bot.stores.memory_store import MemoryStore
from bot.stores.protocol import Answered, Busy, Lifetimes, New, StoreUnavailableError
from bot.stores.redis_links import POOL_SIZE
from bot.stores.redis_store import RedisStore
from bot.stores.resilient import ResilientStore
from tests.proxy import Mode
from tests.redis_faults import Act
from tests.stores.bench import (
    KEYS,
    RECOVERY_SECONDS,
    UNHURRIED,
    Bench,
    new,
    numbers,
    say,
    until_another_worker_knows,
    until_ready,
    until_redis_holds,
)

LONGEST_SECONDS = 3.0
"""An idle machine takes 0.16 s; the rest is for a loaded one."""


async def test_conversation_goes_on_through_the_fault_and_after_it(bench: Bench, fault: tuple[Act, Act]) -> None:
    breaks, mends = fault
    slowest = 0.0
    await say(bench.store, "u", 1)
    await breaks(bench)
    for number in range(2, 8):
        session, seconds = await say(bench.store, "u", number)
        assert session == numbers(number - 1)
        slowest = max(slowest, seconds)
        assert await bench.store.begin("u", f"d{number}") == Answered(f"reply {number}")
    assert await bench.store.begin("u", "d1") == Answered("reply 1"), "answered before the fault, delivered again in it"
    assert not await bench.store.ready()
    await mends(bench)
    recovery = await until_ready(bench.store)
    print(f"slowest message {slowest * 1000:.0f} ms, recovery {recovery * 1000:.0f} ms")
    await until_redis_holds(bench, "u", numbers(7))
    for number in range(2, 8):
        await until_another_worker_knows(bench, f"d{number}", f"reply {number}")
    assert (await say(bench.store, "u", 8))[0] == numbers(7)
    assert slowest < LONGEST_SECONDS


async def test_fault_between_begin_and_finish_loses_nothing(bench: Bench, fault: tuple[Act, Act]) -> None:
    breaks, mends = fault
    begun = new(await bench.store.begin("u", "d1"))
    await breaks(bench)
    started = time.perf_counter()
    await bench.store.finish(begun, "1 ", "reply 1")
    assert time.perf_counter() - started < LONGEST_SECONDS
    assert await bench.store.begin("u", "d1") == Answered("reply 1")
    assert (await say(bench.store, "u", 2))[0] == "1 "
    await mends(bench)
    await until_ready(bench.store)
    await until_redis_holds(bench, "u", numbers(2))


async def test_messages_alone_notice_recovery(bench: Bench, fault: tuple[Act, Act]) -> None:
    breaks, mends = fault
    await breaks(bench)
    await say(bench.store, "u", 1)
    await mends(bench)
    number = 1
    async with asyncio.timeout(RECOVERY_SECONDS):
        begun = new(await bench.direct.begin("u", None))
        while begun.session is None:
            await bench.direct.abandon(begun)
            number += 1
            await say(bench.store, "u", number)
            await asyncio.sleep(0.01)
            begun = new(await bench.direct.begin("u", None))
    await bench.direct.abandon(begun)
    assert begun.session.startswith(numbers(number - 1))


async def test_crowd_notices_nothing_of_a_fault(bench: Bench, fault: tuple[Act, Act]) -> None:
    breaks, mends = fault
    slowest = 0.0

    async def converse(user: str) -> None:
        nonlocal slowest
        for number in range(1, 21):
            session, seconds = await say(bench.store, user, number)
            assert (session or "") == numbers(number - 1)
            slowest = max(slowest, seconds)
            if user == "u0" and number == 5:
                await breaks(bench)
            if user == "u0" and number == 15:
                await mends(bench)

    await asyncio.gather(*(converse(f"u{number}") for number in range(20)))
    assert slowest < LONGEST_SECONDS


async def test_without_any_redis_from_the_start_everything_works(bench: Bench) -> None:
    bench.server.kill()
    assert (await say(bench.store, "u", 1))[0] is None
    assert (await say(bench.store, "u", 2))[0] == "1 "
    assert await bench.store.begin("u", "d1") == Answered("reply 1")
    assert not await bench.store.ready()


async def test_outage_costs_one_message_in_half_a_second_its_budget(bench: Bench) -> None:
    await say(bench.store, "u", 1)
    bench.server.stop()
    started = time.perf_counter()
    await asyncio.gather(*(say(bench.store, "u", number) for number in range(2, 502)))
    assert time.perf_counter() - started < 10 * LONGEST_SECONDS
    assert new(await bench.store.begin("u", None)).session == numbers(501)


async def test_session_another_worker_saved_later_wins(bench: Bench) -> None:
    await say(bench.store, "u", 1)
    begun = new(await bench.direct.begin("u", None))
    await asyncio.sleep(0.002)
    await bench.direct.finish(begun, "newer ", None)
    assert (await say(bench.store, "u", 2))[0] == "newer "


async def test_abandoned_turn_in_an_outage_is_given_back(bench: Bench) -> None:
    begun = new(await bench.store.begin("u", "d"))
    bench.server.kill()
    await bench.store.abandon(begun)
    again = new(await bench.store.begin("u", "d"))
    assert again.session is None


async def test_turn_begun_before_an_outage_and_finished_in_it_does_not_block_the_user(bench: Bench) -> None:
    begun = new(await bench.store.begin("u", "d1"))
    bench.server.kill()
    await say(bench.store, "v", 1)
    await bench.store.finish(begun, "1 ", "reply 1")
    bench.server.start()
    await until_ready(bench.store)
    async with asyncio.timeout(RECOVERY_SECONDS):
        assert (await say(bench.store, "u", 2))[0] == "1 "
    await until_redis_holds(bench, "u", numbers(2))


async def test_crowd_that_waits_for_connections_fails_together(bench: Bench) -> None:
    redis = RedisStore(bench.proxy.url, KEYS)
    bench.proxy.switch(Mode.HOLE)
    started = time.perf_counter()
    outcomes = await asyncio.gather(*(redis.begin(f"u{n}", None) for n in range(500)), return_exceptions=True)
    assert time.perf_counter() - started < LONGEST_SECONDS
    assert {type(outcome) for outcome in outcomes} == {StoreUnavailableError}
    await redis.close()


async def test_waiting_in_both_stores_is_bounded_as_one(bench: Bench) -> None:
    other = RedisStore(bench.server.url, KEYS, lifetimes=Lifetimes(lock=60), trip_limit=UNHURRIED)
    redis = RedisStore(bench.server.url, KEYS, lifetimes=Lifetimes(lock=60), trip_limit=UNHURRIED)
    store = ResilientStore(redis, MemoryStore())
    new(await other.begin("u", None))
    first = asyncio.create_task(store.begin("u", "d1", 2.0))
    await asyncio.sleep(1.0)
    started = time.perf_counter()
    assert await store.begin("u", "d2", 2.0) == Busy(), "a second in memory behind the first, then a second for Redis"
    assert time.perf_counter() - started < 3.5
    assert await first == Busy()
    await store.close()
    await other.close()


class TestCircuitBreaker:
    def test_opens_at_the_first_failure_and_lets_one_probe_through_per_period(self) -> None:
        now = [0.0]
        breaker = CircuitBreaker(0.5, clock=lambda: now[0])
        assert breaker.allows()
        assert breaker.fail()
        assert not breaker.fail()
        assert not breaker.closed
        now[0] = 0.49
        assert not breaker.allows()
        now[0] = 0.5
        assert [breaker.allows() for _ in range(3)] == [True, False, False]
        now[0] = 1.0
        assert breaker.allows()

    def test_closes_at_the_first_success(self) -> None:
        breaker = CircuitBreaker(clock=lambda: 0.0)
        breaker.fail()
        assert breaker.succeed()
        assert breaker.closed
        assert breaker.allows()
        assert not breaker.succeed()


async def test_store_that_closes_waits_for_what_is_under_way_and_opens_no_connection_any_more(bench: Bench) -> None:
    store = RedisStore(bench.proxy.url, KEYS, trip_limit=UNHURRIED)
    before = len(await bench.admin.client_list())
    bench.proxy.switch(Mode.SLOW)
    under_way = [asyncio.create_task(store.begin(f"user {number}", None)) for number in range(2 * POOL_SIZE)]
    await asyncio.sleep(0)
    await store.close()
    bench.proxy.switch(Mode.OPEN)
    outcomes = await asyncio.gather(*under_way, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [New] * POOL_SIZE + [StoreUnavailableError] * POOL_SIZE
    async with asyncio.timeout(RECOVERY_SECONDS):
        while len(await bench.admin.client_list()) > before:  # noqa: ASYNC110 - another process decides it
            await asyncio.sleep(0.01)
    with pytest.raises(StoreUnavailableError):
        await store.begin("u", None)
