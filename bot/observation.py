"""What became of one message, for those who count: metrics and usage.

An observation stays inside the process. It holds the message and the turn so that whoever counts can look at them; what is
counted is an intent, a fixed word or a name from the tables, never what somebody wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from handlers.asking import ABOUT
from handlers.dialogue import Message, Turn
from handlers.routing import HANDLERS

OUTCOMES = (
    "answered",
    "answered, not saved",
    "silent",
    "replayed",
    "still running",
    "busy",
    "ignored",
    "failed",
)
"""How a delivery can end, as it stands in the log and in the metrics. ``replayed`` and ``still running`` are redeliveries."""

GAPS = (
    "advice",
    "feedback",
    "correction",
    "secret",
    "identity number",
    "injection",
    "data of others",
    "fabrication",
    "copying",
    "people in office",
    "off topic",
    "administration",
    "rewriting",
    "media",
    "synonym",
)
"""The words handlers name a wish by that they turn down (slot ``gap``)."""

NOT_HELD, NOT_UNDERSTOOD, NOTHING_OPEN = "not held", "not understood", "nothing open"
MISSES = (*GAPS, NOT_HELD, NOT_UNDERSTOOD, NOTHING_OPEN)
"""Why an answer gave nothing: a wish turned down, nothing in the library, no meaning found, or nothing it could refer to."""

ASKING = frozenset(
    {"phrase", "opening", "closing", "problem", "cause", "plan", "heading", "outline", "skeleton", "section_phrase"}
) | frozenset(ABOUT)
"""Intents that ask for something of the library: an answer without it is a gap in what the library holds."""

_UNDECIDED = frozenset({"fallback", "menu"})

INTENTS = frozenset(handler.intent for handler in HANDLERS) | {
    "select",
    "fallback",
    "welcome",
    "media",
    "file",
    "event",
    "error",
    "busy",
}
"""Every intent a turn can have."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One delivery and how it ended; ``turn`` is ``None`` where none was taken.

    ``reference`` is the one in the log and in an apology, ``user`` the hash that stands for the user in the log, ``seconds``
    the time from the delivery's arrival to its answer.
    """

    reference: str
    user: str
    message: Message
    outcome: str
    seconds: float
    turn: Turn | None = None

    @property
    def intent(self) -> str:
        """The intent of the turn; ``none`` without one."""
        if self.turn is None:
            return "none"
        intent = self.turn.understanding.intent
        return intent if intent in INTENTS else "other"

    @property
    def miss(self) -> str | None:
        """Why the answer gave nothing, one of :data:`MISSES`; ``None`` for one that gave something."""
        if self.turn is None or self.turn.reply is None:
            return None
        gap = self.turn.understanding.slots.get("gap")
        if isinstance(gap, str) and gap in GAPS:
            return gap
        if self.turn.reply.found:
            return None
        if self.turn.understanding.intent in _UNDECIDED:
            return NOT_UNDERSTOOD
        return NOT_HELD if self.turn.understanding.intent in ASKING else NOTHING_OPEN

    @property
    def passages(self) -> tuple[str, ...]:
        """The ids of the passages that the user called wrong or out of date."""
        found = self.turn.understanding.slots.get("passages") if self.turn is not None else None
        return tuple(passage for passage in found if isinstance(passage, str)) if isinstance(found, list) else ()


Observe = Callable[[Observation], None]
"""Takes note of one message; quick, and never raises."""
