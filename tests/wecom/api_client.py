"""A client that speaks to the stand-in for the active API, with clocks and deadlines of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.simulator.api import ApiStandIn
from bot.wecom.client import ApiClient, ApiCredentials, Timeouts
from bot.wecom.tokens import MemoryTokens, TokenStore
from tests.simulator.api_bench import AGENT, CORP, SECRET, api_server, make_api

CREDENTIALS = ApiCredentials(CORP, AGENT, SECRET)
HASTY = Timeouts(connect=1.0, token=0.3, call=0.3, upload=0.3)
"""Deadlines for tests in which nobody answers."""


class Clock:
    """Seconds since 1970, as a test says."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def __call__(self) -> float:
        return self.time


class Site:
    """A stand-in and its address."""

    def __init__(self, api: ApiStandIn, base: str, clock: Clock) -> None:
        self.api = api
        self.base = base
        self.clock = clock

    def client(self, tokens: TokenStore | None = None, timeouts: Timeouts | None = None) -> ApiClient:
        """Return a client; it is to be entered."""
        return ApiClient(
            CREDENTIALS, tokens or MemoryTokens(self.clock), base=self.base, timeouts=timeouts, now=self.clock
        )


@asynccontextmanager
async def api_site(clock: Callable[[], float] | None = None) -> AsyncIterator[Site]:
    """Serve a stand-in whose clock is the test's."""
    own = Clock()
    api = make_api(clock or own)
    async with api_server(api) as base:
        yield Site(api, base, own)
