"""How often one user is answered: a person never notices, a script is told once and then left alone for the minute."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from bot.logs import log_event
from bot.stores.keys import pseudonym
from handlers.dialogue import Message, MessageKind
from handlers.texts.pace import TOO_FAST

MINUTE = 60.0
USERS_REMEMBERED = 10_000
USER_HASH_DIGITS = 12

UNCOUNTED = frozenset({MessageKind.ENTER, MessageKind.SUBSCRIBE, MessageKind.OTHER})
"""What WeChat Work sends of its own accord when a window is opened; nobody asks anything with it."""

_log = logging.getLogger(__name__)


class Verdict(Enum):
    """What becomes of a message: it is answered, its user is told to slow down, or nothing is said."""

    ANSWER = "answer"
    TELL = "tell"
    SILENCE = "silence"


@dataclass(slots=True)
class _Minute:
    """One user's minute. ``answered`` are the deliveries let through in it, ``earlier`` those of the minute before."""

    ends: float
    earlier: frozenset[str]
    count: int = 0
    answered: set[str] = field(default_factory=set)
    told: bool = False
    told_delivery: str | None = None


class RateLimit:
    """Lets ``most`` messages of a user through in a minute that begins with the first of them (0: any number).

    A redelivery counts for nothing and meets the verdict of its first copy. ``clock`` runs in seconds and never backwards.
    The count is that of one process.
    """

    def __init__(
        self, most: int, *, users: int = USERS_REMEMBERED, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._users = users
        self._clock = clock
        self._minutes: OrderedDict[str, _Minute] = OrderedDict()

    def judge(self, user: str, delivery: str | None) -> Verdict:
        """Return what becomes of one message; ``delivery`` is equal for its redeliveries."""
        if not self._most:
            return Verdict.ANSWER
        minute = self._minute(user)
        if delivery is not None and (delivery in minute.answered or delivery in minute.earlier):
            return Verdict.ANSWER
        if minute.count < self._most:
            minute.count += 1
            if delivery is not None:
                minute.answered.add(delivery)
            return Verdict.ANSWER
        if not minute.told:
            minute.told, minute.told_delivery = True, delivery
            return Verdict.TELL
        return Verdict.TELL if delivery is not None and delivery == minute.told_delivery else Verdict.SILENCE

    def _minute(self, user: str) -> _Minute:
        now = self._clock()
        minute = self._minutes.get(user)
        if minute is not None and now < minute.ends:
            return minute
        fresh = minute is not None and now < minute.ends + MINUTE
        minute = _Minute(now + MINUTE, frozenset(minute.answered) if minute is not None and fresh else frozenset())
        self._minutes[user] = minute
        self._minutes.move_to_end(user)
        if len(self._minutes) > self._users:
            self._minutes.popitem(last=False)
        return minute


class Receiver(Protocol):
    """Whoever answers messages."""

    async def receive(self, message: Message) -> str | None:
        """Return the text of the answer, or ``None`` to say nothing."""
        ...


class PacedReceiver:
    """Passes messages on as the rate limit allows. ``salt`` keys the hash that stands for a user in the log.

    ``refused`` hears of each message that is not passed on.
    """

    def __init__(
        self,
        receiver: Receiver,
        limit: RateLimit,
        *,
        salt: bytes,
        refused: Callable[[str], None] = lambda reason: None,
    ) -> None:
        self._receiver = receiver
        self._limit = limit
        self._salt = salt
        self._refused = refused

    async def receive(self, message: Message) -> str | None:
        """Return the answer, the sentence that asks for patience, or ``None``."""
        if message.kind in UNCOUNTED:
            return await self._receiver.receive(message)
        user = f"{message.channel}:{message.user}"
        verdict = self._limit.judge(user, message.delivery)
        if verdict is Verdict.ANSWER:
            return await self._receiver.receive(message)
        self._refused("rate")
        if verdict is Verdict.TELL:
            digits = pseudonym(self._salt, user, USER_HASH_DIGITS)
            log_event(_log, "user asks too often", logging.WARNING, channel=message.channel, user=digits)
            return TOO_FAST
        return None
