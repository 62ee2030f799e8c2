"""Refine (再要求): the same list again, shorter, longer, without figures, milder, or headings only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers import headings, outline, phrase_list, phrasing, pointing, texts
from handlers.context import Context
from handlers.dialogue import Turn, Understanding, View
from handlers.reply import Moves
from knowledge.library import PARAGRAPH
from knowledge.model import Role
from knowledge.search.phrases import PhraseQuery

LONGER = 200
"""Characters of the paragraph that 多写点 asks for where single sentences were shown."""

SHORTEST = 15
"""Below this many characters nothing is a passage."""


def answer_refine(context: Context) -> Turn:
    """Answer 短一点, 多写点, 不要数字, 口气软一点, 只要标题."""
    view = pointing.find_view(context)
    if context.slot("titles"):
        return _titles(context, view)
    if view is not None and view.kind == "headings" and context.slot("shorter"):
        return headings.answer_heading(replace(context, understanding=_as_heading(context)))
    if view is not None and (context.slot("harder") or context.slot("restyled")):
        text = texts.NOT_HARDER if context.slot("harder") else texts.NOT_RESTYLED
        return context.say(text, Moves(("更多", "换一个")), found=False)
    if view is None or view.kind not in {"phrases", "original"}:
        return _without_list(context, view)
    if view.kind == "original":
        view = next((other for other in reversed(context.session.views) if other.kind == "phrases"), view)
    shown = context.library.passages(view.ids[view.start :])
    lengths = [len(passage.text) for passage in shown] or [PARAGRAPH]
    query = _refined(context, phrase_list.query_of(view), lengths)
    found = phrasing.find_phrases(context, query)
    if not found:
        return context.say(texts.NONE_OF_THAT_FORM, Moves(("更多", "返回")), found=False)
    return phrasing.open_list(context, query, found, len(shown) if query.length is None or query.within else None)


def _refined(context: Context, query: PhraseQuery, lengths: Sequence[int]) -> PhraseQuery:
    """Return the query with what is asked for now; ``lengths`` are those of the passages shown."""
    if context.slot("shorter"):
        return replace(query, length=max(SHORTEST, min(lengths) - 1, round(0.7 * max(lengths))), within=True)
    if context.slot("longer"):
        return replace(query, length=max(LONGER, round(1.5 * max(lengths))), within=False)
    if context.slot("without_figures") or context.slot("with_figures"):
        return replace(query, figures=bool(context.slot("with_figures")))
    if context.slot("softer"):
        return replace(query, soft=True)
    if context.slot("results"):
        return replace(query, role=Role.RESULT)
    return replace(query, without=context.slot("word") or query.without)


def _as_heading(context: Context) -> Understanding:
    """Return 这组太长 as a request for the shortest set of what is shown."""
    return replace(context.understanding, slots={"short": True})


def _without_list(context: Context, view: View | None) -> Turn:
    """A word not to be used, said at the very beginning, is a request for sentences without it."""
    if view is None and (word := context.slot("word")):
        query = PhraseQuery(role=Role.RESULT, without=word, level=context.notebook.profile.level)
        return phrasing.open_list(context, query, phrasing.find_phrases(context, query), None)
    if view is None:
        return context.say(texts.NOTHING_OPEN, found=False)
    return context.say(texts.REFINE_PHRASES, found=False)


def _titles(context: Context, view: View | None) -> Turn:
    outlines = [other for other in context.session.views if other.kind == "outline"]
    if view is not None and view.kind == "phrases" and outlines:
        view = outlines[-1]
    if view is None or view.kind != "outline":
        return context.say(texts.NO_OUTLINE_HERE, found=False)
    return outline.deepen_outline(context, view, outline.DEFAULT_DEPTH)
