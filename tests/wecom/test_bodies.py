"""How bodies arrive: too large, too slow, lying about their length, broken on the way."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.callback import MAX_BODY_BYTES, Callback

from .conftest import Client
from .peer import CREDENTIALS, NOW, Peer, RecordingReceiver

PATH = "/wecom/callback"


@pytest.fixture
async def server(receiver: RecordingReceiver) -> AsyncIterator[TestServer]:
    app = web.Application()
    app.add_routes(Callback(CREDENTIALS, receiver, now=lambda: NOW, body_seconds=0.2).routes())
    server = TestServer(app)
    # aiohttp reads on for a while after an early answer; the default of ten seconds would be spent waiting.
    await server.start_server(lingering_time=0.1)
    yield server
    await server.close()


async def exchange(server: TestServer, headers: str, body: bytes) -> bytes:
    """Post raw bytes under raw headers and return everything that comes back."""
    target = f"{PATH}?{urlencode(Peer().post().query)}"
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"POST {target} HTTP/1.1\r\nHost: bot\r\n{headers}\r\n".encode() + body)
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 1_000_000])
async def test_body_beyond_the_cap_is_a_413(client: Client, receiver: RecordingReceiver, peer: Peer, size: int) -> None:
    posted = peer.post()
    response = await client.post(PATH, params=posted.query, data=posted.body.ljust(size))
    assert (response.status, await response.text()) == (413, "请求过大")
    assert receiver.messages == []


async def test_body_at_the_cap_is_served(client: Client, receiver: RecordingReceiver, peer: Peer) -> None:
    posted = peer.post()
    response = await client.post(PATH, params=posted.query, data=posted.body.ljust(MAX_BODY_BYTES))
    assert response.status == 200
    assert len(receiver.messages) == 1


async def test_chunked_body_of_unknown_length_is_cut_off_at_the_cap(
    client: Client, receiver: RecordingReceiver, peer: Peer
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"<xml>" * 1000

    response = await client.post(PATH, params=peer.post().query, data=pieces())
    assert response.status == 413
    assert receiver.messages == []


async def test_small_packed_body_that_unpacks_beyond_the_cap_is_a_413(
    server: TestServer, receiver: RecordingReceiver
) -> None:
    packed = gzip.compress(b"<xml>" * 1_000_000)
    assert len(packed) < MAX_BODY_BYTES
    headers = f"Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n"
    assert (await exchange(server, headers, packed)).startswith(b"HTTP/1.1 413 ")
    assert receiver.messages == []


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        pytest.param("Content-Length: 0\r\n", b"", 403, id="no body"),
        pytest.param("", b"", 403, id="no length"),
        pytest.param("Content-Encoding: gzip\r\nContent-Length: 6\r\n", b"<xml/>", 403, id="not gzip"),
        pytest.param("Content-Length: 5\r\n", b"<xml>", 403, id="short body"),
        pytest.param("Content-Length: 100\r\n", b"<xml>", 408, id="length too large: waits, but not for ever"),
        pytest.param("Transfer-Encoding: chunked\r\n", b"5\r\n<xml>\r\n", 408, id="chunks that stop"),
        # aiohttp answers these itself, before any handler.
        pytest.param("Content-Length: 10\r\n", b"<xml>" * 20_000, 400, id="length too small"),
        pytest.param("Content-Length: -1\r\n", b"<xml/>", 400, id="negative length"),
        pytest.param("Content-Length: 6\r\nContent-Length: 7\r\n", b"<xml/>", 400, id="two lengths"),
        pytest.param("Transfer-Encoding: chunked\r\n", b"zz\r\n<xml/>\r\n0\r\n\r\n", 400, id="bad chunk"),
        pytest.param("Transfer-Encoding: chunked\r\n", b"5\r\n<xml>\r\nzz\r\n", 400, id="bad second chunk"),
    ],
)
async def test_broken_body_is_refused_and_never_an_error_of_ours(
    server: TestServer, receiver: RecordingReceiver, headers: str, body: bytes, status: int
) -> None:
    answer = await exchange(server, headers, body)
    assert int(answer.split()[1]) == status
    assert receiver.messages == []


async def test_peer_that_hangs_up_inside_the_body_costs_nothing(
    server: TestServer, receiver: RecordingReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    target = f"{PATH}?{urlencode(Peer().post().query)}"
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"POST {target} HTTP/1.1\r\nHost: bot\r\nContent-Length: 99\r\n\r\n<xml>".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await exchange(server, "Content-Length: 0\r\n", b"")).startswith(b"HTTP/1.1 403 ")
    assert receiver.messages == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
