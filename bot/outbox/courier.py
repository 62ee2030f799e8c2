"""The courier takes parcels to WeChat Work: in order for each member, again after a fault, until delivered or given up.

What becomes of a parcel after a try:

- taken by WeChat Work: finished. A member it says it can't reach gets the text as a note at his next turn.
- no answer, or a fault that passes (busy, too often, token): tried again, with longer and longer pauses, never in step.
- the file or the card is refused: its text is sent in its place.
- nothing will help (set-up, recipient, too old): finished, and its text is kept as a note.
"""

from __future__ import annotations

import asyncio
import bisect
import hashlib
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from bot.logs import log_event
from bot.outbox.pace import Backoff, Brake
from bot.outbox.protocol import Due, Gone, OutboxStore, OutboxUnavailableError, Ticket, Wait
from bot.wecom.api_errors import CARD_TASK_TAKEN, ApiError, ApiRefusedError, ContentError, Reaction
from bot.wecom.client import Receipt
from bot.wecom.contents import CardContent, Content, FileContent, Text

MOST_UPLOADS = 2
"""Of one file: its id may end while it waits, but not at once."""

_PASSING = frozenset({Reaction.RETRY, Reaction.BACK_OFF, Reaction.RENEW})

_log = logging.getLogger(__name__)


class Sender(Protocol):
    """Whoever brings messages to WeChat Work; see :class:`bot.wecom.client.ApiClient`."""

    async def upload(self, name: str, content: bytes) -> str:
        """Upload a file and return its media id. Raises :class:`ApiError`."""
        ...

    async def send(self, users: str, content: Content, *, check_duplicates: bool = False) -> Receipt:
        """Send a message. Raises :class:`ApiError`."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How the courier works. Times are in seconds.

    ``poll``: how often a worker says that it is alive and looks for what others have accepted. ``in_hand``: parcels it
    holds at once; what is beyond is left to others. ``give_up``: shorter than the four hours for which WeChat Work
    recognises a repetition. ``extra``: after which an extra is not sent any more. ``tries``: of a parcel that is answered
    with a fault that passes; where there is no answer only the time counts. ``busy``: the pause after 45009, which is lifted
    after a minute. ``grace``: for calls that are on their way when the worker stops; one that is cut off is recognised when
    it is repeated. ``backoff`` is between tries of one parcel, ``brake`` between those of all.
    """

    poll: float = 1.0
    in_hand: int = 500
    at_once: int = 8
    give_up: float = 3 * 3600.0
    extra: float = 60.0
    tries: int = 10
    busy: float = 60.0
    store_away: float = 0.5
    grace: float = 1.0
    backoff: Backoff = Backoff()  # noqa: RUF009 - immutable
    brake: Backoff = Backoff(longest=15.0)  # noqa: RUF009 - immutable


@dataclass(slots=True)
class _Lane:
    """One member's parcels in hand, the first one first. ``tries`` and ``uploads`` are those of the first."""

    tickets: list[Ticket] = field(default_factory=list)
    tries: int = 0
    uploads: int = 0
    busy: bool = False
    task: asyncio.Task[None] | None = None


class Courier:
    """Delivers what the store holds. ``clock`` gives seconds since 1970; ``finished`` is told how each parcel ended."""

    def __init__(
        self,
        store: OutboxStore,
        sender: Sender,
        *,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        finished: Callable[[str], None] = lambda result: None,
    ) -> None:
        self._store = store
        self._sender = sender
        self._pace = pace or Pace()
        self._clock = clock
        self._sleep = sleep
        self._finished = finished
        self._brake = Brake(self._pace.brake, clock=clock)
        self._lanes: dict[str, _Lane] = {}
        self._slots = asyncio.Semaphore(self._pace.at_once)
        self._wake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Look for new parcels now."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled; what is on its way then is brought to an end."""
        try:
            while True:
                self._wake.clear()
                await self._collect()
                try:
                    async with asyncio.timeout(self._pace.poll):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        finally:
            await self._stop()

    async def _collect(self) -> None:
        held = sum(len(lane.tickets) for lane in self._lanes.values())
        try:
            tickets = await self._store.collect(max(0, self._pace.in_hand - held))
        except OutboxUnavailableError as error:
            log_event(_log, "outbox away", logging.WARNING, reason=str(error))
            return
        for ticket in tickets:
            lane = self._lanes.setdefault(ticket.lane, _Lane())
            if ticket not in lane.tickets:
                # One that is taken over from another worker may come before those in hand.
                bisect.insort(lane.tickets, ticket)
            if lane.task is None:
                lane.task = asyncio.create_task(self._serve(ticket.lane, lane))

    async def _stop(self) -> None:
        self._stopping = True
        tasks = {lane.task: lane for lane in self._lanes.values() if lane.task is not None}
        for task, lane in tasks.items():
            if not lane.busy:
                task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=self._pace.grace)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        try:
            await self._store.release()
        except OutboxUnavailableError as error:
            log_event(_log, "outbox not released", logging.WARNING, reason=str(error))

    async def _serve(self, name: str, lane: _Lane) -> None:
        """Work through one lane."""
        while lane.tickets and not self._stopping:
            ticket = lane.tickets[0]
            pause = await self._advance(ticket, lane)
            if pause is None:
                lane.tickets.remove(ticket)
                lane.tries = lane.uploads = 0
            elif not self._stopping:
                await self._sleep(pause)
        del self._lanes[name]

    async def _advance(self, ticket: Ticket, lane: _Lane) -> float | None:
        """Do what can be done about a parcel; return ``None`` when it is finished, else how long to wait."""
        if (rest := self._brake.remaining()) > 0:
            return rest
        try:
            due = await self._store.take(ticket)
            if isinstance(due, Gone):
                return None
            if isinstance(due, Wait):
                return due.seconds
            lane.busy = True
            limit = self._pace.extra if due.parcel.extra else self._pace.give_up
            if self._clock() - due.accepted_at > limit:
                return await self._give_up(ticket, due, "too old")
            return await self._deliver(ticket, due, lane)
        except OutboxUnavailableError as error:
            log_event(_log, "outbox away", logging.WARNING, reason=str(error))
            return self._pace.store_away
        except Exception:  # noqa: BLE001 - a defect that one parcel meets must not end its lane
            log_event(_log, "courier failed", logging.ERROR)
            lane.tries += 1
            return self._pace.backoff.delay(lane.tries)
        finally:
            lane.busy = False

    async def _deliver(self, ticket: Ticket, due: Due, lane: _Lane) -> float | None:
        """Make one try."""
        parcel = due.parcel
        try:
            async with self._slots:
                # Others may have met trouble while this one waited for its slot.
                if (rest := self._brake.remaining()) > 0:
                    return rest
                content = await self._prepare(ticket, due, lane)
                permit = await self._store.permit(ticket, _digest(content))
                if isinstance(permit, Gone):
                    return None
                if isinstance(permit, Wait):
                    return permit.seconds
                receipt = await self._sender.send(parcel.user, content, check_duplicates=permit.check_duplicates)
        except ContentError:
            return await self._refuse(ticket, due, "content")
        except ApiRefusedError as error:
            return await self._react(ticket, due, lane, error)
        except ApiError:
            lane.tries += 1
            self._brake.fault()
            return self._pace.backoff.delay(lane.tries)
        self._brake.release()
        if receipt.missed:
            return await self._give_up(ticket, due, "not reached")
        return await self._finish(ticket, "delivered")

    async def _prepare(self, ticket: Ticket, due: Due, lane: _Lane) -> Content:
        """Return what to send: a file is uploaded once, and every further try sends the same."""
        parcel = due.parcel
        if parcel.card is not None:
            return CardContent(parcel.card)
        if parcel.file is None:
            return Text(parcel.text)
        media_id = due.media_id
        if not media_id:
            media_id = await self._sender.upload(parcel.file.name, parcel.file.content)
            media_id = await self._store.remember_upload(ticket, media_id)
            lane.uploads += 1
        return FileContent(media_id)

    async def _react(self, ticket: Ticket, due: Due, lane: _Lane, error: ApiRefusedError) -> float | None:
        """Do what the policy of the error code says."""
        reason, reaction = str(error.code), error.reaction
        lane.tries += 1
        if reaction in _PASSING:
            pause = self._pace.busy if reaction is Reaction.BACK_OFF else 0.0
            self._brake.fault(pause)
            if lane.tries >= self._pace.tries:
                return await self._give_up(ticket, due, reason)
            return max(pause, self._pace.backoff.delay(lane.tries))
        if reaction is Reaction.UPLOAD and due.parcel.file is not None and lane.uploads < MOST_UPLOADS:
            await self._store.forget_upload(ticket)
            return 0.0
        if error.code == CARD_TASK_TAKEN and lane.tries > 1:
            # The name of the card is in use since a try whose answer did not arrive: it is the card itself.
            return await self._finish(ticket, "delivered")
        if reaction in {Reaction.NEVER, Reaction.UPLOAD}:
            return await self._refuse(ticket, due, reason)
        return await self._give_up(ticket, due, reason)

    async def _refuse(self, ticket: Ticket, due: Due, reason: str) -> float | None:
        """Send the text of a parcel whose file or card is refused."""
        if due.parcel.extra or (due.parcel.file is None and due.parcel.card is None):
            return await self._give_up(ticket, due, reason)
        log_event(_log, "parcel goes as text", logging.ERROR, reference=due.parcel.reference, reason=reason)
        await self._store.become_text(ticket)
        return 0.0

    async def _give_up(self, ticket: Ticket, due: Due, reason: str) -> float | None:
        log_event(_log, "parcel given up", logging.ERROR, reference=due.parcel.reference, reason=reason)
        return await self._finish(ticket, "failed", note=None if due.parcel.extra else due.parcel.text)

    async def _finish(self, ticket: Ticket, result: str, note: str | None = None) -> float | None:
        """Have the store forget the parcel, however long that takes: what was sent must not be sent again."""
        while True:
            try:
                await self._store.finish(ticket, note)
                break
            except OutboxUnavailableError:
                if self._stopping:
                    raise
                await self._sleep(self._pace.store_away)
        self._finished(result)
        return None


def _digest(content: Content) -> str:
    """Return what is equal for equal messages."""
    text = json.dumps([content.kind, content.to_json()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
