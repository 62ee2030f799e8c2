"""The contract of conversation stores, run over every one of them."""

from __future__ import annotations

import asyncio

import pytest

from bot.stores.memory_store import MemoryStore
from bot.stores.protocol import Answered, Busy, ConversationStore, Lifetimes, Running
from tests.stores.bench import MakeStore, answer, new

PATIENCE = 0.25


class TestContract:
    async def test_new_user_has_no_session(self, make_store: MakeStore) -> None:
        store = make_store()
        begun = new(await store.begin("u", "d"))
        assert (begun.user, begun.delivery, begun.session) == ("u", "d", None)
        await store.abandon(begun)

    async def test_next_message_finds_the_session(self, make_store: MakeStore) -> None:
        store = make_store()
        await answer(store, "u", "d1", '{"a":"会话"}', "一")
        begun = new(await store.begin("u", "d2"))
        assert begun.session == '{"a":"会话"}'
        assert begun.saved_at > 0
        await store.abandon(begun)

    async def test_users_do_not_see_each_other(self, make_store: MakeStore) -> None:
        store = make_store()
        await answer(store, "u", "d", "session of u", "reply to u")
        begun = new(await store.begin("v", "d"))
        assert begun.session is None
        await store.abandon(begun)

    @pytest.mark.parametrize("reply", ["答复 “更多”\n第二行", "", None])
    async def test_redelivered_message_gets_the_same_reply(self, make_store: MakeStore, reply: str | None) -> None:
        store = make_store()
        await answer(store, "u", "d", "s", reply)
        assert [await store.begin("u", "d") for _ in range(3)] == [Answered(reply)] * 3

    async def test_replay_leaves_the_session_alone_and_the_user_free(self, make_store: MakeStore) -> None:
        store = make_store()
        await answer(store, "u", "d1", "s1", "r1")
        await answer(store, "u", "d2", "s2", "r2")
        assert await store.begin("u", "d1") == Answered("r1")
        begun = new(await store.begin("u", "d3"))
        assert begun.session == "s2"
        await store.abandon(begun)

    async def test_delivery_sent_three_times_at_once_is_processed_once(self, make_store: MakeStore) -> None:
        store = make_store()
        processed = 0

        async def deliver() -> str | None:
            nonlocal processed
            begun = await store.begin("u", "d")
            if isinstance(begun, Answered):
                return begun.reply
            processed += 1
            await asyncio.sleep(0)
            await store.finish(new(begun), "s", f"reply {processed}")
            return f"reply {processed}"

        assert await asyncio.gather(*(deliver() for _ in range(3))) == ["reply 1"] * 3
        assert processed == 1

    async def test_copy_of_a_running_delivery_gives_up_after_its_patience(self, make_store: MakeStore) -> None:
        store = make_store()
        begun = new(await store.begin("u", "d"))
        assert await store.begin("u", "d", PATIENCE) == Running()
        await store.finish(begun, "s", "r")
        assert await store.begin("u", "d") == Answered("r")

    async def test_abandoned_delivery_is_processed_by_its_copy(self, make_store: MakeStore) -> None:
        store = make_store()
        await answer(store, "u", "d0", "s0", "r0")
        begun = new(await store.begin("u", "d"))
        copies = [asyncio.create_task(store.begin("u", "d")) for _ in range(2)]
        await asyncio.sleep(0)
        await store.abandon(begun)
        done, _ = await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        second = new(done.pop().result())
        assert second.session == "s0"
        await store.finish(second, "s", "r")
        results = await asyncio.gather(*copies)
        assert sorted(map(repr, results)) == sorted([repr(second), repr(Answered("r"))])

    async def test_second_message_of_a_user_waits_for_the_first(self, make_store: MakeStore) -> None:
        store = make_store()
        first = new(await store.begin("u", "d1"))
        second = asyncio.create_task(store.begin("u", "d2"))
        await asyncio.sleep(0)
        other = new(await store.begin("v", "d3"))
        await store.abandon(other)
        assert not second.done()
        await store.finish(first, "written before the second began", "r")
        begun = new(await second)
        assert begun.session == "written before the second began"
        await store.abandon(begun)

    async def test_waiting_message_gives_up_after_its_patience_and_can_come_again(self, make_store: MakeStore) -> None:
        store = make_store()
        first = new(await store.begin("u", "d1"))
        assert await store.begin("u", "d2", PATIENCE) == Busy()
        await store.finish(first, "s", "r")
        second = new(await store.begin("u", "d2"))
        assert second.session == "s"
        await store.abandon(second)

    async def test_fifty_messages_at_once_keep_their_order_and_lose_nothing(self, make_store: MakeStore) -> None:
        store = make_store()

        async def message(number: int) -> None:
            begun = new(await store.begin("u", f"d{number}"))
            await asyncio.sleep(0)
            await store.finish(begun, f"{begun.session or ''}{number} ", str(number))

        await asyncio.gather(*(message(number) for number in range(50)))
        begun = new(await store.begin("u", None))
        assert begun.session == "".join(f"{number} " for number in range(50))
        await store.abandon(begun)

    async def test_message_without_delivery_is_never_a_copy(self, make_store: MakeStore) -> None:
        store = make_store()
        await answer(store, "u", None, "s1", "r")
        begun = new(await store.begin("u", None))
        assert begun.session == "s1"
        await store.abandon(begun)

    async def test_ending_a_turn_twice_does_nothing(self, make_store: MakeStore) -> None:
        store = make_store()
        begun = new(await store.begin("u", "d"))
        await store.finish(begun, "s1", "r1")
        second = new(await store.begin("u", "d2"))
        await store.finish(begun, "s2", "r2")
        await store.abandon(begun)
        assert second.session == "s1"
        await store.finish(second, "s3", None)
        assert await store.begin("u", "d") == Answered("r1")

    async def test_cancelled_message_leaves_the_user_free(self, make_store: MakeStore) -> None:
        store = make_store()
        first = new(await store.begin("u", "d1"))
        waiting = asyncio.create_task(store.begin("u", "d2"))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await store.finish(first, "s", "r")
        begun = new(await store.begin("u", "d2"))
        assert begun.session == "s"
        await store.abandon(begun)

    @pytest.mark.parametrize("strange", ["\x00", "用户\ud800", "a" * 10_000, "{}", "bigan:*"])
    async def test_any_user_and_delivery_id_is_kept_apart(self, make_store: MakeStore, strange: str) -> None:
        store = make_store()
        await answer(store, strange, strange, "s", "r")
        assert await store.begin(strange, strange) == Answered("r")
        begun = new(await store.begin(strange + "x", strange))
        assert begun.session is None
        await store.abandon(begun)

    async def test_store_at_work_is_ready(self, make_store: MakeStore) -> None:
        assert await make_store().ready()


@pytest.mark.parametrize("make_store", ["redis", "resilient"], indirect=True)
class TestTwoWorkers:
    async def test_share_sessions_and_replies(self, make_store: MakeStore) -> None:
        one, two = make_store(), make_store()
        await answer(one, "u", "d1", "s1", "r1")
        assert await two.begin("u", "d1") == Answered("r1")
        await answer(two, "u", "d2", "s2", "r2")
        begun = new(await one.begin("u", "d3"))
        assert begun.session == "s2"
        await one.abandon(begun)

    async def test_wait_for_each_other(self, make_store: MakeStore) -> None:
        one, two = make_store(), make_store()
        begun = new(await one.begin("u", "d1"))
        assert await two.begin("u", "d1", PATIENCE) == Running()
        assert await two.begin("u", "d2", PATIENCE) == Busy()
        joined = asyncio.create_task(two.begin("u", "d1"))
        await one.finish(begun, "s", "r")
        assert await joined == Answered("r")

    async def test_process_a_delivery_once_and_lose_no_message(self, make_store: MakeStore) -> None:
        workers = [make_store(), make_store()]
        processed: list[int] = []

        async def deliver(worker: ConversationStore, number: int) -> str | None:
            begun = await worker.begin("u", f"d{number}")
            if isinstance(begun, Answered):
                return begun.reply
            processed.append(number)
            await worker.finish(new(begun), f"{new(begun).session or ''}{number} ", str(number))
            return str(number)

        copies = [deliver(workers[copy % 2], number) for number in range(12) for copy in range(3)]
        replies = await asyncio.gather(*copies)
        assert replies == [str(number) for number in range(12) for _ in range(3)]
        assert sorted(processed) == list(range(12))
        begun = new(await workers[0].begin("u", None))
        assert begun.session is not None
        assert sorted(begun.session.split(), key=int) == [str(number) for number in range(12)]
        await workers[0].abandon(begun)


class TestMemory:
    async def test_session_and_reply_end_after_their_lifetimes(self) -> None:
        now = [0.0]
        store = MemoryStore(lifetimes=Lifetimes(session=100, reply=10), clock=lambda: now[0])
        await answer(store, "u", "d", "s", "r")
        now[0] = 9.9
        assert await store.begin("u", "d") == Answered("r")
        now[0] = 10.0
        begun = new(await store.begin("u", "d"))
        assert begun.session == "s"
        await store.abandon(begun)
        now[0] = 100.0
        assert new(await store.begin("u", "d")).session is None

    async def test_least_recently_used_session_goes_first(self) -> None:
        store = MemoryStore(capacity=2)
        for user in ("a", "b"):
            await answer(store, user, None, f"session of {user}", None)
        await store.abandon(new(await store.begin("a", None)))
        await answer(store, "c", None, "session of c", None)
        sessions = [new(await store.begin(user, None)).session for user in ("a", "b", "c")]
        assert sessions == ["session of a", None, "session of c"]
