"""Three times as many messages as can be answered, for half a minute; and 500 clients that begin to ask and never finish.

The bot runs as a process of its own, as it is served, its log going to a file. First it is found out how many messages a
second it answers; then three times as many are sent, each at its time whether or not earlier ones were answered (open loop),
over as many connections as that takes. Told are the answers by status, how long the slowest took from the moment it was sent,
by how much the client was behind its own plan, how much memory the process gained, how many log lines it wrote, and how soon
after the crowd an answer comes as before. On a crowded machine the client may be what is overloaded: with ``--nice`` the bot
yields to it.

    python -m benchmarks.overload [--seconds 30] [--factor 3] [--nice 10] [--redis redis://…] [--json]
    python -m benchmarks.overload --slow-clients 500 [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web
from pydantic import SecretStr

from benchmarks.callback import CREDENTIALS, TALK, build_bundled, quantile
from bot.app import create_app
from bot.edge.server import GuardedRunner
from bot.logs import configure_logging
from bot.opening import LiveDialogue, Shelf
from bot.settings import Settings
from bot.simulator.stand_in import StandIn
from bot.workers import BACKLOG

PATIENCE = 5.0
"""Seconds after which the client hangs up, as WeChat Work does."""

MOST_CONNECTIONS = 2_000
MESSAGES_PER_USER = 10
"""Below what one user may send in a minute, so that none is slowed down for that."""

CALM = 0.25
"""Share of the capacity that is sent before and after."""


def serve(base: Path, log: Path, redis: str | None) -> None:
    """Run the bot on a free port, print the port, stop when standard input ends."""
    settings = Settings(knowledge_base=base, redis_url=SecretStr(redis) if redis else None)

    async def run() -> None:
        dialogue = LiveDialogue(Shelf(settings))
        dialogue.load()
        runner = GuardedRunner(create_app(settings, dialogue, CREDENTIALS))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=BACKLOG).start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await runner.cleanup()

    with log.open("w", encoding="utf-8") as stream:
        configure_logging("INFO", "json", stream)
        asyncio.run(run())


class Bot:
    """The bot as a process."""

    def __init__(self, base: Path, log: Path, redis: str | None = None, nice: int = 0) -> None:
        command = [
            "nice",
            "-n",
            str(nice),
            sys.executable,
            "-m",
            "benchmarks.overload",
            "--serve",
            str(base),
            "--log",
            str(log),
        ]
        command += ["--redis", redis] if redis else []
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self._log = log

    def memory(self) -> int:
        """Return the resident memory in bytes."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    def log_lines(self) -> int:
        """Return how many lines have been logged."""
        return self._log.read_bytes().count(b"\n")

    def stop(self) -> None:
        """End the process."""
        self._process.communicate(timeout=20)


@contextmanager
def running_bot(base: Path, folder: Path, redis: str | None = None, nice: int = 0) -> Iterator[Bot]:
    """Run the bot and stop it."""
    bot = Bot(base, folder / "bot.log", redis, nice)
    try:
        yield bot
    finally:
        bot.stop()


def compose(count: int, prefix: str) -> list[bytes]:
    """Return the bytes of so many messages of different users."""
    stand_in = StandIn(CREDENTIALS, "")
    users = max(1, count // MESSAGES_PER_USER)
    requests = []
    for number in range(count):
        delivery = stand_in.compose_text(f"{prefix}{number % users}", TALK[number // users % len(TALK)])
        head = f"POST /wecom/callback?{urlencode(delivery.query)} HTTP/1.1\r\nHost: bot\r\n"
        requests.append(f"{head}Content-Length: {len(delivery.body)}\r\n\r\n".encode() + delivery.body)
    return requests


@dataclass(slots=True)
class _Sent:
    """One message under way, and when it was sent by the event loop's clock."""

    request: bytes
    began: float
    done: asyncio.Future[None]


class _Connection(asyncio.Protocol):
    """One connection of the client; hands itself back when an answer is complete."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._transport: asyncio.Transport | None = None
        self._sent: _Sent | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def ask(self, sent: _Sent) -> None:
        """Send one message."""
        self._sent = sent
        self._timer = asyncio.get_running_loop().call_at(sent.began + PATIENCE, self._finish, -1)
        if self._transport is not None:
            self._transport.write(sent.request)

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.partition(b"Content-Length: ")[2].partition(b"\r")[0] or 0):
            self._read = b""
            self._finish(int(head[9:12]))
            if b"Connection: close" not in head:
                self._crowd.idle.append(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._crowd.forget(self)
        self._finish(0)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def _finish(self, status: int) -> None:
        sent, self._sent = self._sent, None
        if self._timer is not None:
            self._timer.cancel()
        if sent is not None:
            self._crowd.note(status, sent)
        if status == -1:
            self.close()


class Crowd:
    """Clients that send at their own pace. Statuses: 0 is cut off or not let in, -1 is not answered in time.

    ``late``: by how many seconds the client itself was behind at most. Waits begin when a message is sent, so they do not
    include that; the messages are sent all the same, whether or not earlier ones were answered.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self.idle: list[_Connection] = []
        self.statuses: Counter[int] = Counter()
        self.waits: list[float] = []
        self.refused_waits: list[float] = []
        self.late = 0.0
        self._open: set[_Connection] = set()
        self._connecting: set[asyncio.Task[None]] = set()

    async def send(self, requests: list[bytes], rate: float) -> None:
        """Send every request at its time and wait for the last answer."""
        loop = asyncio.get_running_loop()
        start, last = loop.time(), []
        for number, request in enumerate(requests):
            due = start + number / rate
            if (ahead := due - loop.time()) > 0:
                await asyncio.sleep(ahead)
            elif number % 20 == 0:
                await asyncio.sleep(0)
            done = self._ask(request, due)
            if number > len(requests) - rate * (PATIENCE + 1):
                last.append(done)
        await asyncio.gather(*last)

    async def saturate(self, requests: list[bytes], width: int) -> float:
        """Send as fast as answers come over so many connections; return the answers a second."""
        loop, waiting = asyncio.get_running_loop(), iter(requests)

        async def work() -> None:
            for request in waiting:
                await self._ask(request, loop.time())

        started = loop.time()
        await asyncio.gather(*(work() for _ in range(width)))
        return len(requests) / (loop.time() - started)

    def note(self, status: int, sent: _Sent) -> None:
        """Record one outcome."""
        self.statuses[status] += 1
        wait = asyncio.get_running_loop().time() - sent.began
        (self.waits if status == 200 else self.refused_waits).append(wait)
        sent.done.set_result(None)

    def forget(self, connection: _Connection) -> None:
        """A connection is gone."""
        self._open.discard(connection)
        if connection in self.idle:
            self.idle.remove(connection)

    def close(self) -> None:
        """Hang up everywhere."""
        for connection in list(self._open):
            connection.close()

    def _ask(self, request: bytes, due: float) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.late = max(self.late, began - due)
        sent = _Sent(request, began, loop.create_future())
        if self.idle:
            self.idle.pop().ask(sent)
        elif len(self._open) < MOST_CONNECTIONS:
            connecting = loop.create_task(self._connect(sent))
            self._connecting.add(connecting)
            connecting.add_done_callback(self._connecting.discard)
        else:
            self.note(0, sent)
        return sent.done

    async def _connect(self, sent: _Sent) -> None:
        connection = _Connection(self)
        self._open.add(connection)
        try:
            await asyncio.get_running_loop().create_connection(lambda: connection, "127.0.0.1", self._port)
        except OSError:
            self._open.discard(connection)
            self.note(0, sent)
        else:
            connection.ask(sent)


async def measure_overload(bot: Bot, seconds: float, factor: float) -> dict[str, float]:
    """Find the capacity, exceed it, and see how things are afterwards."""
    crowd = Crowd(bot.port)
    await crowd.saturate(compose(500, "warm"), 8)
    capacity = await crowd.saturate(compose(3_000, "full"), 16)
    requests = compose(int(capacity * factor * seconds), "crowd")
    after = compose(int(capacity * CALM * 3), "after")
    memory, lines = bot.memory(), bot.log_lines()
    crowd.close()
    await asyncio.sleep(1.1)  # the log counts by the second
    crowded = Crowd(bot.port)
    peaks: list[int] = []
    watching = asyncio.create_task(_watch(bot, peaks))
    await crowded.send(requests, capacity * factor)
    written = bot.log_lines() - lines
    calm = Crowd(bot.port)
    await calm.send(after, capacity * CALM)
    watching.cancel()
    first = calm.waits[: int(capacity * CALM)]
    figures = {
        "capacity": capacity,
        "sent": float(len(requests)),
        "answered": float(crowded.statuses[200]),
        "refused": float(crowded.statuses[503]),
        "not let in": float(crowded.statuses[0]),
        "in vain": float(crowded.statuses[-1]),
        "others": float(crowded.statuses.total() - sum(crowded.statuses[status] for status in (200, 503, 0, -1))),
        "answered_p50_s": quantile(crowded.waits, 0.5),
        "answered_p99_s": quantile(crowded.waits, 0.99),
        "slowest_s": max([*crowded.waits, *crowded.refused_waits]),
        "client_late_s": crowded.late,
        "memory_mib": (max(peaks) - memory) / 2**20,
        "log_lines": float(written),
        "log_lines_per_s": written / seconds,
        "afterwards_not_200": float(calm.statuses.total() - calm.statuses[200]),
        "afterwards_first_second_p99_s": quantile(first, 0.99),
    }
    crowded.close()
    calm.close()
    return figures


async def _watch(bot: Bot, peaks: list[int]) -> None:
    while True:
        peaks.append(bot.memory())
        await asyncio.sleep(0.1)


async def measure_slow_clients(bot: Bot, count: int) -> dict[str, float]:
    """Open connections that begin a request and never end it, and ask properly beside them until all are closed."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    slow = [await asyncio.open_connection("127.0.0.1", bot.port) for _ in range(count)]
    for number, (_, writer) in enumerate(slow):
        writer.write(b"POST /wecom/callback HTTP/1.1\r\nHost: bot\r\nX: "[: 1 + number % 48])
    ended: list[float] = []

    async def wait(reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError):
            await reader.read()
        ended.append(loop.time() - started)

    waiting = asyncio.gather(*(wait(reader) for reader, _ in slow))
    honest = Crowd(bot.port)
    while not waiting.done() and loop.time() - started < 60:
        await honest.send(compose(20, f"honest{len(honest.waits)}-"), 40)
    for _, writer in slow:
        writer.close()
    figures = {
        "half_open": float(count),
        "closed": float(len(ended)),
        "last_closed_after_s": max(ended, default=0.0),
        "good_requests": float(honest.statuses.total()),
        "good_not_200": float(honest.statuses.total() - honest.statuses[200]),
        "good_p50_ms": quantile(honest.waits, 0.5) * 1000,
        "good_p99_ms": quantile(honest.waits, 0.99) * 1000,
    }
    honest.close()
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", type=Path)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--factor", type=float, default=3.0)
    parser.add_argument("--slow-clients", type=int, metavar="COUNT")
    parser.add_argument("--redis", metavar="URL")
    parser.add_argument("--nice", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, arguments.log or Path(os.devnull), arguments.redis)
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 2 * MOST_CONNECTIONS), most))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_bot(build_bundled(folder / "base"), folder, arguments.redis, arguments.nice) as bot:
            if arguments.slow_clients:
                figures = asyncio.run(measure_slow_clients(bot, arguments.slow_clients))
            else:
                figures = asyncio.run(measure_overload(bot, arguments.seconds, arguments.factor))
    if arguments.json:
        print(json.dumps(figures))
        return
    for label, value in figures.items():
        print(f"{label.replace('_', ' '):32} {value:10.3f}".rstrip("0").rstrip("."))


if __name__ == "__main__":
    main()
