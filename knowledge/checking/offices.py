"""Names of organs, posts and meetings (机构、职务、会议名称): the table of wrong forms."""

from __future__ import annotations

from knowledge.checking.model import Category
from knowledge.corpus.gate import Entry, read_entry
from knowledge.tables import Table, TableError, bundled, check_unique


def load_names(table: Table | None = None) -> tuple[Entry, ...]:
    """Return the wrong forms of ``table``, or of the one that ships with the program.

    Raises ``TableError`` with the file, the entry and the slip.
    """
    table = table or bundled("names.toml")
    entries = tuple(read_entry(row, Category.OFFICE) for row in table.rows("name"))
    check_unique(
        ((entry.id, str(place)) for place, entry in enumerate(entries)),
        lambda name, _first, _second: f"{table.name}：编号“{name}”重复",
    )
    if any(entry.telling is None for entry in entries):
        raise TableError(f"{table.name}：名称表只供校对，不写“check = false”")
    return entries
