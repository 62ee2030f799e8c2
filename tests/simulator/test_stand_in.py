"""The stand-in speaks to the real callback as WeChat Work does."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from xml.etree import ElementTree as ET

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import StandInError
from bot.simulator.inbound import Event, Medium
from bot.simulator.stand_in import MAX_CONTENT_BYTES, StandIn
from bot.wecom.crypto import Credentials, MessageCipher
from bot.wecom.envelope import read_message, write_reply
from handlers.dialogue import MessageKind

from .conftest import CREDENTIALS, WELCOME, Echo, Site

CORP = CREDENTIALS.corp_id


def fields(xml: str) -> list[str]:
    return [child.tag for child in ET.fromstring(xml)]


def test_inbound_xml_has_the_documented_fields_in_their_order() -> None:
    stand_in = StandIn(CREDENTIALS, "http://127.0.0.1/")
    head = ["ToUserName", "FromUserName", "CreateTime", "MsgType"]
    tail = ["MsgId", "AgentID"]
    expected = {
        Medium.IMAGE: ["PicUrl", "MediaId"],
        Medium.VOICE: ["MediaId", "Format"],
        Medium.VIDEO: ["MediaId", "ThumbMediaId"],
        Medium.LOCATION: ["Location_X", "Location_Y", "Scale", "Label", "AppType"],
        Medium.LINK: ["Title", "Description", "Url", "PicUrl"],
    }
    for medium, names in expected.items():
        assert fields(stand_in.compose_medium("u", medium).xml) == [*head, *names, *tail]
    assert fields(stand_in.compose_text("u", "文").xml) == [*head, "Content", *tail]
    assert fields(stand_in.compose_event("u", Event.ENTER).xml) == [*head, "Event", "EventKey", "AgentID"]
    assert fields(stand_in.compose_event("u", Event.SUBSCRIBE).xml) == [*head, "Event", "AgentID"]
    assert fields(stand_in.compose_event("u", Event.CLICK, "k").xml) == [*head, "Event", "EventKey", "AgentID"]


def test_strings_travel_in_cdata_and_numbers_bare() -> None:
    xml = StandIn(CREDENTIALS, "http://127.0.0.1/", now=lambda: 1_700_000_000.9).compose_text("u", "文").xml
    assert xml.startswith(f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[u]]></FromUserName>")
    assert (
        "<CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[文]]></Content>" in xml
    )
    assert re.search(r"<MsgId>[0-9]{1,20}</MsgId><AgentID>1000002</AgentID></xml>$", xml)


def test_every_message_has_a_number_of_its_own() -> None:
    stand_in = StandIn(CREDENTIALS, "http://127.0.0.1/")
    numbers = {ET.fromstring(stand_in.compose_text("u", "文").xml).findtext("MsgId") for _ in range(100)}
    assert len(numbers) == 100


@pytest.mark.parametrize("text", ["意识形态怎么写", "a]]>b", "<xml>&amp;", "一\n二", "😀", "四个‘意识’"])
async def test_text_comes_through_and_the_reply_comes_back(site: Site, text: str) -> None:
    exchange = await site.stand_in.post(site.stand_in.compose_text("zhangsan", text))
    assert exchange.status == 200
    assert exchange.reply is not None
    assert exchange.reply.startswith("收到：")
    (message,) = site.echo.messages
    assert (message.user, message.text, message.kind) == ("zhangsan", text, MessageKind.TEXT)
    assert exchange.milliseconds > 0
    assert exchange.request_bytes == len(exchange.delivery.body)
    assert exchange.response_bytes > len(exchange.reply.encode())


@pytest.mark.parametrize("medium", list(Medium))
async def test_every_medium_arrives_as_its_kind(site: Site, medium: Medium) -> None:
    exchange = await site.stand_in.post(site.stand_in.compose_medium("zhangsan", medium))
    assert exchange.reply == f"收到{medium.value}"
    assert site.echo.messages[0].kind is MessageKind(medium.value)


@pytest.mark.parametrize(
    ("event", "key", "kind", "text"),
    [
        (Event.ENTER, "", MessageKind.ENTER, ""),
        (Event.SUBSCRIBE, "", MessageKind.SUBSCRIBE, ""),
        (Event.CLICK, "outline", MessageKind.CLICK, "outline"),
    ],
)
async def test_events_arrive_as_their_kind(site: Site, event: Event, key: str, kind: MessageKind, text: str) -> None:
    exchange = await site.stand_in.post(site.stand_in.compose_event("zhangsan", event, key))
    assert exchange.reply == (WELCOME if event is Event.ENTER else f"收到{kind.value}")
    (message,) = site.echo.messages
    assert (message.kind, message.text) == (kind, text)


async def test_redelivery_is_the_same_delivery_with_the_same_bytes_or_a_new_signature(site: Site) -> None:
    delivery = site.stand_in.compose_text("zhangsan", "主题党日 3条")
    fresh = site.stand_in.repeat(delivery)
    assert fresh.xml == delivery.xml
    assert fresh.body != delivery.body
    assert fresh.query != delivery.query
    exchanges = await asyncio.gather(*(site.stand_in.post(each) for each in (delivery, delivery, fresh)))
    assert len({exchange.reply for exchange in exchanges}) == 1
    assert len({message.delivery for message in site.echo.messages}) == 1
    other = await site.stand_in.post(site.stand_in.compose_text("zhangsan", "主题党日 3条"))
    assert other.status == 200
    assert len({message.delivery for message in site.echo.messages}) == 2


async def test_silence_is_no_reply(site: Site) -> None:
    site.echo.answer = lambda _: None
    exchange = await site.stand_in.post(site.stand_in.compose_text("zhangsan", "好"))
    assert (exchange.status, exchange.reply, exchange.response_bytes) == (200, None, 0)


async def test_refusal_is_reported_by_its_status(site: Site) -> None:
    stranger = Credentials(CORP, "0ther", CREDENTIALS.aes_key, "1000002")
    async with StandIn(stranger, f"{site.url}/wecom/callback") as stand_in:
        exchange = await stand_in.post(stand_in.compose_text("zhangsan", "好"))
        assert (exchange.status, exchange.reply) == (403, None)
        assert not await stand_in.verify_address()
    assert site.echo.messages == []


async def test_address_verifies(site: Site) -> None:
    assert await site.stand_in.verify_address()


async def test_nobody_listening_is_said_in_a_sentence(deserted_url: str) -> None:
    async with StandIn(CREDENTIALS, deserted_url) as stand_in:
        with pytest.raises(StandInError, match="连不上"):
            await stand_in.post(stand_in.compose_text("u", "好"))
        with pytest.raises(StandInError, match="连不上"):
            await stand_in.verify_address()


async def test_answer_that_comes_too_late_is_said_in_a_sentence(site: Site) -> None:
    site.echo.free.clear()
    async with StandIn(CREDENTIALS, f"{site.url}/wecom/callback", answer_seconds=0.1) as stand_in:
        with pytest.raises(StandInError, match="按时"):
            await stand_in.post(stand_in.compose_text("u", "好"))
    site.echo.free.set()
    assert [message.text for message in site.echo.messages] == ["好"]


async def test_posting_needs_an_entered_stand_in() -> None:
    stand_in = StandIn(CREDENTIALS, "http://127.0.0.1/")
    with pytest.raises(RuntimeError):
        await stand_in.post(stand_in.compose_text("u", "好"))


Answer = Callable[[web.Request], Awaitable[web.Response]]


class Impostor:
    """A callback that answers with whatever it was given."""

    def __init__(self) -> None:
        self.body = ""

    async def answer(self, _: web.Request) -> web.Response:
        return web.Response(text=self.body)

    def seal(self, xml: str) -> None:
        cipher = MessageCipher(CREDENTIALS)
        encrypted = cipher.encrypt(xml)
        signature = cipher.sign("1700000000", "1", encrypted)
        self.body = (
            f"<xml><Encrypt>{encrypted}</Encrypt><MsgSignature>{signature}</MsgSignature>"
            "<TimeStamp>1700000000</TimeStamp><Nonce>1</Nonce></xml>"
        )


@pytest.fixture
async def impostor() -> AsyncIterator[tuple[Impostor, StandIn]]:
    impostor = Impostor()
    app = web.Application()
    app.router.add_post("/", impostor.answer)
    async with TestServer(app) as server, StandIn(CREDENTIALS, str(server.make_url("/"))) as stand_in:
        yield impostor, stand_in


def reply_xml(**values: str) -> str:
    given = {"ToUserName": "u", "FromUserName": CORP, "CreateTime": "1", "MsgType": "text", "Content": "好"} | values
    return "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in given.items()) + "</xml>"


async def test_reply_fit_to_show_is_read(impostor: tuple[Impostor, StandIn]) -> None:
    callback, stand_in = impostor
    delivery = stand_in.compose_text("u", "问")
    for xml, content in [
        (reply_xml(), "好"),
        (reply_xml(Content="a" * MAX_CONTENT_BYTES), "a" * MAX_CONTENT_BYTES),
        (write_reply(read_message(delivery.xml), " 缩进\n二 "), " 缩进\n二 "),
    ]:
        callback.seal(xml)
        assert (await stand_in.post(delivery)).reply == content


@pytest.mark.parametrize(
    ("xml", "complaint"),
    [
        (reply_xml(ToUserName="other"), "收发方"),
        (reply_xml(FromUserName="other"), "收发方"),
        (reply_xml(MsgType="markdown"), "类型"),
        (reply_xml(Content="笔" * 683), "2048"),
        (reply_xml().replace("<Content>好</Content>", ""), "字段"),
        ("not xml", "加密消息"),
    ],
)
async def test_reply_wechat_work_would_not_show_is_complained_about(
    impostor: tuple[Impostor, StandIn], xml: str, complaint: str
) -> None:
    callback, stand_in = impostor
    callback.seal(xml)
    with pytest.raises(StandInError, match=complaint):
        await stand_in.post(stand_in.compose_text("u", "问"))


async def test_reply_with_a_wrong_signature_or_in_the_clear_is_complained_about(
    impostor: tuple[Impostor, StandIn],
) -> None:
    callback, stand_in = impostor
    callback.seal(reply_xml())
    forged = callback.body.replace("<Nonce>1</Nonce>", "<Nonce>2</Nonce>")
    for body in (forged, reply_xml(), "好", "<xml></xml>"):
        callback.body = body
        with pytest.raises(StandInError):
            await stand_in.post(stand_in.compose_text("u", "问"))


def test_delivery_shows_no_text_in_its_repr(echo: Echo) -> None:
    delivery = StandIn(CREDENTIALS, "http://127.0.0.1/").compose_text("u", "秘密内容")
    assert "秘密内容" not in repr(delivery)
    assert echo.messages == []
