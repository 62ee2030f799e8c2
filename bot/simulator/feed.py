"""What reaches the members by itself, for the page to fetch: messages as they arrive, and the files they hold."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from urllib.parse import quote

from aiohttp import web

from bot.simulator.api import ApiStandIn
from bot.simulator.presentation import Body, describe_menu, describe_message

WAIT_SECONDS = 10.0
"""How long a request waits for something new before it is answered with nothing."""

LOOK_SECONDS = 0.5
"""How soon it is noticed that the page has gone."""

MOST_WAITING = 16
"""Requests beyond these are answered at once: a page that is open somewhere must not wear the server out."""

MOST_MESSAGES = 200
"""The newest messages of all members; a page that is opened shows no older ones."""

_UNSAFE = re.compile(r"[^0-9A-Za-z._-]+")


class Feed:
    """Tells pages what changed since they asked last."""

    def __init__(self, api: ApiStandIn | None) -> None:
        self._api = api
        self._waiting = 0

    async def tell(self, request: web.Request) -> Body:
        """Answer ``?after=N`` with what changed since change N, when there is something or :data:`WAIT_SECONDS` are over.

        Without an active API nothing comes by itself: ``live`` is false and the page need not ask again.
        """
        api = self._api
        if api is None:
            return {"live": False, "at": 0, "messages": [], "menu": describe_menu(None)}
        after = _number(request.query.get("after", ""))
        if after is not None and self._waiting < MOST_WAITING:
            self._waiting += 1
            try:
                await _wait(api, after, request)
            finally:
                self._waiting -= 1
        changed = [shown for shown in api.shown if shown.changed > (after or 0)]
        messages = [describe_message(shown) for shown in changed[-MOST_MESSAGES:]]
        return {"live": True, "at": api.inbox.changes, "messages": messages, "menu": describe_menu(api.menu)}

    async def give_file(self, request: web.Request) -> web.Response:
        """Answer with the file of a message, under its own name."""
        message_id = request.match_info["message"]
        shown = self._api.shown if self._api is not None else []
        file = next((each.file for each in shown if each.id == message_id and not each.recalled), None)
        if file is None:
            return web.Response(status=404, text="没有这个文件，或已撤回")
        headers = {"Content-Disposition": attachment(file.name)}
        return web.Response(body=file.content, content_type="application/octet-stream", headers=headers)


def attachment(name: str) -> str:
    """Return the header by which a browser saves a file under its own name (RFC 6266, RFC 5987)."""
    return (
        f"attachment; filename=\"{_UNSAFE.sub('_', name)}\"; filename*=UTF-8''{quote(name, safe='', errors='replace')}"
    )


async def _wait(api: ApiStandIn, after: int, request: web.Request) -> None:
    """Return once something changed, time is up, or there is nobody left to tell."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + WAIT_SECONDS

    def is_due() -> bool:
        return api.closed or api.inbox.changes != after

    while not is_due() and loop.time() < deadline and request.transport is not None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await api.until(is_due)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text) else None
