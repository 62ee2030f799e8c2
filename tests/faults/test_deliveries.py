"""What a network does to deliveries: they come twice and thrice, all at once, from a clock that is off, and workers die."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Settings
from bot.simulator.stand_in import StandIn
from tests.conftest import RedisServer
from tests.faults.scene import CountingDialogue, serving
from tests.faults.sending import Patience, Record, Talker
from tests.faults.service import CREDENTIALS, BotProcess
from tests.faults.talk import Step

DELIVERIES = 200
SAYINGS = ("主体责任例句", "更多", "更多", "收藏1", "更多", "我的收藏")


async def test_delivery_that_comes_three_times_at_once_to_two_workers_is_answered_once_and_alike(
    live_dialogue: CountingDialogue, redis_server: RedisServer
) -> None:
    settings, before = Settings(redis_url=SecretStr(redis_server.url)), live_dialogue.answered
    async with serving(live_dialogue, settings) as (_, one), serving(live_dialogue, settings) as (_, other):

        async def deliver(number: int) -> None:
            delivery = one.compose_text(f"user{number % 10}", SAYINGS[number // 10 % len(SAYINGS)])
            copies = (one.post(delivery), other.post(delivery), other.post(one.repeat(delivery)))
            replies = [exchange.reply for exchange in await asyncio.gather(*copies)]
            assert replies[0]
            assert replies == [replies[0]] * 3

        for first in range(0, DELIVERIES, 10):
            await asyncio.gather(*(deliver(number) for number in range(first, first + 10)))
    assert live_dialogue.answered - before == DELIVERIES


async def test_messages_of_one_user_that_come_at_once_are_all_answered_and_none_undoes_another(
    live_dialogue: CountingDialogue, redis_server: RedisServer
) -> None:
    settings = Settings(redis_url=SecretStr(redis_server.url))
    async with serving(live_dialogue, settings) as (_, one), serving(live_dialogue, settings) as (_, other):
        workers = itertools.cycle((one, other))
        lines = [f"加入草稿：第{number}次专题学习，讨论了身边的事。" for number in "一二三四五六"]
        many = (next(workers).post(one.compose_text("zhang", line)) for line in lines)
        replies = "".join([exchange.reply or "" for exchange in await asyncio.gather(*many)])
    # Each finds what those before it left.
    assert all(f"已加入草稿1条，现有{number}条" in replies for number in range(1, 7)), replies


@pytest.mark.parametrize(("minutes", "status"), [(-4, 200), (4, 200), (-6, 403), (6, 403)])
async def test_clock_may_be_off_by_four_minutes_but_not_by_six(
    live_dialogue: CountingDialogue, minutes: int, status: int
) -> None:
    async with serving(live_dialogue, Settings()) as (server, _):
        url = str(server.make_url("/wecom/callback"))
        async with StandIn(CREDENTIALS, url, now=lambda: time.time() + 60 * minutes) as skewed:
            exchange = await skewed.post(skewed.compose_text("zhang", "你好"))
    assert exchange.status == status
    assert bool(exchange.reply) is (status == 200)


async def test_time_in_milliseconds_is_refused(live_dialogue: CountingDialogue) -> None:
    async with (
        serving(live_dialogue, Settings()) as (server, _),
        StandIn(CREDENTIALS, str(server.make_url("/wecom/callback")), now=lambda: time.time() * 1000) as hasty,
    ):
        exchange = await hasty.post(hasty.compose_text("zhang", "你好"))
    assert exchange.status == 403


async def test_workers_killed_under_load_leave_no_message_unanswered_and_none_answered_twice(
    bundled_base: Path, steps: tuple[Step, ...], redis_server: RedisServer, tmp_path: Path
) -> None:
    record, stopped, chance = Record(), asyncio.Event(), random.Random(20)
    # A dead worker's locks live for three seconds: the second copy comes after that, as it does from WeChat Work.
    talkers = [Talker(f"user{number}", steps[:18], record, Patience(pause=3.5)) for number in range(12)]
    with BotProcess(bundled_base, tmp_path / "bot.log", redis_server.url, workers=2) as bot:
        async with StandIn(CREDENTIALS, bot.callback_url) as stand_in:
            talks = [asyncio.create_task(talker.talk(stand_in, stopped, 0.2)) for talker in talkers]
            for _ in range(3):
                await asyncio.sleep(chance.uniform(0.3, 1.0))
                os.kill(chance.choice(bot.workers()), signal.SIGKILL)
            await asyncio.sleep(0.5)
            stopped.set()
            await asyncio.gather(*talks)
    print(f"{record.answered} answered, {record.redelivered} redelivered, slowest {record.slowest:.1f} s")
    assert record.unanswered == []
    assert record.wrong == []
    assert record.answered == record.sent > 2 * len(talkers)
