"""One message in, one turn out: understand it, hand it to the first handler for its intent, else say so."""

from __future__ import annotations

from dataclasses import dataclass, replace

from handlers import followup, headings, outline, phrasing, smalltalk
from handlers.context import Answer, Context
from handlers.dialogue import Message, MessageKind, Session, Turn, Understanding, View
from handlers.grammar import Grammar
from handlers.understanding import understand
from knowledge.library import Library


@dataclass(frozen=True, slots=True)
class Handler:
    """What answers one intent."""

    intent: str
    answer: Answer


HANDLERS: tuple[Handler, ...] = (
    Handler("greeting", smalltalk.answer_greeting),
    Handler("thanks", smalltalk.answer_thanks),
    Handler("ack", smalltalk.answer_ack),
    Handler("help", smalltalk.answer_help),
    Handler("more", followup.answer_more),
    Handler("change", followup.answer_change),
    Handler("back", followup.answer_back),
    Handler("source", followup.answer_source),
    Handler("original", followup.answer_original),
    Handler("expand", outline.answer_expand),
    Handler("section_phrase", followup.answer_section_phrase),
    Handler("heading", headings.answer_heading),
    Handler("outline", outline.answer_outline),
    Handler("phrase", phrasing.answer_phrase),
    Handler("menu", smalltalk.answer_menu),
    Handler("empty", smalltalk.answer_empty),
)
"""Every intent but ``select`` (which may stand for another message), each with its handler."""

_ANSWERS = {handler.intent: handler.answer for handler in HANDLERS}


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The dialogue of a knowledge base: stateless; all state is in the session that goes in and comes out."""

    library: Library
    grammar: Grammar

    def respond(self, message: Message, session: Session) -> Turn:
        """Return the turn that answers ``message``. Pure: the same values give the same turn."""
        year = message.sent_at.year
        session = self._in_this_edition(session)
        if message.kind in {MessageKind.ENTER, MessageKind.SUBSCRIBE}:
            return smalltalk.welcome(Context(Understanding("welcome", 1.0), session, self.library, year))
        if message.kind is MessageKind.OTHER:
            return Turn(None, session, Understanding("event", 1.0))
        if message.kind in {MessageKind.TEXT, MessageKind.CLICK}:
            return self._answer(message.text, session, year)
        context = Context(Understanding("media", 1.0, {"media": message.kind.value}), session, self.library, year)
        return smalltalk.answer_media(context, message.kind)

    def _in_this_edition(self, session: Session) -> Session:
        """Drop the views of an older knowledge base whose entries are gone; ids are stable, so most stay."""
        if session.edition == self.library.edition:
            return session
        views = tuple(
            view for view in session.views if view.kind == "choices" or all(map(self.library.has, _ids(view)))
        )
        return replace(session, views=views, edition=self.library.edition)

    def _answer(self, text: str, session: Session, year: int) -> Turn:
        understanding = understand(text, self.grammar, self.library)
        context = Context(understanding, session, self.library, year)
        if understanding.intent != "select":
            return _ANSWERS.get(understanding.intent, smalltalk.answer_fallback)(context)
        chosen = followup.answer_select(context)
        # An option of a list is a message the user could have typed; it is never a number again.
        return chosen if isinstance(chosen, Turn) else self._answer(chosen, session, year)


def _ids(view: View) -> tuple[str, ...]:
    """Everything of a knowledge base that a view refers to."""
    report, node = view.param("report"), view.param("node") or view.param("section") or ""
    return (*view.ids, f"{report}#{node}") if report else view.ids
