"""The composition root: settings in, a web application out. Resources are opened and closed with the application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from bot.channels.callback import Callback
from bot.condition import Inspector
from bot.conversation import Conversation
from bot.edge.admission import Admission
from bot.edge.answers import hide_server
from bot.edge.limits import LIMITS, Limits
from bot.edge.rates import PacedReceiver, RateLimit
from bot.health import health_routes
from bot.opening import LiveDialogue
from bot.operation import Operation
from bot.settings import Settings
from bot.simulator.page import routes as simulator_routes
from bot.simulator.stand_in import StandIn
from bot.stores.breaker import CircuitBreaker
from bot.stores.keys import Keys
from bot.stores.memory_store import MemoryStore
from bot.stores.protocol import ConversationStore
from bot.stores.redis_store import RedisStore
from bot.stores.resilient import ResilientStore
from bot.wecom.crypto import Credentials

MAX_BODY_BYTES = 64 * 1024
"""No request to any route is larger."""


def create_store(settings: Settings, breaker: CircuitBreaker | None = None) -> ConversationStore:
    """Return the store the settings ask for: Redis with memory behind it and ``breaker`` between, or memory alone."""
    if settings.redis_url is None:
        return MemoryStore()
    redis = RedisStore(settings.redis_url.get_secret_value(), Keys(settings.hash_salt))
    return ResilientStore(redis, MemoryStore(), breaker)


def create_app(
    settings: Settings,
    dialogue: LiveDialogue,
    credentials: Credentials,
    stand_in: StandIn | None = None,
    limits: Limits = LIMITS,
    *,
    siblings: Path | None = None,
) -> web.Application:
    """Return the application: the callback, the checks and figures and, with a stand-in, the simulator page.

    ``siblings`` is a folder of this service's own, by which several workers find each other's figures.
    With a stand-in the users' rate is not limited: who plays with the page on their own machine harms nobody.
    """
    breaker = CircuitBreaker()
    store = create_store(settings, breaker)
    inspector = Inspector(store, dialogue, breaker if settings.redis_url is not None else None)
    operation = Operation(settings, inspector, dialogue, siblings)
    conversation = Conversation(store, dialogue.respond, salt=settings.hash_salt, observe=operation.observe)
    rate = RateLimit(0 if stand_in is not None else limits.messages_per_minute)
    refused = operation.metrics.refused
    receiver = PacedReceiver(conversation, rate, salt=settings.hash_salt, refused=refused)
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.on_response_prepare.append(hide_server)
    app.add_routes(Callback(credentials, receiver, admission=Admission(limits), refused=refused).routes())
    app.add_routes([*health_routes(inspector), *operation.routes()])

    async def run_store(_: web.Application) -> AsyncIterator[None]:
        yield
        await store.close()

    async def follow_base(_: web.Application) -> AsyncIterator[None]:
        following = asyncio.create_task(dialogue.follow())
        yield
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following

    app.cleanup_ctx.extend((run_store, follow_base, operation.run))
    if stand_in is not None:
        _add_simulator(app, stand_in)
    return app


def _add_simulator(app: web.Application, stand_in: StandIn) -> None:
    async def connect(_: web.Application) -> AsyncIterator[None]:
        async with stand_in:
            yield

    async def to_page(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/simulator")

    app.cleanup_ctx.append(connect)
    app.add_routes([web.get("/", to_page), *simulator_routes(stand_in)])
