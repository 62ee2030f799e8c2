"""Several processes on one port: the kernel shares connections among them (``SO_REUSEPORT``), Redis shares the state.

The parent opens one listening socket per worker and keeps it, so what arrives while a worker is being replaced waits for
the next one instead of being reset. SIGHUP replaces the workers one after another, each only once its successor serves;
SIGTERM and SIGINT end them all.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import socket
import struct
import sys
import time
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Self

from bot.logs import log_event

RESTART_SECONDS = 1.0
"""A worker that dies is started again, but not more often than this."""

READY_SECONDS = 30.0
"""A successor that does not serve by then is given up, and the old worker stays."""

BACKLOG = 512

_STOP = frozenset((signal.SIGTERM, signal.SIGINT))
_HEARD = _STOP | {signal.SIGHUP, signal.SIGCHLD}
_PID = struct.Struct("=q")

_SO_ATTACH_FILTER = 26
"""As in asm-generic/socket.h; Python's ``socket`` has no name for it."""

_BPF_RETURN_CONSTANT = 0x06

Work = Callable[[socket.socket, Callable[[], None]], None]
"""What a worker does with its listening socket; it calls its second argument once it serves. SIGTERM and SIGINT end it."""

_log = logging.getLogger(__name__)


def open_listeners(host: str, port: int, count: int) -> list[socket.socket]:
    """Return ``count`` listening sockets that share one port (0: a free one). Raises ``OSError`` when it cannot be had."""
    listeners: list[socket.socket] = []
    try:
        for _ in range(count):
            listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
            listeners.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if count > 1:
                # Not for one alone: a second service on the same port is to be told that it is taken.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind((host, port))
            listener.listen(BACKLOG)
            listener.setblocking(False)
            port = listener.getsockname()[1]
    except OSError:
        for listener in listeners:
            listener.close()
        raise
    return listeners


def turn_away(listener: socket.socket) -> None:
    """Have the kernel overlook whoever knocks at ``listener`` from now on; who has been let in may still be accepted.

    To be called by the last that listens, before it empties the queue and closes. Otherwise a connection that comes between
    the two is reset with the request it brings; one that was overlooked knocks again a second later, and is refused or let
    in by whoever listens then. Linux only; elsewhere nothing is done.
    """
    if not sys.platform.startswith("linux"):
        return
    # A classic BPF program of one instruction, struct sock_filter in linux/filter.h: return, keeping 0 bytes.
    instruction = array("B", struct.pack("=HBBI", _BPF_RETURN_CONSTANT, 0, 0, 0))
    program = struct.pack("@HP", 1, instruction.buffer_info()[0])
    # Where the kernel will not have it, the moment in which a connection is lost is short all the same.
    with suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)


def supervise(listeners: Sequence[socket.socket], work: Work) -> None:
    """Run ``work`` in one forked process per listener until told to stop, then wait for them to finish.

    ``work`` must open its own files and connections. A worker that ends by itself is replaced.
    """
    _Supervisor([_Place(listener) for listener in listeners], work).run()


@dataclass(slots=True)
class _Place:
    """A listening socket and the processes that serve it: one worker, and its successor until that serves too."""

    listener: socket.socket
    worker: int | None = None
    successor: int | None = None
    started: float = -RESTART_SECONDS

    def pids(self) -> list[int]:
        return [pid for pid in (self.worker, self.successor) if pid is not None]


@dataclass(slots=True)
class _Supervisor:
    """Keeps every place taken. ``leaving`` are workers whose successor serves, ``renewals`` the places yet to be renewed."""

    places: list[_Place]
    work: Work
    leaving: set[int] = field(default_factory=set)
    renewals: deque[_Place] = field(default_factory=deque)
    stopping: bool = False

    def run(self) -> None:
        with _Ear() as ear:
            while not self.stopping or self.leaving or any(place.pids() for place in self.places):
                if not self.stopping:
                    self._tend(ear)
                signals, serving = ear.listen(self._patience())
                for place in self.places:
                    if place.successor in serving:
                        self._hand_over(place)
                self._reap()
                if signals & _STOP:
                    self._stop()
                if signal.SIGHUP in signals and not self.renewals:
                    self.renewals.extend(self.places)

    def _tend(self, ear: _Ear) -> None:
        """Fill what is vacant, give up who is overdue, and begin the next renewal when none is under way."""
        now = time.monotonic()
        for place in self.places:
            if not place.pids() and now >= place.started + RESTART_SECONDS:
                place.worker, place.started = self._start(place, ear), now
            if place.successor is not None and now >= place.started + READY_SECONDS:
                os.kill(place.successor, signal.SIGKILL)
        if self.renewals and not self.leaving and all(place.successor is None for place in self.places):
            place = self.renewals.popleft()
            place.successor, place.started = self._start(place, ear), now

    def _patience(self) -> float | None:
        """Return how long nothing can happen unless somebody says something, in seconds (``None``: ever)."""
        waits = [place.started + RESTART_SECONDS for place in self.places if not place.pids()]
        waits += [place.started + READY_SECONDS for place in self.places if place.successor is not None]
        return max(0.0, min(waits) - time.monotonic()) if waits and not self.stopping else None

    def _hand_over(self, place: _Place) -> None:
        if place.worker is not None:
            self.leaving.add(place.worker)
            os.kill(place.worker, signal.SIGTERM)
        place.worker, place.successor = place.successor, None

    def _reap(self) -> None:
        """Take note of every process that has ended."""
        while (ended := _next_ended()) is not None:
            pid, status = ended
            if pid in self.leaving:
                self.leaving.discard(pid)
                continue
            for place in self.places:
                if pid == place.successor:
                    place.successor = None
                    self.renewals.clear()
                elif pid == place.worker:
                    place.worker = None
            if not self.stopping:
                log_event(_log, "worker ended by itself", logging.ERROR, status=os.waitstatus_to_exitcode(status))

    def _stop(self) -> None:
        # Our copies of the sockets go first: a worker that closes its own then closes the last.
        self.stopping = True
        for place in self.places:
            turn_away(place.listener)
            place.listener.close()
            for pid in place.pids():
                os.kill(pid, signal.SIGTERM)

    def _start(self, place: _Place, ear: _Ear) -> int:
        # Blocked: a signal between the fork and the default handlers would be swallowed by ours.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        child = os.fork()
        if child:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            return child
        code = 1
        try:
            ear.forget()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            for other in self.places:
                # A copy kept here would go on filling a queue that nobody empties.
                if other is not place:
                    other.listener.close()
            self.work(place.listener, ear.tell_serving)
            code = 0
        except Exception:  # noqa: BLE001 - the process ends here; what is not logged now is lost
            _log.exception("worker failed")
        finally:
            # Not sys.exit: the parent's clean-up is not the child's to do.
            os._exit(code)


class _Ear:
    """Hears signals and what the workers say, in one place and one after another."""

    def __enter__(self) -> Self:
        self._noted, self._note = socket.socketpair()
        self._said, self._say = os.pipe()
        for end in (self._noted, self._note):
            end.setblocking(False)
        self._previous = {number: signal.signal(number, _ignore) for number in _HEARD}
        self._previous_fd = signal.set_wakeup_fd(self._note.fileno(), warn_on_full_buffer=False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._noted, selectors.EVENT_READ)
        self._selector.register(self._said, selectors.EVENT_READ)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(self._previous_fd)
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._selector.close()
        self._noted.close()
        self._note.close()
        os.close(self._said)
        os.close(self._say)

    def listen(self, seconds: float | None) -> tuple[set[int], set[int]]:
        """Wait for something to be heard; return the numbers of signals, and of the processes that have begun to serve."""
        signals: set[int] = set()
        serving: set[int] = set()
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._noted:
                signals.update(self._noted.recv(4096))
            else:
                serving.update(pid for (pid,) in _PID.iter_unpack(os.read(self._said, _PID.size * 64)))
        return signals, serving

    def tell_serving(self) -> None:
        """Say, in a worker, that it serves."""
        os.write(self._say, _PID.pack(os.getpid()))

    def forget(self) -> None:
        """Give the signals their usual meaning, in a worker."""
        signal.set_wakeup_fd(-1)
        for number in _HEARD:
            signal.signal(number, signal.SIG_DFL)


def _ignore(_: int, __: FrameType | None) -> None:
    """Have the signal written to the wake-up socket; its number is all that matters."""


def _next_ended() -> tuple[int, int] | None:
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (pid, status) if pid else None
