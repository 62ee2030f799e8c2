"""What is said about the profile."""

from __future__ import annotations

from collections.abc import Sequence

BUTTONS_ON = "好的，以后提纲和例句后面会跟一张按钮卡片，点一下等于发那几个字。不要了就说“关闭按钮”。"
BUTTONS_OFF = "好的，不再发按钮卡片，照常打字就行。要用再说“开启按钮”。"
NO_BUTTONS_HERE = "这里发不了按钮卡片（没有配置应用凭证），照常打字就行，例如“换一版”“加入草稿”。"
WIPED = "您的设置、收藏、草稿和会话都已删除，没有保留。"


def unit_kept(unit: str) -> str:
    """Receipt for the unit's name."""
    return f"记住了，以后例句、提纲和导出里空着的单位名称都写成“{unit}”。不要了就说“忘掉我的单位”。"


def year_kept(year: int) -> str:
    """Receipt for the year."""
    return f"好的，以后按{year}年写：【年份】会填好，不合{year}年的提法会标出。不要了就说“取消默认年份”。"


def kind_kept(kind: str) -> str:
    """Receipt for the kind of document."""
    return f"好的，以后不说文种就按“{kind}”给提纲，例句也先给这类材料里的。不要了就说“取消默认文种”。"


def no_such_kind(word: str) -> str:
    """Say that a kind is not known."""
    return f"没有认出“{word}”是哪种文种。例如“默认文种是支部工作总结”。"


def level_kept(level: str, *, held: bool) -> str:
    """Receipt for the level; ``held``: whether the library has reports of it."""
    have = f"{level}的材料会排在前面" if held else f"库内暂时没有{level}的材料，先给相近的，行业表述请自己补"
    return f"好的，以后按{level}口径，{have}。不要了就说“取消口径”。"


def no_such_year(first: int, last: int) -> str:
    """Say which years can be set."""
    return f"年份请写{first}到{last}之间的四位数，例如“年份默认2026”。"


def no_such_level(word: str, levels: Sequence[str]) -> str:
    """Say which levels there are."""
    return f"没有“{word}”这个口径，可以选：{'、'.join(levels)}。例如“以后都用党支部口径”。"


def forgotten(name: str) -> str:
    """Receipt for something forgotten."""
    return f"已忘掉{name}。"


def settings(
    unit: str | None,
    year: int | None,
    kind: str | None,
    level: str | None,
    *,
    buttons: bool,
    favourites: int,
    lines: int,
) -> str:
    """Say what is kept of the user."""
    return (
        "【我的设置】\n"
        f"单位：{unit or '没有记'}（例如“我们单位叫市住建局”）\n"
        f"年份：{year or '随当年'}（例如“年份默认2026”）\n"
        f"文种：{kind or '不限'}（例如“默认文种是支部工作总结”）\n"
        f"口径：{level or '不限'}（例如“以后都用党支部口径”）\n"
        f"按钮：{'开着（例如“关闭按钮”）' if buttons else '没有开（例如“开启按钮”）'}\n"
        f"收藏{favourites}条，草稿{lines}条；设置、收藏和草稿180天不用自动删除。"
    )
