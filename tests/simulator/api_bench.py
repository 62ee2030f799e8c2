"""The stand-in for the active API, served on a port of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.simulator.api import ApiStandIn

CORP = "wwtestcorp"
AGENT = 1000002
SECRET = "canary-secret-5f2c81d0"  # the canary that no log and no error may hold


@asynccontextmanager
async def api_server(api: ApiStandIn) -> AsyncIterator[str]:
    """Serve the stand-in; give the address to call."""
    app = web.Application()
    app.add_routes(api.routes())
    server = TestServer(app)
    # aiohttp's own access log holds whole addresses; no server of ours uses it.
    await server.start_server(access_log=None)
    try:
        yield str(server.make_url("/cgi-bin"))
    finally:
        # What hangs must come to an end for the server to.
        api.faults.heal()
        await server.close()


def make_api(now: Callable[[], float] | None = None) -> ApiStandIn:
    """Return a stand-in without faults."""
    return ApiStandIn(CORP, SECRET, AGENT) if now is None else ApiStandIn(CORP, SECRET, AGENT, now=now)
