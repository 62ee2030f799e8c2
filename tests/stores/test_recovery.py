"""Redis comes back: with less than it was given, with something damaged, or while nobody says anything."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.stores.merging import is_damaged
from bot.stores.protocol import Answered
from bot.stores.redis_store import RedisStore
from handlers.notebook import Line, Notebook
from tests.proxy import Mode
from tests.stores.bench import KEYS, RECOVERY_SECONDS, UNHURRIED, Bench, answer, keep, kept, new, say, until_ready

LOCK, SESSION, NOTEBOOK, DELIVERY = KEYS.conversation("u", "d")


def stored(*texts: str) -> str:
    return Notebook(favourites=tuple(Line(text) for text in texts)).to_json()


async def until_redis_has(bench: Bench, notebook: str, user: str = "u") -> None:
    """Look at Redis alone; nothing is said to the store under test."""
    async with asyncio.timeout(RECOVERY_SECONDS):
        while await kept(bench.direct, user) != notebook:  # noqa: ASYNC110 - another process holds it
            await asyncio.sleep(0.01)


async def test_what_was_missed_is_written_though_nobody_says_anything_more(bench: Bench) -> None:
    bench.proxy.switch(Mode.RESET)
    begun = new(await bench.store.begin("u", "d"))
    await bench.store.finish(begun, "s", "r", stored("甲"))
    bench.proxy.switch(Mode.OPEN)
    await until_redis_has(bench, stored("甲"))
    assert await bench.direct.begin("u", "d") == Answered("r")


async def test_process_that_ends_writes_what_redis_missed(bench: Bench) -> None:
    await say(bench.store, "u", 1)
    bench.proxy.switch(Mode.RESET)
    await keep(bench.store, "u", stored("甲"))
    bench.proxy.switch(Mode.OPEN)
    await bench.store.close()
    assert await kept(bench.direct, "u") == stored("甲")


async def test_process_that_ends_while_redis_is_away_says_what_is_lost(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.proxy.switch(Mode.HOLE)
    await keep(bench.store, "u", stored("甲"))
    caplog.clear()
    async with asyncio.timeout(RECOVERY_SECONDS):
        await bench.store.close()
    assert "memory is lost now" in caplog.text


@pytest.mark.parametrize("resilient", [False, True], ids=["redis", "resilient"])
async def test_crash_in_the_middle_of_a_turn_does_not_take_the_turn_away(bench: Bench, resilient: bool) -> None:
    store = bench.store if resilient else RedisStore(bench.server.url, KEYS, trip_limit=UNHURRIED)
    begun = new(await store.begin("u", "d"))
    bench.server.kill()
    bench.server.start()
    await until_ready(store)
    assert await store.finish(begun, "s", "r", stored("甲"))
    await until_redis_has(bench, stored("甲"))
    assert await store.begin("u", "d") == Answered("r")
    if not resilient:
        await store.close()


async def test_lock_that_expired_without_anybody_taking_it_costs_nothing(bench: Bench) -> None:
    await answer(bench.direct, "u", None, "s0", None)
    begun = new(await bench.direct.begin("u", "d"))
    await bench.admin.delete(LOCK, DELIVERY)
    assert await bench.direct.finish(begun, "s1", "r")
    assert new(await bench.direct.begin("u", None)).session == "s1"


@pytest.mark.parametrize("saves", [True, False])
async def test_lock_that_expired_and_was_taken_does(bench: Bench, saves: bool) -> None:
    await answer(bench.direct, "u", None, "s0", None)
    other = RedisStore(bench.server.url, KEYS, trip_limit=UNHURRIED)
    begun = new(await bench.direct.begin("u", "d"))
    await bench.admin.delete(LOCK, DELIVERY)
    taken = new(await other.begin("u", "d2"))
    if saves:
        await asyncio.sleep(0.002)
        await other.finish(taken, "s of the other", "r")
    assert not await bench.direct.finish(begun, "s1", "r")
    await other.abandon(taken)
    assert new(await other.begin("u", None)).session == ("s of the other" if saves else "s0")
    await other.close()


async def test_redis_that_comes_back_with_something_older_overwrites_nothing(bench: Bench) -> None:
    """A replica that lagged takes over, or the last second of a crash is gone, and meanwhile the user went on."""
    await keep(bench.store, "u", stored("甲"))
    older = await bench.admin.get(NOTEBOOK)
    await keep(bench.store, "u", stored("甲", "乙"))
    bench.proxy.switch(Mode.RESET)
    await keep(bench.store, "u", stored("甲", "乙", "丙"))
    await bench.admin.set(NOTEBOOK, older or b"")
    bench.proxy.switch(Mode.OPEN)
    await until_redis_has(bench, stored("甲", "乙", "丙"))
    assert await kept(bench.store, "u") == stored("甲", "乙", "丙")


async def test_notebook_saved_just_before_an_outage_is_given_again_though_its_user_stays_away(bench: Bench) -> None:
    await keep(bench.store, "u", stored("甲"))
    bench.server.kill()
    await say(bench.store, "somebody else", 1)
    bench.server.start()
    await until_ready(bench.store)
    await until_redis_has(bench, stored("甲"))


async def test_notebook_that_another_worker_changed_since_is_left_alone(bench: Bench) -> None:
    await keep(bench.store, "u", stored("甲"))
    await keep(bench.direct, "u", stored("他的"))
    bench.proxy.switch(Mode.RESET)
    await say(bench.store, "somebody else", 1)
    bench.proxy.switch(Mode.OPEN)
    await until_ready(bench.store)
    async with asyncio.timeout(RECOVERY_SECONDS):
        while new(begun := await bench.direct.begin("somebody else", None)).session is None:
            await bench.direct.abandon(new(begun))
    assert await kept(bench.direct, "u") == stored("他的")


DAMAGED = {
    "cut off": stored("甲")[:-9],
    "other bytes": "ÿþ\x00" * 20,
    "of another shape": json.dumps({"format": 1, "favourites": "甲"}),
}


@pytest.mark.parametrize("value", DAMAGED.values(), ids=DAMAGED.keys())
async def test_damaged_notebook_does_not_replace_a_whole_copy(bench: Bench, value: str) -> None:
    await keep(bench.store, "u", stored("甲"))
    stamp = int((await bench.admin.get(NOTEBOOK) or b"0").split()[0])
    for number, damaged in enumerate((value, f"{stamp} {value}", f"{stamp + 10_000_000} {value}")):
        await bench.admin.set(NOTEBOOK, damaged)
        assert await kept(bench.store, "u") == stored("甲")
        await say(bench.store, "u", number)
        assert await kept(bench.direct, "u") == stored("甲")


async def test_damaged_notebook_is_damaged_and_one_of_another_version_is_not() -> None:
    assert all(map(is_damaged, DAMAGED.values()))
    assert not is_damaged(stored("甲"))
    assert not is_damaged(json.dumps({"format": 2, "pages": []}))


@pytest.mark.parametrize(("at_most", "compares"), [(60.0, False), (0.0, True)], ids=["a hiccup", "an outage"])
async def test_redis_that_was_only_slow_for_a_moment_is_not_compared_with_memory(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, at_most: float, compares: bool
) -> None:
    monkeypatch.setattr("bot.stores.resilient.HICCUP_SECONDS", at_most)
    await keep(bench.store, "u", stored("甲"))
    await bench.admin.delete(SESSION, NOTEBOOK)
    bench.proxy.switch(Mode.HOLE)
    await say(bench.store, "another", 1)
    bench.proxy.switch(Mode.OPEN)
    await until_ready(bench.store)
    if compares:
        await until_redis_has(bench, stored("甲"))
    else:
        await say(bench.store, "another", 2)
        assert await kept(bench.direct, "u") is None


async def test_process_that_has_just_started_waits_a_moment_for_redis_before_it_answers_as_if_it_knew_nobody(
    bench: Bench,
) -> None:
    await answer(bench.direct, "u", None, "what we talked about", None)
    bench.proxy.switch(Mode.RESET)
    asyncio.get_running_loop().call_later(0.2, bench.proxy.switch, Mode.OPEN)
    assert new(await bench.store.begin("u", "d")).session == "what we talked about"


async def test_process_that_has_just_started_does_not_wait_for_ever(bench: Bench) -> None:
    bench.proxy.switch(Mode.HOLE)
    async with asyncio.timeout(RECOVERY_SECONDS):
        assert new(await bench.store.begin("u", "d")).session is None
        assert new(await bench.store.begin("another", "d")).session is None
