"""The access token in Redis, one for all workers: whoever finds it missing takes a lock and fetches it for the others.

Without Redis each worker fetches for itself; the API gives all of them the same token.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import random
import secrets
import time
from collections.abc import Callable
from contextlib import suppress

from bot.logs import log_event
from bot.outbox.protocol import OutboxUnavailableError
from bot.outbox.redis_scripts import UNLOCK
from bot.outbox.redis_trips import RedisTrips
from bot.wecom.client import ApiCredentials
from bot.wecom.tokens import Fetch, MemoryTokens, Token

LOCK_SECONDS = 10.0
"""Life of the lock: twice the deadline of a fetch, so that a dead worker holds the others up no longer."""

LOOK_SECONDS = 0.05
"""Mean pause between two looks at what another worker fetches."""

_log = logging.getLogger(__name__)


class RedisTokens(MemoryTokens):
    """The token of one app; the secret is part of the key's name (hashed), so that a new one counts at once."""

    def __init__(
        self,
        trips: RedisTrips,
        credentials: ApiCredentials,
        *,
        now: Callable[[], float] = time.time,
        lock_seconds: float = LOCK_SECONDS,
    ) -> None:
        super().__init__(now)
        self._lock_life = round(lock_seconds * 1000)
        app = "\0".join((credentials.corp_id, str(credentials.agent_id), credentials.secret))
        self._trips = trips
        self._clock = now
        self._key = f"bigan:{{token:{hashlib.sha256(app.encode()).hexdigest()[:16]}}}"
        self._lock = f"{self._key}:lock"

    async def _obtain(self, refused: Token | None, fetch: Fetch) -> Token:
        """Return what another worker has fetched, or fetch for all."""
        owner = secrets.token_hex(8)
        try:
            shared = await self._await_other(owner, refused)
        except OutboxUnavailableError as error:
            log_event(_log, "token not shared", logging.WARNING, reason=str(error))
            return await fetch()
        if shared is not None:
            return shared
        try:
            token = await fetch()
            with suppress(OutboxUnavailableError):
                await self._write(token)
        finally:
            with suppress(OutboxUnavailableError):
                await self._trips.run(UNLOCK, [self._lock], owner)
        return token

    async def _await_other(self, owner: str, refused: Token | None) -> Token | None:
        """Return a token fetched by another worker, or ``None`` once it is our turn to fetch."""
        while True:
            token = await self._read()
            if token is not None and self._serves(token, refused):
                return token
            if await self._trips.call(self._lock, "SET", self._lock, owner, "NX", "PX", self._lock_life):
                # Whoever held the lock until now may have written between our two commands.
                token = await self._read()
                if token is None or not self._serves(token, refused):
                    return None
                await self._trips.run(UNLOCK, [self._lock], owner)
                return token
            # Jitter, so that workers do not look in step.
            await asyncio.sleep(LOOK_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - no secret

    def _serves(self, token: Token, refused: Token | None) -> bool:
        if refused is not None:
            return token.serial != refused.serial and token.is_usable(self._clock())
        return token.is_fresh(self._clock())

    async def _read(self) -> Token | None:
        value = await self._trips.call(self._key, "GET", self._key)
        try:
            entry = json.loads(value) if isinstance(value, bytes) else None
            if entry is None:
                return None
            return Token(
                str(entry["value"]), float(entry["fetched_at"]), float(entry["expires_at"]), str(entry["serial"])
            )
        except (ValueError, TypeError, KeyError):
            return None

    async def _write(self, token: Token) -> None:
        entry = {
            "value": token.value,
            "fetched_at": token.fetched_at,
            "expires_at": token.expires_at,
            "serial": token.serial,
        }
        life = max(1, round((token.expires_at - self._clock()) * 1000))
        await self._trips.call(self._key, "SET", self._key, json.dumps(entry), "PX", life)
