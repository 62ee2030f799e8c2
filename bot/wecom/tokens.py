"""Access tokens: fetched by one caller for all, kept while they are good, renewed before they end.

Facts: a token lives 7200 s and may be called in early; fetching it again may return the same one
(developer.work.weixin.qq.com/document/path/91039). So a token is told apart by when it was fetched, not by its value.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from bot.wecom.api_errors import ApiError

EARLY_SECONDS = 300.0
"""A token is renewed this long before it ends, or in the last tenth of its life where that is shorter."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token. ``serial`` is unlike that of any other fetch; times are in seconds since 1970."""

    value: str = field(repr=False)
    fetched_at: float
    expires_at: float
    serial: str = field(default_factory=lambda: secrets.token_hex(8))

    def is_usable(self, now: float) -> bool:
        """Whether it has not ended yet."""
        return now < self.expires_at

    def is_fresh(self, now: float) -> bool:
        """Whether it need not be renewed yet."""
        early = min(EARLY_SECONDS, (self.expires_at - self.fetched_at) / 10)
        return now < self.expires_at - early


Fetch = Callable[[], Awaitable[Token]]
"""Asks the API for a token; raises :class:`ApiError`."""


class TokenStore(Protocol):
    """Keeps the token of one corp and agent. However many ask at once, one of them fetches."""

    async def get(self, fetch: Fetch) -> Token:
        """Return a token that is good as far as we know. Raises what ``fetch`` raises when there is none."""
        ...

    async def renew(self, refused: Token, fetch: Fetch) -> Token:
        """Return another token than the one the API has refused; who comes late gets the one fetched meanwhile."""
        ...


class MemoryTokens:
    """A token kept in this process, for its event loop alone. ``now`` gives seconds since 1970."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._token: Token | None = None
        self._flight: asyncio.Task[Token] | None = None

    async def get(self, fetch: Fetch) -> Token:
        """Return the token; one that ends soon is renewed, and still serves when that fails."""
        token, now = self._token, self._now()
        if token is not None and token.is_fresh(now):
            return token
        if token is not None and token.is_usable(now):
            with suppress(ApiError):
                return await self._fly(None, fetch)
            return token
        return await self._fly(None, fetch)

    async def renew(self, refused: Token, fetch: Fetch) -> Token:
        """Return the token fetched after ``refused``."""
        token = self._token
        if token is not None and token.serial != refused.serial and token.is_usable(self._now()):
            return token
        return await self._fly(refused, fetch)

    async def _obtain(self, refused: Token | None, fetch: Fetch) -> Token:
        """Get another token than ``refused`` from wherever this kind of store finds one."""
        return await fetch()

    async def _fly(self, refused: Token | None, fetch: Fetch) -> Token:
        """Join the fetch that is on its way, or begin one."""
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._land(refused, fetch))
            # Where every waiter was cancelled nobody looks at the outcome, and asyncio would complain.
            self._flight.add_done_callback(lambda task: task.cancelled() or task.exception())
        # Shielded: one caller that stops waiting must not end the wait of the others.
        return await asyncio.shield(self._flight)

    async def _land(self, refused: Token | None, fetch: Fetch) -> Token:
        self._token = await self._obtain(refused, fetch)
        return self._token
