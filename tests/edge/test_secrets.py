"""A canary in everything that is sent: it must sing nowhere but in the answer to whoever sent it."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer
from pydantic import SecretStr
from redis import Redis

from bot.app import create_app
from bot.logs import OWN_PACKAGES, configure_logging
from bot.opening import LiveDialogue, Shelf
from bot.settings import Settings
from bot.simulator.inbound import Event, Medium
from bot.simulator.stand_in import StandIn
from bot.stores.protocol import Lifetimes
from bot.wecom.crypto import Credentials
from tests.conftest import RedisServer

from .guarded import PATH, GuardedTestServer, RawClient
from .redis_contents import all_bytes

TOKEN, AES_KEY, SALT = "CanaryToken735", "CanaryKey7350123456789abcdefghijklmnopqrstA", "salt-735-canary"
CREDENTIALS = Credentials("wwtestcorp", TOKEN, AES_KEY, "1000002")
USER = "canary.user.735"
WORD = "金丝雀柒叁伍"
TYPED = f"请把{WORD}的事写进总结里，canary735@example.invalid，电话13900007350"
SECRETS = (TOKEN, AES_KEY, SALT, USER, WORD, "canary735", "13900007350")


@contextmanager
def captured_log(form: Literal["json", "text"]) -> Iterator[io.StringIO]:
    """All that is logged at DEBUG; logging is as before afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("DEBUG", form, stream)
    try:
        yield stream
    finally:
        root.handlers, root.level = before
        for package in OWN_PACKAGES:
            logging.getLogger(package).setLevel(logging.NOTSET)


async def send_everything(server: BaseTestServer) -> set[str]:
    """Send genuine and hostile requests that all carry the canary; return the texts that came back as replies."""
    url = str(server.make_url(PATH))
    replies = set()
    async with StandIn(CREDENTIALS, url) as stand_in, aiohttp.ClientSession() as session:
        texts = [
            TYPED,
            f"{WORD}怎么写",
            f"检查：{TYPED}三是抓落实。六是抓作风。",
            f"加入草稿：{TYPED}",
            "更多",
            f"收藏{WORD}",
        ]
        deliveries = [stand_in.compose_text(USER, text) for text in texts]
        deliveries += [
            stand_in.compose_event(USER, Event.CLICK, WORD),
            stand_in.compose_event(USER, Event.ENTER),
            stand_in.compose_medium(USER, Medium.LINK),
            stand_in.seal(USER, f"<xml><ToUserName>{WORD}</ToUserName></xml>"),
            stand_in.seal(USER, f"<xml>{TYPED}"),
        ]
        for delivery in (*deliveries, deliveries[0]):
            async with session.post(url, params=dict(delivery.query), data=delivery.body) as response:
                assert response.status in {200, 403}
        replies = {(await stand_in.post(delivery)).reply or "" for delivery in deliveries[:6]}
        hostile: list[dict[str, Any]] = [
            {"params": {"msg_signature": WORD, "canary735": TYPED}, "data": TYPED.encode()},
            {"params": dict(deliveries[0].query), "data": f"<xml><Encrypt>{WORD}</Encrypt></xml>".encode()},
            {"params": dict(deliveries[0].query), "data": b"canary735" * 9000},
            {"params": {"echostr": TYPED}, "headers": {"User-Agent": "canary735", "Cookie": f"a={TOKEN}"}},
        ]
        for request in hostile:
            async with session.post(url, **request) as response:
                assert response.status in {403, 413}
        async with session.get(server.make_url(f"/canary735/{USER}"), params={"q": TOKEN}) as response:
            assert response.status == 404
    raw = await RawClient.connect(server)
    await raw.send(b"GET /canary735 HTTP/1.1\r\nHost canary735\r\n\r\n")
    await raw.read_all()
    raw.close()
    return replies


def found_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("form", ["json", "text"])
async def test_canary_and_secrets_reach_no_log_no_figure_and_no_redis_beyond_their_time(
    bundled_base: Path, redis_server: RedisServer, form: Literal["json", "text"]
) -> None:
    settings = Settings(
        knowledge_base=bundled_base,
        redis_url=SecretStr(redis_server.url),
        wecom_aes_key=SecretStr(AES_KEY),
        user_hash_salt=SecretStr(SALT),
    )
    with captured_log(form) as log:
        app = create_app(settings, LiveDialogue(Shelf(settings)), CREDENTIALS)
        async with GuardedTestServer(app) as server:
            replies = await send_everything(server)
            assert any(WORD in reply for reply in replies), "the canary was not even read"
            figures = await read_figures(app, server)
            check_redis(redis_server)
            redis_server.kill()
            await send_everything(server)
            figures += await read_figures(app, server)
    assert log.getvalue().count("\n") > 20, "nothing was logged"
    assert found_in(log.getvalue()) == []
    assert found_in(figures) == []


async def read_figures(app: web.Application, server: BaseTestServer) -> str:
    """Everything that can be read without credentials: health, readiness, metrics."""
    texts = []
    async with aiohttp.ClientSession() as session:
        for path in sorted(resource.canonical for resource in app.router.resources()):
            if path != PATH and "{" not in path:
                async with session.get(server.make_url(path)) as response:
                    texts.append(f"{path} {response.status} {await response.text()}")
    return "\n".join(texts)


def check_redis(server: RedisServer) -> None:
    """No secret and no user id ever; of what was typed nothing once its time is over, and that is set on every key."""
    longest = Lifetimes()
    with Redis(unix_socket_path=str(server.socket)) as redis:
        keys = list(redis.scan_iter())
        assert keys
        for key in keys:
            assert 0 < redis.pttl(key) <= longest.notebook * 1000
        stored = all_bytes(server)
        for secret in (TOKEN, AES_KEY, SALT, USER):
            assert secret.encode() not in stored
        for key in keys:
            redis.pexpire(key, 1)
        deadline = time.monotonic() + 5
        while redis.dbsize() and time.monotonic() < deadline:
            list(redis.scan_iter())
        assert redis.dbsize() == 0
