"""One message in, one answer out: claim, lock and load, respond, save and record.

Transport hands a message to :class:`Conversation` and sends what comes back. Whatever goes wrong on the way, the user gets
a sentence and the log gets one event; neither ever holds what the user wrote.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, assert_never

from bot.logs import log_event
from bot.observation import Observation, Observe
from bot.rendering import TEXT_LIMIT_BYTES, render
from bot.sessions import RecentSessions
from bot.stores.keys import pseudonym
from bot.stores.protocol import PATIENCE_SECONDS, Answered, Busy, ConversationStore, New, Running, StoreUnavailableError
from handlers.dialogue import Message, MessageKind, Session, Turn, Understanding
from handlers.manuscript import Manuscript
from handlers.notebook import Notebook
from handlers.reply import Item, Paragraph, Reply
from knowledge.model import Source

BUSY = "您前面的消息还在处理，请稍等片刻再发。"
APOLOGY = "抱歉，这条消息没处理好，请再发一次或换个说法。若还是不行，请把编号 {reference} 告诉管理员。"

USER_HASH_DIGITS = 12
"""Of the user's hash in a log line: the beginning of the one in that user's Redis keys."""

LONG_CHARACTERS = 1_000
"""A text longer than this was pasted to be checked, by every rule; that may take a tenth of a second."""

Respond = Callable[[Message, Session, Notebook], Turn]
"""The dialogue: pure, synchronous, a matter of milliseconds; called from more than one thread where texts are long."""

_log = logging.getLogger(__name__)


class Beside(Protocol):
    """Whatever reaches a user beside the answer, where the channel has a way; see :class:`bot.outbox.dispatch.Dispatch`."""

    async def send_document(self, message: Message, document: Manuscript) -> bool:
        """Have a document delivered; tell, within a fraction of a second, whether that is certain."""
        ...

    async def add_notes(self, message: Message, page: str, limit_bytes: int) -> str:
        """Return the page with what could not be delivered before."""
        ...

    def follow(self, message: Message, turn: Turn) -> None:
        """Begin what belongs to an answer that stands; returns at once."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What one message led to: the turn, all pages of its reply, and which of them is sent (from 0)."""

    turn: Turn
    pages: tuple[str, ...]
    page: int

    @property
    def text(self) -> str | None:
        """The page to send, or ``None`` to say nothing."""
        return self.pages[self.page] if self.pages else None

    def to_json(self) -> dict[str, Any]:
        """Return the Answer object of the machine interface."""
        understanding = self.turn.understanding
        reply = self.turn.reply or Reply(())
        return {
            "intent": understanding.intent,
            "confidence": round(understanding.confidence, 2),
            "slots": dict(understanding.slots),
            "items": [_item_json(item) for item in reply.items],
            "total": reply.total,
            "found": reply.found,
            "notes": list(reply.notes),
            "pages": list(self.pages),
        }


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A message under way: what it is called in the log and in an apology, and when it came."""

    message: Message
    reference: str
    started: float


class Conversation:
    """Answers messages one by one for each user, each delivery once.

    ``salt`` keys the hash that stands for a user in the log. ``limit_bytes`` is the channel's limit of a text.
    ``patience`` bounds the wait for the user's turn; it and ``clock`` are in seconds. ``observe`` hears how each ended.
    ``beside`` carries what is no text; without it a document stays in the turn, for whoever asked.
    """

    def __init__(
        self,
        store: ConversationStore,
        respond: Respond,
        *,
        salt: bytes,
        limit_bytes: int = TEXT_LIMIT_BYTES,
        patience: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.perf_counter,
        observe: Observe = lambda observation: None,
        beside: Beside | None = None,
    ) -> None:
        self._store = store
        self._respond = respond
        self._salt = salt
        self._limit_bytes = limit_bytes
        self._patience = patience
        self._clock = clock
        self._sessions = RecentSessions()
        self._long = asyncio.Lock()
        self._observe = observe
        self._beside = beside

    async def receive(self, message: Message) -> str | None:
        """Return the text to send for a delivery (``None``: nothing). A redelivery gets what its first copy got."""
        outcome = await self._process(message, message.delivery)
        return outcome.text if isinstance(outcome, Answer) else outcome

    async def converse(self, message: Message) -> Answer:
        """Answer a message of a transport that never delivers twice (terminal, JSON lines)."""
        outcome = await self._process(message, None)
        return outcome if isinstance(outcome, Answer) else _remark("busy" if outcome else "event", outcome)

    async def _process(self, message: Message, delivery: str | None) -> Answer | str | None:
        """Return the answer, or the text to send where no turn was taken."""
        arrival = _Arrival(message, secrets.token_hex(3), self._clock())
        if message.kind is MessageKind.OTHER:
            self._note(arrival, "ignored")
            return None
        try:
            begun = await self._store.begin(_user(message), delivery, self._patience)
        except StoreUnavailableError:
            return self._apologise(arrival)
        match begun:
            case New():
                return await self._answer(begun, arrival)
            case Answered(reply=reply):
                self._note(arrival, "replayed")
                return reply
            case Running():
                self._note(arrival, "still running")
                return None
            case Busy():
                self._note(arrival, "busy")
                return BUSY
            case _:
                assert_never(begun)

    async def _answer(self, begun: New, arrival: _Arrival) -> Answer:
        """Take the turn. It ends in the store, whatever happens."""
        try:
            answer, session, notebook = await self._take_turn(arrival.message, begun)
        except Exception:  # noqa: BLE001 - whatever a handler raises becomes an apology and one log line
            apology = self._apologise(arrival)
            try:
                await self._store.abandon(begun)
            except StoreUnavailableError:
                log_event(_log, "turn not given back", logging.ERROR)
            return apology
        outcome = "answered" if answer.pages else "silent"
        try:
            saved = await self._store.finish(begun, session, answer.text, notebook)
        except StoreUnavailableError:
            saved = False
        if not saved:
            outcome = "answered, not saved"
        self._note(arrival, outcome, answer)
        if self._beside is not None:
            self._beside.follow(arrival.message, answer.turn)
        return answer

    async def _take_turn(self, message: Message, begun: New) -> tuple[Answer, str, str | None]:
        """Return the answer, and session and notebook to store (``None``: the notebook is as it was).

        A stored session that the dialogue cannot bear would fail with every message to come: it is dropped, once, and
        the message answered without it.
        """
        session, notebook = self._sessions.read(begun.session), Notebook.from_json(begun.notebook)
        try:
            answer = await self._think(message, session, notebook)
        except Exception:
            if session == Session():
                raise
            answer = await self._think(message, Session(), notebook)
            user = pseudonym(self._salt, _user(message), USER_HASH_DIGITS)
            log_event(_log, "session dropped", logging.ERROR, channel=message.channel, user=user)
        if self._beside is not None:
            answer = await self._send_beside(self._beside, message, answer, session, notebook)
        kept = answer.turn.notebook
        return answer, self._store_form(answer.turn), None if kept is None or kept == notebook else kept.to_json()

    async def _send_beside(
        self, beside: Beside, message: Message, answer: Answer, session: Session, notebook: Notebook
    ) -> Answer:
        """Send the document of an answer, if it has one, and say what could not be sent before."""
        document = answer.turn.reply.document if answer.turn.reply is not None else None
        if document is not None and not await beside.send_document(message, document):
            message = replace(message, takes_files=False, file_refused=True)
            answer = await self._think(message, session, notebook)
        if answer.text is None:
            return answer
        pages, page = answer.pages, answer.page
        noted = await beside.add_notes(message, answer.text, self._limit_bytes)
        return replace(answer, pages=(*pages[:page], noted, *pages[page + 1 :]))

    async def _think(self, message: Message, session: Session, notebook: Notebook) -> Answer:
        """Respond; to a long text beside the event loop, so that nobody else waits for it, and to one at a time."""
        if len(message.text) <= LONG_CHARACTERS:
            return self._respond_in_pages(message, session, notebook)
        async with self._long:
            return await asyncio.to_thread(self._respond_in_pages, message, session, notebook)

    def _respond_in_pages(self, message: Message, session: Session, notebook: Notebook) -> Answer:
        turn = self._respond(message, session, notebook)
        pages = render(turn.reply, self._limit_bytes) if turn.reply is not None else ()
        if not pages:
            return Answer(turn, (), 0)
        if turn.remark and len(pages) == 1:
            return Answer(turn, pages, 0)
        page = min(turn.page, len(pages) - 1)
        if (turn.session.page, turn.session.pages) != (page, len(pages)):
            turn = replace(turn, session=replace(turn.session, page=page, pages=len(pages)))
        return Answer(turn, pages, page)

    def _store_form(self, turn: Turn) -> str:
        """Return the stored form of the session; empty where there is nothing to remember, or nothing that should be."""
        session, emptied = turn.session, turn.notebook is not None and turn.notebook.is_empty
        forgotten = not session.views and (emptied or replace(session, edition="") == Session())
        return "" if forgotten else self._sessions.write(session)

    def _apologise(self, arrival: _Arrival) -> Answer:
        """Log the exception being handled, and say sorry with the reference it is found under.

        Of a storm of failures few exceptions are written; the message's own event has the reference too.
        """
        log_event(_log, "message failed", logging.ERROR, reference=arrival.reference)
        self._note(arrival, "failed")
        return _remark("error", APOLOGY.format(reference=arrival.reference))

    def _note(self, arrival: _Arrival, outcome: str, answer: Answer | None = None) -> None:
        """Write the one event of a message, and tell whoever counts."""
        message, turn = arrival.message, answer.turn if answer else None
        reply = turn.reply if turn else None
        user, seconds = pseudonym(self._salt, _user(message), USER_HASH_DIGITS), self._clock() - arrival.started
        observation = Observation(arrival.reference, user, message, outcome, seconds, turn)
        log_event(
            _log,
            "message",
            reference=arrival.reference,
            channel=message.channel,
            kind=message.kind.value,
            intent=turn.understanding.intent if turn else None,
            confidence=round(turn.understanding.confidence, 2) if turn else None,
            total=reply.total if reply else None,
            found=reply.found if reply else None,
            miss=observation.miss,
            passages=" ".join(observation.passages) or None,
            ms=round(seconds * 1000, 1),
            outcome=outcome,
            user=user,
        )
        self._observe(observation)


def _user(message: Message) -> str:
    # Two channels may use one id for two people.
    return f"{message.channel}:{message.user}"


def _remark(intent: str, text: str | None) -> Answer:
    """Return an answer of our own, outside any dialogue."""
    reply = None if text is None else Reply((Paragraph(text),), found=False)
    turn = Turn(reply, Session(), Understanding(intent, 0.0))
    return Answer(turn, () if text is None else (text,), 0)


def _item_json(item: Item) -> dict[str, Any]:
    return {
        "n": item.n,
        "type": item.type.value,
        "text": item.text,
        "level": item.level,
        "ordinal": item.ordinal,
        "set": item.set,
        "sources": [_source_json(source) for source in item.sources],
    }


def _source_json(source: Source) -> dict[str, Any]:
    return {
        "report": source.report,
        "title": source.title,
        "year": source.year,
        "section": list(source.section),
        "start": source.start,
        "end": source.end,
    }
