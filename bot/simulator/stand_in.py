"""A stand-in for WeChat Work: signs, encrypts and posts what a member does, decrypts and checks what the bot answers.

The demonstration page, the integration tests and a deployment check all speak to the callback through it.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType, TracebackType
from typing import Self

import aiohttp

from bot.errors import StandInError
from bot.simulator import inbound
from bot.simulator.inbound import CardClick, Event, Head, Lifecycle, Medium
from bot.simulator.passive import MAX_CONTENT_BYTES, CardUpdate, read_passive
from bot.wecom.crypto import SALT, Credentials, MessageCipher

__all__ = ["MAX_CONTENT_BYTES", "Delivery", "Exchange", "NoAnswerError", "Patience", "StandIn"]

ANSWER_SECONDS = 5.0
"""WeChat Work waits this long for an answer, then cuts the connection (path 90238)."""

DEFAULT_AGENT = 1000002
"""The agent that sends when the credentials name none; admin consoles count up from here."""

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a delivery is tried, and how many seconds after the beginning of one try the next begins (path 90238)."""

    tries: int = 3
    pause: float = ANSWER_SECONDS


@dataclass(frozen=True, slots=True)
class Delivery:
    """One push, ready to be posted (again): the plain XML, the posted body and its query parameters.

    ``click``: it tells of the use of a template card, which the answer may update.
    """

    user: str
    xml: str = field(repr=False)
    body: bytes = field(repr=False)
    query: tuple[tuple[str, str], ...] = field(repr=False)
    click: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came of posting a delivery. ``reply`` is ``None`` when the answer was empty, not a 200, or the update of a card.

    ``tries``: how often it was posted until it was answered.
    """

    delivery: Delivery
    status: int
    reply: str | None
    milliseconds: float
    request_bytes: int
    response_bytes: int
    update: CardUpdate | None = None
    tries: int = 1


class NoAnswerError(StandInError):
    """Nothing came back in time: WeChat Work would deliver again."""


class StandIn:
    """Speaks to one callback address as WeChat Work would; use as an asynchronous context manager.

    ``now`` gives seconds since 1970; an answer is awaited for ``answer_seconds``; ``patience`` is how :meth:`deliver`
    tries again. Composing needs no connection, posting does.
    """

    def __init__(
        self,
        credentials: Credentials,
        callback_url: str,
        *,
        now: Callable[[], float] = time.time,
        answer_seconds: float = ANSWER_SECONDS,
        patience: Patience = Patience(),
    ) -> None:
        self._cipher = MessageCipher(credentials)
        self._corp = credentials.corp_id
        self._agent = int(credentials.agent_id or DEFAULT_AGENT)
        self._url = callback_url
        self._now = now
        self._patience = patience
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
        return self.seal(user, inbound.write_text(self._head(user), next(self._numbers), text))

    def compose_event(self, user: str, event: Event, key: str = "") -> Delivery:
        """Return the delivery of an event; ``key`` is the key of the clicked menu entry."""
        return self.seal(user, inbound.write_event(self._head(user), event, key))

    def compose_medium(self, user: str, medium: Medium) -> Delivery:
        """Return the delivery of an image, a voice message, a location and so on."""
        return self.seal(user, inbound.write_medium(self._head(user), next(self._numbers), medium))

    def compose_file(
        self, user: str, name: str, media_id: str, *, named_in: Sequence[str] = inbound.FILE_NAME_FIELDS
    ) -> Delivery:
        """Return the delivery of a file; its content is what the active API gives for ``media_id``."""
        return self.seal(user, inbound.write_file(self._head(user), next(self._numbers), name, media_id, named_in))

    def compose_card_click(
        self,
        user: str,
        task_id: str,
        key: str,
        response_code: str,
        selected: Mapping[str, str] = _NOTHING,
        *,
        card_type: str = "",
    ) -> Delivery:
        """Return the delivery of the use of a template card: the key of the button, and of each selector the option chosen.

        ``card_type`` is guessed where it is not given: a card with selectors is a choice.
        """
        card_type = card_type or (inbound.CHOICES if selected else inbound.BUTTONS)
        click = CardClick(task_id, key, response_code, selected, card_type)
        return replace(self.seal(user, inbound.write_card_click(self._head(user), click)), click=True)

    def compose_lifecycle(self, event: Lifecycle) -> Delivery:
        """Return the delivery of an event of the app's own life, which comes from nobody."""
        return self.seal(inbound.SYSTEM, inbound.write_lifecycle(self._head(inbound.SYSTEM), event))

    def repeat(self, delivery: Delivery) -> Delivery:
        """Return the same message under a new nonce, timestamp and ciphertext (posting a delivery twice keeps them)."""
        return replace(self.seal(delivery.user, delivery.xml), click=delivery.click)

    def seal(self, user: str, xml: str) -> Delivery:
        """Encrypt and sign any XML as a delivery."""
        encrypted = self._cipher.encrypt(xml, salt=os.urandom(SALT))
        body = inbound.write_envelope(self._corp, self._agent, encrypted).encode()
        return Delivery(user, xml, body, self._sign(encrypted))

    async def deliver(self, delivery: Delivery) -> Exchange:
        """Post a delivery as WeChat Work does: again where it is not answered with a 200 in time, three times in all.

        The last try is sealed anew, for it is not known whether WeChat Work keeps nonce and timestamp. Returns the
        exchange of the last try.

        Raises:
            NoAnswerError: not even the last try was answered.
            StandInError: the answer is not one WeChat Work would show as it stands.
        """
        loop = asyncio.get_running_loop()
        for number in range(1, self._patience.tries):
            due = loop.time() + self._patience.pause
            try:
                exchange = await self.post(delivery)
            except NoAnswerError:
                pass
            else:
                if exchange.status == 200:
                    return replace(exchange, tries=number)
            await asyncio.sleep(due - loop.time())
        return replace(await self.post(self.repeat(delivery)), tries=self._patience.tries)

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
            raise NoAnswerError("没有按时等到答复，企业微信会断开并重推") from error
        except aiohttp.ClientError as error:
            raise NoAnswerError("连不上回调地址") from error
        milliseconds = (time.perf_counter() - started) * 1000
        reply = self._read_answer(answer, delivery) if response.status == 200 and answer else None
        text, update = (None, reply) if isinstance(reply, CardUpdate) else (reply, None)
        return Exchange(delivery, response.status, text, milliseconds, len(delivery.body), len(answer), update)

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

    def _read_answer(self, answer: bytes, delivery: Delivery) -> str | CardUpdate:
        return read_passive(self._cipher, self._corp, delivery.user, answer, clicked=delivery.click)
