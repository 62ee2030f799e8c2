"""Between a turn of the conversation and the outbox: documents go out, notes come in. Never waits for WeChat Work."""

from __future__ import annotations

import asyncio
import logging
import secrets

from bot.logs import log_event
from bot.office.manuscript import write_manuscript
from bot.office.naming import file_name
from bot.outbox.notices import file_parcel, with_notes
from bot.outbox.protocol import Attachment, OutboxError
from bot.outbox.service import Outbox
from handlers.dialogue import Message
from handlers.manuscript import Manuscript

_log = logging.getLogger(__name__)


class Dispatch:
    """What a conversation needs of an outbox."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def send_document(self, message: Message, document: Manuscript) -> bool:
        """Have a document delivered as a Word file to whoever wrote ``message``; tell whether that is certain now.

        When it is not, the answer has to give the text instead. A message that is processed again sends nothing twice.
        """
        content = await asyncio.to_thread(write_manuscript, document)
        id_ = message.delivery or secrets.token_hex(16)
        try:
            await self._outbox.accept(file_parcel(id_, message.user, Attachment(file_name(document), content)))
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
