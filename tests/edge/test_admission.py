"""Backpressure: what would be answered too late is refused at once, and nothing else is."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from bot.edge.admission import Admission
from bot.edge.limits import LIMITS
from bot.errors import OverloadError
from handlers.dialogue import Message
from tests.wecom.peer import Peer, text_xml

from .guarded import PATH, GuardedTestServer, RawClient, callback_app, raw_request


class GatedReceiver:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.begun = asyncio.Semaphore(0)
        self.gate = asyncio.Event()

    async def receive(self, _: Message) -> str | None:
        self.begun.release()
        await self.gate.wait()
        return "好"


class BusyReceiver:
    """Answers after so many seconds of work that nothing else can be done in."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def receive(self, _: Message) -> str | None:
        time.sleep(self._seconds)  # noqa: ASYNC251 - stands for work, not for waiting
        return "好"


def delivery(number: int) -> bytes:
    return raw_request(Peer().post(text_xml(user=f"u{number}", number=number)))


async def test_no_more_deliveries_are_begun_than_can_be_answered() -> None:
    receiver = GatedReceiver()
    limits = replace(LIMITS, deliveries_at_once=2, queue_seconds=0.1)
    async with GuardedTestServer(callback_app(receiver, limits), limits) as server:
        clients = [await RawClient.connect(server) for _ in range(3)]
        for number, client in enumerate(clients[:2]):
            await client.send(delivery(number))
            await receiver.begun.acquire()
        await clients[2].send(delivery(2))
        async with asyncio.timeout(5):
            refused = await clients[2].read_answer()
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"Connection: close" not in refused
        receiver.gate.set()
        for client in clients[:2]:
            assert (await client.read_answer()).startswith(b"HTTP/1.1 200 ")
        # The same connection is served as soon as there is room.
        await clients[2].send(delivery(2))
        assert (await clients[2].read_answer()).startswith(b"HTTP/1.1 200 ")
        for client in clients:
            client.close()


async def test_delivery_that_lay_too_long_is_refused_unread() -> None:
    limits = replace(LIMITS, queue_seconds=0.1)
    async with GuardedTestServer(callback_app(BusyReceiver(0.2), limits), limits) as server:
        clients = [await RawClient.connect(server) for _ in range(4)]
        await asyncio.gather(*(client.send(delivery(number)) for number, client in enumerate(clients)))
        answers = await asyncio.gather(*(client.read_answer() for client in clients))
        statuses = sorted(int(answer.split()[1]) for answer in answers)
        assert statuses[0] == 200
        assert statuses[-1] == 503
        assert set(statuses) == {200, 503}
        await clients[0].send(delivery(9))
        assert (await clients[0].read_answer()).startswith(b"HTTP/1.1 200 ")
        for client in clients:
            client.close()


async def test_turn_that_nobody_waits_for_any_more_is_given_on() -> None:
    admission = Admission(replace(LIMITS, deliveries_at_once=1))
    request = make_mocked_request("POST", PATH)
    await admission.enter(request)
    waiting = [asyncio.create_task(admission.enter(request)) for _ in range(3)]
    await asyncio.sleep(0)
    admission.leave()
    # Right after the place has become its own, and before it has come to know.
    asyncio.get_running_loop().call_soon(waiting[0].cancel)
    waiting[1].cancel()
    async with asyncio.timeout(LIMITS.queue_seconds / 2):
        await waiting[2]
    admission.leave()
    await admission.enter(request)


async def test_queue_whose_first_has_waited_too_long_takes_nobody_in_until_it_moves() -> None:
    limits = replace(LIMITS, deliveries_at_once=1, queue_seconds=0.05)
    admission = Admission(limits)
    request = make_mocked_request("POST", PATH)
    await admission.enter(request)
    admission.check()
    for _ in range(3):
        admission.check()
        with pytest.raises(OverloadError):
            async with asyncio.timeout(5):
                await admission.enter(request)  # nobody leaves
        with pytest.raises(OverloadError):
            admission.check()
        admission.leave()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        admission.check()
        await admission.enter(request)


async def test_slow_network_is_not_mistaken_for_overload() -> None:
    limits = replace(LIMITS, queue_seconds=0.1)
    async with GuardedTestServer(callback_app(BusyReceiver(0.0), limits), limits) as server:
        client = await RawClient.connect(server)
        request = delivery(1)
        for part in (request[:50], request[50:400], request[400:]):
            await client.send(part)
            await asyncio.sleep(0.15)
        assert (await client.read_answer()).startswith(b"HTTP/1.1 200 ")
        client.close()


async def test_crowd_is_refused_even_where_connections_are_not_guarded() -> None:
    receiver = GatedReceiver()
    limits = replace(LIMITS, deliveries_at_once=1, queue_seconds=0.1)
    async with TestClient(TestServer(callback_app(receiver, limits))) as client:
        posted = Peer().post()
        first = asyncio.create_task(client.post(PATH, params=posted.query, data=posted.body))
        await receiver.begun.acquire()
        async with asyncio.timeout(5):
            assert (await client.post(PATH, params=posted.query, data=posted.body)).status == 503
        receiver.gate.set()
        assert (await first).status == 200
