"""What is remembered between messages (meanings, views, sessions) changes no answer, is bounded, and keeps no secret."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.sessions import REMEMBERED as SESSIONS
from bot.sessions import RecentSessions
from handlers import meanings
from handlers.dialogue import LARGEST_SESSION, Session, View
from handlers.grammar import Grammar
from handlers.meanings import Meanings
from handlers.outline import present_outline
from handlers.understanding import understand
from knowledge import report_shelf
from knowledge.library import Library

WORDS = st.text(max_size=60)
VIEWS = st.builds(
    View,
    kind=WORDS,
    params=st.lists(st.tuples(WORDS, WORDS), max_size=4).map(tuple),
    ids=st.lists(WORDS, max_size=60).map(tuple),
    start=st.integers(0, 9),
)
TALK = ("党建工作总结提纲", "展开（五）", "例句3", "更多", "意识形态怎么写", "三会一棵", "主题党日 3条", "二、", "谢谢")


class TestMeanings:
    def test_a_remembered_meaning_is_the_meaning(self, grammar: Grammar, library: Library) -> None:
        known = Meanings(grammar, library)
        for text in (*TALK, *TALK):
            assert known.of(text) == understand(text, grammar, library)
        assert len(known) == len(TALK)

    def test_slots_belong_to_whoever_asked(self, grammar: Grammar, library: Library) -> None:
        known = Meanings(grammar, library)
        known.of("主题党日 3条").slots["count"] = 9
        assert known.of("主题党日 3条").slots["count"] == 3

    def test_a_secret_and_a_long_text_are_not_kept(self, grammar: Grammar, library: Library) -> None:
        known = Meanings(grammar, library)
        assert known.of("机密★材料改一下").intent == "secret"
        known.of("意识形态工作责任制落实情况怎么写才算写得比较实在")
        assert len(known) == 0

    def test_the_number_is_bounded_and_the_latest_stay(self, grammar: Grammar, library: Library) -> None:
        known = Meanings(grammar, library)
        known.of("更多")
        for number in range(meanings.REMEMBERED + 20):
            known.of("更多")
            known.of(f"例句{number}")
        assert len(known) == meanings.REMEMBERED


class TestViews:
    def test_a_view_shown_again_is_the_same(self, library: Library) -> None:
        (report, *_) = library.reports()
        view = View("outline", (("kind", report.kind or ""), ("depth", "2")), (report.id,))
        again = View("outline", (("kind", report.kind or ""), ("depth", "2")), (report.id,))
        assert present_outline(view, library, 2026) is present_outline(again, library, 2026)
        deeper = replace(view, params=(("kind", report.kind or ""), ("depth", "3")))
        assert present_outline(deeper, library, 2026) != present_outline(view, library, 2026)

    def test_what_is_recalled_is_bounded(self, library: Library) -> None:
        made: list[int] = []

        def make(number: int) -> int:
            return library.recall(("bounded", number), lambda: note(number))

        def note(number: int) -> int:
            made.append(number)
            return number

        assert [make(1), make(1)] == [1, 1]
        for number in range(2, report_shelf.REMEMBERED + 3):
            make(number)
        make(1)
        assert made.count(1) == 2


class TestSessions:
    @given(st.lists(VIEWS, max_size=10).map(tuple), st.integers(0, 9), st.integers(1, 9))
    def test_a_session_comes_back_as_its_stored_form_says(self, views: tuple[View, ...], page: int, pages: int) -> None:
        sessions = RecentSessions()
        stored = sessions.write(Session(views, page, pages))
        assert len(stored.encode("utf-8", "surrogatepass")) <= LARGEST_SESSION or not Session.from_json(stored).views
        assert len(sessions) == 1
        assert sessions.read(stored) == Session.from_json(stored) == sessions.read(stored)
        assert len(sessions) == 1

    def test_what_another_process_or_nobody_wrote_is_read_by_its_form(self) -> None:
        sessions = RecentSessions()
        session = Session((View("phrases", (("topic", "宣传"),), ("a", "b")),), day="2026-11-20")
        assert sessions.read(session.to_json()) == session
        assert sessions.read(None) == sessions.read("") == sessions.read("{poisoned") == Session()

    def test_the_number_is_bounded(self) -> None:
        sessions = RecentSessions()
        forms = [sessions.write(Session(page=number)) for number in range(SESSIONS + 5)]
        assert len(sessions) == SESSIONS
        assert sessions.read(forms[-1]) == Session(page=SESSIONS + 4)
        assert sessions.read(forms[5]) == Session(page=5)
        sessions.write(Session(page=SESSIONS + 5))
        assert sessions.read(forms[5]) is sessions.read(forms[5])
