"""The end of a service without a lost request: what has reached this machine is answered before the door closes.

A listening socket that is simply closed resets the connections that wait in its queue, and a connection that is closed
between two requests loses the one that is just arriving. So the queue is emptied in the moment the socket closes, and for
a short while every answer asks its client to close the connection.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Callable

from aiohttp import hdrs, web

from bot.edge.limits import LIMITS, Limits
from bot.edge.server import GuardedRunner
from bot.logs import log_event
from bot.workers import BACKLOG, turn_away

GRACE_SECONDS = 1.0
"""How long open connections may still bring requests. Whoever is heard within it is told to close; only a client that keeps
a connection open and silent longer than this can send into its closing."""

TURNS_TO_BEGIN = 3
"""Of the event loop: one in which it accepts connections, one in which it makes their transports, and one to spare."""

LOOK_SECONDS = 0.02
QUIET_LOOKS = 2
"""Looks without a connection, one after another, that are believed: one just accepted is not counted at once."""

_log = logging.getLogger(__name__)


class Drain:
    """Ends the service of one application. Made before the application starts."""

    def __init__(self, app: web.Application) -> None:
        self._leaving = False
        app.on_response_prepare.append(self._say_goodbye)

    async def leave(self, runner: web.BaseRunner, listener: socket.socket, grace: float = GRACE_SECONDS) -> None:
        """Stop listening on ``listener``, answer what has come, and wait for connections to end, at most ``grace`` seconds.

        What is being answered then is for ``runner.cleanup()`` to wait for.
        """
        self._leaving = True
        server, loop = runner.server, asyncio.get_running_loop()
        if server is None:
            return
        sites = list(runner.sites)
        loop.remove_reader(listener)
        for _ in range(TURNS_TO_BEGIN):
            # asyncio drops a connection it has accepted when its server is closed before it has begun to serve it.
            await asyncio.sleep(0)
        waiting = _take_waiting(listener)
        for site in sites:
            # Never waits: it closes the socket, at once, for what comes between would be reset.
            await site.stop()
        arriving = [loop.create_task(loop.connect_accepted_socket(server, connection)) for connection in waiting]
        await asyncio.gather(*arriving, return_exceptions=True)
        log_event(_log, "leaving", connections=len(server.connections))
        deadline, quiet = loop.time() + grace, 0
        while quiet < QUIET_LOOKS and loop.time() < deadline:
            await asyncio.sleep(LOOK_SECONDS)
            quiet = 0 if server.connections else quiet + 1

    async def _say_goodbye(self, _: web.Request, response: web.StreamResponse) -> None:
        if self._leaving:
            response.force_close()
            # The headers stand by now; without a word a client would send its next request into the closing connection.
            response.headers[hdrs.CONNECTION] = "close"


async def serve_until_told(
    app: web.Application,
    listener: socket.socket,
    serving: Callable[[], None],
    limits: Limits = LIMITS,
    *,
    is_alone: bool = True,
) -> None:
    """Serve ``listener`` until told to stop and end without losing a request; ``serving`` is called when it begins.

    ``is_alone``: no other process accepts from this socket.

    SIGTERM, SIGINT and SIGHUP tell: who has no other worker to go on with is started again by whoever started it.
    """
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, told.set)
    drain, runner = Drain(app), GuardedRunner(app, limits)
    await runner.setup()
    try:
        # What is loaded by now stays for good: looking through it for garbage costs milliseconds, again and again.
        gc.collect()
        gc.freeze()
        await web.SockSite(runner, listener, backlog=BACKLOG).start()
        serving()
        await told.wait()
        if is_alone:
            turn_away(listener)
        await drain.leave(runner, listener)
    finally:
        await runner.cleanup()


def _take_waiting(listener: socket.socket) -> list[socket.socket]:
    """Accept every connection that waits. Nothing may be awaited between this and the closing of the listener."""
    taken: list[socket.socket] = []
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return taken
        connection.setblocking(False)
        taken.append(connection)
