"""Message (消息), Session (会话) and Turn (话轮): what transport hands to dialogue and gets back.

Transport adapts to these values, never the reverse. A session holds ids, numbers, canonical words and, where a question
named no topic of ours, the few words of its subject, so that 更多 can go on; never corpus text, and never a whole message.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import Any

from handlers.notebook import Notebook
from handlers.reply import Reply

MAX_VIEWS = 10
"""How many views 返回 can step back through."""

LARGEST_SESSION = 4096
"""Bytes a stored session takes at most: the oldest views go first."""

MOST_WISHES = 3
"""How many further wishes of one message are remembered, each of at most 40 characters."""

_STRINGS = frozenset({str})
_HEAD = ("page", "pages", "edition", "wishes", "misses", "day")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

SESSION_FORMAT = 2
"""Version of the stored form; a session of another version is dropped, never guessed at."""


class MessageKind(StrEnum):
    """What arrived: a text, another kind of content, or an event of the user's."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    LOCATION = "location"
    LINK = "link"
    FILE = "file"
    ENTER = "enter"
    SUBSCRIBE = "subscribe"
    CLICK = "click"
    OTHER = "other"
    """Anything that is acknowledged without an answer."""


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file that arrived: its name as sent (may be empty), and the word under which the transport fetches it."""

    name: str
    reference: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as dialogue sees it. ``text`` is what was typed (or the key of what was clicked), else empty.

    ``delivery`` identifies one push of the transport and is equal for its redeliveries; ``None`` means the transport
    never delivers twice. ``sent_at`` is timezone-aware. ``takes_files``: whether a Word file reaches the user there, and
    one of his reaches us; ``file_refused``: one was to be sent for this message and could not be. ``takes_cards``: whether
    buttons can be shown. ``administers``: whether the user may tend the knowledge base. ``file`` is what arrived. ``mark`` is
    that of the :class:`handlers.reply.Buttons` of which one was pressed.
    """

    channel: str
    user: str
    text: str
    sent_at: datetime
    kind: MessageKind = MessageKind.TEXT
    delivery: str | None = None
    takes_files: bool = False
    takes_cards: bool = False
    file_refused: bool = False
    administers: bool = False
    file: IncomingFile | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """What the user is looking at: enough to show it again, to continue it and to resolve 2, （三） or 出处.

    ``params`` are the request in canonical words, ``ids`` everything listed so far (item number n is ``ids[n - 1]``),
    ``start`` the index of the first entry shown last.
    """

    kind: str
    params: tuple[tuple[str, str], ...] = ()
    ids: tuple[str, ...] = ()
    start: int = 0

    def param(self, name: str) -> str | None:
        """Return the request's word for ``name``, or ``None``."""
        return dict(self.params).get(name)


@dataclass(frozen=True, slots=True)
class Session:
    """The state of one user's conversation: the newest view last, and how far its text has been read.

    ``edition`` is the version of the knowledge base that the ids in the views belong to. ``wishes`` are what a message
    asked for beyond its first wish (先给提纲，再给例句), ``misses`` how many messages in a row were not understood or not
    held, ``day`` the date of the last message (``YYYY-MM-DD``).
    """

    views: tuple[View, ...] = ()
    page: int = 0
    pages: int = 1
    edition: str = ""
    wishes: tuple[str, ...] = ()
    misses: int = 0
    day: str = ""

    @property
    def view(self) -> View | None:
        """The view the user is looking at, or ``None`` at the beginning."""
        return self.views[-1] if self.views else None

    def push(self, view: View) -> Session:
        """Open ``view`` on top of the others; the oldest falls off after :data:`MAX_VIEWS`."""
        return self._showing((*self.views, view)[-MAX_VIEWS:])

    def replace(self, view: View) -> Session:
        """Put ``view`` in place of the current one (the same list, further on)."""
        return self._showing((*self.views[:-1], view))

    def pop(self) -> Session:
        """Step back to the view before the current one."""
        return self._showing(self.views[:-1])

    def lift(self, place: int, view: View) -> Session:
        """Open ``view`` in place of the one at ``place`` (from 0), on top of the others."""
        return self._showing((*self.views[:place], *self.views[place + 1 :], view))

    def _showing(self, views: tuple[View, ...]) -> Session:
        return Session(views, 0, 1, self.edition, self.wishes, self.misses, self.day)

    def to_json(self) -> str:
        """Return the stored form, of at most :data:`LARGEST_SESSION` bytes: what is furthest back is forgotten first."""
        return self.store()[0]

    def store(self) -> tuple[str, Session]:
        """Return the stored form and the session it will be read as, which is this one where nothing is forgotten."""
        views = self.views
        while len((text := self._dump(views)).encode("utf-8", "surrogatepass")) > LARGEST_SESSION and views:
            views = views[1:] if len(views) > 1 else (_lightened(views[0]),) if views[0].ids else ()
        return text, self if views is self.views else replace(self, views=views)

    def _dump(self, views: tuple[View, ...]) -> str:
        # Spelled out: dataclasses.asdict copies deeply and takes longer than everything else a message needs.
        head = _head_json((self.page, self.pages, self.edition, self.wishes, self.misses, self.day))
        return f'{head},"views":[{",".join(map(_view_json, views))}]}}'

    @classmethod
    def from_json(cls, value: str | bytes | None) -> Session:
        """Read the stored form. Anything that is not a session of this version yields a new one: a poisoned or
        outdated value must never stop a conversation.
        """
        if not value:
            return cls()
        try:
            data = json.loads(value)
            if data.get("format") != SESSION_FORMAT:
                return cls()
            views = tuple(_view(entry) for entry in data["views"])
            page, pages, edition = _count(data["page"]), max(1, _count(data["pages"])), _word(data["edition"])
            wishes = tuple(_word(wish) for wish in data["wishes"])[:MOST_WISHES]
            return cls(views[-MAX_VIEWS:], page, pages, edition, wishes, _count(data["misses"]), _word(data["day"]))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return cls()


def _lightened(view: View) -> View:
    """Drop the second half of what a single view lists: only a list of several hundred entries comes to this."""
    ids = view.ids[: len(view.ids) // 2]
    return replace(view, ids=ids, start=min(view.start, max(0, len(ids) - 1)))


# What surrounds the views is mostly the same for all who write on one day; all views but the last are mostly those of the
# message before.
@lru_cache(1024)
def _head_json(values: tuple[object, ...]) -> str:
    return _ENCODER.encode({"format": SESSION_FORMAT, **dict(zip(_HEAD, values, strict=True))})[:-1]


@lru_cache(1024)
def _view_json(view: View) -> str:
    return _ENCODER.encode({"kind": view.kind, "params": view.params, "ids": view.ids, "start": view.start})


def _view(entry: dict[str, Any]) -> View:
    params = tuple([(name, value) for name, value in entry["params"]])
    ids = tuple(entry["ids"])
    # All at once: a session has a hundred words, and each message reads one.
    if not {*map(type, ids), *map(type, chain.from_iterable(params))} <= _STRINGS:
        raise TypeError("not strings")
    return View(_word(entry["kind"]), params, ids, _count(entry["start"]))


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("not a count")
    return value


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a message means: an intent, its slots in canonical words, and how sure we are (0–1)."""

    intent: str
    confidence: float
    slots: dict[str, Any] = field(default_factory=dict)


class Task(StrEnum):
    """Work on a file that takes longer than an answer may."""

    CHECK = "check"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be done beside the answer, with its outcome sent when there is one. ``unit`` is the user's own."""

    task: Task
    file: IncomingFile
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """The outcome of one message: the reply (``None``: say nothing), the session after it, and the page to send.

    ``page`` counts from 0 within the rendered reply; it is above 0 only when 更多 continues a reply that did not fit.
    ``remark`` is set for something said aside (谢谢): a text half read before it is still half read after it.
    ``notebook`` is what the user has kept now (``None``: as before). ``errand`` is begun once the answer stands.
    """

    reply: Reply | None
    session: Session
    understanding: Understanding
    page: int = 0
    remark: bool = False
    notebook: Notebook | None = None
    errand: Errand | None = None
