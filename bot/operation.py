"""What an administrator sees of a running service: ``/metrics`` and ``/stats``, and the counting behind them."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from aiohttp import hdrs, web

from bot.condition import Inspector
from bot.logs import log_event
from bot.metrics import CONTENT_TYPE, Figures, Metrics, merge
from bot.observation import Observation
from bot.opening import LiveDialogue
from bot.outbox.protocol import OutboxError, Waiting
from bot.settings import Settings
from bot.siblings import Siblings
from bot.stores.protocol import StoreUnavailableError
from bot.stores.redis_usage import RedisUsage
from bot.usage import CHINA, DAYS_KEPT, MemoryUsage, UsageRecorder, UsageStore, last_days
from knowledge.tableset import TableSet

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
"""What a proxy adds to a request it passes on: such a one comes from elsewhere, whoever hands it over."""

_log = logging.getLogger(__name__)


def create_usage_store(settings: Settings) -> UsageStore:
    """Return where counts of use are kept: in Redis, or in memory when there is none."""
    return MemoryUsage() if settings.redis_url is None else RedisUsage(settings.redis_url.get_secret_value())


class Operation:
    """The administrator's side of one worker. ``metrics`` is there for whoever has something to count.

    ``siblings`` is the folder by which the workers of the service find each other (``None``: there is one).
    """

    def __init__(
        self, settings: Settings, inspector: Inspector, dialogue: LiveDialogue, siblings: Path | None = None
    ) -> None:
        self.metrics = Metrics()
        self._inspector = inspector
        self._token = settings.metrics_token.get_secret_value() if settings.metrics_token is not None else None
        self._names = _Names(dialogue)
        self._usage = create_usage_store(settings)
        self._recorder = UsageRecorder(self._usage, self._names.current, collects_texts=settings.collect_misses)
        self._siblings = Siblings(siblings, settings.workers, self._read)
        self._waiting: Callable[[], Awaitable[Waiting]] | None = None

    def watch(self, waiting: Callable[[], Awaitable[Waiting]]) -> None:
        """Show what waits in an outbox from now on."""
        self._waiting = waiting

    def observe(self, observation: Observation) -> None:
        """Count one message. A mistake here costs a count and never an answer."""
        try:
            self.metrics.observe(observation)
            self._recorder.observe(observation)
        except Exception:  # noqa: BLE001 - the answer is on its way already
            log_event(_log, "message not counted", logging.ERROR)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [web.get("/metrics", self._show_metrics), web.get("/stats", self._show_stats)]

    async def run(self, _: web.Application) -> AsyncIterator[None]:
        """Count in the background for as long as the application runs."""
        async with self._siblings:
            writing = asyncio.create_task(self._recorder.run())
            yield
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            await self._recorder.flush()
            await self._usage.close()

    async def _read(self) -> Figures:
        if self._waiting is not None:
            # An outbox that can't be asked shares Redis with the sessions, whose figures say so.
            with suppress(OutboxError):
                waiting = await self._waiting()
                self.metrics.outbox_holds(waiting.parcels, waiting.oldest)
        return self.metrics.read(await self._inspector.inspect())

    async def _show_metrics(self, request: web.Request) -> web.Response:
        if (refusal := self._refuse(request)) is not None:
            return refusal
        text = merge(await self._siblings.gather())
        return web.Response(body=text.encode(), headers={hdrs.CONTENT_TYPE: CONTENT_TYPE})

    async def _show_stats(self, request: web.Request) -> web.Response:
        if (refusal := self._refuse(request)) is not None:
            return refusal
        await self._recorder.flush()
        try:
            days = await self._usage.read(last_days(DAYS_KEPT, datetime.now(CHINA).date()))
        except StoreUnavailableError:
            return web.Response(status=503, text="Redis 不能读写，暂时没有统计")
        return web.json_response([day.to_json() for day in days if day.counts])

    def _refuse(self, request: web.Request) -> web.Response | None:
        """Return the answer to whoever may not read: without the token, or, where none is set, from elsewhere."""
        if self._token is None:
            if _is_from_this_machine(request):
                return None
            return web.Response(status=403, text="只供本机读取；要从别处读取，请设置 METRICS_TOKEN")
        given = request.headers.get(hdrs.AUTHORIZATION, "").encode("utf-8", "replace")
        if hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            return None
        return web.Response(status=401, text="请出示 METRICS_TOKEN", headers={hdrs.WWW_AUTHENTICATE: "Bearer"})


class _Names:
    """The names of the tables in use, made once for each set of tables."""

    def __init__(self, dialogue: LiveDialogue) -> None:
        self._dialogue = dialogue
        self._tables: TableSet | None = None
        self._names: frozenset[str] = frozenset()

    def current(self) -> frozenset[str]:
        tables = self._dialogue.tables
        if tables is not self._tables:
            self._tables, self._names = tables, tables.names()
        return self._names


def _is_from_this_machine(request: web.Request) -> bool:
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(request.remote or "")
    except ValueError:
        return False
    # A socket for both kinds of addresses writes 127.0.0.1 as ::ffff:127.0.0.1.
    plain = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (plain or address).is_loopback
