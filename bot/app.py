"""The composition root: settings in, a web application out. Resources are opened and closed with the application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from bot.active import ActiveSide, open_active_side
from bot.channels.callback import Callback
from bot.channels.reception import Reception, Rights
from bot.condition import Inspector
from bot.conversation import Conversation
from bot.edge.admission import Admission
from bot.edge.answers import hide_server
from bot.edge.limits import LIMITS, Limits
from bot.edge.rates import PacedReceiver, RateLimit
from bot.health import health_routes
from bot.opening import LiveDialogue
from bot.operation import Operation
from bot.outbox.courier import Pace
from bot.settings import Settings
from bot.simulator.api import ApiStandIn
from bot.simulator.guards import guard
from bot.simulator.page import routes as simulator_routes
from bot.simulator.stand_in import StandIn
from bot.stores.breaker import CircuitBreaker
from bot.stores.keys import Keys
from bot.stores.memory_store import MemoryStore
from bot.stores.protocol import ConversationStore
from bot.stores.redis_store import RedisStore
from bot.stores.resilient import ResilientStore
from bot.wecom.crypto import Credentials
from bot.wecom.envelope import WecomMessage
from bot.wecom.wire import API_BASE

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
    api_base: str | None = None,
    api_stand_in: ApiStandIn | None = None,
    pace: Pace | None = None,
) -> web.Application:
    """Return the application: the callback, the checks and figures and, with a stand-in, the simulator page.

    ``siblings`` is a folder of this service's own, by which several workers find each other's figures. ``api_base`` is the
    address of WeChat Work's API (else that of the settings), which is called where they give its secret; ``api_stand_in`` is
    served beside the page and stands for it. ``pace`` is how the outbox works. With a stand-in the users' rate is not limited: who plays with
    the page on their own machine harms nobody.
    """
    breaker = CircuitBreaker()
    store = create_store(settings, breaker)
    inspector = Inspector(store, dialogue, breaker if settings.redis_url is not None else None)
    operation = Operation(settings, inspector, dialogue, siblings)
    base = api_base or settings.wecom_api_base or API_BASE
    active = open_active_side(settings, dialogue, operation.metrics, base=base, pace=pace)
    conversation = Conversation(
        store,
        dialogue.respond,
        salt=settings.hash_salt,
        observe=operation.observe,
        beside=active.dispatch if active is not None else None,
    )
    rate = RateLimit(0 if stand_in is not None else limits.messages_per_minute)
    receiver = _create_receiver(settings, conversation, operation, active, rate)
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.on_response_prepare.append(hide_server)
    app.add_routes(
        Callback(credentials, receiver, admission=Admission(limits), refused=operation.metrics.refused).routes()
    )
    app.add_routes([*health_routes(inspector), *operation.routes()])
    _add_resources(app, store, dialogue)
    app.cleanup_ctx.append(operation.run)
    if active is not None:
        operation.watch(active.outbox.waiting)
        app.cleanup_ctx.append(active.run)
    if stand_in is not None:
        _add_simulator(app, stand_in, api_stand_in)
    return app


def _create_receiver(
    settings: Settings, conversation: Conversation, operation: Operation, active: ActiveSide | None, rate: RateLimit
) -> PacedReceiver:
    """Return what deliveries are handed to: the rate limit, behind it the reception, behind that the conversation."""

    def tell_of_life(message: WecomMessage) -> None:
        operation.metrics.app_event(message.event)
        if active is not None:
            active.tell_administrators(message)

    rights = Rights(frozenset(user.lower() for user in settings.administrators))
    reception = Reception(conversation, rights, active=active is not None, alive=tell_of_life)
    return PacedReceiver(reception, rate, salt=settings.hash_salt, refused=operation.metrics.refused)


def _add_resources(app: web.Application, store: ConversationStore, dialogue: LiveDialogue) -> None:
    async def run_store(_: web.Application) -> AsyncIterator[None]:
        yield
        await store.close()

    async def follow_base(_: web.Application) -> AsyncIterator[None]:
        following = asyncio.create_task(dialogue.follow())
        yield
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following

    app.cleanup_ctx.extend((run_store, follow_base))


def _add_simulator(app: web.Application, stand_in: StandIn, api_stand_in: ApiStandIn | None) -> None:
    async def connect(_: web.Application) -> AsyncIterator[None]:
        async with stand_in:
            yield

    async def to_page(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/simulator")

    app.cleanup_ctx.append(connect)
    app.add_routes([web.get("/", to_page), *simulator_routes(stand_in, api_stand_in)])
    if api_stand_in is None:
        return

    async def let_go(_: web.Application) -> None:
        api_stand_in.close()

    app.on_shutdown.append(let_go)
    app.add_routes(
        [web.RouteDef(r.method, r.path, guard(r.handler), r.kwargs) for r in api_stand_in.routes("/cgi-bin")]
    )
