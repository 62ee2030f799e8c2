"""Similarity (雷同): a text of the user's own, or the draft, against the reports of the library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers import texts
from handlers.citation import cite
from handlers.context import Context
from handlers.dialogue import Turn, View
from handlers.reply import Block, Choices, Item, ItemType, Moves, Paragraph, Reply, Title
from handlers.texts import similarity as words
from knowledge.library import Library
from knowledge.matching import SHORTEST
from knowledge.similarity import Overlap, Similarity

PAGE = 5
"""Stretches shown at once."""

MOST_KEPT = 10
"""Stretches that 更多 can still show: the session holds their lines, never the text that was compared."""

MUCH = 50
"""From this share on (per cent) the advice is to write it anew."""

MOST_REPORTS = 3
LONGEST_QUOTE = 24


def answer_similarity(context: Context) -> Turn:
    """Answer 查重：… and, for the draft, 查重."""
    text = context.slot("text") or "\n".join(line.text for line in context.notebook.draft.lines)
    if not text.strip():
        return context.say(words.NOTHING_TO_COMPARE, found=False)
    if len(text.strip()) < SHORTEST:
        return context.say(words.TOO_SHORT, found=False)
    found = context.library.similarity(text)
    if not found.compared:
        return context.say(words.EMPTY_LIBRARY, found=False)
    largest_first = sorted(found.overlaps, key=lambda overlap: -overlap.share)
    params = {
        "percent": f"{found.percent:.1f}",
        "total": str(len(found.overlaps)),
        "compared": str(found.compared),
        "reports": _reports(found),
    }
    lines = tuple(_line(overlap) for overlap in largest_first[:MOST_KEPT])
    view = View("similar", tuple((name, value) for name, value in params.items() if value), lines)
    return context.open(view, present_similarity(view, context.library, context.year))


def present_similarity(view: View, _library: Library, _year: int) -> Reply:
    """Show one page of the stretches, the longest first, from ``view.start`` on."""
    percent, total = float(view.param("percent") or 0), int(view.param("total") or 0)
    blocks: list[Block] = [Title(words.title(percent, found=bool(total)))]
    if (reports := view.param("reports")) and not view.start:
        blocks.append(Paragraph(reports))
    shown = view.ids[view.start : view.start + PAGE]
    if shown:
        blocks.append(Choices(tuple(Item(ItemType.LINE, line, n) for n, line in enumerate(shown, view.start + 1))))
    last = view.start + PAGE >= len(view.ids)
    if last and total > len(view.ids):
        blocks.append(Paragraph(words.not_listed(total - len(view.ids))))
    if percent >= MUCH:
        blocks.append(Paragraph(words.REWRITE))
    blocks.append(Paragraph(words.limits(int(view.param("compared") or 0), SHORTEST)))
    blocks.append(Moves(("帮助",) if last else ("更多",)))
    return Reply(tuple(blocks), total=total)


def turn_page(context: Context, view: View, step: int) -> Turn:
    """Answer 更多 and 上一页 in a list of stretches."""
    start = view.start + step * PAGE
    if not 0 <= start < len(view.ids):
        return context.say(texts.ENTIRE_TEXT_SHOWN if step > 0 else texts.FIRST_PAGE)
    view = replace(view, start=start)
    return context.go_on(view, present_similarity(view, context.library, context.year))


def _reports(found: Similarity) -> str:
    """Name the reports that most of it stands in, where there are several."""
    shares: Sequence[tuple[str, int]] = [
        (share.title, round(share.percent)) for share in found.by_report[:MOST_REPORTS] if share.percent >= 1
    ]
    return words.by_report(shares) if len(shares) > 1 else ""


def _line(overlap: Overlap) -> str:
    quote = " ".join(overlap.text.split())
    half = LONGEST_QUOTE // 2
    if len(quote) > LONGEST_QUOTE:
        quote = f"{quote[:half]}…{quote[-half:]}"
    return words.overlap(quote, len(overlap.text), cite(overlap.source))
