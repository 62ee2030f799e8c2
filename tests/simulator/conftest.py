from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from bot.channels.callback import Callback
from bot.simulator.api import ApiStandIn
from bot.simulator.page import routes
from bot.simulator.stand_in import Patience, StandIn
from bot.wecom.crypto import Credentials
from handlers.dialogue import Message, MessageKind

from .api_bench import make_api

CREDENTIALS = Credentials("ww1234567890abcdef", "T0ken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "1000002")

WELCOME = (
    "您好，我是笔杆，党建材料助手。直接发消息就行：\n要提纲：党建工作总结提纲\n回复：党建工作总结提纲 · 意识形态怎么写"
)


@dataclass
class Echo:
    """Answers each message with itself once it is free to, and remembers all it got."""

    messages: list[Message] = field(default_factory=list)
    answer: Callable[[Message], str | None] | None = None
    free: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.free.set()

    async def receive(self, message: Message) -> str | None:
        self.messages.append(message)
        await self.free.wait()
        if self.answer is not None:
            return self.answer(message)
        if message.kind is MessageKind.ENTER:
            return WELCOME
        if message.kind is MessageKind.TEXT:
            return f"收到：{message.text}\n　缩进一行\n回复：更多 · 展开（五） · 原文1"
        return f"收到{message.kind.value}"


@dataclass(frozen=True)
class Site:
    """A running application with callback, active API and simulator on a port of its own."""

    port: int
    echo: Echo
    stand_in: StandIn
    api: ApiStandIn

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def echo() -> Echo:
    return Echo()


@asynccontextmanager
async def serve(echo: Echo, *, active: bool = True, callback: str = "") -> AsyncIterator[Site]:
    # The simulator has to know the address before the application that serves both is started.
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    patience, api = Patience(pause=0.0), make_api()
    address = callback or f"http://127.0.0.1:{port}/wecom/callback"
    async with StandIn(CREDENTIALS, address, patience=patience) as stand_in:
        app = web.Application()
        app.add_routes(Callback(CREDENTIALS, echo).routes())
        app.add_routes(routes(stand_in, api if active else None))
        if active:
            app.add_routes(api.routes())

        async def end(_: web.Application) -> None:
            api.close()

        app.on_shutdown.append(end)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        yield Site(port, echo, stand_in, api)
        await runner.cleanup()


@pytest.fixture
async def site(echo: Echo) -> AsyncIterator[Site]:
    async with serve(echo) as site:
        yield site


@pytest.fixture
def deserted_url() -> str:
    """An address on this machine where nobody listens any more."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}/wecom/callback"
