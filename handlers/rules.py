"""Answers on rules of organisational life, layout, differences and usage, worded by the rank of what stands behind them."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.asking import inquiry_of
from handlers.dialogue import View
from handlers.reply import Paragraph, Reply
from handlers.terms import answer_of, has_phrases
from handlers.texts import registry as texts
from knowledge.differences import Difference
from knowledge.kinds import DocumentKind
from knowledge.library import Library
from knowledge.regulations import Layout, Rule

USAGE_ONLY = "实务"
MOST_RULES = 4
"""How many rules one answer gives."""

SINGLE = 2
"""Up to how many figures of layout are given each with its clause; more of them are grouped."""


def present_rule(view: View, library: Library, year: int) -> Reply:
    """Show rules with their clause; a rule that is outdated or not settled says so before anything is built on it."""
    inquiry = inquiry_of(view, library.registry)
    rules = inquiry.rules[:MOST_RULES]
    if not rules:
        return Reply((Paragraph(texts.NOTHING_RULED),), found=False)
    lines = [line for rule in rules for line in _tell_rule(rule, brief=len(rules) > 1)]
    if inquiry.times is not None and rules[0].min_per_year is not None and not rules[0].outdated:
        short = inquiry.times < rules[0].min_per_year
        wanted = rules[0].frequency or ""
        lines.append(texts.too_few(inquiry.times, wanted) if short else texts.enough(inquiry.times))
    note = "" if all(rule.confidence == "high" for rule in rules) else texts.WORDING_UNCHECKED
    lines.append(texts.basis([rule.clause for rule in rules], note))
    moves = [f"{rule.item}例句" for rule in rules[:1] if has_phrases(rule.item, library, year)]
    if found := _difference_with(rules[0], library):
        moves.append(f"{found.first[0]}和{found.second[0]}区别")
    return answer_of(lines, (*moves, "出处"), total=len(rules))


def _tell_rule(rule: Rule, *, brief: bool) -> list[str]:
    stated = "；".join(part for part in (rule.frequency, None if rule.frequency else rule.content) if part)
    if not rule.settled:
        lines = [texts.rule(rule.item, texts.UNSETTLED_RULE), f"见到的说法之一：{stated}。"]
    else:
        lines = [texts.rule(rule.item, stated)]
    if rule.strength == USAGE_ONLY:
        lines.append(f"{texts.USAGE_ONLY}。")
    if rule.outdated:
        lines.append(texts.outdated(rule.outdated))
    if brief:
        return lines
    lines += [texts.quorum(rule.quorum)] if rule.quorum else []
    lines += [texts.content(rule.content)] if rule.content and rule.frequency else []
    return lines + ([f"{rule.note}。"] if rule.note and not rule.outdated else [])


def _difference_with(rule: Rule, library: Library) -> Difference | None:
    """Return a difference of which what the rule is about is one side."""
    entries = library.registry.differences.entries
    return next((entry for entry in entries if rule.item in (entry.first[0], entry.second[0])), None)


def present_format(view: View, library: Library, _: int) -> Reply:
    """Show figures of the layout, those of the standard apart from those of usage."""
    layouts = inquiry_of(view, library.registry).layouts
    if not layouts:
        return Reply((Paragraph(texts.NOTHING_LAID_OUT),), found=False)
    if len(layouts) <= SINGLE:
        sources = [source for layout in layouts for source in layout.source]
        return answer_of([*_tell_layouts(layouts), texts.basis(sources)], ("格式要求", "出处"), total=len(layouts))
    lines = [*_group_layouts(layouts), texts.basis([texts.STANDARD])]
    return answer_of(lines, ("标题用什么字体", "行间距多少磅", "出处"), total=len(layouts))


def _tell_layouts(layouts: Sequence[Layout]) -> list[str]:
    lines: list[str] = []
    for layout in layouts:
        lines.append(texts.layout(layout.item, layout.value))
        by_usage = layout.strength == USAGE_ONLY or layout.clause is None
        lines.append(
            f"{texts.NO_STANDARD}。" if by_usage else f"{texts.by_standard(layout.strength, layout.clause or '')}。"
        )
        lines += [f"{layout.note}。"] if layout.note else []
    return lines


def _group_layouts(layouts: Sequence[Layout]) -> list[str]:
    standard = [layout for layout in layouts if layout.strength != USAGE_ONLY]
    usage = [layout for layout in layouts if layout.strength == USAGE_ONLY]
    lines = [f"【格式】{texts.WHOLE_LAYOUT}", texts.BY_STANDARD]
    lines += [f"{layout.item}：{layout.value}（{layout.clause}）" for layout in standard]
    if usage:
        lines += [texts.BY_USAGE, *(f"{layout.item}：{layout.value}" for layout in usage)]
    return [*lines, texts.OWN_TEMPLATE]


def present_difference(view: View, library: Library, _: int) -> Reply:
    """Show how two things differ; two kinds of document without an entry are set side by side from their table."""
    inquiry = inquiry_of(view, library.registry)
    if inquiry.differences:
        return _tell_difference(inquiry.differences[0])
    if len(inquiry.kinds) == 2:
        return _compare_kinds(inquiry.kinds[0], inquiry.kinds[1])
    return Reply((Paragraph(texts.NOTHING_DIFFERENT),), found=False)


def _tell_difference(entry: Difference) -> Reply:
    lines = [texts.difference(entry.first[0], entry.second[0])]
    lines += [texts.point(number, point) for number, point in enumerate(entry.points, 1)]
    lines += [texts.advice(entry.advice)] if entry.advice else []
    lines.append(texts.basis([entry.clause] if entry.clause else [texts.USAGE_ONLY]))
    return answer_of(lines, ("出处",))


def _compare_kinds(first: DocumentKind, second: DocumentKind) -> Reply:
    lines = [texts.difference(first.name, second.name) + texts.KINDS_COMPARED]
    for kind in (first, second):
        words = [f"{kind.writer}写给{kind.reader}", f"时间：{kind.when}"]
        words += [f"人称：{kind.person}"] if kind.person else []
        words += [f"主要部分：{'、'.join(kind.sections)}"] if kind.sections else []
        lines.append(texts.kind_line(kind.name, words))
    lines.append(texts.basis([*first.source, *second.source]))
    return answer_of(lines, (f"{first.name}提纲", f"{second.name}提纲", "出处"))


def present_usage(view: View, library: Library, _: int) -> Reply:
    """Show which of several forms to write, and why."""
    entries = inquiry_of(view, library.registry).usages[:SINGLE]
    if not entries:
        return Reply((Paragraph(texts.NOTHING_DATED),), found=False)
    lines: list[str] = []
    for entry in entries:
        lines.append(texts.word_choice(entry.name, entry.advice))
        lines += [texts.right_forms(entry.right)] if entry.right else []
        lines += [texts.wrong_forms(entry.wrong)] if entry.wrong else []
        if entry.basis == USAGE_ONLY:
            lines.append(f"{texts.USAGE_ONLY}。")
    lines.append(texts.basis([source for entry in entries for source in entry.source]))
    return answer_of(lines, ("出处",), total=len(entries))
