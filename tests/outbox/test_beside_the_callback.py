"""The callback never waits for the active API, whatever ails it; what it promised is delivered afterwards, in order, once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from docx import Document

from bot.channels.callback import Callback
from bot.outbox.dispatch import Dispatch
from bot.outbox.notices import with_notes
from bot.outbox.protocol import Parcel
from bot.outbox.redis_store import RedisOutbox
from bot.outbox.redis_trips import RedisTrips
from bot.outbox.service import Outbox, open_outbox
from bot.simulator.api_faults import Cut, ErrorCode, Fault, Hang, HttpStatus, Slow
from bot.simulator.stand_in import StandIn
from bot.wecom.client import ApiClient
from bot.wecom.tokens import MemoryTokens
from handlers.dialogue import Message
from handlers.manuscript import Manuscript, ManuscriptParagraph, ParagraphKind
from tests.conftest import RedisServer
from tests.outbox.bench import APP, BRISK, SALT, UNHURRIED, WATCHFUL, Results
from tests.simulator.conftest import CREDENTIALS as CALLBACK
from tests.wecom.api_client import CREDENTIALS, HASTY, Site, api_site

LIMIT_SECONDS = 3.5
USERS = ("zhang", "li", "wang")
EACH = 6


def manuscript(name: str) -> Manuscript:
    return Manuscript(name, (ManuscriptParagraph(ParagraphKind.TITLE, f"{name}的标题"),))


class Exporter:
    """Answers each message with a file of that name, or with a text where none can be promised."""

    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch

    async def receive(self, message: Message) -> str | None:
        sent = await self._dispatch.send_document(message, manuscript(message.text))
        page = f"{message.text}.docx 随后发到" if sent else f"{message.text}的正文"
        return await self._dispatch.add_notes(message, page, 2048)


class Desk:
    """A running callback with an outbox beside it, and members in front of it."""

    def __init__(self, outbox: Outbox, stand_in: StandIn, results: Results) -> None:
        self.outbox = outbox
        self.results = results
        self.slowest = 0.0
        self._stand_in = stand_in

    async def say(self, user: str, text: str) -> str:
        started = time.perf_counter()
        exchange = await self._stand_in.post(self._stand_in.compose_text(user, text))
        self.slowest = max(self.slowest, time.perf_counter() - started)
        assert exchange.status == 200
        return exchange.reply or ""


@asynccontextmanager
async def desk(redis: RedisServer, site: Site, trip_limit: float = UNHURRIED) -> AsyncIterator[Desk]:
    results = Results()
    store = RedisOutbox(RedisTrips(redis.url, limit=trip_limit), APP, SALT, vigil=WATCHFUL)
    client = ApiClient(CREDENTIALS, MemoryTokens(), base=site.base, timeouts=HASTY)
    async with Outbox(store, client, pace=BRISK, finished=results) as outbox:
        app = web.Application()
        app.add_routes(Callback(CALLBACK, Exporter(Dispatch(outbox))).routes())
        async with TestServer(app) as server, StandIn(CALLBACK, str(server.make_url("/wecom/callback"))) as stand_in:
            yield Desk(outbox, stand_in, results)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with api_site() as site:
        yield site


@pytest.mark.parametrize(
    "fault",
    [Hang(), Slow(0.2), HttpStatus(500), HttpStatus(503), Cut(), Cut(late=True), ErrorCode(40014), ErrorCode(45009)],
    ids=repr,
)
async def test_callback_answers_in_time_and_files_follow_in_order_and_once(
    redis_server: RedisServer, site: Site, fault: Fault
) -> None:
    async with asyncio.timeout(60), desk(redis_server, site) as office:
        site.api.faults.plan(fault, times=None if not isinstance(fault, Cut) else 4)
        for number in range(EACH):
            replies = await asyncio.gather(*(office.say(user, f"总结{number}") for user in USERS))
            assert set(replies) == {f"总结{number}.docx 随后发到"}
        site.api.faults.heal()
        site.api.call_in_token()
        await office.results.until(EACH * len(USERS))
        assert office.results.counts == {"delivered": EACH * len(USERS)}
    for user in USERS:
        names = [shown.file.name for shown in site.api.shown if shown.user == user and shown.file]
        assert names == [f"总结{number}.docx" for number in range(EACH)]
    assert office.slowest < LIMIT_SECONDS


async def test_file_is_the_document(redis_server: RedisServer, site: Site) -> None:
    async with asyncio.timeout(60), desk(redis_server, site) as office:
        await office.say("zhang", "某局2026年党建工作总结")
        await office.results.until(1)
    (shown,) = site.api.shown
    assert shown.file is not None
    assert shown.file.name == "某局2026年党建工作总结.docx"
    assert Document(BytesIO(shown.file.content)).paragraphs[0].text == "某局2026年党建工作总结的标题"


async def test_message_processed_again_sends_its_file_once(redis_server: RedisServer, site: Site) -> None:
    async with asyncio.timeout(60), desk(redis_server, site) as office:
        delivery = office._stand_in.compose_text("zhang", "总结")
        for _ in range(3):
            await office._stand_in.post(delivery)
        await office.results.until(1)
        assert (await office.outbox.waiting()).parcels == 0
    assert len(site.api.shown) == 1


async def test_without_redis_the_answer_is_the_text(redis_server: RedisServer, site: Site) -> None:
    async with asyncio.timeout(60), desk(redis_server, site, trip_limit=0.3) as office:
        redis_server.kill()
        assert await office.say("zhang", "总结") == "总结的正文"
    assert office.slowest < LIMIT_SECONDS


async def test_what_could_not_be_sent_is_said_at_the_next_turn_once(redis_server: RedisServer, site: Site) -> None:
    async with asyncio.timeout(60), desk(redis_server, site) as office:
        site.api.faults.plan(ErrorCode(60020), "media/upload")
        await office.say("zhang", "甲")
        await office.results.until(1)
        # The note is known to every worker with its next look at the outbox.
        while not await office.outbox.notes("zhang"):
            await office.results.until(0)
            await asyncio.sleep(0.01)
        first = await office.say("zhang", "乙")
        assert first.startswith("文件“甲.docx”没有发成。")
        assert first.endswith("\n\n乙.docx 随后发到")
        assert await office.say("li", "丙") == "丙.docx 随后发到"
        assert await office.say("zhang", "丁") == "丁.docx 随后发到"
        await office.results.until(4)


def test_notes_stand_before_the_page_as_far_as_they_fit() -> None:
    page = "笔" * 600
    assert with_notes((), page, 2048) == (page, 0)
    assert with_notes(("一", "二"), page, 2048) == (f"一\n\n二\n\n{page}", 2)
    assert with_notes(("一", "笔" * 100), page, 2048) == (f"一\n\n{page}", 1)
    assert with_notes(("笔" * 100, "一"), page, 2048) == (page, 0)


async def test_outbox_without_redis_delivers_too(site: Site) -> None:
    results = Results()
    outbox = open_outbox(CREDENTIALS, None, SALT, base=site.base, finished=results)
    async with asyncio.timeout(30), outbox:
        for number in range(3):
            assert await outbox.accept(Parcel(f"id{number}", "zhang", f"第{number}条"))
        await results.until(3)
        await outbox.client.send_text("li", "直接发的")
    assert site.api.texts("zhang") == ["第0条", "第1条", "第2条"]
    assert site.api.texts("li") == ["直接发的"]


async def test_workers_opened_by_the_settings_share_one_outbox(redis_server: RedisServer, site: Site) -> None:
    results = Results()
    workers = [open_outbox(CREDENTIALS, redis_server.url, SALT, base=site.base, finished=results) for _ in range(2)]
    async with asyncio.timeout(30), workers[0], workers[1]:
        accepted = await asyncio.gather(*(worker.accept(Parcel("one", "zhang", "一")) for worker in workers))
        assert sorted(accepted) == [False, True]
        for number, worker in enumerate(workers * 5):
            await worker.accept(Parcel(f"id{number}", "zhang", f"第{number}条"))
        await results.until(11)
    assert site.api.texts("zhang") == ["一", *(f"第{number}条" for number in range(10))]
    assert site.api.calls["gettoken"] == 1
