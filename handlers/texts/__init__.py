"""Every fixed sentence a user may read. Corpus text and table entries never stand here."""

from __future__ import annotations

from collections.abc import Sequence

WELCOME = (
    "您好，我是笔杆，党建材料助手。直接发消息就行：\n"
    "要提纲：党建工作总结提纲 / 述职报告框架\n"
    "要例句：意识形态怎么写 / 主题党日 3条\n"
    "要小标题：小标题 / 六个字的小标题\n"
    "查提法：四个意识 / 两学一做还能用吗\n"
    "校对：检查：（粘贴一段）\n"
    "拼稿：加入草稿 / 看看草稿 / 导出"
)
HELP = (
    "【用法】\n"
    "提纲：党建工作总结提纲、述职报告框架、主题党日方案、三级提纲、换一版\n"
    "例句：意识形态怎么写、主题党日 3条、开头怎么写、50字以内、不要数字、口气软一点\n"
    "小标题：小标题、六个字的小标题、用“突出…，彰显…”这种的\n"
    "接着聊：展开二、例句（三）、更多、上一页、返回、出处、原文1、换一个\n"
    "查：四个意识、今年有哪些新提法、两学一做还能用吗、组织生活会一年几次、请示和报告区别、标题用什么字体\n"
    "校对：检查：（一段话）、查重：（一段话）、拆成提纲：（材料）\n"
    "收集：收藏2、加入1、3、看看草稿、草稿第2条放到最前面、数据清单、导出\n"
    "设置：我们单位叫市住建局、年份默认2026、以后都用支部口径、清除我的数据\n"
    "每条注明出处；【】里是要您填的空。库里没有的，我会直说，不编。"
)
GREETING = "您好，我在。想写什么？例如“党建工作总结提纲”“意识形态怎么写”“小标题”。"
THANKS = "不客气，写材料辛苦了。需要时随时发给我。"
ACK = "好的。需要时回复“更多”“换一个”，或直接说要写什么。"
EMPTY = "没有收到文字。想写什么？例如“党建总结提纲”“主题党日例句”。"
MENU = "想要哪一样？回复数字，或直接说板块，例如“意识形态怎么写”："
NO_LIST = "现在没有可选的列表。想看什么？例如“党建总结提纲”“主题党日例句”。"
NOTHING_OPEN = "还没有打开的内容。先说要写什么，例如“党建总结提纲”“主题党日例句”。"
NOTHING_BEFORE = "前面没有内容了。想看什么直接说，例如“党建总结提纲”“主题党日例句”。"
ANOTHER_YEAR = "不是当年的提法会标⚠，可问“今年是什么学习教育”“最新全会”。管理员可以把本单位的材料加进库里。"
WHICH_TOPIC = "想要哪方面的例句？回复数字，或直接说板块、部位，例如“意识形态”“存在问题”："
NOT_UNDERSTOOD = (
    "没看懂这句。我管党建材料的提纲、例句和小标题，例如“党建总结提纲”“意识形态怎么写”“小标题”；发“帮助”看全部用法。"
)
LAST_SECTION = "这已经是最后一部分。"
NO_OUTLINE_HERE = "先要一份提纲，才好展开。例如“党建工作总结提纲”。"
NONE_OF_THAT_FORM = "这样的库内没有了。可以放宽一点，或回复“更多”接着看原来的。"
NOT_HARDER = "例句都是材料里的原话，不替您加重。可以往下挑，或者换一个。"
NOT_RESTYLED = "例句都是材料里的原话，我不改文风。可以往下挑，或者换一个。"
REFINE_PHRASES = "这个要求是对例句的，先要几条例句，例如“主题党日例句”。"
RESET = "好的，从头开始；收藏和草稿都在。想写什么？"
PASTE_CONTENT = "内容没有过来，只有“[文件]”这样的字样。请把文字粘贴过来。"
WHAT_WITH_IT = "第{n}条要做什么？例如“{n}加入草稿”“删掉{n}”。"
NOT_DIVIDED = "库内这一部分没有再分小标题。可以看提纲，或要一组小标题。"
ONE_BY_ONE = "一部分一部分来，先给第一部分；接着回复“例句（二）”“例句（三）”。"
FIRST_PAGE = "已经是第一页了。"
ENTIRE_TEXT_SHOWN = "这一份已经全部给出。"
HEADING_WITHHELD = "（原文此处有误，略）"
RENUMBERED = "原文序号有跳号或重号，已顺排。"

MEDIA = {
    "image": "图片我还看不了，请把文字发给我。",
    "voice": "语音我还听不了，请打字发给我，例如“党建总结提纲”。",
    "video": "视频我看不了，请把文字发给我。",
    "location": "位置用不上。想写什么请打字，例如“主题党日例句”。",
    "link": "我不联网，打不开链接；请把正文粘贴过来。",
    "file": "文件我还收不了，请把要写的内容用文字告诉我。",
}

SEND_IT = "可以，docx和txt直接发过来，我校对好发回给您。"

MEDIA_WORDS = {
    "图片": "image",
    "照片": "image",
    "截图": "image",
    "语音": "voice",
    "文档": "file",
    "word": "file",
    "word文档": "file",
    "docx": "file",
    "视频": "video",
    "位置": "location",
    "链接": "link",
    "文件": "file",
}
"""What the words stand for by which people name such messages, or that a forwarded one leaves behind in brackets."""

ROLE_NAMES = {
    "导语": "开头",
    "做法": "主要做法",
    "成效": "工作成效",
    "问题": "存在问题",
    "原因": "原因分析",
    "计划": "下一步打算",
    "结尾": "结尾",
}
"""What a role is called when a user asks for it."""

WARNING_YEAR = "语料均为{years}年，带⚠的提法写{now}年的材料前请核对。"


def wishes_left(wishes: Sequence[str]) -> str:
    """Say which wishes of the same message wait for their turn."""
    listed = "；".join(f"“{wish}”" for wish in wishes)
    return f"您还要：{listed}。回复“继续”接着来。"


def corrected(terms: Sequence[str]) -> str:
    """Say what a misspelt question was taken for."""
    return f"已按{'、'.join(f'“{term}”' for term in terms)}查找。"


def library_line(count: int, years: Sequence[int]) -> str:
    """Say what the library holds: ``years`` are those of its reports, in order."""
    if not count:
        return "现在库里还没有语料，请管理员用 bigan kb build 建库。"
    if not years:
        return f"现有语料{count}篇。发“帮助”看全部用法。"
    span = f"均为{years[0]}年" if years[0] == years[-1] else f"{years[0]}–{years[-1]}年"
    return f"现有语料{count}篇，{span}。发“帮助”看全部用法。"


def outline_title(kind: str, number: int, count: int) -> str:
    """Title of an outline: its kind and which of how many versions it is."""
    return f"【提纲】{kind}　第{number}版，共{count}版" if count > 1 else f"【提纲】{kind}"


def phrases_title(name: str, first: int, last: int, total: int, users: int = 0, *, cut: bool = False) -> str:
    """Title of a page of passages: numbers ``first``–``last`` of ``total``; ``users`` reports use the term.

    ``cut`` says that there are more, of which the ``total`` most fitting are given.
    """
    shown = f"第{first}条" if first == last else f"第{first}–{last}条"
    support = f"（语料{users}篇使用）" if users else ""
    return f"【例句】{name}{support}　{shown}，{'选出最合适的' if cut else '共'}{total}条"


KINDS_WITH_FORMULAS = ("述职报告", "年度总结", "换届请示")
"""Kinds whose closing formulas are shown where no kind was named."""


def closing_formulas(formulas: Sequence[tuple[str, str]]) -> str:
    """The usual last sentences by kind, marked as no corpus text."""
    return "通用结语（非语料）：" + "；".join(f"{kind}用“{formula}”" for kind, formula in formulas)


def used_by(clause: str, count: int) -> str:
    """Say how many reports use a clause."""
    return f"　 其中“{clause}”语料{count}篇使用"


def headings_title(name: str, number: int, count: int) -> str:
    """Title of a heading set."""
    return f"【小标题】{name}　第{number}组，共{count}组" if count > 1 else f"【小标题】{name}"


def only(count: int, unit: str = "条") -> str:
    """Say honestly that the library holds fewer than were asked for."""
    return f"库内只有{count}{unit}，已全部给出。"


def all_shown(total: int, unit: str = "条") -> str:
    """Say that there are no more."""
    return f"库内只有{total}{unit}，已全部给出，没有更多了。"


def not_in_library(name: str) -> str:
    """Say that the library holds nothing of the kind."""
    return f"库内没有“{name}”的材料，不编。"


def parts_named(headings: Sequence[str]) -> str:
    """Name the parts of the outline that is open."""
    return f"这份提纲分{len(headings)}部分：{'；'.join(headings)}。"


def other_subjects(topic: str, role: str) -> str:
    """Say that there is nothing in that role on that topic, and that what follows is on others."""
    return f"库内没有“{topic}”的{role}例句，先给别的方面的。"


def no_such_kind(name: str) -> str:
    """Say that no report of that kind is in the library."""
    return f"库内没有“{name}”的范文，不编。"


def held_kinds(held: Sequence[str], framed: Sequence[str]) -> str:
    """Say of which kinds there are reports, and of which there is a frame alone."""
    frames = f"\n只有通用框架（非语料）的：{'、'.join(framed)}" if framed else ""
    return f"库内有范文的：{'、'.join(held)}{frames}\n要哪种就说“述职报告提纲”这样的话。"


def held_year(year: str, count: int) -> str:
    """Say how many reports of a year there are."""
    return f"库内有{year}年的{count}篇。" if count else f"库内没有{year}年的材料。"


def nearest() -> str:
    """Lead in to the nearest alternatives."""
    return "最接近的有（回复数字查看）："


def near_topic(name: str, count: int) -> str:
    """Offer a near topic and say how much there is."""
    return f"{name}例句（{count}条）"


def available_kinds() -> str:
    """Lead in to the kinds the library holds."""
    return "库内现有这些（回复数字查看；发“有哪些文种”看全部）："


def without_words(words: Sequence[str]) -> str:
    """Say which words of the question the library does not know."""
    return f"库内没有写到{'、'.join(f'“{word}”' for word in words)}，以下只供参考。"


def out_of_range(count: int, unit: str = "条") -> str:
    """Say that the number asked for is not in the list."""
    return f"列表里只有{count}{unit}，请回复1到{count}之间的数字。" if count > 1 else f"列表里只有1{unit}。"


def which_kind(count: int) -> str:
    """Title of a choice between kinds."""
    return f"想要哪一种？回复数字（共{count}种）："


def other_section(label: str) -> str:
    """Tell how to reach the other section that the reference also fits."""
    return f"要看另一处请回复“展开{label}”。"


def missing_topics(topics: Sequence[str]) -> str:
    """Name topics that other reports of the kind write about and this one does not."""
    return f"同类另有写到而此版没有：{'、'.join(topics)}"


def left_out(role: str) -> str:
    """Say that a part was left out as asked."""
    return f"已去掉“{role}”部分；上级对总结通常有这一部分的要求，报送前请核对。"


def parts_of(wanted: int) -> str:
    """Say that no outline has exactly as many parts as were asked for."""
    return f"库内没有正好{wanted}个部分的，这是最接近的一版。"


def fill_in(slots: Sequence[str]) -> str:
    """List the figures a section wants filled in."""
    return f"要填的数据：{'、'.join(slots)}"


def none_as_short(length: int) -> str:
    """Say that nothing is as short as was asked for, and that this is the shortest there is."""
    return f"库内没有{length}字以内的，这是最短的一条。"


def characters(count: int) -> str:
    """Say how long what was given is."""
    return f"以上共{count}字。"


NOT_EVEN = "这一类里没有字数完全对齐的，先给最接近的一组。"


def set_of(count: int, wanted: int) -> str:
    """Say that a whole set has another number of headings than was asked for."""
    return f"库内没有正好{wanted}个的，这一组是{count}个，成组给出不拆开。"


def single_version(kinds: Sequence[str]) -> str:
    """Say that the library holds one version only, and what else there is."""
    return f"这个文种库内只有1版。可看：{'、'.join(kinds)}。"
