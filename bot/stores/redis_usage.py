"""Counts of use in Redis, shared by all workers: one hash and one HyperLogLog for each day, and the texts of misses.

All keys share a hash tag, which the script needs where Redis is a cluster. They expire by themselves.
"""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime
from typing import Any

from bot.stores.protocol import StoreUnavailableError
from bot.stores.redis_address import RedisAddress
from bot.stores.redis_links import Argument, open_link
from bot.usage import CHINA, DAYS_KEPT, MOST_TEXTS, TEXT_DAYS, Batch, Day, Missed

TRIP_SECONDS = 1.0
"""Limit of one round trip; nobody waits for it but the background task, and the process when it ends."""

BATCH_SECONDS = 3600
"""How long the name of a batch is remembered: longer than it is offered again in any outage that ends by itself."""

_DAY_SECONDS = 86_400

_PREFIX = "bigan:{usage}"
_TEXTS = f"{_PREFIX}:texts"

# KEYS: name of the batch, counts of the day, users of the day, texts. ARGV: lifetime of the name, of a day, of the texts (s),
# the oldest text kept (s since the epoch), how many are kept, then n and n pairs (count, by how much), m and m users, and
# pairs (time, text).
ADD = """
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then return 0 end
local at = 6
local pairs_end = at + 2 * tonumber(ARGV[at])
while at < pairs_end do
  redis.call('HINCRBY', KEYS[2], ARGV[at + 1], ARGV[at + 2])
  at = at + 2
end
redis.call('EXPIRE', KEYS[2], ARGV[2])
at = at + 1
local users_end = at + tonumber(ARGV[at])
while at < users_end do
  redis.call('PFADD', KEYS[3], ARGV[at + 1])
  at = at + 1
end
redis.call('EXPIRE', KEYS[3], ARGV[2])
if at < #ARGV then
  while at < #ARGV do
    redis.call('ZADD', KEYS[4], ARGV[at + 1], ARGV[at + 2])
    at = at + 2
  end
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', ARGV[4])
  redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -1 - ARGV[5])
  redis.call('EXPIRE', KEYS[4], ARGV[3])
end
return 1
"""


class RedisUsage:
    """Keeps counts in Redis. ``url`` has one of the forms of :mod:`bot.stores.redis_address`."""

    def __init__(self, url: str, *, trip_limit: float = TRIP_SECONDS) -> None:
        self._trip_limit = trip_limit
        self._link = open_link(RedisAddress.parse(url), trip_limit)

    async def add(self, batch: Batch) -> None:
        """Add a batch in one round trip, unless its name has been seen."""
        keys = [f"{_PREFIX}:batch:{batch.name}", _counts(batch.day), _users(batch.day), _TEXTS]
        counts = [word for pair in batch.counts.items() for word in pair]
        texts = [word for missed in batch.texts for word in (str(missed.at.timestamp()), _pack(missed))]
        lifetimes = (BATCH_SECONDS, DAYS_KEPT * _DAY_SECONDS, TEXT_DAYS * _DAY_SECONDS, _oldest(), MOST_TEXTS)
        words = (*lifetimes, len(batch.counts), *counts, len(batch.users), *batch.users, *texts)
        await self._call("EVAL", ADD, len(keys), *keys, *words)

    async def read(self, days: list[date]) -> list[Day]:
        """Return the counts of these days."""
        return [await self._read_day(day) for day in days]

    async def read_texts(self) -> list[Missed]:
        """Return the collected texts, the newest first."""
        return [_unpack(entry) for entry in await self._call("ZREVRANGEBYSCORE", _TEXTS, "+inf", _oldest())]

    async def close(self) -> None:
        """Close every connection."""
        await self._link.close()

    async def _read_day(self, day: date) -> Day:
        counts = await self._call("HGETALL", _counts(day))
        users = await self._call("PFCOUNT", _users(day))
        return Day(day, users, {name.decode(): int(count) for name, count in counts.items()})

    async def _call(self, *command: Argument) -> Any:  # noqa: ANN401 - what Redis answers depends on the command
        """Run a command. Every fault is StoreUnavailableError."""
        try:
            async with asyncio.timeout(self._trip_limit):
                return await self._link.call(_TEXTS, *command)
        except Exception as error:
            # A client whose connections break under it raises more than RedisError.
            raise StoreUnavailableError(type(error).__name__) from error


def _oldest() -> int:
    """Return the time of the oldest text kept, in seconds since the epoch."""
    return int(datetime.now(CHINA).timestamp()) - TEXT_DAYS * _DAY_SECONDS


def _counts(day: date) -> str:
    return f"{_PREFIX}:{day.isoformat()}"


def _users(day: date) -> str:
    return f"{_PREFIX}:{day.isoformat()}:users"


def _pack(missed: Missed) -> str:
    return json.dumps([missed.at.isoformat(timespec="seconds"), missed.intent, missed.text], ensure_ascii=False)


def _unpack(entry: bytes) -> Missed:
    at, intent, text = json.loads(entry)
    return Missed(datetime.fromisoformat(at), intent, text)
