"""The workers of one service as each other's readers: whoever is asked for the figures asks all others for theirs.

The kernel hands a request to any of the workers that share the port. Each has a number and, under it, a socket in a folder
that only this service's user can enter; what connects there is told the worker's figures, as JSON, and nothing else.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.logs import log_event
from bot.metrics import Figures

MOST_WORKERS = 128
"""Numbers there are: twice the workers a service may have, so that old and new ones can run side by side."""

ANSWER_SECONDS = 1.0
"""A worker that takes longer to tell its figures counts as not answering."""

LARGEST_ANSWER = 4 * 1024 * 1024

Read = Callable[[], Awaitable[Figures]]

_log = logging.getLogger(__name__)


class Siblings:
    """One worker's place among ``count`` of them; use as an asynchronous context manager.

    ``folder`` is shared by all workers of the service (``None``: there is one alone), ``read`` gives this worker's own figures.
    A worker that takes the place of one that died takes over its number, so the series in the figures go on.
    """

    def __init__(self, folder: Path | None, count: int, read: Read) -> None:
        self._folder = folder
        self._count = count
        self._read = read
        self._number = 0
        self._lock: int | None = None
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Take a number and listen under it. Without a place to listen the service still runs; its figures are missed."""
        if self._folder is None:
            return self
        try:
            self._number, self._lock = _claim(self._folder)
            path = self._folder / f"{self._number}.sock"
            path.unlink(missing_ok=True)
            self._server = await asyncio.start_unix_server(self._tell, path)
        except OSError as error:
            log_event(_log, "figures not shared with other workers", logging.WARNING, reason=type(error).__name__)
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Give the number back."""
        if self._server is not None:
            # Whoever is being told something right now is told the rest or not; leaving does not wait for that.
            self._server.close()
        if self._lock is not None:
            os.close(self._lock)

    async def gather(self) -> dict[int, Figures | None]:
        """Return the figures of every worker by its number; ``None`` for one that should be there and does not answer."""
        others = [number for number in self._numbers() if number != self._number]
        own, *theirs = await asyncio.gather(self._read(), *(self._ask(number) for number in others))
        found = {self._number: own, **dict(zip(others, theirs, strict=True))}
        # A number beyond the usual ones that does not answer was an old worker's that has gone.
        return {number: found[number] for number in sorted(found) if found[number] is not None or number < self._count}

    def _numbers(self) -> set[int]:
        if self._folder is None:
            return {0}
        return {*range(self._count), *(int(path.stem) for path in self._folder.glob("*.sock"))}

    async def _ask(self, number: int) -> Figures | None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                reader, writer = await asyncio.open_unix_connection(f"{self._folder}/{number}.sock")
                try:
                    return Figures(json.loads(await _read_all(reader)))
                finally:
                    writer.close()
        except (OSError, ValueError, TimeoutError):
            return None

    async def _tell(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(json.dumps((await self._read()).families).encode())
            await writer.drain()
        except OSError:
            # Whoever asked has gone.
            pass
        finally:
            writer.close()


def _claim(folder: Path) -> tuple[int, int]:
    """Return the smallest number that no living worker has, and the descriptor that holds it for as long as we live."""
    for number in range(MOST_WORKERS):
        descriptor = os.open(folder / f"{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
        else:
            return number, descriptor
    raise OSError("no number left")


async def _read_all(reader: asyncio.StreamReader) -> bytes:
    content = bytearray()
    while chunk := await reader.read(65536):
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise ValueError("larger than any figures")
    return bytes(content)
