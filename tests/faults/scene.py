"""The whole service in front of a Redis that a test can spoil in nine ways, and people who talk to it all the while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiohttp
from aiohttp.test_utils import BaseTestServer
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.app import create_app
from bot.edge.limits import LIMITS
from bot.opening import LiveDialogue, Shelf
from bot.settings import Settings
from bot.simulator.stand_in import StandIn
from bot.stores.keys import Keys
from bot.stores.protocol import New
from bot.stores.redis_store import RedisStore
from handlers.dialogue import Message, Session, Turn
from handlers.notebook import Notebook
from tests import redis_faults
from tests.conftest import RedisServer
from tests.edge.guarded import GuardedTestServer
from tests.faults.sending import Patience, Record, Talker
from tests.faults.service import CREDENTIALS
from tests.faults.talk import Step
from tests.proxy import Proxy
from tests.redis_faults import Act, Spoilable

UNHURRIED = 10.0
"""A limit of a round trip that a test machine under load does not reach."""

LASTING = ("--appendonly", "yes")
"""Redis as it is to be run: a crash loses a second at most."""


@dataclass(slots=True)
class Scene:
    """The service, its Redis and those who talk."""

    redis: Spoilable
    service: BaseTestServer
    stand_in: StandIn
    settings: Settings
    steps: tuple[Step, ...]
    record: Record = field(default_factory=Record)
    talkers: list[Talker] = field(default_factory=list)

    async def is_ready(self) -> bool:
        """Ask as a load balancer would."""
        async with aiohttp.ClientSession() as session, session.get(self.service.make_url("/readyz")) as response:
            return response.status == 200

    async def until_ready(self, ready: bool = True) -> float:
        """Return the seconds until the service says that Redis is there (or is not)."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        async with asyncio.timeout(20.0):
            while await self.is_ready() is not ready:  # noqa: ASYNC110 - that is how a load balancer learns it
                await asyncio.sleep(0.01)
        return loop.time() - started

    async def until_said(self, more: int) -> None:
        """Wait until everybody has been answered so many times more."""
        wanted = {talker.user: min(talker.done + more, len(self.steps)) for talker in self.talkers}
        async with asyncio.timeout(30.0):
            while any(talker.done < wanted[talker.user] for talker in self.talkers):  # noqa: ASYNC110 - a count
                await asyncio.sleep(0.01)

    async def until_redis_holds_all(self, silent_since: Mapping[str, int]) -> None:
        """Wait until Redis by itself has what everybody kept last, except who has been ``silent_since`` so many answers."""
        direct = RedisStore(self.redis.server.url, Keys(self.settings.hash_salt), trip_limit=UNHURRIED)
        try:
            async with asyncio.timeout(20.0):
                for talker in self.talkers:
                    if talker.done == silent_since.get(talker.user):
                        continue
                    while not await _holds(direct, talker):  # noqa: ASYNC110 - another process has it
                        await asyncio.sleep(0.02)
        finally:
            await direct.close()


async def _holds(direct: RedisStore, talker: Talker) -> bool:
    begun = await direct.begin(f"wecom:{talker.user}", None)
    if not isinstance(begun, New):
        return False
    await direct.abandon(begun)
    return talker.last is None or _lines(Notebook.from_json(begun.notebook)) == _lines(talker.last.notebook)


def _lines(notebook: Notebook) -> tuple[list[str], list[str]]:
    # Not the whole: a notebook also says when each line came.
    return [line.text for line in notebook.favourites], [line.text for line in notebook.draft.lines]


class CountingDialogue(LiveDialogue):
    """A dialogue that knows how many messages it has answered."""

    answered = 0

    def respond(self, message: Message, session: Session, notebook: Notebook) -> Turn:
        """Answer one message."""
        self.answered += 1
        return super().respond(message, session, notebook)


def load_dialogue(base: Path) -> CountingDialogue:
    """Return the dialogue over a knowledge base, ready for its first message."""
    dialogue = CountingDialogue(Shelf(Settings(knowledge_base=base)))
    dialogue.load()
    return dialogue


@asynccontextmanager
async def serving(dialogue: LiveDialogue, settings: Settings) -> AsyncIterator[tuple[BaseTestServer, StandIn]]:
    """Serve as one worker does, but to people who type faster than a script, and stand in for WeChat Work before it."""
    limits = replace(LIMITS, messages_per_minute=0)
    app = create_app(settings, dialogue, CREDENTIALS, limits=limits)
    async with (
        GuardedTestServer(app, limits) as server,
        StandIn(CREDENTIALS, str(server.make_url("/wecom/callback"))) as stand_in,
    ):
        yield server, stand_in


@asynccontextmanager
async def opened(dialogue: LiveDialogue, steps: tuple[Step, ...], redis: RedisServer) -> AsyncIterator[Scene]:
    """Open the service, with its own way to Redis, and everything needed to spoil it."""
    async with Proxy(redis.socket) as proxy:
        settings = Settings(redis_url=SecretStr(proxy.url))
        admin: Redis = Redis.from_url(redis.url, single_connection_client=True)
        await admin.initialize()
        try:
            async with serving(dialogue, settings) as (service, stand_in):
                yield Scene(Spoilable(redis, proxy, admin), service, stand_in, settings, steps)
        finally:
            await admin.aclose()


async def go_through(scene: Scene, name: str, users: Sequence[str], gap: float, *, messages: int) -> float:
    """Break and mend Redis while everybody says so many things before, during and after; return the seconds to recovery."""
    breaks, mends = FAULTS[name]
    async with talking(scene, users, gap):
        await scene.until_said(messages)
        await breaks(scene.redis)
        silent: dict[str, int] = {}
        if mends is leave_it:
            # What is spoilt in Redis stays there until its owner says something again.
            silent = {talker.user: talker.done for talker in scene.talkers}
        else:
            await scene.until_ready(False)
        await scene.until_said(messages)
        await mends(scene.redis)
        recovery = await scene.until_ready()
        await scene.until_said(messages)
    assert sum(talker.done == silent.get(talker.user) for talker in scene.talkers) < len(users) / 2
    await scene.until_redis_holds_all(silent)
    return recovery


@asynccontextmanager
async def talking(scene: Scene, users: Sequence[str], gap: float) -> AsyncIterator[None]:
    """Have these people talk within the block, each ``gap`` seconds after the last answer."""
    stopped = asyncio.Event()
    talkers = [Talker(user, scene.steps, scene.record, Patience()) for user in users]
    scene.talkers = talkers
    talks = [asyncio.create_task(talker.talk(scene.stand_in, stopped, gap)) for talker in talkers]
    try:
        yield
    finally:
        stopped.set()
        await asyncio.gather(*talks)


async def corrupt(redis: Spoilable) -> None:
    """Put something else in the place of every value, now one kind, now another."""
    kinds = (b"\xff\xfe not ours", b"", b"1 {", b"99999999999999 []", b"A" * 100_000)
    for number, key in enumerate(sorted([key async for key in redis.admin.scan_iter("bigan:*", count=1000)])):
        if number % 6 == 5:
            # In one: the service may write its own in between.
            pipeline = redis.admin.pipeline()
            pipeline.delete(key)
            pipeline.rpush(key, "a list")
            await pipeline.execute()
        else:
            await redis.admin.set(key, kinds[number % 6])


async def leave_it(_: Spoilable) -> None:
    """Nothing to mend: the service writes its own again."""


FAULTS: dict[str, tuple[Act, Act]] = {**redis_faults.FAULTS, "corrupt values": (corrupt, leave_it)}
"""What breaks, and what mends it."""
