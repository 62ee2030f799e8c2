"""Connections: a cap, a deadline for asking, and who goes when there are too many."""

from __future__ import annotations

import asyncio
import gc
import gzip
import logging
import time
from dataclasses import replace

import pytest
from aiohttp import ClientSession, web

from bot.draining import serve_until_told
from bot.edge.connections import OPENING_SECONDS, SENDING_SECONDS, Connections
from bot.edge.limits import LIMITS, Limits
from bot.edge.server import RECEIVED_BYTES, GuardedConnection
from bot.errors import FORBIDDEN
from bot.workers import open_listeners
from tests.wecom.peer import Peer

from .guarded import PATH, GuardedTestServer, RawClient, deliver, guarded, raw_request

QUICK = replace(LIMITS, request_seconds=0.4, lingering_seconds=0.2)


class Recorder:
    """A connection that remembers being cut."""

    def __init__(self) -> None:
        self.was_cut = False

    def cut(self) -> None:
        self.was_cut = True


def filled(limits: Limits, now: float) -> tuple[Connections, list[Recorder]]:
    connections = Connections(limits)
    recorders = [Recorder() for _ in range(limits.connections)]
    for recorder in recorders:
        assert connections.admit(recorder, now)
    return connections, recorders


THREE = replace(LIMITS, connections=3, request_seconds=8.0)


class TestBookkeeping:
    def test_connection_that_never_asks_is_cut_after_its_time_and_not_before(self) -> None:
        connections, (first, *_) = filled(THREE, 0.0)
        assert connections.cut_slow(7.9) == 0
        assert connections.cut_slow(8.0) == 3
        assert first.was_cut
        assert len(connections) == 0

    def test_time_to_ask_begins_anew_with_each_request(self) -> None:
        connections = Connections(THREE)
        connections.admit(one := Recorder(), 0.0)
        for second in range(1, 40, 2):
            connections.hear(one, second, headed=True)
            connections.take(one)
            connections.rest(one)
            assert connections.cut_slow(second + 0.5) == 0
        connections.hear(one, 50.0, headed=False)
        connections.hear(one, 57.0, headed=True)  # neither a byte more nor the end of the head wins time
        connections.hear(one, 57.5, headed=False)
        assert connections.cut_slow(57.9) == 0
        assert connections.cut_slow(58.0) == 1

    def test_request_being_answered_and_idle_connection_are_not_cut_for_slowness(self) -> None:
        connections = Connections(THREE)
        connections.admit(answered := Recorder(), 0.0)
        connections.take(answered)
        connections.hear(answered, 1.0, headed=True)  # the next request, sent before the answer to this one
        connections.admit(idle := Recorder(), 0.0)
        connections.rest(idle)
        assert connections.cut_slow(1000.0) == 0
        assert not answered.was_cut
        assert not idle.was_cut

    def test_when_full_one_without_a_head_goes_first_the_oldest_of_them(self) -> None:
        connections, recorders = filled(THREE, 0.0)
        connections.hear(recorders[0], 0.0, headed=True)
        assert connections.admit(Recorder(), OPENING_SECONDS)
        assert [recorder.was_cut for recorder in recorders] == [False, True, False]

    def test_when_full_of_new_ones_an_idle_one_goes(self) -> None:
        connections, recorders = filled(THREE, 0.0)
        connections.rest(recorders[2])
        assert connections.admit(Recorder(), OPENING_SECONDS / 2)
        assert [recorder.was_cut for recorder in recorders] == [False, False, True]

    def test_when_full_of_requests_that_do_not_come_to_an_end_the_oldest_goes(self) -> None:
        connections, recorders = filled(THREE, 0.0)
        for recorder in recorders:
            connections.hear(recorder, 0.0, headed=True)
        assert not connections.admit(Recorder(), SENDING_SECONDS / 2)
        assert connections.admit(Recorder(), SENDING_SECONDS)
        assert [recorder.was_cut for recorder in recorders] == [True, False, False]

    def test_when_all_are_being_answered_the_newcomer_is_turned_away(self) -> None:
        connections, recorders = filled(THREE, 0.0)
        for recorder in recorders:
            connections.take(recorder)
        assert not connections.admit(Recorder(), 1000.0)
        connections.forget(recorders[1])
        assert connections.admit(Recorder(), 1000.0)
        assert not any(recorder.was_cut for recorder in recorders)


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"POST /wecom/callback HTTP/1.1\r\nHost: bot\r\n",
        b"POST /wecom/callback?msg_signature=",
        b"GET",
        b"POST /wecom/callback HTTP/1.1\r\nHost: bot\r\nContent-Length: 100\r\n\r\n<xml>",
    ],
    ids=["nothing", "half a head", "half a line", "a word", "half a body"],
)
async def test_whoever_does_not_finish_asking_is_cut_off(begun: bytes) -> None:
    async with guarded(QUICK, body_seconds=0.2) as server:
        client = await RawClient.connect(server)
        await client.send(begun)
        async with asyncio.timeout(5):
            await client.read_all()
        client.close()


async def test_body_that_stops_coming_is_refused_in_time() -> None:
    async with guarded(replace(QUICK, request_seconds=60.0), body_seconds=0.2) as server:
        client = await RawClient.connect(server)
        await client.send(raw_request(Peer().post())[:-1])
        async with asyncio.timeout(5):
            answer = await client.read_all()
        assert answer.startswith(b"HTTP/1.1 408 ")
        client.close()


async def test_byte_after_byte_wins_no_time() -> None:
    async with guarded(QUICK) as server:
        client = await RawClient.connect(server)

        async def drip() -> None:
            for byte in b"POST /wecom/callback HTTP/1.1\r\nHost: " + b"b" * 1000:
                await client.send(bytes([byte]))
                await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        async with asyncio.timeout(5):
            await client.read_all()
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)
        client.close()


async def test_connection_is_kept_between_requests() -> None:
    async with guarded(QUICK) as server:
        client = await RawClient.connect(server)
        for _ in range(3):
            await client.send(raw_request(Peer().post()))
            assert (await client.read_answer()).startswith(b"HTTP/1.1 200 ")
            # Longer than a request may take: an idle connection has all the time there is.
            await asyncio.sleep(QUICK.request_seconds / 2 + 0.1)
        client.close()


async def test_reads_take_no_more_room_than_deliveries_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """asyncio takes 256 KiB for each read otherwise, which glibc has to get from the kernel and give back."""
    pieces: list[int] = []
    receive = GuardedConnection.data_received

    def note(connection: GuardedConnection, data: bytes) -> None:
        pieces.append(len(data))
        receive(connection, data)

    monkeypatch.setattr(GuardedConnection, "data_received", note)
    async with guarded() as server:
        client = await RawClient.connect(server)
        head = f"POST {PATH} HTTP/1.1\r\nHost: bot\r\nContent-Length: {4 * RECEIVED_BYTES}\r\n\r\n"
        await client.send(head.encode() + bytes(4 * RECEIVED_BYTES))
        await client.read_all()
        client.close()
    assert max(pieces) == RECEIVED_BYTES


async def test_half_open_connections_are_closed_while_good_requests_are_answered_at_once() -> None:
    """Slow loris, in small: 500 connections that begin and never end, twice as many as are allowed."""
    limits = replace(QUICK, connections=250)
    async with guarded(limits) as server:
        started = time.monotonic()
        loris = [await RawClient.connect(server) for _ in range(500)]
        for number, client in enumerate(loris):
            await client.send(b"POST /wecom/callback HTTP/1.1\r\nHost: bot\r\n"[: 1 + number % 44])
        closing = [asyncio.create_task(client.read_all()) for client in loris]
        settled = time.monotonic() + OPENING_SECONDS
        waits = []
        while not all(task.done() for task in closing):
            before = time.monotonic()
            answer = await deliver(server)
            # None of them is cut in its first moment, so for as long there may be no room.
            assert answer.startswith(b"HTTP/1.1 200 ") or before < settled
            waits.append(time.monotonic() - before)
            assert time.monotonic() - started < 20
        for client in loris:
            client.close()
        assert len(waits) > 20
        # The median says whether good requests wait for bad ones; single ones may meet a busy machine.
        assert sorted(waits)[len(waits) // 2] < 0.2


async def test_newcomer_beyond_the_cap_is_told_so_at_once(caplog: pytest.LogCaptureFixture) -> None:
    async with guarded(replace(LIMITS, connections=2)) as server:
        held = [await RawClient.connect(server) for _ in range(2)]
        for client in held:
            await client.send(raw_request(Peer().post())[:-1])
        third = await RawClient.connect(server)
        async with asyncio.timeout(10):
            answer = await third.read_all()
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert "connection refused: too many" in [record.message for record in caplog.records]
        for client in (*held, third):
            client.close()


async def test_refused_body_is_read_no_longer_than_the_lingering_time() -> None:
    async with guarded(QUICK) as server:
        client = await RawClient.connect(server)
        await client.send(b"POST /wecom/callback HTTP/1.1\r\nHost: bot\r\nContent-Length: 60000\r\n\r\n<xml>")
        started = time.monotonic()
        async with asyncio.timeout(5):
            answer = await client.read_all()
        assert answer.startswith(b"HTTP/1.1 403 ")
        assert time.monotonic() - started < 4
        client.close()


NOT_HTTP = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40) + b"\r\n\r\n",
    b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: canary\r\n\r\n",
    b"GET /canary\x00 HTTP/1.1\r\nHost: bot\r\n\r\n",
    b"POST /wecom/callback HTTP/1.1\r\nHost: bot\r\nContent-Length: -1\r\n\r\n",
    b"POST /wecom/callback HTTP/1.1\r\nHost: bot\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"POST /wecom/callback HTTP/1.1\r\nHost: bot\r\nTransfer-Encoding: canary\r\n\r\n",
    b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: bot\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 500 + b"\r\n",
    b"GET / HTTP/1.1\r\nX-Canary: " + b"a" * 20_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nCanary header\r\n\r\n",
]


@pytest.mark.parametrize("sent", NOT_HTTP, ids=range(len(NOT_HTTP)))
async def test_what_is_not_http_gets_the_one_403_word_for_word(sent: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async with guarded(QUICK) as server:
        forged = Peer().post().with_query(msg_signature="0" * 40)
        expected = without_date(await deliver(server, forged))
        client = await RawClient.connect(server)
        await client.send(sent)
        answer = without_date(await client.read_all())
        client.close()
    assert answer[1:] == expected[1:]
    assert answer[0].split()[1] == b"403"
    assert "canary" not in str([record.__dict__ for record in caplog.records]).lower()
    assert [record for record in caplog.records if record.levelno > logging.WARNING] == []


def without_date(answer: bytes) -> list[bytes]:
    return [line for line in answer.split(b"\r\n") if not line.lower().startswith(b"date:")]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/wecom", 404),
        ("PUT", PATH, 405),
        ("POST", PATH, 403),
        ("GET", PATH, 403),
        ("OPTIONS", PATH, 405),
    ],
)
async def test_no_answer_names_software_or_quotes_the_request(method: str, path: str, status: int) -> None:
    async with guarded() as server, ClientSession() as session:
        async with session.request(method, server.make_url(path), params={"canary": "canary"}) as response:
            body = await response.text()
        assert response.status == status
        assert response.headers["Server"] == "web"
        told = (body + str(dict(response.headers))).lower()
        for word in ("aiohttp", "python", "canary", "not found", "traceback"):
            assert word not in told


async def test_packed_body_is_not_unpacked() -> None:
    posted = Peer().post()
    async with guarded() as server, ClientSession() as session:
        headers = {"Content-Encoding": "gzip"}
        url = server.make_url(PATH)
        packed = gzip.compress(posted.body)
        async with session.post(url, params=posted.query, data=packed, headers=headers) as response:
            assert response.status == 403


async def test_failure_of_ours_is_a_bare_500(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_: web.Request) -> web.Response:
        raise ValueError("canary")

    app = web.Application()
    app.router.add_get("/", fail)
    async with GuardedTestServer(app) as server, ClientSession(headers={"Accept": "text/html"}) as session:
        response = await session.get(server.make_url("/"))
        assert (response.status, await response.text()) == (500, "")
        assert response.headers["Server"] == "web"
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.message == "request failed"
    assert record.exc_info is not None


async def test_what_is_served_in_production_is_behind_guarded_connections() -> None:
    (listener,) = open_listeners("127.0.0.1", 0, 1)
    serving = asyncio.Event()
    service = asyncio.create_task(serve_until_told(web.Application(), listener, serving.set))
    try:
        async with asyncio.timeout(10):
            await serving.wait()
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(b"canary\r\n\r\n")
            answer = await reader.read()
            writer.close()
    finally:
        service.cancel()
        await asyncio.gather(service, return_exceptions=True)
        gc.unfreeze()
        listener.close()
    assert answer.split()[1] == b"403"
    assert b"Server: web\r\n" in answer
    assert answer.endswith(FORBIDDEN.text.encode())
