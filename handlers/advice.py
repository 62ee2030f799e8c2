"""Advice (写法): usual lengths, usual mistakes and what a part is made of, from the skeleton of the kind."""

from __future__ import annotations

from handlers.context import Context
from handlers.dialogue import Turn, View
from handlers.reply import Block, Moves, Paragraph, Reply, Title
from handlers.texts import advice as texts
from knowledge.model import Role
from knowledge.skeletons import Skeleton

DEFAULT_KIND = "年度总结"
"""What is meant where no kind is named: the document everybody writes."""


def answer_advice(context: Context) -> Turn:
    """Answer 述职报告要注意什么, 每部分写多少字合适, 写问题部分的套路."""
    kind = context.slot("kind") or _kind_shown(context) or DEFAULT_KIND
    skeleton = context.library.skeletons.get(kind) or context.library.skeletons.get(DEFAULT_KIND)
    if skeleton is None:
        return context.lacks("advice", texts.NONE)
    name = context.library.kind_name(skeleton.kind)
    role = context.slot("role")
    lines: list[Block] = [Title(texts.title(name))]
    if "shares" in context.understanding.slots:
        lines += [Paragraph(texts.share(part.title, part.share)) for part in skeleton.sections if part.share]
        lines.append(Paragraph(texts.SHARES))
    elif role and (part := _part(context, skeleton, Role(role))) is not None:
        section = skeleton.sections[part]
        lines += [Paragraph(texts.holds(section.title, section.holds)), Paragraph(section.how)]
    else:
        if skeleton.person:
            lines.append(Paragraph(texts.person(skeleton.person)))
        lines += [Paragraph(f"{n}. {mistake}") for n, mistake in enumerate(skeleton.mistakes, 1)]
    lines.append(Paragraph(texts.basis("、".join(skeleton.source))))
    moves = [f"{skeleton.kind}提纲", "通用框架"]
    if role in {Role.PROBLEM.value, Role.CAUSE.value, Role.PLAN.value}:
        moves.insert(0, {"问题": "存在问题怎么写", "原因": "原因分析怎么写", "计划": "下一步打算"}[role])
    return context.open(View("kept", (("kind", skeleton.kind),)), Reply((*lines, Moves(tuple(moves)))))


def _kind_shown(context: Context) -> str | None:
    return next((view.param("kind") for view in reversed(context.session.views) if view.param("kind")), None)


def _part(context: Context, skeleton: Skeleton, role: Role) -> int | None:
    """Return the section of that role."""
    return next((n for n, part in enumerate(skeleton.sections) if context.library.sense(part.title)[1] is role), None)
