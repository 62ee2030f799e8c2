"""Notebook (笔记本): what a user asked to be kept – profile (单位、年份、口径), favourites (收藏) and draft (草稿).

It lives much longer than a session and belongs to the user, so it holds the lines themselves with their sources: a
newer knowledge base must not take lines out of somebody's draft.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from knowledge.model import Source

NOTEBOOK_FORMAT = 1
"""Version of the stored form."""

MOST_FAVOURITES = 50
MOST_LINES = 80
"""How many lines a draft takes: more than a report of ten pages needs."""
LONGEST_LINE = 1_000
MOST_REJECTED = 60


@dataclass(frozen=True, slots=True)
class Profile:
    """Who writes: the unit's name, the year written for, and the kind (文种) or level (口径) to prefer.

    ``buttons``: whether answers come with buttons to press, where the channel has them.
    """

    unit: str | None = None
    year: int | None = None
    kind: str | None = None
    level: str | None = None
    buttons: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One kept line. ``id`` is the passage's id and ``source`` where it stands; the user's own words have neither.

    ``topics`` is what it is about, ``role`` its position (部位) or empty.
    """

    text: str
    id: str = ""
    source: Source | None = None
    topics: tuple[str, ...] = ()
    role: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One heading of a draft and the lines under it; an empty ``heading`` holds what stands before any heading.

    ``ordinal`` is the bare number (``三``), ``level`` 1 for 一、 and 2 for （一）.
    """

    heading: str
    level: int = 1
    ordinal: str = ""
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """An outline with lines under its headings. Lines are numbered through, from 1, over all parts.

    ``source`` says where the outline is from (as shown). ``title`` is the user's, else it is made from kind and year.
    """

    title: str = ""
    kind: str = ""
    source: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line, in order."""
        return tuple(line for part in self.parts for line in part.lines)

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a heading nor a line."""
        return not self.parts


@dataclass(frozen=True, slots=True)
class Notebook:
    """Everything one user had kept. ``rejected`` are ids of passages he called wrong or out of date, the newest last.

    ``greeted`` is the day (``YYYY-MM-DD``) he was last welcomed: no more than once on any.
    """

    profile: Profile = Profile()
    favourites: tuple[Line, ...] = ()
    draft: Draft = Draft()
    rejected: tuple[str, ...] = ()
    greeted: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept: then nothing is stored either."""
        return self == Notebook()

    def to_json(self) -> str:
        """Return the stored form; empty for an empty notebook."""
        if self.is_empty:
            return ""
        return json.dumps({"format": NOTEBOOK_FORMAT, **asdict(self)}, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, value: str | bytes | None) -> Notebook:
        """Read the stored form. A value that is no notebook of this version yields an empty one, never an exception."""
        if not value:
            return cls()
        try:
            data = json.loads(value)
            if data["format"] != NOTEBOOK_FORMAT:
                return cls()
            draft = data["draft"]
            return cls(
                _profile(data["profile"]),
                tuple(_line(entry) for entry in data["favourites"])[:MOST_FAVOURITES],
                Draft(
                    _word(draft["title"]),
                    _word(draft["kind"]),
                    _word(draft["source"]),
                    tuple(_part(entry) for entry in draft["parts"]),
                ),
                tuple(_word(identifier) for identifier in data["rejected"])[-MOST_REJECTED:],
                _word(data.get("greeted", "")),
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return cls()


def _profile(entry: dict[str, Any]) -> Profile:
    unit, year, kind, level = entry["unit"], entry["year"], entry["kind"], entry["level"]
    return Profile(
        None if unit is None else _word(unit),
        None if year is None else _number(year),
        None if kind is None else _word(kind),
        None if level is None else _word(level),
        entry.get("buttons") is True,
    )


def _part(entry: dict[str, Any]) -> Part:
    lines = tuple(_line(line) for line in entry["lines"])
    return Part(_word(entry["heading"]), _number(entry["level"]), _word(entry["ordinal"]), lines)


def _line(entry: dict[str, Any]) -> Line:
    return Line(
        _word(entry["text"]),
        _word(entry["id"]),
        None if entry["source"] is None else _source(entry["source"]),
        tuple(_word(topic) for topic in entry["topics"]),
        _word(entry["role"]),
    )


def _source(entry: dict[str, Any]) -> Source:
    year = entry["year"]
    return Source(
        _word(entry["report"]),
        _word(entry["title"]),
        None if year is None else _number(year),
        tuple(_word(heading) for heading in entry["section"]),
        _number(entry["start"]),
        _number(entry["end"]),
    )


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a number")
    return value
