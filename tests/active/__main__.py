"""The API of WeChat Work in trouble, at length: the figures of docs/reliability.md.

    python -m tests.active    export files through each fault, then heal it; exit code 1: a figure is missed

``--count``: how many files each of five members exports while the fault lasts.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from bot.logs import configure_logging
from bot.opening import Shelf
from bot.settings import Settings
from bot.simulator.api_faults import Cut, ErrorCode, Fault, Hang, HttpStatus, Slow
from knowledge.build.base import build_base, bundled_reports
from tests.active.office import open_office, settings_for
from tests.conftest import RedisServer

FAULTS: tuple[Fault, ...] = (
    Hang(),
    Slow(2.0),
    HttpStatus(500),
    HttpStatus(503),
    Cut(),
    Cut(late=True),
    ErrorCode(40014),
    ErrorCode(42001),
    ErrorCode(45009),
)
MOST_SECONDS = 3.5
USERS = tuple(f"user{number}" for number in range(5))


async def suffer(base: Path, redis: RedisServer, fault: Fault, count: int) -> bool:
    """Tell what became of the files under one fault; return whether the figures hold."""
    async with open_office(settings_for(base, redis)) as office:
        for user in USERS:
            await office.say("党建工作总结提纲", user)
            await office.say("加入草稿", user)
        # Calls that are cut off late have their effect: were all of them, the files would be there and never be told of.
        office.api.faults.plan(fault, times=20 if isinstance(fault, Cut) else None)
        for number in range(count):
            await asyncio.gather(*(office.say(f"标题改成材料{number}", user) for user in USERS))
            replies = await asyncio.gather(*(office.say("导出", user) for user in USERS))
            if not all(reply.startswith("【导出】") for reply in replies):
                return False
        slowest, began = office.slowest, time.perf_counter()
        office.api.faults.heal()
        office.api.call_in_token()
        await office.api.until(lambda: sum(len(office.files(user)) for user in USERS) >= count * len(USERS))
        seconds = time.perf_counter() - began
    names = [f"材料{number}.docx" for number in range(count)]
    exact = all([name for name, _ in office.files(user)] == names for user in USERS)
    order = "in order, once" if exact else "NOT in order and once"
    files = count * len(USERS)
    print(
        f"{fault!s:40} {files} files, slowest answer {slowest * 1000:4.0f} ms, delivered {seconds:4.1f} s later, {order}"
    )
    return exact and slowest < MOST_SECONDS


def main() -> int:
    """Go through all faults."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=12)
    count = parser.parse_args().count
    configure_logging("ERROR", "text")
    good = True
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Settings())
        base = Path(folder) / "base"
        build_base([bundled_reports()], base, shelf.tables, shelf.segmenter)
        for fault in FAULTS:
            redis = RedisServer(Path(tempfile.mkdtemp(dir=folder)))
            redis.start()
            try:
                good &= asyncio.run(suffer(base, redis, fault, count))
            finally:
                redis.kill()
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
