"""A Redis Cluster, with the few things a conversation needs of it.

redis-py's own cluster client looks the cluster up again, closes all its connections and sleeps *within* a call; with the
milliseconds a call has here it would be cancelled each time and never come to an end. So a call goes to the node that is
thought to hold the slot and follows where it is sent (MOVED, ASK); the map is drawn anew beside it, by a task that no
call's limit ends.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from redis import exceptions
from redis.asyncio import Redis
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import AskError, ClusterDownError, MovedError, RedisError, TryAgainError

from bot.stores.redis_address import Node

MOST_HOPS = 16
"""Redirections and repetitions of one call; its limit in time usually ends it earlier."""

PAUSE_SECONDS = 0.01
"""Between two tries while a slot is on its way from one node to another."""

_ASTRAY = (exceptions.ConnectionError, ClusterDownError, OSError, asyncio.CancelledError)
"""What suggests that the map is out of date. A call that is cancelled took too long."""

Connect = Callable[[str, int], Redis]


@dataclass(frozen=True, slots=True)
class SlotMap:
    """Who holds which slots: ``owners[n]`` those from ``first[n]`` to ``last[n]``. ``nodes`` are all, replicas included."""

    first: tuple[int, ...] = ()
    last: tuple[int, ...] = ()
    owners: tuple[Node, ...] = ()
    nodes: frozenset[Node] = frozenset()

    @property
    def is_complete(self) -> bool:
        """Whether every slot has an owner."""
        return sum(self.last) - sum(self.first) + len(self.first) == REDIS_CLUSTER_HASH_SLOTS

    def owner(self, slot: int) -> Node | None:
        """Return who holds ``slot``, or ``None``."""
        place = bisect_right(self.first, slot) - 1
        return self.owners[place] if place >= 0 and slot <= self.last[place] else None

    @classmethod
    def read(cls, reply: Sequence[Sequence[Any]], asked: Node) -> SlotMap:
        """Read the answer to CLUSTER SLOTS. A node without a name is the one that was ``asked``."""
        ranges = sorted(([first, last, *nodes] for first, last, *nodes in reply), key=lambda entry: int(entry[0]))
        named = [[_read_node(node, asked) for node in nodes] for _, _, *nodes in ranges]
        return cls(
            tuple(int(entry[0]) for entry in ranges),
            tuple(int(entry[1]) for entry in ranges),
            tuple(nodes[0] for nodes in named),
            frozenset(itertools.chain.from_iterable(named)),
        )


class ClusterLink:
    """A way to the node that holds a key. ``seeds`` are asked first; ``connect`` makes the client of one node.

    ``limit`` bounds, in seconds, how long one node is asked about the others. ``moves`` counts how often keys were found on
    another node than before.
    """

    def __init__(self, seeds: tuple[Node, ...], connect: Connect, limit: float) -> None:
        self.moves = 0
        self._seeds = seeds
        self._connect = connect
        self._limit = limit
        self._map = SlotMap()
        self._moved: dict[int, Node] = {}
        self._clients: dict[Node, Redis] = {}
        self._drawing: asyncio.Task[None] | None = None
        self._is_closed = False

    async def call(self, key: str, *command: str | bytes | int) -> object:
        """Run one command on the node that holds ``key``."""
        if self._is_closed:
            raise exceptions.ConnectionError("closed")
        slot = key_slot(key.encode())
        node = await self._find(slot)
        try:
            return await self._follow(node, slot, command)
        except _ASTRAY:
            if not self._is_closed:
                self._draw(suspect=node)
            raise

    async def write(self, key: str) -> None:
        """Write on every master, under names that fall into its slots."""
        await self._find(0)
        drawn = self._map
        if not drawn.is_complete:
            self._draw()
            raise ClusterDownError("slots without an owner")
        places = {
            owner: (first, last) for first, last, owner in zip(drawn.first, drawn.last, drawn.owners, strict=True)
        }
        outcomes = await asyncio.gather(
            *(
                self.call(_name_within(key, *slots), "SET", _name_within(key, *slots), b"1", "PX", 1000)
                for slots in places.values()
            ),
            # None is left behind: whoever asked may close the link as soon as there is an answer.
            return_exceptions=True,
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def close(self) -> None:
        """Close every connection, and open none any more."""
        self._is_closed = True
        if self._drawing is not None:
            self._drawing.cancel()
            await asyncio.gather(self._drawing, return_exceptions=True)
        for client in list(self._clients.values()):
            await client.aclose(close_connection_pool=True)

    async def _find(self, slot: int) -> Node:
        node = self._moved.get(slot) or self._map.owner(slot)
        if node is None:
            # Shielded: a call that gives up must not end what all others wait for.
            await asyncio.shield(self._draw())
            node = self._map.owner(slot)
        if node is None:
            raise ClusterDownError("no node holds the slot")
        return node

    async def _follow(self, node: Node, slot: int, command: tuple[str | bytes | int, ...]) -> object:
        asking = False
        for _ in range(MOST_HOPS):
            try:
                return await self._send(node, command, asking=asking)
            except MovedError as error:
                node, asking = (error.host or node[0], error.port), False
                self._moved[slot] = node
                if not self._is_closed:
                    self._draw()
            except AskError as error:
                node, asking = (error.host or node[0], error.port), True
            except TryAgainError:
                await asyncio.sleep(PAUSE_SECONDS)
        raise ClusterDownError("sent from node to node")

    async def _send(self, node: Node, command: tuple[str | bytes | int, ...], *, asking: bool) -> object:
        client = self._client(node)
        if not asking:
            return await client.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py gives no type
        # ASKING holds for the next command of the same connection.
        async with client.pipeline(transaction=False) as pipe:
            pipe.execute_command("ASKING")
            pipe.execute_command(*command)
            _, reply = await pipe.execute()
            return cast("object", reply)

    def _client(self, node: Node) -> Redis:
        client = self._clients.get(node)
        if client is None:
            client = self._clients[node] = self._connect(*node)
        return client

    def _draw(self, suspect: Node | None = None) -> asyncio.Task[None]:
        """Draw the map anew, unless that is being done; ask ``suspect`` last."""
        if self._drawing is None or self._drawing.done():
            self._drawing = asyncio.create_task(self._ask_around(suspect))
        return self._drawing

    async def _ask_around(self, suspect: Node | None) -> None:
        nodes = list({*self._map.nodes, *self._seeds})
        random.shuffle(nodes)
        for node in sorted(nodes, key=lambda node: node == suspect):
            try:
                async with asyncio.timeout(self._limit):
                    reply = await self._send(node, ("CLUSTER", "SLOTS"), asking=False)
                drawn = SlotMap.read(cast("Sequence[Sequence[Any]]", reply), node)
            except (RedisError, OSError, TimeoutError, ValueError, TypeError, IndexError):
                continue
            self._take(drawn)
            await self._leave_others()
            return

    def _take(self, drawn: SlotMap) -> None:
        if self._map.owners and (drawn.first, drawn.owners) != (self._map.first, self._map.owners):
            self.moves += 1
        self._map = drawn
        self._moved.clear()

    async def _leave_others(self) -> None:
        """Close idle connections to nodes that are gone; one that is at work closes when the map is drawn next."""
        for node, client in list(self._clients.items()):
            if node not in self._map.nodes and node not in self._seeds:
                await client.connection_pool.disconnect(inuse_connections=False)


def _read_node(entry: Sequence[Any], asked: Node) -> Node:
    host, port, *_ = entry
    name = host.decode() if isinstance(host, bytes) else host
    return name or asked[0], int(port)


def _name_within(key: str, first: int, last: int) -> str:
    """Return ``key`` with a hash tag that puts it into one of these slots."""
    names = (f"{key}:{{{number}}}" for number in itertools.count())
    return next(name for name in names if first <= key_slot(name.encode()) <= last)
