"""Messages of many users that keep flowing while a test breaks and mends what is behind the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.stores.protocol import Answered, ConversationStore
from handlers.notebook import Line, Notebook
from tests.stores.bench import kept, new, numbers, say

LONGEST_SECONDS = 3.0
"""For one message; a machine that has nothing else to do takes 0.3 s at the worst. WeChat Work waits for 5."""

GAP_SECONDS = 0.005
"""Between two messages of one user: a flood would only measure the machine."""


@dataclass
class Flow:
    """What came of the messages so far. Each says the next number, each seventh also keeps it in the notebook."""

    store: ConversationStore
    said: dict[str, int]
    slowest: float = 0.0
    talks: list[asyncio.Task[None]] = field(default_factory=list)

    async def converse(self, user: str, stopped: asyncio.Event) -> None:
        """Talk until stopped; every message must find all that was said before it."""
        while not stopped.is_set():
            number = self.said[user] + 1
            session, seconds = await say(self.store, user, number)
            assert (session or "") == numbers(number - 1), user
            assert await self.store.begin(user, f"d{number}") == Answered(f"reply {number}")
            self.said[user] = number
            self.slowest = max(self.slowest, seconds)
            if number % 7 == 0:
                await self.keep(user, number)
            await asyncio.sleep(GAP_SECONDS)

    async def keep(self, user: str, number: int) -> None:
        """Add a line to the user's notebook; all earlier ones must be there."""
        begun = new(await self.store.begin(user, None))
        before = Notebook.from_json(begun.notebook)
        assert [line.text for line in before.favourites] == lines(number - 1), user
        notebook = Notebook(favourites=(*before.favourites, Line(str(number)))[-50:])
        await self.store.finish(begun, begun.session or "", None, notebook.to_json())

    async def grow(self, by: int) -> None:
        """Wait until every user has been answered so many times more."""
        wanted = {user: said + by for user, said in self.said.items()}
        await until(lambda: self.has_failed() or all(self.said[user] >= said for user, said in wanted.items()))

    def has_failed(self) -> bool:
        """Tell whether a user found something wrong; the end of the block raises it."""
        return any(talk.done() for talk in self.talks)


def names(users: int) -> tuple[str, ...]:
    return tuple(f"user {number}" for number in range(users))


def lines(up_to: int) -> list[str]:
    """Return what a notebook holds after so many messages (it keeps fifty)."""
    return [str(number) for number in range(7, up_to + 1, 7)][-50:]


@asynccontextmanager
async def flowing(store: ConversationStore, users: int = 12) -> AsyncIterator[Flow]:
    """Have the messages flow within the block; what a user finds wrong is raised at its end."""
    flow = Flow(store, dict.fromkeys(names(users), 0))
    stopped = asyncio.Event()
    flow.talks = [asyncio.create_task(flow.converse(name, stopped)) for name in flow.said]
    try:
        yield flow
    finally:
        stopped.set()
        await asyncio.gather(*flow.talks)


async def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Ask again and again; servers of another process tell nobody."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - another process decides it
            await asyncio.sleep(0.01)


async def until_kept(direct: ConversationStore, user: str, notebook: str) -> None:
    """Wait until Redis alone has this notebook."""
    async with asyncio.timeout(20.0):
        while await kept(direct, user) != notebook:  # noqa: ASYNC110 - another process has it
            await asyncio.sleep(0.02)


async def until_held(direct: ConversationStore, flow: Flow) -> None:
    """Wait until Redis alone has every session and every notebook."""
    async with asyncio.timeout(20.0):
        for user, said in flow.said.items():
            while True:
                begun = new(await direct.begin(user, None))
                await direct.abandon(begun)
                kept = [line.text for line in Notebook.from_json(begun.notebook).favourites]
                if (begun.session or "") == numbers(said) and kept == lines(said):
                    break
                await asyncio.sleep(0.02)
