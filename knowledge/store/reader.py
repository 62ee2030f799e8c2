"""Reads ``entries.sqlite``."""

from __future__ import annotations

import json
import sqlite3
import weakref
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from knowledge.contents import Contents, Counts, Problem, ReportSummary, TopicCount
from knowledge.errors import BaseDamagedError
from knowledge.model import HeadingSet, Outline, Passage, Report, Role
from knowledge.search.engine import Form
from knowledge.store.codec import unpack
from knowledge.store.schema import Stored, expand, join_source, source_slot

_RECENT = 4096
"""How many entries and places stay unpacked in memory."""


def open_reader(path: Path) -> DatabaseReader:
    """Open a finished database, which may lie on a read-only disk and stays readable when its file is unlinked."""
    try:
        # "immutable": no locks and no journal beside the file, for nobody writes to it any more.
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        return DatabaseReader(sqlite3.connect(uri, uri=True, check_same_thread=False))
    except sqlite3.Error as error:
        raise _damaged() from error


class DatabaseReader:
    """Typed look-ups over one connection; several threads take turns."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._turn = Lock()
        # Nobody closes a base that was swapped for a newer one: the last thread to read it lets it go.
        self.close = weakref.finalize(self, connection.close)
        self._place = lru_cache(maxsize=_RECENT)(self._load_place)
        self.recent = lru_cache(maxsize=_RECENT)(self.find_by_id)
        """``find_by_id``, remembering; for a database that does not change."""

    def reports(self) -> tuple[ReportSummary, ...]:
        """Return all reports without their texts, by id."""
        return tuple(
            _summary(_report(record, ""), length)
            for record, length in self._rows("SELECT record, length FROM reports ORDER BY id")
        )

    def report(self, id_: str) -> Report | None:
        """Return a report with its text."""
        for record, text in self._rows("SELECT record, text FROM reports WHERE id = ?", id_):
            return _report(record, expand(text))
        return None

    def text(self, id_: str) -> str | None:
        """Return a report's text."""
        for (text,) in self._rows("SELECT text FROM reports WHERE id = ?", id_):
            return expand(text)
        return None

    def outline(self, report: str) -> Outline | None:
        """Return a report's outline."""
        for (record,) in self._rows("SELECT record FROM outlines WHERE report = ?", report):
            return unpack(Outline, json.loads(record))
        return None

    def problems(self, report: str | None = None) -> tuple[Problem, ...]:
        """Return the problems of all reports, or of one, in the order in which they were found."""
        sql = "SELECT record FROM problems WHERE ? IS NULL OR report = ? ORDER BY report, rowid"
        return tuple(unpack(Problem, json.loads(record)) for (record,) in self._rows(sql, report, report))

    def find(
        self, form: Form, topic: str | None, role: Role | None, report: str | None, limit: int | None
    ) -> tuple[Stored, ...]:
        """Return entries by report and place in it (in one report: by place)."""
        chosen = _select(form, topic, role, report)
        record = f"(SELECT record FROM entries WHERE number = {chosen.number})"  # noqa: S608 own words
        sql = f"SELECT {record} FROM {chosen.tables} ORDER BY {chosen.order} LIMIT ?"  # noqa: S608 own words
        rows = self._rows(sql, *chosen.values, -1 if limit is None else limit)
        return tuple(self._unpack(form, record) for (record,) in rows)

    def count(self, form: Form, topic: str | None, role: Role | None, report: str | None) -> int:
        """Return how many entries ``find`` would return without a limit."""
        chosen = _select(form, topic, role, report)
        ((number,),) = self._rows(f"SELECT count(*) FROM {chosen.tables}", *chosen.values)  # noqa: S608 own words
        return int(number)

    def topic_counts(self, form: Form) -> tuple[TopicCount, ...]:
        """Return the number of entries for every topic and role that occur together."""
        sql = "SELECT topic, role, count(*) FROM topics WHERE form = ? GROUP BY topic, role ORDER BY topic, role"
        return tuple(TopicCount(topic, Role(role), number) for topic, role, number in self._rows(sql, form))

    def counts(self) -> Counts:
        """Return how many entries of each sort there are."""
        tables = ("reports", "outlines", "problems")
        reports, outlines, problems = (self._rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables)  # noqa: S608
        sets, passages = (self.count(form, None, None, None) for form in (Form.HEADING_SET, Form.PASSAGE))
        return Counts(reports, outlines, sets, passages, problems)

    def contents(self) -> Contents:
        """Return everything: reports by id, entries by report and place."""
        reports = self._rows("SELECT record, text FROM reports ORDER BY id")
        outlines = self._rows("SELECT record FROM outlines ORDER BY report")
        sets, passages = (self.find(form, None, None, None, None) for form in (Form.HEADING_SET, Form.PASSAGE))
        return Contents(
            tuple(_report(record, expand(text)) for record, text in reports),
            tuple(unpack(Outline, json.loads(record)) for (record,) in outlines),
            tuple(entry for entry in sets if isinstance(entry, HeadingSet)),
            tuple(entry for entry in passages if isinstance(entry, Passage)),
            self.problems(),
        )

    def find_by_id(self, form: Form, id_: str) -> Stored | None:
        """Return an entry by its id."""
        for (record,) in self._rows("SELECT record FROM entries WHERE form = ? AND id = ?", form, id_):
            return self._unpack(form, record)
        return None

    def _unpack(self, form: Form, record: str) -> Stored:
        packed = json.loads(record)
        slot = source_slot(form)
        if form is Form.PASSAGE:
            packed[slot] = [self._grow(source) for source in packed[slot]]
            return unpack(Passage, packed)
        packed[slot] = self._grow(packed[slot])
        return unpack(HeadingSet, packed)

    def _grow(self, packed: list[int]) -> list[Any]:
        number, *span = packed
        return join_source(self._place(number), span)

    def _load_place(self, number: int) -> list[Any]:
        ((record,),) = self._rows("SELECT record FROM places WHERE number = ?", number)
        place: list[Any] = json.loads(record)
        return place

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with self._turn:
                return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise _damaged() from error


@dataclass(frozen=True, slots=True)
class _Selection:
    """The parts of a SELECT: tables with conditions and their values, the entry's number, and the order."""

    tables: str
    values: tuple[object, ...]
    number: str
    order: str


def _select(form: Form, topic: str | None, role: Role | None, report: str | None) -> _Selection:
    values: list[object] = [form] if report is None else [report, form]
    if report is not None:
        tables = "carriers AS c CROSS JOIN entries AS e ON e.number = c.entry WHERE c.report = ? AND e.form = ?"
        table, number, order = "e", "e.number", "c.start, e.number"
        if topic is not None:
            tables += " AND EXISTS (SELECT 1 FROM topics AS t WHERE t.form = e.form AND t.topic = ?"
            tables += " AND t.report = e.report AND t.start = e.start AND t.entry = e.number)"
            values.append(topic)
    elif topic is not None:
        tables, table = "topics AS t WHERE t.form = ? AND t.topic = ?", "t"
        number, order = "t.entry", "t.report, t.start, t.entry"
        values.append(topic)
    else:
        tables, table = "entries AS e WHERE e.form = ?", "e"
        number, order = "e.number", "e.report, e.start, e.number"
    if role is not None:
        tables += f" AND {table}.role = ?"
        values.append(role)
    return _Selection(tables, tuple(values), number, order)


def _report(record: str, text: str) -> Report:
    return replace(unpack(Report, json.loads(record)), text=text)


def _summary(report: Report, length: int) -> ReportSummary:
    own = {field.name: getattr(report, field.name) for field in fields(ReportSummary) if field.name != "length"}
    return ReportSummary(length=length, **own)


def _damaged() -> BaseDamagedError:
    return BaseDamagedError("知识库的条目读不了。请运行 bigan kb build 重新建库")
