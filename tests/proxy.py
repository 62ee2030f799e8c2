"""A TCP proxy in front of a redis-server that misbehaves as networks do."""

from __future__ import annotations

import asyncio
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self


class Mode(Enum):
    """What becomes of the bytes that pass, and of connections."""

    OPEN = "passed on"
    HOLE = "swallowed, both ways; connections stay open"
    SLOW = "passed on late"
    RESET = "every connection is reset, new ones too"


class Proxy:
    """Passes bytes between a TCP port of its own and the server's unix socket; use as an asynchronous context manager.

    ``delay`` is what slow means, in seconds each way.
    """

    def __init__(self, server: Path, delay: float = 0.3) -> None:
        self.mode = Mode.OPEN
        self._server = server
        self._delay = delay
        self._listener: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listener is not None:
            self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        """The proxy's address as a setting."""
        if self._listener is None:
            raise RuntimeError("enter the proxy first")
        return f"redis://127.0.0.1:{self._listener.sockets[0].getsockname()[1]}/0"

    def switch(self, mode: Mode) -> None:
        """Behave otherwise from now on."""
        self.mode = mode
        if mode is Mode.RESET:
            for writer in list(self._writers):
                writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.mode is Mode.RESET:
                raise ConnectionResetError
            back, forth = await asyncio.open_unix_connection(self._server)
        except OSError:
            writer.transport.abort()
            return
        for source, target in ((reader, forth), (back, writer)):
            self._writers.add(target)
            task = asyncio.create_task(self._pass(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while chunk := await source.read(65536):
                if self.mode is Mode.SLOW:
                    await asyncio.sleep(self._delay)
                if self.mode is not Mode.HOLE:
                    target.write(chunk)
                    await target.drain()
        except OSError:
            pass
        finally:
            self._writers.discard(target)
            target.transport.abort()
