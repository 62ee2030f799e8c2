"""Accepted is delivered, once and in order, through kill -9 of workers and of Redis, and through every fault of Redis."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bot.outbox.protocol import OutboxUnavailableError, Ticket
from bot.outbox.redis_store import RedisOutbox
from bot.outbox.redis_trips import RedisTrips
from bot.simulator.api_faults import Cut, Hang, Slow
from bot.wecom.client import ApiClient
from tests.conftest import RedisServer, StartRedis
from tests.outbox.bench import (
    APP,
    SALT,
    WATCHFUL,
    delivering,
    file,
    open_redis_store,
    text,
)
from tests.proxy import Mode, Proxy
from tests.wecom.api_client import Site

ROOT = Path(__file__).parent.parent.parent
USERS = tuple(f"user{number}" for number in range(8))
EACH = 12


@pytest.fixture
def durable(start_redis: StartRedis) -> RedisServer:
    """A Redis that keeps an append-only file, as the compose file has it."""
    return start_redis("--appendonly", "yes", "--appendfsync", "everysec")


class Stores:
    """Opens stores that are closed with the test."""

    def __init__(self) -> None:
        self._open: list[RedisOutbox] = []

    def direct(self, redis: RedisServer) -> RedisOutbox:
        """Open one whose round trips may take long."""
        return self._keep(open_redis_store(redis))

    def hasty(self, url: str) -> RedisOutbox:
        """Open one with the limits of the product."""
        return self._keep(RedisOutbox(RedisTrips(url, limit=0.3), APP, SALT, vigil=WATCHFUL))

    async def close(self) -> None:
        for store in self._open:
            await store.close()

    def _keep(self, store: RedisOutbox) -> RedisOutbox:
        self._open.append(store)
        return store


@pytest.fixture
async def stores() -> AsyncIterator[Stores]:
    stores = Stores()
    yield stores
    await stores.close()


@pytest.fixture
async def proxy(redis_server: RedisServer) -> AsyncIterator[Proxy]:
    async with Proxy(redis_server.socket, delay=0.4) as proxy:
        yield proxy


class Crew:
    """Worker processes over one Redis and one API."""

    def __init__(self, redis: RedisServer, base: str) -> None:
        self._arguments = ("-m", "tests.outbox.worker", redis.url, base)
        self.workers: list[Process] = []

    async def add(self) -> Process:
        """Start a worker and wait until it works."""
        worker = await create_subprocess_exec(sys.executable, *self._arguments, cwd=ROOT, stdout=PIPE)
        self.workers.append(worker)
        assert worker.stdout is not None
        assert await worker.stdout.readline() == b"ready\n"
        return worker

    async def end(self) -> None:
        for worker in self.workers:
            with suppress(ProcessLookupError):
                worker.kill()
            await worker.wait()


@pytest.fixture
async def crew(durable: RedisServer, site: Site) -> AsyncIterator[Crew]:
    crew = Crew(durable, site.base)
    yield crew
    await crew.end()


async def fill(store: RedisOutbox) -> None:
    for number in range(EACH):
        for user in USERS:
            assert await store.accept(file(number, user) if number % 3 == 0 else text(number, user))


async def until_waiting(store: RedisOutbox, count: int) -> None:
    async with asyncio.timeout(10):
        while True:
            if (await store.waiting()).parcels == count:
                return
            await asyncio.sleep(0.01)


def arrived(site: Site, user: str) -> list[str]:
    return [shown.file.name if shown.file else shown.text for shown in site.api.shown if shown.user == user]


def arrived_at_least(site: Site, count: int) -> bool:
    return len(site.api.shown) >= count


def assert_all_in_order_and_once(site: Site) -> None:
    expected = [f"总结{n}.docx" if n % 3 == 0 else f"第{n}条" for n in range(EACH)]
    assert {user: arrived(site, user) for user in USERS} == dict.fromkeys(USERS, expected)
    assert {dropped.why for dropped in site.api.dropped} <= {"duplicate"}


async def test_workers_and_redis_killed_in_the_middle_lose_nothing_and_repeat_nothing(
    durable: RedisServer, site: Site, crew: Crew, stores: Stores
) -> None:
    """Four kill -9 while 96 parcels of eight members are on their way; the lost answers too."""
    store = stores.direct(durable)
    await fill(store)
    site.api.faults.plan(Slow(0.01), "message/send", times=None)
    total = EACH * len(USERS)
    async with asyncio.timeout(90):
        first, second = await crew.add(), await crew.add()
        await site.api.until(lambda: len(site.api.shown) >= total // 6)
        first.kill()
        await site.api.until(lambda: len(site.api.shown) >= total // 3)
        durable.kill()
        await asyncio.to_thread(durable.start)
        await site.api.until(lambda: len(site.api.shown) >= total // 2)
        site.api.faults.plan(Cut(late=True), "message/send", times=3)
        second.kill()
        third = await crew.add()
        await site.api.until(lambda: len(site.api.shown) >= 2 * total // 3)
        durable.kill()
        third.kill()
        await asyncio.to_thread(durable.start)
        await crew.add()
        await site.api.until(lambda: len(site.api.shown) >= total)
        await until_waiting(store, 0)
    assert_all_in_order_and_once(site)


async def test_worker_frozen_while_it_sends_is_replaced_and_does_no_harm_when_it_wakes(
    durable: RedisServer, site: Site, crew: Crew, stores: Stores
) -> None:
    store = stores.direct(durable)
    async with asyncio.timeout(60):
        frozen = await crew.add()
        site.api.faults.plan(Hang(), "message/send")
        await fill(store)
        await site.api.until(lambda: site.api.calls["message/send"] > 0)
        frozen.send_signal(signal.SIGSTOP)
        site.api.faults.heal()
        await crew.add()
        await site.api.until(lambda: len(site.api.shown) >= EACH * len(USERS))
        frozen.send_signal(signal.SIGCONT)
        await until_waiting(store, 0)
        frozen.terminate()
        assert await frozen.wait() == 0
    assert_all_in_order_and_once(site)


async def test_worker_that_stops_by_itself_hands_over_at_once(
    durable: RedisServer, site: Site, crew: Crew, stores: Stores
) -> None:
    store = stores.direct(durable)
    async with asyncio.timeout(60):
        first = await crew.add()
        await fill(store)
        await site.api.until(lambda: len(site.api.shown) >= 10)
        first.terminate()
        assert await first.wait() == 0
        left = len(site.api.shown)
        await crew.add()
        await site.api.until(lambda: len(site.api.shown) >= EACH * len(USERS))
    assert left < EACH * len(USERS)
    assert_all_in_order_and_once(site)
    assert site.api.dropped == []


async def test_accepted_parcels_outlive_a_restart_of_everything(
    durable: RedisServer, site: Site, crew: Crew, stores: Stores
) -> None:
    store = stores.direct(durable)
    await fill(store)
    durable.kill()
    await asyncio.to_thread(durable.start)
    async with asyncio.timeout(60):
        await crew.add()
        await site.api.until(lambda: len(site.api.shown) >= EACH * len(USERS))
    assert_all_in_order_and_once(site)


async def collected(store: RedisOutbox, id_: str) -> Ticket:
    """Collect, as a worker does, until there is a ticket for a parcel."""
    async with asyncio.timeout(10):
        while True:
            for ticket in await store.collect(10):
                if ticket.id == id_:
                    return ticket
            await asyncio.sleep(0.05)


async def test_what_a_worker_that_died_had_pledged_is_sent_by_the_next(
    redis_server: RedisServer, stores: Stores
) -> None:
    dying, living = stores.hasty(redis_server.url), stores.hasty(redis_server.url)
    await dying.collect(10)
    for number in range(3):
        await dying.pledge(text(number))
    await dying.redeem(text(1).id)
    # From here on the first is not heard of any more.
    await collected(living, text(2).id)
    assert (await living.waiting()).parcels == 2
    assert b"pledges" not in redis_server.command("KEYS", "*")


async def test_pledge_that_cannot_be_read_keeps_no_other_back(redis_server: RedisServer, stores: Stores) -> None:
    dying, living = stores.hasty(redis_server.url), stores.hasty(redis_server.url)
    await dying.collect(10)
    await dying.pledge(text(1))
    key = next(key for key in redis_server.command("KEYS", "*").split(b"\r\n") if b":pledges:" in key)
    redis_server.command("HSET", key, "a", b"\xff", "b", b"[]", "c", b'{"user": 1, "text": ""}')
    await collected(living, text(1).id)
    assert (await living.waiting()).parcels == 1


async def test_worker_that_stops_by_itself_owes_nothing(redis_server: RedisServer, stores: Stores) -> None:
    leaving, staying = stores.hasty(redis_server.url), stores.hasty(redis_server.url)
    await leaving.collect(10)
    await leaving.pledge(text(1))
    await leaving.accept(text(2))
    await leaving.collect(10)
    await leaving.release()
    await collected(staying, text(2).id)
    assert (await staying.waiting()).parcels == 1


@pytest.mark.parametrize("mode", [Mode.HOLE, Mode.RESET, Mode.SLOW], ids=lambda mode: mode.name)
async def test_redis_that_comes_and_goes_costs_no_parcel(
    redis_server: RedisServer, proxy: Proxy, stores: Stores, site: Site, client: ApiClient, mode: Mode
) -> None:
    """The way to Redis fails again and again, replies that were on their way included."""
    store = stores.hasty(proxy.url)
    direct = stores.direct(redis_server)
    await fill(direct)
    total = EACH * len(USERS)
    async with delivering(store, client) as results:
        for share in range(1, 6):
            await site.api.until(partial(arrived_at_least, site, share * total // 6))
            proxy.switch(mode)
            with pytest.raises(OutboxUnavailableError):
                await store.waiting()
            proxy.switch(Mode.OPEN)
        await results.until(total)
    assert_all_in_order_and_once(site)
    assert (await direct.waiting()).parcels == 0


@pytest.mark.parametrize("fault", ["killed", "stopped", "full", "read-only"])
async def test_parcel_is_refused_in_time_while_redis_is_away(
    redis_server: RedisServer, stores: Stores, fault: str
) -> None:
    store = stores.hasty(redis_server.url)
    assert await store.accept(text(1))
    match fault:
        case "killed":
            redis_server.kill()
        case "stopped":
            redis_server.stop()
        case "full":
            redis_server.command("CONFIG", "SET", "maxmemory", "1")
        case _:
            redis_server.command("REPLICAOF", "127.0.0.1", "1")
    started = asyncio.get_running_loop().time()
    with pytest.raises(OutboxUnavailableError) as caught:
        await store.accept(text(2))
    assert asyncio.get_running_loop().time() - started < 3
    assert "第2条" not in str(caught.value)
    if fault == "stopped":
        redis_server.resume()


async def test_parcel_offered_again_after_a_lost_reply_is_there_once(
    redis_server: RedisServer, proxy: Proxy, stores: Stores
) -> None:
    store = stores.hasty(proxy.url)
    await store.waiting()
    proxy.switch(Mode.SLOW)
    with pytest.raises(OutboxUnavailableError):
        await store.accept(text(1))
    proxy.switch(Mode.OPEN)
    direct = stores.direct(redis_server)
    await until_waiting(direct, 1)
    assert not await store.accept(text(1))
    assert len(await store.collect(10)) == 1


async def test_tickets_whose_reply_was_lost_are_handed_out_again(proxy: Proxy, stores: Stores) -> None:
    store = stores.hasty(proxy.url)
    await store.collect(10)
    for number in range(3):
        await store.accept(text(number))
    proxy.switch(Mode.SLOW)
    with pytest.raises(OutboxUnavailableError):
        await store.collect(10)
    proxy.switch(Mode.OPEN)
    async with asyncio.timeout(10):
        tickets = await store.collect(10)
    assert [ticket.id for ticket in tickets] == ["zhang-0000", "zhang-0001", "zhang-0002"]
    assert await store.collect(10) == ()


@pytest.mark.parametrize("damage", ["FLUSHALL", "DEL stream", "DEL lane", "DEL item", "foreign entry", "poisoned item"])
async def test_damaged_keys_stop_nothing_that_comes_later(
    redis_server: RedisServer, stores: Stores, site: Site, client: ApiClient, damage: str
) -> None:
    store = stores.direct(redis_server)
    async with delivering(store, client) as results:
        await store.accept(text(1))
        await results.until(1)
        site.api.faults.plan(Hang(), "message/send")
        await store.accept(text(2))
        await store.accept(text(3))
        await site.api.until(lambda: site.api.calls["message/send"] == 2)
        keys = redis_server.command("KEYS", "*").split(b"\r\n")[2::2]
        found = {kind: [key for key in keys if f":{kind}".encode() in key] for kind in ("stream", "lane", "item")}
        match damage.split():
            case ["FLUSHALL"]:
                redis_server.command("FLUSHALL")
            case ["DEL", kind]:
                redis_server.command("DEL", *found[kind])
            case ["foreign", _]:
                redis_server.command("XADD", found["stream"][0], "*", "who", "knows")
            case _:
                for key in found["item"]:
                    redis_server.command("HSET", key, "text", b"\xff\xfe", "accepted", "never")
        site.api.faults.heal()
        await store.accept(text(4))
        await site.api.until(lambda: "第4条" in site.api.texts("zhang"))
    assert site.api.texts("zhang")[0] == "第1条"


async def test_nothing_of_a_delivered_parcel_stays_behind(
    redis_server: RedisServer, stores: Stores, site: Site, client: ApiClient
) -> None:
    store = stores.direct(redis_server)
    await store.accept(replace(file(1, "canary-member"), id="d1"))
    async with delivering(store, client) as results:
        await results.until(1)
    keys = redis_server.command("KEYS", "*").split(b"\r\n")[2::2]
    kept = b"".join(redis_server.command("DUMP", key) for key in keys) + b"".join(keys)
    assert b"canary" not in kept
    assert "文件1".encode() not in kept
    assert b"content 1" not in kept
