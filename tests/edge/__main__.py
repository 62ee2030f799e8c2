"""What the bad inputs cost, as figures: ``python -m tests.edge``."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
import tracemalloc
from collections.abc import Awaitable
from pathlib import Path

from bot.conversation import Conversation
from bot.opening import LiveDialogue, Shelf
from bot.settings import Settings
from bot.stores.memory_store import MemoryStore
from knowledge.build.base import build_base, bundled_reports
from tests.edge.bad_input import PASTE_BYTES, PATIENCE_SECONDS, cases
from tests.edge.guarded import callback_app, raw_request
from tests.fuzz.wire import Wire

ROUNDS = 3


async def measure(wire: Wire) -> None:
    """Send every input and print the figures: CPU of the event loop and how long it was held up first, memory afterwards, for counting costs time."""
    milliseconds: dict[bool, dict[str, float]] = {False: {}, True: {}}
    held_up = 0.0
    for number, (name, make) in enumerate(cases()):
        taken, lags = [], []
        for copy in range(ROUNDS):
            request = raw_request(make(ROUNDS * number + copy))
            before = time.thread_time()
            lags.append(await _longest_turn(wire.exchange(request)))
            taken.append(time.thread_time() - before)
        held_up = max(held_up, min(lags) * 1000)
        is_paste = name.startswith("text: ") and len(request) > PASTE_BYTES
        milliseconds[is_paste][name] = min(taken) * 1000
    for is_paste, kind in ((False, "inputs"), (True, "pasted texts, checked by every rule")):
        figures = milliseconds[is_paste]
        slowest = max(figures, key=lambda name: figures[name])
        print(f"{len(figures)} {kind}: slowest {figures[slowest]:.1f} ms ({slowest})")
    print(f"longest time that others had to wait for a turn of the event loop: {held_up:.1f} ms")
    await _measure_memory(wire)


async def _longest_turn(exchange: Awaitable[object]) -> float:
    """Return the longest turn of the event loop, in seconds, until the exchange is over."""
    longest, going = 0.0, asyncio.ensure_future(exchange)
    while not going.done():
        started = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - started - 0.001)
    return longest


async def _measure_memory(wire: Wire) -> None:
    mebibytes: dict[str, float] = {}
    tracemalloc.start()
    for number, (name, make) in enumerate(cases(), 10_000):
        request = raw_request(make(number))
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        await wire.exchange(request)
        mebibytes[name] = (tracemalloc.get_traced_memory()[1] - before) / 2**20
    tracemalloc.stop()
    largest = max(mebibytes, key=lambda name: mebibytes[name])
    print(f"{len(mebibytes)} in all: largest {mebibytes[largest]:.2f} MiB ({largest})")


async def _run(folder: Path) -> None:
    dialogue = LiveDialogue(Shelf(Settings(knowledge_base=folder)))
    conversation = Conversation(MemoryStore(), dialogue.respond, salt=b"bad input")
    async with Wire(callback_app(conversation), PATIENCE_SECONDS) as wire:
        # The first message that is checked loads the rules.
        await wire.exchange(raw_request(dict(cases())["text: checks, long"](999_999)))
        await measure(wire)


def main() -> None:
    """Build the bundled base, measure and print."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as name:
        shelf = Shelf(Settings(knowledge_base=Path(name)))
        build_base([bundled_reports()], Path(name), shelf.tables, shelf.segmenter)
        asyncio.run(_run(Path(name)))


if __name__ == "__main__":
    main()
