"""The courier takes parcels to WeChat Work: in order for each member, again after a fault, until delivered or given up.

What becomes of a parcel after a try:

- taken by WeChat Work: finished. Members it says it can't reach get the text as a note at their next turn.
- no answer, or a fault that passes (busy, too often): tried again, with longer and longer pauses, never in step.
- the file or the card is refused: its text is sent in its place.
- nothing will help (set-up, recipient, too old): finished, and its text is kept as a note.
"""

from __future__ import annotations

import asyncio
import bisect
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.logs import log_event
from bot.outbox.pace import Backoff, Brake
from bot.outbox.protocol import Due, Gone, OutboxStore, OutboxUnavailableError, Ticket, Wait
from bot.wecom.api_errors import (
    CARD_TASK_TAKEN,
    ApiRefusedError,
    ApiUnreachableError,
    ContentError,
    Reaction,
)
from bot.wecom.client import Receipt
from bot.wecom.contents import CardContent, Content, FileContent, Text

POLL_SECONDS = 1.0
"""How often a worker says that it is alive and looks for parcels that other workers have accepted."""

IN_HAND = 500
"""Parcels a worker holds at once; what is beyond is left to others."""

SENDING_AT_ONCE = 8

GIVE_UP_SECONDS = 3 * 3600.0
"""From then on a parcel is given up. Shorter than the four hours for which WeChat Work recognises a repetition."""

MOST_TRIES = 10
"""Tries of a parcel that is answered with a fault that passes; where there is no answer only the time counts."""

_log = logging.getLogger(__name__)


class Api(MessageSender := object):  # placeholder replaced below
    pass
