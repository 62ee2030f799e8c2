"""Between a turn of the conversation and the outbox: documents, cards and errands go out, notes come in.

Never waits for WeChat Work.
"""

from __future__ import annotations

import asyncio
import logging
import secrets

from bot.errands import Errands
from bot.logs import log_event
from bot.office.manuscript import write_manuscript
from bot.office.naming import file_name
from bot.outbox.filing import Filing
from bot.outbox.notices import card_parcel, file_parcel, with_notes
from bot.outbox.protocol import Attachment, OutboxError, Parcel
from bot.outbox.service import Outbox
from bot.wecom.envelope import WecomMessage
from handlers.dialogue import Message, Turn
from handlers.manuscript import Manuscript
from handlers.reply import Buttons
from handlers.texts import files as file_texts

MOST_ERRANDS = 256
MOST_FILES = 16
"""Members' files in hand at once, each of at most two megabytes; who comes then is asked to come again."""

CARD_SECONDS = 0.3
"""What a card waits for: the answer it belongs to leaves at once and should be there first."""

_USED = "已选：{text}"

_log = logging.getLogger(__name__)


class Dispatch:
    """What a conversation needs of an outbox. Close it before the outbox."""

    def __init__(self, outbox: Outbox, filing: Filing | None = None, *, card_seconds: float = CARD_SECONDS) -> None:
        self._outbox = outbox
        self._filing = filing
        self._card_seconds = card_seconds
        self._errands = Errands(MOST_ERRANDS)
        self._files = Errands(MOST_FILES)

    async def send_document(self, message: Message, document: Manuscript) -> bool:
        """Have a document delivered as a Word file to whoever wrote ``message``; tell whether that is certain now.

        When it is not, the answer has to give the text instead. A message that is processed again sends nothing twice.
        """
        content = await asyncio.to_thread(write_manuscript, document)
        try:
            await self._outbox.accept(file_parcel(_id(message), message.user, Attachment(file_name(document), content)))
        except OutboxError as error:
            log_event(_log, "document not accepted", logging.WARNING, reason=str(error))
            return False
        return True

    async def add_notes(self, message: Message, page: str, limit_bytes: int) -> str:
        """Return the page with what could not be sent to the member before it, as far as that fits."""
        try:
            notes = await self._outbox.notes(message.user)
            if not notes:
                return page
            shown, count = with_notes(notes, page, limit_bytes)
            if count:
                await self._outbox.drop_notes(message.user, count)
        except OutboxError as error:
            log_event(_log, "notes not read", logging.WARNING, reason=str(error))
            return page
        return shown

    def follow(self, message: Message, turn: Turn) -> None:
        """Begin what belongs to an answer that stands: its card, the update of the card it came from, work on a file."""
        if isinstance(message, WecomMessage) and message.response_code:
            self._errands.begin(self._mark_used(message))
        if turn.reply is not None and turn.reply.buttons is not None:
            self._errands.begin(self._send_card(message, turn.reply.buttons))
        if turn.errand is not None and self._filing is not None:
            begun = self._files.begin(self._filing.run(message, turn.errand))
            if not begun:
                self.send(Parcel(f"{_id(message)}-s", message.user, file_texts.BUSY))

    def send(self, parcel: Parcel) -> None:
        """Have a parcel delivered, without a promise."""
        self._errands.begin(self._send(parcel))

    async def close(self) -> None:
        """Bring what is under way to its end."""
        await asyncio.gather(self._errands.close(), self._files.close())

    async def _send(self, parcel: Parcel) -> None:
        await self._outbox.accept(parcel)

    async def _send_card(self, message: Message, buttons: Buttons) -> None:
        parcel = card_parcel(_id(message), message.user, buttons)
        await asyncio.sleep(self._card_seconds)
        await self._outbox.accept(parcel)

    async def _mark_used(self, message: WecomMessage) -> None:
        used = _USED.format(text=message.text)
        await self._outbox.client.update_card([message.user], message.response_code, used)


def _id(message: Message) -> str:
    return message.delivery or secrets.token_hex(16)
