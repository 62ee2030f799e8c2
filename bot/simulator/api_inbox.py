"""What members see of the messages that the active API takes, and what never reaches them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.simulator.api_rules import cut

PER_MINUTE = 30
PER_HOUR = 1000
DUPLICATE_SECONDS = 1800

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as it was received."""

    name: str
    content: bytes = field(repr=False)
    at: float


@dataclass(slots=True)
class Shown:
    """A message as one member sees it. ``text`` is that of a text or markdown, ``cut`` whether it lost its end.

    ``changed`` is the number of the last change of anything that concerned this message.
    """

    id: str
    user: str
    kind: str
    at: float
    text: str = field(default="", repr=False)
    cut: bool = False
    file: UploadedFile | None = None
    card: Body | None = field(default=None, repr=False)
    response_code: str = field(default="", repr=False)
    replaced: bool = False
    recalled: bool = False
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Dropped:
    """A message that was taken and not shown: ``why`` is ``duplicate`` or ``too many``."""

    user: str
    why: str
    body: Body = field(repr=False)


class Inbox:
    """The messages of all members. ``now`` gives seconds since 1970; ``notify`` is called with each that is shown.

    ``changes`` counts whatever changed about them.
    """

    def __init__(self, now: Callable[[], float], notify: Callable[[Shown], None]) -> None:
        self.shown: list[Shown] = []
        self.dropped: list[Dropped] = []
        self.changes = 0
        self._tasks: set[str] = set()
        self._now = now
        self._notify = notify
        self._said: dict[str, float] = {}

    def put(self, shown: Shown, response_code: str, body: Body) -> bool:
        """Show a message with what its request holds, or drop it without a word; tell which."""
        if self._is_repeated(shown.user, body):
            self.dropped.append(Dropped(shown.user, "duplicate", body))
            return False
        ages = [shown.at - other.at for other in self.shown if other.user == shown.user]
        if sum(age < 60 for age in ages) >= PER_MINUTE or sum(age < 3600 for age in ages) >= PER_HOUR:
            self.dropped.append(Dropped(shown.user, "too many", body))
            return False
        content = body[shown.kind]
        if shown.kind == "template_card":
            shown.card, shown.response_code = content, response_code
            self._tasks.add(content["task_id"])
        elif shown.kind != "file":
            shown.text = cut(content["content"])
            shown.cut = shown.text != content["content"]
        self.shown.append(shown)
        self.touch(shown)
        self._notify(shown)
        return True

    def touch(self, shown: Shown | None = None) -> None:
        """Note that a message changed, or something else that a member sees."""
        self.changes += 1
        if shown is not None:
            shown.changed = self.changes

    def find(self, user: str, message_id: str) -> Shown | None:
        """Return a member's message that was not recalled."""
        found = (shown for shown in self.shown if (shown.user, shown.id) == (user, message_id) and not shown.recalled)
        return next(found, None)

    def knows_task(self, task: str) -> bool:
        """Tell whether a card of that name was sent before."""
        return task in self._tasks

    def _is_repeated(self, user: str, body: Body) -> bool:
        """Whether the same was sent under a check before: only what is checked itself is remembered and compared."""
        if not body.get("enable_duplicate_check"):
            return False
        said = json.dumps([user, body], sort_keys=True)
        before = self._said.get(said)
        if before is not None and self._now() - before < int(body.get("duplicate_check_interval", DUPLICATE_SECONDS)):
            return True
        self._said[said] = self._now()
        return False
