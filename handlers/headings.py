"""Heading sets (小标题组): siblings kept whole, one set at a time."""

from __future__ import annotations

from dataclasses import replace

from handlers import skeleton, texts
from handlers.context import Context, prefixed
from handlers.dialogue import Turn, View
from handlers.reply import Block, HeadingBlock, Item, ItemType, Moves, Paragraph, Reply, SourceLine, Title
from handlers.shown import remembered
from knowledge.build.headings import is_even
from knowledge.library import Library
from knowledge.model import Role


def answer_heading(context: Context) -> Turn:
    """Answer 小标题, 意识形态小标题, 存在问题小标题: the most parallel set that fits, or an honest no."""
    role = context.slot("role")
    topic = context.slot("topic")
    kind = context.slot("kind")
    if kind and not role and not topic and kind not in context.library.kinds_held():
        # 事迹材料小标题: no report of that kind is held, and headings of another are not its own.
        frame = skeleton.open_skeleton(context, kind)
        if frame is not None:
            return frame
    if not role and not topic:
        role, topic = _shown(context)
    length = context.number("length")
    parallel = "parallel" in context.understanding.slots
    like, without = context.slot("like"), context.slot("without")
    if not (role or topic or length or like or without or parallel) and "unknown" in context.understanding.slots:
        return _nothing(context, context.slot("about") or "")
    sets = context.library.heading_sets(
        topic=topic, role=Role(role) if role else None, length=length, like=like, without=without
    )
    if context.understanding.slots.get("short"):
        sets = tuple(sorted(sets, key=lambda found: max(len(heading.text) for heading in found.headings)))
    even = tuple(found for found in sets if is_even(found.headings)) if parallel else ()
    sets = even or sets
    if count := context.number("count"):
        # A set stays whole: one with exactly that many headings comes first, then the nearest in number.
        sets = tuple(sorted(sets, key=lambda found: abs(len(found.headings) - count)))
    if not sets:
        return _nothing(
            context,
            f"“{like}”式"
            if like
            else f"{length}字"
            if length
            else context.slot("term") or topic or texts.ROLE_NAMES.get(role or "", ""),
        )
    params = {"topic": topic, "role": role, "count": str(count) if count else None}
    # 新颖一点: not the set everybody is given first.
    start = 1 if context.understanding.slots.get("other") and len(sets) > 1 else 0
    view = View("headings", tuple((n, v) for n, v in params.items() if v), tuple(found.id for found in sets), start)
    turn = context.open(view, present_headings(view, context.library, context.year))
    return prefixed(turn, texts.NOT_EVEN) if parallel and not even else turn


def _shown(context: Context) -> tuple[str | None, str | None]:
    """Return role and topic of what is shown, for 改成四个字的 and 要对仗的, which name none of their own."""
    view, slots = context.session.view, context.understanding.slots
    if "shown" not in slots and ("about" in slots or not {"length", "parallel", "short"} & set(slots)):
        return None, None
    if view is None or view.kind not in {"headings", "phrases"}:
        return None, None
    return view.param("role"), view.param("topic")


def change_headings(context: Context, view: View, step: int = 1) -> Turn:
    """Answer 换一组 (and 上一页, with step -1): another set, honestly saying when there is no other."""
    if not 0 <= view.start + step < len(view.ids):
        return context.say(texts.all_shown(len(view.ids), "组") if step > 0 else texts.FIRST_PAGE)
    view = replace(view, start=view.start + step)
    return context.go_on(view, present_headings(view, context.library, context.year))


@remembered
def present_headings(view: View, library: Library, year: int) -> Reply:
    """Show the set that ``view.start`` points at."""
    found = library.heading_set(view.ids[view.start])
    items = tuple(
        Item(
            ItemType.HEADING,
            heading.text,
            n,
            heading.level,
            heading.ordinal,
            1,
            (library.source_of(found.source.report, heading.index),),
            library.marks(heading.text, found.source.year, year),
        )
        for n, heading in enumerate(found.headings, 1)
    )
    name = view.param("topic") or texts.ROLE_NAMES.get(view.param("role") or "", "党建工作")
    count = int(view.param("count") or 0)
    notes = (texts.set_of(len(found.headings), count),) if count and count != len(found.headings) else ()
    moves = (*(("换一组",) if view.start + 1 < len(view.ids) else ()), "出处", "例句1")
    blocks: tuple[Block, ...] = (
        Title(texts.headings_title(name, view.start + 1, len(view.ids))),
        HeadingBlock(items),
        SourceLine((found.source,)),
        *(Paragraph(note) for note in notes),
        Moves(moves),
    )
    return Reply(blocks, total=len(view.ids), notes=notes)


def _nothing(context: Context, name: str) -> Turn:
    topic = context.slot("topic")
    moves = (f"{topic}例句",) if topic else ()
    return context.say(texts.not_in_library(f"{name}小标题"), Moves((*moves, "小标题", "存在问题小标题")), found=False)
