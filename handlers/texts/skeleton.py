"""Every fixed sentence around a skeleton (通用框架). What belongs in a section stands in the tables."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.corpus.numbering import write_ordinal
from knowledge.skeletons import Shape

LABEL = "【通用框架（非语料）】"
NOT_FROM_REPORTS = "库内暂无这个文种的范文，以下是通用写法，不是语料原文。"
GONE = "这个文种的通用框架已经撤下。想写什么请直接说，例如“党建总结提纲”。"
WHICH_KIND = "要哪个文种的通用框架？例如“民主生活会方案提纲”“巡察整改报告提纲”。"
SINGLE_SET = "这一部分只有1组小标题。可以换一部分看，例如“展开一”。"

YEARLY_RULE = "以上级当年通知为准"
EXPERIENCE = "（经验值）"
PRACTICE_ONLY = "依据：实务通常写法，不是统一规定的格式。来源："


def title(kind: str, scope: str | None) -> str:
    """Title of a skeleton, which says first that it is no corpus text."""
    return f"{LABEL}{kind}（{scope}）" if scope else f"{LABEL}{kind}"


def section_title(kind: str, label: str, section: str) -> str:
    """Title of one section taken apart."""
    return f"{LABEL}{kind}·{label}{section}"


def holds(words: str) -> str:
    """Say below a section what belongs in it."""
    return f"　内容：{words}"


def how(words: str) -> str:
    """Say how a section is written."""
    return f"写法：{words}"


def contents(words: str) -> str:
    """Say what belongs in a section."""
    return f"内容：{words}"


def shape_name(shape: Shape) -> str:
    """Name the form of a heading set: 六字+六字, 四字格, 句式“在…上…”."""
    if not shape.lengths:
        return f"句式“{shape.text}”"
    if shape.lengths == (4,):
        return "四字格"
    return "+".join(f"{write_ordinal('一', length)}字" for length in shape.lengths)


def heading_set(shape: Shape, number: int, count: int) -> str:
    """Say which heading set is shown and how to see another."""
    return f"小标题：{shape_name(shape)}" + (f"，第{number}组，共{count}组" if count > 1 else "")


def formulas(first: str, last: str) -> str:
    """Say where the opening and the closing formula stand."""
    return f"开头、结尾句：见展开{first}、展开{last}"


def opening(words: str) -> str:
    """Give the opening formula."""
    return f"开头句：{words}"


def closing(words: str) -> str:
    """Give the closing formula."""
    return f"结尾句：{words}"


def figures(blanks: Sequence[str]) -> str:
    """List the figures to fill in."""
    return f"要填的数据：{'、'.join(blanks)}"


def yearly(blanks: Sequence[str]) -> str:
    """List what changes every year."""
    return f"每年要变：{'、'.join(blanks)}，{YEARLY_RULE}。"


def mistakes(slips: Sequence[str]) -> str:
    """List what often goes wrong."""
    return f"常见毛病：{'；'.join(slips)}。"


def manner(person: str | None, length: str | None) -> str:
    """Say in whose person and at what length it is written; empty where neither is known."""
    parts = [f"人称：{person}"] if person else []
    parts += [f"篇幅：{length}{EXPERIENCE}"] if length else []
    return "；".join(parts)


def share(percent: int) -> str:
    """Say which share of the text a section takes."""
    return f"篇幅：约占{percent}%{EXPERIENCE}"


def basis(rule: str | None, sources: Sequence[str]) -> str:
    """Say what the frame rests on: a rule only for what a regulation says, practice for the structure."""
    named = "；".join(sources)
    return f"依据：按规定，{rule}；段落安排是实务通常写法。来源：{named}" if rule else f"{PRACTICE_ONLY}{named}"


def draft_source(sources: Sequence[str]) -> str:
    """Say in a draft that its outline is from no report."""
    return f"{LABEL}{'、'.join(sources)}"
