"""Log lines on standard error: one JSON object (or one line of text) per event, with no way in for a message text.

Redaction is by construction, not by filtering. Our own events are a fixed sentence and named fields. Of an exception only
its class and the places it passed are written, never its message, which may quote input. Of a library's line only the
template is written, never what it was filled with.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Literal, TextIO

from aiohttp.abc import AbstractAccessLogger
from aiohttp.web import BaseRequest, Request, StreamResponse

OWN_PACKAGES = ("bot", "handlers", "knowledge")
QUIET_SECONDS = 1.0
"""The second in which lines are counted: a storm of lines is an outage of its own."""

LOUD_LINES = 1
"""Lines of one kind of warning or error in a second."""

CALM_LINES = 50
STORMY_LINES = 5
"""Lines of one kind of ordinary event in a second; the smaller number holds in a storm."""

STORM_SECONDS = 10.0
"""A storm begins after a second with more than :data:`CALM_LINES` and is over when so much time has passed without one."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str)

KINDS_REMEMBERED = 1000
FRAMES_SHOWN = 6

_ACCESS = logging.getLogger("bot.access")

Value = str | int | float | bool | None


def log_event(logger: logging.Logger, event: str, level: int = logging.INFO, **fields: Value) -> None:
    """Log ``event`` (a fixed sentence) with ``fields``. Within an ``except`` block at ERROR the exception is added.

    Fields are ids, counts and names from our own code; a text somebody typed is never one of them.
    """
    if not logger.isEnabledFor(level):
        return
    error = sys.exception() if level >= logging.ERROR else None
    exc_info = (type(error), error, error.__traceback__) if error is not None else None
    # Not logger.log: it walks the stack for a file and a line number that no format of ours shows.
    record = logger.makeRecord(logger.name, level, "", 0, event, (), exc_info)
    record.fields = fields
    logger.handle(record)


@dataclass(slots=True)
class _Second:
    """One second of one kind of line: how many came, how many may pass, how many of the second before were left out, and
    when the storm is over (0: there is none).
    """

    ends: float
    most: int
    owed: int
    storm_ends: float
    seen: int = 0

    @property
    def left_out(self) -> int:
        return max(0, self.seen - self.most)


class StormLimit(logging.Filter):
    """Lets one warning or error a second through per logger and kind, and of ordinary events fifty; the first line of a
    later second says how many were left out. In a storm, which begins after a second with more than fifty ordinary events,
    five a second pass.
    """

    def __init__(self, seconds: float = QUIET_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seconds = seconds
        self._clock = clock
        self._kinds: dict[tuple[str, str], _Second] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Decide about one record, and note the count of those left out on the one that passes."""
        kind = (record.name, _error_class(record) or str(record.msg)[:200])
        now = self._clock()
        second = self._kinds.get(kind)
        if second is None or now >= second.ends:
            second = self._next(kind, second, now, loud=record.levelno >= logging.WARNING)
        second.seen += 1
        if second.seen > second.most:
            return False
        if second.owed:
            record.suppressed, second.owed = second.owed, 0
        return True

    def _next(self, kind: tuple[str, str], before: _Second | None, now: float, *, loud: bool) -> _Second:
        storm_ends = before.storm_ends if before is not None else 0.0
        if before is not None and before.seen > CALM_LINES:
            storm_ends = before.ends + STORM_SECONDS
        most = LOUD_LINES if loud else STORMY_LINES if now < storm_ends else CALM_LINES
        if len(self._kinds) >= KINDS_REMEMBERED:
            self._kinds.clear()
        second = _Second(now + self._seconds, most, before.left_out if before else 0, storm_ends)
        self._kinds[kind] = second
        return second


class JsonFormatter(logging.Formatter):
    """One JSON object per line, UTF-8, not ASCII-escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for ``record``."""
        return _ENCODER.encode(_line(record))


class TextFormatter(logging.Formatter):
    """``time LEVEL logger event name=value …`` for eyes."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for ``record``."""
        line = _line(record)
        head = " ".join(str(line.pop(name)) for name in ("time", "level", "logger", "event"))
        return " ".join([head, *(f"{name}={_plain(value)}" for name, value in line.items())])


class AccessLogger(AbstractAccessLogger):
    """aiohttp's access log at DEBUG, without headers and without the query string (it carries the signature).

    At INFO every message has its own event, and every refusal; a second line for the same would say nothing new. The route
    stands in place of the path that was asked for, which anybody may fill with anything.
    """

    def log(self, request: BaseRequest, response: StreamResponse, time: float) -> None:
        """Write one line: method, route, status, size and milliseconds."""
        log_event(
            _ACCESS,
            "request",
            logging.DEBUG,
            method=request.method,
            route=_route(request),
            status=response.status,
            bytes=response.body_length,
            ms=round(time * 1000, 1),
        )

    @property
    def enabled(self) -> bool:
        """Whether access lines would be written at all."""
        return _ACCESS.isEnabledFor(logging.DEBUG)


def configure_logging(level: str, form: Literal["json", "text"], stream: TextIO | None = None) -> None:
    """Send all logging to ``stream`` (standard error by default). A second call replaces the first.

    Libraries are heard from WARNING upwards whatever ``level`` says.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    handler.addFilter(StormLimit())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    # What no line of ours shows need not be found out for each.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for package in OWN_PACKAGES:
        logging.getLogger(package).setLevel(level)


def _route(request: BaseRequest) -> str:
    resource = request.match_info.route.resource if isinstance(request, Request) else None
    return resource.canonical if resource is not None else "unmatched"


def _line(record: logging.LogRecord) -> dict[str, Value]:
    own = record.name.split(".")[0] in OWN_PACKAGES
    template = str(record.msg)
    line: dict[str, Value] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        # asyncio puts the repr of a failed task, exception message included, on the lines after the first.
        "event": template if own else template.partition("\n")[0],
    }
    line.update(getattr(record, "fields", {}))
    error = _error_class(record)
    if error is not None:
        line["error"] = error
        line["where"] = _places(record)
    suppressed = getattr(record, "suppressed", 0)
    if suppressed:
        line["suppressed"] = suppressed
    return line


def _error_class(record: logging.LogRecord) -> str | None:
    if record.exc_info and record.exc_info[0] is not None:
        return record.exc_info[0].__name__
    return None


def _places(record: logging.LogRecord) -> str:
    """Return the innermost frames of the exception, innermost first: ``file.py:12 function < …``."""
    frames = traceback.extract_tb(record.exc_info[2]) if record.exc_info else []
    shown = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames[-FRAMES_SHOWN:]]
    return " < ".join(reversed(shown))


def _short(filename: str) -> str:
    return "/".join(PurePath(filename).parts[-2:])


def _plain(value: Value) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if any(c.isspace() or c == '"' for c in text) else text
