"""CPU of one callback as a ratio to a bare aiohttp handler, and how long an answer takes.

Three servers run as processes of their own: one answers every POST with a constant; one verifies, decrypts and encrypts
but answers every message with the same page; the third is the bot as it is served, with the bundled knowledge base and
sessions in memory (or in Redis). They are asked in turn, slice by slice of a tenth of a round, so that a drift of the
machine hits all; the ratio is that of a round. CPU is the processor time of the server process; the client's own work does
not count.

    python -m benchmarks.callback [--rounds 7] [--requests 1500] [--slices 10] [--distinct] [--redis redis://…] [--json]

With ``--distinct`` whatever names a subject is asked about another topic or term, in other words, each time, so that no
meaning of such a message is remembered from before; 更多, 返回 and the like are what they are.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from math import ceil
from pathlib import Path
from typing import Self

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from bot.app import create_app
from bot.channels.callback import Callback
from bot.edge.answers import hide_server
from bot.edge.server import GuardedRunner
from bot.logs import configure_logging
from bot.memory import keep_large_blocks_apart
from bot.opening import LiveDialogue, Shelf
from bot.settings import Settings
from bot.simulator.stand_in import Delivery, StandIn
from bot.wecom.crypto import Credentials
from handlers.dialogue import Message, Session
from handlers.notebook import Notebook
from knowledge.build.base import build_base, bundled_reports

CREDENTIALS = Credentials("wwbenchmark", "BenchmarkToken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA", "1000002")
TALK = (
    "党建工作总结提纲", "展开（五）", "例句3", "返回", "换一版", "意识形态怎么写", "更多", "出处",
    "主题党日 3条", "存在问题怎么写", "小标题", "换一组", "开头怎么写", "三会一课", "非公党建例句", "谢谢",
)  # fmt: skip
FORMS = (
    "{}工作总结提纲", "展开（五）", "例句3", "返回", "换一版", "{}怎么写", "更多", "出处",
    "{} 3条", "{}存在问题怎么写", "{}小标题", "换一组", "{}开头怎么写", "{}", "{}例句", "谢谢",
)  # fmt: skip
OPENINGS = ("", "请问", "帮我找", "给我", "麻烦看看", "我要", "今年的", "支部的", "关于", "单位的", "再来", "材料里的")
PAGE = "一、主要做法和成效：坚持把党的政治建设摆在首位，带动各项工作落到实处。\n" * 16
KINDS = ("bare", "edge", "bot")
USERS = 200
CONCURRENCY = 8
SLICES = 10
"""Turns each server gets in a round; 1 has it answer the whole of it at a stretch."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round against one server: CPU per request and the answer times seen by the client, in microseconds."""

    cpu: float
    latencies: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """How much is asked: rounds, requests in each, and the turns in which each server gets them."""

    rounds: int
    requests: int
    slices: int


def serve(kind: str, base: Path, redis: str | None) -> None:
    """Run one server on a free port, as it is run in production but with its log thrown away, and print the port."""

    async def run() -> None:
        runner = web.AppRunner(_bare(), access_log=None) if kind == "bare" else GuardedRunner(_app(kind, base, redis))
        await runner.setup()
        if kind == "bot":
            keep_large_blocks_apart()  # as the command does
        gc.collect()
        gc.freeze()  # as serve_app does
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await runner.cleanup()

    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        configure_logging("INFO", "json", nowhere)
        asyncio.run(run())


def _bare() -> web.Application:
    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(text="ok")

    app = web.Application()
    app.add_routes([web.post("/wecom/callback", answer)])
    return app


def _app(kind: str, base: Path, redis: str | None) -> web.Application:
    if kind == "edge":
        app = web.Application()
        app.on_response_prepare.append(hide_server)
        app.add_routes(Callback(CREDENTIALS, Constant()).routes())
        return app
    settings = Settings(knowledge_base=base, redis_url=SecretStr(redis) if redis else None)
    dialogue = LiveDialogue(Shelf(settings))
    dialogue.load()
    return create_app(settings, dialogue, CREDENTIALS)


class Constant:
    """Answers everything with one full page."""

    async def receive(self, _: Message) -> str:
        """Return the page."""
        return PAGE


class Server:
    """A server process."""

    def __init__(self, kind: str, base: Path, redis: str | None = None) -> None:
        command = [sys.executable, "-m", "benchmarks.callback", "--serve", kind, "--base", str(base)]
        command += ["--redis", redis] if redis else []
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}/wecom/callback"

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()
        self._stop()

    def cpu_seconds(self) -> float:
        """Return the processor time spent so far, user and system."""
        # In nanoseconds, thread by thread; /proc/PID/stat counts in ticks of 10 ms.
        threads = Path(f"/proc/{self._process.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9

    async def ask(self, deliveries: Sequence[Delivery]) -> Round:
        """Post every delivery and measure. Connections stay open from one call to the next."""
        latencies: list[float] = []
        waiting = iter(deliveries)

        async def work() -> None:
            for delivery in waiting:
                started = time.perf_counter()
                request = self._client.post(self.url, params=dict(delivery.query), data=delivery.body)
                async with request as response:
                    await response.read()
                    assert response.status == 200
                latencies.append((time.perf_counter() - started) * 1e6)

        before = self.cpu_seconds()
        await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
        return Round((self.cpu_seconds() - before) / len(deliveries) * 1e6, tuple(latencies))

    def _stop(self) -> None:
        """End the process by closing its input."""
        self._process.communicate(timeout=20)


def compose(count: int, round_number: int, subjects: Sequence[str] = ()) -> list[Delivery]:
    """Return deliveries of many users who talk in turn, each with its own message id; about ``subjects``, where given."""
    stand_in = StandIn(CREDENTIALS, "")
    deliveries = []
    for number in range(count):
        place = (number // USERS + number) % len(TALK)
        text = TALK[place]
        if subjects and "{}" in FORMS[place]:
            turn, which = divmod((round_number + 1) * count + number, len(subjects))
            text = OPENINGS[turn % len(OPENINGS)] + FORMS[place].format(subjects[which])
        deliveries.append(stand_in.compose_text(f"user{round_number}-{number % USERS}", text))
    return deliveries


async def ask_in_turn(servers: Sequence[Server], deliveries: list[Delivery], slices: int) -> list[Round]:
    """Have every server answer all deliveries, a slice at a time."""
    pieces: list[list[Round]] = [[] for _ in servers]
    size = ceil(len(deliveries) / slices)
    for start in range(0, len(deliveries), size):
        for server, measured in zip(servers, pieces, strict=True):
            measured.append(await server.ask(deliveries[start : start + size]))
    return [
        Round(statistics.mean(piece.cpu for piece in measured), tuple(chain(*(piece.latencies for piece in measured))))
        for measured in pieces
    ]


def time_answers(base: Path, rounds: int = 30) -> list[float]:
    """Return the microseconds that understanding, searching and wording take, message by message."""
    dialogue = LiveDialogue(Shelf(Settings(knowledge_base=base)))
    taken = []
    for _ in range(rounds):
        session = Session()
        for text in TALK:
            message = Message("benchmark", "u", text, datetime.now().astimezone())
            started = time.perf_counter()
            turn = dialogue.respond(message, session, Notebook())
            taken.append((time.perf_counter() - started) * 1e6)
            session = turn.session
    return taken


def quantile(values: list[float] | tuple[float, ...], share: float) -> float:
    """Return the value below which ``share`` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def compare(base: Path, load: Load, redis: str | None, subjects: Sequence[str] = ()) -> dict[str, float]:
    """Run the servers in turn and return the figures."""
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(Server(kind, base, redis)) for kind in KINDS]
        measured = [
            await ask_in_turn(servers, compose(load.requests, number, subjects), load.slices)
            for number in range(-1, load.rounds)
        ]
    answers = time_answers(base)
    counted = measured[1:]  # the first round warms up
    served = [latency for _, _, bot in counted for latency in bot.latencies]
    return {
        "bare_cpu_us": statistics.median(bare.cpu for bare, _, _ in counted),
        "edge_cpu_us": statistics.median(edge.cpu for _, edge, _ in counted),
        "bot_cpu_us": statistics.median(bot.cpu for _, _, bot in counted),
        "edge_ratio": statistics.median(edge.cpu / bare.cpu for bare, edge, _ in counted),
        "ratio": statistics.median(bot.cpu / bare.cpu for bare, _, bot in counted),
        "served_p50_ms": quantile(served, 0.5) / 1000,
        "served_p99_ms": quantile(served, 0.99) / 1000,
        "answer_p50_ms": quantile(answers, 0.5) / 1000,
        "answer_p99_ms": quantile(answers, 0.99) / 1000,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", choices=KINDS)
    parser.add_argument("--base", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=1500)
    parser.add_argument("--slices", type=int, default=SLICES)
    parser.add_argument("--distinct", action="store_true")
    parser.add_argument("--redis", metavar="URL")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, arguments.base, arguments.redis)
        return
    with tempfile.TemporaryDirectory() as folder:
        base = build_bundled(Path(folder))
        topics = Shelf(Settings(knowledge_base=base)).tables.topics
        names = [*(topic.name for topic in topics.topics), *(term.name for term in topics.terms)]
        subjects = names if arguments.distinct else []
        load = Load(arguments.rounds, arguments.requests, arguments.slices)
        figures = asyncio.run(compare(base, load, arguments.redis, subjects))
    if arguments.json:
        print(json.dumps(figures))
        return
    print(
        f"CPU per request: bare {figures['bare_cpu_us']:.0f} µs, edge {figures['edge_cpu_us']:.0f} µs, "
        f"bot {figures['bot_cpu_us']:.0f} µs; ratio of the edge {figures['edge_ratio']:.2f}, "
        f"of the bot {figures['ratio']:.2f} (median of {arguments.rounds} rounds)"
    )
    print(
        f"callback, {CONCURRENCY} at once: p50 {figures['served_p50_ms']:.2f} ms, p99 {figures['served_p99_ms']:.2f} ms"
    )
    print(f"dialogue alone: p50 {figures['answer_p50_ms']:.2f} ms, p99 {figures['answer_p99_ms']:.2f} ms")


def build_bundled(folder: Path) -> Path:
    """Build the base of the bundled reports into a folder and return the folder."""
    shelf = Shelf(Settings(knowledge_base=folder))
    build_base([bundled_reports()], folder, shelf.tables, shelf.segmenter)
    return folder


if __name__ == "__main__":
    main()
