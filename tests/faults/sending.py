"""WeChat Work's part: it delivers each message until it is answered, three times at most, and lets a person go on then."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import StandInError
from bot.simulator.stand_in import StandIn
from tests.faults.talk import Step


@dataclass(frozen=True, slots=True)
class Patience:
    """How WeChat Work delivers: it waits ``answer`` seconds, tries ``tries`` times, one begun ``pause`` seconds after another.

    The defaults are the real ones (the answer's limit is the stand-in's own).
    """

    pause: float = 5.0
    tries: int = 3


@dataclass(slots=True)
class Record:
    """What came of all deliveries. ``waits`` are the seconds until each answer, from the first try on."""

    sent: int = 0
    answered: int = 0
    redelivered: int = 0
    unanswered: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)

    @property
    def slowest(self) -> float:
        """The longest wait for an answer, in seconds."""
        return max(self.waits, default=0.0)


class Talker:
    """A person who goes through the conversation once, each message after the answer to the one before."""

    def __init__(self, user: str, steps: Sequence[Step], record: Record, patience: Patience = Patience()) -> None:
        self.user = user
        self.done = 0
        self._steps = steps
        self._record = record
        self._patience = patience

    @property
    def last(self) -> Step | None:
        """The last step that was answered."""
        return self._steps[self.done - 1] if self.done else None

    async def talk(self, stand_in: StandIn, stopped: asyncio.Event, gap: float) -> None:
        """Say one thing after another, ``gap`` seconds apart, until all is said or until stopped."""
        while self.done < len(self._steps) and not stopped.is_set():
            await self.say(stand_in)
            await asyncio.sleep(gap)

    async def say(self, stand_in: StandIn) -> None:
        """Say the next thing, and compare the answer with what it should be."""
        step = self._steps[self.done]
        self._record.sent += 1
        reply = await self._deliver(stand_in, step.text)
        if reply is not None and reply != step.reply:
            self._record.wrong.append(f"{self.user} {self.done} {step.text}: {reply[:60]!r}")
        self.done += 1

    async def _deliver(self, stand_in: StandIn, text: str) -> str | None:
        loop, record = asyncio.get_running_loop(), self._record
        delivery, started = stand_in.compose_text(self.user, text), time.perf_counter()
        due = loop.time()
        for number in range(self._patience.tries):
            await asyncio.sleep(max(0.0, due - loop.time()))
            due = loop.time() + self._patience.pause
            record.redelivered += number > 0
            try:
                # The last copy is sealed anew: it is not known which of the two WeChat Work does.
                exchange = await stand_in.post(delivery if number < 2 else stand_in.repeat(delivery))
            except StandInError:
                continue
            if exchange.status == 200:
                record.answered += 1
                record.waits.append(time.perf_counter() - started)
                if exchange.reply is None:
                    record.unanswered.append(f"{self.user} {self.done} {text}: empty")
                return exchange.reply
            record.refusals.append(exchange.status)
        record.unanswered.append(f"{self.user} {self.done} {text}")
        return None
