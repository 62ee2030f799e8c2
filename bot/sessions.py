"""Sessions between two messages: a stored form for the store, and here the value itself, which need not be read again."""

from __future__ import annotations

from collections import OrderedDict

from handlers.dialogue import Session

REMEMBERED = 2000
"""Sessions kept as values, each of a stored form of at most 4 KiB; those read or written longest ago go first."""


class RecentSessions:
    """Reads and writes the stored form of sessions.

    What a store gives back is read by its stored form alone, so it does not matter who wrote it, or whether it was here.
    """

    def __init__(self) -> None:
        self._values: OrderedDict[str, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def read(self, stored: str | None) -> Session:
        """Return the session of a stored form (see :meth:`handlers.dialogue.Session.from_json`)."""
        if not stored or (known := self._values.get(stored)) is None:
            return Session.from_json(stored)
        self._values.move_to_end(stored)
        return known

    def write(self, session: Session) -> str:
        """Return the stored form of a session."""
        stored, value = session.store()
        self._values[stored] = value
        if len(self._values) > REMEMBERED:
            self._values.popitem(last=False)
        return stored
