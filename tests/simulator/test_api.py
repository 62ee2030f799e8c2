"""The stand-in for the active API keeps the documented rules, asked as any program would ask it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from io import BytesIO
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from bot.simulator.api import TOKEN_CALLS, ApiStandIn
from bot.simulator.api_faults import Cut, ErrorCode, Hang, HttpStatus, Slow
from tests.simulator.api_bench import AGENT, CORP, SECRET, api_server, make_api


class Clock:
    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def __call__(self) -> float:
        return self.time


class Caller:
    """A program that knows the protocol and nothing of our client."""

    def __init__(self, session: aiohttp.ClientSession, base: str, api: ApiStandIn, clock: Clock) -> None:
        self.session = session
        self.base = base
        self.api = api
        self.clock = clock
        self.token = ""

    async def get(self, call: str, **query: str) -> dict[str, Any]:
        async with self.session.get(f"{self.base}/{call}", params=query) as response:
            answer: dict[str, Any] = await response.json()
        return answer

    async def post(self, call: str, body: object, **query: str) -> dict[str, Any]:
        params = {"access_token": self.token, **query}
        async with self.session.post(f"{self.base}/{call}", params=params, json=body) as response:
            answer: dict[str, Any] = await response.json()
        return answer

    async def log_in(self) -> None:
        self.token = (await self.get("gettoken", corpid=CORP, corpsecret=SECRET))["access_token"]

    async def say(self, text: str, user: str = "zhang", check: int = 0) -> dict[str, Any]:
        body = {"touser": user, "msgtype": "text", "agentid": AGENT, "text": {"content": text}}
        checked = {"enable_duplicate_check": 1, "duplicate_check_interval": check} if check else {}
        return await self.post("message/send", body | checked)

    async def upload(self, name: str, content: bytes, *, header: str = 'filename="{}"') -> dict[str, Any]:
        body = f'--b\r\nContent-Disposition: form-data; name="media"; {header.format(name)}\r\n\r\n'.encode()
        data = BytesIO(body + content + b"\r\n--b--\r\n")
        params = {"access_token": self.token, "type": "file"}
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        async with self.session.post(
            f"{self.base}/media/upload", params=params, data=data, headers=headers
        ) as response:
            answer: dict[str, Any] = await response.json()
        return answer


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    clock = Clock()
    api = make_api(clock)
    async with api_server(api) as base, aiohttp.ClientSession() as session:
        caller = Caller(session, base, api, clock)
        await caller.log_in()
        yield caller


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"corpid": CORP, "corpsecret": SECRET}, 0),
        ({"corpid": "wwother", "corpsecret": SECRET}, 40013),
        ({"corpid": CORP, "corpsecret": "wrong"}, 40001),
    ],
)
async def test_token_is_given_for_the_right_corp_and_secret(caller: Caller, query: dict[str, str], code: int) -> None:
    assert (await caller.get("gettoken", **query))["errcode"] == code


async def test_token_is_the_same_until_it_ends_or_is_called_in(caller: Caller) -> None:
    first = caller.token
    await caller.log_in()
    assert caller.token == first
    caller.clock.time += 7200
    assert (await caller.say("一"))["errcode"] == 42001
    await caller.log_in()
    assert caller.token != first
    caller.api.call_in_token()
    assert (await caller.say("一"))["errcode"] == 40014
    caller.token = ""
    assert (await caller.say("一"))["errcode"] == 41001


async def test_message_reaches_the_members_that_can_be_reached(caller: Caller) -> None:
    caller.api.unknown, caller.api.unlicensed = {"gone"}, {"unpaid"}
    answer = await caller.say("一", "zhang|gone|li|unpaid")
    assert (answer["errcode"], answer["invaliduser"], answer["unlicenseduser"]) == (0, "gone", "unpaid")
    assert [shown.user for shown in caller.api.shown] == ["zhang", "li"]
    assert (await caller.say("一", "gone|unpaid"))["errcode"] == 81013
    assert (await caller.say("一", ""))["errcode"] == 82001


async def test_too_long_a_text_is_cut_in_silence_and_too_long_markdown_refused(caller: Caller) -> None:
    assert (await caller.say("笔" * 683))["errcode"] == 0
    assert caller.api.shown[0].cut
    assert len(caller.api.shown[0].text.encode()) <= 2048 + 2
    markdown = {"touser": "zhang", "msgtype": "markdown", "agentid": AGENT, "markdown": {"content": "笔" * 683}}
    assert (await caller.post("message/send", markdown))["errcode"] == 45002


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"agentid": 1}, 40056),
        ({"msgtype": "voice"}, 40008),
        ({"text": {"content": ""}}, 44004),
        ({"msgtype": "file", "file": {}}, 41006),
        ({"msgtype": "file", "file": {"media_id": "never uploaded"}}, 40007),
        ({"msgtype": "template_card", "template_card": {"task_id": "任务"}}, 42014),
        ({"msgtype": "template_card", "template_card": {"task_id": "t", "main_title": {"title": "一"}}}, 40058),
    ],
)
async def test_message_that_breaks_a_rule_is_refused(caller: Caller, body: dict[str, Any], code: int) -> None:
    sound = {"touser": "zhang", "msgtype": "text", "agentid": AGENT, "text": {"content": "一"}}
    assert (await caller.post("message/send", sound | body))["errcode"] == code
    assert caller.api.shown == []


async def test_body_that_is_no_object_is_refused(caller: Caller) -> None:
    assert (await caller.post("message/send", ["一"]))["errcode"] == 47001


async def test_beyond_thirty_a_minute_and_a_thousand_an_hour_messages_vanish(caller: Caller) -> None:
    for number in range(31):
        assert (await caller.say(str(number)))["errcode"] == 0
    assert len(caller.api.shown) == 30
    assert [dropped.why for dropped in caller.api.dropped] == ["too many"]
    assert (await caller.say("一", "li"))["errcode"] == 0
    caller.clock.time += 60
    await caller.say("again")
    assert caller.api.texts("zhang")[-1] == "again"


async def test_repetition_of_a_checked_request_is_not_shown_again(caller: Caller) -> None:
    for _ in range(2):
        await caller.say("一", check=600)
    await caller.say("二", check=600)
    await caller.say("一", "li", check=600)
    assert caller.api.texts("zhang") == ["一", "二"]
    assert caller.api.texts("li") == ["一"]
    await caller.say("一")
    caller.clock.time += 600
    await caller.say("一", check=600)
    assert caller.api.texts("zhang") == ["一", "二", "一", "一"]


async def test_file_comes_with_its_name_and_ends_after_three_days(caller: Caller) -> None:
    media_id = (await caller.upload("某局2026年党建工作总结.docx", b"12345"))["media_id"]
    body = {"touser": "zhang", "msgtype": "file", "agentid": AGENT, "file": {"media_id": media_id}}
    assert (await caller.post("message/send", body))["errcode"] == 0
    (shown,) = caller.api.shown
    assert shown.file is not None
    assert (shown.file.name, shown.file.content) == ("某局2026年党建工作总结.docx", b"12345")
    caller.clock.time += 3 * 86_400
    await caller.log_in()
    assert (await caller.post("message/send", body))["errcode"] == 40007


async def test_file_is_refused_by_size_and_by_the_encoding_of_its_name(caller: Caller) -> None:
    assert (await caller.upload("a.txt", b"1234"))["errcode"] == 40006
    assert (await caller.upload("a.txt", bytes(20 * 1024 * 1024 + 1)))["errcode"] == 45001
    name = quote("总结.docx")
    assert (await caller.upload(name, b"12345", header="filename*=utf-8''{}"))["errcode"] == 44001
    # Percent-encoded it is taken, and the member sees the codes.
    assert caller.api.files[(await caller.upload(name, b"12345"))["media_id"]].name == name


def button_card(task: str) -> dict[str, Any]:
    return {
        "card_type": "button_interaction",
        "main_title": {"title": "换一版？"},
        "task_id": task,
        "button_list": [{"text": "换一版", "style": 1, "key": "换一版"}],
    }


async def test_card_is_named_once_and_updated_once(caller: Caller) -> None:
    body = {"touser": "zhang", "msgtype": "template_card", "agentid": AGENT, "template_card": button_card("t1")}
    code = (await caller.post("message/send", body))["response_code"]
    assert (await caller.post("message/send", body))["errcode"] == 42014
    update = {"userids": ["zhang", "li"], "agentid": AGENT, "response_code": code, "button": {"replace_name": "已换"}}
    assert (await caller.post("message/update_template_card", update))["invaliduser"] == ["li"]
    assert caller.api.shown[0].card is not None
    assert caller.api.shown[0].card["replaced"] == "已换"
    assert (await caller.post("message/update_template_card", update))["errcode"] == 42022
    assert (await caller.post("message/update_template_card", update | {"response_code": "x"}))["errcode"] == 42016


async def send_card(caller: Caller, task: str = "t1", user: str = "zhang") -> dict[str, Any]:
    body = {"touser": user, "msgtype": "template_card", "agentid": AGENT, "template_card": button_card(task)}
    return await caller.post("message/send", body)


async def update(caller: Caller, code: str, *users: str, **fields: Any) -> dict[str, Any]:
    body = {"userids": list(users), "agentid": AGENT, "response_code": code, "button": {"replace_name": "已换"}}
    return await caller.post("message/update_template_card", body | fields)


async def test_click_gives_a_code_of_its_own_that_is_good_once_for_that_member(caller: Caller) -> None:
    sent = await send_card(caller, user="zhang|li")
    click = caller.api.click_card("zhang", sent["msgid"], "换一版", {})
    assert click is not None
    assert (click.task, click.key, click.card_type) == ("t1", "换一版", "button_interaction")
    assert click.response_code != sent["response_code"]
    assert (await update(caller, click.response_code, "zhang", "li"))["invaliduser"] == ["li"]
    assert [shown.replaced for shown in caller.api.shown] == [True, False]
    assert (await update(caller, click.response_code, "zhang"))["errcode"] == 42022
    # The code of the message is another, and still good for whom it names.
    assert (await update(caller, sent["response_code"], "li"))["invaliduser"] == []
    assert [shown.replaced for shown in caller.api.shown] == [True, True]


async def test_code_ends_after_three_days(caller: Caller) -> None:
    sent = await send_card(caller)
    caller.clock.time += 72 * 3600
    await caller.log_in()
    assert (await update(caller, sent["response_code"], "zhang"))["errcode"] == 42016


async def test_only_what_a_card_shows_can_be_clicked(caller: Caller) -> None:
    sent = await send_card(caller)
    for user, message_id, key, selected in [
        ("li", sent["msgid"], "换一版", {}),
        ("zhang", "msg99999999", "换一版", {}),
        ("zhang", sent["msgid"], "别的", {}),
        ("zhang", sent["msgid"], "换一版", {"kind": "a"}),
    ]:
        assert caller.api.click_card(user, message_id, key, selected) is None
    await update(caller, sent["response_code"], "zhang")
    assert caller.api.click_card("zhang", sent["msgid"], "换一版", {}) is None


async def test_card_that_breaks_a_rule_replaces_nothing_and_costs_no_code(caller: Caller) -> None:
    sent = await send_card(caller)
    broken = {**button_card("t2"), "button_list": []}
    assert (await update(caller, sent["response_code"], "zhang", template_card=broken))["errcode"] == 40058
    assert not caller.api.shown[0].replaced
    replacement = {**button_card("t2"), "main_title": {"title": "第二版"}}
    assert (await update(caller, sent["response_code"], "zhang", template_card=replacement))["errcode"] == 0
    assert caller.api.shown[0].card == replacement
    # What stands in the card's place can be clicked again, and the name of the first stays taken.
    assert caller.api.click_card("zhang", sent["msgid"], "换一版", {}) is not None
    assert (await send_card(caller))["errcode"] == 42014


async def test_file_that_a_member_sent_is_downloaded(caller: Caller) -> None:
    media_id = caller.api.put_media("某局“总结”.docx", b"\x00\xff content")
    query = {"access_token": caller.token, "media_id": media_id}
    async with caller.session.get(f"{caller.base}/media/get", params=query) as response:
        assert await response.read() == b"\x00\xff content"
        assert "某局“总结”.docx" in response.headers["Content-Disposition"]
    assert (await caller.get("media/get", access_token=caller.token, media_id="x"))["errcode"] == 40007
    assert (await caller.get("media/get", media_id=media_id))["errcode"] == 41001
    caller.clock.time += 3 * 86_400
    await caller.log_in()
    assert (await caller.get("media/get", access_token=caller.token, media_id=media_id))["errcode"] == 40007


@pytest.mark.parametrize("call", TOKEN_CALLS)
async def test_every_call_asks_for_a_token_and_meets_the_codes_on_demand(caller: Caller, call: str) -> None:
    ask = caller.get if call in {"media/get", "menu/get", "menu/delete"} else partial(caller.post, body={})
    assert (await ask(call, access_token=""))["errcode"] == 41001
    for code in (40014, 45009, 45033, 60020):
        caller.api.faults.plan(ErrorCode(code, "from ip: 203.0.113.9"), call)
        answer = await ask(call, access_token=caller.token)
        assert (answer["errcode"], answer["errmsg"]) == (code, "from ip: 203.0.113.9")


async def test_call_that_hangs_ends_with_the_stand_in(caller: Caller) -> None:
    caller.api.faults.plan(Hang())
    hanging = asyncio.create_task(caller.say("一"))
    await caller.api.until(lambda: caller.api.calls["message/send"] == 1)
    caller.api.close()
    assert (await hanging)["errcode"] == -1
    assert caller.api.shown == []


async def test_slow_call_takes_its_time_and_has_its_effect(caller: Caller) -> None:
    caller.api.faults.plan(Slow(0.2))
    began = asyncio.get_running_loop().time()
    assert (await caller.say("一"))["errcode"] == 0
    assert asyncio.get_running_loop().time() - began >= 0.2


async def test_message_is_recalled_within_a_day(caller: Caller) -> None:
    message_id = (await caller.say("一"))["msgid"]
    assert (await caller.post("message/recall", {"msgid": message_id}))["errcode"] == 0
    assert caller.api.shown[0].recalled
    caller.clock.time += 7000
    later = (await caller.say("二"))["msgid"]
    caller.clock.time += 86_400
    await caller.log_in()
    assert (await caller.post("message/recall", {"msgid": later}))["errcode"] == 40058


def entry(**fields: object) -> dict[str, object]:
    return {"type": "click", "name": "提纲", "key": "提纲"} | fields


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([{"name": "找材料", "sub_button": [entry()]}], 0),
        ([entry()], 0),
        ([], 40016),
        ([entry()] * 4, 40016),
        ([{"name": "六个字的名称", "sub_button": [entry()]}], 40018),
        ([{"name": "五个字的名", "sub_button": [entry()]}], 0),
        ([entry(key="键" * 43)], 40019),
        ([entry(type="unknown")], 40017),
        ([{"name": "找材料", "sub_button": [entry()] * 6}], 40023),
        ([{"name": "找材料", "sub_button": [entry(name="名" * 14)]}], 40025),
        ([{"name": "找材料", "sub_button": [entry(name="名" * 13)]}], 0),
        ([{"name": "找材料", "sub_button": [entry(key="")]}], 40026),
        ([{"name": "找材料", "sub_button": [entry(sub_button=[])]}], 40022),
    ],
)
async def test_menu_is_taken_within_the_documented_bytes(caller: Caller, buttons: list[Any], code: int) -> None:
    query = {"access_token": caller.token, "agentid": str(AGENT)}
    assert (await caller.get("menu/get", **query))["errcode"] == 46003
    assert (await caller.post("menu/create", {"button": buttons}, agentid=str(AGENT)))["errcode"] == code
    assert (await caller.get("menu/get", **query)).get("button") == (None if code else buttons)
    assert (await caller.get("menu/delete", **query))["errcode"] == 0
    assert caller.api.menu is None


async def test_faults_come_as_planned_and_end(caller: Caller) -> None:
    caller.api.faults.plan(ErrorCode(45009), "message/send", times=2)
    assert (await caller.get("menu/get", access_token=caller.token, agentid=str(AGENT)))["errcode"] == 46003
    assert [(await caller.say("一"))["errcode"] for _ in range(3)] == [45009, 45009, 0]
    caller.api.faults.plan(HttpStatus(503), times=None)
    async with caller.session.get(f"{caller.base}/gettoken") as response:
        assert response.status == 503
    caller.api.faults.heal()
    assert (await caller.say("二"))["errcode"] == 0
    assert caller.api.calls["message/send"] == 4


@pytest.mark.parametrize(("late", "shown"), [(False, []), (True, ["一"])])
async def test_connection_is_cut_before_or_after_the_effect(caller: Caller, late: bool, shown: list[str]) -> None:
    caller.api.faults.plan(Cut(late=late))
    with pytest.raises(aiohttp.ClientError):
        await caller.say("一")
    assert caller.api.texts("zhang") == shown


async def test_each_message_is_told_as_it_is_shown() -> None:
    heard: list[str] = []
    api = ApiStandIn(CORP, SECRET, AGENT, notify=lambda shown: heard.append(shown.text))
    async with api_server(api) as base, aiohttp.ClientSession() as session:
        other = Caller(session, base, api, Clock())
        await other.log_in()
        await other.say("一")
    assert heard == ["一"]
