"""Round trips to Redis with a limit each, every fault as one error."""

from __future__ import annotations

import asyncio

from bot.outbox.protocol import OutboxUnavailableError
from bot.stores.redis_address import RedisAddress
from bot.stores.redis_links import Argument, open_link

TRIP_SECONDS = 0.3
"""Limit of one round trip. One of them, the acceptance of a parcel, is part of an answer that WeChat Work waits for."""

TRIPS_AT_ONCE = 8


class RedisTrips:
    """The way to Redis for what shares one hash tag. ``url`` has one of the forms of :mod:`bot.stores.redis_address`."""

    def __init__(self, url: str, limit: float = TRIP_SECONDS) -> None:
        self._limit = limit
        self._slots = asyncio.Semaphore(TRIPS_AT_ONCE)
        self._link = open_link(RedisAddress.parse(url), limit)

    async def run(self, script: str, keys: list[str], *arguments: Argument) -> list[object]:
        """Run a Lua script that returns a list. Raises :class:`OutboxUnavailableError`."""
        reply = await self.call(keys[0], "EVAL", script, len(keys), *keys, *arguments)
        if not isinstance(reply, list):
            raise OutboxUnavailableError("unexpected reply")
        return reply

    async def call(self, key: str, *command: Argument) -> object:
        """Run one command about ``key``. Raises :class:`OutboxUnavailableError`: whether it took effect is unknown."""
        async with self._slots:
            try:
                async with asyncio.timeout(self._limit):
                    return await self._link.call(key, *command)
            except Exception as error:
                # A client whose connections break under it raises more than RedisError.
                raise OutboxUnavailableError(type(error).__name__) from error

    async def close(self) -> None:
        """Close every connection."""
        await self._link.close()
