"""A connection without a network: raw bytes go into aiohttp's own parser, and what is written back is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from aiohttp import web

from bot.edge.connections import Connections
from bot.edge.limits import LIMITS
from bot.edge.server import GuardedConnection, GuardedServer

TURNS = 60
"""Turns of the event loop after which a request is taken to wait for bytes that do not come."""


class MemoryTransport(asyncio.Transport):
    """Keeps what is written; closing tells the protocol at the next turn, as a socket would."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self.written = bytearray()
        self._protocol = protocol
        self._closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._closing:
            self.written += data

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()

    def pause_reading(self) -> None:
        """Nothing to pause: all bytes are there at once."""

    def resume_reading(self) -> None:
        """Nothing to resume."""


class AtOnce(ThreadPoolExecutor):
    """Does in the caller's thread what is meant for another: turns of the event loop can be counted again."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - whoever waits for the future gets it
            done.set_exception(error)
        return done


class Wire:
    """A server that is spoken to in bytes; use as an asynchronous context manager.

    ``patience``: seconds to wait for what is done in other threads; without any, nothing is.
    """

    def __init__(self, app: web.Application, patience: float = 0.0) -> None:
        self._patience = patience
        self._runner = web.AppRunner(app, access_log=None)
        self._connections = Connections(LIMITS)
        self.failures: list[str] = []

    async def __aenter__(self) -> Wire:
        if not self._patience:
            asyncio.get_running_loop().set_default_executor(AtOnce())
        await self._runner.setup()
        plain = self._runner.server
        assert plain is not None
        self._server = GuardedServer(plain, self._connections, LIMITS)
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: self.failures.append(f"{context['message']}: {context.get('exception')!r}")
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def exchange(self, sent: bytes) -> bytes:
        """Send everything at once, wait for the answer or for the server to wait, hang up; return what came back."""
        connection = self._server()
        assert isinstance(connection, GuardedConnection)
        transport = MemoryTransport(connection)
        connection.connection_made(transport)
        connection.data_received(sent)
        loop, turn = asyncio.get_running_loop(), 0
        deadline = loop.time() + self._patience
        while turn < TURNS or loop.time() < deadline:
            await asyncio.sleep(0 if turn < TURNS else 0.001)
            if transport.is_closing() or is_complete(transport.written):
                break
            turn += 1
        transport.close()
        # The connection's task ends at its next turns; what it raised then reaches the exception handler.
        for _ in range(4):
            await asyncio.sleep(0)
        return bytes(transport.written)


def is_complete(answer: bytes | bytearray) -> bool:
    """Whether a whole answer is there: its head and as much of a body as that says."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    _, _, length = head.partition(b"Content-Length: ")
    return len(body) >= int(length.partition(b"\r")[0] or 0)
