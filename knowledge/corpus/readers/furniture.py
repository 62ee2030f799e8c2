"""What a web page puts around a document (网页栏目): buttons, breadcrumbs, share bars, counters, imprint.

Used for html and for txt saved from a page. Only whole lines go, and only before the body begins or after it ends, so
that a report that speaks of 打印 or 下载 keeps every word. Date and source of publication stay: they tell the year.
"""

from __future__ import annotations

import re
from typing import Final

from knowledge.corpus.readers.document import Line
from knowledge.corpus.readers.lines import ends_sentence

# Lines that are a control by themselves, compared without brackets, spaces and end marks.
_CONTROL_WORDS: Final = """
    下载 打印 全屏 收藏 加大 还原 减小 大 中 小 大中小 A+ A- + - × | / 首页 网站首页 返回 返回首页 返回上一页 返回列表
    返回顶部 回到顶部 顶部 关闭 关闭窗口 关闭本页 关闭页面 关闭此页 打印本页 打印本文 打印页面 打印此页 打印文章
    加入收藏 设为首页 收藏本页 字体 字号 字体大小 字号大小 分享 分享到 分享至 分享到微信 分享到微博 一键分享 微信
    新浪微博 微博 腾讯微博 QQ空间 QQ好友 朋友圈 人人网 豆瓣 更多 更多>> 更多>>> 查看更多 MORE more 点赞 评论
    发表评论 登录 注册 搜索 无障碍 无障碍浏览 长者模式 适老化 简体 繁体 English EN 网站地图 联系我们 关于我们
    上一页 下一页 上一篇 下一篇 上一条 下一条 尾页 末页 扫一扫 纠错 我要纠错 网站纠错 投稿 朗读 语音播报
    正文 二维码 手机版 移动版 电脑版 隐藏 展开 收起 播放 节目制作 阅读量 浏览量 点击量 浏览次数 点击数 阅读次数
    点击图片进入专题 打印 本页 用手机扫描 微信扫一扫 复制链接 背景色 阅读模式 政府网站找错 网站声明 版权声明
"""
_CONTROLS: Final = frozenset(_CONTROL_WORDS.split())
_TRIM: Final = re.compile(r"[\s【】\[\]（）()〔〕「」<>《》：:·|…。;；\"“”]+")

_SENTENCE_PIECES: Final = frozenset("（）()。，、；：！？“”…")

# Beginnings (and shapes) of lines that are furniture whatever follows.
_PATTERNS: Final = (
    re.compile(r"(?:您?(?:现在)?(?:所在|的|当前)?(?:的)?位置|当前(?:位置|栏目)|你的位置)(?:是|为)?\s*[:：>].{0,120}"),
    re.compile(r"(?:首页|网站首页|主页)\s*[>»/\uff1e\u203a-].{0,120}"),
    re.compile(r"(?:上|下)一(?:篇|条|页|则|章)\s*[:：].{0,120}"),
    re.compile(
        r"[【\[（(]?\s*(?:字体|字号|文字|正文)(?:大小|显示|颜色)?\s*[:：]?(?:[\s\[【（(]*(?:大|中|小|加大|还原|减小|默认|超大)[\s\]】）)|/]*){0,5}"
    ),
    re.compile(
        r"(?:浏览|阅读|点击|访问|阅览|查看|点击率|人气|阅读人数)(?:次数|量|数|人次)?\s*[:：]\s*[\d,]*\s*(?:次|人次)?"
    ),
    re.compile(r"(?:分享(?:到|至|[:：])|扫一扫|扫码|用微信|打开微信|微信扫|请使用微信|长按).{0,30}"),
    re.compile(
        r"(?:版权所有|Copyright|©|&copy;|主办(?:单位)?[:：]|承办(?:单位)?[:：]|技术(?:支持|维护)[:：]|网站(?:标识码|支持)|建议使用.{0,40}(?:浏览器|分辨率)).{0,120}",
        re.IGNORECASE,
    ),
    re.compile(r".{0,40}(?:ICP备|公网安备|ICP证|网站标识码).{0,80}", re.IGNORECASE),
    re.compile(
        r"(?:联系电话|电话|传真|邮编|邮政编码|地址|E-?mail|邮箱)\s*[:：].{0,60}(?:邮编|传真|电话|邮箱).{0,40}",
        re.IGNORECASE,
    ),
    re.compile(
        r"[【\[(（]?\s*(?:打印|关闭|收藏|推荐|纠错|返回)(?:[】\])）\s【\[(（|]+(?:打印|关闭|收藏|推荐|纠错|返回|本页|窗口|顶部|大|中|小)){1,6}\s*[】\])）]?"
    ),
    re.compile(r"(?:URL|网址|原文链接|链接|原文地址|文章来源地址)\s*[:：]\s*https?://\S+", re.IGNORECASE),
    re.compile(r"https?://\S+"),
    re.compile(r"(?:责任编辑|编辑|责编|审核|校对|编审|初审|复审|终审|录入|值班编辑)\s*[:：].{0,40}"),
    re.compile(r"[(（\[【]\s*(?:责任编辑|编辑|责编)\s*[:：].{0,40}[)）\]】]"),
    re.compile(r"[0-9a-f]{24,64}:?"),
    re.compile(r"[》《>»\s]*点击(?:图片|此处|这里|查看|进入).{0,20}"),
)
# From such a line on, behind the body, everything belongs to other documents.
_OTHER_TITLES: Final = "相关报道 相关文档 相关链接 相关附件 相关阅读 相关新闻 相关文章 相关稿件 相关信息 相关解读 延伸阅读 推荐阅读 热门推荐 猜你喜欢 往年回顾"
_OTHER_DOCUMENTS: Final = frozenset(_OTHER_TITLES.split())
_CRUMB_LABEL: Final = re.compile(r"(?:您?(?:现在)?(?:所在|的|当前)?(?:的)?位置|当前(?:位置|栏目))\s*[:：]?")
_CRUMB_MARKS: Final = frozenset(">\uff1e»\u203a/")
_PUBLICATION: Final = re.compile(
    r"(?:(?:信息|文章)?来源|稿源|时间|日期|(?:发布|发表|发文)(?:时间|日期|机构)|作者|责任编辑|责编|编辑)\s*[:：]"
)
_LABEL: Final = re.compile(_PUBLICATION.pattern + r"\s*")
_MARK: Final = re.compile(r"[，。；：！？,;]")
_SALUTATION: Final = re.compile(r"(?:各位|尊敬的|同志们|敬爱的|亲爱的).{0,20}[:：!！]")
_BODY_LENGTH: Final = 40
_BODY_SAMPLE: Final = 1_000
# Most lines of furniture seen before a title and after a body are below 20.
_EDGE_LINES: Final = 60
_TITLE_LENGTH: Final = 20
# Short documents: the last tenth would be a line or two.
_TAIL_CHARACTERS: Final = 600


def is_furniture(line: str) -> bool:
    """Return whether ``line`` as a whole is web page furniture."""
    stripped = line.strip()
    if len(stripped) > 200:
        return False
    bare = _TRIM.sub("", stripped)
    if not bare:
        # A bracket or a full stop alone is a piece of a sentence that a line break cut off.
        return not _SENTENCE_PIECES.intersection(stripped)
    return bare in _CONTROLS or any(pattern.fullmatch(stripped) for pattern in _PATTERNS)


def strip_page_furniture(lines: list[Line]) -> list[Line]:
    """Return ``lines`` without furniture before and after the body.

    The body runs from the first salutation or long sentence to the last one. What follows a line like 相关链接 behind
    it belongs to other documents. Labels of publication whose value stands on the next line (来源：) get it back.
    """
    lines = lines[: _find_other_documents(lines)]
    first, last = _find_body(lines)
    head = _strip_head(_attach_values(lines[:first]))
    tail = [line for line in _attach_values(lines[last:]) if not is_furniture(line.text)]
    return head + lines[first:last] + tail


def _find_other_documents(lines: list[Line]) -> int:
    """Return the index of the first line near the end that only announces other documents."""
    for index in range(max(1, len(lines) - _EDGE_LINES), len(lines)):
        if _TRIM.sub("", lines[index].text[:_TITLE_LENGTH]) in _OTHER_DOCUMENTS:
            behind = sum(len(line.text) for line in lines[index:])
            if behind <= max(_TAIL_CHARACTERS, sum(len(line.text) for line in lines) // 10):
                return index
    return len(lines)


def _find_body(lines: list[Line]) -> tuple[int, int]:
    """Return the span of lines from the first to the last that are certainly the document's own words.

    Looked for near both ends only; where none is found, the middle counts as body.
    """
    edge = min(_EDGE_LINES, len(lines))
    first = next((index for index in range(edge) if _is_body(lines[index].text.strip())), None)
    ends = range(len(lines), len(lines) - edge, -1)
    last = next((end for end in ends if _is_body(lines[end - 1].text.strip())), None)
    if first is None or last is None:
        return (
            (edge, max(edge, len(lines) - edge)) if first is None and last is None else (first or 0, last or len(lines))
        )
    return first, last


def _is_body(line: str) -> bool:
    if _SALUTATION.fullmatch(line):
        return True
    marks = len(_MARK.findall(line[:_BODY_SAMPLE]))
    if len(line) < _BODY_LENGTH or marks < (1 if ends_sentence(line) else 2):
        return False
    return not is_furniture(line) and not _PUBLICATION.match(line)


def _strip_head(lines: list[Line]) -> list[Line]:
    kept: list[Line] = []
    crumbs: set[str] = set()
    in_crumbs = after_mark = False
    for line in lines:
        text = line.text.strip()
        if _CRUMB_LABEL.fullmatch(text):
            in_crumbs = after_mark = True
        elif in_crumbs and text in _CRUMB_MARKS:
            after_mark = True
        elif in_crumbs and after_mark:
            crumbs.add(text)
            after_mark = False
        elif not is_furniture(text) and text not in crumbs:
            in_crumbs = False
            kept.append(line)
    return kept


def _attach_values(lines: list[Line]) -> list[Line]:
    """Return ``lines`` with ``来源：`` and the like joined to the value on the next line."""
    joined: list[Line] = []
    for line in lines:
        text = line.text.strip()
        label = joined and _LABEL.fullmatch(joined[-1].text.strip())
        if label and not is_furniture(text) and not _PUBLICATION.match(text):
            joined[-1] = Line(joined[-1].text.strip() + text)
        else:
            joined.append(line)
    return joined
