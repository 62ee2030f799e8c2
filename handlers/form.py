"""What a request says about the form of its answer: length, levels, count of parts, pattern, what is to be left out."""

from __future__ import annotations

import re
from typing import Any

from handlers.numbers import NUMBER, parse_number

LENGTH = re.compile(
    rf"(?:每(?:一)?[条句段个](?:都|要|的)?)?(?:字数)?(?:不(?:要)?(?:超过|多于)|别超(?:过)?|最多|控制在|限)?(?<![那这])(?P<length>{NUMBER}|[一二两三四五六七八九]百(?:五十)?)(?:来|多)?(?:个)?字(?!词|号)(?P<within>以内|之内|以下|内)?(?:左右|上下)?"
)
LEVELS = re.compile(r"(?P<level>[一二两三四1-4])(?:级|层)(?!标题)")
_ALL_LEVELS = re.compile(r"（一）.{0,4}(?:1[.．、]|（1）)")
_AT_MOST = re.compile("不(?:要)?(?:超过|多于)|别超|最多|控制在|限[0-9一二三四五六七八九十]")
_ONE_SENTENCE = re.compile("一句话|一两句话|一句")
_LIKE = re.compile(
    r"(?P<like>[\u4e00-\u9fff]{1,6}(?:…+|\.{3,})(?:[，,]?[\u4e00-\u9fff]{1,8}(?:…+|\.{3,})?)?|(?:…+|\.{3,})[，,]?[\u4e00-\u9fff]{1,8})"
)
_HEADING_WORD = re.compile("小标题|标题")
_WITHOUT = re.compile(
    r"(?:不要|别用|不用|不能有|去掉|别出现|不出现|别带|别写)(?:出现|带|有|用)?[‘“'\"]?(?P<word>[\u4e00-\u9fff]{1,4})"
)
_WITHOUT_ROLE = re.compile(
    r"(?:不要|别写|不写|去掉|删掉|不用|不带|没有)(?:有|写|带)?(?:[“‘])?(?P<role>存在(?:的)?问题|问题|不足|原因|下一步|打算|计划|开头|导语|结尾)(?:[”’])?(?:部分|那部分|这部分|那块|这块|一块|板块|段)?"
)
_PARTS = re.compile(
    rf"(?:要|分|分成|分为|写|搞|列)?(?P<parts>{NUMBER})(?:个)?(?:大)?(?:部分|板块|大块|块|方面)(?:的)?(?!怎么|下面)"
)
_OTHER = re.compile(
    "(?:跟|和|与)(?:去年|上次|往年|以前|别人|之前|常规)的?(?:不一样|不同|有区别)|换个(?:花样|样式|结构)|新颖|与众不同"
)
_MANY = "(?:比较)?(?:多|丰富|详实)(?:一)?[点些]?的?"
_WITH_FIGURES = re.compile(
    f"(?:有没有|要|都要|带|有|含|配)(?:有|带|上)?(?:具体)?(?:数字|数据)(?!清单|表|库)(?:{_MANY})?|(?:数字|数据){_MANY}"
)
_PARALLEL = re.compile(
    "(?:(?:都|全部|最好|必须|得)?(?:要|得|是|能)?(?:比较|更|再)?(?:对仗|对偶|工整|排比|朗朗上口|整齐(?=一?[点些]|的?小?标题))(?:式|句)?(?:一)?(?:点|些)?的?"
    "|(?:每[个条]的?)?字数(?:都)?(?:要)?(?:得)?(?:一样|相同|一致|相等|统一|一样多|对齐)(?:多)?的?)"
)
_WITHOUT_FIGURES = re.compile("(?:不要|别|去掉|不带|(?<!有)没有|不用|不含|不写)(?:写|用|有|带)?(?:具体)?(?:数字|数据)")
_FIGURES_ASKED = re.compile(
    "(?:数据|数字)(?:应该|要|该)?(?:怎么|如何|咋)(?:写|放|用|体现|表述|展示|摆)(?:进去|上去|出来)?(?:比较|才|更)?(?:好看|合适|好)?"
    "|(?:怎么|如何)(?:写|放|用|体现)(?:数据|数字)"
)
_TAILS = re.compile(
    "[“‘](?P<tail>[\u4e00-\u9fff]{3,6})(?:[、，][\u4e00-\u9fff]{3,6})+[”’](?:后面|接下来|之后|往下|下面)"
)
_EACH = re.compile("各(?:来|给|要|写|选)?(?:我)?(?:一|1|两|2|三|3|几)?(?:条|句|个|段)")
_SOFT = re.compile(
    "(?:软|温和|委婉|谦虚|低调|缓和)(?:一点|一些|点|些)?|(?:不要|别)(?:写|说)?(?:得)?太(?:狠|重|硬|尖锐|严厉)"
)
_MANNER = re.compile(
    "(?:口气|语气|措辞|说话)(?:要|再)?|(?:具体|新颖|简洁|精炼)(?:一)?点(?:的)?|不要套话|不要(?:太)?(?:空|笼统)"
)
_SHORT = re.compile(
    "(?:换个|换一个|来个|有没有|要)?(?:更|再|稍|稍微)?(?:短|精简|简单|简洁)(?:一)?(?:点|些)?的?(?=.{0,2}(?:提纲|大纲|框架|标题|小标题))"
)
_ROLE_WORDS = {
    "问题": "问题",
    "存在问题": "问题",
    "存在的问题": "问题",
    "不足": "问题",
    "原因": "原因",
    "下一步": "计划",
    "打算": "计划",
    "计划": "计划",
    "开头": "导语",
    "导语": "导语",
    "结尾": "结尾",
}


_MANNERS = {"each": _EACH, "soft": _SOFT, "short": _SHORT, "other": _OTHER, "parallel": _PARALLEL}
"""Slots that are there or not."""


def read_form(text: str) -> dict[str, Any]:
    """Return the slots that say how the answer is to look: its length, levels, pattern."""
    slots: dict[str, Any] = {}
    if length := LENGTH.search(text):
        slots["length"] = parse_number(length["length"])
        slots["within"] = bool(length["within"] or _AT_MOST.search(text))
    if _ONE_SENTENCE.search(text):
        slots["count"] = 1
    if like := _LIKE.search(_HEADING_WORD.sub(" ", text)):
        slots["like"] = like["like"]
    if tails := _TAILS.search(text):
        slots["like"] = "…" + tails["tail"]
    if _WITHOUT_FIGURES.search(text):
        slots["figures"] = "无"
    elif _WITH_FIGURES.search(text) or _FIGURES_ASKED.search(text):
        slots["figures"] = "有"
    elif unwanted := _WITHOUT_ROLE.search(text):
        slots["without_role"] = _ROLE_WORDS[unwanted["role"]]
    elif without := _WITHOUT.search(text):
        slots["without"] = without["word"].removesuffix("的")
    slots |= {name: True for name, pattern in _MANNERS.items() if pattern.search(text)}
    if parts := _PARTS.search(text):
        slots["parts"] = parse_number(parts["parts"])
    if depth := _depth(text):
        slots["depth"] = depth
    return slots


def strip_form(text: str) -> str:
    """Return ``text`` without the words that only say how the answer is to look."""
    for pattern in (
        _SHORT,
        _MANNER,
        _PARALLEL,
        _FIGURES_ASKED,
        _WITHOUT_FIGURES,
        _WITH_FIGURES,
        _WITHOUT_ROLE,
        _SOFT,
        _OTHER,
    ):
        text = pattern.sub(" ", text)
    return text


def _depth(text: str) -> int | None:
    if _ALL_LEVELS.search(text):
        return 3
    match = LEVELS.search(text)
    return parse_number(match["level"]) if match else None
