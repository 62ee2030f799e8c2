"""A conversation in which every message depends on the one before, and what it says and leaves when nothing breaks.

Whatever is lost, repeated or overwritten on the way shows in a reply: the next page is another one, a number is off by
one, a line is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.conversation import Conversation, Respond
from bot.stores.memory_store import MemoryStore
from handlers.dialogue import Message
from handlers.notebook import Notebook

ROUNDS = 12

_COUNT = "一二三四五六七八九十甲乙"

SCRIPT = (
    "主体责任例句",
    *(
        text
        for number in range(1, ROUNDS + 1)
        for text in (
            "更多",
            f"收藏{3 * number + 1}",
            f"加入草稿：第{_COUNT[number - 1]}次专题学习，讨论了身边的事。",
        )
    ),
    "我的收藏",
    "看看草稿",
)
"""What every user says, in this order."""


@dataclass(frozen=True, slots=True)
class Step:
    """One message, the reply to it, and the notebook after it."""

    text: str
    reply: str
    notebook: Notebook


async def rehearse(respond: Respond) -> tuple[Step, ...]:
    """Hold the conversation where nothing can break."""
    store = MemoryStore()
    conversation = Conversation(store, respond, salt=b"rehearsal")
    steps = []
    for number, text in enumerate(SCRIPT):
        message = Message("wecom", "user", text, datetime.now(UTC), delivery=str(number))
        reply = await conversation.receive(message)
        begun = await store.begin("wecom:user", None)
        await store.abandon(begun)  # type: ignore[arg-type]  # nobody else is there, so it is New
        steps.append(Step(text, reply or "", Notebook.from_json(begun.notebook)))  # type: ignore[union-attr]  # the same
    return tuple(steps)
