"""The tables of ``entries.sqlite``, and how entries become rows.

A source's report, title, year and section path are kept once, as a place; an entry's own record holds the place and the
span. ``topics`` has the empty topic for entries without any, so that they too can be counted and listed.
"""

from __future__ import annotations

import zlib
from dataclasses import fields
from typing import Any

from knowledge.model import HeadingSet, Passage, Source
from knowledge.search.engine import Form

TABLES = """
CREATE TABLE reports (id TEXT PRIMARY KEY, length INTEGER NOT NULL, record TEXT NOT NULL, text BLOB NOT NULL);
CREATE TABLE outlines (report TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE problems (report TEXT NOT NULL, stage TEXT NOT NULL, reason TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE places (number INTEGER PRIMARY KEY, report TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE entries (
  number INTEGER PRIMARY KEY, form TEXT NOT NULL, id TEXT NOT NULL,
  report TEXT NOT NULL, start INTEGER NOT NULL, role TEXT NOT NULL, record TEXT NOT NULL
);
CREATE TABLE topics (
  form TEXT NOT NULL, topic TEXT NOT NULL, report TEXT NOT NULL, start INTEGER NOT NULL, entry INTEGER NOT NULL,
  role TEXT NOT NULL, PRIMARY KEY (form, topic, report, start, entry)
) WITHOUT ROWID;
CREATE TABLE carriers (
  report TEXT NOT NULL, start INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (report, start, entry)
) WITHOUT ROWID;
"""

INDEXES = """
CREATE UNIQUE INDEX entries_by_id ON entries (form, id);
CREATE INDEX entries_by_place ON entries (form, report, start, role);
CREATE INDEX problems_by_report ON problems (report);
CREATE INDEX places_by_report ON places (report);
"""

NO_TOPIC = ""
"""The topic under which entries without a topic are listed."""

Stored = Passage | HeadingSet
"""What the entries table holds."""

_SOURCE = tuple(field.name for field in fields(Source))
_SPAN = (_SOURCE.index("start"), _SOURCE.index("end"))
_SOURCES = {
    Form.PASSAGE: [field.name for field in fields(Passage)].index("sources"),
    Form.HEADING_SET: [field.name for field in fields(HeadingSet)].index("source"),
}


def form_of(entry: Stored) -> Form:
    """Return which form of entry this is."""
    return Form.PASSAGE if isinstance(entry, Passage) else Form.HEADING_SET


def sources_of(entry: Stored) -> tuple[Source, ...]:
    """Return all sources of an entry, the one whose words it has first."""
    return entry.sources if isinstance(entry, Passage) else (entry.source,)


def source_slot(form: Form) -> int:
    """Return where in the packed form of an entry its sources stand (a list of them, or one, by form)."""
    return _SOURCES[form]


def split_source(packed: list[Any]) -> tuple[list[Any], list[int]]:
    """Part a packed source into its place and its span."""
    return [item for number, item in enumerate(packed) if number not in _SPAN], [packed[number] for number in _SPAN]


def join_source(place: list[Any], span: list[int]) -> list[Any]:
    """Put a packed source together again."""
    whole = list(place)
    for number, item in sorted(zip(_SPAN, span, strict=True)):
        whole.insert(number, item)
    return whole


def compress(text: str) -> bytes:
    """Return a report's text as it is kept."""
    return zlib.compress(text.encode(), 6)


def expand(packed: bytes) -> str:
    """Return a report's text from how it is kept."""
    return zlib.decompress(packed).decode()
