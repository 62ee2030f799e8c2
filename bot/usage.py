"""What the bot is used for, by day, for ``bigan stats``: counts, and of a question that was not answered its topic.

Counting costs a message nothing but an addition in memory. Every few seconds what has come together goes to the store in one
batch; a crash loses at most those seconds. What the store did not take is offered again, under the same name, so that a
batch whose answer got lost is not counted twice.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, Protocol, Self

from bot.logs import log_event
from bot.observation import NOT_HELD, NOT_UNDERSTOOD, Observation
from bot.stores.protocol import StoreUnavailableError
from handlers.dialogue import MessageKind, Understanding

FLUSH_SECONDS = 5.0
"""How often counts are written: what a crash may lose."""

DAYS_KEPT = 90
"""Days for which counts are kept; the texts of misses, where they are collected at all, for :data:`TEXT_DAYS`."""

TEXT_DAYS = 30
MOST_TEXTS = 1000
"""Texts of misses kept at most; the oldest go first."""

LONGEST_TEXT = 100
"""Characters of a collected text."""

MOST_USERS = 10_000
MOST_WAITING = 3
"""Bounds of what one worker holds for the store: users and texts of a day, and days."""

CHINA = timezone(timedelta(hours=8))
"""A day is a day in China, whatever the clock of the machine or container says."""

_ANSWERED = frozenset({"answered", "answered, not saved"})
_COUNTED = _ANSWERED | {"busy", "failed"}
_COLLECTED = frozenset({NOT_HELD, NOT_UNDERSTOOD})
_EVENTS = frozenset({MessageKind.ENTER, MessageKind.SUBSCRIBE, MessageKind.OTHER})
_DIGITS = re.compile(r"\d[\d\s-]{3,}\d")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Missed:
    """A message that was not answered, in full; only kept when the administrator has switched that on."""

    at: datetime
    intent: str
    text: str


@dataclass(slots=True)
class Batch:
    """What came together for one day. ``name`` is unlike any other; ``users`` are hashes.

    A count is called ``messages``, ``answered``, ``busy``, ``failed``, ``intent:NAME``, ``miss:REASON``,
    ``gap:INTENT:SUBJECT`` (asked for and not held) or ``wrong:PASSAGE`` (called wrong or out of date by a user).
    """

    day: date
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    counts: Counter[str] = field(default_factory=Counter)
    users: set[str] = field(default_factory=set)
    texts: list[Missed] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Day:
    """The counts of one day; ``users`` is a close estimate of how many people wrote."""

    day: date
    users: int
    counts: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """Return the day as JSON can hold it."""
        return {"day": self.day.isoformat(), "users": self.users, "counts": self.counts}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read what :meth:`to_json` wrote."""
        return cls(date.fromisoformat(value["day"]), int(value["users"]), dict(value["counts"]))


class UsageStore(Protocol):
    """Keeps counts by day for :data:`DAYS_KEPT` days."""

    async def add(self, batch: Batch) -> None:
        """Add a batch, once for its name. Raises :class:`StoreUnavailableError`; then it is unknown whether it was added."""
        ...

    async def read(self, days: list[date]) -> list[Day]:
        """Return the counts of these days, in their order. Raises :class:`StoreUnavailableError`."""
        ...

    async def read_texts(self) -> list[Missed]:
        """Return the collected texts, the newest first. Raises :class:`StoreUnavailableError`."""
        ...

    async def close(self) -> None:
        """Give back every connection."""
        ...


class MemoryUsage:
    """Counts in this process's memory: gone with it. Texts are not kept here."""

    def __init__(self) -> None:
        self._days: dict[date, Batch] = {}

    async def add(self, batch: Batch) -> None:
        """Add a batch. It always works, so no batch comes twice."""
        kept = self._days.setdefault(batch.day, Batch(batch.day))
        kept.counts.update(batch.counts)
        kept.users |= batch.users
        for old in sorted(self._days)[:-DAYS_KEPT]:
            del self._days[old]

    async def read(self, days: list[date]) -> list[Day]:
        """Return the counts of these days."""
        kept = [self._days.get(day, Batch(day)) for day in days]
        return [Day(batch.day, len(batch.users), dict(batch.counts)) for batch in kept]

    async def read_texts(self) -> list[Missed]:
        """Return nothing."""
        return []

    async def close(self) -> None:
        """Do nothing."""


class UsageRecorder:
    """Counts messages and hands the counts to a store in the background.

    ``names`` gives the names of topics, terms and kinds: a subject that is none of them is not written down. With
    ``collects_texts`` what was not understood or not held is kept word for word. ``now`` gives the time.
    """

    def __init__(
        self,
        store: UsageStore,
        names: Callable[[], frozenset[str]],
        *,
        collects_texts: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(CHINA),
    ) -> None:
        self._store = store
        self._names = names
        self._collects_texts = collects_texts
        self._now = now
        self._gathering: dict[date, Batch] = {}
        self._waiting: list[Batch] = []
        self._away = False

    def observe(self, observation: Observation) -> None:
        """Count one message. Redeliveries and events are no use of the bot."""
        if observation.outcome not in _COUNTED or observation.message.kind in _EVENTS:
            return
        now = self._now()
        day = now.date()
        batch = self._gathering.get(day)
        if batch is None:
            batch = self._gathering[day] = Batch(day)
        batch.counts["messages"] += 1
        if len(batch.users) < MOST_USERS:
            batch.users.add(observation.user)
        if observation.outcome not in _ANSWERED or observation.turn is None:
            batch.counts[observation.outcome] += 1
            return
        batch.counts[f"intent:{observation.intent}"] += 1
        miss = observation.miss
        batch.counts["answered" if miss is None else f"miss:{miss}"] += 1
        if miss == NOT_HELD:
            subject = self._subject(observation.turn.understanding)
            batch.counts[f"gap:{observation.intent}:{subject}"] += 1
        elif miss == "correction":
            batch.counts.update(f"wrong:{passage}" for passage in observation.passages)
        if self._collects_texts and miss in _COLLECTED and len(batch.texts) < MOST_TEXTS:
            batch.texts.append(Missed(now, observation.intent, _without_numbers(observation.message.text)))

    async def run(self) -> None:
        """Write every few seconds until cancelled; what is left is written by :meth:`flush`."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Write what has come together. What the store does not take waits for the next time, within bounds."""
        self._waiting += self._gathering.values()
        self._gathering = {}
        try:
            while self._waiting:
                await self._store.add(self._waiting[0])
                del self._waiting[0]
        except StoreUnavailableError as error:
            self._join()
            if not self._away:
                log_event(_log, "usage not written, kept for later", logging.WARNING, reason=str(error))
            self._away = True
            return
        self._away = False

    def _join(self) -> None:
        """Make one batch of all that wait for one day, except the first: part of it may have arrived under its name."""
        first, *later = self._waiting
        joined: dict[date, Batch] = {}
        for batch in later:
            kept = joined.setdefault(batch.day, batch)
            if kept is not batch:
                kept.counts.update(batch.counts)
                kept.users |= batch.users
                kept.texts = (kept.texts + batch.texts)[-MOST_TEXTS:]
        self._waiting = [first, *joined.values()][-MOST_WAITING:]

    def _subject(self, understanding: Understanding) -> str:
        """Return the name from our tables that the question was about, the narrowest there is; else nothing."""
        names = self._names()
        for slot in ("term", "topic", "kind"):
            value = understanding.slots.get(slot)
            if isinstance(value, str) and value in names:
                return value
        return ""


def last_days(count: int, today: date) -> list[date]:
    """Return the last ``count`` days, the newest first."""
    return [today - timedelta(days=back) for back in range(count)]


def _without_numbers(text: str) -> str:
    """Return the beginning of a text without long numbers, which may be somebody's telephone, card or document."""
    return _DIGITS.sub("＊", text[:LONGEST_TEXT])
