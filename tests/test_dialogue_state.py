"""The stored session stays small whatever was listed, and comes back with the newest view on top."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from handlers.dialogue import LARGEST_SESSION, MAX_VIEWS, Session, View

IDS = st.lists(st.text("pc0123456789abcdef某局", min_size=1, max_size=60), max_size=400).map(tuple)
VIEWS = st.builds(
    View,
    st.sampled_from(["phrases", "outline", "check", "choices"]),
    st.lists(st.tuples(st.text(max_size=8), st.text(max_size=60)), max_size=4).map(tuple),
    IDS,
    st.integers(0, 400),
)


@given(st.lists(VIEWS, max_size=MAX_VIEWS + 2), st.lists(st.text(max_size=40), max_size=3))
def test_a_stored_session_never_takes_more_than_its_bound(views: list[View], wishes: list[str]) -> None:
    session = Session(wishes=tuple(wishes), day="2026-11-20")
    for view in views:
        session = session.push(view)
    stored = session.to_json()
    assert len(stored.encode("utf-8", "surrogatepass")) <= LARGEST_SESSION
    read = Session.from_json(stored)
    assert read.wishes == session.wishes
    assert len(read.views) <= min(len(views), MAX_VIEWS)
    if read.view is not None and session.view is not None:
        assert read.view.kind == session.view.kind
        assert session.view.ids[: len(read.view.ids)] == read.view.ids


@given(st.lists(VIEWS.filter(lambda view: len(view.ids) < 3 and len(str(view.params)) < 80), max_size=4))
def test_a_small_session_comes_back_whole(views: list[View]) -> None:
    session = Session(tuple(views), page=1, pages=2, edition="e", misses=2, day="2026-11-20")
    assert Session.from_json(session.to_json()) == session
