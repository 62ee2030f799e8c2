"""Everything said around the work: welcome, help, thanks, and what cannot be read or was not understood."""

from __future__ import annotations

from dataclasses import replace

from handlers import texts
from handlers.context import Context
from handlers.dialogue import MessageKind, Session, Turn, View
from handlers.reply import Choices, Item, ItemType, Moves, Paragraph, Reply

_FIRST_MOVES = Moves(("党建工作总结提纲", "意识形态怎么写", "小标题", "帮助"))


def welcome(context: Context, day: str, *, again: bool) -> Turn:
    """Greet a user who opens the conversation: what to send, and how old the material is.

    Once on a ``day`` unless ``again``: whoever opens the window ten times need not read it ten times.
    """
    library, notebook = context.library, context.notebook
    if notebook.greeted == day and not again:
        return Turn(None, context.session, context.understanding)
    line = Paragraph(texts.library_line(len(library.reports()), library.years()))
    reply = Reply((Paragraph(texts.WELCOME), line))
    return Turn(reply, context.session, context.understanding, notebook=replace(notebook, greeted=day))


def answer_help(context: Context) -> Turn:
    """Answer 帮助."""
    library = context.library
    line = Paragraph(texts.library_line(len(library.reports()), library.years()).removesuffix("发“帮助”看全部用法。"))
    return context.say(texts.HELP, line)


def answer_held_year(context: Context) -> Turn:
    """Answer 2024年的材料有吗: which years the library holds, and what to do about another."""
    library, asked = context.library, context.slot("year")
    years = [report.year for report in library.reports() if report.year]
    held = sum(str(year) == asked for year in years)
    line = texts.library_line(len(library.reports()), library.years()).removesuffix("发“帮助”看全部用法。")
    text = texts.held_year(asked, held) if asked else ""
    return context.say(f"{text}{line}", Paragraph(texts.ANOTHER_YEAR), found=bool(held))


def answer_held_kinds(context: Context) -> Turn:
    """Answer 有哪些文种: the kinds with reports, and those with a frame alone."""
    library = context.library
    held = tuple(library.kinds_held())
    framed = tuple(library.kind_name(frame.kind) for frame in library.skeletons.entries if frame.kind not in held)
    return context.say(texts.held_kinds(held, framed), Moves(tuple(f"{kind}提纲" for kind in held[:2])))


def answer_greeting(context: Context) -> Turn:
    """Answer 你好."""
    return context.say(texts.GREETING, _FIRST_MOVES)


def answer_thanks(context: Context) -> Turn:
    """Answer 谢谢."""
    return context.say(texts.THANKS)


def answer_ack(context: Context) -> Turn:
    """Answer 嗯, 好的: one short line."""
    return context.say(texts.ACK)


def answer_empty(context: Context) -> Turn:
    """Answer a message without text."""
    return context.say(texts.EMPTY, _FIRST_MOVES, found=False)


def answer_menu(context: Context) -> Turn:
    """Answer 党建 and 写材料, which leave everything open: offer what there is, by number."""
    options = ("党建工作总结提纲", "主题党日例句", "小标题", "检查", "公文格式", "帮助")
    items = tuple(Item(ItemType.CHOICE, option, n) for n, option in enumerate(options, 1))
    reply = Reply((Paragraph(texts.MENU), Choices(items)), total=len(items))
    return context.open(View("choices", (), options), reply)


def answer_fallback(context: Context) -> Turn:
    """Answer what was not understood: say so, and offer what there is."""
    return context.say(texts.NOT_UNDERSTOOD, _FIRST_MOVES, found=False)


def answer_reset(context: Context) -> Turn:
    """Answer 重新开始: forget what was looked at; what was kept stays."""
    turn = context.say(texts.RESET, _FIRST_MOVES)
    session = replace(Session(), edition=context.session.edition, day=context.session.day)
    return replace(turn, session=session, remark=False)


def answer_media_words(context: Context) -> Turn:
    """Answer [图片] and the like: words that a forwarded message leaves behind."""
    named = texts.MEDIA_WORDS.get(context.slot("media") or "链接", "other")
    if named == "file" and context.takes_files and not context.slot("fragment"):
        return context.say(texts.SEND_IT)
    return context.lacks("media", texts.MEDIA.get(named, texts.PASTE_CONTENT))


def answer_media(context: Context, kind: MessageKind) -> Turn:
    """Answer an image, a voice message, a location …: say kindly that words are needed."""
    return context.say(texts.MEDIA[kind.value], found=False)
