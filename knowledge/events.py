"""What dates a text: party-wide campaigns (集中教育), congresses and plenums, wording that belongs to one year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.formulations import CONFIDENCES
from knowledge.tables import Row, Table, TableError

if TYPE_CHECKING:
    from collections.abc import Iterable

CAMPAIGN, ARRANGEMENT = "集中教育", "工作部署"
CONGRESS, PLENUM, DISCIPLINE_PLENUM = "党代会", "中全会", "纪委全会"
MEETING_KINDS = (CONGRESS, PLENUM, DISCIPLINE_PLENUM, "重要会议", "重要大会")
_SESSION = re.compile("([一二三四五六七八九十]{1,4})届")
# A campaign that closed in the first months of a year belongs to the year before.
_FIRST_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Campaign:
    """A party-wide campaign, or a work arrangement that is none (``kind``).

    ``year`` is the year it is known by; ``end`` is missing where it was not seen. ``bare`` names are shared with
    other campaigns (主题教育); ``lasting`` words after its name make the wording a current one.
    """

    name: str
    kind: str
    year: int
    aliases: tuple[str, ...]
    bare: tuple[str, ...]
    start: str
    end: str | None
    requirement: str | None
    phrases: tuple[str, ...]
    lasting: tuple[str, ...]
    scope: str
    issued: str
    note: str | None
    confidence: str
    source: tuple[str, ...]

    @property
    def years(self) -> range:
        """The years in whose reports it is work of the year."""
        last = self.year
        if self.end is not None and int(self.end[5:7] or 12) > _FIRST_MONTHS:
            last = max(last, int(self.end[:4]))
        return range(self.year, last + 1)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A congress, plenum or key meeting; at least one of ``start`` and ``end`` was seen.

    ``planned`` meetings were announced, but what they decided was not seen.
    """

    name: str
    kind: str
    aliases: tuple[str, ...]
    planned: bool
    start: str | None
    end: str | None
    documents: tuple[str, ...]
    theme: str | None
    note: str | None
    confidence: str
    source: tuple[str, ...]

    @property
    def short_name(self) -> str:
        """The name as it is said in running text: 党的二十大 for 中国共产党第二十次全国代表大会."""
        said = [alias for alias in self.aliases if alias.startswith("党的")]
        return min([self.name, *said], key=len)

    @property
    def date(self) -> str:
        """The last day known, as far as it is known (``YYYY[-MM[-DD]]``)."""
        return self.end or self.start or ""

    @property
    def year(self) -> int:
        """The year of the meeting."""
        return int(self.date[:4])

    @property
    def session(self) -> str | None:
        """The Central Committee it belongs to, as a numeral (二十), or ``None`` for other meetings."""
        found = _SESSION.search(self.name)
        return found.group(1) if found else None


@dataclass(frozen=True, slots=True)
class Yearly:
    """Wording that belongs to the year of its text, or (``base`` given) to the anniversary it counts."""

    name: str
    pattern: re.Pattern[str]
    base: int | None
    note: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extent:
    """Until which day (``YYYY-MM-DD``) what happened was looked at for a table: ``name`` says for what."""

    name: str
    seen_until: str
    source: tuple[str, ...]


def read_extents(table: Table) -> tuple[Extent, ...]:
    """Return how far ``table`` (campaigns or meetings) reaches; raises ``TableError`` for any slip in it."""
    extents = []
    for row in table.parse("campaign", "yearly", "meeting", "extent")["extent"]:
        seen_until = row.date("seen_until")
        if seen_until is None:
            raise row.error("缺少“seen_until”")
        extents.append(Extent(row.text("name"), seen_until, row.texts("source", required=True)))
        row.finish()
    return tuple(extents)


def read_campaigns(table: Table) -> tuple[tuple[Campaign, ...], tuple[Yearly, ...]]:
    """Return the campaigns and the yearly wording of ``table``; raises ``TableError`` for any slip in it."""
    rows = table.parse("campaign", "yearly", "extent")
    campaigns = tuple(_read_campaign(row) for row in rows["campaign"])
    _refuse_duplicates(table, (name for campaign in campaigns for name in {campaign.name, *campaign.aliases}))
    return campaigns, tuple(_read_yearly(row) for row in rows["yearly"])


def read_meetings(table: Table) -> tuple[Meeting, ...]:
    """Return the meetings of ``table``; raises ``TableError`` for any slip in it."""
    meetings = tuple(_read_meeting(row) for row in table.parse("meeting", "extent")["meeting"])
    _refuse_duplicates(table, (name for meeting in meetings for name in {meeting.name, *meeting.aliases}))
    return meetings


def _refuse_duplicates(table: Table, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise TableError(f"{table.name}：“{name}”写了两次")
        seen.add(name)


def _read_campaign(row: Row) -> Campaign:
    year, start = row.number("year"), row.date("start")
    if year is None or start is None:
        raise row.error("缺少“year”或“start”")
    campaign = Campaign(
        name=row.text("name"),
        kind=row.choice("kind", (CAMPAIGN, ARRANGEMENT)),
        year=year,
        aliases=row.texts("aliases", required=True),
        bare=row.texts("bare"),
        start=start,
        end=row.date("end"),
        requirement=row.optional_text("requirement"),
        phrases=row.texts("phrases"),
        lasting=row.texts("lasting"),
        scope=row.text("scope"),
        issued=row.text("issued"),
        note=row.optional_text("note"),
        confidence=row.choice("confidence", CONFIDENCES),
        source=row.texts("source", required=True),
    )
    row.finish()
    return campaign


def _read_meeting(row: Row) -> Meeting:
    meeting = Meeting(
        name=row.text("name"),
        kind=row.choice("kind", MEETING_KINDS),
        aliases=row.texts("aliases"),
        planned=row.flag("planned"),
        start=row.date("start"),
        end=row.date("end"),
        documents=row.texts("documents"),
        theme=row.optional_text("theme"),
        note=row.optional_text("note"),
        confidence=row.choice("confidence", CONFIDENCES),
        source=row.texts("source", required=True),
    )
    row.finish()
    if not meeting.date:
        raise row.error("“start”和“end”至少写一项")
    return meeting


def _read_yearly(row: Row) -> Yearly:
    base = row.number("base")
    patterns = row.patterns("patterns")
    if len(patterns) != 1 or (patterns[0].groups > 0) != (base is not None):
        raise row.error("“patterns”写一个表达式；有“base”时用一个括号取出周年数")
    yearly = Yearly(row.text("name"), patterns[0], base, row.text("note"), row.texts("source", required=True))
    row.finish()
    return yearly
