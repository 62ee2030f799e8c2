"""The whole service with its active side: a real server, real encryption, and the stand-in for the API on a port of its own."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from io import BytesIO
from pathlib import Path

import aiohttp
from aiohttp.test_utils import BaseTestServer, TestServer
from docx import Document
from pydantic import SecretStr

from bot.app import create_app
from bot.edge.limits import Limits
from bot.opening import LiveDialogue, Shelf
from bot.outbox.courier import Pace
from bot.settings import Settings
from bot.simulator.api import ApiStandIn
from bot.simulator.api_inbox import Shown
from bot.simulator.stand_in import Delivery, Exchange, StandIn
from bot.wecom.crypto import Credentials
from tests.conftest import RedisServer
from tests.outbox.bench import BRISK
from tests.simulator.api_bench import AGENT, CORP, SECRET, api_server, make_api

CREDENTIALS = Credentials(CORP, "TestToken1234567", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA", str(AGENT))

UNLIMITED = Limits(messages_per_minute=0)


class Office:
    """A running service, the stand-ins around it, and members who write to it."""

    def __init__(self, server: BaseTestServer, stand_in: StandIn, api: ApiStandIn) -> None:
        self.server = server
        self.stand_in = stand_in
        self.api = api
        self.slowest = 0.0

    async def say(self, text: str, user: str = "zhang") -> str:
        return (await self.post(self.stand_in.compose_text(user, text))).reply or ""

    async def post(self, delivery: Delivery) -> Exchange:
        started = time.perf_counter()
        exchange = await self.stand_in.post(delivery)
        self.slowest = max(self.slowest, time.perf_counter() - started)
        assert exchange.status == 200
        return exchange

    async def click(self, card: Shown, key: str, selected: str | None = None) -> str:
        """Use a card as a member does, by its key or by the option chosen."""
        chosen = {} if selected is None else {"choice": selected}
        click = self.api.click_card(card.user, card.id, key, chosen)
        assert click is not None
        return (
            await self.post(
                self.stand_in.compose_card_click(card.user, click.task, click.key, click.response_code, chosen)
            )
        ).reply or ""

    async def send_file(self, name: str, content: bytes, user: str = "zhang") -> str:
        media_id = self.api.put_media(name, content)
        return (await self.post(self.stand_in.compose_file(user, name, media_id))).reply or ""

    def files(self, user: str = "zhang") -> list[tuple[str, bytes]]:
        return [(shown.file.name, shown.file.content) for shown in self.api.shown if shown.user == user and shown.file]

    def cards(self, user: str = "zhang") -> list[Shown]:
        return [shown for shown in self.api.shown if shown.user == user and shown.card]

    async def metric(self, name: str) -> float:
        """Return a figure, all its label sets added up."""
        async with aiohttp.ClientSession() as session, session.get(self.server.make_url("/metrics")) as response:
            text = await response.text()
        return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE))


def lines_of(document: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(BytesIO(document)).paragraphs]


def settings_for(base: Path, redis: RedisServer | None = None, admins: str | None = None) -> Settings:
    """Return the settings of an app with its secret."""
    return Settings(
        knowledge_base=base,
        wecom_corp_id=CORP,
        wecom_agent_id=str(AGENT),
        wecom_secret=SecretStr(SECRET),
        redis_url=SecretStr(redis.url) if redis is not None else None,
        admin_users=admins,
    )


@cache
def dialogue_of(base: Path | None) -> LiveDialogue:
    """Return the dialogue of a base, loaded once for all tests."""
    dialogue = LiveDialogue(Shelf(Settings(knowledge_base=base)))
    dialogue.load()
    return dialogue


@asynccontextmanager
async def open_office(
    settings: Settings, api: ApiStandIn | None = None, *, pace: Pace = BRISK, limits: Limits = UNLIMITED
) -> AsyncIterator[Office]:
    """Run the service; ``api`` is one that has been there before."""
    api = api or make_api()
    async with asyncio.timeout(60), api_server(api) as base:
        dialogue = dialogue_of(settings.knowledge_base)
        app = create_app(settings, dialogue, CREDENTIALS, limits=limits, api_base=base, pace=pace)
        async with TestServer(app) as server, StandIn(CREDENTIALS, str(server.make_url("/wecom/callback"))) as stand_in:
            yield Office(server, stand_in, api)
