"""The page's server side: what it serves, and to whom."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, make_mocked_request

from bot.simulator.guards import is_local
from bot.simulator.page import MAX_TEXT, MAX_USERS, SCRIPTS, routes
from bot.simulator.stand_in import Patience, StandIn
from handlers.dialogue import MessageKind

from .conftest import CREDENTIALS, Site

MESSAGES = "/simulator/messages"


async def post(site: Site, body: Any, headers: dict[str, str] | None = None, **options: Any) -> tuple[int, Any]:
    text = body if isinstance(body, bytes | str) else json.dumps(body)
    data = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    sent = {"Content-Type": "application/json"} | (headers or {})
    async with (
        aiohttp.ClientSession() as session,
        session.post(site.url + MESSAGES, data=data, headers=sent, **options) as response,
    ):
        answer = await response.text()
        return response.status, json.loads(answer) if response.content_type == "application/json" else answer


async def get(site: Site, path: str, headers: dict[str, str] | None = None) -> tuple[int, str, dict[str, str]]:
    async with aiohttp.ClientSession() as session, session.get(site.url + path, headers=headers) as response:
        return response.status, await response.text(), {**response.headers}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/simulator", "text/html; charset=utf-8"),
        ("/simulator/page.css", "text/css; charset=utf-8"),
        ("/simulator/parts.css", "text/css; charset=utf-8"),
        *((f"/simulator/{name}", "text/javascript; charset=utf-8") for name in SCRIPTS),
        ("/simulator/icon.svg", "image/svg+xml; charset=utf-8"),
    ],
)
async def test_files_come_with_their_type_and_a_strict_policy(site: Site, path: str, kind: str) -> None:
    status, text, headers = await get(site, path)
    assert status == 200
    assert text
    assert headers["Content-Type"] == kind
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


async def test_page_uses_nothing_from_elsewhere_and_no_inline_code(site: Site) -> None:
    _, page, _ = await get(site, "/simulator")
    assert "<script>" not in page
    assert "style=" not in page
    assert not re.search(r"\son[a-z]+\s*=", page)
    for path in ("/simulator", *(f"/simulator/{name}" for name in ("page.css", "parts.css", *SCRIPTS))):
        _, text, _ = await get(site, path)
        assert "//" not in text.replace("// ", "").replace("http://www.w3.org/2000/svg", "")
        assert "innerHTML" not in text


async def test_text_is_answered_with_figures(site: Site) -> None:
    status, answer = await post(site, {"user": "user-a", "text": "意识形态怎么写"})
    assert status == 200
    assert answer["status"] == 200
    assert answer["reply"].startswith("收到：意识形态怎么写\n")
    assert answer["milliseconds"] > 0
    assert answer["request_bytes"] > 100
    assert answer["response_bytes"] > 100
    assert site.echo.messages[0].user == "user-a"


@pytest.mark.parametrize(
    ("act", "kind", "text"),
    [
        ({"event": "enter_agent"}, MessageKind.ENTER, ""),
        ({"event": "subscribe"}, MessageKind.SUBSCRIBE, ""),
        ({"event": "click", "key": "help"}, MessageKind.CLICK, "help"),
        ({"media": "image"}, MessageKind.IMAGE, ""),
        ({"media": "file"}, MessageKind.FILE, ""),
        ({"text": ""}, MessageKind.TEXT, ""),
        ({"text": "长" * MAX_TEXT}, MessageKind.TEXT, "长" * MAX_TEXT),
        ({"text": "😀" * MAX_TEXT}, MessageKind.TEXT, "😀" * MAX_TEXT),
    ],
)
async def test_every_act_reaches_the_bot(site: Site, act: dict[str, str], kind: MessageKind, text: str) -> None:
    site.echo.answer = lambda _: "好"
    status, answer = await post(site, {"user": "user-b"} | act)
    assert (status, answer["reply"]) == (200, "好")
    (message,) = site.echo.messages
    assert (message.kind, message.text, message.user) == (kind, text, "user-b")


@pytest.mark.parametrize("way", ["same", "fresh"])
async def test_redelivery_repeats_the_last_delivery_of_that_user(site: Site, way: str) -> None:
    await post(site, {"user": "user-a", "text": "一"})
    await post(site, {"user": "user-b", "text": "二"})
    status, answer = await post(site, {"user": "user-a", "redeliver": way})
    assert status == 200
    assert answer["reply"].startswith("收到：一")
    first, second, third = site.echo.messages
    assert first.delivery == third.delivery != second.delivery


async def test_nothing_to_redeliver_is_said(site: Site) -> None:
    status, answer = await post(site, {"user": "user-a", "redeliver": "same"})
    assert (status, answer["error"]) == (400, "还没有可以重推的消息")


async def test_only_the_last_users_are_remembered(site: Site) -> None:
    for number in range(MAX_USERS + 1):
        await post(site, {"user": f"u{number}", "text": "一"})
    assert (await post(site, {"user": "u0", "redeliver": "same"}))[0] == 400
    assert (await post(site, {"user": "u1", "redeliver": "same"}))[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        b"\xff\xfe",
        b"{" + b" " * 2_000_000 + b"}",
        {},
        {"user": "user-a"},
        {"text": "一"},
        {"user": "user-a", "text": 1},
        {"user": "user-a", "text": None},
        {"user": "user-a", "text": "一", "event": "subscribe"},
        {"user": "user-a", "event": "batch_job_result"},
        {"user": "user-a", "event": "click", "key": 1},
        {"user": "user-a", "media": "hologram"},
        {"user": "user-a", "redeliver": "twice"},
        {"user": "user-a", "text": "\ud800"},
        {"user": "user-a", "text": "长" * (MAX_TEXT + 1)},
        {"user": "", "text": "一"},
        {"user": "用户", "text": "一"},
        {"user": "a" * 65, "text": "一"},
        {"user": "a]]>", "text": "一"},
        {"user": ["a"], "text": "一"},
    ],
)
async def test_unusable_request_is_a_400_with_a_reason(site: Site, body: Any) -> None:
    status, answer = await post(site, body)
    assert status == 400
    assert answer["error"]
    assert site.echo.messages == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.invalid"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json-seq"},
    ],
)
async def test_other_origins_and_plain_forms_are_refused(site: Site, headers: dict[str, str]) -> None:
    status, _ = await post(site, {"user": "user-a", "text": "一"}, headers)
    assert status == 403
    assert site.echo.messages == []


async def test_our_own_origin_is_served(site: Site) -> None:
    own = {"Origin": site.url, "Sec-Fetch-Site": "same-origin"}
    assert (await post(site, {"user": "user-a", "text": "一"}, own))[0] == 200


async def test_port_of_another_local_server_is_another_origin(site: Site) -> None:
    assert (await post(site, {"user": "user-a", "text": "一"}, {"Origin": "http://127.0.0.1:1"}))[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.invalid"},
        {"Host": "evil.invalid:8080"},
        {"Host": "localhost.evil.invalid"},
        {"Host": "127.0.0.1.evil.invalid"},
        {"Host": "127.0.0.1@evil.invalid"},
        {"Host": "10.0.0.1"},
        {"Host": "0.0.0.0"},
        {"Host": "localhost:a"},
        {"X-Forwarded-For": "203.0.113.9"},
        {"X-Real-IP": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
        {"Via": "1.1 proxy"},
    ],
)
async def test_rebound_names_and_proxied_requests_are_refused(site: Site, headers: dict[str, str]) -> None:
    status, text, answered = await get(site, "/simulator", headers)
    assert (status, text) == (403, "模拟器只供本机使用")
    assert "Content-Security-Policy" in answered
    assert (await post(site, {"user": "user-a", "text": "一"}, headers))[0] == 403
    assert site.echo.messages == []


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:65535", "[::1]", "[::1]:80"])
async def test_names_of_this_machine_are_served(site: Site, host: str) -> None:
    assert (await get(site, "/simulator", {"Host": host}))[0] == 200


class Peer:
    """A transport whose other end has a given address."""

    def __init__(self, peername: Any) -> None:
        self.peername = peername

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self.peername if name == "peername" else default

    def is_closing(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("peername", "local"),
    [
        (("127.0.0.1", 1), True),
        (("127.9.9.9", 1), True),
        (("::1", 1, 0, 0), True),
        (("::ffff:127.0.0.1", 1, 0, 0), True),
        (("203.0.113.9", 1), False),
        (("::ffff:203.0.113.9", 1, 0, 0), False),
        (("0.0.0.0", 1), False),
        (("", 1), False),
        ("", False),
        (None, False),
    ],
)
def test_only_peers_on_this_machine_count_as_local(peername: Any, local: bool) -> None:
    request = make_mocked_request("GET", "/simulator", headers={"Host": "localhost"}, transport=Peer(peername))
    assert is_local(request) is local


async def test_callback_that_is_away_is_said_in_a_sentence(deserted_url: str) -> None:
    async with StandIn(CREDENTIALS, deserted_url, patience=Patience(pause=0.0)) as stand_in:
        app = web.Application()
        app.add_routes(routes(stand_in))
        async with TestServer(app) as server, aiohttp.ClientSession() as session:
            body = {"user": "user-a", "text": "一"}
            async with session.post(server.make_url(MESSAGES), json=body) as response:
                assert response.status == 502
                assert (await response.json())["error"] == "连不上回调地址"
