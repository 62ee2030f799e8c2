"""Files that users send: checked beside the answer and, for an administrator who asks for it, added to the knowledge base."""

from __future__ import annotations

import re
from dataclasses import replace

from handlers.context import Context
from handlers.dialogue import MAX_VIEWS, Errand, IncomingFile, Session, Task, Turn, View
from handlers.reply import Paragraph, Reply
from handlers.texts import files as texts

SUFFIXES = (".docx", ".txt")
"""What is checked; a file whose name says nothing is looked at, and judged by its content."""

LONGEST_NAME = 80
"""Characters of a name that are repeated and remembered."""

_REFERENCE = "reference"
"""The parameter that tells the view of a file from others that list nothing."""

# The marks themselves: a report may well speak of 涉密文件管理.
_SECRET = re.compile("(?:绝密|机密|秘密)[★☆＊*]")
_IDENTITY = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)", re.ASCII
)


def is_secret(text: str) -> bool:
    """Whether a document bears a mark of secrecy (机密★10年): then it is not handled."""
    return _SECRET.search(text) is not None


def has_identity_number(text: str) -> bool:
    """Whether a document holds an identity number: then it is not handled."""
    return _IDENTITY.search(text) is not None


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
        context = replace(context, session=_remember(context.session, file))
    turn = Turn(Reply(tuple(blocks)), context.session, context.understanding, remark=True)
    return replace(turn, errand=Errand(Task.CHECK, file, context.notebook.profile.unit))


def answer_import(context: Context) -> Turn:
    """Answer 入库: add the file that came last, for an administrator and nobody else."""
    if not context.administers:
        return context.lacks("administration", texts.NO_RIGHT)
    view = next((view for view in context.session.views if view.param(_REFERENCE)), None)
    if view is None:
        return context.say(texts.NO_FILE, found=False)
    file = IncomingFile(view.param("name") or "", view.param(_REFERENCE) or "")
    turn = context.say(texts.importing(file.name))
    return replace(turn, session=_remember(context.session, None), errand=Errand(Task.IMPORT, file))


def _remember(session: Session, file: IncomingFile | None) -> Session:
    """Keep a file, in place of an earlier one, below everything else: what the user looks at stays what it is."""
    others = tuple(view for view in session.views if not view.param(_REFERENCE))
    if file is None:
        return replace(session, views=others)
    view = View("kept", (("name", file.name), (_REFERENCE, file.reference)))
    return replace(session, views=(view, *others[1 - MAX_VIEWS :]))
