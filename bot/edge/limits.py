"""Every figure of the edge in one place, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process takes on. Times are in seconds.

    ``messages_per_minute`` of one user are answered (0: any number); a person types less, a script more.

    ``connections`` are open at once: a multiple of what a proxy or WeChat Work keeps open, within the 1 024 files a process
    may commonly have, and few enough that a queue of one request on each is worked off within a second.

    ``request_seconds`` may pass from the first byte of a request (or from connecting) until its body is read: WeChat Work
    itself gives up after five. ``idle_seconds`` may pass between two requests on one connection: longer than the proxies in
    front keep theirs, so that they close first and never send into a closing connection. ``lingering_seconds`` is how long
    a refused body is still read, so that the refusal is not lost in a reset.

    ``deliveries_at_once`` are being answered at most, as far as answering waits for something (Redis, an earlier message of
    the same user). ``queue_seconds`` one may wait for its turn: long enough for a crowd that comes at once, short enough to be
    answered before WeChat Work hangs up, even where a busy machine lets a second pass before it is read.
    """

    messages_per_minute: int = 20
    connections: int = 512
    request_seconds: float = 8.0
    idle_seconds: float = 130.0
    lingering_seconds: float = 1.0
    deliveries_at_once: int = 64
    queue_seconds: float = 1.0


LIMITS = Limits()
"""The figures in force."""
