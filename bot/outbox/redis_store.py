"""The outbox in Redis: shared by all workers, kept over restarts of the bot and (with an append-only file) of Redis.

One stream for the bot with one consumer group; each worker is a consumer. A worker that is not heard of for a while is
taken for dead and its entries are claimed; one that stops by itself hands them over at once.
"""

from __future__ import annotations

import itertools
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from bot.outbox.codec import read_parcel, read_pledge, write_parcel, write_pledge
from bot.outbox.protocol import (
    Due,
    Gone,
    Limits,
    OutboxFullError,
    Parcel,
    Permit,
    Ticket,
    Wait,
    Waiting,
)
from bot.outbox.redis_scripts import (
    ACCEPT,
    CLAIM,
    COLLECT,
    DROP_NOTES,
    FINISH,
    GROUP,
    NOTES,
    PERMIT,
    PLEDGE,
    PLEDGES,
    REWRITE,
    TAKE,
    UPLOADED,
    WAITING,
)
from bot.outbox.redis_trips import RedisTrips
from bot.stores.keys import pseudonym

TURN_SECONDS = 0.2
"""Pause before a worker looks again whether another has finished the parcel before its own."""


@dataclass(frozen=True, slots=True)
class Vigil:
    """How soon a dead worker is noticed (seconds): ``life`` after it was last heard of it is suspected, and claimed from
    when it is still not heard of ``doubt`` later, so that a Redis that comes back finds nobody dead.
    """

    life: float = 4.0
    doubt: float = 2.0


class RedisOutbox:
    """An outbox store in Redis. ``app`` names the bot whose outbox it is; ``salt`` keys the hash that stands for a member in
    the names of keys. ``clock`` gives seconds since 1970.
    """

    def __init__(
        self,
        trips: RedisTrips,
        app: str,
        salt: bytes,
        *,
        limits: Limits | None = None,
        vigil: Vigil | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._trips = trips
        self._salt = salt
        self._prefix = f"bigan:{{outbox:{pseudonym(salt, app, 16)}}}"
        self._limits = limits or Limits()
        self._vigil = vigil or Vigil()
        self._clock = clock
        self._worker = f"{secrets.token_hex(8)}{os.getpid():08x}"
        self._numbers = itertools.count()
        self._unsure = True
        self._suspects: dict[str, float] = {}
        self._noted: frozenset[str] = frozenset()

    async def accept(self, parcel: Parcel) -> bool:
        """Keep a parcel, in one round trip."""
        limits, lane = self._limits, self._lane(parcel.user)
        if parcel.size > limits.parcel_bytes:
            raise OutboxFullError("parcel too large")
        keys = [self._stream, self._item(parcel.id), self._key("lane", lane), self._key("load")]
        keys.append(self._key("seen", parcel.id))
        fields = [word for pair in write_parcel(parcel).items() for word in pair]
        lives = (_milliseconds(limits.keep), _milliseconds(limits.repeat))
        rooms = (limits.parcels, limits.parcels_of_one, limits.bytes)
        [status] = await self._trips.run(
            ACCEPT, keys, parcel.id, lane, parcel.size, self._now(), *lives, *rooms, *fields
        )
        if status == b"full":
            raise OutboxFullError("too many wait")
        return status == b"taken"

    async def collect(self, most: int) -> tuple[Ticket, ...]:
        """Return new entries, after a fault also all of this worker's, and those of workers that are gone."""
        end = self._now() + _milliseconds(self._vigil.life)
        # A reply that was lost on its way had handed entries to this worker that it does not know of.
        again, self._unsure = self._unsure, True
        if again:
            self._suspects.clear()
        keys = [self._stream, self._key("workers"), self._key("noted")]
        reply = await self._trips.run(COLLECT, keys, GROUP, self._worker, self._now(), end, most, "1" if again else "0")
        entries, stale, noted = cast("tuple[list[Any], list[bytes], list[bytes]]", reply)
        self._noted = frozenset(lane.decode() for lane in noted)
        tickets = list(map(_ticket, entries))
        dead = self._judge(stale)
        if dead:
            # Before they are forgotten: whoever fails here leaves them to the next who looks.
            await self._keep_pledges(dead)
            claimed = await self._trips.run(CLAIM, keys[:2], GROUP, self._worker, self._now(), *dead)
            tickets += map(_ticket, claimed)
        self._unsure = False
        return tuple(ticket for ticket in tickets if ticket is not None)

    async def take(self, ticket: Ticket) -> Due | Wait | Gone:
        """Return the parcel when it is the first of its lane and this worker's."""
        keys = [self._stream, self._item(ticket.id), self._key("lane", ticket.lane), self._key("load")]
        status, *rest = await self._trips.run(TAKE, keys, GROUP, self._worker, _entry(ticket), ticket.size)
        if status != b"due":
            return Wait(TURN_SECONDS) if status == b"wait" else Gone()
        values = iter(cast("list[bytes]", rest[0]))
        fields = {name.decode(): value for name, value in zip(values, values, strict=True)}
        try:
            parcel, accepted_at = read_parcel(ticket.id, fields), int(fields["accepted"]) / 1000
        except (ValueError, KeyError):
            # Not what we wrote; it must not keep the lane shut.
            await self.finish(ticket)
            return Gone()
        return Due(parcel, accepted_at, fields.get("media", b"").decode())

    async def remember_upload(self, ticket: Ticket, media_id: str) -> str:
        """Keep the media id in the parcel, unless there is one; another makes another request, with a check of its own."""
        (kept,) = await self._trips.run(UPLOADED, [self._item(ticket.id)], media_id)
        return cast("bytes", kept).decode()

    async def forget_upload(self, ticket: Ticket) -> None:
        """Drop the media id."""
        await self._trips.run(REWRITE, [self._item(ticket.id)], "media", "", "check", "")

    async def permit(self, ticket: Ticket, digest: str) -> Permit | Wait | Gone:
        """Count one sending, unless the member has had too many, or the parcel is another worker's by now."""
        limits = self._limits
        keys = [self._item(ticket.id), self._key("sent", ticket.lane), self._key("said", ticket.lane, digest)]
        keys.append(self._stream)
        status, *value = await self._trips.run(
            PERMIT,
            keys,
            ticket.id,
            self._now(),
            limits.per_minute,
            _milliseconds(limits.minute),
            limits.per_hour,
            _milliseconds(limits.hour),
            _milliseconds(limits.repeat),
            f"{self._worker}{next(self._numbers)}",
            GROUP,
            self._worker,
            _entry(ticket),
        )
        if status == b"gone":
            return Gone()
        return Wait(cast("int", value[0]) / 1000) if status == b"wait" else Permit(value[0] == b"1")

    async def become_text(self, ticket: Ticket) -> None:
        """Drop what is not text from the parcel."""
        gone = [word for name in ("name", "content", "card", "media", "check") for word in (name, "")]
        await self._trips.run(REWRITE, [self._item(ticket.id)], *gone)

    async def finish(self, ticket: Ticket, note: str | None = None) -> None:
        """Forget the parcel and keep the note, in one step."""
        lane = self._key("lane", ticket.lane)
        keys = [self._stream, self._item(ticket.id), lane, self._key("load"), self._notes(ticket.lane)]
        keys.append(self._key("noted"))
        kept = (self._limits.notes, _milliseconds(self._limits.notes_keep))
        words = (note or "").encode(errors="replace")
        await self._trips.run(FINISH, keys, GROUP, _entry(ticket), ticket.size, words, ticket.lane, *kept)

    async def notes(self, user: str) -> tuple[str, ...]:
        """Ask Redis only where ``collect`` has said that there is something, at most a second ago."""
        lane = self._lane(user)
        if lane not in self._noted:
            return ()
        found = await self._trips.run(NOTES, [self._notes(lane), self._key("noted")], lane)
        return tuple(cast("bytes", note).decode(errors="replace") for note in found)

    async def drop_notes(self, user: str, count: int) -> None:
        """Forget the oldest notes."""
        lane = self._lane(user)
        await self._trips.run(DROP_NOTES, [self._notes(lane), self._key("noted")], lane, count)

    async def waiting(self) -> Waiting:
        """Return how many wait, and for how long the first of them has."""
        count, first = await self._trips.run(WAITING, [self._stream])
        since = int(cast("bytes", first).split(b"-")[0]) if first else self._now()
        return Waiting(cast("int", count), max(0.0, (self._now() - since) / 1000))

    async def pledge(self, parcel: Parcel) -> None:
        """Keep it under the name of this worker."""
        key = self._pledges(self._worker)
        await self._trips.run(PLEDGE, [key], parcel.id, write_pledge(parcel), _milliseconds(self._limits.keep))

    async def redeem(self, id_: str) -> None:
        """Drop it."""
        key = self._pledges(self._worker)
        await self._trips.call(key, "HDEL", key, id_)

    async def release(self) -> None:
        """Say that this worker is gone: others claim its entries at once."""
        # What could not be redeemed while Redis was away.
        await self._trips.call(self._pledges(self._worker), "DEL", self._pledges(self._worker))
        await self._trips.call(self._stream, "ZADD", self._key("workers"), 0, self._worker)

    async def close(self) -> None:
        """Close every connection."""
        await self._trips.close()

    async def _keep_pledges(self, dead: list[str]) -> None:
        """Accept what workers that died had pledged."""
        for worker in dead:
            key = self._pledges(worker)
            found = cast("list[bytes]", await self._trips.run(PLEDGES, [key]))
            for id_, words in zip(found[::2], found[1::2], strict=True):
                # One that is not ours, or for which there is no room, must not keep the others from being heard.
                with suppress(ValueError, OutboxFullError):
                    await self.accept(read_pledge(id_.decode(), words))
            await self._trips.call(key, "DEL", key)

    def _judge(self, stale: list[bytes]) -> list[str]:
        """Return the workers that are surely gone: those that said so, and those not heard of for long enough."""
        now = time.monotonic()
        scores = {name.decode(): float(score) for name, score in zip(stale[::2], stale[1::2], strict=True)}
        self._suspects = {name: self._suspects.get(name, now) for name in scores}
        return [name for name, since in self._suspects.items() if not scores[name] or now - since >= self._vigil.doubt]

    @property
    def _stream(self) -> str:
        return self._key("stream")

    def _item(self, id_: str) -> str:
        return self._key("item", id_)

    def _pledges(self, worker: str) -> str:
        return self._key("pledges", worker)

    def _notes(self, lane: str) -> str:
        return self._key("notes", lane)

    def _key(self, *words: str) -> str:
        return ":".join((self._prefix, *words))

    def _lane(self, user: str) -> str:
        return pseudonym(self._salt, user)

    def _now(self) -> int:
        return _milliseconds(self._clock())


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _entry(ticket: Ticket) -> str:
    return f"{ticket.order[0]}-{ticket.order[1]}"


def _ticket(entry: object) -> Ticket | None:
    """Read an entry of the stream; one that we did not write is nobody's."""
    try:
        name, fields = cast("tuple[bytes, list[bytes]]", entry)
        milliseconds, _, number = name.decode().partition("-")
        values = dict(zip(fields[::2], fields[1::2], strict=True))
        lane, size = values[b"lane"].decode(), int(values[b"size"])
        return Ticket((int(milliseconds), int(number)), values[b"id"].decode(), lane, size)
    except (ValueError, KeyError, TypeError):
        return None
