"""Check (校对): a text of the user's own against the checker's rules, the gravest findings first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from handlers import pointing, texts
from handlers.context import Context
from handlers.dialogue import Turn, View
from handlers.reply import Block, Choices, Item, ItemType, Moves, Paragraph, Reply, Title
from handlers.texts import checking
from knowledge.checking.model import Category, Finding, Level
from knowledge.library import Library

PAGE = 6
"""Findings shown at once."""

MOST_KEPT = 18
"""Findings that 更多 can still show: the session holds their lines, never the text that was checked."""

LONGEST_QUOTE = 18
WORDS_BEFORE = 5
LONGEST_REASON = 56

SHORTEST_COMPARED = 60
"""Characters from which a text is also compared with the library, and the per cent from which that is told."""

NOTABLE = 30

AWAITED = "check_awaited"
"""The view after 校对 without a text: what is said next is the text, if it looks like one."""

SHORTEST_AWAITED = 10
_STOPS = "，。；：、！？,;:!? "
_SIGNS = re.compile("[。！；，、]")
_COUNTED = frozenset({Category.BLANK, Category.PUNCTUATION})
"""Sorts of findings of which one line is enough, however many there are."""

_ORDER = (Level.WRONG, Level.DOUBTFUL, Level.HINT)


def answer_check(context: Context) -> Turn:
    """Answer 检查：…, …这样写对吗, a long paste, 检查草稿 and 检查2."""
    text = _text(context)
    if isinstance(text, Turn):
        return text
    if not text.strip():
        return context.say(checking.NOTHING_TO_CHECK, found=False)
    library, profile = context.library, context.notebook.profile
    year = profile.year or library.recognise_year(text) or context.year
    findings = library.check(text, year=year, unit=profile.unit)
    if context.slot("focus"):
        findings = tuple(finding for finding in findings if finding.category is Category.BLANK)
    lines = tuple(word_findings(text, findings))
    counts = "、".join(f"{level.value}{count}" for level in _ORDER if (count := _count(findings, level)))
    params = {
        "counts": counts,
        "total": str(len(findings)),
        "year": str(year),
        "focus": context.slot("focus") or "",
        "unkept": str(max(0, len(lines) - MOST_KEPT)),
        "similar": _similar(context, text),
    }
    view = View("check", tuple((name, value) for name, value in params.items() if value), lines[:MOST_KEPT])
    return context.open(view, present_check(view, library, context.year))


def is_awaited(text: str, view: View | None) -> bool:
    """Whether a message is the text that was asked for: one with the marks of a sentence."""
    return (
        view is not None and view.kind == AWAITED and len(text) >= SHORTEST_AWAITED and _SIGNS.search(text) is not None
    )


def present_check(view: View, _library: Library, _year: int) -> Reply:
    """Show one page of the findings, from ``view.start`` on."""
    total = int(view.param("total") or 0)
    shown = view.ids[view.start : view.start + PAGE]
    blocks: list[Block] = [Title(checking.title(total, view.param("counts") or "", blanks=bool(view.param("focus"))))]
    if shown:
        blocks.append(Choices(tuple(Item(ItemType.FINDING, line, n) for n, line in enumerate(shown, view.start + 1))))
    last = view.start + PAGE >= len(view.ids)
    if last and (unkept := int(view.param("unkept") or 0)):
        blocks.append(Paragraph(checking.too_many(unkept)))
    if view.param("focus"):
        blocks.append(Paragraph(checking.BLANKS_ONLY))
    else:
        blocks.append(Paragraph(checking.limits(int(view.param("year") or 0), found=bool(total))))
    if similar := view.param("similar"):
        blocks.append(Paragraph(similar))
    blocks.append(Moves(("帮助",) if last else ("更多",)))
    return Reply(tuple(blocks), total=total)


def turn_page(context: Context, view: View, step: int) -> Turn:
    """Answer 更多 and 上一页 in a list of findings."""
    start = view.start + step * PAGE
    if not 0 <= start < len(view.ids):
        return context.say(texts.ENTIRE_TEXT_SHOWN if step > 0 else texts.FIRST_PAGE)
    view = replace(view, start=start)
    return context.go_on(view, present_check(view, context.library, context.year))


def word_findings(text: str, findings: Sequence[Finding]) -> list[str]:
    """Return one line for each sort of finding, the gravest first: what it is, the words, what is right, why.

    The same words found again by the same rule are counted, not repeated; so are blanks and marks of one kind.
    """
    grouped: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        quote = "" if finding.category in _COUNTED else text[finding.start : finding.end]
        grouped.setdefault((finding.rule, quote), []).append(finding)
    groups = sorted(grouped.values(), key=lambda group: (_ORDER.index(group[0].level), group[0].start))
    return [_line(text, group) for group in groups]


def _line(text: str, group: Sequence[Finding]) -> str:
    first = group[0]
    quotes = list(dict.fromkeys(_quote(_words(text, finding)) for finding in group))
    words = "、".join(f"“{quote}”" for quote in quotes[:4] if quote) + ("等" if len(quotes) > 4 else "")
    times = f"（{len(group)}处）" if len(group) > 1 else ""
    right = _advice(text, group, quotes)
    reason = first.reason if len(first.reason) <= LONGEST_REASON else first.reason[: LONGEST_REASON - 1] + "…"
    if len(quotes) > 1 and first.category is Category.BLANK:
        reason = checking.UNFILLED
    return f"{first.level.value}　{words}{times}{right}：{reason}"


def _advice(text: str, group: Sequence[Finding], quotes: Sequence[str]) -> str:
    """Return what should stand instead, where that is one thing for the whole group."""
    first, right = group[0], group[0].right
    if right is None or any(finding.right != right for finding in group):
        return ""
    if not right:
        return "应删去"
    words = text[first.start : first.end]
    # What differs in white space only can't be seen in a message.
    if "".join(right.split()) == "".join(words.split()):
        return ""
    before = _words(text, first).removesuffix(words) if len(quotes) == 1 else ""
    return f"应为“{_quote(before + right)}”"


def _words(text: str, finding: Finding) -> str:
    """Return the words of a finding; a single character or a sign with a few characters before it, to find it by."""
    words = text[finding.start : finding.end]
    if len(words) > 2:
        return words
    before = text[max(0, finding.start - WORDS_BEFORE) : finding.start].rpartition("\n")[2]
    return before.lstrip(_STOPS) + words


def _quote(text: str) -> str:
    text = " ".join(text.split())
    half = LONGEST_QUOTE // 2
    return text if len(text) <= LONGEST_QUOTE else f"{text[:half]}…{text[-half:]}"


def _count(findings: Sequence[Finding], level: Level) -> int:
    return sum(finding.level is level for finding in findings)


def _text(context: Context) -> str | Turn:
    """Return what is to be checked: a text brought along, the draft, or passages that were listed."""
    if (text := context.slot("text")) is not None:
        return text.replace("\r\n", "\n").replace("\r", "\n")
    draft = context.notebook.draft
    view = context.session.view
    if context.reference and view is not None and view.kind != "draft":
        listed = pointing.find_listed(context)
        if isinstance(listed, Turn):
            return listed
        return "\n".join(passage.text for passage in context.library.passages(listed[1]))
    if draft.lines and ("draft" in context.understanding.slots or (view is not None and view.kind == "draft")):
        return "\n".join(text for part in draft.parts for text in (part.heading, *(line.text for line in part.lines)))
    if "draft" in context.understanding.slots:
        return context.say(checking.EMPTY_DRAFT, found=False)
    reply = Reply(
        (Paragraph(checking.NOTHING_TO_CHECK), *((Moves(("检查草稿",)),) if draft.lines else ())), found=False
    )
    return context.open(View(AWAITED), reply)


def _similar(context: Context, text: str) -> str:
    """Say how much of a longer text stands in the library, where that is a good part of it."""
    if len(text) < SHORTEST_COMPARED or context.slot("focus"):
        return ""
    found = context.library.similarity(text)
    return checking.similar(round(found.percent)) if found.percent >= NOTABLE else ""
