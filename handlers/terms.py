"""Answers on set phrases (提法), campaigns and meetings: what they stand for, and whether they can still be written."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.asking import CAMPAIGNS, MEETINGS, inquiry_of
from handlers.dialogue import View
from handlers.reply import Block, Moves, Paragraph, Reply, Title
from handlers.texts import registry as texts
from knowledge.events import ARRANGEMENT, PLENUM, Campaign, Meeting, Yearly
from knowledge.formulations import Formulation
from knowledge.library import Library
from knowledge.registry import Standing, standing
from knowledge.search.phrases import PhraseQuery

MOST_AT_ONCE = 4
"""How many set phrases one answer explains."""


def present_term(view: View, library: Library, year: int) -> Reply:
    """Show what set phrases, or for want of them campaigns and meetings, stand for."""
    inquiry = inquiry_of(view, library.registry)
    lines: list[str] = []
    sources: list[str] = []
    checked = True
    told = {CAMPAIGNS if inquiry.campaigns else "", MEETINGS if inquiry.meetings else ""}
    formulations = [entry for entry in inquiry.formulations if entry.kind not in told]
    for formulation in formulations[:MOST_AT_ONCE]:
        lines += _explain(formulation, inquiry.year or year, library)
        sources += formulation.source
        checked = checked and formulation.confidence == "high"
    for campaign in () if lines else inquiry.campaigns:
        lines += _introduce(campaign)
        sources += campaign.source
    for meeting in () if lines else inquiry.meetings[:1]:
        lines += _tell(meeting)
        sources += meeting.source
    if not lines:
        return Reply((Paragraph(texts.NOTHING_DATED),), found=False)
    note = "" if checked else texts.WORDING_UNCHECKED
    names = [entry.term for entry in formulations] or [
        *map(_short, inquiry.campaigns),
        *(meeting.name for meeting in inquiry.meetings[:1]),
    ]
    moves = [f"{name}例句" for name in names[:2] if has_phrases(name, library, year)]
    moves += [f"{name}还能用吗" for name in names[:1]]
    return answer_of([*lines, texts.basis(sources, note)], (*moves, "出处"), total=len(names))


def present_validity(view: View, library: Library, year: int) -> Reply:
    """Show whether a campaign, a meeting, a set phrase or dated wording can be written for the year, and why."""
    inquiry, registry = inquiry_of(view, library.registry), library.registry
    year = inquiry.year or year
    if inquiry.session:
        return _tell_plenums(inquiry.session, library)
    if inquiry.campaigns:
        return _judge_campaigns(inquiry.campaigns, inquiry.formulations, year, library)
    if inquiry.meetings:
        return _judge_meeting(inquiry.meetings[0], year, library)
    if inquiry.yearly:
        return _judge_yearly(inquiry.yearly[0], year)
    lines: list[str] = []
    sources: list[str] = []
    moves: list[str] = []
    for formulation in inquiry.formulations[:MOST_AT_ONCE]:
        lines.append(texts.validity(formulation.term, _judged(formulation, year)))
        lines += [f"{note}。" for note in (formulation.note or formulation.usage,) if note]
        sources += formulation.source
        successor = registry.formulations.get(formulation.superseded_by or "")
        moves.append(f"{successor.term if successor else formulation.term}是什么")
    if not lines:
        return Reply((Paragraph(texts.NOTHING_DATED),), found=False)
    return answer_of([*lines, texts.basis(sources)], (*moves[:2], "出处"), total=len(inquiry.formulations))


def answer_of(lines: Sequence[str], moves: Sequence[str], *, total: int = 1) -> Reply:
    """Return the reply of some lines, the first of which says what this is."""
    first, *others = lines
    blocks: tuple[Block, ...] = (Title(first), *map(Paragraph, others), Moves(tuple(dict.fromkeys(moves))))
    return Reply(blocks, total=max(1, total))


def has_phrases(name: str, library: Library, year: int) -> bool:
    """Whether the library has phrases to give for exactly this name."""
    subjects = library.questions.read(name).subjects
    if not subjects or subjects[0].name != name:
        return False
    return bool(library.phrases(PhraseQuery(subjects[0].topic, subjects[0].term, about=name), year))


def _explain(entry: Formulation, year: int, library: Library) -> list[str]:
    verdict = texts.current(_since(entry)) if standing(entry, year) is Standing.CURRENT else _verdict(entry, year)
    lines = [texts.term(entry.term, entry.expansion, quotable=entry.quotable)]
    if entry.expansion is None and entry.note is None:
        lines.append(texts.NAME_ONLY)
    lines.append(texts.usage(verdict, entry.usage, library.usage(entry.term)))
    if entry.note:
        lines.append(f"{entry.note}。")
    if entry.official and entry.dates_verified:
        lines.append(texts.origin(entry.official))
    return lines


def _since(entry: Formulation) -> str | None:
    return entry.valid_from if entry.dates_verified else None


def _judged(entry: Formulation, year: int) -> str:
    """Say whether a set phrase can be written for a year."""
    current = standing(entry, year) is Standing.CURRENT
    return texts.usable(year, _since(entry)) if current else _verdict(entry, year)


def _verdict(entry: Formulation, year: int) -> str:
    """Say how a set phrase stands that is not simply current."""
    match standing(entry, year):
        case Standing.NOT_YET:
            return texts.not_yet(entry.valid_from or "")
        case Standing.SUPERSEDED:
            return texts.superseded(entry.superseded_by or "", entry.valid_to)
        case Standing.LOCAL:
            return texts.LOCAL
        case Standing.UNSETTLED:
            return texts.UNSETTLED
        case _:
            return texts.past(entry.valid_to)


def _introduce(campaign: Campaign) -> list[str]:
    lines = [texts.campaign_told(campaign.name, campaign.year, campaign.kind, campaign.scope)]
    lines += [texts.requirement(campaign.requirement)] if campaign.requirement else []
    lines.append(texts.issued(campaign.issued))
    return lines + ([f"{campaign.note}。"] if campaign.note else [])


def _tell(meeting: Meeting) -> list[str]:
    lines = [texts.meeting_told(meeting.name, days(meeting))]
    lines += [texts.theme(meeting.theme)] if meeting.theme else []
    lines += [texts.documents(meeting.documents)] if meeting.documents else []
    return lines + ([f"{meeting.note}。"] if meeting.note else [])


def days(meeting: Meeting) -> str:
    """Return the days of a meeting as far as they are known: 2025-10-20至23, 2013-11-12闭幕."""
    if meeting.start is None:
        return f"{meeting.end}闭幕"
    if meeting.end is None or meeting.end == meeting.start:
        return meeting.start
    return f"{meeting.start}至{meeting.end[8:] if meeting.end[:7] == meeting.start[:7] else meeting.end[5:]}"


def _judge_campaigns(
    campaigns: Sequence[Campaign], formulations: Sequence[Formulation], year: int, library: Library
) -> Reply:
    """Judge the campaign named; a name that several share means the one of the year written for, or all of them."""
    fitting = [campaign for campaign in campaigns if year in campaign.years]
    chosen = (fitting or list(campaigns))[:1] if fitting or len(campaigns) == 1 else list(campaigns)
    if len(chosen) > 1:
        lines = [texts.shared_name([f"{campaign.year}年{campaign.name}" for campaign in chosen])]
        lines.append(texts.not_of_the_year(year) if year > chosen[-1].year else texts.before_its_year(year))
        lines += [f"{chosen[-1].note}。"] if chosen[-1].note else []
    else:
        lines = _judge_campaign(chosen[0], formulations, year)
    later = library.registry.later_campaigns(chosen[-1], year)
    if later and chosen[-1].kind != ARRANGEMENT:
        lines.append(texts.later([f"{other.year}{_short(other)}" for other in later]))
    extent = library.registry.seen_until("集中教育")
    lines += [texts.seen_until(extent.name, extent.seen_until)] if extent else []
    lines.append(texts.basis([source for campaign in chosen for source in campaign.source]))
    name = _short(chosen[-1])
    return answer_of(lines, (f"{name}例句", "出处") if has_phrases(name, library, year) else ("出处",))


def _judge_campaign(campaign: Campaign, formulations: Sequence[Formulation], year: int) -> list[str]:
    arrangement = campaign.kind == ARRANGEMENT
    lines = [texts.campaign(campaign.name, campaign.year, campaign.years[-1], texts.ARRANGEMENT if arrangement else "")]
    if year < campaign.year:
        lines.append(texts.before_its_year(year))
    elif year in campaign.years:
        lines.append(texts.of_the_year(year))
    elif arrangement:
        lines += [f"{_judged(entry, year)}。" for entry in formulations]
    else:
        lines.append(texts.not_of_the_year(year))
    if campaign.lasting and year not in campaign.years:
        lines.append(texts.lasting(campaign.lasting))
    if campaign.requirement:
        lines.append(texts.requirement(campaign.requirement))
    return lines + ([f"{campaign.note}。"] if campaign.note else [])


def _short(campaign: Campaign) -> str:
    """Return what a campaign is called in a list."""
    return campaign.name.replace("学习贯彻习近平新时代中国特色社会主义思想主题教育", "主题教育")


def _judge_meeting(meeting: Meeting, year: int, library: Library) -> Reply:
    lines = [texts.meeting(meeting.name, days(meeting))]
    if meeting.planned:
        lines = [f"{texts.HEAD_VALIDITY}{texts.planned(meeting.name, meeting.date)}"]
    elif newer := library.registry.validity.newer(meeting, year):
        lines.append(texts.newer_meetings([f"{other.name}（{other.date[:7]}）" for other in newer]))
        if meeting.session:
            lines.append(texts.MEETINGS_TOGETHER.format(session=newer[-1].session or meeting.session))
    else:
        lines.append(texts.before_its_year(year) if year < meeting.year else texts.CORPUS_MEETING_LATEST)
    lines += [texts.theme(meeting.theme)] if meeting.theme else []
    lines += [texts.documents(meeting.documents)] if meeting.documents else []
    extent = library.registry.seen_until("会议")
    lines += [texts.seen_until(extent.name, extent.seen_until)] if extent else []
    return answer_of([*lines, texts.basis(meeting.source)], ("最新全会", "出处"))


def _judge_yearly(yearly: Yearly, year: int) -> Reply:
    lines = [texts.yearly(yearly.name, year), f"{yearly.note}，以上级当年要求为准。", texts.basis(yearly.source)]
    return answer_of(lines, ("出处",))


def _tell_plenums(session: str, library: Library) -> Reply:
    """List the plenums of one Central Committee, and the latest of its discipline commission."""
    registry = library.registry
    held = [meeting for meeting in registry.plenums(session, PLENUM) if not meeting.planned]
    if not held:
        return Reply((Paragraph(texts.NOTHING_DATED),), found=False)
    prefix = f"党的{session}届"
    lines = [texts.plenums(session, held[-1].name.removeprefix(prefix), days(held[-1]))]
    lines.append("、".join(f"{meeting.name.removeprefix(prefix)}（{meeting.date[:7]}）" for meeting in held) + "。")
    lines += [texts.planned(m.name, m.date) for m in registry.plenums(session) if m.planned]
    discipline = registry.discipline_plenums(session)
    if discipline:
        lines.append(texts.DISCIPLINE_NAMED.format(name=discipline[-1].name, date=discipline[-1].date[:7]))
    lines.append(texts.MEETINGS_TOGETHER.format(session=session))
    extent = registry.seen_until("会议")
    lines += [texts.seen_until(extent.name, extent.seen_until)] if extent else []
    lines.append(texts.basis([source for meeting in held[-2:] for source in meeting.source]))
    return answer_of(lines, (f"{held[-1].name}是什么", "出处"))
