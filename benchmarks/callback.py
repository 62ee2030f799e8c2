"""CPU of one callback as a ratio to a bare aiohttp handler, and how long an answer takes.

Two servers run as processes of their own: one answers every POST with a constant, the other is the bot with the bundled
knowledge base and sessions in memory. They are asked in turn, round by round, so that a drift of the machine hits both.
CPU is user + system time of the server process from ``/proc``; the client's own work does not count.

    python -m benchmarks.callback [--rounds 7] [--requests 1500] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp
from aiohttp import web

from bot.app import create_app
from bot.opening import LiveDialogue, Shelf
from bot.settings import Settings
from bot.simulator.stand_in import Delivery, StandIn
from bot.wecom.crypto import Credentials
from handlers.dialogue import Message, Session
from knowledge.build.base import build_base, bundled_reports

CREDENTIALS = Credentials("wwbenchmark", "BenchmarkToken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA", "1000002")
TALK = (
    "党建工作总结提纲", "展开（五）", "例句3", "返回", "换一版", "意识形态怎么写", "更多", "出处",
    "主题党日 3条", "存在问题怎么写", "小标题", "换一组", "开头怎么写", "三会一课", "非公党建例句", "谢谢",
)  # fmt: skip
USERS = 200
CONCURRENCY = 8


@dataclass(frozen=True, slots=True)
class Round:
    """One round against one server: CPU per request and the answer times seen by the client, in microseconds."""

    cpu: float
    latencies: tuple[float, ...]


def serve(kind: str, base: Path) -> None:
    """Run one server on a free port and print the port."""

    async def run() -> None:
        app = _bare() if kind == "bare" else _bot(base)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await runner.cleanup()

    asyncio.run(run())


def _bare() -> web.Application:
    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(text="ok")

    app = web.Application()
    app.add_routes([web.post("/wecom/callback", answer)])
    return app


def _bot(base: Path) -> web.Application:
    settings = Settings(knowledge_base=base)
    return create_app(settings, LiveDialogue(Shelf(settings)), CREDENTIALS)


class Server:
    """A server process."""

    def __init__(self, kind: str, base: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.callback", "--serve", kind, "--base", str(base)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}/wecom/callback"

    def cpu_seconds(self) -> float:
        """Return user + system time spent so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End the process by closing its input."""
        self._process.communicate(timeout=20)


def compose(count: int, round_number: int) -> list[Delivery]:
    """Return deliveries of many users who talk in turn, each with its own message id."""
    stand_in = StandIn(CREDENTIALS, "")
    return [
        stand_in.compose_text(f"user{round_number}-{number % USERS}", TALK[(number // USERS + number) % len(TALK)])
        for number in range(count)
    ]


async def ask(server: Server, deliveries: list[Delivery]) -> Round:
    """Post every delivery and measure."""
    latencies: list[float] = []
    waiting = iter(deliveries)

    async def work(session: aiohttp.ClientSession) -> None:
        for delivery in waiting:
            started = time.perf_counter()
            async with session.post(server.url, params=dict(delivery.query), data=delivery.body) as response:
                await response.read()
                assert response.status == 200
            latencies.append((time.perf_counter() - started) * 1e6)

    before = server.cpu_seconds()
    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(work(session) for _ in range(CONCURRENCY)))
    return Round((server.cpu_seconds() - before) / len(deliveries) * 1e6, tuple(latencies))


def time_answers(base: Path, rounds: int = 30) -> list[float]:
    """Return the microseconds that understanding, searching and wording take, message by message."""
    dialogue = LiveDialogue(Shelf(Settings(knowledge_base=base)))
    taken = []
    for _ in range(rounds):
        session = Session()
        for text in TALK:
            message = Message("benchmark", "u", text, datetime.now().astimezone())
            started = time.perf_counter()
            turn = dialogue.respond(message, session)
            taken.append((time.perf_counter() - started) * 1e6)
            session = turn.session
    return taken


def quantile(values: list[float] | tuple[float, ...], share: float) -> float:
    """Return the value below which ``share`` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def compare(base: Path, rounds: int, requests: int) -> dict[str, float]:
    """Run both servers in turn and return the figures."""
    bare, bot = Server("bare", base), Server("bot", base)
    try:
        await ask(bare, compose(200, -1))
        await ask(bot, compose(200, -1))
        pairs = []
        for number in range(rounds):
            deliveries = compose(requests, number)
            pairs.append((await ask(bare, deliveries), await ask(bot, deliveries)))
    finally:
        bare.stop()
        bot.stop()
    answers = time_answers(base)
    served = [latency for _, found in pairs for latency in found.latencies]
    return {
        "bare_cpu_us": statistics.median(first.cpu for first, _ in pairs),
        "bot_cpu_us": statistics.median(second.cpu for _, second in pairs),
        "ratio": statistics.median(second.cpu / first.cpu for first, second in pairs),
        "served_p50_ms": quantile(served, 0.5) / 1000,
        "served_p99_ms": quantile(served, 0.99) / 1000,
        "answer_p50_ms": quantile(answers, 0.5) / 1000,
        "answer_p99_ms": quantile(answers, 0.99) / 1000,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", choices=("bare", "bot"))
    parser.add_argument("--base", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=1500)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, arguments.base)
        return
    with tempfile.TemporaryDirectory() as folder:
        base = _build(Path(folder))
        figures = asyncio.run(compare(base, arguments.rounds, arguments.requests))
    if arguments.json:
        print(json.dumps(figures))
        return
    print(
        f"CPU per request: bare {figures['bare_cpu_us']:.0f} µs, bot {figures['bot_cpu_us']:.0f} µs, "
        f"ratio {figures['ratio']:.1f} (median of {arguments.rounds} rounds)"
    )
    print(
        f"callback, {CONCURRENCY} at once: p50 {figures['served_p50_ms']:.2f} ms, p99 {figures['served_p99_ms']:.2f} ms"
    )
    print(f"dialogue alone: p50 {figures['answer_p50_ms']:.2f} ms, p99 {figures['answer_p99_ms']:.2f} ms")


def _build(folder: Path) -> Path:
    shelf = Shelf(Settings(knowledge_base=folder))
    build_base([bundled_reports()], folder, shelf.tables, shelf.segmenter)
    return folder


if __name__ == "__main__":
    main()
