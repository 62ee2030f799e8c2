"""Files that members send: fetched, checked or added to the knowledge base, and answered through the outbox.

All of it happens beside the callback, which has long answered that it is under way; so whatever comes of it is said.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.logs import log_event
from bot.office.naming import file_name
from bot.office.review import Review, UnsuitableFileError, check_suitable, review
from bot.outbox.notices import checked_parcel
from bot.outbox.pace import Backoff
from bot.outbox.protocol import Attachment, OutboxUnavailableError, Parcel
from bot.wecom.api_errors import ApiError, ApiRefusedError, ApiUnreachableError, ContentError, Reaction
from handlers.dialogue import Errand, Message, Task
from handlers.manuscript import Manuscript
from handlers.texts import files as texts
from knowledge.build.base import add_documents
from knowledge.corpus.reader import UnreadableDocument
from knowledge.errors import KnowledgeError
from knowledge.library import Library
from knowledge.segmentation import Segmenter
from knowledge.tableset import TableSet

MOST_BYTES = 2 * 1024 * 1024
"""Of a file that is fetched: a report of a hundred pages has a tenth of it, pictures apart."""

AT_ONCE = 2
"""Files that are worked on at once; each takes a processor for seconds."""

TRIES = 3

_PASSING = frozenset({Reaction.RETRY, Reaction.BACK_OFF})

_log = logging.getLogger(__name__)


class Fetcher(Protocol):
    """Whoever gets a file from WeChat Work; see :class:`bot.wecom.client.ApiClient`."""

    async def download(self, media_id: str, most: int) -> bytes:
        """Return a file. Raises :class:`ApiError`."""
        ...


class Accepting(Protocol):
    """Whoever takes parcels; see :class:`bot.outbox.service.Outbox`."""

    async def accept(self, parcel: Parcel) -> bool:
        """Keep a parcel. Raises ``OutboxFullError`` and ``OutboxUnavailableError``."""
        ...

    async def pledge(self, parcel: Parcel) -> None:
        """Have a text sent should this process die before it is redeemed. Raises ``OutboxUnavailableError``."""
        ...

    async def redeem(self, id_: str) -> None:
        """Forget a pledge. Raises ``OutboxUnavailableError``."""
        ...


@dataclass(frozen=True, slots=True)
class Base:
    """What files are held against and added to. ``folder`` is the base that may be added to, ``None`` where none may."""

    library: Callable[[], Library]
    tables: Callable[[], TableSet]
    segmenter: Segmenter
    folder: Path | None


class Filing:
    """Runs the errands that concern files. ``now`` gives the local time; ``backoff`` is between tries."""

    def __init__(
        self,
        fetcher: Fetcher,
        outbox: Accepting,
        base: Base,
        *,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        backoff: Backoff = Backoff(),  # noqa: B008 - immutable
    ) -> None:
        self._fetcher = fetcher
        self._outbox = outbox
        self._base = base
        self._now = now
        self._backoff = backoff
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._building = asyncio.Lock()

    async def run(self, message: Message, errand: Errand) -> None:
        """Do an errand, and say what came of it; an errand that is run again says nothing twice."""
        id_ = message.delivery or secrets.token_hex(16)
        # The member was told to wait, so he must hear of it even when this process dies in the middle.
        pledge = Parcel(f"{id_}-d", message.user, texts.interrupted(errand.file.name))
        with _unless_away():
            await self._outbox.pledge(pledge)
        try:
            await self._run(id_, message.user, errand)
        finally:
            with _unless_away():
                await self._outbox.redeem(pledge.id)

    async def _run(self, id_: str, user: str, errand: Errand) -> None:
        name = errand.file.name
        try:
            async with self._slots:
                data = await self._fetch(errand.file.reference)
                if errand.task is Task.CHECK:
                    parcels = await self._check(id_, user, errand, data)
                else:
                    parcels = (Parcel(f"{id_}-i", user, await self._import(name, data)),)
        except UnreadableDocument as error:
            parcels = (_say(id_, user, texts.unreadable(name, str(error))),)
        except UnsuitableFileError as error:
            parcels = (_say(id_, user, texts.unsuitable(name, error.why)),)
        except ContentError:
            parcels = (_say(id_, user, texts.too_large(name, MOST_BYTES // 1024 // 1024)),)
        except ApiError as error:
            log_event(_log, "file not fetched", logging.WARNING, reason=_reason(error))
            parcels = (_say(id_, user, texts.not_fetched(name)),)
        except asyncio.CancelledError:
            await self._outbox.accept(_say(id_, user, texts.interrupted(name)))
            raise
        except Exception:
            await self._accept(_say(id_, user, texts.failed(name, id_[:6])))
            raise
        for parcel in parcels:
            await self._accept(parcel)

    async def _fetch(self, reference: str) -> bytes:
        for attempt in range(1, TRIES):
            try:
                return await self._fetcher.download(reference, MOST_BYTES)
            except ApiUnreachableError:
                await asyncio.sleep(self._backoff.delay(attempt))
            except ApiRefusedError as error:
                if error.reaction not in _PASSING:
                    raise
                await asyncio.sleep(self._backoff.delay(attempt))
        return await self._fetcher.download(reference, MOST_BYTES)

    async def _check(self, id_: str, user: str, errand: Errand, data: bytes) -> tuple[Parcel, ...]:
        library, now = self._base.library(), self._now()
        found = await asyncio.to_thread(review, data, errand.file.name, library, unit=errand.unit, now=now)
        log_event(_log, "file checked", reference=id_[:6], findings=len(found.proof.findings))
        summary = Parcel(f"{id_}-s", user, _summary(found))
        if found.document is None:
            return (summary,)
        return summary, checked_parcel(f"{id_}-f", user, Attachment(found.name, found.document))

    async def _import(self, name: str, data: bytes) -> str:
        """Add a file to the knowledge base; return what to say about it."""
        if self._base.folder is None:
            return texts.NO_BASE_OF_ITS_OWN
        kind = await asyncio.to_thread(check_suitable, data, name)
        async with self._building:
            try:
                reports = await asyncio.to_thread(self._add, f"{_stem(name)}.{kind}", data, self._base.folder)
            except (KnowledgeError, OSError) as error:
                log_event(_log, "file not added", logging.WARNING, reason=type(error).__name__)
                return texts.not_imported(name, str(error) if isinstance(error, KnowledgeError) else "")
        log_event(_log, "file added to the knowledge base", reports=reports)
        return texts.imported(name, reports)

    def _add(self, name: str, data: bytes, folder: Path) -> int:
        with tempfile.TemporaryDirectory(prefix="bigan-") as place:
            path = Path(place) / name
            path.write_bytes(data)
            outcome = add_documents((path,), folder, self._base.tables(), self._base.segmenter)
        return outcome.manifest.counts.reports

    async def _accept(self, parcel: Parcel) -> None:
        """Have the outbox take a parcel, again after a fault: somebody was told that it comes."""
        for attempt in range(1, TRIES):
            try:
                await self._outbox.accept(parcel)
            except OutboxUnavailableError:
                await asyncio.sleep(self._backoff.delay(attempt))
            else:
                return
        await self._outbox.accept(parcel)


@contextmanager
def _unless_away() -> Iterator[None]:
    try:
        yield
    except OutboxUnavailableError as error:
        log_event(_log, "pledge not kept", logging.WARNING, reason=str(error))


def _say(id_: str, user: str, text: str) -> Parcel:
    return Parcel(f"{id_}-s", user, text)


def _summary(found: Review) -> str:
    proof = found.proof
    lines = [
        texts.finding(proof.around(finding), finding.reason, finding.right or "")
        for finding in proof.ranked[: texts.MOST_FINDINGS]
    ]
    return texts.checked(proof.name, proof.tally if proof.findings else "", proof.standard, lines, found.remark)


def _stem(name: str) -> str:
    """Return a name that a file may have, without its suffix."""
    return file_name(Manuscript(name.rpartition(".")[0] or name, ())).removesuffix(".docx")


def _reason(error: ApiError) -> str:
    return str(error.code) if isinstance(error, ApiRefusedError) else type(error).__name__


def find_own_base(folder: Path | None) -> Path | None:
    """Return the folder of the base if files may be added to it: one that was named, is there, and can be written."""
    if folder is None:
        return None
    try:
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None
