"""Many short conversations at once, each message over whatever connection there is; told is what was lost on the way."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from bot.errors import StandInError
from bot.simulator.stand_in import StandIn
from bot.wecom.crypto import Credentials

TALK = (
    ("党建工作总结提纲", "【提纲】年度党建工作总结"),
    ("展开（五）", "【展开】（五）"),
    ("返回", "【提纲】年度党建工作总结"),
)
"""What is said, and how the answer begins; the second and third need what came before."""


@dataclass(slots=True)
class Stream:
    """What came of the messages so far.

    ``refused`` could not connect: nobody was there. ``lost`` reached the service and were not answered as they should be.
    """

    answered: int = 0
    refused: int = 0
    lost: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    async def until_answered(self, more: int) -> None:
        """Wait for so many more answers."""
        wanted = self.answered + more
        async with asyncio.timeout(30.0):
            while self.answered < wanted:  # noqa: ASYNC110 - a count, not an event
                await asyncio.sleep(0.005)

    async def talk(self, stand_in: StandIn, user: str) -> None:
        """Hold one conversation."""
        for text, beginning in TALK:
            started = time.perf_counter()
            try:
                exchange = await stand_in.post(stand_in.compose_text(user, text))
            except StandInError as error:
                if isinstance(error.__cause__, aiohttp.ClientConnectorError):
                    self.refused += 1
                    await asyncio.sleep(0.02)
                else:
                    self.lost.append(f"{user} {text}: {error.__cause__!r}")
                return
            self.waits.append(time.perf_counter() - started)
            if exchange.status != 200 or not (exchange.reply or "").startswith(beginning):
                self.lost.append(f"{user} {text}: {exchange.status} {(exchange.reply or '')[:40]!r}")
                return
            self.answered += 1


@asynccontextmanager
async def streaming(credentials: Credentials, callback_url: str, width: int = 8) -> AsyncIterator[Stream]:
    """Have ``width`` conversations go on at any time within the block.

    Half of them keep their connection, half take a new one for each user, so that the kernel spreads them over workers.
    """
    stream, stopped, numbers = Stream(), asyncio.Event(), itertools.count()

    async def keep_talking(kept: StandIn | None) -> None:
        while not stopped.is_set():
            user = f"stream{next(numbers)}"
            if kept is not None:
                await stream.talk(kept, user)
                continue
            async with StandIn(credentials, callback_url) as own:
                await stream.talk(own, user)

    async with StandIn(credentials, callback_url) as shared:
        talking = [asyncio.create_task(keep_talking(shared if number % 2 else None)) for number in range(width)]
        try:
            yield stream
        finally:
            stopped.set()
            await asyncio.gather(*talking)
