"""The domain tables on disk: TOML files read strictly, so that a slip in a table is named instead of served."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

# A date as far as it is known: year, year and month, or year, month and day.
_DATE = re.compile(r"(?:19|20)\d{2}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?\Z")
_NAMING = ("term", "id", "name", "item", "kind")
_TYPED_OR_NOT = re.compile(r"[“”‘’《》（）()\[\]、，,：:·\s]")


class TableError(ValueError):
    """A table that can't be used; the message says in Chinese which file, which entry and what is wrong."""


class Row:
    """One entry of a table, taken apart key by key; ``finish`` reports keys that nobody asked for."""

    def __init__(self, where: str, values: Mapping[str, object]) -> None:
        self.where = where
        self._values = dict(values)
        self.names = _names_of(values)
        """What the entry is called, its own name first; empty for an entry without a name."""

    def text(self, key: str) -> str:
        """Take a text that must be there and not be blank."""
        value = self.optional_text(key)
        if value is None:
            raise self.error(f"缺少“{key}”")
        return value

    def optional_text(self, key: str) -> str | None:
        """Take a text that may be missing (``None``) but not blank."""
        value = self._values.pop(key, None)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"“{key}”应为非空文字")
        return value

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Take a list of different, non-blank texts (missing: empty unless ``required``)."""
        value = self._values.pop(key, [])
        if not isinstance(value, list):
            raise self.error(f"“{key}”应为文字列表")
        if required and not value:
            raise self.error(f"缺少“{key}”")
        items: list[str] = []
        for item in value:
            if not isinstance(item, str) or not item.strip():
                raise self.error(f"“{key}”里有空项或非文字项")
            if item in items:
                raise self.error(f"“{key}”里“{item}”重复")
            items.append(item)
        return tuple(items)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Take a truth value (missing: ``default``)."""
        value = self._values.pop(key, default)
        if not isinstance(value, bool):
            raise self.error(f"“{key}”应为true或false")
        return value

    def number(self, key: str) -> int | None:
        """Take a whole number not below zero (missing: ``None``)."""
        value = self._values.pop(key, None)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.error(f"“{key}”应为不小于0的整数")
        return value

    def date(self, key: str) -> str | None:
        """Take a date written ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD`` (missing: ``None``)."""
        value = self.optional_text(key)
        if value is not None and not _DATE.match(value):
            raise self.error(f"“{key}”应写成2023、2023-04或2023-04-03")
        return value

    def choice(self, key: str, allowed: Iterable[str]) -> str:
        """Take a text that must be one of ``allowed``."""
        value = self.text(key)
        options = tuple(allowed)
        if value not in options:
            raise self.error(f"“{key}”只能是{'、'.join(options)}，不能是“{value}”")
        return value

    def patterns(self, key: str) -> tuple[re.Pattern[str], ...]:
        """Take a list of regular expressions, compiled."""
        compiled: list[re.Pattern[str]] = []
        for item in self.texts(key):
            try:
                compiled.append(re.compile(item))
            except re.error as error:
                raise self.error(f"“{key}”里的表达式写错了：{item}") from error
        return tuple(compiled)

    def finish(self) -> None:
        """Refuse the entry if it holds keys that were not taken."""
        if self._values:
            raise self.error(f"有不认识的项：{'、'.join(sorted(self._values))}")

    def error(self, problem: str) -> TableError:
        """Return an error that names this entry."""
        return TableError(f"{self.where}：{problem}")


@dataclass(frozen=True, slots=True)
class Table:
    """One TOML file: its name for messages, its text, and the file of the same tables that is laid over it."""

    name: str
    text: str
    overlay: Table | None = None

    def parse(self, *keys: str) -> dict[str, tuple[Row, ...]]:
        """Return the rows of each array of tables in ``keys``; any other top-level key is an error.

        A row of the overlay takes the place of the row of that name, or comes after all of them.
        """
        content = self.arrays()
        unknown = sorted(set(content) - set(keys))
        if unknown:
            raise TableError(f"{self.name}：有不认识的表：{'、'.join(unknown)}")
        if self.overlay is None:
            return {key: content.get(key, ()) for key in keys}
        over = self.overlay.parse(*keys)
        return {key: _lay_over(content.get(key, ()), over[key]) for key in keys}

    def rows(self, key: str) -> tuple[Row, ...]:
        """Return the rows of a file that holds one array of tables only."""
        return self.parse(key)[key]

    def arrays(self) -> dict[str, tuple[Row, ...]]:
        """Return the rows of this file alone, by the name of their array."""
        try:
            content = tomllib.loads(self.text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise TableError(f"{self.name}：不是有效的TOML（{error}）") from error
        return {key: self._rows(key, entries) for key, entries in content.items()}

    def _rows(self, key: str, entries: object) -> tuple[Row, ...]:
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise TableError(f"{self.name}：“{key}”应写成[[{key}]]")
        return tuple(Row(f"{self.name}第{n}条[[{key}]]", entry) for n, entry in enumerate(entries, 1))


def bare(name: str) -> str:
    """Return a name without what may be typed or not: quotation marks, brackets, pauses and blanks."""
    return _TYPED_OR_NOT.sub("", name)


def bundled(name: str) -> Table:
    """Return the table of that file name which ships with the program."""
    return Table(name, resources.files("knowledge").joinpath("data", name).read_text(encoding="utf-8"))


def check_unique(pairs: Iterable[tuple[str, str]], problem: Callable[[str, str, str], str]) -> None:
    """Refuse a name that two owners claim: ``pairs`` are (name, owner), ``problem(name, first, second)`` words it."""
    owners: dict[str, str] = {}
    for name, owner in pairs:
        first = owners.setdefault(name, owner)
        if first != owner:
            raise TableError(problem(name, first, owner))


def _names_of(values: Mapping[str, object]) -> tuple[str, ...]:
    own = next((value for key in _NAMING if isinstance(value := values.get(key), str) and value.strip()), None)
    if own is None:
        return ()
    aliases = values.get("aliases")
    others = [alias for alias in aliases if isinstance(alias, str)] if isinstance(aliases, list) else []
    return tuple(dict.fromkeys((own, *others)))


def _lay_over(rows: Sequence[Row], over: Sequence[Row]) -> tuple[Row, ...]:
    """Return ``rows`` with those of ``over`` in the place of their namesakes, and the others of ``over`` behind.

    A name of ``over`` that belongs to an entry it does not replace is an error: nothing is shadowed in silence.
    """
    replacing: dict[str, Row] = {}
    for row in over:
        if not row.names:
            raise row.error("缺少名称，不知道要换掉哪一条")
        if not all(map(bare, row.names)):
            raise row.error("名称不能只有标点")
        if bare(row.names[0]) in replacing:
            raise row.error(f"“{row.names[0]}”写了两次")
        replacing[bare(row.names[0])] = row
    kept = [row for row in rows if not row.names or bare(row.names[0]) not in replacing]
    owners = {bare(name): row.names[0] for row in kept for name in row.names}
    for row in over:
        for name in row.names:
            owner = owners.setdefault(bare(name), row.names[0])
            if owner != row.names[0]:
                raise row.error(f"“{name}”已属于“{owner}”。要换掉那一条，名称就写“{owner}”；不换就删去这个说法")
    merged = [replacing.pop(bare(row.names[0]), row) if row.names else row for row in rows]
    return (*merged, *replacing.values())
