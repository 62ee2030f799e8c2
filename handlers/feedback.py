"""Feedback (反馈): a passage called wrong or out of date goes to the end of the user's lists, and the log names it."""

from __future__ import annotations

from dataclasses import replace

from handlers import pointing
from handlers.context import Context
from handlers.dialogue import Turn
from handlers.notebook import MOST_REJECTED
from handlers.reply import Moves, Paragraph
from handlers.texts import feedback as texts


def answer_feedback(context: Context) -> Turn:
    """Answer 这条过时了, 错了，应该是…, 你这个不对."""
    listed = pointing.find_listed(context) if pointing.find_view(context) else None
    if listed is None:
        return context.lacks("feedback", texts.WHAT_IS_WRONG, Moves(("帮助",)))
    if isinstance(listed, Turn):
        return listed
    passages = tuple(passage.id for passage in context.library.passages(listed[1]))
    if not passages:
        return context.lacks("feedback", texts.NOTED_OUTLINE, Moves(("出处", "换一个")))
    several = len(passages) > 1 and not context.reference
    rejected = (*(i for i in context.notebook.rejected if i not in passages), *passages)[-MOST_REJECTED:]
    notebook = context.notebook if several else replace(context.notebook, rejected=rejected)
    if several:
        return context.lacks("feedback", texts.WHICH_ONE.format(last=listed[0][-1] if listed[0] else len(passages)))
    right = context.slot("right")
    note = (Paragraph(texts.check_yourself(right)),) if right else ()
    turn = context.lacks("correction", texts.NOTED, *note, Moves(("出处", "更多")))
    slots = {**turn.understanding.slots, "passages": list(passages)}
    return replace(turn, understanding=replace(turn.understanding, slots=slots), notebook=notebook)
