"""The registry (规范库): set phrases, campaigns, meetings, rules, layout, differences and usage, looked up by a question.

What a question names is found here; how it asks (还能用吗, 有什么区别) is for the caller to know. Nothing is guessed: a
question that names nothing of ours yields an empty inquiry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from knowledge.differences import Differences, Usages
from knowledge.events import (
    CAMPAIGN,
    CONGRESS,
    DISCIPLINE_PLENUM,
    PLENUM,
    Campaign,
    Extent,
    Meeting,
    Yearly,
    read_extents,
)
from knowledge.formulations import Formulation, Formulations, Status
from knowledge.inquiry import Inquiry, asks_latest, in_characters, read_session, read_times, read_year
from knowledge.kinds import DocumentKind, Kinds
from knowledge.lexicon import Lexicon
from knowledge.overlay import Change, Overlay
from knowledge.regulations import Layouts, Rules
from knowledge.sieve import Sieve
from knowledge.tables import bare
from knowledge.validity import Validity

LONGEST_QUESTION = 120
"""Characters up to which a text is read as a question; more is a text of somebody's own."""

ALIKE = 0.5
"""Share of common pairs of characters from which a name counts as near (四个意识, 四个意思)."""

_JOINERS = re.compile("[和与及跟,]")

T = TypeVar("T")


class Standing(StrEnum):
    """Whether a set phrase can be written as current wording for a year."""

    CURRENT = "current"
    NOT_YET = "not yet"
    SUPERSEDED = "superseded"
    PAST = "past"
    LOCAL = "local"
    UNSETTLED = "unsettled"


@dataclass(frozen=True, slots=True)
class _Named:
    """What one name stands for; a name may stand for a set phrase, a campaign and a meeting at once."""

    formulations: tuple[Formulation, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    meetings: tuple[Meeting, ...] = ()


class Registry:
    """All registry tables; immutable once loaded. ``changes`` are the administrator's entries in them."""

    def __init__(
        self,
        formulations: Formulations,
        validity: Validity,
        rules: Rules,
        layouts: Layouts,
        *,
        differences: Differences,
        usages: Usages,
        kinds: Kinds,
        extents: tuple[Extent, ...] = (),
        changes: tuple[Change, ...] = (),
    ) -> None:
        self.formulations = formulations
        self.validity = validity
        self.rules = rules
        self.layouts = layouts
        self.differences = differences
        self.usages = usages
        self._kind_by_id = {kind.id: kind for kind in kinds.kinds}
        self._kinds = Lexicon({name: kind for kind in kinds.kinds for name in (kind.id, kind.name, *kind.aliases)})
        self.extents = extents
        self.changes = changes
        self._campaigns = {campaign.name: campaign for campaign in validity.campaigns}
        self._meetings = {meeting.name: meeting for meeting in validity.meetings}
        self._yearly = {yearly.name: yearly for yearly in validity.yearly}
        self._yearly_words = Sieve((yearly.pattern,) for yearly in validity.yearly)
        named = _names(formulations, validity)
        self._names = Lexicon(named)
        self._pairs = {name: _pairs(name) for name in named}

    @classmethod
    def load(cls, overlay: Overlay | None = None, kinds: Kinds | None = None) -> Registry:
        """Read the tables that ship with the program, with an overlay laid over them; ``kinds`` where they are loaded.

        Raises ``TableError`` naming the file, the entry and the slip.
        """
        over = overlay or Overlay()
        formulations = Formulations.read(over.table("formulations.toml"))
        campaigns, meetings = over.table("campaigns.toml"), over.table("plenaries.toml")
        return cls(
            formulations,
            Validity.read(campaigns, meetings, formulations),
            Rules.read(over.table("org_life.toml")),
            Layouts.read(over.table("gbt9704.toml")),
            differences=Differences.read(over.table("differences.toml")),
            usages=Usages.read(over.table("usage.toml")),
            kinds=kinds or Kinds.load(),
            extents=(*read_extents(campaigns), *read_extents(meetings)),
            changes=over.changes(),
        )

    # What a question is about

    def read_question(self, text: str) -> Inquiry:
        """Return what a question in normal form names; nothing for a text too long to be a question."""
        if not text or len(text) > LONGEST_QUESTION:
            return Inquiry()
        plain = bare(in_characters(text))
        named, rest = self._named(plain)
        return Inquiry(
            formulations=_each(entry for found in named for entry in found.formulations),
            campaigns=_each(entry for found in named for entry in found.campaigns),
            meetings=_each(entry for found in named for entry in found.meetings),
            session=(read_session(plain) or self._latest_session()) if asks_latest(plain) else None,
            yearly=tuple(self.validity.yearly[place] for place in sorted(self._yearly_words.search(text))),
            rules=self.rules.find(text),
            layouts=self.layouts.find(text),
            differences=self.differences.find(text),
            usages=self.usages.find(text),
            bare=bool(named) and not rest,
            year=read_year(text),
            times=read_times(text),
        )

    def kinds_named(self, text: str) -> tuple[DocumentKind, ...]:
        """Return the kinds of document that a text names by a name of theirs, in order."""
        return _each(kind for _, _, kind in self._kinds.longest(text))

    def nearest(self, name: str) -> tuple[str, ...]:
        """Return the names of up to two set phrases that look like ``name``, the nearest first."""
        wanted = _pairs(bare(name))
        scored: dict[str, float] = {}
        for known, pairs in self._pairs.items():
            score = 2 * len(wanted & pairs) / ((len(wanted) + len(pairs)) or 1)
            found = self._names.get(known)
            if score >= ALIKE and found and found.formulations:
                term = found.formulations[0].term
                scored[term] = max(score, scored.get(term, 0.0))
        return tuple(sorted(scored, key=lambda term: -scored[term])[:2])

    # Entries by name

    def campaign(self, name: str) -> Campaign | None:
        """Return the campaign of exactly that name."""
        return self._campaigns.get(name)

    def meeting(self, name: str) -> Meeting | None:
        """Return the meeting of exactly that name."""
        return self._meetings.get(name)

    def kind(self, kind_id: str) -> DocumentKind | None:
        """Return the kind of document with that id."""
        return self._kind_by_id.get(kind_id)

    def yearly(self, name: str) -> Yearly | None:
        """Return the yearly wording of exactly that name."""
        return self._yearly.get(name)

    # Whether it is still current

    def later_campaigns(self, campaign: Campaign, year: int) -> tuple[Campaign, ...]:
        """Return the campaigns after ``campaign`` until ``year``, in order; arrangements that are none are left out."""
        later = [
            other
            for other in self.validity.campaigns
            if other.kind == CAMPAIGN and campaign.year < other.year <= year and other is not campaign
        ]
        return tuple(sorted(later, key=lambda other: other.start))

    def plenums(self, session: str, kind: str = PLENUM) -> tuple[Meeting, ...]:
        """Return the plenums of one Central Committee (or, by ``kind``, of its discipline commission), in order."""
        held = [meeting for meeting in self.validity.meetings if meeting.kind == kind and meeting.session == session]
        return tuple(sorted(held, key=lambda meeting: meeting.date))

    def discipline_plenums(self, session: str) -> tuple[Meeting, ...]:
        """Return the plenums of the discipline commission (中央纪委) of one congress, in order."""
        return self.plenums(session, DISCIPLINE_PLENUM)

    def newest_since(self, year: int) -> tuple[Formulation, ...]:
        """Return the set phrases in use that are known to date from ``year`` or later, the newest first."""
        dated = [
            entry
            for entry in self.formulations.entries
            if entry.valid_from is not None and entry.dates_verified and int(entry.valid_from[:4]) >= year
        ]
        current = [entry for entry in dated if entry.status is Status.CURRENT]
        return tuple(sorted(current, key=lambda entry: entry.valid_from or "", reverse=True))

    def seen_until(self, name: str) -> Extent | None:
        """Return how far the table of that name (集中教育, 会议) reaches; an overlay's word comes first."""
        return next((extent for extent in self.extents if extent.name == name), None)

    def _named(self, plain: str) -> tuple[list[_Named], str]:
        """Return what the names in a text stand for, and what is left of the text without them."""
        named: list[_Named] = []
        rest: list[str] = []
        at = 0
        for start, end, found in self._names.longest(plain):
            named.append(found)
            rest.append(plain[at:start])
            at = end
        rest.append(plain[at:])
        return named, _JOINERS.sub("", "".join(rest))

    def _latest_session(self) -> str | None:
        congresses = [meeting for meeting in self.validity.meetings if meeting.kind == CONGRESS and not meeting.planned]
        latest = max(congresses, key=lambda meeting: meeting.date, default=None)
        return read_session("".join(latest.aliases)) if latest else None


def standing(entry: Formulation, year: int) -> Standing:
    """Return whether a set phrase is current wording in texts written for ``year``."""
    if entry.valid_from is not None and int(entry.valid_from[:4]) > year:
        return Standing.NOT_YET
    if entry.status is Status.LOCAL:
        return Standing.LOCAL
    if entry.status is Status.UNSETTLED:
        return Standing.UNSETTLED
    if entry.status is Status.CURRENT or (entry.valid_to is not None and int(entry.valid_to[:4]) > year):
        return Standing.CURRENT
    return Standing.SUPERSEDED if entry.status is Status.SUPERSEDED else Standing.PAST


def _names(formulations: Formulations, validity: Validity) -> dict[str, _Named]:
    named: dict[str, _Named] = {}

    def note(name: str, entry: Formulation | Campaign | Meeting) -> None:
        known = named.get(bare(name), _Named())
        named[bare(name)] = _Named(
            _each((*known.formulations, entry)) if isinstance(entry, Formulation) else known.formulations,
            _each((*known.campaigns, entry)) if isinstance(entry, Campaign) else known.campaigns,
            _each((*known.meetings, entry)) if isinstance(entry, Meeting) else known.meetings,
        )

    for formulation in formulations.entries:
        for name in formulation.names:
            note(name, formulation)
    for campaign in validity.campaigns:
        for name in (campaign.name, *campaign.aliases, *campaign.bare):
            note(name, campaign)
    for meeting in validity.meetings:
        for name in (meeting.name, *meeting.aliases):
            note(name, meeting)
    return named


def _each(entries: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(entries))


def _pairs(name: str) -> frozenset[str]:
    return frozenset(name[place : place + 2] for place in range(max(1, len(name) - 1)))
