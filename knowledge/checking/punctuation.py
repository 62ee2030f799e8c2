"""Punctuation (标点): stops in a row, pairs, width, ellipsis, blanks, and what the standard advises against."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.checking import pairing, widths
from knowledge.checking.declaring import LANGUAGE, PUNCTUATION, STANDARD, Hit, looking_for, told_once
from knowledge.checking.model import Copy, Level, Rule
from knowledge.corpus.typography import HAN

_RUN = re.compile(r"[，、；：。！？][，、；：。！？,;]+|[,;][，、；：。！？]+")
_CLOSERS = "”’》〉）】"
_ELLIPSIS = re.compile(rf"。{{3,}}|\.{{3,5}}(?<=[{HAN}]...)|…(?<!……)(?!…)|……等|等……")
# What takes 与 or 和 as a preposition (与群众有接触) is no list.
_LIST_WORD = re.compile(
    rf"、(?:(?:和(?![谐平解睦美合田声苑顺县])|与(?![会时])|及(?![时格早第]))(?![^，。；]{{0,8}}[相有同过的触])(?=[{HAN}]{{1,8}}(?:[，。；]|等))"
    r"|等(?![级次待值额候效离同]))"
)
_BETWEEN = re.compile("(?<=[”》])、(?=[“《])")
_COLONS = re.compile(rf"：[^：。！？；\n“”《》（）\s]{{4,60}}：(?=[{HAN}])")
_SPACES = " \u00a0\u2002\u2003\u3000"
_BLANK = re.compile(
    rf"[{_SPACES}](?<=[{HAN}{_CLOSERS}\d%].)[{_SPACES}]?(?=[，。；：、！？{_CLOSERS}](?![{_SPACES}]))"
    rf"|[ \u00a0\u2002](?<=[{HAN}]{{2}}.)(?=[{HAN}]{{2}})|[ \u00a0\u2002](?<=[{_CLOSERS}].)(?=[{HAN}])"
)
_NEAR = 60
_LINE_START = re.compile(r"^[ \t\u3000]*[，。；、！？]|[“‘《〈（【][，。；：、]", re.MULTILINE)
_ORDINAL = r"(?:[一二三四五六七八九十]{1,3}[、．.是]|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[.．、](?!\d))"
_CUT_OFF = re.compile(rf"[，、](?=[ \t\u3000]*\n\s{{0,20}}(?:##paid\w{{3,6}}##)?{_ORDINAL}|\s{{0,20}}\Z)")
_FINISHED = re.compile(r"[。！？；：，、…—”’》）】.!?;:,)\]>#=~*|\-]\Z")


def rules() -> tuple[Rule, ...]:
    """Return the rules on punctuation."""
    return (
        _run(),
        *pairing.rules(),
        *widths.rules(),
        _ellipsis(),
        _line_start(),
        _cut_off(),
        _unfinished(),
        _blank(),
        _list_word(),
        _between(),
        _colons(),
    )


def _run() -> Rule:
    def word(found: re.Match[str]) -> tuple[str, str | None] | None:
        run = found[0]
        if not run.strip("！？") or (not run.strip("。") and len(run) > 2) or (not run.strip("、") and len(run) > 2):
            return None
        return f"“{run}”标点叠用", _single(run)

    return PUNCTUATION.rule(
        "punct.run",
        Level.WRONG,
        "标点叠用",
        looking_for(_RUN, word),
        flags=("全面进步、全面过硬，。", "学习3次，，开展排查。", "加强学习、，提高认识；。"),
        misses=("真的完成了吗？！", "加强学习，提高认识。", "“学习”，“实践”。"),
    )


def _single(run: str) -> str | None:
    """Return the one stop a run stands for; ``None`` where its stops contradict each other."""
    kinds = set(run.translate({ord(","): "，", ord(";"): "；"}))
    if len(kinds) == 1:
        return kinds.pop()
    if "。" in kinds and kinds <= set("，、；。"):
        return "。"
    if "；" in kinds and kinds <= set("，、；"):
        return "；"
    return "，" if kinds == {"，", "、"} else None


def _ellipsis() -> Rule:
    def word(found: re.Match[str]) -> tuple[str, str | None]:
        if "等" in found[0]:
            return "省略号与“等”重复，留一个", None
        return "省略号应为“……”", "……"

    return PUNCTUATION.rule(
        "punct.ellipsis",
        Level.DOUBTFUL,
        "省略号写法",
        looking_for(_ELLIPSIS, word),
        source=f"{STANDARD}4.11",
        flags=("学习、研讨、实践。。。", "走访慰问...受到好评。", "学习、研讨……等方式。", "他沉默了…说不出话。"),
        misses=("学习、研讨、实践……", "学习、研讨、实践等方式。"),
    )


def _line_start() -> Rule:
    return PUNCTUATION.rule(
        "punct.line-start",
        Level.DOUBTFUL,
        "句首或括号首出现点号",
        looking_for(_LINE_START, lambda found: (f"“{found[0].strip()[-1]}”不放在段首或括号、引号开头", None)),
        source=f"{STANDARD}5.1",
        flags=("召开党员大会。\n，研究换届工作。", "开展“、主题党日”活动。"),
        misses=("召开党员大会，\n研究换届工作。", "（一）主题党日。"),
    )


def _cut_off() -> Rule:
    return PUNCTUATION.rule(
        "punct.cut-off",
        Level.DOUBTFUL,
        "段末是逗号或顿号",
        looking_for(_CUT_OFF, lambda found: (f"段末是“{found[0]}”，疑有缺文或应为“。”", None)),
        flags=("抓好学习，推动落实，\n（二）抓组织", "开展学习、研讨、"),
        misses=("抓好学习，推动落实。\n（二）抓组织", "一是抓学习；\n二是抓组织。"),
    )


def _unfinished() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        text = copy.text
        long = [(start, end) for start, end in copy.lines if end - start >= 40 and "。" in text[start : end - 1]]
        open_ended = [(start, end) for start, end in long if not _FINISHED.search(text[start:end].rstrip())]
        # Where many lines end without a stop, the file breaks its lines by width.
        if len(open_ended) * 4 <= len(long) + 3:
            for start, end in open_ended:
                last = start + len(text[start:end].rstrip())
                yield Hit(last - 1, last, "段末没有标点")

    return PUNCTUATION.rule(
        "punct.unfinished",
        Level.HINT,
        "段末缺标点",
        look,
        flags=(
            "坚持把党的政治建设摆在首位，严肃党内政治生活。全年召开党员大会12次，组织集中学习24次，党员参学率稳步提高",
            "落实主体责任，班子成员认真履行一岗双责，形成齐抓共管的格局。压实各支部书记第一责任人责任，推动工作落地见效\n（二）抓组织",
        ),
        misses=(
            "坚持把党的政治建设摆在首位，严肃党内政治生活。全年召开党员大会12次，组织集中学习24次，党员参学率稳步提高。",
            "某局党组2023年党建工作总结",
        ),
    )


def _blank() -> Rule:
    def hits(copy: Copy) -> Iterator[Hit]:
        text = copy.text
        for found in _BLANK.finditer(text):
            start, end = found.start() - 1, found.end()
            if text[end] in "，。；：、！？" + _CLOSERS:
                yield Hit(start, end, "标点前有多余空格", text[start])
            elif _inside_sentence(text, end):
                yield Hit(start, end, "句中有多余空格", text[start])

    return PUNCTUATION.rule(
        "punct.blank",
        Level.HINT,
        "多余空格",
        lambda copy: told_once(hits(copy)),
        source=LANGUAGE,
        flags=(
            "引领事业高质量发展 。",
            "以党建引领 教育 事业发展，办好实事。",
            "构建“横向到边” 的工作体系，有序推进。",
        ),
        misses=("第一章 总则", "张 三  李 四", "主题党日 组织生活会", "打响“好学善思 实干争先”品牌，扩大影响。"),
    )


def _inside_sentence(text: str, place: int) -> bool:
    """Whether a blank stands in running text: stops on both sides of it in its line, and not inside quotation marks."""
    before = text[max(0, place - _NEAR) : place].rpartition("\n")[2]
    after = text[place : place + _NEAR].partition("\n")[0]
    quoted = before.rfind("“") > before.rfind("”") or before.rfind("《") > before.rfind("》")
    return (
        not quoted
        and "记者" not in before[-4:]
        and bool(re.search("[，。；]", after))
        and bool(re.search("[，。；]", before + after[:-1]))
    )


def _list_word() -> Rule:
    return PUNCTUATION.rule(
        "punct.list-word",
        Level.HINT,
        "“和、与、及、等”前的顿号",
        looking_for(_LIST_WORD, lambda found: (f"“{found[0][1:]}”前不用顿号", found[0][1:])),
        flags=("开展学习、研讨、和实践，提升素质。", "开展学习、研讨、实践、等活动。"),
        misses=(
            "学习、研讨和实践相结合。",
            "排查密集场所、与群众有接触的岗位。",
            "促进团结、和谐、稳定，做到公开、及时、准确，分优秀、等次两栏。",
        ),
    )


def _between() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        found = list(_BETWEEN.finditer(copy.text))
        if found:
            first, count = found[0], f"，全文{len(found)}处" if len(found) > 1 else ""
            start, end = first.start() - 1, first.end() + 1
            right = copy.text[start] + copy.text[end - 1]
            yield Hit(start, end, f"并列的引号、书名号之间通常不用顿号{count}", right)

    return PUNCTUATION.rule(
        "punct.between",
        Level.HINT,
        "并列引号、书名号之间的顿号",
        look,
        source=f"{STANDARD}4.5.3.5",
        flags=("增强“四个意识”、“四个自信”。", "学习《党章》、《条例》。"),
        misses=("增强“四个意识”“四个自信”。", "学习《党章》（修订版）、《条例》。"),
    )


def _colons() -> Rule:
    return PUNCTUATION.rule(
        "punct.colons",
        Level.HINT,
        "一句中套用冒号",
        looking_for(_COLONS, lambda _found: ("一个句子里一般不套用冒号", None)),
        source=f"{STANDARD}4.7.3.3",
        flags=(
            "现将有关情况报告如下：主要做法有三条：抓学习、抓组织、抓作风。",
            "会议强调：要做到以下两点：带头学、带头做。",
        ),
        misses=("现将有关情况报告如下：\n主要做法有三条：抓学习、抓组织、抓作风。", "时间：5月 地点：会议室"),
    )
