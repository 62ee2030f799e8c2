"""A server behind guarded connections, and clients that speak to it in raw bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from bot.channels.callback import Callback
from bot.edge.admission import Admission
from bot.edge.answers import hide_server
from bot.edge.limits import LIMITS, Limits
from bot.edge.rates import Receiver
from bot.edge.server import GuardedRunner
from tests.wecom.peer import CREDENTIALS, NOW, Peer, Posted, RecordingReceiver

PATH = "/wecom/callback"


class GuardedTestServer(TestServer):
    """Serves on a free port as production does."""

    def __init__(self, app: web.Application, limits: Limits = LIMITS) -> None:
        super().__init__(app)
        self._limits = limits

    async def _make_runner(self, **_: Any) -> GuardedRunner:
        return GuardedRunner(self.app, self._limits)


def callback_app(receiver: Receiver, limits: Limits = LIMITS, *, body_seconds: float = 5.0) -> web.Application:
    """The callback alone, at the hour of the peer's messages."""
    app = web.Application()
    app.on_response_prepare.append(hide_server)
    callback = Callback(CREDENTIALS, receiver, admission=Admission(limits), now=lambda: NOW, body_seconds=body_seconds)
    app.add_routes(callback.routes())
    return app


@asynccontextmanager
async def guarded(limits: Limits = LIMITS, *, body_seconds: float = 5.0) -> AsyncIterator[BaseTestServer]:
    async with GuardedTestServer(
        callback_app(RecordingReceiver(), limits, body_seconds=body_seconds), limits
    ) as server:
        yield server


def raw_request(posted: Posted, *, close: bool = False) -> bytes:
    """The bytes of a delivery."""
    closing = "Connection: close\r\n" if close else ""
    head = f"POST {PATH}?{urlencode(posted.query)} HTTP/1.1\r\nHost: bot\r\n{closing}Content-Length: {len(posted.body)}\r\n\r\n"
    return head.encode() + posted.body


class RawClient:
    """One connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, server: BaseTestServer) -> RawClient:
        return cls(*await asyncio.open_connection("127.0.0.1", server.port))

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def read_answer(self) -> bytes:
        """Read the head and, by its length, the body of one answer."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        return head + await self._reader.readexactly(length)

    async def read_all(self) -> bytes:
        """Read until the server hangs up; being cut off counts as the end."""
        try:
            return await self._reader.read()
        except ConnectionError:
            return b""

    def close(self) -> None:
        self._writer.close()


async def deliver(server: BaseTestServer, posted: Posted | None = None) -> bytes:
    """Send one delivery over a connection of its own and return the whole answer."""
    client = await RawClient.connect(server)
    await client.send(raw_request(posted or Peer().post(), close=True))
    answer = await client.read_all()
    client.close()
    return answer
