"""Conversations in a real Redis Cluster: slots that move, a master that dies, and the same contract as with one server."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.crc import key_slot
from redis.exceptions import RedisError

from bot.stores.memory_store import MemoryStore
from bot.stores.protocol import Answered, ConversationStore
from bot.stores.redis_address import RedisAddress
from bot.stores.redis_cluster import ClusterLink, SlotMap
from bot.stores.redis_links import Link, open_link
from bot.stores.redis_store import RedisStore
from bot.stores.resilient import ResilientStore
from tests.conftest import RedisServer
from tests.stores import test_store_contract as contract
from tests.stores.bench import KEYS, UNHURRIED, MakeStore, answer, keep, new, until_ready
from tests.stores.flow import LONGEST_SECONDS, flowing, names, until, until_held
from tests.stores.topologies import Cluster


@pytest.fixture(scope="module")
def servers() -> Iterator[Cluster]:
    """Made once: new nodes take two seconds before they serve."""
    started: list[RedisServer] = []

    def start(*options: str) -> RedisServer:
        started.append(RedisServer(Path(tempfile.mkdtemp(prefix="bigan-redis-")), *options))
        started[-1].start()
        return started[-1]

    try:
        yield Cluster(start)
    finally:
        for server in started:
            server.kill()
            shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture
def cluster(servers: Cluster) -> Cluster:
    servers.flush()
    return servers


@pytest.fixture
async def make_store(cluster: Cluster) -> AsyncIterator[MakeStore]:
    made: list[ConversationStore] = []

    def make() -> ConversationStore:
        made.append(RedisStore(cluster.url, KEYS, trip_limit=UNHURRIED))
        return made[-1]

    yield make
    for store in made:
        await store.close()


@pytest.fixture
async def link(cluster: Cluster) -> AsyncIterator[Link]:
    opened = open_link(RedisAddress.parse(cluster.url), UNHURRIED)
    yield opened
    await opened.close()


class TestContract(contract.TestContract):
    """The contract of every store."""


def test_keys_of_one_user_share_a_slot_and_users_are_spread(cluster: Cluster) -> None:
    owners = set()
    for number in range(30):
        keys = KEYS.conversation(f"user {number}", "delivery")
        assert len({cluster.slot(key) for key in keys}) == 1
        assert cluster.slot(keys[0]) == key_slot(keys[0].encode())
        owners.add(cluster.node(keys[0]))
    assert owners == {0, 1, 2}


async def test_every_master_must_take_writes(cluster: Cluster) -> None:
    store = RedisStore(cluster.url, KEYS, trip_limit=UNHURRIED)
    assert await store.ready()
    cluster.servers[2].command("CONFIG", "SET", "maxmemory", "1")
    assert not await store.ready()
    cluster.servers[2].command("CONFIG", "SET", "maxmemory", "0")
    assert await store.ready()
    await store.close()


async def test_link_that_is_closed_opens_nothing_any_more(cluster: Cluster) -> None:
    link = open_link(RedisAddress.parse(cluster.url), UNHURRIED)
    under_way = [asyncio.create_task(link.call(f"{{{number}}}", "GET", f"{{{number}}}")) for number in range(12)]
    await asyncio.gather(*under_way[:1])
    await link.close()
    await asyncio.gather(*under_way, return_exceptions=True)
    with pytest.raises(RedisError):
        await link.call("key", "GET", "key")
    assert isinstance(link, ClusterLink)
    assert link._drawing is None or link._drawing.done()


def user_in(cluster: Cluster, node: int) -> str:
    """Return a user whose keys live on a node."""
    names = (f"user {number}" for number in range(1000))
    return next(name for name in names if cluster.node(KEYS.conversation(name, None)[0]) == node)


async def test_slot_that_has_moved_is_followed_and_its_new_node_is_taught_the_scripts(
    cluster: Cluster, make_store: MakeStore
) -> None:
    store, user = make_store(), user_in(cluster, 1)
    await answer(store, user, "d1", "s1", "r1")
    await keep(store, user, "n1")
    slot = cluster.slot(KEYS.conversation(user, None)[0])
    cluster.migrate(slot, 1, 2)
    try:
        cluster.servers[2].command("SCRIPT", "FLUSH")
        begun = new(await store.begin(user, "d2"))
        assert (begun.session, begun.notebook) == ("s1", "n1")
        await store.finish(begun, "s2", "r2")
        assert await store.begin(user, "d1") == Answered("r1")
        assert await make_store().begin(user, "d2") == Answered("r2")
    finally:
        cluster.migrate(slot, 2, 1)


async def test_key_that_is_on_its_way_is_asked_for_where_it_went(cluster: Cluster, link: Link) -> None:
    slot, source = cluster.slot("key"), cluster.node("key")
    target = (source + 1) % 3
    await link.call("key", "SET", "key", "value")
    cluster.begin_migration(slot, source, target)
    try:
        cluster.move_keys(slot, source, target)
        assert await link.call("key", "GET", "key") == b"value"
        assert await link.call("key", "SET", "key", "newer")
    finally:
        cluster.end_migration(slot, target)
        cluster.migrate(slot, target, source)
    assert await link.call("key", "GET", "key") == b"newer"


async def test_message_waits_for_keys_that_are_on_their_way(cluster: Cluster, make_store: MakeStore) -> None:
    store, user = make_store(), user_in(cluster, 1)
    await answer(store, user, "d1", "s1", "r1")
    slot = cluster.slot(KEYS.conversation(user, None)[0])
    cluster.begin_migration(slot, 1, 2)
    try:
        waiting = asyncio.create_task(store.begin(user, "d2"))
        await asyncio.sleep(0)
        cluster.move_keys(slot, 1, 2)
        assert not waiting.done()
        cluster.end_migration(slot, 2)
        begun = new(await waiting)
        assert begun.session == "s1"
        await store.finish(begun, "s2", "r2")
    finally:
        cluster.migrate(slot, 2, 1)


async def test_node_of_the_address_may_be_away(cluster: Cluster) -> None:
    gone, there = cluster.url.rpartition(":")[0] + ":1", cluster.url.split(",")[1]
    store = RedisStore(f"{gone},{there}", KEYS, trip_limit=UNHURRIED)
    await answer(store, "u", "d", "s", "r")
    await store.close()


async def test_conversations_go_on_while_a_master_dies_its_replica_takes_over_and_gives_back(cluster: Cluster) -> None:
    store = ResilientStore(RedisStore(cluster.url, KEYS), MemoryStore())
    direct = RedisStore(cluster.url, KEYS, trip_limit=UNHURRIED)
    assert {cluster.node(KEYS.conversation(user, None)[0]) for user in names(12)} == {0, 1, 2}
    async with flowing(store, 12) as flow:
        await flow.grow(3)
        cluster.servers[0].kill()
        await until(cluster.has_moved)
        recovery = await until_ready(store)
        await flow.grow(3)
        await asyncio.to_thread(cluster.give_back)
        await flow.grow(3)
    await until_held(direct, flow)
    print(f"slowest message {flow.slowest * 1000:.0f} ms, back {recovery * 1000:.0f} ms after the election")
    assert flow.slowest < LONGEST_SECONDS
    await store.close()
    await direct.close()


async def test_shard_without_a_master_turns_the_check_red_and_costs_nobody_an_answer(cluster: Cluster) -> None:
    store = ResilientStore(RedisStore(cluster.url, KEYS), MemoryStore())
    direct = RedisStore(cluster.url, KEYS, trip_limit=UNHURRIED)
    async with flowing(store, 12) as flow:
        await flow.grow(3)
        cluster.servers[1].stop()
        assert not await store.ready()
        await flow.grow(10)
        cluster.servers[1].resume()
        await until_ready(store)
        await flow.grow(3)
    await until_held(direct, flow)
    assert flow.slowest < LONGEST_SECONDS
    await store.close()
    await direct.close()


class TestSlotMap:
    REPLY = ([0, 5, [b"a", 1, b"id", []], [b"r", 2, b"id", []]], [6, 16383, [b"", 3, b"id"]])

    def test_owner_is_found_and_replicas_are_known(self) -> None:
        drawn = SlotMap.read(self.REPLY, ("asked", 9))
        assert [drawn.owner(slot) for slot in (0, 5, 6, 16383)] == [("a", 1)] * 2 + [("asked", 3)] * 2
        assert drawn.nodes == {("a", 1), ("r", 2), ("asked", 3)}
        assert drawn.is_complete

    def test_slot_without_an_owner_shows(self) -> None:
        drawn = SlotMap.read((self.REPLY[0],), ("asked", 9))
        assert drawn.owner(6) is None
        assert SlotMap().owner(0) is None
        assert not drawn.is_complete
