from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.callback import Callback

from .peer import CREDENTIALS, NOW, Peer, RecordingReceiver

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
def receiver() -> RecordingReceiver:
    return RecordingReceiver()


@pytest.fixture
async def client(receiver: RecordingReceiver) -> AsyncIterator[Client]:
    app = web.Application()
    app.add_routes(Callback(CREDENTIALS, receiver, now=lambda: NOW).routes())
    async with TestClient(TestServer(app)) as client:
        yield client
