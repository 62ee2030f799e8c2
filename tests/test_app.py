"""The whole service end to end: a real server, real encryption, a real Redis, the bundled knowledge base."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import BaseTestServer, TestServer
from pydantic import SecretStr

from bot.app import create_app
from bot.edge.limits import LIMITS, Limits
from bot.opening import LiveDialogue, Shelf
from bot.settings import Settings
from bot.simulator.inbound import Event, Medium
from bot.simulator.stand_in import Delivery, StandIn
from bot.wecom.crypto import Credentials
from knowledge.build.base import build_base
from knowledge.segmentation import Segmenter
from knowledge.tableset import TableSet
from tests.conftest import RedisServer

CREDENTIALS = Credentials(
    "wwtestcorp", "TestToken1234567", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"[:42] + "A", "1000002"
)


class Service:
    """A running service with a stand-in for WeChat Work in front of it."""

    def __init__(self, server: BaseTestServer, stand_in: StandIn) -> None:
        self.server = server
        self.stand_in = stand_in

    async def say(self, text: str, user: str = "zhang") -> str:
        exchange = await self.stand_in.post(self.stand_in.compose_text(user, text))
        assert exchange.status == 200
        return exchange.reply or ""


@asynccontextmanager
async def running(settings: Settings, limits: Limits = LIMITS) -> AsyncIterator[Service]:
    app = create_app(settings, LiveDialogue(Shelf(settings)), CREDENTIALS, limits=limits)
    async with TestServer(app) as server, StandIn(CREDENTIALS, str(server.make_url("/wecom/callback"))) as stand_in:
        yield Service(server, stand_in)


@pytest.fixture
async def service(bundled_base: Path) -> AsyncIterator[Service]:
    async with running(Settings(knowledge_base=bundled_base)) as started:
        yield started


async def test_outline_comes_back_encrypted_with_its_source(service: Service) -> None:
    reply = await service.say("党建工作总结提纲")
    assert reply.startswith("【提纲】年度党建工作总结　第1版，共3版\n一、主要做法和成效\n")
    assert "出处：某局党组2023年党建工作总结" in reply


async def test_follow_ups_work_over_the_callback_and_users_do_not_mix(service: Service) -> None:
    await service.say("党建工作总结提纲")
    assert "现在没有可选的列表" in await service.say("2", user="li")
    assert (await service.say("展开（五）")).startswith("【展开】（五）夯实战斗堡垒")


async def test_address_is_verified(service: Service) -> None:
    assert await service.stand_in.verify_address()


async def test_event_and_media_are_answered_kindly(service: Service) -> None:
    stand_in = service.stand_in
    welcome = await stand_in.post(stand_in.compose_event("zhang", Event.ENTER))
    assert "现有语料5篇，均为2023年" in (welcome.reply or "")
    image = await stand_in.post(stand_in.compose_medium("zhang", Medium.IMAGE))
    assert "请把文字发给我" in (image.reply or "")


async def test_delivery_sent_three_times_at_once_is_processed_once_and_answered_alike(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.conversation")
    stand_in = service.stand_in
    delivery = stand_in.compose_text("zhang", "主题党日 3条")
    copies = [delivery, delivery, stand_in.repeat(delivery)]
    replies = await asyncio.gather(*(stand_in.post(copy) for copy in copies))
    later = await stand_in.post(delivery)
    outcomes = [record.fields["outcome"] for record in caplog.records if record.name == "bot.conversation"]  # type: ignore[attr-defined]
    assert sorted(outcomes) == ["answered", "replayed", "replayed", "replayed"]
    assert {exchange.reply for exchange in (*replies, later)} == {replies[0].reply}
    assert (replies[0].reply or "").startswith("【例句】主题党日　第1–3条")


def _tampered(delivery: Delivery, change: Callable[[dict[str, str]], None]) -> dict[str, str]:
    query = dict(delivery.query)
    change(query)
    return query


async def test_forged_stale_and_foreign_requests_get_one_and_the_same_refusal(service: Service) -> None:
    url = service.server.make_url("/wecom/callback")
    delivery = service.stand_in.compose_text("zhang", "党建工作总结提纲")
    stale = StandIn(CREDENTIALS, str(url), now=lambda: time.time() - 360)
    foreign = StandIn(Credentials("wwother", CREDENTIALS.token, CREDENTIALS.aes_key, "1000002"), str(url))
    cases = [
        (_tampered(delivery, lambda query: query.update(msg_signature="0" * 40)), delivery.body),
        (dict(stale.compose_text("zhang", "x").query), delivery.body),
        (dict((other := foreign.compose_text("zhang", "x")).query), other.body),
        (dict(delivery.query), b"<xml><Encrypt>"),
    ]
    answers = set()
    async with aiohttp.ClientSession() as session:
        for query, body in cases:
            async with session.post(url, params=query, data=body) as response:
                answers.add((response.status, await response.read()))
        async with session.post(url, params=dict(delivery.query), data=b"x" * 70_000) as response:
            assert response.status == 413
    assert len(answers) == 1
    assert answers.pop()[0] == 403


async def test_answers_go_on_when_redis_is_killed_and_the_check_turns_red(
    bundled_base: Path, redis_server: RedisServer
) -> None:
    async with running(Settings(knowledge_base=bundled_base, redis_url=SecretStr(redis_server.url))) as service:
        await service.say("你好")
        first = await service.say("党建工作总结提纲")
        async with aiohttp.ClientSession() as session:
            async with session.get(service.server.make_url("/readyz")) as response:
                assert response.status == 200
            redis_server.kill()
            assert (await service.say("展开（五）")).startswith("【展开】（五）")
            assert await service.say("返回") == first
            async with session.get(service.server.make_url("/readyz")) as response:
                assert response.status == 503
                assert json.loads(await response.read())["sessions"] is False
            async with session.get(service.server.make_url("/healthz")) as response:
                assert response.status == 200


async def test_sessions_live_in_redis_across_restarts_of_the_bot(bundled_base: Path, redis_server: RedisServer) -> None:
    settings = Settings(knowledge_base=bundled_base, redis_url=SecretStr(redis_server.url))
    async with running(settings) as service:
        await service.say("党建工作总结提纲")
    async with running(settings) as service:
        assert (await service.say("展开（五）")).startswith("【展开】（五）")


async def test_newer_knowledge_base_is_picked_up_without_a_restart(
    tmp_path: Path, tables: TableSet, segmenter: Segmenter
) -> None:
    reports, base = tmp_path / "reports", tmp_path / "base"
    reports.mkdir()
    text = "2024年党建工作总结\n一、做法\n（一）抓学习\n坚持每月开展一次集中学习，推动理论学习走深走实。\n"
    (reports / "甲.txt").write_text(text, encoding="utf-8")
    build_base([reports], base, tables, segmenter)
    async with running(Settings(knowledge_base=base), replace(LIMITS, messages_per_minute=0)) as service:
        assert "每月开展一次集中学习" in await service.say("理论学习怎么写")
        (reports / "甲.txt").write_text(text.replace("每月", "每周"), encoding="utf-8")
        build_base([reports], base, tables, segmenter)
        deadline = time.monotonic() + 5
        # Asking again and again is the wait: no message is dropped while the base is swapped.
        while "每周开展一次集中学习" not in (reply := await service.say("理论学习怎么写")):
            assert reply
            assert time.monotonic() < deadline


async def test_every_page_of_a_long_answer_is_reached_by_more(service: Service) -> None:
    first = await service.say("存在问题 10条")
    assert "回复“更多”看下文" in first
    second = await service.say("更多")
    assert second != first
    assert "4. " in first + second


async def test_web_application_has_only_the_routes_it_should(bundled_base: Path) -> None:
    settings = Settings(knowledge_base=bundled_base)
    app = create_app(settings, LiveDialogue(Shelf(settings)), CREDENTIALS)
    paths = {resource.canonical for resource in app.router.resources()}
    assert paths == {"/wecom/callback", "/healthz", "/readyz", "/metrics", "/stats"}
