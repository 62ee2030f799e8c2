"""A steady load in an open loop: so many messages a second for a minute, each sent at its time whatever became of the others.

``bigan serve`` runs as a process of its own, one worker, its log going to a file; beside it, with ``--redis``, a redis-server of its
own. Told are the answers by status, how long they took from the moment each was due, and the share of a processor that the
service took. The client runs on the same machine and takes its own share.

    python -m benchmarks.load [--rates 500 1000] [--seconds 60] [--redis] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.callback import CREDENTIALS, build_bundled, quantile
from benchmarks.overload import MOST_CONNECTIONS, Crowd, compose
from benchmarks.soak import Watched
from tests.conftest import RedisServer
from tests.faults.service import BotProcess

COMPOSED = 120
"""Seconds for which messages are composed at once: a timestamp is accepted for 300."""


@contextmanager
def own_redis(folder: Path, *, wanted: bool) -> Iterator[str | None]:
    """Run a redis-server as the service wants it, or none."""
    if not wanted:
        yield None
        return
    redis = RedisServer(folder, "--appendonly", "yes")
    redis.start()
    try:
        yield redis.url
    finally:
        redis.kill()


async def measure(bot: BotProcess, rate: float, seconds: float) -> dict[str, float]:
    """Send at one rate and return the figures."""
    warm = Crowd(bot.port)
    await warm.saturate(compose(500, f"warm{rate:.0f}-"), 8)
    warm.close()
    crowd = Crowd(bot.port)
    requests = compose(int(rate * min(seconds, COMPOSED)), f"at{rate:.0f}-")
    watched, loop = Watched(bot.pid), asyncio.get_running_loop()
    cpu, memory = watched.cpu_seconds(), watched.memory()
    started = loop.time()
    await crowd.send(requests, rate)
    took = loop.time() - started
    figures = {
        "rate": rate,
        "sent": float(len(requests)),
        "not_200": float(crowd.statuses.total() - crowd.statuses[200]),
        "p50_ms": quantile(crowd.waits, 0.5) * 1000,
        "p99_ms": quantile(crowd.waits, 0.99) * 1000,
        "slowest_ms": max([*crowd.waits, *crowd.refused_waits]) * 1000,
        "cpu_percent": (watched.cpu_seconds() - cpu) / took * 100,
        "memory_gained_mib": watched.memory() - memory,
        "load_average": os.getloadavg()[0],
    }
    crowd.close()
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", type=float, nargs="+", default=[500.0, 1000.0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--redis", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 2 * MOST_CONNECTIONS), most))
    measured = []
    with tempfile.TemporaryDirectory(prefix="bigan-") as name:
        folder = Path(name)
        with own_redis(folder, wanted=arguments.redis) as redis:
            base = build_bundled(folder / "base")
            with BotProcess(base, folder / "bot.log", redis, credentials=CREDENTIALS) as bot:
                measured += [asyncio.run(measure(bot, rate, arguments.seconds)) for rate in arguments.rates]
    if arguments.json:
        print(json.dumps(measured))
        return
    for figures in measured:
        print(", ".join(f"{label.replace('_', ' ')} {value:.1f}" for label, value in figures.items()))


if __name__ == "__main__":
    main()
