"""Work beside the answers: begun at once, never waited for, bounded in number, brought to an end when the service stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from bot.errors import BotError
from bot.logs import log_event

GRACE_SECONDS = 0.5
"""What is under way when the service stops may take this long to come to its end."""

_log = logging.getLogger(__name__)


class Errands:
    """Runs at most ``most`` pieces of work at once. Whatever one of them raises becomes one log line."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> bool:
        """Begin a piece of work, or drop it where too many are under way; tell which."""
        if len(self._tasks) >= self._most:
            work.close()
            log_event(_log, "too many errands at once", logging.WARNING)
            return False
        task = asyncio.create_task(_finish(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def close(self, grace: float = GRACE_SECONDS) -> None:
        """Wait ``grace`` seconds for what is under way, then cancel it; each may still say what became of it."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _finish(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except BotError as error:
        # Our own errors say what is wrong and nothing of what was sent.
        log_event(_log, "errand not done", logging.WARNING, reason=str(error))
    except Exception:  # noqa: BLE001 - nobody waits for it: a defect must be seen in the log
        log_event(_log, "errand failed", logging.ERROR)
