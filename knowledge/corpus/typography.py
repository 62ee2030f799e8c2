"""How a text is written, made regular: line ends, invisible characters, blanks, width, punctuation, marks of web pages.

Nothing here knows what a text says. Line structure is kept: a removed line leaves an empty one, and the only line break
put in is the one in front of a heading that a paywall mark had glued to the sentence before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.corpus.revision import Cause, Revision, Withheld

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff"
"""Ranges of Chinese characters for a regular expression's brackets."""

_OPENING = "“‘《〈（【"
_CLOSING = "”’》〉）】"
_STOPS = "，。；：、！？…—"
_BLANK = " \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_SPACE = " \xa0\u1680\u2000-\u200a\u202f\u205f"
_ORDINAL = r"(?:[一二三四五六七八九十]{1,3}[、．.]|[（(][一二三四五六七八九十]{1,3}[）)]|\d{1,2}[.．、](?!\d))"

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]+"
)
# The look-behind keeps a run of blanks from being tried again at each of its characters.
_TRAILING = re.compile(rf"[{_BLANK}](?<![{_BLANK}].)[{_BLANK}]*+(?=\n|\Z)")
_WIDE = re.compile("[\uff05\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+")
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF05, 0xFF5B)}

_MARK = re.compile(r"(?<!#)#{2,}+\s?paid\s?(?:begin|end)\s?#{2,}+", re.IGNORECASE)
_HALF_MARK = re.compile(r"(?<!#)#{2,}+paid(?:begin|end)?", re.IGNORECASE)
_HASHES = re.compile("#+")
_HEADING_NEXT = re.compile(rf"[{_BLANK}]?{_ORDINAL}")
_FURNITURE = re.compile(
    rf"""^[{_BLANK}]*(?:
        下载|打印(?:本页)?|全屏|收藏|分享(?:到)?|关闭(?:窗口|本页)?|返回(?:顶部|首页|列表|上一页)|加大|还原|减小|[大中小【】]|【?字[号体][：:][^\n]{{0,12}}
      | (?:上一篇|下一篇|责任编辑|责编|编辑|当前位置|您的位置|所在位置|您当前的位置)[：:][^\n]{{0,80}}
      | 来源[：:][^\n]{{0,40}}
      | (?:发布|更新|抓取|上传)?(?:时间|日期)[：:][{_BLANK}]?\d{{4}}[-/.]\d[^\n]{{0,30}}
      | (?:相关(?:报道|文章|阅读|推荐)|猜你喜欢|热门推荐)[：:]?
      | 导[语語][：:][^\n]{{0,40}}(?:本站|网友|原创文章|客服)[^\n]{{0,60}}
      | [^\n]{{0,30}}(?:发表|发布)于[：:]?\d{{4}}-[^\n]{{0,60}}
      | (?:下面|以下)是(?:小编)?为(?:大家|您)(?:整理|收集|准备)[^\n]{{0,80}}
      | 本文(?:来自|来源于?|转载自|由)[^\n]{{0,60}}
      | (?:点击|查看|展开|阅读)(?:下载|查看|阅读)?(?:全文|更多|原文)[^\n]{{0,20}}
      | (?:登录|开通|升级|加入)(?:后|会员|VIP)[^\n]{{0,12}}(?:查看|阅读|下载)[^\n]{{0,20}}
      | (?:扫一扫|扫码|长按|微信扫)[^\n]{{0,30}}
      | (?:版权所有|Copyright|©)[^\n]{{0,80}}
      | https?://[^\s\u4e00-\u9fff]{{1,200}}
    )[{_BLANK}]*$""",
    re.MULTILINE | re.VERBOSE,
)
_QUOTE_MARK = re.compile(rf"^[>\uff1e]+[{_BLANK}]?(?=[{HAN}（(\d])", re.MULTILINE)

_STRAY = re.compile(rf"[{_SPACE}\u3000][{_SPACE}]?(?=[{HAN}{_OPENING}{_CLOSING}{_STOPS}\dXx×*])")
_LEFT = re.compile(rf"[{HAN}{_OPENING}{_CLOSING}{_STOPS}\dXx×]")
_HAN_BEFORE = re.compile(f"[{HAN}]")
_WORD_AFTER = re.compile(rf"[{HAN}\d【]")
_SPACED_OUT = re.compile(rf"(?:\A|[{_BLANK}\n])[{HAN}]\Z")
_SPACED_OUT_NEXT = re.compile(rf"[{HAN}](?=[{_BLANK}\n]|\Z)")
_NEAR = 40
_STOP_NEAR = re.compile("[，。；：]")
_KEEPS_BLANK = re.compile(rf"第[一二三四五六七八九十百零\d]{{1,4}}[编章节条篇]\Z|^[{_BLANK}]*\d{{1,3}}\Z", re.MULTILINE)
_ORDINAL_NEXT = re.compile(rf"[{_BLANK}]{{1,2}}{_ORDINAL}")
_HALF_WIDTH = re.compile(rf"[,;:?!](?<=[{HAN}{_CLOSING}%].)(?= ?[{HAN}{_OPENING}\dXx×*]| ?$)", re.MULTILINE)
_FULL_WIDTH = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}
_BRACKETS = re.compile(rf"[(（](?<![A-Za-z0-9].)(?=[^()（）\n]{{0,60}}[{HAN}Xx])([^()（）\n]{{1,60}})[)）]")
_STOP_RUN = re.compile("[，、；：。]{2,}")

_GARBLED = re.compile("[\ufffd\ue000-\uf8ff\ud800-\udfff]+")
_EMPTIED = re.compile("“”|‘’|《》|（）|『』|「」")
_CUT_OFF = re.compile(rf"[，、](?<=[{HAN}{_CLOSING}].)(?=\n+{_ORDINAL}|\n*\Z)")

_PAYWALL = Cause("付费标记", "web.paywall")
_PAGE = Cause("网页残留", "web.furniture")
_BLANKS = Cause("多余空格", "type.blank")
_WIDTH = Cause("半角标点", "type.width")
_STOP = Cause("标点叠用", "type.stops")


def regularise(revision: Revision) -> None:
    """Make the writing of a text regular. Line ends, invisible characters and blanks at a line's end go unremembered."""
    revision.substitute(_LINE_ENDS, "\n")
    revision.substitute(_INVISIBLE, "")
    revision.substitute(_TRAILING, "")
    _remove_marks(revision)
    revision.substitute(_WIDE, lambda found: found.group().translate(_NARROW), _WIDTH)
    revision.substitute(_HALF_WIDTH, lambda found: _FULL_WIDTH[found.group()], _WIDTH)
    revision.substitute(_BRACKETS, lambda found: f"（{found[1]}）", _WIDTH)
    revision.substitute(_STRAY, _drop_blank, _BLANKS)
    revision.substitute(_STOP_RUN, lambda found: _single_stop(found.group()), _STOP)


def find_damage(text: str) -> Iterator[Withheld]:
    """Yield what can't be made good from the writing alone: garbled, emptied or cut-off text, stops that contradict."""
    for pattern, reason, rule in (
        (_GARBLED, "乱码", "type.garbled"),
        (_EMPTIED, "括号内文字缺失", "type.emptied"),
        (_CUT_OFF, "段末逗号，疑有缺文", "type.cut-off"),
        (_STOP_RUN, "标点矛盾", "type.stops"),
    ):
        for found in pattern.finditer(text):
            yield Withheld(found.start(), found.end(), reason, rule)


def _remove_marks(revision: Revision) -> None:
    if "#" in revision.text:
        revision.substitute(_MARK, lambda found: _after_mark(found, revision.text), _PAYWALL)
        revision.substitute(_HALF_MARK, "", _PAYWALL)
        if "##paid" in revision.text.lower():
            # Marks nested in marks: no real text looks so, and without the signs nothing can be left of them.
            revision.substitute(_HASHES, "", _PAYWALL)
    revision.substitute(_FURNITURE, "", _PAGE)
    revision.substitute(_QUOTE_MARK, "", _PAGE)


def _after_mark(found: re.Match[str], text: str) -> str:
    """Return what takes the place of a paywall mark: a heading behind it must start its own line."""
    at_line_start = found.start() == 0 or text[found.start() - 1] == "\n"
    return "\n" if not at_line_start and _HEADING_NEXT.match(text, found.end()) else ""


def _drop_blank(found: re.Match[str]) -> str | None:
    """Drop a blank beside a stop or a mask, after a figure, between spaced-out characters (述 职 报 告) and inside a sentence.

    What parts words stays: an ordinal from its title (第一章 总则), a title from the next heading, two names, two slogans
    inside one pair of quotation marks or one title.
    """
    text, start, end = found.string, found.start(), found.end()
    if start == 0 or not _LEFT.match(text, start - 1):
        return None
    if _KEEPS_BLANK.search(text, max(0, start - 7), start) or _ORDINAL_NEXT.match(text, start):
        return None
    if not (_HAN_BEFORE.match(text, start - 1) and _WORD_AFTER.match(text, end)):
        return ""
    if _SPACED_OUT.search(text, max(0, start - 2), start) or _SPACED_OUT_NEXT.match(text, end):
        return ""
    before = text[max(text.rfind("\n", max(0, start - _NEAR), start) + 1, start - _NEAR, 0) : start]
    after = text[end : end + _NEAR].partition("\n")[0]
    quoted = before.rfind("“") > before.rfind("”") or before.rfind("《") > before.rfind("》")
    return "" if not quoted and (_STOP_NEAR.search(before) or _STOP_NEAR.search(after)) else None


def _single_stop(run: str) -> str | None:
    """Return the one stop a run of stops stands for; ``None`` where they contradict each other."""
    kinds = set(run)
    if len(kinds) == 1:
        return run[0]
    if kinds - {run[-1]} <= {"。": {"，", "、", "；"}, "；": {"，", "、"}}.get(run[-1], set()):
        return run[-1]
    return "，" if kinds == {"，", "、"} else None
