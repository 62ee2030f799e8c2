"""Half an hour of messages: does the memory of the service grow, does it leave files open?

``bigan serve`` runs as a process of its own beside a redis-server of its own. A thousand users talk in turn, each message
sent at its time whether or not earlier ones were answered; every fiftieth is delivered twice, and every five minutes Redis
is frozen for three seconds, so that what an outage fills is seen to empty. Each minute the memory and the open files of the
service are told. At the end the slope of the memory is drawn through the minutes after the first third, in which caches
(10 000 sessions and replies) fill; the slope is the median of those between all pairs of minutes.

    python -m benchmarks.soak [--minutes 30] [--rate 50] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.callback import TALK, build_bundled, quantile
from bot.errors import StandInError
from bot.simulator.stand_in import Delivery, StandIn
from tests.conftest import RedisServer
from tests.faults.service import CREDENTIALS, BotProcess

USERS = 1_000
NOTES = ("收藏1", "加入草稿：第一次专题学习，讨论了身边的事。", "看看草稿", "我的收藏", "清除我的数据")
"""The last has everybody begin anew, after seven minutes: drafts that only grow would hide a leak."""

SAYINGS = (*TALK, *NOTES)

FLAT_MIB_PER_HOUR = 6.0
"""What counts as flat: the resident size of a Python process wanders by a few pages whatever it does."""

FREEZE_SECONDS = 3.0
TWICE = 50

TRIES = 3
PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Minute:
    """How the service was at the end of a minute, and what was answered within it. Memory in MiB, times in ms."""

    minute: int
    memory: float
    files: int
    threads: int
    cpu_percent: float
    answered: int
    p50: float
    p99: float


@dataclass(slots=True)
class Tally:
    """What came of the messages. ``failed`` counts tries by status, or by what was wrong."""

    answered: int = 0
    unanswered: int = 0
    redelivered: int = 0
    waits: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)


class Watched:
    """The figures of a process, from /proc."""

    def __init__(self, pid: int) -> None:
        self._process = Path(f"/proc/{pid}")

    def memory(self) -> float:
        """Return the resident memory in MiB."""
        return self._status("VmRSS") / 1024

    def threads(self) -> int:
        """Return how many threads there are."""
        return self._status("Threads")

    def files(self) -> int:
        """Return how many files are open, connections included."""
        return sum(1 for _ in (self._process / "fd").iterdir())

    def cpu_seconds(self) -> float:
        """Return the processor time spent so far."""
        threads = (self._process / "task").iterdir()
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9

    def _status(self, name: str) -> int:
        lines = (self._process / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


async def send(stand_in: StandIn, rate: float, tally: Tally) -> None:
    """Send messages at their times until cancelled."""
    loop, sending = asyncio.get_running_loop(), set[asyncio.Task[None]]()
    started = loop.time()
    for number in itertools.count():
        await asyncio.sleep(max(0.0, started + number / rate - loop.time()))
        delivery = stand_in.compose_text(
            f"user{number % USERS}", SAYINGS[(number // USERS + number % USERS) % len(SAYINGS)]
        )
        for _ in range(2 if number % TWICE == 0 else 1):
            task = asyncio.create_task(deliver(stand_in, delivery, tally))
            sending.add(task)
            task.add_done_callback(sending.discard)


async def deliver(stand_in: StandIn, delivery: Delivery, tally: Tally) -> None:
    """Send one delivery as WeChat Work does, up to three times five seconds apart, and note what came of it."""
    for attempt in range(TRIES):
        if attempt:
            tally.redelivered += 1
            await asyncio.sleep(PAUSE_SECONDS)
        started = time.perf_counter()
        try:
            exchange = await stand_in.post(delivery)
        except StandInError as error:
            tally.failed[str(error)] += 1
            continue
        if exchange.status == 200 and exchange.reply is not None:
            tally.answered += 1
            tally.waits.append((time.perf_counter() - started) * 1000)
            return
        tally.failed[f"status {exchange.status}"] += 1
    tally.unanswered += 1


async def freeze_now_and_then(redis: RedisServer, every: float) -> None:
    """Freeze Redis for a moment again and again."""
    while True:
        await asyncio.sleep(every)
        redis.stop()
        try:
            await asyncio.sleep(FREEZE_SECONDS)
        finally:
            redis.resume()


async def soak(bot: BotProcess, redis: RedisServer, minutes: int, rate: float, *, quiet: bool) -> dict[str, object]:
    """Send and watch; return the figures."""
    watched, tally, measured = Watched(bot.pid), Tally(), list[Minute]()
    async with StandIn(CREDENTIALS, bot.callback_url) as stand_in:
        running = [asyncio.create_task(send(stand_in, rate, tally))]
        running.append(asyncio.create_task(freeze_now_and_then(redis, 300.0)))
        loop = asyncio.get_running_loop()
        started, cpu = loop.time(), watched.cpu_seconds()
        for minute in range(1, minutes + 1):
            await asyncio.sleep(started + 60 * minute - loop.time())
            if running[0].done() or running[1].done():
                break
            waits, tally.waits = tally.waits or [0.0], []
            spent, cpu = watched.cpu_seconds() - cpu, watched.cpu_seconds()
            now = Minute(
                minute, round(watched.memory(), 2), watched.files(), watched.threads(), round(spent / 0.6, 1),
                len(waits), round(quantile(waits, 0.5), 2), round(quantile(waits, 0.99), 2),
            )  # fmt: skip
            measured.append(now)
            if not quiet:
                print(" ".join(f"{name} {value}" for name, value in asdict(now).items()), flush=True)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    return judge(measured, tally, rate)


def judge(measured: list[Minute], tally: Tally, rate: float) -> dict[str, object]:
    """Return the verdict."""
    late = measured[len(measured) // 3 :]
    slopes = [(b.memory - a.memory) / (b.minute - a.minute) * 60 for a, b in itertools.combinations(late, 2)]
    slope = statistics.median(slopes) if slopes else float("nan")
    files = [minute.files for minute in late]
    files_flat = abs(files[-1] - files[0]) <= 4 and max(files) - min(files) <= 16
    return {
        "minutes": len(measured),
        "rate": rate,
        "answered": tally.answered,
        "tries_that_failed": dict(tally.failed),
        "redelivered": tally.redelivered,
        "unanswered": tally.unanswered,
        "memory_first_mib": measured[0].memory,
        "memory_after_a_third_mib": late[0].memory,
        "memory_last_mib": measured[-1].memory,
        "memory_slope_mib_per_hour": round(slope, 2),
        "files": f"{min(files)}–{max(files)}, last {files[-1]}",
        "threads": f"{min(m.threads for m in late)}–{max(m.threads for m in late)}",
        "p50_ms": round(statistics.median(minute.p50 for minute in measured), 2),
        "p99_ms": round(statistics.median(minute.p99 for minute in measured), 2),
        "memory_flat": slope <= FLAT_MIB_PER_HOUR,
        "files_flat": files_flat,
        "all_answered": not tally.unanswered,
    }


def main() -> None:
    """Run and print the verdict; exit 1 when something grew or was not answered."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bigan-") as name:
        folder = Path(name)
        redis = RedisServer(folder)
        redis.start()
        try:
            with BotProcess(build_bundled(folder / "base"), folder / "bot.log", redis.url) as bot:
                figures = asyncio.run(soak(bot, redis, arguments.minutes, arguments.rate, quiet=arguments.json))
        finally:
            redis.kill()
    if arguments.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        for label, value in figures.items():
            print(f"{label.replace('_', ' '):28} {value}")
    raise SystemExit(0 if figures["memory_flat"] and figures["files_flat"] and figures["all_answered"] else 1)


if __name__ == "__main__":
    main()
