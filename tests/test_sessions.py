"""Stored sessions that are broken, foreign or old never stop a conversation."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.dialogue import MAX_VIEWS, Message, Session, View
from handlers.notebook import Notebook
from handlers.routing import Dialogue

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
WORDS = st.text(max_size=12)
VIEWS = st.builds(
    View,
    kind=WORDS,
    params=st.lists(st.tuples(WORDS, WORDS), max_size=4).map(tuple),
    ids=st.lists(WORDS, max_size=5).map(tuple),
    start=st.integers(0, 9),
)
SESSIONS = st.builds(
    Session,
    views=st.lists(VIEWS, max_size=MAX_VIEWS).map(tuple),
    page=st.integers(0, 9),
    pages=st.integers(1, 9),
    edition=WORDS,
)


@given(SESSIONS)
def test_stored_form_gives_the_session_back(session: Session) -> None:
    assert Session.from_json(session.to_json()) == session


@given(
    st.one_of(
        st.none(), st.text(), st.binary(), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps)
    )
)
def test_anything_else_yields_a_new_session_and_an_empty_notebook(value: str | bytes | None) -> None:
    assert Session.from_json(value) == Session()
    assert Notebook.from_json(value) == Notebook()


@pytest.mark.parametrize(
    "change", [{"format": 0}, {"views": "x"}, {"page": -1}, {"page": True}, {"views": [{"kind": 1}]}]
)
def test_a_session_with_a_wrong_part_is_dropped_whole(change: dict[str, object]) -> None:
    stored = json.loads(Session((View("phrases", (), ("a",)),)).to_json())
    assert Session.from_json(json.dumps(stored | change)) == Session()


def test_views_of_another_edition_whose_entries_are_gone_are_dropped(dialogue: Dialogue) -> None:
    gone = View("phrases", (("topic", "意识形态"),), ("p-gone",))
    session = Session((gone,), edition="another")
    turn = dialogue.respond(Message("test", "u", "更多", NOW), session)
    assert turn.session.views == ()
    assert turn.reply is not None
    assert not turn.reply.found


def test_views_of_another_edition_whose_entries_are_there_go_on(dialogue: Dialogue) -> None:
    first = dialogue.respond(Message("test", "u", "意识形态怎么写", NOW), Session())
    old = Session(first.session.views, edition="another")
    turn = dialogue.respond(Message("test", "u", "更多", NOW), old)
    assert turn.reply is not None
    assert turn.reply.items[0].n == 4


def test_oldest_view_falls_off() -> None:
    session = Session()
    for number in range(MAX_VIEWS + 3):
        session = session.push(View(str(number)))
    assert [view.kind for view in session.views] == [str(number) for number in range(3, MAX_VIEWS + 3)]


def test_a_long_paste_leaves_no_more_than_its_subject_behind(dialogue: Dialogue) -> None:
    paste = "干部职工直接联系群众并为村社区群众服务的有关做法和体会" * 60
    turn = dialogue.respond(Message("test", "u", paste, NOW), Session())
    assert paste[:100] not in turn.session.to_json()
    assert len(turn.session.to_json().encode()) < 4096
