"""Sentences around the registry: set phrases, whether they are current, rules, layout, differences, usage."""

from __future__ import annotations

from collections.abc import Sequence

HEAD_VALIDITY = "【时效】"
BASIS = "【出处】规范库"
NOT_QUOTABLE = "（大意，引用前核对原文）"
NAME_ONLY = "只收了这个提法本身，具体内容以原文为准。"
WORDING_UNCHECKED = "（字句有待核对）"
UNSETTLED_RULE = "各处说法不一，不作规定引用，以条例原文为准"
USAGE_ONLY = "实务通常如此，没有统一规定"
NO_STANDARD = "实务做法，国标没有规定"
ARRANGEMENT = "是工作部署，不是集中教育"
BACK_ONLY = "回顾历程可用"
MEETINGS_TOGETHER = "新写材料可写“党的{session}大和{session}届历次全会精神”，或写到最近一次全会，以上级最新表述为准。"
CORPUS_MEETING_LATEST = "表里它是最近的一次，可用。"
DISCIPLINE_NAMED = "中央纪委的叫“次”：最近是{name}（{date}）。"
NOTHING_DATED = "没对上收录的提法、集中教育或会议，判断不了时效，不猜。写全名称再问，例如“两学一做还能用吗”。"
NOTHING_RULED = "没收录这方面的规定，不编。可问：组织生活会一年几次、支委会多久开一次。"
NOTHING_LAID_OUT = "没收录这方面的格式规定，不编。可问：标题用什么字体、行间距多少磅、落款日期怎么写。"
NOTHING_DIFFERENT = "没收录这两样的区别，不编。可问：请示和报告区别、述职报告和工作总结区别。"
NEAREST = "名称最像的有（回复数字查看）："
WHOLE_LAYOUT = "GB/T 9704—2012《党政机关公文格式》要点"
STANDARD = "GB/T 9704—2012《党政机关公文格式》（转引自二次资料）"
BY_STANDARD = "国标："
BY_USAGE = "实务（国标没有规定）："
OWN_TEMPLATE = "单位有统一模板的，按模板。"
KINDS_COMPARED = "（按文种表对照，非规定）"


def term(name: str, expansion: str | None, *, quotable: bool) -> str:
    """First line on a set phrase."""
    if expansion is None:
        return f"【提法】{name}"
    return f"【提法】{name}：{expansion}" if quotable else f"【提法】{name}{NOT_QUOTABLE}：{expansion}"


def unknown_term(name: str) -> str:
    """Say that a set phrase is not in the table."""
    return f"库内没有“{name}”这个提法，不编。"


def usage(standing: str, collocations: str | None, users: int) -> str:
    """Say whether a set phrase is current, what it goes with and how many reports use it."""
    used = f"（语料{users}篇使用）" if users else ""
    if not collocations:
        return f"{standing}{used}。"
    label = "用法" if "材料" in collocations or "年" in collocations else "常用搭配"
    return f"{standing}。{label}：{collocations}{used}"


def when(date: str) -> str:
    """Write a date as far as it is known: 2016年, 2026年6月, 2026年6月15日."""
    year, *rest = date.split("-")
    return f"{year}年" + "".join(f"{int(number)}{unit}" for number, unit in zip(rest, "月日", strict=False))


def current(since: str | None) -> str:
    """Say that a set phrase is in use."""
    return f"现行（{when(since)}起）" if since else "现行"


def superseded(successor: str, until: str | None) -> str:
    """Say that a set phrase has been replaced."""
    return f"已被“{successor}”取代（{when(until)}以前的材料用）" if until else f"已被“{successor}”取代"


def past(until: str | None) -> str:
    """Say that a set phrase belongs to the past."""
    return f"历史提法（用到{when(until)}）" if until else "历史提法，不作当年工作表述"


def not_yet(since: str) -> str:
    """Say from when a set phrase is in use."""
    return f"{when(since)}才有的提法，此前的材料不能用"


LOCAL = "地方（单位）提法，各地不一，以本地文件为准"
UNSETTLED = "是否沿用没有核定，以新文件为准"


def origin(text: str) -> str:
    """Say where a set phrase was first seen."""
    return f"起源：{text}"


def basis(sources: Sequence[str], note: str = "") -> str:
    """Name what an answer rests on."""
    return f"依据：{'；'.join(dict.fromkeys(sources))}{note}"


def requirement(text: str) -> str:
    """Quote the general requirement of a campaign."""
    return f"总要求：{text}"


def campaign_told(name: str, year: int, kind: str, scope: str) -> str:
    """First line on what a campaign was."""
    return f"【提法】{name}：{year}年{kind}；范围：{scope}"


def issued(text: str) -> str:
    """Say by what a campaign was ordered."""
    return f"部署：{text}"


def campaign(name: str, year: int, until: int, kind: str) -> str:
    """First line on a campaign and its time."""
    if kind:
        return f"【时效】{name}：{year}年起，{kind}"
    return f"【时效】{name}是{year if until == year else f'{year}—{until}'}年开展的集中教育"


def shared_name(years: Sequence[str]) -> str:
    """First line on a name that several campaigns share."""
    return f"【时效】这个名称有{len(years)}次集中教育用过：{'；'.join(years)}"


def of_the_year(year: int) -> str:
    """Say that a campaign is work of the year written for."""
    return f"写{year}年工作可以作为当年工作表述。"


def not_of_the_year(year: int) -> str:
    """Say that a campaign is no longer work of the year written for."""
    return f"写{year}年工作一般不再作为当年工作表述；{BACK_ONLY}。"


def before_its_year(year: int) -> str:
    """Say that a campaign had not begun in the year written for."""
    return f"{year}年还没有开展，不写进{year}年的材料。"


def lasting(words: Sequence[str]) -> str:
    """Say in which form the name of a campaign is still current."""
    return f"后面接“{'”或“'.join(words)}”的写法仍可用。"


def later(names: Sequence[str]) -> str:
    """List the campaigns that came later."""
    return f"之后的集中教育：{'、'.join(names)}。"


ONLY_WHAT_IS_LISTED = "只列查得到起始时间的，不是全部；回复数字看含义和依据。"


def new_terms(year: int) -> str:
    """Title of a list of set phrases that are new."""
    return f"【提法】{year}年以来的新提法，最近的在前"


def new_term(term: str, since: str, source: str) -> str:
    """One new set phrase, with since when and by what."""
    return f"{term}（{since}起；{source}）"


def nothing_new(year: int) -> str:
    """Say that no set phrase is known to be from that year."""
    return f"规范库里没有查得到起始时间在{year}年以后的提法，不猜。"


def seen_until(name: str, day: str) -> str:
    """Say how far a table reaches."""
    return f"{name}表更新到{day}，之后的以上级文件为准。"


def validity(name: str, verdict: str) -> str:
    """First line on whether something can still be written."""
    return f"【时效】{name}：{verdict}"


def usable(year: int, since: str | None) -> str:
    """Verdict on a current set phrase."""
    return f"{current(since)}，写{year}年材料可用"


def plenums(session: str, last: str, days: str) -> str:
    """First line on which plenum was the last."""
    return f"【时效】{session}届中央委员会已开到{last}（{days}）"


def planned(name: str, start: str) -> str:
    """Say that a meeting was announced and its outcome is not in the table."""
    return f"{name}：已定{when(start)}召开，结果表里没有，以公报为准。"


def meeting(name: str, days: str) -> str:
    """First line on a meeting."""
    return f"【时效】{name}（{days}）"


def newer_meetings(names: Sequence[str]) -> str:
    """Say which meetings came after one."""
    return f"之后已开：{'、'.join(names)}。当作最新精神来写已不合适，{BACK_ONLY}。"


def yearly(name: str, year: int) -> str:
    """First line on wording that belongs to a year or a stage."""
    return f"【时效】{name}：属于特定年份或阶段的表述，写{year}年材料要核对"


def meeting_told(name: str, days: str) -> str:
    """First line on what a meeting was."""
    return f"【提法】{name}（{days}）"


def theme(text: str) -> str:
    """Say what a meeting was about."""
    return f"主题：{text}"


def documents(titles: Sequence[str]) -> str:
    """Name the documents of a meeting."""
    return f"文件：{'、'.join(titles)}"


def rule(item: str, text: str) -> str:
    """First line on a rule."""
    return f"【规定】{item}：{text}"


def quorum(text: str) -> str:
    """Say who has to be there."""
    return text if text.startswith("到会") else f"到会：{text}"


def content(text: str) -> str:
    """Say what belongs to it."""
    return f"内容：{text}"


def outdated(regulation: str) -> str:
    """Warn that the rule quoted has been replaced."""
    return f"⚠以上是旧规的数字，现行的是{regulation}，引用前核对。"


def too_few(times: int, wanted: str) -> str:
    """Say that what was written falls short of the rule."""
    return f"写{times}次，达不到“{wanted}”。先对会议记录：漏记的补上；确实没开的照实写、写进整改，不能写成开过。次数我不编。"


def enough(times: int) -> str:
    """Say that what was written meets the rule."""
    return f"写{times}次，不少于要求。次数以你们的台账为准。"


def layout(item: str, value: str) -> str:
    """First line on the layout of a document."""
    return f"【格式】{item}：{value}"


_STRENGTHS = {
    "规定": "国标规定",
    "一般": "国标的一般要求",
    "推荐": "国标推荐",
    "可以": "国标允许",
    "标准": "标点标准规定",
}


def by_standard(strength: str, clause: str) -> str:
    """Say how binding the standard is."""
    return f"{_STRENGTHS.get(strength, strength)}（{clause}）"


def difference(first: str, second: str) -> str:
    """First line on how two things differ."""
    return f"【区别】{first}与{second}"


def point(number: int, text: str) -> str:
    """One respect in which they differ."""
    return f"{number}. {text}"


def kind_line(name: str, words: Sequence[str]) -> str:
    """Say in a line what a kind of document is like."""
    return f"{name}：{'；'.join(words)}"


def advice(text: str) -> str:
    """Say what to mind."""
    return f"提醒：{text}。"


def word_choice(name: str, text: str) -> str:
    """First line on which form to write."""
    return f"【用词】{name}：{text}。"


def right_forms(forms: Sequence[str]) -> str:
    """Give forms that are right."""
    return f"写：{'；'.join(forms)}"


def wrong_forms(forms: Sequence[str]) -> str:
    """Give forms that are wrong."""
    return f"不写：{'；'.join(forms)}"


WRITE_WHAT = "先说写哪一块，例如“主题党日怎么写”；问提法就说名称，例如“两学一做还能用吗”。"


def no_campaign(year: int) -> str:
    """Say that the table has no campaign of a year."""
    return f"表里没有{year}年的集中教育，不猜，以上级通知为准。"
