"""Eight ways in which a redis-server fails whoever uses it, and what mends each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from redis.asyncio import Redis

from tests.conftest import RedisServer
from tests.proxy import Mode, Proxy


@dataclass(frozen=True, slots=True)
class Spoilable:
    """A redis-server, the proxy in front of it, and a connection of our own that goes around it."""

    server: RedisServer
    proxy: Proxy
    admin: Redis


Act = Callable[[Spoilable], Awaitable[None]]


async def kill(redis: Spoilable) -> None:
    redis.server.kill()


async def restart(redis: Spoilable) -> None:
    await asyncio.to_thread(redis.server.start)


async def stop(redis: Spoilable) -> None:
    redis.server.stop()


async def resume(redis: Spoilable) -> None:
    redis.server.resume()


def switch(mode: Mode) -> Act:
    """Return what has the way to Redis behave so."""

    async def act(redis: Spoilable) -> None:
        redis.proxy.switch(mode)

    return act


async def fill(redis: Spoilable) -> None:
    await redis.admin.config_set("maxmemory", "1")


async def empty(redis: Spoilable) -> None:
    await redis.admin.config_set("maxmemory", "0")


async def make_read_only(redis: Spoilable) -> None:
    await redis.admin.replicaof("127.0.0.1", "1")


async def make_writable(redis: Spoilable) -> None:
    await redis.admin.replicaof("NO", "ONE")


async def change_password(redis: Spoilable) -> None:
    await redis.admin.config_set("requirepass", "another")
    await redis.admin.client_kill_filter(_type="normal", skipme=True)


async def remove_password(redis: Spoilable) -> None:
    await redis.admin.config_set("requirepass", "")


FAULTS: dict[str, tuple[Act, Act]] = {
    "killed": (kill, restart),
    "stopped": (stop, resume),
    "black-holed": (switch(Mode.HOLE), switch(Mode.OPEN)),
    "slow": (switch(Mode.SLOW), switch(Mode.OPEN)),
    "reset": (switch(Mode.RESET), switch(Mode.OPEN)),
    "out of memory": (fill, empty),
    "read-only": (make_read_only, make_writable),
    "wrong password": (change_password, remove_password),
}
"""What breaks, and what mends it."""
