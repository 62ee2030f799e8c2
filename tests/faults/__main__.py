"""The faults at length: the figures of docs/reliability.md.

    python -m tests.faults redis    each of the nine faults of Redis for a few seconds, under a stream of messages
    python -m tests.faults kills    one of two workers killed at a hundred random moments, redelivery as WeChat Work does it
    python -m tests.faults crashes  the whole service killed and started again, ten times
    python -m tests.faults copies   ten thousand deliveries, each sent three times at once to two workers
    python -m tests.faults ends     told to end, and its workers renewed, ten times each, under load

Exit code 1: a figure is missed. ``--count`` changes how often.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import SecretStr

from bot.logs import configure_logging
from bot.opening import Shelf
from bot.settings import Settings
from bot.simulator.stand_in import StandIn
from knowledge.build.base import build_base, bundled_reports
from tests.conftest import RedisServer
from tests.faults.scene import FAULTS, LASTING, go_through, load_dialogue, opened, serving
from tests.faults.sending import Patience, Record, Talker
from tests.faults.service import CREDENTIALS, BotProcess
from tests.faults.stream import streaming
from tests.faults.talk import Step, rehearse

USERS = 20
MOST_SECONDS = 1.0
MOST_SECONDS_TO_END = 5.0


@contextmanager
def own_redis(folder: Path, *options: str) -> Iterator[RedisServer]:
    """Run a redis-server of our own."""
    redis = RedisServer(Path(tempfile.mkdtemp(dir=folder)), *options)
    redis.start()
    try:
        yield redis
    finally:
        redis.kill()


async def try_redis(base: Path, folder: Path, messages: int) -> bool:
    """F1: tell per fault what became of the messages. ``messages``: of each person, before, during and after."""
    dialogue = load_dialogue(base)
    steps, good = await rehearse(dialogue.respond), True
    for name in FAULTS:
        with own_redis(folder, *LASTING) as redis:
            async with opened(dialogue, steps, redis) as scene:
                recovery = await go_through(scene, name, [f"user{n}" for n in range(USERS)], 0.1, messages=messages)
        record = scene.record
        odd = len(record.wrong) + len(record.unanswered) + len(record.refusals)
        good = good and not odd and max(record.slowest, recovery) < MOST_SECONDS
        print(
            f"{name:15} {record.answered:5} of {record.sent} answered, {odd} wrong or refused, "
            f"slowest {record.slowest * 1000:4.0f} ms, recovery {recovery * 1000:4.0f} ms",
            flush=True,
        )
    return good


async def try_kills(base: Path, folder: Path, count: int) -> bool:
    """F3: kill one of two workers again and again, at any moment; the parent starts another."""
    with own_redis(folder, *LASTING) as redis, BotProcess(base, folder / "bot.log", redis.url, workers=2) as bot:

        async def kill(chance: random.Random) -> None:
            await asyncio.sleep(chance.uniform(1.5, 2.5))
            # One that has just died may still be listed.
            with suppress(ProcessLookupError, IndexError):
                os.kill(chance.choice(bot.workers()), signal.SIGKILL)

        return await _talk_through(base, bot, kill, count)


async def try_crashes(base: Path, folder: Path, count: int) -> bool:
    """F3: kill the one process again and again; it is started again at once, as systemd or Docker would."""
    with own_redis(folder, *LASTING) as redis, BotProcess(base, folder / "bot.log", redis.url) as bot:

        async def kill(chance: random.Random) -> None:
            # Longer than two copies are apart: what is killed thrice is beyond what redelivery can do.
            await asyncio.sleep(chance.uniform(5.5, 7.5))
            await asyncio.to_thread(bot.kill)
            bot.start()
            await asyncio.to_thread(bot.wait_until_serving)

        return await _talk_through(base, bot, kill, count)


async def _talk_through(
    base: Path, bot: BotProcess, kill: Callable[[random.Random], Awaitable[None]], count: int
) -> bool:
    """Have people talk while ``kill`` is done so often; tell what became of their messages."""
    record, stopped, chance = Record(), asyncio.Event(), random.Random()
    steps = await rehearse(load_dialogue(base).respond)
    async with StandIn(CREDENTIALS, bot.callback_url) as stand_in:
        talks = [asyncio.create_task(_talk_on(n, steps, record, stand_in, stopped)) for n in range(USERS)]
        for number in range(1, count + 1):
            await kill(chance)
            if number % 10 == 0:
                print(f"{number} kills: {_told(record)}", flush=True)
        stopped.set()
        await asyncio.gather(*talks)
    print(f"{count} kills: {_told(record)}")
    for line in (*record.unanswered, *record.wrong)[:20]:
        print(f"  {line}")
    return not record.unanswered and not record.wrong


async def _talk_on(
    number: int, steps: Sequence[Step], record: Record, stand_in: StandIn, stopped: asyncio.Event
) -> None:
    """Hold one conversation after another, each as another person, slower than the rate limit."""
    round_number = 0
    while not stopped.is_set():
        talker = Talker(f"user{number}-{round_number}", steps[:18], record, Patience())
        await talker.talk(stand_in, stopped, 0.35)
        round_number += 1


def _told(record: Record) -> str:
    return (
        f"{record.sent} messages, {record.answered} answered, {record.redelivered} copies, "
        f"{len(record.unanswered)} unanswered, {len(record.wrong)} wrong (answered twice), slowest {record.slowest:.1f} s"
    )


async def try_copies(base: Path, folder: Path, count: int) -> bool:
    """N2: three copies of each delivery at once, one to one worker, two to the other."""
    dialogue, unequal, started = load_dialogue(base), 0, time.perf_counter()
    texts = [step.text for step in await rehearse(dialogue.respond)]
    before = dialogue.answered
    with own_redis(folder) as redis:
        settings = Settings(redis_url=SecretStr(redis.url))
        async with serving(dialogue, settings) as (_, one), serving(dialogue, settings) as (_, other):

            async def deliver(number: int) -> bool:
                delivery = one.compose_text(f"user{number % 16}-{number // 600}", texts[number // 16 % len(texts)])
                copies = (one.post(delivery), other.post(delivery), other.post(one.repeat(delivery)))
                replies = {exchange.reply for exchange in await asyncio.gather(*copies)}
                return len(replies) == 1 and None not in replies

            for first in range(0, count, 16):
                numbers = range(first, min(first + 16, count))
                unequal += (await asyncio.gather(*(deliver(number) for number in numbers))).count(False)
    processed = dialogue.answered - before
    print(
        f"{count} deliveries sent 3 times at once: {processed} processed, {unequal} with unequal or missing replies "
        f"({time.perf_counter() - started:.0f} s)"
    )
    return processed == count and unequal == 0


async def try_ends(base: Path, folder: Path, count: int) -> bool:
    """F4: SIGTERM to one process, SIGHUP to the parent of two workers, again and again under load."""
    good, lost = True, list[str]()
    for number in range(count):
        with BotProcess(base, folder / "bot.log", None) as bot:
            async with streaming(CREDENTIALS, bot.callback_url, 16) as stream:
                await stream.until_answered(200)
                took = await asyncio.to_thread(bot.end, 30.0)
        good = good and not stream.lost and took <= MOST_SECONDS_TO_END
        lost += stream.lost
        print(
            f"SIGTERM {number + 1}: {stream.answered} answered, {len(stream.lost)} lost, ended within {took:.2f} s",
            flush=True,
        )
    with own_redis(folder) as redis, BotProcess(base, folder / "bot.log", redis.url, workers=2) as bot:
        async with streaming(CREDENTIALS, bot.callback_url, 16) as stream:
            for _ in range(count):
                before = set(bot.workers())
                await stream.until_answered(50)
                bot.tell(signal.SIGHUP)
                while before & set(bot.workers()):  # noqa: ASYNC110 - other processes tell nobody
                    await asyncio.sleep(0.05)
            await stream.until_answered(50)
            refused = stream.refused
            took = await asyncio.to_thread(bot.end, 30.0)
    print(
        f"{count} renewals: {stream.answered} answered, {len(stream.lost)} lost, {refused} turned away; ended within {took:.2f} s"
    )
    for line in lost + stream.lost:
        print(f"  {line}")
    return good and not stream.lost and not refused and took <= MOST_SECONDS_TO_END


CAMPAIGNS = {
    "redis": (try_redis, 10),
    "kills": (try_kills, 100),
    "crashes": (try_crashes, 10),
    "copies": (try_copies, 10_000),
    "ends": (try_ends, 10),
}


def main() -> None:
    """Run one campaign."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("campaign", choices=CAMPAIGNS)
    parser.add_argument("--count", type=int)
    arguments = parser.parse_args()
    run, usual = CAMPAIGNS[arguments.campaign]
    with tempfile.TemporaryDirectory(prefix="bigan-") as name, Path(os.devnull).open("w") as nowhere:
        configure_logging("INFO", "json", nowhere)
        folder = Path(name)
        shelf = Shelf(Settings(knowledge_base=folder / "base"))
        build_base([bundled_reports()], folder / "base", shelf.tables, shelf.segmenter)
        good = asyncio.run(run(folder / "base", folder, arguments.count or usual))
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
