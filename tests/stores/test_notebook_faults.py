"""Nothing that was kept gets lost or comes back while Redis is away, comes back, or comes back with something older."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.stores.memory_store import MemoryStore
from bot.stores.protocol import ConversationStore, New
from bot.stores.reconciling import Reconciler
from bot.stores.redis_store import RedisStore
from bot.stores.resilient import ResilientStore
from handlers.notebook import Line, Notebook, Profile
from tests.proxy import Mode
from tests.redis_faults import Act
from tests.stores.bench import KEYS, RECOVERY_SECONDS, Bench, keep, kept, new, say, until_ready

NOTEBOOK = KEYS.conversation("u", None)[2]


def notebook(*texts: str, unit: str | None = None) -> Notebook:
    return Notebook(Profile(unit), tuple(Line(text) for text in texts))


def stored(*texts: str) -> str:
    return notebook(*texts).to_json()


async def favourites(store: ConversationStore, user: str = "u") -> list[str]:
    """Return the texts kept, as the next message of the user would find them."""
    return [line.text for line in Notebook.from_json(await kept(store, user)).favourites]


async def add(store: ConversationStore, text: str, user: str = "u") -> None:
    """Take one turn that keeps one more favourite."""
    begun = new(await store.begin(user, None))
    before = Notebook.from_json(begun.notebook)
    after = replace(before, favourites=(*before.favourites, Line(text)))
    await store.finish(begun, "s", None, after.to_json())


async def until_redis_keeps(bench: Bench, *texts: str, user: str = "u") -> None:
    """Look at Redis alone until it holds exactly these."""
    async with asyncio.timeout(RECOVERY_SECONDS):
        while True:
            if await favourites(bench.direct, user) == list(texts):
                return
            await asyncio.sleep(0.01)


async def test_what_is_kept_during_a_fault_reaches_redis_after_it(bench: Bench, fault: tuple[Act, Act]) -> None:
    breaks, mends = fault
    await add(bench.store, "甲")
    await breaks(bench)
    for text in "乙丙":
        await add(bench.store, text)
    assert await favourites(bench.store) == ["甲", "乙", "丙"]
    await mends(bench)
    await until_ready(bench.store)
    await until_redis_keeps(bench, "甲", "乙", "丙")
    await add(bench.store, "丁")
    await until_redis_keeps(bench, "甲", "乙", "丙", "丁")


async def test_fault_between_begin_and_finish_loses_nothing(bench: Bench, fault: tuple[Act, Act]) -> None:
    breaks, mends = fault
    await add(bench.store, "甲")
    begun = new(await bench.store.begin("u", "d"))
    await breaks(bench)
    await bench.store.finish(begun, "s", "r", stored("甲", "乙"))
    assert await favourites(bench.store) == ["甲", "乙"]
    await mends(bench)
    await until_ready(bench.store)
    await until_redis_keeps(bench, "甲", "乙")


async def test_deletion_during_a_fault_is_a_deletion_after_it(bench: Bench, fault: tuple[Act, Act]) -> None:
    breaks, mends = fault
    await add(bench.store, "甲")
    await breaks(bench)
    await bench.store.finish(new(await bench.store.begin("u", None)), "", None, "")
    assert await favourites(bench.store) == []
    await mends(bench)
    await until_ready(bench.store)
    await until_redis_keeps(bench)
    begun = new(await bench.store.begin("u", None))
    assert (begun.session, begun.notebook) == (None, None)


async def test_process_that_never_saw_the_notebook_adds_to_it_instead_of_replacing_it(bench: Bench) -> None:
    await keep(bench.direct, "u", notebook("甲", "乙", unit="市住建局").to_json())
    bench.proxy.switch(Mode.RESET)
    assert await favourites(bench.store) == [], "it can't be read now"
    await add(bench.store, "丙")
    bench.proxy.switch(Mode.OPEN)
    await until_ready(bench.store)
    await until_redis_keeps(bench, "甲", "乙", "丙")
    assert Notebook.from_json(await kept(bench.store, "u")).profile == Profile("市住建局")


async def test_what_another_worker_kept_meanwhile_stays_beside_ours(bench: Bench) -> None:
    await add(bench.store, "甲")
    await add(bench.store, "旧")
    bench.proxy.switch(Mode.RESET)
    await keep(bench.store, "u", stored("甲", "我的"))
    await add(bench.direct, "他的")
    bench.proxy.switch(Mode.OPEN)
    await until_ready(bench.store)
    await until_redis_keeps(bench, "甲", "他的", "我的")
    assert await favourites(bench.store) == ["甲", "他的", "我的"]


async def test_message_that_comes_before_redis_has_caught_up_finds_both(bench: Bench) -> None:
    await add(bench.store, "甲")
    bench.proxy.switch(Mode.RESET)
    await add(bench.store, "我的")
    await add(bench.direct, "他的")
    bench.proxy.switch(Mode.OPEN)
    await bench.store.ready()
    assert await favourites(bench.store) == ["甲", "他的", "我的"]
    await say(bench.store, "u", 1)
    await until_redis_keeps(bench, "甲", "他的", "我的")


async def test_two_workers_cut_off_together_both_keep_what_they_were_given(bench: Bench) -> None:
    second = ResilientStore(RedisStore(bench.proxy.url, KEYS), MemoryStore())
    await add(bench.store, "甲")
    await add(second, "乙")
    bench.proxy.switch(Mode.RESET)
    await add(bench.store, "一")
    await add(second, "二")
    bench.proxy.switch(Mode.OPEN)
    await until_ready(bench.store)
    await until_redis_keeps(bench, "甲", "乙", "一")
    await until_ready(second)
    await until_redis_keeps(bench, "甲", "乙", "一", "二")
    await second.close()


async def test_deletion_during_an_outage_covers_what_another_worker_kept_before_it(bench: Bench) -> None:
    await add(bench.store, "甲")
    await add(bench.direct, "他的")
    bench.proxy.switch(Mode.RESET)
    await keep(bench.store, "u", "")
    await add(bench.store, "后来")
    bench.proxy.switch(Mode.OPEN)
    await until_ready(bench.store)
    await until_redis_keeps(bench, "后来")


async def test_deletion_at_another_worker_during_an_outage_leaves_only_what_was_added_here(bench: Bench) -> None:
    await add(bench.store, "甲")
    bench.proxy.switch(Mode.RESET)
    await add(bench.store, "后来")
    await keep(bench.direct, "u", "")
    bench.proxy.switch(Mode.OPEN)
    await until_ready(bench.store)
    await until_redis_keeps(bench, "后来")


async def test_reading_during_an_outage_does_not_make_an_old_copy_newer(bench: Bench) -> None:
    await add(bench.store, "甲")
    bench.proxy.switch(Mode.RESET)
    await say(bench.store, "u", 1)
    await keep(bench.direct, "u", stored("他的"))
    bench.proxy.switch(Mode.OPEN)
    await until_ready(bench.store)
    assert await favourites(bench.store) == ["他的"]
    await say(bench.store, "u", 2)
    await until_redis_keeps(bench, "他的")


async def test_redis_that_lost_its_last_writes_is_given_them_again(bench: Bench) -> None:
    await add(bench.store, "甲")
    older = await bench.admin.get(NOTEBOOK)
    await add(bench.store, "乙")
    for lost in (older, None):
        await (bench.admin.set(NOTEBOOK, lost) if lost else bench.admin.delete(NOTEBOOK))
        assert await favourites(bench.store) == ["甲", "乙"]
        await say(bench.store, "u", 1 if lost else 2)
        await until_redis_keeps(bench, "甲", "乙")


async def test_long_outage_does_not_outlive_what_was_kept_in_it(bench: Bench) -> None:
    """A session in memory ends after two hours; the notebook that waits for Redis does not."""
    now = [0.0]
    store = ResilientStore(RedisStore(bench.proxy.url, KEYS), MemoryStore(clock=lambda: now[0]))
    bench.proxy.switch(Mode.RESET)
    await add(store, "甲")
    now[0] = 30 * 86_400.0
    bench.proxy.switch(Mode.OPEN)
    await until_ready(store)
    await until_redis_keeps(bench, "甲")
    await store.close()


async def test_reply_answered_elsewhere_does_not_keep_the_notebook_from_redis(bench: Bench) -> None:
    bench.proxy.switch(Mode.RESET)
    begun = new(await bench.store.begin("u", "d"))
    await bench.store.finish(begun, "s", "r", stored("我的"))
    await bench.direct.finish(new(await bench.direct.begin("u", "d")), "s", "r of another worker")
    bench.proxy.switch(Mode.OPEN)
    await until_ready(bench.store)
    await until_redis_keeps(bench, "我的")


class TestReconciler:
    NOW = 1_800_000_000.0

    @pytest.mark.parametrize(("age", "counts"), [(10.0, True), (3599.0, True), (3601.0, False), (86_400.0, False)])
    def test_copy_that_redis_does_not_have_counts_while_a_deletion_would_still_show(
        self, age: float, counts: bool
    ) -> None:
        reconciler = Reconciler(wall_clock=lambda: self.NOW)
        local = New("u", None, None, "t", notebook="n", notebook_saved_at=self.NOW - age)
        begun, missing = reconciler.reconcile(local, New("u", None, None, "t"))
        assert (begun.notebook, missing) == (("n", "n") if counts else (None, None))

    def test_deletion_that_shows_counts_over_any_older_copy(self) -> None:
        reconciler = Reconciler(wall_clock=lambda: self.NOW)
        local = New("u", None, None, "t", notebook="n", notebook_saved_at=self.NOW - 10)
        begun, missing = reconciler.reconcile(local, New("u", None, None, "t", notebook_saved_at=self.NOW - 9))
        assert (begun.notebook, begun.notebook_saved_at, missing) == (None, self.NOW - 9, None)
