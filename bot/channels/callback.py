"""The callback of a self-built app (自建应用): GET verifies the address, POST delivers messages."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from types import MappingProxyType
from typing import Protocol, TypeVar

from aiohttp import hdrs, web
from aiohttp.web_protocol import RequestPayloadError

from bot.edge.admission import Admission
from bot.edge.answers import refuse
from bot.errors import REFUSALS, BodyLostError, BodyTooLargeError, BodyTooSlowError, RefusedError, XmlError
from bot.logs import log_event
from bot.wecom.crypto import Credentials
from bot.wecom.gate import CallbackGate, Query
from handlers.dialogue import Message

MAX_BODY_BYTES = 64 * 1024
"""Far above any delivery: a text holds at most a few kilobytes, media arrive as ids."""

BODY_SECONDS = 5.0
"""WeChat Work gives up after five seconds; a body that takes longer is nobody's delivery."""

_REPLY_HEADERS = MappingProxyType({hdrs.CONTENT_TYPE: "application/xml; charset=utf-8"})

_log = logging.getLogger(__name__)


class Receiver(Protocol):
    """Whoever answers messages."""

    async def receive(self, message: Message) -> str | None:
        """Return the text of the answer (at most 2048 bytes), or ``None`` to say nothing."""
        ...


class Callback:
    """The two handlers of the callback address. Nothing reaches the receiver that failed a check.

    ``admission`` refuses what would be answered too late. ``now`` gives seconds since 1970; ``body_seconds`` bounds the
    wait for a request body. ``refused`` hears the reason of each refusal.
    """

    def __init__(
        self,
        credentials: Credentials,
        receiver: Receiver,
        *,
        admission: Admission | None = None,
        now: Callable[[], float] = time.time,
        body_seconds: float = BODY_SECONDS,
        refused: Callable[[str], None] = lambda reason: None,
    ) -> None:
        self._gate = CallbackGate(credentials, now)
        self._receiver = receiver
        self._admission = admission or Admission()
        self._body_seconds = body_seconds
        self._refused = refused

    def routes(self, path: str = "/wecom/callback") -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [web.get(path, self.verify, allow_head=False), web.post(path, self.deliver)]

    async def verify(self, request: web.Request) -> web.Response:
        """Answer a URL verification with the decrypted echo, bare."""
        try:
            query = self._gate.admit(request.query.items(), echo=True)
            echo = self._gate.verify_address(query)
        except RefusedError as error:
            return self._refuse(error)
        return web.Response(text=echo, content_type="text/plain")

    async def deliver(self, request: web.Request) -> web.Response:
        """Answer one delivery with an encrypted text reply, or with an empty body when there is nothing to say."""
        try:
            self._admission.check()
            query = self._gate.admit(request.query.items())
            body = await self._read(request)
            await self._admission.enter(request)
            try:
                return await self._answer(query, body)
            finally:
                self._admission.leave()
        except RefusedError as error:
            return self._refuse(error)

    async def _answer(self, query: Query, body: bytes) -> web.Response:
        incoming = self._gate.open(query, body)
        text = await self._receiver.receive(incoming.message)
        if not text:
            return web.Response()
        return web.Response(body=self._gate.seal(query, incoming, text).encode("ascii"), headers=_REPLY_HEADERS)

    async def _read(self, request: web.Request) -> bytes:
        """Read the body piece by piece: what Content-Length says, or does not say, proves nothing."""
        content = request.content
        if content.is_eof() and content.exception() is None:
            # All of it came with the head, as a delivery mostly does: no deadline to set.
            return _bounded(content.read_nowait())
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_seconds):
                while chunk := await content.read(MAX_BODY_BYTES + 1 - len(body)):
                    body += chunk
                    _bounded(body)
        except TimeoutError as error:
            raise BodyTooSlowError from error
        except RequestPayloadError as error:
            raise XmlError from error
        except ConnectionError as error:
            raise BodyLostError from error
        return bytes(body)

    def _refuse(self, error: RefusedError) -> web.Response:
        # One event per reason: the log's storm limit then keeps a flood of one kind from hiding another.
        log_event(_log, f"callback refused: {error.reason}", logging.WARNING, hint=error.hint)
        self._refused(error.reason)
        return refuse(REFUSALS[type(error)])


Body = TypeVar("Body", bytes, bytearray)


def _bounded(body: Body) -> Body:
    if len(body) > MAX_BODY_BYTES:
        raise BodyTooLargeError
    return body
