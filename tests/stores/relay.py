"""A relay in front of a redis-server that can misbehave as networks do."""

from __future__ import annotations

import asyncio
from enum import Enum
from pathlib import Path


class Mode(Enum):
    """What becomes of the bytes that pass."""

    OPEN = "passed on"
    HOLE = "swallowed"
    SLOW = "passed on late"
    RESET = "connections are aborted"


class Relay:
    """Passes bytes between a unix socket of its own and the server's, as ``mode`` says."""

    def __init__(self, server: Path, delay: float = 0.2) -> None:
        self.socket = server.with_name("relay.sock")
        self.mode = Mode.OPEN
        self._server = server
        self._delay = delay
        self._listener: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The relay's address as a setting."""
        return f"unix://{self.socket}"

    async def start(self) -> None:
        """Listen."""
        self._listener = await asyncio.start_unix_server(self._accept, self.socket)

    def switch(self, mode: Mode) -> None:
        """Change the behaviour from now on."""
        self.mode = mode
        if mode is Mode.RESET:
            for writer in list(self._open):
                writer.transport.abort()

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._listener is not None:
            self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode is Mode.RESET:
            writer.transport.abort()
            return
        try:
            back, forth = await asyncio.open_unix_connection(self._server)
        except OSError:
            writer.transport.abort()
            return
        for source, target in ((reader, forth), (back, writer)):
            self._open.add(target)
            task = asyncio.create_task(self._pass(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while chunk := await source.read(65536):
                if self.mode is Mode.HOLE:
                    continue
                if self.mode is Mode.SLOW:
                    await asyncio.sleep(self._delay)
                target.write(chunk)
                await target.drain()
        except OSError:
            pass
        finally:
            self._open.discard(target)
            target.transport.abort()
