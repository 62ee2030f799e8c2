"""The stand-in speaks to the real callback as WeChat Work does."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from xml.etree import ElementTree as ET

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import StandInError
from bot.simulator.inbound import Event, Lifecycle, Medium
from bot.simulator.passive import CardUpdate
from bot.simulator.stand_in import MAX_CONTENT_BYTES, NoAnswerError, Patience, StandIn
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


def test_card_click_file_and_lifecycle_have_the_documented_fields_in_their_order() -> None:
    stand_in = StandIn(CREDENTIALS, "http://127.0.0.1/", now=lambda: 1_700_000_000)
    head = ["ToUserName", "FromUserName", "CreateTime", "MsgType"]
    event = [*head, "Event", "EventKey", "TaskId", "CardType", "ResponseCode", "AgentID"]
    button = ET.fromstring(stand_in.compose_card_click("u", "t1", "展开（一）", "code").xml)
    assert [child.tag for child in button] == event
    assert [button.findtext(name) for name in event[4:9]] == [
        "template_card_event",
        "展开（一）",
        "t1",
        "button_interaction",
        "code",
    ]
    choice = ET.fromstring(stand_in.compose_card_click("u", "t1", "submit", "code", {"kind": "a", "year": "b"}).xml)
    assert [child.tag for child in choice] == [*event, "SelectedItems"]
    assert choice.findtext("CardType") == "multiple_interaction"
    assert [
        (item.findtext("QuestionKey"), item.findtext("OptionIds/OptionId"))
        for item in choice.iterfind("SelectedItems/SelectedItem")
    ] == [("kind", "a"), ("year", "b")]
    tail = ["MediaId", "MsgId", "AgentID"]
    assert fields(stand_in.compose_file("u", "总结.docx", "m").xml) == [*head, "Title", "FileName", *tail]
    assert fields(stand_in.compose_file("u", "总结.docx", "m", named_in=["Name"]).xml) == [*head, "Name", *tail]
    alert = ET.fromstring(stand_in.compose_lifecycle(Lifecycle.INACTIVE_ALERT).xml)
    assert (alert.findtext("FromUserName"), alert.findtext("EffectTime")) == ("sys", str(1_700_000_000 + 7 * 86_400))
    assert fields(stand_in.compose_lifecycle(Lifecycle.CLOSE_INACTIVE).xml) == [*head, "Event", "AgentID"]


@pytest.mark.parametrize("event", list(Lifecycle))
def test_callback_can_read_what_is_composed(event: Lifecycle) -> None:
    stand_in = StandIn(CREDENTIALS, "http://127.0.0.1/")
    for delivery in (
        stand_in.compose_lifecycle(event),
        stand_in.compose_file("u", "总结.docx", "m"),
        stand_in.compose_card_click("u", "t1", "k", "code", {f"q{number}": "o" for number in range(3)}),
    ):
        assert read_message(delivery.xml).message.user == delivery.user


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


class Slow:
    """A callback that answers a number of deliveries too late, or with a status, and remembers all it got."""

    def __init__(self, *, late: int = 0, refusals: int = 0) -> None:
        self.bodies: list[bytes] = []
        self._late = late
        self._refusals = refusals
        self._never = asyncio.Event()

    async def answer(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        if len(self.bodies) <= self._late:
            await self._never.wait()
        if len(self.bodies) <= self._refusals:
            return web.Response(status=503)
        return web.Response()

    @asynccontextmanager
    async def serve(self, patience: Patience) -> AsyncIterator[StandIn]:
        app = web.Application()
        app.router.add_post("/", self.answer)
        async with TestServer(app) as server:
            address = str(server.make_url("/"))
            async with StandIn(CREDENTIALS, address, answer_seconds=0.1, patience=patience) as stand_in:
                yield stand_in
            self._never.set()


@pytest.mark.parametrize(("late", "tries"), [(0, 1), (1, 2), (2, 3)])
async def test_delivery_is_tried_until_it_is_answered_three_times_at_most(late: int, tries: int) -> None:
    callback = Slow(late=late)
    async with callback.serve(Patience(pause=0.0)) as stand_in:
        delivery = stand_in.compose_text("u", "问")
        exchange = await stand_in.deliver(delivery)
    assert (exchange.status, exchange.tries, len(callback.bodies)) == (200, tries, tries)
    # Twice the same bytes; the third time anew, for it is not known what WeChat Work does.
    assert callback.bodies[:2] == [delivery.body] * min(tries, 2)
    assert all(body != delivery.body for body in callback.bodies[2:])
    assert exchange.delivery.xml == delivery.xml


async def test_delivery_that_is_refused_is_tried_again_and_its_last_status_told() -> None:
    callback = Slow(refusals=3)
    async with callback.serve(Patience(pause=0.0)) as stand_in:
        exchange = await stand_in.deliver(stand_in.compose_text("u", "问"))
    assert (exchange.status, exchange.reply, len(callback.bodies)) == (503, None, 3)


async def test_delivery_that_is_never_answered_is_given_up_after_three_tries() -> None:
    callback = Slow(late=9)
    async with callback.serve(Patience(pause=0.0)) as stand_in:
        with pytest.raises(NoAnswerError, match="按时"):
            await stand_in.deliver(stand_in.compose_text("u", "问"))
    assert len(callback.bodies) == 3


async def test_tries_begin_five_seconds_apart_as_the_real_ones_do() -> None:
    assert Patience() == Patience(tries=3, pause=5.0)
    callback = Slow(refusals=1)
    async with callback.serve(Patience(pause=0.2)) as stand_in:
        began = asyncio.get_running_loop().time()
        await stand_in.deliver(stand_in.compose_text("u", "问"))
        assert asyncio.get_running_loop().time() - began >= 0.2


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


BUTTON_UPDATE = "<Button><ReplaceName>已展开</ReplaceName></Button>"
CARD_UPDATE = """<TemplateCard><CardType>multiple_interaction</CardType><MainTitle><Title>已选</Title><Desc>述职</Desc></MainTitle>
<TaskId>t2</TaskId><SelectList><QuestionKey>kind</QuestionKey><Title>文种</Title><SelectedId>a</SelectedId>
<OptionList><Id>a</Id><Text>总结</Text></OptionList><OptionList><Id>b</Id><Text>述职</Text></OptionList></SelectList>
<SubmitButton><Text>就要这种</Text><Key>submit</Key></SubmitButton><ReplaceText>已选好</ReplaceText></TemplateCard>"""


def update_xml(kind: str, content: str) -> str:
    return reply_xml(MsgType=kind).replace("<Content>好</Content>", content)


async def test_passive_update_of_a_clicked_card_is_read(impostor: tuple[Impostor, StandIn]) -> None:
    callback, stand_in = impostor
    click = stand_in.compose_card_click("u", "t2", "submit", "code", {"kind": "b"})
    callback.seal(update_xml("update_button", BUTTON_UPDATE))
    for delivery in (click, stand_in.repeat(click)):
        exchange = await stand_in.post(delivery)
        assert (exchange.reply, exchange.update) == (None, CardUpdate("已展开"))
    callback.seal(update_xml("update_template_card", CARD_UPDATE))
    update = (await stand_in.post(click)).update
    assert update is not None
    assert update.card == {
        "card_type": "multiple_interaction",
        "main_title": {"title": "已选", "desc": "述职"},
        "task_id": "t2",
        "select_list": [
            {
                "question_key": "kind",
                "title": "文种",
                "selected_id": "a",
                "option_list": [{"id": "a", "text": "总结"}, {"id": "b", "text": "述职"}],
            }
        ],
        "submit_button": {"text": "就要这种", "key": "submit"},
        "replace_text": "已选好",
    }
    callback.seal(reply_xml())
    assert (await stand_in.post(click)).reply == "好"


@pytest.mark.parametrize(
    ("xml", "complaint"),
    [
        (update_xml("update_button", "<Button></Button>"), "新名称"),
        (update_xml("update_button", ""), "新名称"),
        (update_xml("update_template_card", "<TemplateCard><TaskId>t</TaskId></TemplateCard>"), "没有卡片"),
        (update_xml("update_button", BUTTON_UPDATE * 2), "重复"),
        (update_xml("update_button", BUTTON_UPDATE).replace("<Button>", '<Button a="b">'), "加密消息"),
        ("<!DOCTYPE xml [<!ENTITY a 'b'>]>" + update_xml("update_button", BUTTON_UPDATE), "加密消息"),
        ("<other><MsgType>text</MsgType></other>", "字段"),
    ],
)
async def test_update_that_cannot_be_one_is_complained_about(
    impostor: tuple[Impostor, StandIn], xml: str, complaint: str
) -> None:
    callback, stand_in = impostor
    callback.seal(xml)
    with pytest.raises(StandInError, match=complaint):
        await stand_in.post(stand_in.compose_card_click("u", "t", "k", "code"))


async def test_card_can_be_updated_by_the_answer_to_its_click_alone(impostor: tuple[Impostor, StandIn]) -> None:
    callback, stand_in = impostor
    callback.seal(update_xml("update_button", BUTTON_UPDATE))
    with pytest.raises(StandInError, match="点击卡片"):
        await stand_in.post(stand_in.compose_text("u", "问"))
