"""The active side of the application (主动发送): opened where the settings give the app's secret, and otherwise not there."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

from aiohttp import web

from bot.logs import log_event
from bot.metrics import Metrics
from bot.opening import LiveDialogue
from bot.outbox.courier import Pace
from bot.outbox.dispatch import Dispatch
from bot.outbox.filing import Base, Filing, find_own_base
from bot.outbox.protocol import Parcel
from bot.outbox.service import Outbox, open_outbox
from bot.settings import Settings
from bot.wecom.client import ApiCredentials
from bot.wecom.envelope import WecomMessage
from handlers.texts.lifecycle import EVENTS

_log = logging.getLogger(__name__)


def find_credentials(settings: Settings) -> ApiCredentials | None:
    """Return what the API asks for, or ``None`` when something of it is not set."""
    if settings.wecom_corp_id is None or settings.wecom_agent_id is None or settings.wecom_secret is None:
        return None
    return ApiCredentials(
        settings.wecom_corp_id, int(settings.wecom_agent_id), settings.wecom_secret.get_secret_value()
    )


class ActiveSide:
    """The outbox, what a conversation does with it, and the administrators who are told of things."""

    def __init__(self, outbox: Outbox, filing: Filing, administrators: tuple[str, ...]) -> None:
        self.outbox = outbox
        self.dispatch = Dispatch(outbox, filing)
        self._administrators = administrators

    async def run(self, _: web.Application) -> AsyncIterator[None]:
        """Deliver for as long as the application runs."""
        async with self.outbox:
            yield
            await self.dispatch.close()

    def tell_administrators(self, message: WecomMessage) -> None:
        """Have every administrator told of an event of the app's own life, once however often it is delivered."""
        for number, user in enumerate(self._administrators):
            self.dispatch.send(Parcel(f"{message.delivery}-{number}", user, EVENTS[message.event]))


def open_active_side(
    settings: Settings, dialogue: LiveDialogue, metrics: Metrics, *, base: str, pace: Pace | None = None
) -> ActiveSide | None:
    """Return the active side of one app, or ``None`` without its secret. ``base`` is the address of the API."""
    credentials = find_credentials(settings)
    if credentials is None:
        if settings.wecom_secret is not None:
            log_event(_log, "secret not used: WECOM_CORP_ID or WECOM_AGENT_ID is missing", logging.WARNING)
        return None
    outbox = open_outbox(
        credentials,
        settings.redis_url.get_secret_value() if settings.redis_url is not None else None,
        settings.hash_salt,
        base=base,
        observe=metrics.api_called,
        finished=metrics.outbox_finished,
        pace=pace,
    )
    library = Base(
        library=lambda: dialogue.library,
        tables=lambda: dialogue.tables,
        segmenter=dialogue.segmenter,
        folder=find_own_base(settings.knowledge_base),
    )
    return ActiveSide(outbox, Filing(outbox.client, outbox, library), settings.administrators)
