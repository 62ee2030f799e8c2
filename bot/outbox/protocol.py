"""The promise of an outbox store: what was accepted is handed out in order for each member until it is finished, once.

A parcel (待发件) is accepted under an id of the caller's; the same id is accepted once. A worker collects tickets, one
for each parcel, and works on a ticket in steps: ``take`` it (is it this member's turn?), ``permit`` the sending (is the
member's allowance used up?), then ``finish`` it. The steps are atomic, so that two workers never send for one member at
once, and a worker that dies leaves parcels that another collects.

Errors: ``OutboxError`` is the only exception a store raises.

::

    BotError
    └── OutboxError
        ├── OutboxUnavailableError  the backend is away: whether the step was taken is unknown
        └── OutboxFullError         the parcel was not accepted: too large, or too many wait already
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from bot.errors import BotError
from bot.wecom.cards import Card
from bot.wecom.contents import Text

HOUR = 3600.0


class OutboxError(BotError):
    """An outbox store could not do its work."""


class OutboxUnavailableError(OutboxError):
    """The backend is down, too slow, full or read-only. Says which kind of fault, never what was to be stored."""


class OutboxFullError(OutboxError):
    """A parcel was not accepted: too large, or too many wait already."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to be sent: the name a member sees, and the bytes."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message to be sent to one member. ``id`` is the caller's, of at most 64 characters, and accepted once.

    Without ``file`` and ``card`` it is the text (at most 2048 bytes). With one of them, ``text`` stands in for it where it
    can't be sent: the card in words, or what to do about the file. An ``extra`` is a convenience beside an answer that says
    the same: nothing stands in for it, and it is not sent late.

    Raises:
        ContentError: the text is empty or too long.
    """

    id: str
    user: str
    text: str = field(repr=False)
    file: Attachment | None = None
    card: Card | None = None
    extra: bool = False

    def __post_init__(self) -> None:
        Text(self.text)

    @property
    def reference(self) -> str:
        """What stands for the parcel in the log, and in a text that asks to tell an administrator."""
        return self.id[:6]

    @property
    def size(self) -> int:
        """Bytes it takes in the store, about."""
        return 500 + len(self.text.encode(errors="replace")) + (len(self.file.content) if self.file else 0)


@dataclass(frozen=True, slots=True, order=True)
class Ticket:
    """The right to work on one parcel. Tickets of one ``lane`` (member) sort in the order of acceptance."""

    order: tuple[int, int]
    id: str
    lane: str
    size: int


@dataclass(frozen=True, slots=True)
class Due:
    """It is this parcel's turn. ``accepted_at`` is in seconds since 1970, ``media_id`` that of its file once uploaded."""

    parcel: Parcel
    accepted_at: float
    media_id: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Wait:
    """Not yet: ask again after ``seconds``."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Gone:
    """Finished already, or another worker's now."""


@dataclass(frozen=True, slots=True)
class Permit:
    """It may be sent now, and counts.

    ``check_duplicates``: whether WeChat Work is to drop it as a repetition of the same request. Equal for every try of one
    parcel, so that a repeated try is the same request to the byte; not set where another parcel said the very same a short
    while ago, which would be taken for the repetition.
    """

    check_duplicates: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits: how many parcels, and since how many seconds the oldest."""

    parcels: int
    oldest: float


@dataclass(frozen=True, slots=True)
class Limits:
    """How much waits at most, and how much a member may be sent.

    A member gets at most 30 messages a minute and 1000 an hour from an app, and what exceeds that is dropped without a
    word (developer.work.weixin.qq.com/document/path/90454). The windows are a little longer here, as a message counts when
    it leaves and is judged when it arrives. ``keep`` bounds how long anything of a parcel stays behind (seconds), and
    ``repeat`` how long equal messages are told apart: as long as WeChat Work compares them.
    """

    parcels: int = 10_000
    parcels_of_one: int = 60
    parcel_bytes: int = 8 * 1024 * 1024
    bytes: int = 64 * 1024 * 1024
    per_minute: int = 30
    minute: float = 65.0
    per_hour: int = 1000
    hour: float = HOUR + 30.0
    notes: int = 5
    repeat: float = 4 * HOUR
    keep: float = 48 * HOUR
    notes_keep: float = 7 * 24 * HOUR


class OutboxStore(Protocol):
    """Keeps parcels until they are finished. Every implementation passes the same contract tests."""

    async def accept(self, parcel: Parcel) -> bool:
        """Keep a parcel until it is delivered or given up; tell whether its id is new.

        Raises :class:`OutboxFullError` and :class:`OutboxUnavailableError`; after the latter the caller may ask again with
        the same id.
        """
        ...

    async def collect(self, most: int) -> tuple[Ticket, ...]:
        """Return at most ``most`` new tickets, and any number that this worker has to begin anew or to take over.

        A ticket may be returned twice. Also says that this worker is alive, so it is to be called every second.
        """
        ...

    async def take(self, ticket: Ticket) -> Due | Wait | Gone:
        """Return the parcel when it is the first of its member's."""
        ...

    async def remember_upload(self, ticket: Ticket, media_id: str) -> str:
        """Keep the id of the uploaded file; return the one that every try is to send, which is the first that was kept."""
        ...

    async def forget_upload(self, ticket: Ticket) -> None:
        """Forget the id of the uploaded file: it does not serve any more."""
        ...

    async def permit(self, ticket: Ticket, digest: str) -> Permit | Wait | Gone:
        """Count one sending against the member's allowance; ``digest`` is equal for equal messages.

        A worker that slept meanwhile learns here that the parcel is finished, or another's.
        """
        ...

    async def become_text(self, ticket: Ticket) -> None:
        """Drop the file or the card of a parcel: from now on it is its text, in the same place."""
        ...

    async def finish(self, ticket: Ticket, note: str | None = None) -> None:
        """Forget a parcel; with ``note`` keep that text for the member's next turn. Nothing happens the second time."""
        ...

    async def notes(self, user: str) -> tuple[str, ...]:
        """Return what could not be sent to a member, oldest first. Costs nothing where there is nothing."""
        ...

    async def drop_notes(self, user: str, count: int) -> None:
        """Forget the oldest ``count`` notes of a member."""
        ...

    async def waiting(self) -> Waiting:
        """Return how many parcels wait, and how long the first of them has."""
        ...

    async def pledge(self, parcel: Parcel) -> None:
        """Have the text of a parcel accepted should this worker die before it is redeemed: by whoever finds it dead.

        Raises :class:`OutboxUnavailableError`.
        """
        ...

    async def redeem(self, id_: str) -> None:
        """Forget a pledge: what it stands for has come to its end."""
        ...

    async def release(self) -> None:
        """Leave everything to other workers: this one stops, and owes nobody anything."""
        ...

    async def close(self) -> None:
        """Give back every connection."""
        ...
