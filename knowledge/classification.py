"""What a document says about itself at its head: its title and its year."""

from __future__ import annotations

import re
from collections import Counter
from itertools import takewhile

# How far into a document its head reaches: a title and an opening paragraph.
_HEAD = 900
_HEAD_LINES = 12
_TITLE_LINES = 3
_TITLE_SHORTEST, _TITLE_LONGEST = 5, 60

_NOUN = "总结|小结|汇报|报告|要点|计划|打算|方案|通知|材料|提纲|讲稿|发言|述职|请示|公示|记录|纪要|意见|心得|体会|简报|申请书|志愿书|思想汇报"
_TITLE_END = re.compile(rf"(?:{_NOUN})(?:（[^（）]{{0,16}}）|\([^()]{{0,16}}\))?\Z")
# What stands above the last line of a broken title: a unit's name, 关于……, or words cut anywhere.
_TITLE_PART = re.compile(
    r"^关于|(?:党组|党委|支部|总支|[局委办厅]|委员会|公司|集团|学[校院]|医院|书记|年度?)$|^(?=.*(?:党|年度|工作))[\w“”（）《》—]{8,}$"
)
_NUMBERED = re.compile(
    r"(?:第?[一二三四五六七八九十]{1,3}[、，,章部是]|（[一二三四五六七八九十]{1,3}）|\d{1,2}[.．、])"
)
_MARKER = re.compile(r"##\w{1,20}##")
_MASK = re.compile(r"(?<![A-Za-z])(?:某|[XxＸｘ×*＊]){1,12}(?![A-Za-z])")

_YEAR = re.compile(r"(?<![\d.])(20\d{2})(?=\s*年|-\d{4}\s*年|—\d{4}\s*年)")
_YEAR_IN_WORDS = re.compile(r"二[〇○零O0]([〇○零一二三四五六七八九])([〇○零一二三四五六七八九])(?=年)")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}

_MASKED_YEAR = re.compile(r"20[某XxＸｘ×*＊_]{1,2}(?=年)")
_LABEL = re.compile(r"^(?:标题|题目)[：:]\s*")

_ANNOUNCEMENT = re.compile(r"现(?:将|就|把)(?P<subject>[^，。；：\n]{0,48}?)(?:情况)?(?P<noun>总结|汇报|报告|述职)如下")
_SELF = re.compile(
    r"我(?:局|委|办|厅|部|院|校|司|所|站|市|区|县|镇|乡|街道|公司|单位|支部|党支部)|本(?:单位|局|校|公司|支部)"
)
_PERSON = re.compile(
    r"本人|(?<![\u4e00-\u9fff自])我(?=[坚高始认积带严主把将从先切对能在是也及])|我(?=高度重视|坚持|认为|带头|始终)"
)
_LEADING = re.compile(
    r"^(?:本人|个人|我[局委校院司厅处]|我单位|我支部|我们?|本单位|本支部|一年来|今年以来|年以来|全年|今年|有关|的)+"
)
_UNIT = re.compile(
    r"(?P<unit>[^，。；：、\n\d在]{1,16}?(?:党组|机关党委|党委|党工委|党总支|党支部|支部))(?=坚持|在|认真|紧|深入|始终|全面|以|按|，)"
)


def derive_title(text: str) -> str:
    """Return the title of a document, from its title line or put together from its opening; masks shown as 某.

    A document that names neither is called 无题材料, with its year where that is known.
    """
    title = _title_line(text) or _title_from_opening(text)
    if title is None:
        year = detect_year(text)
        title = f"无题材料（{year}年）" if year else "无题材料"
    return mask_title(title)


def mask_title(title: str) -> str:
    """Return a title with every blanked-out name (某某, XX, ×, *) written 某."""
    return _MASK.sub("某", _MASKED_YEAR.sub("某", title))


def detect_year(text: str) -> int | None:
    """Return the year a document is about: of its title line, else the first in its opening, else the most frequent.

    Years 2000 to 2099, in digits or Chinese (二〇二三年); of equally frequent ones the latest.
    """
    for head in (_title_line(text) or "", _announcement_subject(text), text[:_HEAD]):
        years = _years(head)
        if years:
            return years[0]
    counted = Counter(_years(text))
    return max(counted, key=lambda year: (counted[year], year)) if counted else None


def detect_person(text: str) -> str | None:
    """Return in whose name a document speaks: 我, 支部 or the unit's own word (我局, 我校 …); ``None`` where it does not say.

    Of the words it calls itself by, the most frequent decides; 我 counts only where it stands for a person.
    """
    counted = Counter(match.group() for match in _SELF.finditer(text))
    people = sum(1 for _ in _PERSON.finditer(text))
    if people > sum(counted.values()):
        return "我"
    if not counted:
        return None
    word = counted.most_common(1)[0][0]
    return "支部" if word.endswith("支部") else "我单位" if word.startswith("本") and word != "本人" else word


def opening_of(text: str) -> str:
    """Return the head of a document below its title line: where it says what it reports."""
    body = text.lstrip("\ufeff \t\r\n　")
    title = _title_line(text)
    if title:
        first = body.split("\n", 1)
        body = first[1] if len(first) > 1 else ""
    return body[:_HEAD]


def _years(text: str) -> list[int]:
    found = [(match.start(), int(match.group(1))) for match in _YEAR.finditer(text)]
    found += [
        (match.start(), 2000 + 10 * _DIGITS[match.group(1)] + _DIGITS[match.group(2)])
        for match in _YEAR_IN_WORDS.finditer(text)
    ]
    return [year for _, year in sorted(found)]


def _title_line(text: str) -> str | None:
    """Return the title among the first lines (a centred title may be broken over some), if there is one.

    Short lines of a web page may stand above it; body text, numbered or ended like a sentence, ends the search.
    """
    lines = [_MARKER.sub("", line).strip(" \t\r　\ufeff") for line in text[: 4 * _HEAD].split("\n")]
    head = list(takewhile(_may_be_title, [_LABEL.sub("", line) for line in lines if line][:_HEAD_LINES]))
    for last, line in enumerate(head):
        if _TITLE_END.search(line):
            first = last
            while first > max(0, last - _TITLE_LINES + 1) and _TITLE_PART.search(head[first - 1]):
                first -= 1
            title = "".join(head[first : last + 1])
            if len(title) >= _TITLE_SHORTEST:
                return title
    return None


def _may_be_title(line: str) -> bool:
    return len(line) <= _TITLE_LONGEST and not _NUMBERED.match(line) and line[-1:] not in tuple("。；;，,、！？!")


def _announcement_subject(text: str) -> str:
    match = _ANNOUNCEMENT.search(text[:_HEAD])
    return match["subject"] if match else ""


def _title_from_opening(text: str) -> str | None:
    """Put a title together from the sentence that announces the report: unit, year, subject."""
    head = text[:_HEAD]
    match = _ANNOUNCEMENT.search(head)
    if match is None:
        return None
    subject = _LEADING.sub("", match["subject"].strip()) or "工作"
    title = f"{subject}{match['noun']}"
    if _years(title):
        return title
    unit = _UNIT.search(head[: match.start()])
    year = detect_year(text)
    return f"{unit['unit'] if unit else ''}{f'{year}年' if year else ''}{title}"
