"""What is known of a message beyond what it says: who sends it, what reaches him; and events that nobody sends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from bot.logs import log_event
from bot.wecom.envelope import WecomMessage
from handlers.dialogue import Message
from handlers.texts.lifecycle import EVENTS

_log = logging.getLogger(__name__)


class Receiver(Protocol):
    """Whoever answers messages."""

    async def receive(self, message: Message) -> str | None:
        """Return the text of the answer, or ``None`` to say nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may tend the knowledge base: members by their ids, in lower case as WeChat Work compares them. Nobody else."""

    administrators: frozenset[str] = frozenset()

    def administers(self, message: Message) -> bool:
        """Whether whoever sent a message is one of them."""
        return message.user.lower() in self.administrators


class Reception:
    """Passes messages on with what their sender may do, and keeps events of the app's own life.

    ``active``: whether files and cards can be sent. ``alive`` is told of each such event by its name.
    """

    def __init__(
        self,
        receiver: Receiver,
        rights: Rights,
        *,
        active: bool,
        alive: Callable[[WecomMessage], None] = lambda message: None,
    ) -> None:
        self._receiver = receiver
        self._rights = rights
        self._active = active
        self._alive = alive

    async def receive(self, message: Message) -> str | None:
        """Return the answer; an event of the app's own life has none."""
        if isinstance(message, WecomMessage) and message.event in EVENTS:
            log_event(_log, f"app event: {message.event}", logging.WARNING, meaning=EVENTS[message.event])
            self._alive(message)
            return None
        rights = self._rights.administers(message)
        if self._active or rights:
            message = replace(message, takes_files=self._active, takes_cards=self._active, administers=rights)
        return await self._receiver.receive(message)
