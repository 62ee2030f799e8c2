"""A worker that delivers what is in the outbox until it is killed: ``python -m tests.outbox.worker REDIS API``."""

from __future__ import annotations

import asyncio
import signal
import sys

from bot.outbox.redis_store import RedisOutbox
from bot.outbox.redis_tokens import RedisTokens
from bot.outbox.redis_trips import RedisTrips
from bot.outbox.service import Outbox
from bot.wecom.client import ApiClient
from tests.outbox.bench import APP, BRISK, SALT, WATCHFUL
from tests.wecom.api_client import CREDENTIALS


async def main(redis: str, api: str) -> None:
    trips = RedisTrips(redis, limit=2.0)
    store = RedisOutbox(trips, APP, SALT, vigil=WATCHFUL)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with Outbox(store, ApiClient(CREDENTIALS, RedisTokens(trips, CREDENTIALS), base=api), pace=BRISK):
        print("ready", flush=True)
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
