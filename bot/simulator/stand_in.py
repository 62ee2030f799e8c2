"""A stand-in for WeChat Work: signs, encrypts and posts what a member does, decrypts and checks what the bot answers.

The demonstration page, the integration tests and a deployment check all speak to the callback through it.
"""

from __future__ import annotations

import itertools
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aiohttp

from bot.errors import BotError, StandInError
from bot.simulator.inbound import Event, Head, Medium, write_envelope, write_event, write_medium, write_text
from bot.wecom.bounded_xml import Tree, parse_tree
from bot.wecom.crypto import SALT, Credentials, MessageCipher

ANSWER_SECONDS = 5.0
"""WeChat Work waits this long for an answer, then cuts the connection (path 90238)."""

MAX_CONTENT_BYTES = 2048
"""WeChat Work cuts a longer text off without a word; the stand-in complains instead (path 90241)."""

DEFAULT_AGENT = 1000002
"""The agent that sends when the credentials name none; admin consoles count up from here."""

_ANSWER_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Delivery:
    """One push, ready to be posted (again): the plain XML, the posted body and its query parameters."""

    user: str
    xml: str = field(repr=False)
    body: bytes = field(repr=False)
    query: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came of posting a delivery. ``reply`` is ``None`` when the answer was empty or not a 200."""

    delivery: Delivery
    status: int
    reply: str | None
    milliseconds: float
    request_bytes: int
    response_bytes: int


class StandIn:
    """Speaks to one callback address as WeChat Work would; use as an asynchronous context manager.

    ``now`` gives seconds since 1970; an answer is awaited for ``answer_seconds``. Composing needs no connection, posting does.
    """

    def __init__(
        self,
        credentials: Credentials,
        callback_url: str,
        *,
        now: Callable[[], float] = time.time,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._cipher = MessageCipher(credentials)
        self._corp = credentials.corp_id
        self._agent = int(credentials.agent_id or DEFAULT_AGENT)
        self._url = callback_url
        self._now = now
        self._timeout = aiohttp.ClientTimeout(total=answer_seconds)
        self._numbers = itertools.count(secrets.randbelow(2**62))
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    def compose_text(self, user: str, text: str) -> Delivery:
        """Return the delivery of a text message (no lone surrogates in ``text``)."""
        return self.seal(user, write_text(self._head(user), next(self._numbers), text))

    def compose_event(self, user: str, event: Event, key: str = "") -> Delivery:
        """Return the delivery of an event; ``key`` is the key of the clicked menu entry."""
        return self.seal(user, write_event(self._head(user), event, key))

    def compose_medium(self, user: str, medium: Medium) -> Delivery:
        """Return the delivery of an image, a voice message, a location and so on."""
        return self.seal(user, write_medium(self._head(user), next(self._numbers), medium))

    def repeat(self, delivery: Delivery) -> Delivery:
        """Return the same message under a new nonce, timestamp and ciphertext (posting a delivery twice keeps them)."""
        return self.seal(delivery.user, delivery.xml)

    def seal(self, user: str, xml: str) -> Delivery:
        """Encrypt and sign any XML as a delivery."""
        encrypted = self._cipher.encrypt(xml, salt=os.urandom(SALT))
        body = write_envelope(self._corp, self._agent, encrypted).encode()
        return Delivery(user, xml, body, self._sign(encrypted))

    async def post(self, delivery: Delivery) -> Exchange:
        """Post a delivery and read the answer.

        Raises:
            StandInError: no answer in time, or one WeChat Work would not show as it stands.
        """
        session = self._connected()
        started = time.perf_counter()
        try:
            headers = {"Content-Type": "text/xml"}
            async with session.post(self._url, params=delivery.query, data=delivery.body, headers=headers) as response:
                answer = await response.read()
        except TimeoutError as error:
            raise StandInError("没有按时等到答复，企业微信会断开并重推") from error
        except aiohttp.ClientError as error:
            raise StandInError("连不上回调地址") from error
        milliseconds = (time.perf_counter() - started) * 1000
        reply = self._read_answer(answer, delivery.user) if response.status == 200 and answer else None
        return Exchange(delivery, response.status, reply, milliseconds, len(delivery.body), len(answer))

    async def verify_address(self) -> bool:
        """Do what the admin console does when the address is saved: send an echo, expect it back bare."""
        echo = str(secrets.randbelow(10**19))
        encrypted = self._cipher.encrypt(echo, salt=os.urandom(SALT))
        query = (*self._sign(encrypted), ("echostr", encrypted))
        try:
            async with self._connected().get(self._url, params=query) as response:
                return response.status == 200 and await response.read() == echo.encode()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise StandInError("连不上回调地址") from error

    def _head(self, user: str) -> Head:
        return Head(user, self._corp, self._agent, self._time())

    def _time(self) -> int:
        return int(self._now())

    def _sign(self, encrypted: str) -> tuple[tuple[str, str], ...]:
        timestamp, nonce = str(self._time()), str(secrets.randbelow(10**10))
        signature = self._cipher.sign(timestamp, nonce, encrypted)
        return ("msg_signature", signature), ("timestamp", timestamp), ("nonce", nonce)

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("enter the stand-in before posting")
        return self._session

    def _read_answer(self, answer: bytes, user: str) -> str:
        try:
            outer = parse_tree(answer, _ANSWER_DEPTH)
            encrypted = _leaf(outer, "Encrypt")
            self._cipher.verify(
                _leaf(outer, "MsgSignature"), _leaf(outer, "TimeStamp"), _leaf(outer, "Nonce"), encrypted
            )
            reply = parse_tree(self._cipher.decrypt(encrypted).encode(), _ANSWER_DEPTH)
        except BotError as error:
            raise StandInError("答复不是企业微信能读的加密消息") from error
        expected = {"ToUserName": user, "FromUserName": self._corp, "MsgType": "text"}
        if any(_leaf(reply, name) != value for name, value in expected.items()):
            raise StandInError("答复的收发方或类型不对")
        content = _leaf(reply, "Content")
        if len(content.encode()) > MAX_CONTENT_BYTES:
            raise StandInError("答复超过2048字节，企业微信会截断")
        return content


def _leaf(tree: Tree, name: str) -> str:
    value = tree.get(name)
    if not isinstance(value, str):
        raise StandInError("答复缺少字段")
    return value
