"""The administrator's own entries (覆盖表): a folder of TOML files laid over the tables that ship with the program.

A file has the name and the form of a bundled table (``formulations.toml`` with ``[[formulation]]`` rows) and is read by
the same strict reader. An entry takes the place of the bundled entry of its name; what it replaces is listed, never hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.tables import Table, TableError, bare, bundled

TABLES = (
    "formulations.toml",
    "campaigns.toml",
    "plenaries.toml",
    "org_life.toml",
    "gbt9704.toml",
    "differences.toml",
    "usage.toml",
    "names.toml",
    "skeletons.toml",
)
"""The tables that may be laid over: a running program takes them up without building a knowledge base anew."""

SHAPING = ("gate.toml", "gate_masks.toml", "gate_slips.toml", "kinds.toml", "roles.toml", "topics.toml")
"""Tables that decide what a knowledge base holds; they change with the program and a new build, not here."""

_PARTS = {
    "skeletons.toml": ("skeletons.toml", "skeletons_reports.toml", "skeletons_meetings.toml", "skeletons_writing.toml")
}

LARGEST = 1_000_000
"""Bytes of one file; the largest bundled table has a tenth of that."""

Footprint = tuple[tuple[str, int, int, int, int], ...]
"""Name, inode, size and times of each file of a folder: differs as soon as one of them was written."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of an overlay: where it stands, what it is called, and the bundled entry it replaces, if any."""

    entry: str
    where: str
    replaces: str | None


@dataclass(frozen=True, slots=True)
class Overlay:
    """The files of one overlay, by the name of the table each belongs to; without files it changes nothing."""

    files: Mapping[str, Table] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path | None) -> Overlay:
        """Read the files of ``folder`` (``None``: no overlay). Other than ``.toml`` files and hidden ones are passed over.

        Raises ``TableError`` for a folder or file that can't be read, or a table that may not be laid over. What stands
        in the files is judged when a table is read.
        """
        return cls() if folder is None else cls({file.name: _read(file) for file in _files(folder)})

    def table(self, name: str) -> Table:
        """Return a bundled table with the entries of the overlay laid over it."""
        table = bundled(name)
        return Table(table.name, table.text, self.files.get(name))

    def changes(self) -> tuple[Change, ...]:
        """Return every entry of the overlay, in the order of its files, with the bundled entry it replaces."""
        return tuple(change for name in self.files for change in self._changes_of(name))

    def _changes_of(self, name: str) -> tuple[Change, ...]:
        own = {
            (array, bare(row.names[0])): row.where
            for part in _PARTS.get(name, (name,))
            for array, rows in bundled(part).arrays().items()
            for row in rows
            if row.names
        }
        return tuple(
            Change(row.names[0], row.where, own.get((array, bare(row.names[0]))))
            for array, rows in self.files[name].arrays().items()
            for row in rows
            if row.names
        )


def footprint(folder: Path | None) -> Footprint:
    """Return what tells one state of a folder from the next; empty for no folder and for one that can't be read."""
    if folder is None:
        return ()
    try:
        states = [(file.name, file.stat()) for file in _files(folder)]
    except (OSError, TableError):
        return ()
    return tuple((name, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for name, s in states)


def _files(folder: Path) -> tuple[Path, ...]:
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise TableError(f"覆盖表目录“{folder}”读不了，请检查 KNOWLEDGE_OVERLAY") from error
    return tuple(file for file in found if file.suffix == ".toml" and not file.name.startswith("."))


def _read(file: Path) -> Table:
    name = f"{file.parent.name}/{file.name}"
    if file.name in SHAPING:
        raise TableError(f"{name}：这张表决定建库的结果，不能用覆盖表改。可用的有：{'、'.join(TABLES)}")
    if file.name not in TABLES:
        raise TableError(f"{name}：没有叫这个名字的表。可用的有：{'、'.join(TABLES)}")
    try:
        content = file.read_bytes() if file.stat().st_size <= LARGEST else None
    except OSError as error:
        raise TableError(f"{name}：文件读不出来") from error
    if content is None:
        raise TableError(f"{name}：超过{LARGEST // 1000}KB，不像是一张表")
    try:
        # Some editors begin a file with a byte order mark.
        return Table(name, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise TableError(f"{name}：不是UTF-8编码，请另存为UTF-8") from error
