"""The figures: right, complete over all workers, readable by whoever may, and silent about who wrote what."""

from __future__ import annotations

import ast
import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import cast

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY, CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from bot.app import create_app
from bot.condition import Condition, Inspector
from bot.conversation import Conversation
from bot.edge.limits import LIMITS
from bot.errors import StandInError
from bot.metrics import MOST_WORDS, Figures, Metrics, merge
from bot.observation import GAPS, INTENTS, MISSES, OUTCOMES, Observation
from bot.opening import LiveDialogue, Shelf
from bot.operation import Operation
from bot.outbox.protocol import OutboxUnavailableError, Waiting
from bot.settings import Settings
from bot.siblings import Siblings
from bot.simulator.stand_in import StandIn
from bot.stores.memory_store import MemoryStore
from bot.stores.protocol import now as moment
from bot.wecom.api_errors import POLICIES
from bot.wecom.crypto import Credentials
from bot.wecom.wire import NO_ANSWER
from handlers.dialogue import Message, Session, Turn, Understanding
from handlers.reply import Paragraph, Reply
from tests.conftest import RedisServer

ROOT = Path(__file__).parent.parent
CREDENTIALS = Credentials("wwtestcorp", "TestToken1234567", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA", None)
WECOM = {
    "WECOM_CORP_ID": CREDENTIALS.corp_id,
    "WECOM_TOKEN": CREDENTIALS.token,
    "WECOM_AES_KEY": CREDENTIALS.aes_key,
}
CANARY = "金丝雀canary"
TOKEN = "a-token-of-the-tests"
WELL = Condition(True, False, False, "20260101-000000-abcdef", "2026-01-01T00:00:00+00:00", 5, 200, 0)

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(text: str) -> Samples:
    """Every sample of an exposition by name and labels; also checks that the text is well formed."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def total(text: str, name: str, **labels: str) -> float:
    """The sum over all series of ``name`` that have these labels."""
    return sum(
        value
        for (found, pairs), value in samples(text).items()
        if found == name and labels.items() <= dict(pairs).items()
    )


async def get(server: BaseTestServer, path: str, **headers: str) -> tuple[int, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with aiohttp.ClientSession() as session, session.get(server.make_url(path), headers=named) as response:
        return response.status, await response.text()


async def metrics_of(server: BaseTestServer) -> str:
    status, text = await get(server, "/metrics")
    assert status == 200
    return text


@cache
def dialogue_of(base: Path) -> LiveDialogue:
    """The dialogue of a base that no test changes, loaded once for all of them."""
    return LiveDialogue(Shelf(Settings(knowledge_base=base)))


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[tuple[BaseTestServer, StandIn]]:
    assert settings.knowledge_base is not None
    app = create_app(settings, dialogue_of(settings.knowledge_base), CREDENTIALS)
    async with TestServer(app) as server, StandIn(CREDENTIALS, str(server.make_url("/wecom/callback"))) as stand_in:
        yield server, stand_in


def observation(
    outcome: str = "answered", intent: str = "phrase", *, found: bool = True, user: str = CANARY, **slots: object
) -> Observation:
    turn = Turn(Reply((Paragraph(CANARY),), found=found), Session(), Understanding(intent, 1.0, dict(slots)))
    return Observation("abc123", user, Message("wecom", user, CANARY, datetime.now(UTC)), outcome, 0.004, turn)


async def test_messages_redeliveries_and_misses_are_counted(bundled_base: Path) -> None:
    async with running(Settings(knowledge_base=bundled_base)) as (server, stand_in):
        for text in ("意识形态怎么写", "量子力学例句", "asdf", "你好"):
            delivery = stand_in.compose_text(CANARY, text)
            await stand_in.post(delivery)
            await stand_in.post(stand_in.repeat(delivery))
        text = await metrics_of(server)
    assert total(text, "bigan_messages_total", intent="phrase", outcome="answered") == 2
    assert total(text, "bigan_messages_total", outcome="answered") == 4
    assert total(text, "bigan_redeliveries_total") == total(text, "bigan_dedup_hits_total") == 4
    assert total(text, "bigan_message_seconds_count") == 4
    assert total(text, "bigan_misses_total", reason="not held") == 1
    assert total(text, "bigan_misses_total", reason="not understood") == 1
    assert total(text, "bigan_knowledge_reports") == 5
    assert total(text, "bigan_knowledge_info") == 1
    assert 0 <= time.time() - total(text, "bigan_knowledge_built_timestamp_seconds") < 3600
    assert total(text, "bigan_sessions_local") == 1, "there is no Redis here"
    assert total(text, "process_resident_memory_bytes") > 0


async def test_nothing_a_user_wrote_or_is_called_stands_in_the_figures(bundled_base: Path) -> None:
    async with running(Settings(knowledge_base=bundled_base)) as (server, stand_in):
        for text in (
            CANARY,
            f"{CANARY}例句",
            f"查重：{CANARY}",
            f"我们单位叫{CANARY}局",
            f"第一条错了，应该是{CANARY}",
        ):
            await stand_in.post(stand_in.compose_text(CANARY, text))
        text = await metrics_of(server)
    assert "canary" not in text
    assert "金丝雀" not in text
    allowed = {
        "worker": {"0"},
        "intent": INTENTS | {"none"},
        "outcome": set(OUTCOMES),
        "reason": set(MISSES),
    }
    labels = [pair for _, pairs in samples(text) for pair in pairs if pair[0] not in {"le", "version"}]
    assert {name for name, _ in labels} == set(allowed)
    assert all(value in allowed[name] for name, value in labels)


async def test_requests_that_are_not_let_in_are_counted_by_reason(bundled_base: Path) -> None:
    async with running(Settings(knowledge_base=bundled_base)) as (server, stand_in):
        delivery = stand_in.compose_text("u", "你好")
        async with aiohttp.ClientSession() as session:
            for changed in ({"msg_signature": "0" * 40}, {"timestamp": "1400000000"}, {"nonce": ""}):
                query = dict(delivery.query) | changed
                async with session.post(server.make_url("/wecom/callback"), params=query, data=delivery.body) as answer:
                    assert answer.status == 403
        for _ in range(LIMITS.messages_per_minute + 2):
            await stand_in.post(stand_in.compose_text("u", "你好"))
        text = await metrics_of(server)
    refused = {
        dict(pairs)["reason"]: value for (name, pairs), value in samples(text).items() if name == "bigan_refused_total"
    }
    assert refused.pop("rate") == 2
    assert set(refused) <= {"signature", "timestamp", "query"}
    assert sum(refused.values()) == 3
    assert total(text, "bigan_messages_total") == LIMITS.messages_per_minute


async def test_two_applications_in_one_process_count_apart(bundled_base: Path) -> None:
    settings = Settings(knowledge_base=bundled_base)
    async with running(settings) as (first, stand_in), running(settings) as (second, _):
        await stand_in.post(stand_in.compose_text("u", "你好"))
        assert total(await metrics_of(first), "bigan_messages_total") == 1
        assert total(await metrics_of(second), "bigan_messages_total") == 0
    assert "bigan_" not in generate_latest(REGISTRY).decode(), "nothing of ours in the registry all programs share"


async def test_without_a_token_only_this_machine_may_read_and_never_through_a_proxy(bundled_base: Path) -> None:
    async with running(Settings(knowledge_base=bundled_base)) as (server, _):
        assert (await get(server, "/metrics"))[0] == (await get(server, "/stats"))[0] == 200
        for header in ("X_Forwarded_For", "Forwarded", "X_Real_IP", "Via"):
            status, text = await get(server, "/metrics", **{header: "203.0.113.9"})
            assert (status, "METRICS_TOKEN" in text) == (403, True)
            assert (await get(server, "/stats", **{header: "203.0.113.9"}))[0] == 403


async def test_with_a_token_everybody_needs_it(bundled_base: Path) -> None:
    settings = Settings(knowledge_base=bundled_base, metrics_token=SecretStr(TOKEN))
    async with running(settings) as (server, _):
        for given in ("", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", "Bearer 密语"):
            status, text = await get(server, "/metrics", Authorization=given)
            assert status == 401
            assert TOKEN not in text
        assert (await get(server, "/stats"))[0] == 401
        assert (await get(server, "/metrics", Authorization=f"Bearer {TOKEN}", Via="1.1 proxy"))[0] == 200
        assert (await get(server, "/healthz"))[0] == (await get(server, "/readyz"))[0] == 200


async def test_redis_that_goes_and_comes_back_is_seen(bundled_base: Path, redis_server: RedisServer) -> None:
    settings = Settings(knowledge_base=bundled_base, redis_url=SecretStr(redis_server.url))
    states = ("bigan_redis_up", "bigan_redis_breaker_open", "bigan_sessions_local")
    async with running(settings) as (server, stand_in):
        text = await metrics_of(server)
        assert [total(text, name) for name in states] == [1, 0, 0]
        redis_server.kill()
        assert (await stand_in.post(stand_in.compose_text("u", "你好"))).reply
        text = await metrics_of(server)
        assert [total(text, name) for name in states] == [0, 1, 1]
        status, report = await get(server, "/readyz")
        assert status == 503
        assert json.loads(report)["problems"] == ["Redis 不能读写，正从内存答复；请检查 Redis 和 REDIS_URL"]
        redis_server.start()
        text = await metrics_of(server)
        assert [total(text, name) for name in states] == [1, 0, 0], "reading the figures is a probe"
        assert json.loads((await get(server, "/readyz"))[1])["problems"] == []


async def test_newer_base_and_overlay_that_cannot_be_used_are_said_by_both_checks(bundled_base: Path) -> None:
    settings = Settings(knowledge_base=bundled_base)
    dialogue = LiveDialogue(Shelf(settings))
    dialogue.base_slip, dialogue.overlay_slip = "知识库已损坏", f"formulations.toml：{CANARY}"
    async with TestServer(create_app(settings, dialogue, CREDENTIALS)) as server:
        status, text = await get(server, "/readyz")
        report = json.loads(text)
        figures = await metrics_of(server)
    assert (status, report["status"]) == (200, "ok"), "what answers meanwhile is whole"
    assert "知识库已损坏" in report["problems"][0]
    assert "覆盖表有误" in report["problems"][1]
    assert CANARY not in text
    assert total(figures, "bigan_knowledge_swap_failed") == total(figures, "bigan_overlay_rejected") == 1


async def test_mistake_in_counting_costs_no_answer(bundled_base: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings, dialogue = Settings(knowledge_base=bundled_base), dialogue_of(bundled_base)
    operation = Operation(settings, Inspector(MemoryStore(), dialogue, None), dialogue)
    nothing_to_count = cast("Observation", object())
    conversation = Conversation(
        MemoryStore(), dialogue.respond, salt=b"s", observe=lambda _: operation.observe(nothing_to_count)
    )
    assert await conversation.receive(Message("wecom", "u", "你好", datetime.now(UTC), delivery="d"))
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == ["message not counted"]


def test_outcomes_that_are_no_answers_leave_the_latency_alone() -> None:
    metrics = Metrics()
    for outcome in OUTCOMES:
        metrics.observe(observation(outcome))
    text = metrics.read(WELL).to_text()
    assert total(text, "bigan_message_seconds_count") == len(OUTCOMES) - len({"replayed", "still running", "ignored"})
    assert total(text, "bigan_redeliveries_total") == 2
    assert total(text, "bigan_dedup_hits_total") == 1


def test_number_of_series_is_bounded_whatever_is_counted() -> None:
    metrics = Metrics()
    for number in range(500):
        metrics.observe(observation(intent=f"intent {number}", user=str(number), found=False, gap=f"gap {number}"))
        metrics.refused(f"reason {number}")
        metrics.api_called(f"call {number}", number)
        metrics.outbox_finished(f"result {number}")
    found = samples(metrics.read(WELL).to_text())
    assert total(metrics.read(WELL).to_text(), "bigan_messages_total", intent="other") == 500
    for name, most in (
        ("bigan_messages_total", 5),
        ("bigan_misses_total", 1),
        ("bigan_refused_total", MOST_WORDS + 1),
        ("bigan_outbox_done_total", MOST_WORDS + 1),
        ("bigan_api_calls_total", 2 * (MOST_WORDS + 1)),
    ):
        assert 0 < len([key for key in found if key[0] == name]) <= most, name
    most_of_all = len(INTENTS | {"none", "other"}) * len(OUTCOMES) + len(MISSES) + 14 + len(POLICIES) * MOST_WORDS + 200
    assert len(found) < most_of_all


def test_calls_of_the_api_are_counted_by_error_code() -> None:
    metrics = Metrics()
    for code in (0, 0, 40014, 60020, 999_999, NO_ANSWER):
        metrics.api_called("message/send", code)
    metrics.outbox_holds(3, 12.5)
    text = metrics.read(WELL).to_text()
    counted = {
        dict(pairs)["errcode"]: value
        for (name, pairs), value in samples(text).items()
        if name == "bigan_api_calls_total"
    }
    assert counted == {"0": 2, "40014": 1, "60020": 1, "other": 1, "no answer": 1}
    assert (total(text, "bigan_outbox_depth"), total(text, "bigan_outbox_oldest_seconds")) == (3, 12.5)


async def test_outbox_is_asked_when_the_figures_are_read_and_may_be_away(bundled_base: Path) -> None:
    settings, dialogue = Settings(knowledge_base=bundled_base), dialogue_of(bundled_base)
    operation = Operation(settings, Inspector(MemoryStore(), dialogue, None), dialogue)
    answers: list[Waiting | OutboxUnavailableError] = [Waiting(2, 7.5), OutboxUnavailableError("away")]

    async def waiting() -> Waiting:
        answer = answers.pop(0)
        if isinstance(answer, OutboxUnavailableError):
            raise answer
        return answer

    operation.watch(waiting)
    app = web.Application()
    app.add_routes(operation.routes())
    async with TestServer(app) as server:
        for _ in range(2):
            text = await metrics_of(server)
            assert (total(text, "bigan_outbox_depth"), total(text, "bigan_outbox_oldest_seconds")) == (2, 7.5)
    assert answers == []


def test_new_version_of_the_base_takes_the_place_of_the_old() -> None:
    metrics = Metrics()
    metrics.read(WELL)
    later = Condition(True, False, False, "20260202-000000-abcdef", "2026-02-02T00:00:00+00:00", 5, 200, 0)
    found = [dict(pairs) for name, pairs in samples(metrics.read(later).to_text()) if name == "bigan_knowledge_info"]
    assert found == [{"version": "20260202-000000-abcdef"}]


def words_given(folder: str, function: str, place: int) -> set[str]:
    """Every literal that calls of a function named so are given at this place, in the modules of a package."""
    return {
        argument.value
        for path in (ROOT / folder).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == function
        for argument in node.args[place : place + 1]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def test_every_word_for_a_gap_and_for_an_outcome_is_known() -> None:
    assert words_given("handlers", "lacks", 0) == set(GAPS)
    assert words_given("bot", "_note", 1) | {"answered", "answered, not saved", "silent"} == set(OUTCOMES)


@pytest.mark.parametrize(
    ("intent", "found", "gap", "miss"),
    [
        ("phrase", True, None, None),
        ("phrase", False, None, "not held"),
        ("term", False, None, "not held"),
        ("fallback", False, None, "not understood"),
        ("more", False, None, "nothing open"),
        ("advice", False, "advice", "advice"),
        ("feedback", False, CANARY, "nothing open"),
    ],
)
def test_reason_of_a_miss(intent: str, found: bool, gap: str | None, miss: str | None) -> None:
    assert observation(intent=intent, found=found, gap=gap).miss == miss


LABELS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@given(st.dictionaries(LABELS, st.integers(0, 9), max_size=4), st.integers(-5, 5))
def test_figures_of_several_workers_stay_apart_whatever_the_labels_hold(values: dict[str, int], plain: int) -> None:
    registry = CollectorRegistry()
    labelled = Gauge("labelled", "Text with # HELP in it", ("kind",), registry=registry)
    for label, value in values.items():
        labelled.labels(label).set(value)
    Gauge("plain", "Text", registry=registry).set(plain)
    figures = Figures.parse(generate_latest(registry).decode())
    text = merge({0: figures, 1: None, 7: figures})
    assert text.count("# TYPE plain gauge") == 1
    found = samples(text)
    expected: Samples = {("bigan_worker_up", (("worker", str(n)),)): float(n != 1) for n in (0, 1, 7)}
    for worker in ("0", "7"):
        expected["plain", (("worker", worker),)] = plain
        expected |= {("labelled", (("kind", label), ("worker", worker))): value for label, value in values.items()}
    assert found == expected


def figures(number: int) -> Figures:
    return Figures({"# HELP n n\n# TYPE n gauge": [f"n {number}"]})


async def test_workers_find_each_other_and_a_new_one_takes_the_number_of_a_dead_one(tmp_path: Path) -> None:
    async def read(number: int) -> Figures:
        return figures(number)

    first = Siblings(tmp_path, 2, lambda: read(1))
    async with first:
        assert await first.gather() == {0: figures(1), 1: None}
        async with Siblings(tmp_path, 2, lambda: read(2)) as second:
            assert await first.gather() == await second.gather() == {0: figures(1), 1: figures(2)}
            async with Siblings(tmp_path, 2, lambda: read(3)):
                assert set(await first.gather()) == {0, 1, 2}, "old and new ones side by side"
            assert set(await first.gather()) == {0, 1}
        assert await first.gather() == {0: figures(1), 1: None}
        async with Siblings(tmp_path, 2, lambda: read(4)):
            assert await first.gather() == {0: figures(1), 1: figures(4)}


async def test_worker_that_hangs_does_not_hold_up_the_figures_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.siblings.ANSWER_SECONDS", 0.1)
    never = asyncio.Event()

    async def read() -> Figures:
        return figures(1)

    async def hang() -> Figures:
        await never.wait()
        return figures(2)

    async with Siblings(tmp_path, 2, read) as first, Siblings(tmp_path, 2, hang):
        assert await first.gather() == {0: figures(1), 1: None}
        never.set()


async def test_worker_that_cannot_listen_still_works_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def read() -> Figures:
        return figures(1)

    async with Siblings(tmp_path / "absent", 1, read) as alone:
        assert await alone.gather() == {0: figures(1)}
    assert [record.message for record in caplog.records] == ["figures not shared with other workers"]


async def talk(port: int, count: int) -> str:
    """Send messages over a connection each, then read the figures, over a connection of their own too."""
    deadline = moment() + 30
    for number in range(count):
        while True:
            try:
                async with StandIn(CREDENTIALS, f"http://127.0.0.1:{port}/wecom/callback") as stand_in:
                    await stand_in.post(stand_in.compose_text(f"user{number}", "你好"))
                break
            except StandInError:
                assert moment() < deadline, "the service did not start"
                await asyncio.sleep(0.1)
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as response:
        return await response.text()


def test_whichever_worker_is_asked_tells_the_figures_of_all(bundled_base: Path, redis_server: RedisServer) -> None:
    with socket.socket() as reserved:
        # Bound but not listening: the port stays ours while the workers, who share it, are started.
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        environment = {**os.environ, **WECOM, "KNOWLEDGE_BASE": str(bundled_base), "REDIS_URL": redis_server.url}
        command = [sys.executable, "-m", "bot", "serve", "--workers", "2", "--port", str(port)]
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as service:
            text = asyncio.run(talk(port, 12))
            service.send_signal(signal.SIGTERM)
            assert service.wait(timeout=10) == 0
    found = samples(text)
    assert {pairs for name, pairs in found if name == "bigan_worker_up"} == {(("worker", "0"),), (("worker", "1"),)}
    assert total(text, "bigan_messages_total", outcome="answered") == 12
    assert total(text, "bigan_redis_up", worker="0") == total(text, "bigan_redis_up", worker="1") == 1
