"""Several processes on one port: the kernel shares connections among them (``SO_REUSEPORT``), Redis shares the state."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from types import FrameType

from bot.logs import log_event

RESTART_SECONDS = 1.0
"""A worker that dies is started again, but not more often than this."""

_STOP = (signal.SIGTERM, signal.SIGINT)

_log = logging.getLogger(__name__)


def run_workers(count: int, work: Callable[[], None]) -> None:
    """Run ``work`` in ``count`` processes until told to stop by SIGTERM or SIGINT, then wait for them to finish.

    Each process is forked, so ``work`` must open its own files and connections. A worker that ends by itself is
    replaced.
    """
    workers: set[int] = set()
    stopping = False

    def stop(number: int, _: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for worker in workers:
            os.kill(worker, number)

    previous = {number: signal.signal(number, stop) for number in _STOP}
    try:
        while len(workers) < count:
            workers.add(_start(work))
        while workers:
            ended, status = os.wait()
            workers.discard(ended)
            if not stopping:
                log_event(_log, "worker ended and is replaced", logging.ERROR, status=os.waitstatus_to_exitcode(status))
                time.sleep(RESTART_SECONDS)
                # Told to stop while waiting: the others are going already.
                if not stopping:
                    workers.add(_start(work))
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _start(work: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        for number in _STOP:
            signal.signal(number, signal.SIG_DFL)
        work()
        code = 0
    except Exception:  # noqa: BLE001 - the process ends here; what is not logged now is lost
        _log.exception("worker failed")
    finally:
        # Not sys.exit: the parent's clean-up is not the child's to do.
        os._exit(code)
