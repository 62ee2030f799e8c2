"""Log lines: readable by machines and eyes, silent about what people wrote, bounded in a storm."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiohttp import ClientSession, web

from bot.logs import AccessLogger, StormLimit, configure_logging, log_event

CANARY = "金丝雀 canary"

OWN = logging.getLogger("bot.tests")
FOREIGN = logging.getLogger("somebody.library")


@pytest.fixture
def configure() -> Iterator[Callable[..., io.StringIO]]:
    """Configure logging into a buffer; everything is as before afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level

    def start(level: str = "INFO", form: Any = "json") -> io.StringIO:
        stream = io.StringIO()
        configure_logging(level, form, stream)
        return stream

    yield start
    root.handlers, root.level = before
    for package in ("bot", "handlers", "knowledge"):
        logging.getLogger(package).setLevel(logging.NOTSET)


def objects(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail() -> None:
    raise ValueError(f"cannot read {CANARY}")


def test_event_is_one_json_object_on_one_line(configure: Callable[..., io.StringIO]) -> None:
    stream = configure()
    log_event(OWN, "something happened", count=3, name="两 行\n“引号”", found=True, missing=None, ms=0.5)
    assert "两 行" in stream.getvalue(), "not ASCII-escaped"
    [line] = objects(stream)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "bot.tests",
        "event": "something happened",
        "count": 3,
        "name": "两 行\n“引号”",
        "found": True,
        "missing": None,
        "ms": 0.5,
    }


def test_event_is_one_line_of_text(configure: Callable[..., io.StringIO]) -> None:
    stream = configure(form="text")
    log_event(OWN, "something happened", count=3, name="two\nlines")
    [line] = stream.getvalue().splitlines()
    assert line.endswith('INFO bot.tests something happened count=3 name="two\\nlines"')


def test_level_is_kept_and_libraries_are_heard_from_warning_only(configure: Callable[..., io.StringIO]) -> None:
    stream = configure("WARNING")
    log_event(OWN, "too quiet")
    log_event(OWN, "loud", logging.WARNING)
    FOREIGN.info("chatter")
    assert [line["event"] for line in objects(stream)] == ["loud"]
    stream = configure("DEBUG")
    log_event(OWN, "quiet", logging.DEBUG)
    FOREIGN.info("chatter")
    FOREIGN.warning("trouble")
    assert [line["event"] for line in objects(stream)] == ["quiet", "trouble"]


@pytest.mark.parametrize("form", ["json", "text"])
def test_exception_is_its_class_and_places_never_its_message(configure: Callable[..., io.StringIO], form: str) -> None:
    stream = configure("DEBUG", form)
    try:
        fail()
    except ValueError:
        log_event(OWN, "failed", logging.ERROR)
        logging.getLogger("bot.other").warning("failed again", exc_info=True)
        FOREIGN.exception("library failed")
    assert "canary" not in stream.getvalue()
    assert stream.getvalue().count("ValueError") == 3
    assert "test_logs.py" in stream.getvalue()
    assert " fail " in stream.getvalue()


def test_what_a_library_fills_into_its_line_is_left_out(configure: Callable[..., io.StringIO]) -> None:
    stream = configure("DEBUG")
    FOREIGN.error("cannot parse %s", CANARY)
    FOREIGN.error("Task exception was never retrieved\nfuture: <Task exception=ValueError('%s')>", CANARY)
    assert [line["event"] for line in objects(stream)] == ["cannot parse %s", "Task exception was never retrieved"]


async def test_task_that_failed_unseen_is_logged_without_its_message(configure: Callable[..., io.StringIO]) -> None:
    stream = configure("DEBUG")

    async def fail_later() -> None:
        fail()

    loop = asyncio.get_running_loop()
    task = loop.create_task(fail_later())
    await asyncio.wait([task])
    loop.call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": task.exception(), "future": task}
    )
    [line] = objects(stream)
    assert (line["logger"], line["error"]) == ("asyncio", "ValueError")
    assert "canary" not in stream.getvalue()


def test_second_configuration_replaces_the_first(configure: Callable[..., io.StringIO]) -> None:
    first, second = configure(), configure()
    log_event(OWN, "once")
    assert first.getvalue() == ""
    assert len(objects(second)) == 1


def test_storm_is_limited_from_the_start(configure: Callable[..., io.StringIO]) -> None:
    stream = configure()
    for _ in range(50):
        log_event(OWN, "refused", logging.WARNING)
    assert len(objects(stream)) < 10


class TestStorm:
    @pytest.fixture
    def now(self) -> list[float]:
        return [0.0]

    @pytest.fixture
    def stream(self, configure: Callable[..., io.StringIO], now: list[float]) -> io.StringIO:
        stream = configure()
        [handler] = logging.getLogger().handlers
        handler.filters = [StormLimit(clock=lambda: now[0])]
        return stream

    def test_one_line_a_second_and_the_next_one_counts_the_rest(self, stream: io.StringIO, now: list[float]) -> None:
        for step in range(1000):
            now[0] = step / 400
            log_event(OWN, "refused", logging.WARNING)
        now[0] = 4.0
        log_event(OWN, "refused", logging.WARNING)
        assert [line.get("suppressed") for line in objects(stream)] == [None, 399, 399, 199]

    def test_kinds_of_error_do_not_hide_each_other(self, stream: io.StringIO) -> None:
        for error in (ValueError, KeyError) * 5:
            try:
                raise error("x")
            except (ValueError, KeyError):
                log_event(OWN, "failed", logging.ERROR)
                log_event(logging.getLogger("bot.other"), "failed", logging.ERROR)
        log_event(OWN, "another event", logging.ERROR)
        assert len(objects(stream)) == 5

    def test_fifty_ordinary_events_a_second_pass_and_in_a_storm_five(
        self, stream: io.StringIO, now: list[float]
    ) -> None:
        passed = []
        for second, events in ((0, 50), (1, 100), (2, 100), (3, 3), (4, 50), (12, 50), (13, 50)):
            now[0] = float(second)
            before = len(objects(stream))
            for _ in range(events):
                log_event(OWN, "message")
            passed.append(len(objects(stream)) - before)
        assert passed == [50, 50, 5, 3, 5, 5, 50]
        assert [line["suppressed"] for line in objects(stream) if "suppressed" in line] == [50, 95, 45, 45]

    def test_memory_is_bounded(self, now: list[float]) -> None:
        limit = StormLimit(clock=lambda: now[0])
        for number in range(5000):
            limit.filter(logging.LogRecord("x", logging.ERROR, "", 0, f"message {number}", None, None))
        assert len(limit._kinds) <= 1000


async def test_access_log_has_the_route_and_not_the_query(configure: Callable[..., io.StringIO]) -> None:
    stream = configure("DEBUG")

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="four")

    app = web.Application()
    app.router.add_get("/wecom/{name}", answer)
    runner = web.AppRunner(app, access_log_class=AccessLogger)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        headers = {"User-Agent": "canary", "Referer": "canary"}
        async with ClientSession(headers=headers) as client:
            await client.get(f"{address}/wecom/canary?msg_signature=canary&echostr=canary")
            await client.get(f"{address}/canary?q=canary")
    finally:
        await runner.cleanup()
    lines = objects(stream)
    assert "canary" not in stream.getvalue()
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("GET", "/wecom/{name}", 200),
        ("GET", "unmatched", 404),
    ]
    assert lines[0]["bytes"] >= len("four")
    assert lines[0]["ms"] >= 0


def test_access_log_is_on_at_debug_alone(configure: Callable[..., io.StringIO]) -> None:
    logger = AccessLogger(logging.getLogger("aiohttp.access"), "")
    configure("DEBUG")
    assert logger.enabled
    configure("INFO")
    assert not logger.enabled
