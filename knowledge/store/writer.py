"""Writes ``entries.sqlite``: a new one, or changes to the copy of one that nobody reads yet."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge.contents import Contents, Counts, ReportSummary
from knowledge.errors import StoreError
from knowledge.model import Passage, Report, Source
from knowledge.search.engine import Form
from knowledge.store.codec import Json, pack
from knowledge.store.reader import DatabaseReader
from knowledge.store.schema import (
    INDEXES,
    NO_TOPIC,
    TABLES,
    Stored,
    compress,
    form_of,
    source_slot,
    sources_of,
    split_source,
)

_REPORT_COLUMNS = (("reports", "id"), ("outlines", "report"), ("problems", "report"), ("places", "report"))


@dataclass(frozen=True, slots=True)
class Removal:
    """What the removal of reports did: entries that are gone, and passages that remain with fewer sources."""

    removed: tuple[Stored, ...]
    kept: tuple[Passage, ...]


class DatabaseWriter:
    """Adds and removes entries; call ``close`` to keep the changes.

    The file needs no journal: it belongs to a version that becomes current only when it is complete.
    """

    def __init__(self, path: Path) -> None:
        fresh = not path.exists()
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-32000")
            if fresh:
                self._connection.executescript(TABLES)
            self._connection.execute("BEGIN")
        except sqlite3.Error as error:
            raise _unwritable() from error
        self._fresh = fresh
        self._reader = DatabaseReader(self._connection)
        self._places: dict[str, int] | None = {} if fresh else None
        self._next_entry = self._next("entries")
        self._next_place = self._next("places")

    def add(self, contents: Contents) -> None:
        """Add entries; in an existing database each replaces the one with its id."""
        try:
            self._add_reports(contents.reports)
            self._connection.executemany(
                "INSERT OR REPLACE INTO outlines VALUES (?, ?)",
                ((outline.report, _dump(pack(outline))) for outline in contents.outlines),
            )
            self._connection.executemany(
                "INSERT INTO problems VALUES (?, ?, ?, ?)",
                (
                    (problem.report, problem.stage, problem.reason, _dump(pack(problem)))
                    for problem in contents.problems
                ),
            )
            self._add_entries((*contents.heading_sets, *contents.passages))
        except sqlite3.Error as error:
            raise _unwritable() from error

    def remove_reports(self, reports: Iterable[str]) -> Removal:
        """Remove reports and what only they carry; unknown ones are passed over.

        A passage that other reports carry too stays; if its words came from a removed report, it takes those of the
        first source that remains.
        """
        gone = frozenset(reports)
        removed: list[Stored] = []
        kept: list[Passage] = []
        try:
            for entry in self._carried_by(gone):
                self._delete(entry)
                rest = tuple(source for source in sources_of(entry) if source.report not in gone)
                if isinstance(entry, Passage) and rest:
                    kept.append(self._carried_on(entry, rest))
                else:
                    removed.append(entry)
            for table, column in _REPORT_COLUMNS:
                sql = f"DELETE FROM {table} WHERE {column} = ?"  # noqa: S608 own words
                self._connection.executemany(sql, [(report,) for report in gone])
            self._places = None
            self._add_entries(kept)
        except sqlite3.Error as error:
            raise _unwritable() from error
        return Removal(tuple(removed), tuple(kept))

    def summaries(self) -> tuple[ReportSummary, ...]:
        """Return all reports as they stand, without their texts."""
        return self._reader.reports()

    def counts(self) -> Counts:
        """Return how many entries of each sort there are."""
        return self._reader.counts()

    def close(self) -> None:
        """Keep the changes and close the file."""
        try:
            self._connection.execute("COMMIT")
            if self._fresh:
                self._connection.executescript(INDEXES)
            self._reader.close()
        except sqlite3.Error as error:
            raise _unwritable() from error

    def _add_reports(self, reports: Iterable[Report]) -> None:
        self._connection.executemany(
            "INSERT INTO reports VALUES (?, ?, ?, ?)",
            (
                (report.id, len(report.text), _dump(pack(replace(report, text=""))), compress(report.text))
                for report in reports
            ),
        )

    def _add_entries(self, entries: Iterable[Stored]) -> None:
        """Write entries with their topics and carriers. Rows are numbered ahead, so that each table is filled in one go."""
        numbered: list[tuple[int, Stored]] = []
        for entry in entries:
            if not self._fresh:
                self._delete_by_id(form_of(entry), entry.id)
            numbered.append((self._next_entry, entry))
            self._next_entry += 1
        rows = (self._row(number, entry) for number, entry in numbered)
        self._connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        for table, columns, make in (("topics", 6, _topics), ("carriers", 3, _carriers)):
            marks = ", ".join("?" * columns)
            values = (row for number, entry in numbered for row in make(number, entry))
            self._connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", values)  # noqa: S608 own names

    def _row(self, number: int, entry: Stored) -> tuple[object, ...]:
        form, first, packed = form_of(entry), sources_of(entry)[0], pack(entry)
        slot = source_slot(form)
        if form is Form.PASSAGE:
            packed[slot] = [self._shrink(source) for source in packed[slot]]
        else:
            packed[slot] = self._shrink(packed[slot])
        return number, form.value, entry.id, first.report, first.start, entry.role.value, _dump(packed)

    def _shrink(self, packed: Json) -> list[int]:
        place, span = split_source(packed)
        return [self._place(place), *span]

    def _place(self, place: Json) -> int:
        if self._places is None:
            rows = self._connection.execute("SELECT record, number FROM places")
            self._places = dict(rows.fetchall())
        record = _dump(place)
        number = self._places.get(record)
        if number is None:
            number = self._places[record] = self._next_place
            self._next_place += 1
            self._connection.execute("INSERT INTO places VALUES (?, ?, ?)", (number, place[0], record))
        return number

    def _carried_by(self, reports: Iterable[str]) -> tuple[Stored, ...]:
        found = {
            (form, entry.id): entry
            for report in sorted(reports)
            for form in Form
            for entry in self._reader.find(form, None, None, report, None)
        }
        return tuple(found.values())

    def _carried_on(self, passage: Passage, sources: tuple[Source, ...]) -> Passage:
        """Return a passage for the sources that remain, in the words of the first of them."""
        if sources[0] == passage.sources[0]:
            return replace(passage, sources=sources)
        first = sources[0]
        text = (self._reader.text(first.report) or "")[first.start : first.end]
        if passage.shared in text:
            return replace(passage, text=text, sources=sources)
        return replace(passage, text=text, sources=sources, shared="", support=0)

    def _delete_by_id(self, form: Form, id_: str) -> None:
        old = self._reader.find_by_id(form, id_)
        if old is not None:
            self._delete(old)

    def _delete(self, entry: Stored) -> None:
        form = form_of(entry)
        ((number,),) = self._connection.execute(
            "SELECT number FROM entries WHERE form = ? AND id = ?", (form, entry.id)
        )
        self._connection.execute("DELETE FROM entries WHERE number = ?", (number,))
        keys = [row[:5] for row in _topics(number, entry)]
        self._connection.executemany(
            "DELETE FROM topics WHERE form = ? AND topic = ? AND report = ? AND start = ? AND entry = ?", keys
        )
        self._connection.executemany(
            "DELETE FROM carriers WHERE report = ? AND start = ? AND entry = ?", list(_carriers(number, entry))
        )

    def _next(self, table: str) -> int:
        rows = self._connection.execute(f"SELECT coalesce(max(number), 0) + 1 FROM {table}")  # noqa: S608 own words
        return int(rows.fetchone()[0])


def _topics(number: int, entry: Stored) -> Iterator[tuple[object, ...]]:
    first = sources_of(entry)[0]
    for topic in entry.topics or (NO_TOPIC,):
        yield form_of(entry).value, topic, first.report, first.start, number, entry.role.value


def _carriers(number: int, entry: Stored) -> Iterator[tuple[object, ...]]:
    for source in sources_of(entry):
        yield source.report, source.start, number


def _dump(packed: Json) -> str:
    return json.dumps(packed, ensure_ascii=False, separators=(",", ":"))


def _unwritable() -> StoreError:
    return StoreError("知识库写不了：请检查磁盘空间和目录权限")
