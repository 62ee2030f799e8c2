"""The way to the Redis server that holds a key: one server, the master that Sentinels name, or a node of a cluster.

Two things here differ from redis-py's habits. It has no limit that fits a message's budget, so a caller bounds each call
(by cancelling it, which is safe) and what a link asks on its own behalf is bounded here. And it retries, which would
spend the budget; the circuit breaker decides when to try again.
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import SSLConnection, parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff

from bot.stores.redis_address import Node, RedisAddress, Topology
from bot.stores.redis_cluster import ClusterLink

POOL_SIZE = 16
"""Calls at once. One event loop and one Redis, single-threaded both, gain nothing from more."""

SPARE_CONNECTIONS = 4
"""Above the pool size, for what does not queue with the calls: the readiness check, the nodes of a cluster."""

SENTINEL_SHARE = 0.25
"""Of a call's limit, for one Sentinel: with two of three away the third is still asked in time."""

Argument = str | bytes | int


class Link(Protocol):
    """A way to Redis. Every fault is one of redis-py's exceptions or an ``OSError``."""

    @property
    def moves(self) -> int:
        """How often keys have been found on another server: a replica that took over may lack the last of them."""
        ...

    async def call(self, key: str, *command: Argument) -> object:
        """Run one command, whose keys all share the hash tag of ``key``, on the server that holds them."""
        ...

    async def write(self, key: str) -> None:
        """Write a value that lives for a second, under ``key`` or a name that begins with it, on every master."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


class ServerLink:
    """One server."""

    moves = 0

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def call(self, key: str, *command: Argument) -> object:
        """Run the command; ``key`` makes no difference here."""
        return await self._redis.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py gives no type

    async def write(self, key: str) -> None:
        """Write once."""
        await self._redis.set(key, b"1", px=1000)

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose(close_connection_pool=True)


class SentinelLink(ServerLink):
    """The master that Sentinels name, whoever it is."""

    def __init__(self, pool: MasterPool, sentinel: Sentinel) -> None:
        super().__init__(Redis.from_pool(pool))
        self._pool = pool
        self._sentinel = sentinel

    @property
    def moves(self) -> int:  # type: ignore[override]  # the one server of the base class never moves
        """How often the master was another one."""
        return self._pool.moves

    async def close(self) -> None:
        """Close every connection, to the Sentinels too."""
        await self._pool.stop_asking()
        await super().close()
        await self._sentinel.aclose()


class MasterPool(SentinelConnectionPool):
    """Connections to the master; counts how often it was another one."""

    moves = 0
    _asking: asyncio.Task[Node] | None = None

    async def get_master_address(self) -> Node:
        """Ask the Sentinels, for all who want to know at once.

        redis-py reorders its list of Sentinels after each answer: two who asked at the same time lost one of them for good.
        Shielded: a call that gives up must not end what all others wait for, nor what the next would have to begin anew.
        """
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(_look_at)
        return await asyncio.shield(self._asking)

    async def stop_asking(self) -> None:
        """Give up what is being asked."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> Node:
        before = self.master_address
        address: Node = await super().get_master_address()  # type: ignore[no-untyped-call]  # redis-py gives no type
        if before is not None and before != address:
            self.moves += 1
        return address


def _look_at(asked: asyncio.Task[Node]) -> None:
    # Those who waited may all have given up; asyncio complains of a fault that nobody saw.
    if not asked.cancelled():
        asked.exception()


def open_link(address: RedisAddress, limit: float) -> Link:
    """Return the way to ``address``; nothing is connected yet. ``limit`` is what a caller allows one call, in seconds."""
    options: dict[str, Any] = {
        **parse_url(address.url),
        **_frugal(limit),
        "max_connections": POOL_SIZE + SPARE_CONNECTIONS,
    }
    if address.topology is Topology.SINGLE:
        return ServerLink(Redis.from_pool(ConnectionPool(**options)))
    for name in ("host", "port"):
        options.pop(name, None)
    if address.topology is Topology.SENTINEL:
        return _open_sentinel(address, options, limit)
    return ClusterLink(
        address.nodes, lambda host, port: Redis.from_pool(ConnectionPool(host=host, port=port, **options)), limit
    )


def _open_sentinel(address: RedisAddress, options: dict[str, Any], limit: float) -> SentinelLink:
    # The pool has connection classes of its own, chosen by a flag.
    secured = {"ssl": True} if options.pop("connection_class", None) is SSLConnection else {}
    sentinel_options = {name: value for name, value in options.items() if name.startswith("ssl_")}
    sentinel = Sentinel(  # type: ignore[no-untyped-call]  # redis-py gives no type
        address.nodes,
        sentinel_kwargs={
            **sentinel_options,
            **secured,
            **_frugal(limit * SENTINEL_SHARE),
            "socket_timeout": limit * SENTINEL_SHARE,
            "username": address.sentinel_username,
            "password": address.sentinel_password,
        },
    )
    pool = MasterPool(address.service, sentinel, **options, **secured)  # type: ignore[no-untyped-call]  # nor here
    return SentinelLink(pool, sentinel)


def _frugal(limit: float) -> dict[str, Any]:
    return {
        # One limit around the whole trip costs less than redis-py's three within it, and is stricter.
        "socket_timeout": None,
        "socket_connect_timeout": limit,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }
