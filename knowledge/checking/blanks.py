"""Blanks and masks (空位与遮字): what was left to fill in, and words that a web page's filter has masked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from knowledge.checking.declaring import LANGUAGE, Hit, Kind
from knowledge.checking.model import Category, Copy, Level, Rule
from knowledge.corpus.gate import MaskRule
from knowledge.corpus.masks import explain_masks, find_masks

_KIND = Kind(Category.BLANK, LANGUAGE)

_SLOT = re.compile(r"【(?:X[^【】\n]{0,5}|(?:上|下)?年份|单位|地区|系统|名称|人员|姓名|称号|职务|时间|地点|数字)】")
_TO_FILL = re.compile(
    r"[【\[（(\uff3b](?:此处|这里|请|待|在此)?(?:填写?|补充|插入|替换|改为|填入|输入|列举|注明)"
    r"(?:具体|本单位|单位|实际|相关|有关|数据|数字|姓名|时间|地点|日期|名称|案例|事例|情况|内容|完善)[^】\]）)\uff3d\n]{0,20}[】\]）)\uff3d]"
    r"|[【\[\uff3b](?:单位名称|单位全称|姓名|职务|日期|时间|地点|数字|具体数字|具体事例|会议名称|支部名称|公司名称)[】\]\uff3d]"
)
_EMPTY = re.compile(r"（[ \u3000_]*）|《[ \u3000_]*》|【[ \u3000_]*】|“[ \u3000_]*”|〔[ \u3000_]*〕")
_LINE = re.compile(r"[_\uff3f]{2,}|(?<=[于为共第年月计])[ \u3000]{2,}(?=[年月日次名人个项号条])")

_FILTERED = (
    (
        re.compile(
            r"[Zz]{2}(?<![A-Za-z]..)(?=责任|建设|判断力|领悟力|执行力|站位|意识|立场|机关|方向|生活|生态|纪律|规矩|理论|"
            r"学习|思想|忠诚|定力|担当|能力|功能|引领|素质|本色|品格|监督|体检|巡察|标准|属性|任务|保证|觉悟)"
        ),
        "政治",
    ),
    (
        re.compile(
            r"D(?<![A-Za-z0-9+-].)(?=员(?:干部|大会|领导|队伍|教育|发展|管理|先锋)|委(?!员会办|托)|建(?!模|筑)|组织|支部|总支|"
            r"课|费|章|性(?:修养|教育|观念)|史学习|内(?:政治|法规|监督)|中央|组(?:书记|成员|会)|的(?:二十|十[八九]|建设|领导))"
        ),
        "党",
    ),
    (
        re.compile(
            r"[Xx×*＊](?<![A-Za-z0-9].)[Xx×*＊]{1,2}(?=总书记|新时代中国特色社会主义思想|(?:强军|经济|法治|文化|外交)思想)"
        ),
        "习近平",
    ),
)

_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱郭何罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴钟汪姜范廖邹熊陆郝孔崔邱秦"
)


def rules(masks: tuple[MaskRule, ...]) -> tuple[Rule, ...]:
    """Return the rules on blanks and masks; ``masks`` are the gate's rules on what a mask stands for."""
    return (_unfilled(masks), _to_fill(), _empty(), _filtered(masks), _masked_phrase(masks))


def _unfilled(masks: tuple[MaskRule, ...]) -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        text, done = copy.text, 0
        filtered = {found.start() for pattern, _ in _FILTERED for found in pattern.finditer(text)}
        for start, end in sorted(_blank_spans(text, masks)):
            if start >= done and start not in filtered and not _is_name(text, start, end):
                done = end
                yield Hit(start, end, f"“{text[start:end].strip() or '空格'}”为未填空位")

    return _KIND.rule(
        "blank.unfilled",
        Level.HINT,
        "未填空位",
        look,
        flags=(
            "全年召开党员大会XX次，党费共收缴×××元。",
            "某某局党组高度重视，X月X日召开专题会议。",
            "20XX年，支部共有党员【X名】。",
            "共发展党员____名。",
            "参观***等教育基地，开展“XXX”活动。",
        ),
        misses=(
            "某些支部、某种程度上仍有差距，某个环节衔接不够。",
            "购置X光机1台，数据以XML格式报送，版面为1×2。",
            "查处王某某严重违纪案件1起，通报李某问题。",
        ),
    )


def _to_fill() -> Rule:
    return _KIND.rule(
        "blank.hint",
        Level.HINT,
        "模板提示语未删",
        lambda copy: (
            Hit(found.start(), found.end(), f"“{found[0]}”是模板提示语，填写后删去")
            for found in _TO_FILL.finditer(copy.text)
        ),
        flags=(
            "各支部（此处补充本单位情况）扎实推进。",
            "【单位名称】党支部现将情况报告如下。",
            "列出问题（填写具体数字）个。",
        ),
        misses=("（请各支部于月底前报送）", "【经验做法】坚持周周学。", "填写《入党志愿书》（一式两份）。"),
    )


def _empty() -> Rule:
    return _KIND.rule(
        "blank.empty",
        Level.HINT,
        "括号或引号内无内容",
        lambda copy: (Hit(found.start(), found.end(), f"{found[0]}里没有内容") for found in _EMPTY.finditer(copy.text)),
        flags=("传达学习《》精神。", "参加人数（）人。", "创建“ ”党建品牌。"),
        misses=("传达学习《条例》精神。", "参加人数（含列席）30人。"),
    )


def _filtered(masks: tuple[MaskRule, ...]) -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        text = copy.text
        for edit in explain_masks(text, masks):
            if not edit.after.startswith("【"):
                yield _filter_hit(text, edit.start, edit.end, edit.after)
        for pattern, word in _FILTERED:
            for found in pattern.finditer(text):
                yield _filter_hit(text, found.start(), found.end(), word)

    return _KIND.rule(
        "blank.filter",
        Level.DOUBTFUL,
        "网站屏蔽字",
        look,
        flags=(
            "在X委坚强领导下，广大X员干部积极参加主题X日活动。",
            "认真学习X的二十大精神，压实意识形态ZZ责任。",
            "加强D建工作，上好D课。",
            "学习XX总书记重要讲话精神。",
        ),
        misses=("X月X日，XX公司召开会议。", "开发3D建模课程，使用ZZ型设备。", "召开党委会X次，维生素D组对照试验。"),
    )


def _filter_hit(text: str, start: int, end: int, word: str) -> Hit:
    return Hit(start, end, f"“{text[start:end]}”像是网站屏蔽字，原文应为“{word}”", word)


def _masked_phrase(masks: tuple[MaskRule, ...]) -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        taken = {found.start() for pattern, _ in _FILTERED for found in pattern.finditer(copy.text)}
        done = 0
        for mask in find_masks(copy.text, masks):
            if mask.rule != "mask.unexplained" and mask.start not in taken and mask.start >= done:
                done = mask.end
                yield Hit(
                    mask.start, mask.end, f"“{copy.text[mask.start : mask.end]}”所在的固定提法被遮住，须按原文补全"
                )

    return _KIND.rule(
        "blank.phrase",
        Level.DOUBTFUL,
        "固定提法中的遮字",
        look,
        flags=("学习贯彻省委十X届XX全会精神。", "学习习近平总书记关于xx工作的重要论述。", "掀起学习党的XX大精神热潮。"),
        misses=("召开党组会议XX次。", "XX大学党委召开全会。", "学习省委全会精神。"),
    )


def _blank_spans(text: str, masks: tuple[MaskRule, ...]) -> Iterator[tuple[int, int]]:
    for edit in explain_masks(text, masks):
        if edit.after.startswith("【"):
            yield edit.start, edit.end
    for mask in find_masks(text, masks):
        if mask.rule == "mask.unexplained":
            yield mask.start, mask.end
    for found in chain(_SLOT.finditer(text), _LINE.finditer(text)):
        yield found.span()


def _is_name(text: str, start: int, end: int) -> bool:
    """Whether 某 hides a given name on purpose: 王某某, 李某."""
    return not text[start:end].strip("某") and text[start - 1 : start] in _SURNAMES
