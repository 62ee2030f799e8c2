"""aiohttp's server with guarded connections: a cap, a deadline for asking, and answers that give nothing away.

``GuardedRunner`` takes the place of ``web.AppRunner``. Everything here is built on what aiohttp exports; its own connection
class waits for a request for ever.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol, runtime_checkable

from aiohttp import web

from bot.edge.answers import SERVER, UNSERVED, refuse
from bot.edge.connections import Connections
from bot.edge.limits import LIMITS, Limits
from bot.errors import FORBIDDEN, Refusal
from bot.logs import AccessLogger, log_event

SWEEPS = 16
"""Looks at the connections within the time one has for asking; by so much of it the cut may be late."""

SHUTDOWN_SECONDS = 2.5
"""For what is being answered when the service ends: with the grace before it (one second), as long as any answer takes."""

RECEIVED_BYTES = 16 * 1024
"""Room for what one read of a connection brings: a delivery takes some 1.5 KiB. asyncio's own 256 KiB cost more to get and to
give back than all else in reading."""

_FULL = (
    f"HTTP/1.1 503 Service Unavailable\r\nServer: {SERVER}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
)

_log = logging.getLogger(__name__)


@runtime_checkable
class _Receiving(Protocol):
    """A transport of asyncio's own loop, which takes so much room for each read."""

    max_size: int


class GuardedConnection(web.RequestHandler):
    """One connection, counted and watched."""

    __slots__ = ("_admitted", "_connections")

    def __init__(self, server: web.Server, connections: Connections, limits: Limits) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log_class=AccessLogger,
            keepalive_timeout=limits.idle_seconds,
            lingering_time=limits.lingering_seconds,
            # WeChat Work packs no body; unpacking is work that anybody could ask for.
            auto_decompress=False,
        )
        self._connections = connections
        self._admitted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection in, or turn it away where all places are taken."""
        self._admitted = self._connections.admit(self, self._loop.time())
        if self._admitted:
            if isinstance(transport, _Receiving):
                transport.max_size = RECEIVED_BYTES
            super().connection_made(transport)
            return
        log_event(_log, "connection refused: too many", logging.WARNING)
        if isinstance(transport, asyncio.Transport):
            transport.write(_FULL)
            transport.close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Give the place back."""
        if self._admitted:
            self._connections.forget(self)
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Note when bytes came, and hand them on."""
        if not self._admitted:
            return
        if data:  # aiohttp also calls with nothing, to go on with what it holds
            self._connections.hear(self, self._loop.time(), headed=b"\r\n\r\n" in data)
        super().data_received(data)

    def take(self) -> None:
        """Note that the request has been read: from here on time is ours, not the client's."""
        if self.transport is not None:
            self._connections.take(self)

    def cut(self) -> None:
        """Close at once, without a word to whoever has not asked by now."""
        if self.transport is not None:
            self.transport.abort()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer; what aiohttp words itself (404, 405 …) becomes a bare status, and the connection ends."""
        if resp.status >= 400 and isinstance(resp, web.HTTPException):
            resp = refuse(Refusal(resp.status, UNSERVED))
        finished = await super().finish_response(request, resp, start_time)
        if self.transport is not None:
            self._connections.rest(self)
        return finished

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is not HTTP with the one refusal, and a failure of ours with a bare status.

        aiohttp's own answer quotes the request, or the library.
        """
        if status >= 500:
            log_event(_log, "request failed", logging.ERROR, status=status)
            return refuse(Refusal(status, UNSERVED))
        # Only the class: the text of a parser's error quotes what was sent.
        log_event(_log, "request refused: not HTTP", logging.WARNING, error=type(exc).__name__)
        return refuse(FORBIDDEN)


class GuardedServer(web.Server):
    """aiohttp's server, which makes guarded connections. It takes over the handler of ``server``."""

    def __init__(self, server: web.Server, connections: Connections, limits: Limits) -> None:
        super().__init__(
            server.request_handler,
            request_factory=server.request_factory,
            handler_cancellation=server.handler_cancellation,
        )
        self._guarded = connections
        self._limits = limits

    def __call__(self) -> web.RequestHandler:
        """Make the protocol of a new connection."""
        return GuardedConnection(self, self._guarded, self._limits)


class GuardedRunner(web.AppRunner):
    """Runs an application behind guarded connections."""

    def __init__(self, app: web.Application, limits: Limits = LIMITS) -> None:
        super().__init__(app, shutdown_timeout=SHUTDOWN_SECONDS)
        self._limits = limits
        self._guarded = Connections(limits)
        self._sweep: asyncio.TimerHandle | None = None

    async def setup(self) -> None:
        """Start the application and the watch over its connections."""
        await super().setup()
        self._watch()

    async def cleanup(self) -> None:
        """Finish what is being answered, then stop."""
        if self._sweep is not None:
            self._sweep.cancel()
        await super().cleanup()

    async def _make_server(self) -> web.Server:
        return GuardedServer(await super()._make_server(), self._guarded, self._limits)

    def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        cut = self._guarded.cut_slow(loop.time())
        if cut:
            log_event(_log, "slow connections cut", logging.WARNING, count=cut)
        self._sweep = loop.call_later(self._limits.request_seconds / SWEEPS, self._watch)
