"""Who may add documents to the knowledge base: members on the administrator's list, and nobody by default."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.channels.reception import Reception, Rights
from handlers.dialogue import IncomingFile, Message, MessageKind, Session, Task
from handlers.routing import Dialogue
from tests.wecom.peer import RecordingReceiver

LISTED = frozenset({"wangwu", "lisi"})
FILE = IncomingFile("总结.docx", "media-id")


def message(user: str, text: str = "入库") -> Message:
    return Message("wecom", user, text, datetime.now(UTC))


async def received(rights: Rights, sent: Message) -> Message:
    receiver = RecordingReceiver()
    await Reception(receiver, rights, active=True).receive(sent)
    (passed_on,) = receiver.messages
    return passed_on


@pytest.mark.parametrize(
    ("listed", "user", "allowed"),
    [
        (LISTED, "wangwu", True),
        (LISTED, "WangWu", True),  # WeChat Work tells ids apart without regard to case
        (LISTED, "zhangsan", False),
        (LISTED, "wangwu ", False),
        (LISTED, "wangwu,lisi", False),
        (LISTED, "", False),
        (frozenset(), "wangwu", False),
        (frozenset(), "", False),
    ],
)
async def test_only_members_on_the_list_may_import_and_without_a_list_nobody(
    dialogue: Dialogue, listed: frozenset[str], user: str, *, allowed: bool
) -> None:
    session, errands = Session(), []
    for sent in (replace(message(user, ""), kind=MessageKind.FILE, file=FILE), message(user)):
        turn = dialogue.respond(await received(Rights(listed), sent), session)
        session = turn.session
        errands.append(turn.errand.task if turn.errand is not None else None)
    assert (Task.IMPORT in errands) is allowed
    assert Task.CHECK in errands, "checking a file is for everybody"


async def test_right_is_never_taken_from_the_message() -> None:
    claiming = replace(message("zhangsan"), administers=True)
    for rights in (Rights(), Rights(LISTED)):
        assert not (await received(rights, claiming)).administers


async def test_right_is_asked_for_again_when_the_import_is(dialogue: Dialogue) -> None:
    sent = replace(message("wangwu", ""), kind=MessageKind.FILE, file=FILE)
    offered = dialogue.respond(await received(Rights(LISTED), sent), Session())
    for rights, task in ((Rights(LISTED), Task.IMPORT), (Rights(), None)):
        turn = dialogue.respond(await received(rights, message("wangwu")), offered.session)
        assert (turn.errand.task if turn.errand is not None else None) is task
