"""How long the dialogue takes for a message: ``python -m benchmarks.dialogue [FILE]``.

Understanding, search and wording together, for every message of the scripted conversations (or of FILE, one JSON object
with ``text`` per line), each asked afresh in a session of its own, and for input that means to be slow. Milliseconds.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from bot.commands.shared import open_shelf
from bot.rendering import render
from handlers.dialogue import Message, Session
from handlers.routing import Dialogue

ROUNDS = 5
CONVERSATIONS = Path(__file__).parent.parent / "tests" / "conversations"
NOW = datetime(2026, 11, 20, tzinfo=UTC)

HOSTILE = {
    "5 000 characters": "党建工作要抓实抓细，" * 500,
    "5 000 different": "".join(chr(0x4E00 + n * 7 % 20_000) for n in range(5_000)),
    "2 000 ordinals": "一是" * 2_000,
    "2 000 numbers": "".join(f"{n}、" for n in range(2_000)),
    "nested brackets": "（" * 2_500 + "）" * 2_500,
    "nested quotes": "“" * 2_500 + "”" * 2_500,
    "check: 5 000": "检查：" + "深入学习贯彻党的二十大精神，一是抓学习。" * 240,
    "one long word": "a" * 5_000,
    "digits": "1" * 5_000,
    "blank": " " * 5_000,
    "slots": "【X次】" * 1_000,
    "commands": "提纲例句小标题" * 600,
}


def messages(file: Path | None) -> list[str]:
    """Return the messages to measure with."""
    if file is not None:
        return [json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    entries = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(CONVERSATIONS.glob("*.toml"))]
    return [step["say"] for entry in entries for one in entry["conversation"] for step in one["turn"] if "say" in step]


def measure(dialogue: Dialogue, text: str) -> float:
    """Return the milliseconds one message takes, with rendering."""
    started = time.perf_counter()
    turn = dialogue.respond(Message("bench", "u", text, NOW), Session())
    if turn.reply is not None:
        render(turn.reply)
    turn.session.to_json()
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Measure and print."""
    shelf = open_shelf()
    library = shelf.library(shelf.open())
    library.load()
    texts = messages(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    first = sorted(measure(Dialogue(library, shelf.grammar), text) for text in texts)
    dialogue = Dialogue(library, shelf.grammar)
    again = sorted(measure(dialogue, text) for _ in range(ROUNDS) for text in texts)
    for name, times in (("first time", first), ("again", again)):
        p99 = times[int(0.99 * len(times))]
        print(
            f"{name:12} {len(times)} messages: p50 {statistics.median(times):.2f} p99 {p99:.2f} max {times[-1]:.2f} ms"
        )
    for name, text in HOSTILE.items():
        print(f"{name:18} {min(measure(dialogue, text) for _ in range(3)):.1f} ms")


if __name__ == "__main__":
    main()
