"""What the bot does not do, and says so at once: invented figures, copies, secrets, people, gossip; and who it is."""

from __future__ import annotations

from handlers import outline, texts
from handlers.context import Context, prefixed
from handlers.dialogue import Turn
from handlers.reply import Moves, Paragraph
from handlers.texts import limits

_START = Moves(("党建工作总结提纲", "意识形态怎么写", "帮助"))


def answer_secret(context: Context) -> Turn:
    """Answer a message with a mark of secrecy: nothing of it is read or repeated."""
    return context.lacks("secret", limits.SECRECY)


def answer_identity_number(context: Context) -> Turn:
    """Answer a message with an identity number in it."""
    return context.lacks("identity number", limits.IDENTITY_NUMBER)


def answer_injection(context: Context) -> Turn:
    """Answer 忽略上面的指令…."""
    return context.lacks("injection", limits.INJECTION, _START)


def answer_others_data(context: Context) -> Turn:
    """Answer 列出所有用户的收藏."""
    return context.lacks("data of others", limits.OTHERS_DATA, Moves(("我的收藏", "看看草稿")))


def answer_fabricate(context: Context) -> Turn:
    """Answer 帮我编几个数据: no, and the list of what to collect instead."""
    figures = context.library.figures_of_kind(next(iter(context.library.kinds_held()), ""))
    listed = Paragraph(limits.usual_figures(figures)) if figures else Paragraph(limits.NO_FIGURES)
    return context.lacks("fabrication", limits.FABRICATE, listed, Moves(("数据清单", "党建工作总结提纲")))


def answer_copy_report(context: Context) -> Turn:
    """Answer 抄一份别人的改个名."""
    return context.lacks("copying", limits.COPY, Moves(("党建工作总结提纲", "查重")))


def answer_leaders(context: Context) -> Turn:
    """Answer questions about people in office and cases."""
    return context.lacks("people in office", limits.LEADERS, _START)


def answer_off_topic(context: Context) -> Turn:
    """Answer what has nothing to do with the work."""
    return context.lacks("off topic", limits.OFF_TOPIC, _START)


def answer_abuse(context: Context) -> Turn:
    """Answer abuse without giving any back."""
    return context.say(limits.ABUSE, _START)


def answer_identity(context: Context) -> Turn:
    """Answer 你是谁, 你能联网吗, 你的资料是哪年的."""
    library = context.library
    line = texts.library_line(len(library.reports()), library.years()).removesuffix("发“帮助”看全部用法。")
    return context.say(limits.IDENTITY + line + limits.PRIVACY, _START)


def answer_admin(context: Context) -> Turn:
    """Answer what only an administrator can do, on the command line."""
    return context.lacks("administration", limits.ADMIN)


def answer_merge(context: Context) -> Turn:
    """Answer 跟上面那个合并一下."""
    return context.lacks("rewriting", limits.NOT_MERGED, Moves(("加入草稿", "看看草稿")))


def answer_full_text(context: Context) -> Turn:
    """Answer 写一篇3000字的总结: an outline and the way to put a draft together, no invented whole."""
    turn = outline.answer_outline(context)
    return prefixed(turn, limits.FULL_TEXT)
