"""Files that users send: checked beside the answer and, for an administrator who asks for it, added to the knowledge base."""

from __future__ import annotations

from dataclasses import replace

from handlers.context import Context
from handlers.dialogue import Errand, IncomingFile, Task, Turn, View
from handlers.reply import Paragraph, Reply
from handlers.texts import files as texts

SUFFIXES = (".docx", ".txt")
"""What is checked; a file whose name says nothing is looked at, and judged by its content."""

LONGEST_NAME = 80
"""Characters of a name that are repeated and remembered."""

_VIEW = "file"


def answer_file(context: Context, file: IncomingFile) -> Turn:
    """Answer a file: it is checked, and an administrator may have it added to the knowledge base."""
    name = file.name.strip()[-LONGEST_NAME:]
    suffix = f".{name.rpartition('.')[2].lower()}" if "." in name else ""
    if suffix and suffix not in SUFFIXES:
        return context.say(texts.wrong_kind(name), found=False)
    file = replace(file, name=name)
    blocks = [Paragraph(texts.received(name))]
    if context.administers:
        blocks.append(Paragraph(texts.may_be_imported()))
        view = View(_VIEW, (("name", name), ("reference", file.reference)))
        turn = context.open(view, Reply(tuple(blocks)))
    else:
        turn = Turn(Reply(tuple(blocks)), context.session, context.understanding, remark=True)
    return replace(turn, errand=Errand(Task.CHECK, file, context.notebook.profile.unit))


def answer_import(context: Context) -> Turn:
    """Answer 入库: add the file that came last, for an administrator and nobody else."""
    if not context.administers:
        return context.lacks("administration", texts.NO_RIGHT)
    view = context.session.view
    if view is None or view.kind != _VIEW:
        return context.say(texts.NO_FILE, found=False)
    file = IncomingFile(view.param("name") or "", view.param("reference") or "")
    turn = context.say(texts.importing(file.name))
    return replace(turn, session=context.session.pop(), remark=False, errand=Errand(Task.IMPORT, file))
