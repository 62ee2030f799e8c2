"""Rules on the width of signs (全角半角): half-width stops and brackets, straight quotes, wide figures."""

from __future__ import annotations

import re

from knowledge.checking.declaring import PUNCTUATION, STANDARD, looking_for
from knowledge.checking.model import Level, Rule
from knowledge.corpus.typography import HAN

_CLOSERS = "”’》〉）】"
_OPENERS = "“‘《〈（【"

_HALF = re.compile(
    rf"[,;:?!](?<=[{HAN}{_CLOSERS}%].)(?= ?[{HAN}{_OPENERS}]|[\d×]| ?$)|\.(?<=[{HAN}]{{4}}.)(?=$)", re.MULTILINE
)
_BYLINE = re.compile(r"(?:来源|作者|编辑|责编|时间|日期|记者)\Z")
_FULL = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", ".": "。"}
_BRACKETS = re.compile(rf"[(（](?=[^()（）\n]{{0,60}}[{HAN}])[^()（）\n]{{1,60}}[)）]")
_STRAIGHT = re.compile(rf"\"(?=[^\"\n]{{0,60}}[{HAN}])[^\"\n]{{1,60}}\"")
_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+(?:\uff0e[\uff10-\uff19]+)?\uff05?")
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}


def rules() -> tuple[Rule, ...]:
    """Return the rules on the width of signs."""
    return (_half(), _mixed_bracket(), _half_bracket(), _straight(), _wide())


def _half() -> Rule:
    def word(found: re.Match[str]) -> tuple[str, str | None] | None:
        right = _FULL[found[0]]
        if found[0] == ":" and _BYLINE.search(found.string, max(0, found.start() - 4), found.start()):
            return None
        return f"中文里用了半角“{found[0]}”，应为“{right}”", right

    return PUNCTUATION.rule(
        "punct.half",
        Level.WRONG,
        "半角标点",
        looking_for(_HALF, word),
        flags=("增强“四个意识”,坚定“四个自信”。", "现将情况报告如下:\n一、做法", "加强学习,提高认识;改进作风。"),
        misses=(
            "投入1,000元，于10:30开会。",
            "参见http://example.org/index.html。",
            "增强意识，坚定自信。",
            "（比例为1:2）",
        ),
    )


def _mixed_bracket() -> Rule:
    def word(found: re.Match[str]) -> tuple[str, str | None] | None:
        if (found[0][0] == "(") == (found[0][-1] == ")"):
            return None
        return "括号一半全角一半半角", f"（{found[0][1:-1]}）"

    return PUNCTUATION.rule(
        "punct.mixed-bracket",
        Level.WRONG,
        "括号全角半角混用",
        looking_for(_BRACKETS, word),
        flags=("党组（党委)书记带头。", "(一）抓好学习"),
        misses=("党组（党委）书记带头。", "(一)抓好学习"),
    )


def _half_bracket() -> Rule:
    def word(found: re.Match[str]) -> tuple[str, str | None] | None:
        right = f"（{found[0][1:-1]}）"
        return ("中文里的括号宜用全角", right) if found[0][0] == "(" and found[0][-1] == ")" else None

    return PUNCTUATION.rule(
        "punct.half-bracket",
        Level.HINT,
        "半角括号",
        looking_for(_BRACKETS, word),
        flags=("党组(党委)书记带头。", "(一)抓好学习"),
        misses=("党组（党委）书记带头。", "函数f(x)的图像。"),
    )


def _straight() -> Rule:
    return PUNCTUATION.rule(
        "punct.straight",
        Level.DOUBTFUL,
        "直引号",
        looking_for(_STRAIGHT, lambda found: ("中文引号应为“”", f"“{found[0][1:-1]}”")),
        source=f"{STANDARD}4.8",
        flags=('落实"三会一课"制度。', '开展"主题党日"、"党员先锋岗"活动。'),
        misses=("落实“三会一课”制度。", '屏幕尺寸为27"。'),
    )


def _wide() -> Rule:
    def word(found: re.Match[str]) -> tuple[str, str | None]:
        return "数字、字母宜用半角", found[0].translate(_NARROW)

    return PUNCTUATION.rule(
        "punct.wide",
        Level.HINT,
        "全角数字或字母",
        looking_for(_WIDE, word),
        source="GB/T 15835—2011《出版物上数字用法》",
        flags=("２０２３年召开会议１２次。", "满意率９９％，使用Ａ级材料。"),
        misses=("2023年召开会议12次。", "党建＋业务，满意率98.5%。"),
    )
