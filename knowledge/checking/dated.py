"""Wording out of its year (提法时效): campaigns, meetings and set phrases that are over, or not there yet, when a text is written.

What is dated the tables say; here it is told from what a text only looks back on, and how sure a finding is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from knowledge.checking.declaring import Hit, Kind
from knowledge.checking.model import Category, Copy, Example, Level, Rule
from knowledge.checking.wording import sentence_around
from knowledge.checking.years import looks_back
from knowledge.events import PLENUM, Campaign
from knowledge.formulations import Formulation, Formulations, Status
from knowledge.validity import Mark, Validity

_DOING = re.compile(
    r"(?:开展|推进|组织|抓好|抓实|启动|部署|参加|投入|实施|深入|扎实|正在|按照|紧扣|落实|根据|结合)[^，。；]{0,12}\Z"
)
_AS_MOTTO = re.compile(r"(?:按照|紧扣|落实|对照|围绕|把握)[^，。；]{0,12}\Z")
_ASKED = re.compile("”?的?总?要求")
_CAMPAIGN_NAME = re.compile("学习教育|主题教育|专题教育|实践活动|、")
_BARE = "主题教育"
_BARE_AS_WORK = re.compile(r"(?:开展|推进|抓好|抓实|组织|部署|启动|投入)(?:好|了)?\Z")
_NOT_THE_CAMPAIGN = re.compile("[月周课馆片展]|党课|基地|党日|活动|图书")
_MEETING_NAME = re.compile("全会|[八九十]大")
_SUBJECT = re.compile(r"(?:学习|贯彻|落实|传达|宣传)[^。；！？]{0,12}\Z")
_REACH = 40
_COINED = re.compile("^“?[两三四五六七八九十]|习近平|重要思想$|新质生产力")
_PLENUM = re.compile(r"(?P<name>二十届(?:[一二三四五六七]中、){0,5}(?P<which>[一二三四五六七])中全会)")

_KIND = Kind(Category.DATED, "提法表、集中教育表与会议表（逐条列有出处）")


def rules(validity: Validity, formulations: Formulations) -> tuple[Rule, ...]:
    """Return the rules on dated wording; what is dated comes from the given tables."""
    judge = _Judge(validity, formulations)
    return (*_on_campaigns(judge), *_on_meetings(judge), *_on_wording(judge))


def _on_campaigns(judge: _Judge) -> Iterator[Rule]:
    yield _KIND.rule(
        "dated.campaign",
        Level.DOUBTFUL,
        "往年的集中教育写成当年的工作",
        judge.find_campaigns,
        flags=(
            Example("深入开展党纪学习教育，组织集中学习4次。", 2026),
            Example("紧扣“学思想、强党性、重实践、建新功”总要求抓好落实。", 2025),
            Example("扎实推进树立和践行正确政绩观学习教育。", 2023),
        ),
        misses=(
            Example("深入开展党纪学习教育，组织集中学习4次。", 2024),
            Example("巩固深化党纪学习教育成果，抓在经常。", 2026),
            Example("2024年扎实开展党纪学习教育，党员受到一次深刻警示。", 2026),
        ),
    )
    yield _KIND.rule(
        "dated.campaign-bare",
        Level.HINT,
        "只写“主题教育”，当年没有集中主题教育",
        judge.find_bare_campaigns,
        flags=(Example("支部正在深入开展主题教育。", 2024), Example("认真组织主题教育，集中学习3次。", 2026)),
        misses=(
            Example("巩固拓展主题教育成果。", 2024),
            Example("扎实开展主题教育。", 2023),
            Example("开展主题教育党课2次。", 2026),
        ),
    )


def _on_meetings(judge: _Judge) -> Iterator[Rule]:
    yield _KIND.rule(
        "dated.meeting",
        Level.HINT,
        "学习的全会之后已有新的全会",
        judge.find_meetings,
        flags=(
            Example("深入学习贯彻党的二十届二中全会精神。", 2026),
            Example("认真传达二十届中央纪委三次全会精神。", 2026),
            Example("今年以来，深入学习贯彻党的十九届六中全会精神。", 2026),
        ),
        misses=(
            Example("深入学习贯彻党的二十届三中全会精神。", 2025),
            Example("深入学习贯彻党的二十届四中全会精神。", 2026),
            Example("党的二十届三中全会于2024年7月召开。", 2026),
        ),
    )
    yield _KIND.rule(
        "dated.meeting-to-come",
        Level.WRONG,
        "学习还没有召开的全会",
        judge.find_meetings_to_come,
        flags=(
            Example("认真学习贯彻党的二十届四中、五中全会精神。", 2025),
            Example("贯彻落实党的二十届四中全会精神。", 2024),
        ),
        misses=(
            Example("认真学习贯彻党的二十届四中全会精神。", 2025),
            Example("学习贯彻二十届中央纪委五次全会精神。", 2026),
            Example("以优异成绩迎接党的二十届五中全会召开。", 2025),
        ),
    )


def _on_wording(judge: _Judge) -> Iterator[Rule]:
    yield _KIND.rule(
        "dated.wording",
        Level.DOUBTFUL,
        "提法还没有提出，或已有新提法",
        judge.find_wording,
        flags=(
            Example("认真学习领会习近平党建思想，抓好贯彻。", 2023),
            Example("坚决打赢反腐败斗争攻坚战持久战。", 2026),
        ),
        misses=(
            Example("认真学习领会习近平党建思想，抓好贯彻。", 2026),
            Example("坚决打好反腐败斗争攻坚战持久战总体战。", 2026),
            Example("2022年，市委部署坚决打赢反腐败斗争攻坚战持久战。", 2026),
        ),
    )
    yield _KIND.rule(
        "dated.wording-changing",
        Level.HINT,
        "提法在当年有了新的说法",
        judge.find_changing,
        flags=(
            Example("深入学习习近平总书记关于党的建设的重要思想。", 2026),
            Example("落实党中央关于党的建设的重要思想。", 2026),
        ),
        misses=(
            Example("深入学习习近平总书记关于党的建设的重要思想。", 2024),
            Example("深入学习习近平党建思想。", 2026),
        ),
    )


class _Judge:
    """The dated wording of a copy, told by the tables and put down by what it is."""

    def __init__(self, validity: Validity, formulations: Formulations) -> None:
        self._validity = validity
        self._formulations = formulations
        self._plenums = {meeting.name: meeting for meeting in validity.meetings if meeting.kind == PLENUM}

    def marks(self, copy: Copy) -> tuple[tuple[Mark, str], ...]:
        """Return the dated wording that the text does not only look back on, each with its words."""
        text = copy.plain.text
        marks = self._validity.marks(text, copy.year, year=copy.year)
        return tuple(
            (mark, text[mark.start : mark.end]) for mark in marks if not looks_back(copy, mark.start, mark.end)
        )

    def find_campaigns(self, copy: Copy) -> Iterator[Hit]:
        text = copy.plain.text
        for mark, name in copy.once(self.marks):
            campaign = self._validity.campaign(name, copy.year)
            if campaign is None or not _CAMPAIGN_NAME.search(name) or name == _BARE:
                continue
            if campaign.year == copy.year - 1 and f"{campaign.year}年" in text:
                continue
            before = text[max(0, mark.start - 20) : mark.start]
            as_work = (
                _AS_MOTTO.search(before) or _ASKED.match(text, mark.end) if "、" in name else _DOING.search(before)
            )
            if as_work and not self._names_others(sentence_around(text, mark.start, mark.end), campaign):
                later = campaign.year > copy.year
                yield _hit(
                    copy, mark, f"{campaign.name}从{campaign.year}年开始，{copy.year}年还没有" if later else None
                )

    def _names_others(self, sentence: str, campaign: Campaign) -> bool:
        """Whether a sentence goes through the campaigns of several years."""
        return any(other is not campaign and other.name in sentence for other in self._validity.campaigns)

    def find_bare_campaigns(self, copy: Copy) -> Iterator[Hit]:
        text = copy.plain.text
        for mark, name in copy.once(self.marks):
            doing = _BARE_AS_WORK.search(text[max(0, mark.start - 6) : mark.start])
            if name == _BARE and doing and not _NOT_THE_CAMPAIGN.match(text, mark.end):
                yield _hit(copy, mark)

    def find_meetings(self, copy: Copy) -> Iterator[Hit]:
        text = copy.plain.text
        for mark, name in copy.once(self.marks):
            if _MEETING_NAME.search(name):
                # In the year of the newer meeting a text may have been written before it.
                around, last_year = text[max(0, mark.start - _REACH) : mark.end + _REACH], copy.year - 1
                if any(
                    name == around[earlier.start : earlier.end]
                    for earlier in self._validity.marks(around, last_year, year=last_year)
                ):
                    yield _hit(copy, mark)

    def find_meetings_to_come(self, copy: Copy) -> Iterator[Hit]:
        text = copy.plain.text
        for match in _PLENUM.finditer(text):
            meeting = self._plenums.get(f"党的二十届{match['which']}中全会")
            if meeting is None or meeting.year <= copy.year:
                continue
            before = text[max(0, match.start() - 16) : match.start()]
            if text.startswith("精神", match.end()) or (_SUBJECT.search(before) and "迎接" not in before):
                held = "计划召开" if meeting.planned else "召开"
                reason = f"{meeting.name}{meeting.date[:7]}{held}，{copy.year}年不能写学习贯彻"
                yield Hit(*copy.plain.span(*match.span("name")), reason, None, meeting.source[0])

    def find_wording(self, copy: Copy) -> Iterator[Hit]:
        return self._dated(copy, lambda entry: _is_to_come(entry, copy.year) or _is_over(entry, copy.year))

    def find_changing(self, copy: Copy) -> Iterator[Hit]:
        return self._dated(copy, lambda entry: _changes_in(entry, copy.year))

    def _dated(self, copy: Copy, fits: Callable[[Formulation], bool]) -> Iterator[Hit]:
        for mark, name in copy.once(self.marks):
            entry = self._formulations.get(name)
            if entry is None or entry.kind == "时间表述" or not fits(entry):
                continue
            came = entry.valid_from if _is_to_come(entry, copy.year) else None
            reason = f"这个提法{came[:4]}年才有，{copy.year}年的材料不应出现" if came else None
            yield _hit(copy, mark, reason, entry.superseded_by)


def _hit(copy: Copy, mark: Mark, reason: str | None = None, right: str | None = None) -> Hit:
    return Hit(*copy.plain.span(mark.start, mark.end), reason or mark.note, right, "、".join(mark.source[:2]) or None)


def _is_to_come(entry: Formulation, year: int) -> bool:
    # Other names are plain words that were in use before they became official wording.
    return entry.valid_from is not None and int(entry.valid_from[:4]) > year and _COINED.search(entry.term) is not None


def _is_over(entry: Formulation, year: int) -> bool:
    return entry.status is Status.SUPERSEDED and entry.valid_to is not None and int(entry.valid_to[:4]) < year


def _changes_in(entry: Formulation, year: int) -> bool:
    return entry.status is Status.SUPERSEDED and entry.valid_to is not None and int(entry.valid_to[:4]) == year
