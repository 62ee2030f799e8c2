"""The draft (草稿): an outline with lines under its headings, collected message by message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from handlers import draft as drafts
from handlers import pointing
from handlers.confirmation import ask
from handlers.context import Context
from handlers.dialogue import Turn, View
from handlers.favourites import answer_favourite_delete
from handlers.notebook import Draft
from handlers.numbers import NUMBER, parse_number
from handlers.reply import Block, Item, ItemType, Moves, OutlineBlock, Paragraph, PassageBlock, Reply, Title
from handlers.texts import collection

_FIRST, _LAST = re.compile("最前|最上|开头|^前[面边]$"), re.compile("最后|末尾|结尾|^后[面边]$")
_BRACKETED = re.compile(rf"[（(]({NUMBER})[）)]")
_PART = re.compile(rf"第?({NUMBER})(?:部分|、|章)")
_BESIDE = re.compile(rf"第?({NUMBER})(?:条|个|位)?(?:之|的)?(?P<side>前|后|上|下)?")


def answer_draft_list(context: Context) -> Turn:
    """Answer 看看草稿."""
    if context.notebook.draft.is_empty:
        return context.say(collection.NO_DRAFT, Moves(("党建工作总结提纲",)), found=False)
    view = View("draft")
    return context.open(view, present_draft(view, context))


def present_draft(_view: View, context: Context) -> Reply:
    """Show the draft: its headings, the lines under them numbered through, where each is from."""
    draft = context.notebook.draft
    if draft.is_empty:
        return Reply((Paragraph(collection.NO_DRAFT),), found=False)
    lines = draft.lines
    blanks = len(drafts.find_blanks([line.text for line in lines]))
    title = draft_title(context)
    blocks: list[Block] = [
        Title(collection.draft_title(title, len(lines), drafts.count_characters(draft), blanks)),
        *_body(context, draft),
    ]
    if draft.source:
        blocks.append(Paragraph(collection.draft_source(draft.source)))
    blocks.append(Moves(("导出", "数据清单", "统计字数", "检查草稿") if lines else ("例句（一）", "导出", "清空草稿")))
    return Reply(tuple(blocks), total=len(lines))


def _body(context: Context, draft: Draft) -> list[Block]:
    blocks: list[Block] = []
    number = 0
    for index, part in enumerate(draft.parts):
        heading = part.heading
        if not heading and part.lines and 0 < index < len(draft.parts) - 1:
            heading = collection.UNPLACED
        if heading:
            item = Item(ItemType.OUTLINE_NODE, heading, level=part.level, ordinal=part.ordinal or None)
            blocks.append(OutlineBlock((item,)))
        items = [
            pointing.line_item(n, line, context.library, context.year) for n, line in enumerate(part.lines, number + 1)
        ]
        number += len(items)
        if items:
            blocks.append(PassageBlock(tuple(items)))
    return blocks


def answer_draft_delete(context: Context) -> Turn:
    """Answer 删掉草稿最后一条."""
    draft = context.notebook.draft
    places = pointing.resolve_all(context, len(draft.lines))
    if isinstance(places, Turn):
        return places
    left = drafts.delete_lines(draft, places)
    receipt = collection.deleted(places, "草稿", len(left.lines))
    return context.keep(replace(context.notebook, draft=left), receipt, Moves(("看看草稿",)))


def answer_draft_move(context: Context) -> Turn:
    """Answer 草稿第2条放到最前面, 草稿3移到（二）."""
    draft = context.notebook.draft
    places = pointing.resolve_all(context, len(draft.lines))
    if isinstance(places, Turn):
        return places
    if context.slot("swap"):
        return _swap(context, places)
    number, word = places[0], context.slot("to") or ""
    place = _read_place(draft, number, word)
    if place is None:
        return context.say(collection.no_such_heading(word), Moves(("看看草稿",)), found=False)
    moved = drafts.move_line(draft, number, place)
    heading = "" if place.part is None else moved.parts[place.part].heading
    return context.keep(replace(context.notebook, draft=moved), collection.moved(number, heading), Moves(("看看草稿",)))


def _swap(context: Context, places: Sequence[int]) -> Turn:
    """Put two lines in each other's place."""
    if len(places) != 2:
        return context.say(collection.SWAP_TWO, found=False)
    first, second = sorted(places)
    swapped = drafts.swap_lines(context.notebook.draft, first, second)
    return context.keep(
        replace(context.notebook, draft=swapped), collection.swapped(first, second), Moves(("看看草稿",))
    )


def _read_place(draft: Draft, number: int, word: str) -> drafts.Place | None:
    if _FIRST.search(word):
        return drafts.Place(before=1 if number != 1 else 2)
    if _LAST.search(word):
        return drafts.Place()
    if (found := _BRACKETED.search(word)) or (found := _PART.fullmatch(word)):
        level = 2 if found.re is _BRACKETED else 1
        part = drafts.find_heading(draft, parse_number(found[1]) or 0, level)
        return None if part is None else drafts.Place(part=part)
    found = _BESIDE.fullmatch(word.removesuffix("面"))
    beside = parse_number(found[1]) if found else None
    if found is None or not beside or beside > len(draft.lines):
        return None
    # 放到第1条 and 放到第1条前面 mean before it; 放到第1条后面 before the next.
    return drafts.Place(before=beside + 1 if found["side"] in {"后", "下"} else beside)


def answer_draft_clear(context: Context) -> Turn:
    """Answer 清空草稿: ask first."""
    draft = context.notebook.draft
    if draft.is_empty:
        return context.say(collection.NO_DRAFT, found=False)
    headings = sum(bool(part.heading) for part in draft.parts)
    return ask(context, "draft", collection.ask_clear(headings, len(draft.lines)))


def clear_draft(context: Context) -> Turn:
    """Empty the draft, once confirmed."""
    return context.keep(replace(context.notebook, draft=Draft()), collection.DRAFT_CLEARED)


def answer_draft_count(context: Context) -> Turn:
    """Answer 统计字数."""
    draft = context.notebook.draft
    if draft.is_empty:
        return context.say(collection.NO_DRAFT, found=False)
    own = sum(line.source is None for line in draft.lines)
    blanks = len(drafts.find_blanks([line.text for line in draft.lines]))
    return context.say(
        collection.counted(draft_title(context), drafts.count_characters(draft), len(draft.lines), own, blanks),
        Moves(("看看草稿", "导出")),
    )


def answer_draft_title(context: Context) -> Turn:
    """Answer 标题改成…."""
    title = context.slot("title") or ""
    draft = replace(context.notebook.draft, title=title)
    return context.keep(replace(context.notebook, draft=draft), collection.retitled(title), Moves(("看看草稿",)))


def answer_delete(context: Context) -> Turn:
    """Answer 删掉2: from the list that is open; where two lists would fit, ask once."""
    view, kept = context.session.view, context.notebook
    if view is not None and view.kind == "favourites":
        return answer_favourite_delete(context)
    if view is not None and view.kind == "draft":
        return answer_draft_delete(context)
    number = context.reference[0] if context.reference else 1
    if kept.favourites and kept.draft.lines:
        options = (collection.option_draft(max(number, 1)), collection.option_favourite(max(number, 1)))
        return context.offer(Paragraph(collection.WHICH_DELETE), options)
    return answer_favourite_delete(context) if kept.favourites else answer_draft_delete(context)


def draft_title(context: Context) -> str:
    """Return the draft's title: the user's own, else made of unit, year and kind."""
    draft = context.notebook.draft
    if draft.title or not draft.kind:
        return draft.title
    name = kind_name(context, draft)
    # 2026年度党建工作总结, not 2026年年度党建工作总结.
    period = f"{context.year}年度" if name.startswith("年度") else f"{context.year}年"
    return f"{context.notebook.profile.unit or '【单位】'}{period}{name.removeprefix('年度')}"


def kind_name(context: Context, draft: Draft) -> str:
    """Return what the kind of a draft is called in full."""
    return context.library.kind_name(draft.kind) if draft.kind else draft.title
