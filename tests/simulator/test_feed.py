"""What comes by itself: messages, files, the menu, clicks on cards; and to whom it is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from io import BytesIO
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.simulator import feed
from bot.simulator.feed import attachment
from bot.wecom.crypto import MessageCipher
from bot.wecom.gate import CallbackGate
from bot.wecom.menu import MENU
from handlers.dialogue import MessageKind

from .conftest import CREDENTIALS, Echo, Site, serve
from .members import BUTTONS, CHOICE, App


@pytest.fixture
async def session(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(site.url) as session:
        yield session


@pytest.fixture
async def app(session: aiohttp.ClientSession) -> App:
    app = App(session, "/cgi-bin")
    await app.log_in()
    return app


async def updates(session: aiohttp.ClientSession, after: int | None = None) -> dict[str, Any]:
    query = {} if after is None else {"after": str(after)}
    async with session.get("/simulator/updates", params=query) as response:
        assert response.status == 200
        answer: dict[str, Any] = await response.json()
    return answer


async def post(session: aiohttp.ClientSession, path: str, body: object) -> tuple[int, dict[str, Any]]:
    async with session.post(f"/simulator/{path}", json=body) as response:
        return response.status, await response.json()


async def test_first_request_is_answered_at_once_with_all_there_is(app: App, session: aiohttp.ClientSession) -> None:
    assert (await updates(session))["messages"] == []
    await app.say("一")
    await app.say("二", "user-b")
    news = await updates(session)
    assert [(message["user"], message["text"]) for message in news["messages"]] == [("user-a", "一"), ("user-b", "二")]
    assert (news["live"], news["at"]) == (True, 2)


async def test_waiting_request_hears_of_the_next_message_and_of_that_alone(
    app: App, session: aiohttp.ClientSession
) -> None:
    await app.say("一")
    at = (await updates(session))["at"]
    waiting = asyncio.create_task(updates(session, at))
    await asyncio.sleep(0)
    await app.say("二")
    assert [message["text"] for message in (await waiting)["messages"]] == ["二"]


async def test_waiting_ends_by_itself(
    app: App, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "WAIT_SECONDS", 0.1)
    await app.say("一")
    news = await updates(session, 1)
    assert (news["at"], news["messages"]) == (1, [])


async def start_waiting(session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch) -> asyncio.Task[Any]:
    """Return a request that waits on the server: with room for one, the other of two is answered at once."""
    monkeypatch.setattr(feed, "MOST_WAITING", 1)
    both = {asyncio.create_task(updates(session, 0)) for _ in range(2)}
    answered, waiting = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    assert len(answered) == 1
    return waiting.pop()


async def test_more_than_a_few_do_not_wait(
    app: App, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = await start_waiting(session, monkeypatch)
    await app.say("一")
    assert [message["text"] for message in (await waiting)["messages"]] == ["一"]


async def test_server_that_ends_waits_for_no_page(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    async with AsyncExitStack() as later:
        async with serve(echo) as site:
            session = await later.enter_async_context(aiohttp.ClientSession(site.url))
            waiting = await start_waiting(session, monkeypatch)
            began = time.monotonic()
        assert (await waiting)["messages"] == []
        assert time.monotonic() - began < feed.WAIT_SECONDS / 2


async def test_page_that_went_away_is_waited_for_no_longer(
    site: Site, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with aiohttp.ClientSession(site.url) as gone:
        waiting = await start_waiting(gone, monkeypatch)
        waiting.cancel()
    # While the one that went still waits for the server, there is no room and an answer comes at once.
    began = time.monotonic()
    while await is_answered_at_once(session):
        assert time.monotonic() - began < feed.WAIT_SECONDS / 2


async def is_answered_at_once(session: aiohttp.ClientSession) -> bool:
    try:
        async with asyncio.timeout(0.3):
            await updates(session, 0)
    except TimeoutError:
        return False
    return True


async def test_without_an_active_api_nothing_comes_and_the_menu_is_the_app_s_own(echo: Echo) -> None:
    async with serve(echo, active=False) as site, aiohttp.ClientSession(site.url) as session:
        news = await updates(session, 0)
        assert (news["live"], news["messages"]) == (False, [])
        assert [button["name"] for button in news["menu"]] == [button.name for button in MENU.buttons]
        assert (await post(session, "faults", {"fault": "slow"}))[0] == 400
        assert (await post(session, "messages", {"user": "user-a", "card": "msg00000001", "key": "k"}))[0] == 400
        async with session.post("/simulator/files?user=user-a&name=a.txt", data=b"12345", headers=BYTES) as response:
            assert (await response.json())["reply"] == "收到file"


async def test_menu_is_the_one_that_was_pushed(app: App, session: aiohttp.ClientSession) -> None:
    await app.push_menu(
        {"type": "click", "name": "提纲", "key": "党建提纲"},
        {"name": "更多", "sub_button": [{"type": "view", "name": "网页", "url": "http://example.invalid"}]},
    )
    assert (await updates(session))["menu"] == [
        {"name": "提纲", "entries": [{"name": "提纲", "key": "党建提纲"}]},
        {"name": "更多", "entries": [{"name": "网页", "key": ""}]},
    ]


@pytest.mark.parametrize(
    "name",
    ["某局2026年党建工作总结.docx", "a b.txt", "报告“定稿”'%*;.docx", '引"号\\.docx', "r\r\nX-Evil: 1.txt", "😀.txt"],
)
async def test_file_comes_with_its_bytes_and_its_name(
    app: App, site: Site, session: aiohttp.ClientSession, name: str
) -> None:
    content = bytes(range(256)) * 10
    sent = await app.send("file", {"media_id": site.api.put_media(name, content)})
    (message,) = (await updates(session))["messages"]
    assert message["file"] == {"name": name, "bytes": 2560}
    async with session.get(f"/simulator/files/{sent['msgid']}") as response:
        assert await response.read() == content
        disposition = response.headers["Content-Disposition"]
        assert disposition.isascii()
        assert disposition == attachment(name)
        assert disposition.startswith("attachment; ")
        assert disposition.endswith(f"filename*=UTF-8''{quote(name, safe='')}")
        assert "X-Evil" not in response.headers
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert response.content_type == "application/octet-stream"


async def test_file_that_is_not_there_or_was_recalled_is_not_found(
    app: App, site: Site, session: aiohttp.ClientSession
) -> None:
    sent = await app.send("file", {"media_id": site.api.put_media("a.txt", b"12345")})
    await app.call("message/recall", {"msgid": sent["msgid"]})
    assert (await updates(session))["messages"][0]["recalled"]
    for message_id in (sent["msgid"], "msg99999999", "..%2Fpage.html"):
        async with session.get(f"/simulator/files/{message_id}") as response:
            assert response.status == 404


@pytest.mark.parametrize("path", ["updates", "files/msg00000001"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.invalid"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Host": "evil.invalid"},
        {"X-Forwarded-For": "203.0.113.9"},
    ],
)
async def test_nothing_is_told_to_other_origins_and_other_machines(
    app: App, site: Site, session: aiohttp.ClientSession, path: str, headers: dict[str, str]
) -> None:
    await app.send("file", {"media_id": site.api.put_media("a.txt", b"12345")})
    async with session.get(f"/simulator/{path}", headers=headers) as response:
        assert response.status == 403


BYTES = {"Content-Type": "application/octet-stream"}


async def test_file_of_a_member_arrives_and_can_be_fetched(
    app: App, site: Site, session: aiohttp.ClientSession
) -> None:
    content = b"x" * 3_000_000
    query = {"user": "user-b", "name": "某局“总结”.docx"}
    async with session.post("/simulator/files", params=query, data=BytesIO(content), headers=BYTES) as response:
        assert (await response.json())["reply"] == "收到file"
    (message,) = site.echo.messages
    assert (message.kind, message.user) == (MessageKind.FILE, "user-b")
    ((media_id, kept),) = site.api.files.items()
    assert (kept.name, kept.content) == ("某局“总结”.docx", content)
    status, answer = await post(session, "messages", {"user": "user-b", "redeliver": "same"})
    assert (status, answer["reply"]) == (200, "收到file")
    assert media_id.startswith("3a")


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ({"user": "user-a"}, 5),
        ({"user": "用户", "name": "a.txt"}, 5),
        ({"user": "user-a", "name": ""}, 5),
        ({"user": "user-a", "name": "a\nb"}, 5),
        ({"user": "user-a", "name": "名" * 256}, 5),
        ({"user": "user-a", "name": "a.txt"}, 0),
    ],
)
async def test_file_without_name_or_content_is_refused(
    site: Site, session: aiohttp.ClientSession, query: dict[str, str], size: int
) -> None:
    async with session.post("/simulator/files", params=query, data=b"x" * size, headers=BYTES) as response:
        assert response.status == 400
    assert site.echo.messages == []


async def test_file_beyond_twenty_megabytes_is_refused(site: Site, session: aiohttp.ClientSession) -> None:
    content = bytes(20 * 1024 * 1024 + 1)
    query = {"user": "user-a", "name": "a.txt"}
    async with session.post("/simulator/files", params=query, data=BytesIO(content), headers=BYTES) as response:
        assert (await response.json())["error"] == "文件超过20MB"
    assert site.api.files == {}


async def test_file_of_another_origin_or_type_is_refused(site: Site, session: aiohttp.ClientSession) -> None:
    for headers in ({"Content-Type": "text/plain"}, {**BYTES, "Origin": "http://evil.invalid"}):
        query = {"user": "user-a", "name": "a.txt"}
        async with session.post("/simulator/files", params=query, data=b"12345", headers=headers) as response:
            assert response.status == 403
    assert site.echo.messages == []


async def test_click_on_a_card_reaches_the_bot_as_its_event(
    app: App, site: Site, session: aiohttp.ClientSession
) -> None:
    sent = await app.send("template_card", CHOICE)
    card = (await updates(session))["messages"][0]["card"]
    assert card["title"] == "要哪一种提纲？"
    assert card["selectors"][0]["chosen"] == "a"
    assert (card["submit"], card["grey"]) == ({"text": "就要这种", "key": "submit"}, "")
    click = {"user": "user-a", "card": sent["msgid"], "key": "submit", "selected": {"kind": "b"}}
    status, _ = await post(session, "messages", click)
    assert status == 200
    assert len(site.echo.messages) == 1


@pytest.mark.parametrize(
    "click",
    [
        {"user": "user-b"},
        {"card": "msg99999999"},
        {"key": "other"},
        {"selected": {}},
        {"selected": {"kind": "z"}},
        {"selected": {"kind": 1}},
        {"selected": {str(number): "a" for number in range(4)}},
        {"selected": []},
        {"card": 1},
    ],
)
async def test_click_on_what_is_not_there_is_refused(
    app: App, site: Site, session: aiohttp.ClientSession, click: dict[str, Any]
) -> None:
    sent = await app.send("template_card", CHOICE)
    sound = {"user": "user-a", "card": sent["msgid"], "key": "submit", "selected": {"kind": "b"}}
    status, answer = await post(session, "messages", sound | click)
    assert (status, bool(answer["error"])) == (400, True)
    assert site.echo.messages == []


async def test_updated_card_is_told_again_with_its_grey_button(app: App, session: aiohttp.ClientSession) -> None:
    sent = await app.send("template_card", BUTTONS)
    at = (await updates(session))["at"]
    body = {
        "userids": ["user-a"],
        "response_code": sent["response_code"],
        "button": {"replace_name": "已展开"},
    }
    await app.call("message/update_template_card", body)
    (message,) = (await updates(session, at))["messages"]
    assert (message["id"], message["card"]["grey"]) == (sent["msgid"], "已展开")


class Updater:
    """A callback that answers every delivery with the update of a card."""

    def __init__(self) -> None:
        self.reply = ""

    async def answer(self, request: web.Request) -> web.Response:
        gate = CallbackGate(CREDENTIALS, time.time)
        incoming = gate.open(gate.admit(request.query.items()), await request.read())
        xml = (
            f"<xml><ToUserName>{incoming.message.user}</ToUserName><FromUserName>{incoming.corp}</FromUserName>"
            f"<CreateTime>1</CreateTime>{self.reply}</xml>"
        )
        cipher = MessageCipher(CREDENTIALS)
        encrypted = cipher.encrypt(xml)
        signature = cipher.sign("1700000000", "1", encrypted)
        return web.Response(
            text=f"<xml><Encrypt>{encrypted}</Encrypt><MsgSignature>{signature}</MsgSignature>"
            "<TimeStamp>1700000000</TimeStamp><Nonce>1</Nonce></xml>"
        )


async def test_card_is_updated_by_the_passive_answer_to_its_click(echo: Echo) -> None:
    updater, callback = Updater(), web.Application()
    callback.router.add_post("/", updater.answer)
    async with (
        TestServer(callback) as server,
        serve(echo, callback=str(server.make_url("/"))) as site,
        aiohttp.ClientSession(site.url) as session,
    ):
        app = App(session, "/cgi-bin")
        await app.log_in()
        sent = await app.send("template_card", BUTTONS)
        click = {"user": "user-a", "card": sent["msgid"], "key": "换一版"}
        updater.reply = "<MsgType>update_template_card</MsgType><TemplateCard><CardType>other</CardType></TemplateCard>"
        assert "40058" in (await post(session, "messages", click))[1]["error"]
        updater.reply = "<MsgType>update_button</MsgType><Button><ReplaceName>已换</ReplaceName></Button>"
        status, answer = await post(session, "messages", click)
        assert (status, answer["reply"], answer["updated"]) == (200, None, True)
        assert (await updates(session))["messages"][0]["card"]["grey"] == "已换"
        assert (await post(session, "messages", click))[0] == 400


async def test_app_s_own_life_is_told_to_the_bot(site: Site, session: aiohttp.ClientSession) -> None:
    status, _ = await post(session, "messages", {"user": "user-a", "lifecycle": "inactive_alert"})
    assert status == 200
    assert [message.user for message in site.echo.messages] == ["sys"]
    assert (await post(session, "messages", {"user": "user-a", "lifecycle": "birthday"}))[0] == 400


@pytest.mark.parametrize(("fault", "code"), [("token", 40014), ("down", 503)])
async def test_faults_of_the_active_api_come_and_go(
    app: App, site: Site, session: aiohttp.ClientSession, fault: str, code: int
) -> None:
    assert (await post(session, "faults", {"fault": fault}))[0] == 200
    for _ in range(2):
        async with session.post("/cgi-bin/message/send", json={}) as response:
            met = response.status if response.status != 200 else (await response.json())["errcode"]
            assert met == code
    if fault == "token":
        await app.log_in()
    assert (await post(session, "faults", {"fault": "earthquake"}))[0] == 400
    assert (await post(session, "faults", {"fault": "none"}))[0] == 200
    await app.say("一")
    assert site.api.texts("user-a") == ["一"]
