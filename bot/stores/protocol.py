"""The one promise every conversation store keeps: a delivery is processed once, a user's messages one after another.

A message costs two calls. ``begin`` claims the delivery, takes the user's lock and loads session and notebook, in that
order and atomically, so that neither is ever read outside the lock; ``finish`` saves them, records the reply for
redeliveries and releases the lock. Both are opaque strings here; an empty one means that there is nothing to keep.

Deleting leaves the time of the deletion behind for as long as a session lives, and nothing else: without it a copy in
another worker's memory would look like something that Redis lost.

Errors: ``StoreError`` is the only exception a store raises; ``StoreUnavailableError`` says that its backend is away.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

PATIENCE_SECONDS = 4.0
"""How long ``begin`` waits for a user's turn or for a running delivery: WeChat Work hangs up after 5 s."""

FAILED_FOR_OTHERS = "failed for others"
"""The kind of fault of a call that was not tried, because one that was tried before it failed."""


def now() -> float:
    """Return the time, in seconds since the epoch and whole milliseconds, as it is stored."""
    return round(time.time(), 3)


class StoreError(Exception):
    """A store could not do its work."""


class StoreUnavailableError(StoreError):
    """The backend is down, too slow, full, read-only or refuses us. Says which kind of fault, never what was stored."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long each kind of entry is kept, in seconds.

    ``session``: a conversation left alone for two hours is over. ``reply``: a callback's signature is accepted for 300 s
    to either side of its timestamp, so within 600 s every copy of a delivery that gets past the signature check still
    finds its recorded reply. ``notebook``: half a year after the user's last message it is gone. ``lock`` bounds what a
    dead worker can hold up: it is below the patience of a redelivery, which therefore takes over, and three orders of
    magnitude above the milliseconds an answer takes.
    """

    session: float = 7200.0
    notebook: float = 180 * 86_400.0
    reply: float = 600.0
    lock: float = 3.0


@dataclass(frozen=True, slots=True)
class New:
    """The caller holds the user's lock and must call ``finish`` or ``abandon`` with this value.

    ``session`` and ``notebook`` are stored values, unread (``None``: there is none). ``saved_at`` and
    ``notebook_saved_at`` say when they were stored, or deleted where there is none, in seconds since the epoch (0:
    unknown). ``token`` belongs to the store.
    """

    user: str
    delivery: str | None
    session: str | None
    token: str
    saved_at: float = 0.0
    notebook: str | None = None
    notebook_saved_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Running:
    """The delivery is being processed and did not end in time."""


@dataclass(frozen=True, slots=True)
class Busy:
    """The user's earlier messages did not end in time; nothing was claimed."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The delivery was processed before; ``reply`` is what was recorded (``None``: answered with silence)."""

    reply: str | None


Begun = New | Running | Busy | Answered


class ConversationStore(Protocol):
    """Keeps sessions, notebooks and deliveries. Every implementation passes the same contract tests."""

    async def begin(self, user: str, delivery: str | None, patience: float = PATIENCE_SECONDS) -> Begun:
        """Wait for the user's turn, claim ``delivery`` (``None``: nothing to claim), load session and notebook.

        A delivery that is running already is joined: the call returns its reply when it ends. Messages of one user that
        arrive in one process begin in order of arrival. Waits ``patience`` seconds at most, then returns
        :class:`Running` or :class:`Busy`. Raises :class:`StoreUnavailableError`.
        """
        ...

    async def finish(
        self, begun: New, session: str, reply: str | None, notebook: str | None = None, saved_at: float | None = None
    ) -> bool:
        """Save session and notebook, record the reply for redeliveries, end the user's turn.

        An empty ``session`` or ``notebook`` deletes what was stored; without ``notebook`` the stored one stays as it is
        for another lifetime. ``saved_at`` is the time they are said to be from (now). Tells whether they were saved:
        not when the turn was taken over meanwhile (then what the other saved stands) or has ended already. Raises
        :class:`StoreUnavailableError` when it is unknown whether anything was saved; the turn has ended all the same.
        """
        ...

    async def abandon(self, begun: New) -> None:
        """End the user's turn and give the claim back, so that a redelivery is processed afresh."""
        ...

    async def ready(self) -> bool:
        """Tell whether the backend takes reads and writes right now."""
        ...

    async def close(self) -> None:
        """Give back every connection."""
        ...
