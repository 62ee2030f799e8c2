"""What is exported reaches the member as a Word file, once, through every fault; where it can't, the text does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.simulator.api_faults import Cut, ErrorCode, Fault, Hang, HttpStatus, Slow
from tests.active.office import Office, lines_of, open_office, settings_for
from tests.conftest import RedisServer
from tests.simulator.api_bench import AGENT, CORP, make_api

LIMIT_SECONDS = 3.5
"""What a callback may take when the API is in trouble (WeChat Work hangs up after five seconds)."""

USERS = ("zhang", "li", "wang")
TITLES = ("甲材料", "乙材料", "丙材料")


async def draft(office: Office, user: str = "zhang") -> None:
    await office.say("党建工作总结提纲", user)
    await office.say("加入草稿", user)


async def test_export_is_a_word_file_and_the_answer_says_so(bundled_base: Path, redis_server: RedisServer) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await draft(office)
        assert (await office.say("导出")).startswith("【导出】《2026年度党建工作总结.docx》")
        await office.api.until(lambda: bool(office.files()))
        ((name, document),) = office.files()
        assert name == "2026年度党建工作总结.docx"
        assert "一、主要做法和成效" in lines_of(document)
        assert await office.metric("bigan_outbox_done_total") == 1
        assert await office.metric("bigan_api_calls_total") == 3


async def test_delivery_that_comes_three_times_sends_one_file(bundled_base: Path, redis_server: RedisServer) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await draft(office)
        delivery = office.stand_in.compose_text("zhang", "导出")
        copies = (delivery, delivery, office.stand_in.repeat(delivery))
        replies = {(await office.post(copy)).reply for copy in copies}
        assert len(replies) == 1
        await office.api.until(lambda: bool(office.files()))
        # What is accepted later is sent later: were there a second copy, it would have come before this one.
        await office.say("标题改成另一篇")
        await office.say("导出")
        await office.api.until(lambda: len(office.files()) > 1)
        assert len(office.files()) == 2


async def test_without_a_secret_the_draft_comes_as_text(bundled_base: Path) -> None:
    settings = Settings(knowledge_base=bundled_base, wecom_corp_id=CORP, wecom_agent_id=str(AGENT))
    async with open_office(settings) as office:
        await draft(office)
        reply = await office.say("导出")
        assert reply.startswith("这里发不了文件（没有配置应用凭证）")
        assert "一、主要做法和成效" in reply
        assert office.api.calls == {}


async def test_without_the_outbox_the_draft_comes_as_text_with_the_reason(
    bundled_base: Path, redis_server: RedisServer
) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await draft(office)
        redis_server.kill()
        first = await office.say("导出")
        assert first.startswith("文件现在发不出去")
        assert "一、主要做法和成效" in first
        assert office.files() == []
        assert office.slowest < LIMIT_SECONDS


@pytest.mark.parametrize(
    "fault", [Hang(), Slow(0.3), HttpStatus(500), Cut(), ErrorCode(42001), ErrorCode(45009)], ids=repr
)
async def test_callback_answers_in_time_whatever_ails_the_api_and_files_follow_in_order_once(
    bundled_base: Path, redis_server: RedisServer, fault: Fault
) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await asyncio.gather(*(draft(office, user) for user in USERS))
        office.api.faults.plan(fault, times=4 if isinstance(fault, Cut) else None)
        for title in TITLES:
            await asyncio.gather(*(office.say(f"标题改成{title}", user) for user in USERS))
            replies = await asyncio.gather(*(office.say("导出", user) for user in USERS))
            assert all(reply.startswith(f"【导出】《{title}.docx》") for reply in replies)
        office.api.faults.heal()
        office.api.call_in_token()
        await office.api.until(lambda: sum(len(office.files(user)) for user in USERS) == len(USERS) * len(TITLES))
        assert office.slowest < LIMIT_SECONDS
    for user in USERS:
        assert [name for name, _ in office.files(user)] == [f"{title}.docx" for title in TITLES]
    assert office.api.dropped == []


async def test_file_accepted_before_a_restart_is_delivered_after_it_once(
    bundled_base: Path, redis_server: RedisServer
) -> None:
    api, settings = make_api(), settings_for(bundled_base, redis_server)
    async with open_office(settings, api) as office:
        await draft(office)
        api.faults.plan(HttpStatus(503), times=None)
        assert (await office.say("导出")).startswith("【导出】")
        await api.until(lambda: api.calls["gettoken"] > 0)
        assert await office.metric("bigan_outbox_depth") == 1
    api.faults.heal()
    async with open_office(settings, api) as office:
        await api.until(lambda: bool(office.files()))
        assert (await office.say("导出")).startswith("【导出】")
        await api.until(lambda: len(office.files()) > 1)
        assert len(office.files()) == 2


async def test_what_could_not_be_sent_is_said_before_the_next_answer_once(
    bundled_base: Path, redis_server: RedisServer
) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await draft(office)
        office.api.faults.plan(ErrorCode(60020), "media/upload")
        await office.say("导出")
        # Asking again and again is the wait: a worker learns of the note with its next look at the outbox.
        while not (reply := await office.say("你好")).startswith("文件“2026年度党建工作总结.docx”没有发成。"):
            pass
        assert "\n\n您好，我在。" in reply
        assert (await office.say("你好")).startswith("您好，我在。")
