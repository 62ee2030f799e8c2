"""The client of the active API against a stand-in that keeps the documented rules."""

from __future__ import annotations

import asyncio
import io
import logging
import traceback
from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.simulator.api_faults import Cut, ErrorCode, Fault, Hang, HttpStatus
from bot.wecom.api_errors import ApiError, ApiRefusedError, ApiUnreachableError, ContentError, Reaction
from bot.wecom.cards import ButtonCard, CardButton, CardOption, CardSelector, ChoiceCard
from bot.wecom.client import ApiClient, ApiCredentials
from bot.wecom.menu import MENU, Menu, MenuButton, MenuEntry
from bot.wecom.tokens import MemoryTokens
from bot.wecom.wire import check_base
from tests.simulator.api_bench import AGENT, CORP, SECRET
from tests.wecom.api_client import CREDENTIALS, HASTY, Site, api_site

CARD = ButtonCard(
    "task-1", "换一版？", (CardButton("换一版", "换一版"), CardButton("加入草稿", "加入草稿")), "第1版，共3版"
)
CHOICE = ChoiceCard(
    "task-2",
    "要哪一种提纲？",
    (CardSelector("kind", "文种", (CardOption("a", "年度总结"), CardOption("b", "述职报告"))),),
    CardButton("就要这种", "outline"),
)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with api_site() as site:
        yield site


@pytest.fixture
async def client(site: Site) -> AsyncIterator[ApiClient]:
    async with site.client() as client:
        yield client


async def test_text_and_markdown_arrive_whole(site: Site, client: ApiClient) -> None:
    text = "笔" * 682 + "ab"
    assert (await client.send_text("zhang", text)).missed == ()
    await client.send_markdown(["zhang", "li"], "**党建**")
    assert [(shown.user, shown.kind, shown.text) for shown in site.api.shown] == [
        ("zhang", "text", text),
        ("zhang", "markdown", "**党建**"),
        ("li", "markdown", "**党建**"),
    ]
    assert not any(shown.cut for shown in site.api.shown)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("某局2026年党建工作总结.docx", "某局2026年党建工作总结.docx"),
        ("《学习》（一）“三会一课”　材料.docx", "《学习》（一）“三会一课”　材料.docx"),
        ('a"b\\c/d:e\r\nf.docx', "abcdef.docx"),
        ("../../etc/总结.docx", "etc总结.docx"),
        ("长" * 100 + ".docx", "长" * 65 + ".docx"),
        ("😀𠮷.docx", "😀𠮷.docx"),
    ],
)
async def test_file_keeps_its_chinese_name(site: Site, client: ApiClient, name: str, shown: str) -> None:
    await client.send_file("zhang", name, b"content of the file")
    (message,) = site.api.shown
    assert message.file is not None
    assert (message.file.name, message.file.content) == (shown, b"content of the file")


async def test_large_file_is_uploaded_and_a_larger_one_never_sent(site: Site, client: ApiClient) -> None:
    largest = bytes(20 * 1024 * 1024)
    media_id = await client.upload("大.docx", largest)
    assert len(site.api.files[media_id].content) == len(largest)
    calls = site.api.calls.total()
    for name, content in (("大.docx", largest + b"1"), ("小.docx", b"1234"), ("//..", b"12345")):
        with pytest.raises(ContentError):
            await client.upload(name, content)
    assert site.api.calls.total() == calls


@pytest.mark.parametrize("text", ["", "笔" * 683, "a" * 2049])
async def test_text_that_would_be_cut_is_never_sent(site: Site, client: ApiClient, text: str) -> None:
    with pytest.raises(ContentError, match="2048"):
        await client.send_text("zhang", text)
    with pytest.raises(ContentError, match="2048"):
        await client.send_markdown("zhang", text)
    assert site.api.calls.total() == 0


async def test_lone_surrogate_does_not_cost_the_message(site: Site, client: ApiClient) -> None:
    await client.send_text("zhang", "一\ud800二")
    assert site.api.texts("zhang") == ["一?二"]


@pytest.mark.parametrize("users", ["@all", "zhang|li", "", [], ["zhang", "@all"], "zhang li", ["u"] * 1001])
async def test_nobody_is_addressed_but_the_members_named(site: Site, client: ApiClient, users: str | list[str]) -> None:
    with pytest.raises(ContentError, match="成员"):
        await client.send_text(users, "一")
    assert site.api.calls.total() == 0


async def test_members_that_are_not_reached_are_named(site: Site, client: ApiClient) -> None:
    site.api.unknown, site.api.unlicensed = {"gone", "left"}, {"unpaid"}
    receipt = await client.send_text(["zhang", "gone", "left", "unpaid"], "一")
    assert (receipt.invalid, receipt.unlicensed) == (("gone", "left"), ("unpaid",))
    assert receipt.missed == ("gone", "left", "unpaid")
    with pytest.raises(ApiRefusedError, match="81013") as caught:
        await client.send_text("gone", "一")
    assert caught.value.reaction is Reaction.RECIPIENT


async def test_card_is_sent_and_updated_once(site: Site, client: ApiClient) -> None:
    receipt = await client.send_card("zhang", CARD)
    assert site.api.shown[0].card == CARD.to_json()
    assert await client.update_card(["zhang", "li"], receipt.response_code, "已换") == ("li",)
    with pytest.raises(ApiRefusedError, match="42022"):
        await client.update_card(["zhang"], receipt.response_code, "已换")
    second = await client.send_card("zhang", CHOICE)
    assert site.api.shown[1].card == CHOICE.to_json()
    await client.update_card(["zhang"], second.response_code, CARD)
    assert site.api.shown[1].card == CARD.to_json()
    assert receipt.response_code not in repr(receipt)


async def test_message_is_recalled(site: Site, client: ApiClient) -> None:
    receipt = await client.send_text("zhang", "一")
    await client.recall(receipt.message_id)
    assert site.api.shown[0].recalled


async def test_menu_is_set_read_and_removed(site: Site, client: ApiClient) -> None:
    with pytest.raises(ApiRefusedError, match="46003"):
        await client.get_menu()
    await client.create_menu(MENU)
    assert await client.get_menu() == MENU.to_json()
    await client.delete_menu()
    assert site.api.menu is None
    with pytest.raises(ContentError, match="六个字的名称”有18字节"):
        await client.create_menu(Menu((MenuButton("六个字的名称", (MenuEntry("提纲", "提纲"),)),)))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(HttpStatus(503), "HTTP 503"), (HttpStatus(302), "HTTP 302"), (Hang(), "TimeoutError"), (Cut(), "Disconnected")],
)
@pytest.mark.parametrize("call", ["gettoken", "message/send"])
async def test_api_that_does_not_answer_is_one_error_within_the_deadline(
    site: Site, fault: Fault, reason: str, call: str
) -> None:
    site.api.faults.plan(fault, call, times=None)
    started = asyncio.get_running_loop().time()
    async with site.client(timeouts=HASTY) as client:
        with pytest.raises(ApiUnreachableError, match=reason):
            await client.send_text("zhang", "一")
    assert asyncio.get_running_loop().time() - started < 5
    assert site.api.shown == []


async def test_upload_that_hangs_ends_with_its_deadline(site: Site) -> None:
    site.api.faults.plan(Hang(), "media/upload")
    async with site.client(timeouts=HASTY) as client:
        with pytest.raises(ApiUnreachableError, match="Timeout"):
            await client.upload("一.docx", b"12345")


@pytest.mark.parametrize("body", ["", "<html>", "[]", "null", '{"errcode": "0"}', "[" * 100_000, " " * 300_000 + "{}"])
async def test_answer_of_another_form_is_no_answer(body: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=body)

    app = web.Application()
    app.router.add_get("/cgi-bin/gettoken", answer)
    async with (
        TestServer(app) as server,
        ApiClient(CREDENTIALS, MemoryTokens(), base=str(server.make_url("/cgi-bin"))) as client,
    ):
        with pytest.raises(ApiUnreachableError):
            await client.send_text("zhang", "一")


async def test_token_without_a_life_is_no_answer() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"errcode": 0, "access_token": "t"})

    app = web.Application()
    app.router.add_get("/cgi-bin/gettoken", answer)
    async with (
        TestServer(app) as server,
        ApiClient(CREDENTIALS, MemoryTokens(), base=str(server.make_url("/cgi-bin"))) as client,
    ):
        with pytest.raises(ApiUnreachableError, match="no token"):
            await client.send_text("zhang", "一")


async def test_untrusted_address_is_named_with_what_to_do(site: Site, client: ApiClient) -> None:
    message = "not allow to access from your ip, hint: [1700000000], from ip: 203.0.113.7, more info at https://…"
    site.api.faults.plan(ErrorCode(60020, message), "message/send")
    with pytest.raises(ApiRefusedError) as caught:
        await client.send_text("zhang", "一")
    assert caught.value.address == "203.0.113.7"
    assert caught.value.reaction is Reaction.ALARM
    assert "203.0.113.7" in str(caught.value)
    assert "企业可信IP" in str(caught.value)


@pytest.mark.parametrize(
    "base",
    [
        "http://qyapi.weixin.qq.com/cgi-bin",
        "ftp://qyapi.weixin.qq.com/cgi-bin",
        "qyapi.weixin.qq.com/cgi-bin",
        "https://user:password@qyapi.weixin.qq.com/cgi-bin",
        "https://qyapi.weixin.qq.com/cgi-bin?x=1",
        "http://[",
        "",
    ],
)
def test_secret_never_goes_to_an_address_in_the_clear(base: str) -> None:
    with pytest.raises(ContentError, match="https"):
        ApiClient(CREDENTIALS, MemoryTokens(), base=base)


def test_default_address_and_this_machine_are_fine() -> None:
    for base in ("https://qyapi.weixin.qq.com/cgi-bin", "http://127.0.0.1:1/cgi-bin", "http://[::1]:1/cgi-bin"):
        check_base(base)


async def test_every_answer_is_observed_by_call_and_code(site: Site) -> None:
    seen: list[tuple[str, int]] = []
    tokens = MemoryTokens(site.clock)
    site.api.faults.plan(ErrorCode(45009), "message/send")
    site.api.faults.plan(Cut(), "message/send")
    async with ApiClient(
        CREDENTIALS, tokens, base=site.base, observe=lambda call, code: seen.append((call, code)), now=site.clock
    ) as client:
        for _ in range(2):
            with pytest.raises(ApiError):
                await client.send_text("zhang", "一")
        await client.send_text("zhang", "一")
    assert seen == [("gettoken", 0), ("message/send", 45009), ("message/send", -100), ("message/send", 0)]


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """Every line of every library, as it would be written by somebody who takes no care."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)


async def test_no_secret_and_no_token_in_any_log_or_error(site: Site, everything_logged: io.StringIO) -> None:
    text = "canary-text-一二三"
    asyncio.get_running_loop().set_debug(True)
    faults: list[Fault] = [HttpStatus(500), Hang(), Cut(), Cut(late=True), ErrorCode(40014), ErrorCode(40058)]
    errors: list[ApiError] = []
    tokens = set()
    async with site.client(timeouts=HASTY) as client:
        for call in ("gettoken", "message/send", "media/upload"):
            for fault in faults:
                site.api.faults.heal()
                site.api.call_in_token()
                site.api.faults.plan(fault, call, times=None)
                for act in (client.send_text("zhang", text), client.send_file("zhang", "一.docx", text.encode())):
                    try:
                        await act
                    except ApiError as error:
                        errors.append(error)
                    tokens.add(site.api.token)
    tokens.discard("")
    assert len(tokens) > 3
    assert len(errors) > 20
    assert all(error.__cause__ is None and error.__context__ is None for error in errors)
    shown = "".join(f"{error}{error!r}{''.join(traceback.format_exception(error))}" for error in errors)
    logged = everything_logged.getvalue()
    assert "api unreachable: gettoken" in logged
    for place in (logged, shown, repr(client), repr(CREDENTIALS)):
        for canary in (SECRET, text, *tokens):
            assert canary not in place


async def test_wrong_corp_or_secret_is_said_in_words_and_asked_once(site: Site) -> None:
    for credentials, code in (
        (ApiCredentials("wwother", AGENT, SECRET), 40013),
        (ApiCredentials(CORP, AGENT, "x"), 40001),
    ):
        site.api.calls.clear()
        async with ApiClient(credentials, MemoryTokens(), base=site.base) as client:
            with pytest.raises(ApiRefusedError, match=f"{code}.*WECOM_CORP_ID"):
                await client.send_text("zhang", "一")
        assert site.api.calls == {"gettoken": 1}


async def test_calling_needs_an_entered_client(site: Site) -> None:
    with pytest.raises(RuntimeError):
        await site.client().send_text("zhang", "一")


@pytest.mark.parametrize("content", [b"%PDF", b'{"errcode": 40007, "errmsg": "a file that looks like an answer"}', b""])
async def test_file_of_a_member_is_downloaded_as_it_is(site: Site, content: bytes) -> None:
    media_id = site.api.put_media("总结.docx", content)
    async with site.client() as client:
        assert await client.download(media_id, 1000) == content


async def test_download_renews_a_token_and_says_what_is_refused(site: Site) -> None:
    media_id = site.api.put_media("总结.docx", b"content")
    async with site.client() as client:
        site.api.faults.plan(ErrorCode(42001), "media/get")
        assert await client.download(media_id, 1000) == b"content"
        assert site.api.calls["gettoken"] == 2
        with pytest.raises(ApiRefusedError, match="40007"):
            await client.download("unknown", 1000)
        site.api.faults.plan(HttpStatus(502), "media/get")
        with pytest.raises(ApiUnreachableError, match="502"):
            await client.download(media_id, 1000)


async def test_no_more_is_read_of_a_file_than_is_wanted(site: Site) -> None:
    media_id = site.api.put_media("大.docx", b"x" * 5_000_000)
    async with site.client() as client:
        with pytest.raises(ContentError, match="2MB"):
            await client.download(media_id, 2 * 1024 * 1024)
        assert len(await client.download(media_id, 5_000_000)) == 5_000_000
