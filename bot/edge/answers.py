"""Answers outside dialogue: short, equal for equal causes, and silent about what runs here."""

from __future__ import annotations

from aiohttp import hdrs, web

from bot.errors import Refusal

SERVER = "web"
"""Stands in the Server header of every answer, in place of aiohttp's and Python's versions."""

UNSERVED = ""
"""The text of what is answered with a status alone (404, 405, 500 …)."""


def refuse(refusal: Refusal) -> web.Response:
    """Return the answer to a refused request. It ends the connection, unless it asks to come back later (503)."""
    response = web.Response(status=refusal.status, text=refusal.text)
    response.headers[hdrs.SERVER] = SERVER
    if refusal.status != 503:
        response.force_close()
        # Said in so many words, for aiohttp leaves it out where it could not read the request.
        response.headers[hdrs.CONNECTION] = "close"
    return response


async def hide_server(_: web.Request, response: web.StreamResponse) -> None:
    """Name no software in an answer (a signal handler for ``on_response_prepare``)."""
    response.headers[hdrs.SERVER] = SERVER
