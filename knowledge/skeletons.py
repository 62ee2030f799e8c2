"""Skeletons (通用框架): how a kind of document is built by rule and practice, for kinds of which no report is at hand.

They are written for this table and quote no report, so they are never shown as corpus lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.kinds import BASES, Kinds
from knowledge.overlay import Overlay
from knowledge.tables import Row, Table, TableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FILES = ("skeletons.toml", "skeletons_reports.toml", "skeletons_meetings.toml", "skeletons_writing.toml")
"""The tables, one for each family of kinds; an administrator's own entries may all stand in the first."""

_SLOT = re.compile(r"【[^【】]{1,12}】")
_FIGURE = re.compile(r"[^【】]{2,10}【X[^【】]{1,2}】")
_LENGTHS = re.compile(r"[1-9]\d?(?:\+[1-9]\d?)*")
_GAP = "…"
# Quotation marks set a word off; they don't lengthen the line to the ear.
_SILENT = str.maketrans("", "", "“”《》")

_SECTIONS = (2, 7)
_HEADINGS = (3, 6)
_MISTAKES = (2, 4)
_FEWEST_SHAPES = 2
_LONGEST = {"title": 14, "holds": 30, "how": 90, "opening": 130, "closing": 70, "mistakes": 22}


@dataclass(frozen=True, slots=True)
class Shape:
    """The form that makes a heading set parallel: clause lengths in characters (``6+6``) or words with gaps (``在…上…``)."""

    text: str

    @property
    def lengths(self) -> tuple[int, ...]:
        """The lengths of the clauses; empty for a form with gaps."""
        return tuple(map(int, self.text.split("+"))) if _LENGTHS.fullmatch(self.text) else ()

    def holds(self, headings: Sequence[str]) -> bool:
        """Whether every heading has the form; gaps must also be filled with equally many characters throughout."""
        measures = {self._measure(heading.translate(_SILENT)) for heading in headings}
        return len(measures) == 1 and None not in measures

    def _measure(self, heading: str) -> tuple[int, ...] | None:
        """Return the lengths of a heading's clauses or gaps, or ``None`` where it does not have the form."""
        if self.lengths:
            found = tuple(map(len, heading.split("，")))
            return found if found == self.lengths else None
        match = re.fullmatch("(.+?)".join(map(re.escape, self.text.split(_GAP))), heading)
        return tuple(map(len, match.groups())) if match else None


@dataclass(frozen=True, slots=True)
class FrameHeadings:
    """One set of parallel headings to choose from, for the section with the index ``section``."""

    section: int
    shape: Shape
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FrameSection:
    """One section: ``holds`` says in a few words what belongs in it, ``how`` how it is written.

    ``share`` is its share of the text in percent, from experience; ``figures`` are blanks with their label (党课【X堂】).
    """

    title: str
    holds: str
    how: str
    share: int | None
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The frame of one kind of document (``kind`` is its id).

    ``main`` is the index of the section with the sub-headings. ``yearly`` names what a superior's notice fixes anew each
    year, as blanks. ``rule`` is what a regulation says, there only with ``basis`` 规定; the structure is practice always.
    ``numbered``: whether sections carry 一、二、三. ``also`` are the ids of kinds that may be meant instead.
    """

    kind: str
    also: tuple[str, ...]
    scope: str | None
    numbered: bool
    person: str | None
    length: str | None
    opening: str
    closing: str
    sections: tuple[FrameSection, ...]
    main: int
    heading_sets: tuple[FrameHeadings, ...]
    yearly: tuple[str, ...]
    mistakes: tuple[str, ...]
    basis: str
    rule: str | None
    source: tuple[str, ...]

    @property
    def figures(self) -> tuple[str, ...]:
        """The blanks of all sections, in order."""
        return tuple(dict.fromkeys(figure for section in self.sections for figure in section.figures))

    def headings_of(self, section: int) -> tuple[FrameHeadings, ...]:
        """Return the heading sets for the section with that index."""
        return tuple(found for found in self.heading_sets if found.section == section)


class Skeletons:
    """The skeletons by kind; immutable once loaded."""

    def __init__(self, entries: Iterable[Skeleton]) -> None:
        self.entries = tuple(entries)
        self._by_kind = {entry.kind: entry for entry in self.entries}

    @classmethod
    def load(cls, kinds: Kinds | None = None, overlay: Overlay | None = None) -> Skeletons:
        """Return the skeletons that ship with the program for ``kinds`` (``None``: the bundled ones), under an overlay."""
        over = overlay or Overlay()
        return cls.read([over.table(name) for name in FILES], kinds or Kinds.load())

    @classmethod
    def read(cls, tables: Iterable[Table], kinds: Kinds) -> Skeletons:
        """Return the skeletons of ``tables`` for ``kinds``; raises ``TableError`` for any slip in them.

        A skeleton of a table's overlay replaces the one of its kind with all its sections and headings.
        """
        tables = tuple(tables)
        entries = _collect([Table(table.name, table.text) for table in tables], kinds)
        over = _collect([table.overlay for table in tables if table.overlay], kinds)
        return cls((entries | over).values())

    def get(self, kind: str) -> Skeleton | None:
        """Return the skeleton of the kind with that id."""
        return self._by_kind.get(kind)


def _collect(tables: Iterable[Table], kinds: Kinds) -> dict[str, Skeleton]:
    """Return the skeletons of several tables by kind; a kind that is unknown or stands twice is an error."""
    collected: dict[str, Skeleton] = {}
    for table in tables:
        for entry in _read_table(table):
            for kind in (entry.kind, *entry.also):
                if kinds.get(kind) is None:
                    raise TableError(f"{table.name}：没有“{kind}”这个文种")
            if entry.kind in collected:
                raise TableError(f"{table.name}：文种“{entry.kind}”的框架写了两次")
            collected[entry.kind] = entry
    return collected


def _read_table(table: Table) -> list[Skeleton]:
    rows = table.parse("skeleton", "section", "headings")
    skeletons = [(row.text("kind"), row) for row in rows["skeleton"]]
    sections, headings = _by_kind(rows["section"]), _by_kind(rows["headings"])
    known = {kind for kind, _ in skeletons}
    for kind, orphans in (*sections.items(), *headings.items()):
        if kind not in known:
            raise orphans[0].error(f"没有“{kind}”的[[skeleton]]")
    return [_read(kind, row, sections.get(kind, ()), headings.get(kind, ())) for kind, row in skeletons]


def _by_kind(rows: Sequence[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.text("of"), []).append(row)
    return grouped


def _read(kind: str, row: Row, sections: Sequence[Row], headings: Sequence[Row]) -> Skeleton:
    parts = [_read_section(part) for part in sections]
    main = [place for place, (_, is_main) in enumerate(parts) if is_main]
    if not _SECTIONS[0] <= len(parts) <= _SECTIONS[1] or len(main) != 1:
        raise row.error(f"“{kind}”应有{_SECTIONS[0]}至{_SECTIONS[1]}个[[section]]，其中一个main = true")
    titles = [section.title for section, _ in parts]
    skeleton = Skeleton(
        kind=kind,
        also=row.texts("also"),
        scope=row.optional_text("scope"),
        numbered=row.flag("numbered", default=True),
        person=row.optional_text("person"),
        length=row.optional_text("length"),
        opening=_checked(row, "opening", row.text("opening")),
        closing=_checked(row, "closing", row.text("closing")),
        sections=tuple(section for section, _ in parts),
        main=main[0],
        heading_sets=tuple(_read_headings(entry, titles, main[0]) for entry in headings),
        yearly=row.texts("yearly"),
        mistakes=row.texts("mistakes", required=True),
        basis=row.choice("basis", BASES),
        rule=row.optional_text("rule"),
        source=row.texts("source", required=True),
    )
    row.finish()
    _check(row, skeleton)
    return skeleton


def _read_section(row: Row) -> tuple[FrameSection, bool]:
    section = FrameSection(
        title=_checked(row, "title", row.text("title")),
        holds=_checked(row, "holds", row.text("holds")),
        how=_checked(row, "how", row.text("how")),
        share=row.number("share"),
        figures=row.texts("figures"),
    )
    main = row.flag("main")
    row.finish()
    if wrong := [figure for figure in section.figures if not _FIGURE.fullmatch(figure)]:
        raise row.error(f"“figures”应写成党课【X堂】，不能是“{wrong[0]}”")
    return section, main


def _read_headings(row: Row, titles: Sequence[str], main: int) -> FrameHeadings:
    title = row.optional_text("section") or titles[main]
    shape, headings = Shape(row.text("shape")), row.texts("headings", required=True)
    row.finish()
    if title not in titles:
        raise row.error(f"没有“{title}”这一部分")
    if not shape.lengths and _GAP not in shape.text:
        raise row.error(f"“shape”应写成6+6或在…上…，不能是“{shape.text}”")
    if not _HEADINGS[0] <= len(headings) <= _HEADINGS[1]:
        raise row.error(f"一组小标题应有{_HEADINGS[0]}至{_HEADINGS[1]}个")
    if not shape.holds(headings):
        raise row.error(f"小标题不合“{shape.text}”的句式：{'；'.join(headings)}")
    return FrameHeadings(titles.index(title), shape, headings)


def _checked(row: Row, key: str, text: str) -> str:
    """Return ``text`` if it is short enough for its place and its blanks are well formed."""
    if len(text) > _LONGEST[key]:
        raise row.error(f"“{key}”超过{_LONGEST[key]}字：{text}")
    if set("【】") & set(_SLOT.sub("", text)):
        raise row.error(f"“{key}”里的空位写错了：{text}")
    return text


def _check(row: Row, skeleton: Skeleton) -> None:
    """Refuse a skeleton whose parts don't fit together."""
    shapes = {found.shape for found in skeleton.headings_of(skeleton.main)}
    if len(shapes) < _FEWEST_SHAPES:
        raise row.error(f"“{skeleton.kind}”的主体部分至少要有{_FEWEST_SHAPES}种句式的小标题")
    shares = [section.share for section in skeleton.sections if section.share is not None]
    if shares and (len(shares) < len(skeleton.sections) or sum(shares) > 100):
        raise row.error(f"“{skeleton.kind}”的“share”应各部分都写，合计不超过100")
    if not _MISTAKES[0] <= len(skeleton.mistakes) <= _MISTAKES[1]:
        raise row.error(f"“mistakes”应有{_MISTAKES[0]}至{_MISTAKES[1]}条")
    for mistake in skeleton.mistakes:
        _checked(row, "mistakes", mistake)
    if wrong := [entry for entry in skeleton.yearly if not _SLOT.search(entry)]:
        raise row.error(f"“yearly”要留空位：{wrong[0]}")
    if (skeleton.basis == "规定") != (skeleton.rule is not None):
        raise row.error("“basis”为规定时要写“rule”，为实务时不写")
    if skeleton.rule is not None and not any("《" in source for source in skeleton.source):
        raise row.error("写了“rule”就要在“source”里写法规名称")
