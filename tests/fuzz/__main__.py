"""Fuzz the callback for long: ``python -m tests.fuzz --count 1000000 [--first 0] [--processes 2] [--dialogue]``.

With ``--dialogue`` messages that get through are answered by the real dialogue over the bundled reports, which is slower.
Exits with 1 where anything was answered as it must not be; a seed makes the same request again.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bot.conversation import Conversation
from bot.edge.rates import Receiver
from bot.opening import LiveDialogue, Shelf
from bot.settings import Settings
from bot.stores.memory_store import MemoryStore
from knowledge.build.base import build_base, bundled_reports
from tests.fuzz.campaign import Outcome, run_campaign
from tests.wecom.peer import RecordingReceiver

CHUNK = 20_000


def run_chunk(first: int, count: int, base: Path | None) -> Outcome:
    """Run some of the requests in a process of the pool."""
    logging.disable(logging.WARNING)
    return asyncio.run(run_campaign(first, count, _receiver(base)))


def _receiver(base: Path | None) -> Receiver:
    if base is None:
        return RecordingReceiver()
    dialogue = LiveDialogue(Shelf(Settings(knowledge_base=base)))
    return Conversation(MemoryStore(), dialogue.respond, salt=b"fuzz")


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--dialogue", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        base = _build(Path(folder)) if arguments.dialogue else None
        last = arguments.first + arguments.count
        chunks = [(first, min(CHUNK, last - first)) for first in range(arguments.first, last, CHUNK)]
        with ProcessPoolExecutor(arguments.processes) as pool:
            outcomes = list(pool.map(run_chunk, *zip(*chunks, strict=True), [base] * len(chunks)))
    statuses: Counter[int] = sum((outcome.statuses for outcome in outcomes), Counter())
    layers: Counter[str] = sum((outcome.layers for outcome in outcomes), Counter())
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    busy = sum(outcome.seconds for outcome in outcomes)
    print(f"{statuses.total()} requests, {statuses.total() / busy:.0f} a second and process")
    print("statuses (0: waits for more):", dict(sorted(statuses.items())))
    print("layers:", dict(sorted(layers.items())))
    for finding in findings[:50]:
        print(finding)
    print(f"{len(findings)} findings")
    sys.exit(bool(findings))


def _build(folder: Path) -> Path:
    shelf = Shelf(Settings(knowledge_base=folder))
    build_base([bundled_reports()], folder, shelf.tables, shelf.segmenter)
    return folder


if __name__ == "__main__":
    main()
