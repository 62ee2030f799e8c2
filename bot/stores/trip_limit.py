"""A limit of a round trip that counts what the other side takes, not what this process does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

GRACE_SECONDS = 0.005
"""A few turns of the event loop. An answer that has arrived takes two of them to reach whoever waits for it."""


@asynccontextmanager
async def limited(seconds: float) -> AsyncIterator[None]:
    """Bound the block as ``asyncio.timeout`` does, but do not count the time in which the event loop did not look.

    Where the loop is late (a long answer, a machine that others keep busy) the answer may have been there all along; giving
    the trip up then would make an outage out of a delay of our own. By as much as the loop is late more is waited, at most
    ``seconds``. Raises ``TimeoutError``.
    """
    loop = asyncio.get_running_loop()
    when = loop.time() + seconds
    timeout = asyncio.timeout_at(None)

    def fall_due() -> None:
        now = loop.time()
        timeout.reschedule(now + max(GRACE_SECONDS, min(now - when, seconds)))

    async with timeout:
        due = loop.call_at(when, fall_due)
        try:
            yield
        finally:
            due.cancel()
