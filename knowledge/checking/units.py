"""Another unit's name left in a copied text (单位名称): only where it stands as the one who speaks or signs.

What is named in a sentence may be a superior, a partner or an example; the title, the signature and the subject of a
sentence are the writer's own. Names of one system (住建局, 住房和城乡建设局, 省住房和城乡建设厅) count as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.checking.declaring import LANGUAGE, Hit, Kind, told_once
from knowledge.checking.model import Category, Copy, Example, Level, Rule
from knowledge.corpus.typography import HAN

_KIND = Kind(Category.UNIT, LANGUAGE)

_ENDING = (
    r"(?:管理局|监督局|保障局|分局|局(?<![布格全大结当治].)|厅(?<!公.)|管委会|街道办事处|街道办|(?:发展改革|发改|卫生健康|卫健|国资|住建|经信|商务|民宗|科|农|交通)委(?:员会)?"
    r"|(?:有限)?(?:责任|股份)?公司|集团|银行|分行|支行|大学|学院|中学|小学|幼儿园|医院|研究院|研究所|设计院|林场|车站|中心校)"
)
_RANK = "(?:省|(?<!城)市|自治[区州县旗]|县|区|州|旗)"
_PLACE = rf"(?:[{HAN}]{{0,6}}?{_RANK}){{0,3}}"
_NAME = rf"(?P<name>{_PLACE}[{HAN}]{{0,14}}?{_ENDING}{{1,2}})"
_RANKED = re.compile(rf"[{HAN}]{{0,4}}?{_RANK}")
_PARTS = re.compile(rf"(?P<place>{_PLACE})(?P<field>[{HAN}]{{0,14}}?{_ENDING}{{1,2}})")
_BODY = r"(?P<body>(?:机关)?(?:党组|党委|党总支|党支部|支部|领导班子)?(?:书记)?)"
_ACTS = (
    r"(?:坚持|始终|认真|深入|高度重视|严格|紧紧|紧扣|切实|扎实|全面|积极|持续|牢牢|以习近平|以党|聚焦|围绕|立足|把|将|按照|召开|组织|开展|"
    r"着力|不断|大力|充分|在市|在县|在区|在省|在上级|现有|共有|全体|各党支部|党建工作)"
)
_LEAD = r"(?:^[ \t\u3000]*|(?<=。)|(?:20\d\d年(?:度|以来)?|今年以来|一年来|上半年|近年来)，)"

_SUBJECT = re.compile(rf"{_LEAD}{_NAME}{_BODY}(?={_ACTS})", re.MULTILINE)
_TITLE = re.compile(
    rf"^[ \t\u3000]*{_NAME}{_BODY}(?=(?:关于|20\d\d年|XX年|年度|党建|党员|主题党日|述职|全面从严|意识形态|工作总结|工作要点))",
    re.MULTILINE,
)
_SIGNATURE = re.compile(rf"^[ \t\u3000]*{_NAME}{_BODY}(?:委员会)?[ \t\u3000]*$", re.MULTILINE)
_DATE_NEXT = re.compile(r"\s*(?:20\d\d|二[〇○零])[^\n]{0,14}[日号]\s*\Z")
_TITLE_LINES = 3

_NOBODY = re.compile(
    "[我本该各全]|所属|下属|上级|有关|相关|其他|派驻|驻|机关|基层|直属|直管|国务院|中央|中共|国家|全国"
)
_NO_NAME = re.compile("贯彻|落实|[此本这]次|根据|按照|接受|配合|协助|通过|[是在的了由经向对]")
"""What shows that the words before 局 are no name: 积极落实局党组部署."""

_FORM = re.compile("分局|局|厅|委员会|委|办事处|办|有限|责任|股份|公司|集团|管理|监督|保障|[市省县区]直|总|子|分")
"""What says nothing about which unit it is."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit's name taken apart: the last place named before it (江南 of 某省江南县, else empty), and its own field."""

    place: str
    field: str


def rules() -> tuple[Rule, ...]:
    """Return the rule on names of other units."""
    return (_foreign(),)


def _foreign() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        own = None if copy.unit is None else _take_apart(copy.unit)
        if own is None:
            return
        for start, end in _speaking(copy):
            name = copy.text[start:end]
            other = _take_apart(name)
            if other is not None and not _same(own, other):
                yield Hit(start, end, f"“{name}”不是本单位（{copy.unit}），疑为别处材料的单位名称")

    unit = "某市财政局"
    return _KIND.rule(
        "unit.foreign",
        Level.DOUBTFUL,
        "别的单位的名称",
        lambda copy: told_once(look(copy)),
        flags=(
            Example("2023年，市住建局党组坚持以党的政治建设为统领。", unit=unit),
            Example("某市教育局2023年党建工作总结\n一、主要做法", unit=unit),
            Example("以上报告，请审阅。\n某市水利局党组\n2023年12月5日", unit=unit),
        ),
        misses=(
            Example("2023年，市财政局党组坚持以党的政治建设为统领。", unit=unit),
            Example("2023年，我局党组坚持学习，与市住建局党组结对共建。", unit=unit),
            Example("2023年，市住建局党组坚持以党的政治建设为统领。"),
            Example("市委高度重视，省财政厅充分肯定，县纪委监委认真督导。", unit=unit),
        ),
    )


def _speaking(copy: Copy) -> Iterator[tuple[int, int]]:
    """Yield the names that stand as title, subject or signature, in order and each place once."""
    text = copy.text
    # Without 党组 or 党支部 behind it only a name that begins with its place is surely a name.
    found = {match.span("name") for match in _SUBJECT.finditer(text) if match["body"] or _RANKED.match(match["name"])}
    head = copy.lines[min(_TITLE_LINES, len(copy.lines)) - 1][1]
    found |= {match.span("name") for match in _TITLE.finditer(text, 0, head)}
    tail = text.rstrip()
    for match in _SIGNATURE.finditer(text, max(0, len(tail) - 120)):
        if _DATE_NEXT.match(text, match.end()):
            found.add(match.span("name"))
    return iter(sorted(found))


def _take_apart(name: str) -> _Unit | None:
    """Return the parts of a unit's name, or ``None`` where it says too little to be compared."""
    parts = None if _NOBODY.match(name) or _NO_NAME.search(name) else _PARTS.match(name)
    if parts is None:
        return None
    field = _FORM.sub("", parts["field"]).strip("某")
    places = [place.strip("某") for place in re.split(_RANK, parts["place"])]
    named = [place for place in places if place]
    return _Unit(named[-1] if named else "", field) if field else None


def _same(own: _Unit, other: _Unit) -> bool:
    """Whether two names may be of one unit or one system: a short form of the other, in no other place."""
    short, long = sorted((own.field, other.field), key=len)
    signs = iter(long)
    elsewhere = own.place and other.place and own.place not in other.place and other.place not in own.place
    return all(sign in signs for sign in short) and not elsewhere
