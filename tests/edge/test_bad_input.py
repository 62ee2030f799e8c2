"""What bad input costs: milliseconds of the event loop and a few megabytes, whatever it is."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import AsyncIterator

import pytest

from bot.conversation import Conversation
from bot.stores.memory_store import MemoryStore
from handlers.routing import Dialogue
from tests.edge.bad_input import PASTE_BYTES, PATIENCE_SECONDS, cases
from tests.edge.guarded import callback_app, raw_request
from tests.fuzz.wire import Wire

BLOCK_SECONDS = 0.02
COPIES = 5
MEMORY_BYTES = 8 * 1024 * 1024


@pytest.fixture
async def wire(dialogue: Dialogue) -> AsyncIterator[Wire]:
    conversation = Conversation(MemoryStore(), dialogue.respond, salt=b"bad input")
    async with Wire(callback_app(conversation), PATIENCE_SECONDS) as wire:
        yield wire


def test_there_are_more_than_two_hundred_and_none_twice() -> None:
    names = [name for name, _ in cases()]
    assert len(names) == len(set(names)) > 200


async def test_no_input_holds_the_event_loop_up(wire: Wire) -> None:
    slow: dict[str, float] = {}
    for number, (name, make) in enumerate(cases()):
        taken = []
        # Several messages alike: what a shared processor loses to other programs is not what the input costs.
        for copy in range(COPIES):
            request = raw_request(make(COPIES * number + copy))
            before = time.thread_time()
            answer = await wire.exchange(request)
            taken.append(time.thread_time() - before)
            assert answer.split()[1] in {b"200", b"403", b"413"}, name
            if copy and min(taken) <= BLOCK_SECONDS:
                break
        else:
            slow[name] = round(min(taken) * 1000, 1)
    assert not slow
    assert wire.failures == []


async def test_no_input_takes_much_memory(wire: Wire) -> None:
    # Counting allocations takes its time: of the long texts every eighth, and the ones that took most.
    hungry = {"text: letters, long", "text: straight quotes, long", "text: nested brackets"}
    large: dict[str, float] = {}
    tracemalloc.start()
    try:
        for number, (name, make) in enumerate(cases(), 10_000):
            request = raw_request(make(number))
            if name.startswith("text: ") and len(request) > PASTE_BYTES and number % 8 and name not in hungry:
                continue
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            await wire.exchange(request)
            _, peak = tracemalloc.get_traced_memory()
            if peak - before > MEMORY_BYTES:
                large[name] = round((peak - before) / 2**20, 1)
    finally:
        tracemalloc.stop()
    assert not large
