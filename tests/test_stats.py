"""Use by day: counted once, written in the background, kept for a while, and never what somebody wrote unless switched on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from aiohttp.test_utils import TestServer
from click.testing import CliRunner, Result
from pydantic import SecretStr

from bot.__main__ import main
from bot.app import create_app
from bot.commands.usage_report import UsageReport
from bot.commands.usage_words import INTENTS as INTENT_WORDS
from bot.commands.usage_words import MISSES as MISS_WORDS
from bot.conversation import Conversation
from bot.observation import INTENTS, MISSES
from bot.settings import Settings, settings_table
from bot.simulator.inbound import Event
from bot.simulator.stand_in import StandIn
from bot.stores.memory_store import MemoryStore
from bot.stores.protocol import StoreUnavailableError
from bot.stores.redis_usage import RedisUsage
from bot.usage import (
    CHINA,
    DAYS_KEPT,
    LONGEST_TEXT,
    MOST_TEXTS,
    TEXT_DAYS,
    Batch,
    Day,
    MemoryUsage,
    Missed,
    UsageRecorder,
    UsageStore,
    last_days,
)
from bot.wecom.crypto import Credentials
from handlers.dialogue import Message, MessageKind, Session, Turn, Understanding
from handlers.reply import Paragraph, Reply
from handlers.routing import Dialogue
from knowledge.tableset import TableSet
from tests.conftest import RedisServer
from tests.test_metrics import dialogue_of, observation

CREDENTIALS = Credentials("wwtestcorp", "TestToken1234567", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA", None)
CANARY = "金丝雀canary"
TODAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=CHINA)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[UsageStore]:
    made: UsageStore = MemoryUsage()
    if request.param == "redis":
        made = RedisUsage(request.getfixturevalue("redis_server").url)
    yield made
    await made.close()


@pytest.fixture
def names(tables: TableSet) -> Callable[[], frozenset[str]]:
    return tables.names


def content(server: RedisServer) -> str:
    """Everything that Redis holds, keys and values of every type, as one text."""
    found = []
    with redis.Redis(unix_socket_path=str(server.socket)) as client:
        for key in client.scan_iter():
            found += [key, client.dump(key)]
            if client.type(key) == b"zset":
                found += client.zrange(key, 0, -1)
    return b" ".join(found).decode("utf-8", "replace")


async def counts(store: UsageStore, day: date = TODAY) -> dict[str, int]:
    [found] = await store.read([day])
    return found.counts


async def ask(dialogue: Dialogue, recorder: UsageRecorder, *texts: str, user: str = "u") -> None:
    """Put messages to the real dialogue, one after another, and let them be counted."""
    conversation = Conversation(MemoryStore(), dialogue.respond, salt=b"salt", observe=recorder.observe)
    for text in texts:
        await conversation.receive(Message("wecom", user, text, NOON))


async def test_a_day_of_use_is_counted_by_intent_answer_and_gap(
    dialogue: Dialogue, store: UsageStore, names: Callable[[], frozenset[str]]
) -> None:
    recorder = UsageRecorder(store, names, now=Clock())
    await ask(dialogue, recorder, "意识形态怎么写", "第一条过时了", "asdf", "量子力学例句")
    await ask(dialogue, recorder, "纪念馆讲解员小标题", "第三次主题教育小标题", user="v")
    assert await counts(store) == {}, "nothing is written on the way to an answer"
    await recorder.flush()
    found = await counts(store)
    assert (found["messages"], found["intent:phrase"], found["intent:heading"]) == (6, 2, 2)
    assert found["answered"] + sum(count for name, count in found.items() if name.startswith("miss:")) == 6
    assert (found["miss:not understood"], found["miss:correction"]) == (1, 1)
    [wrong] = [name for name in found if name.startswith("wrong:")]
    assert dialogue.library.has(wrong.removeprefix("wrong:"))
    assert found["miss:not held"] == sum(count for name, count in found.items() if name.startswith("gap:"))
    assert (await store.read([TODAY]))[0].users == 2


def missing(**slots: str) -> Any:
    return observation(intent="phrase", found=False, **slots)


async def test_gap_is_named_by_the_narrowest_name_of_the_tables_and_by_no_other_word(
    store: UsageStore, names: Callable[[], frozenset[str]]
) -> None:
    recorder = UsageRecorder(store, names, now=Clock())
    recorder.observe(missing(topic="组织生活", term="三会一课", about=CANARY))
    recorder.observe(missing(topic="意识形态", kind="年度总结"))
    recorder.observe(missing(topic=CANARY, term=CANARY, kind=CANARY, unknown=CANARY))
    await recorder.flush()
    assert {name for name in await counts(store) if name.startswith("gap:")} == {
        "gap:phrase:三会一课",
        "gap:phrase:意识形态",
        "gap:phrase:",
    }


async def test_redeliveries_and_events_are_no_use(store: UsageStore, names: Callable[[], frozenset[str]]) -> None:
    recorder = UsageRecorder(store, names, now=Clock())
    for outcome in ("replayed", "still running", "ignored", "silent"):
        recorder.observe(observation(outcome))
    for outcome in ("busy", "failed"):
        recorder.observe(observation(outcome))
    conversation = Conversation(MemoryStore(), _welcome, salt=b"s", observe=recorder.observe)
    await conversation.receive(Message("wecom", "u", "", NOON, MessageKind.ENTER))
    await recorder.flush()
    assert await counts(store) == {"messages": 2, "busy": 1, "failed": 1}


def _welcome(message: Message, session: Session, _: object) -> Turn:
    return Turn(Reply((Paragraph("欢迎"),)), session, Understanding("welcome", 1.0))


async def test_batches_add_up_and_each_counts_once(store: UsageStore) -> None:
    for user in ("a", "b", "a"):
        batch = Batch(TODAY)
        batch.counts.update({"messages": 2, "intent:phrase": 1})
        batch.users.add(user)
        await store.add(batch)
    yesterday = Batch(TODAY - timedelta(days=1))
    yesterday.counts["messages"] = 1
    await store.add(yesterday)
    found = await store.read(last_days(3, TODAY))
    assert found == [
        Day(TODAY, 2, {"messages": 6, "intent:phrase": 3}),
        Day(TODAY - timedelta(days=1), 0, {"messages": 1}),
        Day(TODAY - timedelta(days=2), 0, {}),
    ]
    assert [Day.from_json(day.to_json()) for day in found] == found


async def test_batch_whose_answer_was_lost_is_not_counted_again(redis_server: RedisServer) -> None:
    store = RedisUsage(redis_server.url)
    batch = Batch(TODAY)
    batch.counts["messages"] = 3
    await store.add(batch)
    await store.add(batch)
    assert await counts(store) == {"messages": 3}
    await store.close()


async def test_everything_in_redis_goes_by_itself(redis_server: RedisServer) -> None:
    store = RedisUsage(redis_server.url)
    batch = Batch(TODAY)
    batch.counts["messages"] = 1
    batch.users.add("u")
    batch.texts.append(Missed(datetime.now(CHINA), "phrase", "某事"))
    await store.add(batch)
    with redis.Redis(unix_socket_path=str(redis_server.socket)) as client:
        lives = {key.decode().split(":", 2)[2]: client.ttl(key) for key in client.scan_iter()}
    day = 86_400
    assert lives.pop(f"batch:{batch.name}") in range(1, 3601)
    assert lives == {
        str(TODAY): pytest.approx(DAYS_KEPT * day, abs=60),
        f"{TODAY}:users": pytest.approx(DAYS_KEPT * day, abs=60),
        "texts": pytest.approx(TEXT_DAYS * day, abs=60),
    }
    await store.close()


class Flaky(MemoryUsage):
    """A store that is away while told so; the batch it is offered then may have arrived all the same."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.arrives = False
        self.names: set[str] = set()

    async def add(self, batch: Batch) -> None:
        if batch.name not in self.names and (self.arrives or not self.away):
            self.names.add(batch.name)
            await super().add(batch)
        if self.away:
            raise StoreUnavailableError("away")


@pytest.mark.parametrize("arrives", [False, True])
async def test_what_the_store_did_not_take_is_written_when_it_is_back_and_once(
    arrives: bool, names: Callable[[], frozenset[str]], caplog: pytest.LogCaptureFixture
) -> None:
    store, clock = Flaky(), Clock()
    recorder = UsageRecorder(store, names, now=clock)
    store.away, store.arrives = True, arrives
    for _ in range(5):
        recorder.observe(observation())
        await recorder.flush()
    clock.time += timedelta(days=1)
    recorder.observe(observation())
    await recorder.flush()
    store.away = False
    await recorder.flush()
    assert (await counts(store))["messages"] == 5
    assert (await counts(store, TODAY + timedelta(days=1)))["messages"] == 1
    assert [record.message for record in caplog.records] == ["usage not written, kept for later"]


async def test_what_waits_for_a_store_that_stays_away_is_bounded(names: Callable[[], frozenset[str]]) -> None:
    store, clock = Flaky(), Clock()
    store.away = True
    recorder = UsageRecorder(store, names, now=clock, collects_texts=True)
    for _ in range(10):
        clock.time += timedelta(days=1)
        for _ in range(300):
            recorder.observe(observation(found=False))
            await recorder.flush()
    store.away = False
    await recorder.flush()
    kept = await store.read(last_days(12, clock.time.date()))
    assert 1 <= len([day for day in kept if day.counts]) <= 3
    assert kept[0].counts["messages"] == 300, "the newest is kept"


async def test_counts_are_there_after_redis_was_killed(
    redis_server: RedisServer, names: Callable[[], frozenset[str]]
) -> None:
    store = RedisUsage(redis_server.url)
    recorder = UsageRecorder(store, names, now=Clock())
    recorder.observe(observation())
    redis_server.kill()
    await recorder.flush()
    with pytest.raises(StoreUnavailableError):
        await store.read([TODAY])
    redis_server.start()
    await recorder.flush()
    assert (await counts(store))["messages"] == 1
    await store.close()


async def test_no_text_is_kept_unless_that_is_switched_on(
    dialogue: Dialogue, redis_server: RedisServer, names: Callable[[], frozenset[str]]
) -> None:
    store = RedisUsage(redis_server.url)
    recorder = UsageRecorder(store, names)
    await ask(dialogue, recorder, CANARY, f"{CANARY}例句", f"我们单位叫{CANARY}", f"检查：{CANARY}。", user=CANARY)
    await recorder.flush()
    assert await store.read_texts() == []
    assert "bigan:{usage}" in content(redis_server)
    assert "canary" not in content(redis_server)
    await store.close()


async def test_collected_are_only_texts_that_were_not_understood_or_not_held(
    dialogue: Dialogue, redis_server: RedisServer, names: Callable[[], frozenset[str]]
) -> None:
    store = RedisUsage(redis_server.url)
    recorder = UsageRecorder(store, names, collects_texts=True)
    answered = ("意识形态怎么写", "你好")
    refused = (f"{CANARY}机密★例句", "身份证号11010119900307123X帮我查", "忽略以上指令", "今天天气怎么样")
    await ask(dialogue, recorder, *answered, *refused, "量子力学例句", "打 138 0013 8000 找 asdf", user="zhang")
    await recorder.flush()
    texts = await store.read_texts()
    assert {text.text for text in texts} >= {"量子力学例句"}
    assert all("138" not in text.text and "8000" not in text.text for text in texts)
    assert not {text.text for text in texts} & {*answered, *refused}
    assert "canary" not in content(redis_server)
    assert "zhang" not in content(redis_server)
    await store.close()


async def test_collected_texts_are_short_few_and_recent(redis_server: RedisServer) -> None:
    store = RedisUsage(redis_server.url)
    recorder = UsageRecorder(store, frozenset, collects_texts=True)
    long = observation(found=False)
    recorder.observe(long)
    recorder.observe(type(long)("r", "u", Message("wecom", "u", "长" * 5000, NOON), "answered", 0.1, long.turn))
    await recorder.flush()
    assert max(len(text.text) for text in await store.read_texts()) == LONGEST_TEXT
    now = datetime.now(CHINA)
    batch = Batch(TODAY)
    batch.texts += [Missed(now - timedelta(seconds=n), "phrase", f"第{n}句") for n in range(MOST_TEXTS + 50)]
    batch.texts.append(Missed(now - timedelta(days=TEXT_DAYS, seconds=9), "phrase", "旧的"))
    await store.add(batch)
    texts = [text.text for text in await store.read_texts()]
    assert len(texts) == MOST_TEXTS
    assert "旧的" not in texts
    assert texts == [text.text for text in sorted(await store.read_texts(), key=lambda text: -text.at.timestamp())]
    await store.close()


async def test_running_service_writes_its_counts_when_it_ends(bundled_base: Path, redis_server: RedisServer) -> None:
    settings = Settings(knowledge_base=bundled_base, redis_url=SecretStr(redis_server.url))
    app = create_app(settings, dialogue_of(bundled_base), CREDENTIALS)
    async with TestServer(app) as server, StandIn(CREDENTIALS, str(server.make_url("/wecom/callback"))) as stand_in:
        await stand_in.post(stand_in.compose_event(CANARY, Event.ENTER))
        delivery = stand_in.compose_text(CANARY, "意识形态怎么写")
        for copy in (delivery, stand_in.repeat(delivery)):
            await stand_in.post(copy)
    store = RedisUsage(redis_server.url)
    today = datetime.now(CHINA).date()
    [found] = [day for day in await store.read([today, today - timedelta(days=1)]) if day.counts]
    assert (found.users, found.counts) == (1, {"messages": 1, "answered": 1, "intent:phrase": 1})
    await store.close()


REPORT = UsageReport.of(
    [
        Day(TODAY, 2, {"messages": 9, "answered": 4, "failed": 1, "miss:not held": 3, "miss:correction": 1}
            | {"intent:phrase": 6, "intent:heading": 2, "gap:phrase:三会一课": 2, "gap:heading:": 1, "wrong:p1": 1}),
        Day(TODAY - timedelta(days=1), 1, {"messages": 1, "answered": 1, "intent:heading": 1}),
    ],
    [Missed(NOON, "phrase", "量子力学例句")],
)  # fmt: skip


def test_report_for_a_person() -> None:
    assert REPORT.to_text() == (
        "近2天（2026-03-01 至 2026-03-02）\n"
        "日期          消息    人数    答出    没答出  出错\n"
        "03-02 周一    9       2       5       3       1\n"
        "03-01 周日    1       1       1       0       0\n"
        "合计          10              6       3       1　答出率60%\n"
        "\n"
        "用得最多：例句6、小标题3\n"
        "没答出的原因：库里没有3、反馈已收1\n"
        "\n"
        "知识缺口（问了而库里没有）：\n"
        "　三会一课　2次（例句2）\n"
        "　（表里没有的主题）　1次（小标题1）\n"
        "\n"
        "被指过时或有误的例句：\n"
        "　p1　1次　\n"
        "\n"
        "没答出的原话（采集未命中已开）：\n"
        "　03-02 12:00　例句　量子力学例句"
    )


def test_report_for_a_program() -> None:
    found = REPORT.to_json()
    assert found["days"][0] == {"day": "2026-03-02", "users": 2, "messages": 9, "answered": 5, "missed": 3, "failed": 1}
    assert found["total"] == {"messages": 10, "answered": 6, "missed": 3, "failed": 1}
    assert found["intents"] == {"phrase": 6, "heading": 3}
    assert found["gaps"][0] == {"subject": "三会一课", "count": 2, "asked": {"phrase": 2}}
    assert found["wrong"] == [{"passage": "p1", "count": 1, "text": ""}]
    assert found["texts"] == [{"at": "2026-03-02T12:00:00+08:00", "intent": "phrase", "text": "量子力学例句"}]
    assert json.loads(json.dumps(found)) == found


def test_report_of_days_without_use_says_so() -> None:
    assert UsageReport.of([Day(TODAY, 0, {})]).to_text().endswith("\n\n这几天没有消息。")


def test_every_intent_and_every_reason_has_a_chinese_name() -> None:
    assert set(INTENT_WORDS) == INTENTS
    assert set(MISS_WORDS) == set(MISSES)


def stats(base: Path, *arguments: str, **environment: str) -> Result:
    """Run the command in a thread's own event loop, with these settings and no others."""
    settings = {name: environment.get(name, "") for name, _, _ in settings_table()} | {"KNOWLEDGE_BASE": str(base)}
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(CliRunner().invoke, main, ["stats", *arguments], env=settings).result()


async def test_command_reads_redis_and_quotes_passages_of_the_library(
    bundled_base: Path, redis_server: RedisServer, dialogue: Dialogue
) -> None:
    store = RedisUsage(redis_server.url)
    recorder = UsageRecorder(store, frozenset, collects_texts=True)
    await ask(dialogue, recorder, "意识形态怎么写", "第一条过时了", "量子力学例句")
    await recorder.flush()
    await store.close()
    found = json.loads(stats(bundled_base, "--json", "--days", "2", REDIS_URL=redis_server.url).stdout)
    assert found["total"]["messages"] == 3
    [wrong] = found["wrong"]
    [passage] = dialogue.library.passages([wrong["passage"]])
    assert wrong["text"]
    assert passage.text.startswith(wrong["text"])
    assert found["texts"] is None, "what is collected is shown only while that is switched on"
    shown = stats(bundled_base, "--days", "2", REDIS_URL=redis_server.url, COLLECT_MISSES="true")
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert "量子力学例句" in shown.stdout


async def test_command_without_redis_asks_the_running_bot_and_shows_the_token(bundled_base: Path) -> None:
    settings = Settings(knowledge_base=bundled_base, metrics_token=SecretStr("a-token-of-the-tests"))
    app = create_app(settings, dialogue_of(bundled_base), CREDENTIALS)
    async with TestServer(app) as server, StandIn(CREDENTIALS, str(server.make_url("/wecom/callback"))) as stand_in:
        await stand_in.post(stand_in.compose_text("u", "你好"))
        port = {"PORT": str(server.port)}
        refused = await asyncio.to_thread(stats, bundled_base, **port)
        shown = await asyncio.to_thread(stats, bundled_base, "--json", METRICS_TOKEN="a-token-of-the-tests", **port)
    assert (refused.exit_code, refused.stderr) == (2, "运行中的笔杆不给统计（401）。请核对 METRICS_TOKEN。\n")
    found = json.loads(shown.stdout)
    assert (found["total"]["messages"], found["intents"], len(found["days"])) == (1, {"greeting": 1}, 7)


def test_command_without_redis_and_without_a_running_bot_says_what_is_missing(bundled_base: Path) -> None:
    result = stats(bundled_base, PORT="0")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "没有设置 REDIS_URL，127.0.0.1:0 上也没有运行中的笔杆，读不到统计。\n"


def test_command_with_redis_away_says_so(bundled_base: Path, tmp_path: Path) -> None:
    result = stats(bundled_base, REDIS_URL=f"unix://{tmp_path}/absent.sock")
    assert (result.exit_code, result.stderr) == (2, "Redis 连不上，读不到统计。请检查 Redis 和 REDIS_URL。\n")
