"""Numbers (序号): left out, repeated, out of order, nested in their like, levels upside down, wrong stop behind them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from knowledge.checking.declaring import COUNTING, Hit, Kind
from knowledge.checking.model import Category, Copy, Level, Rule
from knowledge.checking.sequences import Fault, Misnumbering, find_misnumbering, label_of, odd_stops, relabel

_KIND = Kind(Category.NUMBERING, COUNTING)
_LEVELS = "GB/T 9704—2012 7.3.3（结构层次序数依次用一、（一）1.（1））"
_STOPS = "GB/T 15834—2011、GB/T 9704—2012 7.3.3（“一、”用顿号，“（一）”后不加标点，“1.”用下脚点）"

_FORMS = (
    (
        re.compile(r"[（(](?P<n>[一二三四五六七八九十]{1,3}|\d{1,2})[）)](?P<stop>[、.．，])"),
        "（{n}）",
        "带括号的序号后不加标点",
    ),
    (re.compile(r"(?P<n>[一二三四五六七八九十]{1,3})(?P<stop>[.．])"), "{n}、", "汉字序号后用顿号"),
    (re.compile(r"(?P<n>\d{1,3})(?P<stop>、)"), "{n}.", "阿拉伯数字序号后用下脚点“.”"),
    (
        re.compile(r"第(?P<n>[一二三四五六七八九十]{1,3})(?P<stop>、)(?![一二三四五六七八九十])"),
        "第{n}，",
        "“第一”类序号后用逗号",
    ),
)


def rules() -> tuple[Rule, ...]:
    """Return the rules on numbers."""
    return (_skip(), _repeat(), _back(), _late(), _nested(), _upside_down(), _form(), _stops())


def _looking_for(fault: Fault, word: Callable[[Copy, Misnumbering], str]) -> Callable[[Copy], Iterator[Hit]]:
    def look(copy: Copy) -> Iterator[Hit]:
        for found in find_misnumbering(copy):
            if found.fault is fault:
                mark = found.mark
                label = label_of(copy, mark)
                right = None if found.right is None else relabel(label, found.right)
                yield Hit(mark.start, mark.start + len(label), word(copy, found), right)

    return look


def _skip() -> Rule:
    def word(copy: Copy, found: Misnumbering) -> str:
        label, before = label_of(copy, found.mark), _before(copy, found)
        if found.right is not None:
            return f"序号“{before}”后接“{label}”，应为“{relabel(label, found.right)}”"
        first = found.before.number + 1 if found.before is not None else 1
        missing = "、".join(relabel(label, number) for number in range(first, found.mark.number))
        return f"序号“{before}”后接“{label}”，缺{missing}"

    return _KIND.rule(
        "number.skip",
        Level.WRONG,
        "序号跳号",
        _looking_for(Fault.SKIP, word),
        flags=(
            "一是抓学习。二是抓组织。三是抓制度。六是抓作风。",
            "一、主要做法\n抓实学习。\n二、存在问题\n学得不深。\n四、下步打算\n继续努力。",
            "（一）抓学习\n坚持周周学。\n（二）抓组织\n建强支部。\n（五）抓作风\n改进文风。",
            "第一，抓思想；第二，抓队伍；第四，抓作风。",
        ),
        misses=(
            "一、抓学习\n1.学理论\n2.学业务\n二、抓组织\n3.建支部\n4.管党员\n三、抓作风\n5.改文风",
            "一是抓学习，二是抓组织。会后又明确两件事：一是定人，二是定时。",
            "一是一、二是二，党员讲实话。三是三、六是六也不能含糊。",
            "会议研究第一议题，传达讲话精神。第三，议定事项抓好落实。",
            "一是抓学习；二要抓组织；三是抓作风。",
        ),
    )


def _repeat() -> Rule:
    def word(copy: Copy, found: Misnumbering) -> str:
        label = label_of(copy, found.mark)
        right = "" if found.right is None else f"，应为“{relabel(label, found.right)}”"
        return f"序号“{label}”重复{right}"

    return _KIND.rule(
        "number.repeat",
        Level.WRONG,
        "序号重复",
        _looking_for(Fault.REPEAT, word),
        flags=(
            "一是抓学习。二是抓组织。三是抓制度。三是抓作风。",
            "一、主要做法\n抓实学习。\n二、存在问题\n学得不深。\n二、下步打算\n继续努力。",
            "一是抓学习；一是抓组织；三是抓作风。",
        ),
        misses=(
            "（一）抓学习\n一是定计划，二是抓考勤。\n（二）抓组织\n一是选书记，二是建阵地。",
            "一、抓学习\n（一）学理论\n（二）学业务\n二、抓组织\n（一）建支部\n（二）管党员",
            "一是抓学习。二是抓组织。三是抓作风。",
        ),
    )


def _back() -> Rule:
    return _KIND.rule(
        "number.back",
        Level.DOUBTFUL,
        "序号倒退",
        _looking_for(
            Fault.BACK, lambda copy, found: f"序号“{label_of(copy, found.mark)}”排在“{_before(copy, found)}”之后"
        ),
        flags=(
            "一是抓学习。二是抓组织。三是抓制度。二是抓作风。",
            "一、做法\n抓实学习。\n二、成效\n组织更强。\n三、问题\n学得不深。\n二、打算\n继续努力。",
        ),
        misses=(
            "一是抓学习。二是抓组织。三是抓制度。下一步，一是补短板，二是强弱项。",
            "附件1\n一、目标\n二、任务\n三、要求\n附件2\n一、范围\n二、程序",
        ),
    )


def _late() -> Rule:
    return _KIND.rule(
        "number.late",
        Level.DOUBTFUL,
        "序号不从一开始",
        _looking_for(
            Fault.LATE,
            lambda copy, found: f"这一层的序号从“{label_of(copy, found.mark)}”开始，前面缺号",
        ),
        flags=(
            "一、主要做法\n（二）抓组织\n建强支部。\n（三）抓作风\n改进文风。",
            "一、主要做法\n（一）抓学习\n2.学业务\n坚持周周学。\n3.学政策\n坚持月月讲。",
        ),
        misses=(
            "（二）抓组织\n建强支部。\n（三）抓作风\n改进文风。",
            "一、主要做法\n（一）抓学习\n（二）抓组织\n二、工作打算\n（三）抓作风\n（四）抓纪律",
        ),
    )


def _nested() -> Rule:
    return _KIND.rule(
        "number.nested",
        Level.DOUBTFUL,
        "同级序号嵌套",
        _looking_for(
            Fault.NESTED,
            lambda copy, found: f"“{_before(copy, found)}”里又用“{label_of(copy, found.mark)}”编号，两层序号混在一起",
        ),
        flags=(
            "一是抓学习，做到两个坚持：一是坚持集中学，二是坚持个人学。二是抓组织，选好带头人。",
            "一是抓学习。二是抓组织，分两步走：一是建支部，二是选书记，三是带队伍。三是抓作风。",
        ),
        misses=(
            "一是抓学习，做到第一，坚持集中学；第二，坚持个人学。二是抓组织，选好带头人。",
            "一是抓学习。二是抓组织。\n存在的问题：一是学得不深，二是抓得不紧。",
        ),
    )


def _upside_down() -> Rule:
    return _KIND.rule(
        "number.level",
        Level.DOUBTFUL,
        "序号层次颠倒",
        _looking_for(
            Fault.UPSIDE_DOWN,
            lambda copy, found: f"“{_before(copy, found)}”下面用“{label_of(copy, found.mark)}”，层次颠倒",
        ),
        source=_LEVELS,
        flags=(
            "（一）抓学习\n一、学理论\n二、学业务\n（二）抓组织\n一、建支部\n二、管党员",
            "1.抓学习\n（一）学理论\n（二）学业务\n2.抓组织\n（一）建支部\n（二）管党员",
        ),
        misses=(
            "一、抓学习\n（一）学理论\n（二）学业务\n二、抓组织\n（一）建支部\n（二）管党员",
            "一、抓学习\n1.学理论\n2.学业务\n二、抓组织\n1.建支部\n2.管党员",
        ),
    )


def _form() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        for pattern, form, reason in _FORMS:
            found = [hit for mark in copy.marks if (hit := pattern.match(copy.text, mark.start, mark.end + 1))]
            if found:
                first = found[0]
                right = form.format(n=first["n"])
                count = f"，全文{len(found)}处" if len(found) > 1 else ""
                yield Hit(first.start(), first.end(), f"{reason}，宜写“{right}”{count}", right)

    return _KIND.rule(
        "number.form",
        Level.HINT,
        "序号后的标点",
        look,
        source=_STOPS,
        flags=("（一）、抓学习\n（二）、抓组织", "1、抓学习\n2、抓组织", "第一、抓学习。第二、抓组织。"),
        misses=(
            "（一）抓学习\n（二）抓组织",
            "1.抓学习\n2.抓组织",
            "一、抓学习\n二、抓组织",
            "第二、三、四季度各检查一次。",
        ),
    )


def _stops() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        for mark, usual in odd_stops(copy):
            stop = copy.text[mark.start - 1]
            yield Hit(mark.start - 1, mark.start, f"同一列项前后用“{usual}”，这里用“{stop}”，宜统一", usual)

    return _KIND.rule(
        "number.stops",
        Level.HINT,
        "列项末尾标点不一致",
        look,
        flags=("一是抓学习。二是抓组织；三是抓作风。", "一是抓学习；二是抓组织。三是抓作风；四是抓纪律。"),
        misses=("一是抓学习；二是抓组织；三是抓作风。", "一是抓学习。二是抓组织。\n一是定人；二是定时。"),
    )


def _before(copy: Copy, found: Misnumbering) -> str:
    return "" if found.before is None else label_of(copy, found.before)
