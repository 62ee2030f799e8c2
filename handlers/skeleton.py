"""Skeletons (通用框架): the frame of a kind by rule and practice, shown apart from anything that a report says."""

from __future__ import annotations

from dataclasses import replace

from handlers.context import Context
from handlers.dialogue import Turn, View
from handlers.draft import number_parts
from handlers.notebook import Draft, Part
from handlers.reply import Block, Item, ItemType, Moves, OutlineBlock, Paragraph, Reply, Title
from handlers.texts import no_such_kind, out_of_range
from handlers.texts import skeleton as texts
from knowledge.corpus.numbering import write_ordinal
from knowledge.library import Library
from knowledge.skeletons import FrameHeadings, Skeleton

OUTLINE = "skeleton"
SECTION = "skeleton_section"
KINDS = frozenset({OUTLINE, SECTION})
"""The kinds of views; both have the parameter ``kind``, a section ``part`` too. ``start`` picks the heading set."""

MOST_FIGURES = 8
"""How many figures the frame itself names; the form (数据清单) names all."""


def answer_skeleton(context: Context) -> Turn:
    """Answer 通用框架: that of the kind named, else of the kind whose outline is open."""
    views = reversed(context.session.views)
    kind = context.slot("kind") or next((view.param("kind") for view in views if view.param("kind")), None)
    if kind is None:
        return context.say(texts.WHICH_KIND, found=False)
    return open_skeleton(context, kind) or context.say(no_such_kind(context.library.kind_name(kind)), found=False)


def open_skeleton(context: Context, kind: str) -> Turn | None:
    """Open the skeleton of a kind; ``None`` where there is none."""
    if context.library.skeletons.get(kind) is None:
        return None
    view = View(OUTLINE, (("kind", kind),))
    return context.open(view, present_skeleton(view, context.library, context.year))


def change_skeleton(context: Context, view: View) -> Turn:
    """Answer 换一版 with a skeleton or a section of it open: the next heading set, from the first again after the last."""
    skeleton = _skeleton(view, context.library)
    if skeleton is None:
        return context.say(texts.GONE, found=False)
    sets = skeleton.headings_of(_part(view, skeleton))
    if len(sets) < 2:
        return context.say(texts.SINGLE_SET)
    view = replace(view, start=(view.start + 1) % len(sets))
    present = present_skeleton_section if view.kind == SECTION else present_skeleton
    return context.go_on(view, present(view, context.library, context.year))


def expand_skeleton(context: Context, view: View) -> Turn:
    """Answer 展开二 with a skeleton open: that section in detail; without a number, or for （二）, the main one."""
    skeleton = _skeleton(view, context.library)
    if skeleton is None:
        return context.say(texts.GONE, found=False)
    number = (context.reference or (0,))[0]
    place = len(skeleton.sections) if number == -1 else number
    if context.number("level") == 2 or place == 0:
        place = skeleton.main + 1
    if place > len(skeleton.sections):
        return context.say(out_of_range(len(skeleton.sections), "个部分"), found=False)
    # The set of headings chosen in the frame stays chosen in its main section.
    start = view.start if view.kind == OUTLINE and place == skeleton.main + 1 else 0
    section = View(SECTION, (("kind", skeleton.kind), ("part", str(place))), (), start)
    reply = present_skeleton_section(section, context.library, context.year)
    # Sections follow each other in place, so that 返回 leads to the frame; after another topic they open anew.
    in_place = view.kind == SECTION and view == context.session.view
    return context.go_on(section, reply) if in_place else context.open(section, reply)


def find_heading(context: Context, view: View) -> tuple[str, str] | None:
    """Return the heading a message points at, and the title of its section: （二） among those shown under the main section,
    二 among the sections, of which each is its own.
    """
    skeleton = _skeleton(view, context.library)
    if skeleton is None:
        return None
    sets = skeleton.headings_of(_part(view, skeleton))
    low = sets[view.start % len(sets)].headings if sets else ()
    titles = tuple(section.title for section in skeleton.sections)
    inner = bool(low) and (view.kind == SECTION or context.number("level") == 2)
    listed = low if inner else titles
    number = (context.reference or (1,))[0]
    place = len(listed) if number == -1 else max(number, 1)
    if place > len(listed):
        return None
    return listed[place - 1], titles[_part(view, skeleton)] if inner else listed[place - 1]


def title_of(library: Library, view: View) -> str | None:
    """Return the title of the section that ``view`` shows; ``None`` where it is gone."""
    skeleton = _skeleton(view, library)
    return skeleton.sections[_part(view, skeleton)].title if skeleton is not None else None


def draft_of_skeleton(view: View, library: Library) -> Draft:
    """Return a draft with the headings of the skeleton that ``view`` shows; without any where it is gone."""
    skeleton = _skeleton(view, library)
    if skeleton is None:
        return Draft()
    sets = skeleton.headings_of(skeleton.main)
    parts: list[Part] = []
    for index, section in enumerate(skeleton.sections):
        parts.append(Part(section.title, 1))
        if index == skeleton.main:
            parts += [Part(heading, 2) for heading in sets[view.start % len(sets)].headings]
    return Draft("", skeleton.kind, texts.draft_source(skeleton.source), number_parts(parts))


def present_skeleton(view: View, library: Library, year: int) -> Reply:
    """Show the frame: its sections, under the main one the heading set that ``view.start`` picks."""
    skeleton = _skeleton(view, library)
    if skeleton is None:
        return _gone()
    name, held = library.kind_name(skeleton.kind), bool(library.reports_of_kind(skeleton.kind))
    return show_skeleton(skeleton, name, view.start, held=held)


def present_skeleton_section(view: View, library: Library, year: int) -> Reply:
    """Show one section: what belongs in it, its headings and figures, and the formula it begins or ends with."""
    skeleton = _skeleton(view, library)
    if skeleton is None:
        return _gone()
    return show_section(skeleton, library.kind_name(skeleton.kind), _part(view, skeleton), view.start)


def show_skeleton(skeleton: Skeleton, name: str, start: int, *, held: bool) -> Reply:
    """Word the frame of the kind called ``name``; ``held``: whether the library has reports of it to show instead."""
    sets = skeleton.headings_of(skeleton.main)
    place = start % len(sets)
    blocks: list[Block] = [Title(texts.title(name, skeleton.scope))]
    if not held:
        blocks.append(Paragraph(texts.NOT_FROM_REPORTS))
    for index, section in enumerate(skeleton.sections):
        blocks += [OutlineBlock((_section_item(skeleton, index),)), Paragraph(texts.holds(section.holds))]
        if index == skeleton.main:
            blocks.append(OutlineBlock(_heading_items(sets[place])))
    blocks.append(Paragraph(texts.heading_set(sets[place].shape, place + 1, len(sets))))
    blocks.append(Paragraph(texts.formulas(_label(skeleton, 0), _label(skeleton, len(skeleton.sections) - 1))))
    if skeleton.figures:
        blocks.append(Paragraph(texts.figures(skeleton.figures[:MOST_FIGURES])))
    blocks += _remarks(skeleton)
    blocks.append(Moves(_moves(skeleton, held=held)))
    return Reply(tuple(blocks), total=len(sets))


def show_section(skeleton: Skeleton, name: str, index: int, start: int) -> Reply:
    """Word one section of the frame of the kind called ``name``, with the heading set that ``start`` picks."""
    section, sets, last = skeleton.sections[index], skeleton.headings_of(index), len(skeleton.sections) - 1
    label = f"{_label(skeleton, index)}、" if skeleton.numbered else f"{index + 1}. "
    blocks: list[Block] = [Title(texts.section_title(name, label, section.title))]
    blocks += [Paragraph(texts.contents(section.holds)), Paragraph(texts.how(section.how))]
    if index == 0:
        blocks.append(Paragraph(texts.opening(skeleton.opening)))
    if sets:
        shown = sets[start % len(sets)]
        blocks.append(Paragraph(texts.heading_set(shown.shape, start % len(sets) + 1, len(sets))))
        blocks.append(OutlineBlock(_heading_items(shown)))
    if section.figures:
        blocks.append(Paragraph(texts.figures(section.figures)))
    if index == last:
        blocks.append(Paragraph(texts.closing(skeleton.closing)))
    if section.share:
        blocks.append(Paragraph(texts.share(section.share)))
    following = f"展开{_label(skeleton, index + 1 if index < last else 0)}"
    blocks.append(Moves((following, *(("换一版",) if len(sets) > 1 else ()), "返回")))
    return Reply(tuple(blocks), total=len(sets))


def _moves(skeleton: Skeleton, *, held: bool) -> tuple[str, ...]:
    """Return what can follow a frame; outlines from reports and of kinds that may have been meant come last."""
    figures = ("数据清单",) if skeleton.figures else ()
    others = (*((skeleton.kind,) if held else ()), *skeleton.also)
    outlines = tuple(f"{kind}提纲" for kind in others)
    return (f"展开{_label(skeleton, skeleton.main)}", "换一版", *figures, "加入草稿", *outlines)


def _remarks(skeleton: Skeleton) -> list[Block]:
    """What goes with a frame: manner, what changes every year, mistakes, and what it rests on."""
    manner = texts.manner(skeleton.person, skeleton.length)
    lines = [
        *((manner,) if manner else ()),
        *((texts.yearly(skeleton.yearly),) if skeleton.yearly else ()),
        texts.mistakes(skeleton.mistakes),
        texts.basis(skeleton.rule, skeleton.source),
    ]
    return [Paragraph(line) for line in lines]


def _section_item(skeleton: Skeleton, index: int) -> Item:
    title = skeleton.sections[index].title
    if not skeleton.numbered:
        return Item(ItemType.OUTLINE_NODE, title, index + 1, 1)
    return Item(ItemType.OUTLINE_NODE, title, level=1, ordinal=_label(skeleton, index))


def _heading_items(found: FrameHeadings) -> tuple[Item, ...]:
    return tuple(
        Item(ItemType.OUTLINE_NODE, heading, level=2, ordinal=write_ordinal("一", place))
        for place, heading in enumerate(found.headings, 1)
    )


def _label(skeleton: Skeleton, index: int) -> str:
    """Return what a user says for a section: 二 where it is numbered, else its place in the list."""
    return write_ordinal("一", index + 1) if skeleton.numbered else str(index + 1)


def _skeleton(view: View, library: Library) -> Skeleton | None:
    return library.skeletons.get(view.param("kind") or "")


def _part(view: View, skeleton: Skeleton) -> int:
    """Return the index of the section a view is about: without one of its own the main section."""
    part = view.param("part")
    return min(max(int(part), 1), len(skeleton.sections)) - 1 if part and part.isdecimal() else skeleton.main


def _gone() -> Reply:
    return Reply((Paragraph(texts.GONE),), found=False)
