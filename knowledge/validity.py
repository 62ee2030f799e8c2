"""Whether wording still fits the year one writes for: campaigns, plenums and set phrases leave their date on a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.events import (
    CAMPAIGN,
    CONGRESS,
    DISCIPLINE_PLENUM,
    PLENUM,
    Campaign,
    Meeting,
    Yearly,
    read_campaigns,
    read_meetings,
)
from knowledge.formulations import Formulation, Formulations, Status
from knowledge.lexicon import Lexicon
from knowledge.tables import Table, bundled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ORDINALS = "一二三四五六七"
_SESSIONS = "十八|十九|二十[一二三]?"
_PLENUMS = re.compile(
    rf"(?:党的)?(?P<session>{_SESSIONS})届(?P<list>[{_ORDINALS}]中(?:(?:全会)?[、，和及][{_ORDINALS}]中){{0,6}})全会"
)
_DISCIPLINE_PLENUMS = re.compile(rf"(?P<session>{_SESSIONS})届中央纪委(?P<list>[{_ORDINALS}])次全会")
_CONGRESS = re.compile(rf"(?:党的)?(?P<session>{_SESSIONS})大(?:报告)?精神")
# Only what is to be studied and carried out gets old; a meeting told of as history does not.
_STUDIED_AFTER = re.compile(r"[^。；！？]{0,24}?精神")
_STUDIED_BEFORE = re.compile(r"(?:学习|贯彻|落实|传达|宣传)[^。；！？]{0,12}\Z")
_NEARBY = 16
_LASTING_NEARBY = 12
_UNDATED = "⚠按年份核对"


@dataclass(frozen=True, slots=True)
class Mark:
    """Dated wording at ``text[start:end]``: ``label`` to show beside it (⚠2023年提法), ``note`` to explain it."""

    start: int
    end: int
    label: str
    note: str
    source: tuple[str, ...]


class Validity:
    """Judges wording against the year of its reader; immutable once loaded."""

    def __init__(
        self,
        campaigns: Sequence[Campaign],
        yearly: Sequence[Yearly],
        meetings: Sequence[Meeting],
        formulations: Formulations,
    ) -> None:
        self.campaigns = tuple(campaigns)
        self.meetings = tuple(meetings)
        self.yearly = tuple(yearly)
        self._meetings = {meeting.name: meeting for meeting in self.meetings}
        named: dict[str, tuple[Campaign, ...]] = {}
        for campaign in (campaign for campaign in self.campaigns if campaign.kind == CAMPAIGN):
            for name in {campaign.name, *campaign.aliases, *campaign.bare, *campaign.phrases}:
                named[name] = (*named.get(name, ()), campaign)
        self._named = Lexicon(named)
        dated = {
            name: entry for entry in formulations.entries if _is_dated(entry) for name in (entry.term, *entry.aliases)
        }
        self._dated = Lexicon(dated)

    @classmethod
    def load(cls) -> Validity:
        """Return the judgement by the tables that ship with the program."""
        return cls.read(bundled("campaigns.toml"), bundled("plenaries.toml"), Formulations.load())

    @classmethod
    def read(cls, campaigns: Table, meetings: Table, formulations: Formulations) -> Validity:
        """Return the judgement by the given tables; raises ``TableError`` for any slip in one."""
        entries, yearly = read_campaigns(campaigns)
        return cls(entries, yearly, read_meetings(meetings), formulations)

    def campaign(self, text: str, text_year: int | None = None) -> Campaign | None:
        """Return the campaign a text names first; a shared name (主题教育) is settled by ``text_year`` or not at all."""
        return next(
            (found for _, _, candidates in self._named.longest(text) if (found := _settle(candidates, text_year))), None
        )

    def marks(self, text: str, text_year: int | None, *, year: int) -> tuple[Mark, ...]:
        """Return the wording of a text of ``text_year`` that no longer, or not yet, fits a text written for ``year``.

        In order, none overlapping. Wording that is still current gives no mark.
        """
        found = [
            *self._campaign_marks(text, text_year, year),
            *self._meeting_marks(text, year),
            *self._yearly_marks(text, text_year, year),
            *self._formulation_marks(text, year),
        ]
        found.sort(key=lambda mark: (mark.start, -mark.end))
        marks: list[Mark] = []
        for mark in found:
            if not marks or mark.start >= marks[-1].end:
                marks.append(mark)
        return tuple(marks)

    def _campaign_marks(self, text: str, text_year: int | None, year: int) -> Iterator[Mark]:
        for start, end, candidates in self._named.longest(text):
            campaign = _settle(candidates, text_year)
            if campaign is None:
                if any(year in candidate.years for candidate in candidates):
                    continue
                names = "、".join(f"{candidate.year}年{candidate.name}" for candidate in candidates)
                source = tuple(dict.fromkeys(item for candidate in candidates for item in candidate.source))
                yield Mark(start, end, _UNDATED, f"可能指{names}，请按年份核对", source)
                continue
            after = text[end : end + _LASTING_NEARBY]
            if year in campaign.years or any(word in after for word in campaign.lasting):
                continue
            note = f"{campaign.name}：{campaign.year}年集中教育，写{year}年工作一般不再作为当年工作表述"
            yield Mark(start, end, _label(campaign.year), _join(note, campaign.note), campaign.source)

    def _meeting_marks(self, text: str, year: int) -> Iterator[Mark]:
        for pattern, kind in ((_PLENUMS, PLENUM), (_DISCIPLINE_PLENUMS, DISCIPLINE_PLENUM)):
            for match in pattern.finditer(text):
                last = max(match["list"].replace("中", "").replace("全会", ""), key=_ORDINALS.find)
                name = f"党的{match['session']}届{last}中全会" if kind == PLENUM else f"{match.group()}"
                meeting = self._meetings.get(name)
                if meeting and _is_studied(text, match) and (newer := self._foremost(meeting, year)):
                    yield _meeting_mark(match, meeting, newer)
        for match in _CONGRESS.finditer(text):
            meeting = self._meetings.get(f"中国共产党第{match['session']}次全国代表大会")
            if meeting and (newer := self._foremost(meeting, year)):
                yield _meeting_mark(match, meeting, newer)

    def newer(self, meeting: Meeting, year: int) -> tuple[Meeting, ...]:
        """Return the meetings of the same line, and the congresses, held after ``meeting`` until the end of ``year``."""
        return tuple(
            other
            for other in self.meetings
            if not other.planned
            and meeting.date < other.date
            and other.year <= year
            and (other.kind == CONGRESS or (other.kind == meeting.kind and other.session == meeting.session))
        )

    def _foremost(self, meeting: Meeting, year: int) -> tuple[Meeting, ...]:
        """Return the newer meetings a writer needs to know: after a later congress that one and its own last of the kind."""
        newer = self.newer(meeting, year)
        congress = next((other for other in reversed(newer) if other.kind == CONGRESS), None)
        if congress is None:
            return newer
        after = [
            other
            for other in self.meetings
            if other.kind == meeting.kind != CONGRESS and not other.planned and congress.date < other.date
            if other.year <= year
        ]
        return (congress, *after[-1:])

    def _yearly_marks(self, text: str, text_year: int | None, year: int) -> Iterator[Mark]:
        for yearly in self.yearly:
            for match in yearly.pattern.finditer(text):
                of = text_year if yearly.base is None else yearly.base + int(match.group(1))
                if of != year:
                    yield Mark(*match.span(), _UNDATED if of is None else _label(of), yearly.note, yearly.source)

    def _formulation_marks(self, text: str, year: int) -> Iterator[Mark]:
        for start, end, entry in self._dated.longest(text):
            label = _dated_label(entry, year)
            if label is None:
                continue
            successor = f"现用“{entry.superseded_by}”" if entry.superseded_by else None
            yield Mark(
                start, end, label, _join(successor, entry.usage, entry.note) or "请按当年规范表述核对", entry.source
            )


def _label(year: int) -> str:
    return f"⚠{year}年提法"


def _join(*parts: str | None) -> str:
    return "；".join(part for part in parts if part)


def _settle(candidates: Sequence[Campaign], text_year: int | None) -> Campaign | None:
    """Pick the campaign a name means in a text of that year; ``None`` when that stays open."""
    if len(candidates) == 1:
        return candidates[0]
    return next((campaign for campaign in candidates if text_year is not None and text_year in campaign.years), None)


def _is_studied(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - _NEARBY) : match.start()]
    return bool(_STUDIED_AFTER.match(text, match.end()) or _STUDIED_BEFORE.search(before))


def _meeting_mark(match: re.Match[str], meeting: Meeting, newer: Sequence[Meeting]) -> Mark:
    names = "、".join(f"{other.short_name}（{other.date[:7]}）" for other in newer)
    note = f"{meeting.date[:7]}召开，之后已有{names}，按上级最新表述"
    source = tuple(dict.fromkeys((*meeting.source, *newer[-1].source)))
    return Mark(match.start(), match.end(), _label(meeting.year), note, source)


def _is_dated(entry: Formulation) -> bool:
    """Whether a formulation's own dates say something; campaigns and meetings have tables of their own."""
    if entry.ambiguous or entry.kind in {"学习教育", "会议"}:
        return False
    return entry.valid_from is not None or entry.valid_to is not None


def _dated_label(entry: Formulation, year: int) -> str | None:
    """Return the label of a formulation for texts written at the end of ``year``, ``None`` while it is current."""
    if entry.valid_from is not None and int(entry.valid_from[:4]) > year:
        return f"⚠{entry.valid_from[:4]}年起提法"
    if entry.valid_to is None:
        return None
    until, month = int(entry.valid_to[:4]), int(entry.valid_to[5:7] or 12)
    if entry.status is Status.HISTORICAL:
        return f"⚠{until}年及以前提法" if until < year else None
    if (until, month) < (year, 12):
        return f"⚠{until}年{month}月前提法" if month < 12 else f"⚠{until}年及以前提法"
    return None
