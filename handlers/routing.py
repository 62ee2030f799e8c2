"""One message in, one turn out: understand it, hand it to the handler of its intent, and see that the reply fits the moment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta, timezone

from handlers import (
    advice,
    blanks,
    buttons,
    checking,
    collecting,
    confirmation,
    currency,
    drafting,
    export,
    extraction,
    favourites,
    feedback,
    files,
    followup,
    headings,
    hints,
    limits,
    outline,
    phrasing,
    profile,
    refinement,
    registry,
    sections,
    similarity,
    skeleton,
    smalltalk,
    words,
)
from handlers.asking import asked_again
from handlers.context import Answer, Context
from handlers.dialogue import Message, MessageKind, Session, Turn, Understanding, View
from handlers.grammar import Grammar
from handlers.meanings import Meanings
from handlers.notebook import Notebook
from handlers.texts.buttons import PASSED
from handlers.understanding import FORBIDDEN
from handlers.wishes import split_wishes
from knowledge.library import Library

BEIJING = timezone(timedelta(hours=8))
"""The time by which the users' days and years begin."""


@dataclass(frozen=True, slots=True)
class Handler:
    """What answers one intent."""

    intent: str
    answer: Answer


_CONFIRMED: dict[str, Answer] = {
    "draft": drafting.clear_draft,
    "favourites": favourites.clear_favourites,
    "outline": collecting.replace_outline,
}
"""What a 确认 does, by what was asked about."""

HANDLERS: tuple[Handler, ...] = (
    Handler("secret", limits.answer_secret),
    Handler("identity_number", limits.answer_identity_number),
    Handler("injection", limits.answer_injection),
    Handler("others_data", limits.answer_others_data),
    Handler("fabricate", limits.answer_fabricate),
    Handler("copy_report", limits.answer_copy_report),
    Handler("leaders", limits.answer_leaders),
    Handler("abuse", limits.answer_abuse),
    Handler("off_topic", limits.answer_off_topic),
    Handler("held_year", smalltalk.answer_held_year),
    Handler("held_kinds", smalltalk.answer_held_kinds),
    Handler("identity", limits.answer_identity),
    Handler("admin", limits.answer_admin),
    Handler("greeting", smalltalk.answer_greeting),
    Handler("thanks", smalltalk.answer_thanks),
    Handler("ack", smalltalk.answer_ack),
    Handler("help", smalltalk.answer_help),
    Handler("media", smalltalk.answer_media_words),
    Handler("confirm", lambda context: confirmation.answer_confirm(context, _CONFIRMED)),
    Handler("cancel", confirmation.answer_cancel),
    Handler("reset", smalltalk.answer_reset),
    Handler("more", followup.answer_more),
    Handler("previous", followup.answer_previous),
    Handler("change", followup.answer_change),
    Handler("back", followup.answer_back),
    Handler("refine", refinement.answer_refine),
    Handler("merge", limits.answer_merge),
    Handler("source", followup.answer_source),
    Handler("original", followup.answer_original),
    Handler("feedback", feedback.answer_feedback),
    Handler("expand", sections.answer_expand),
    Handler("section_phrase", followup.answer_section_phrase),
    Handler("section_outline", sections.answer_section_outline),
    Handler("favourite_add", favourites.answer_favourite_add),
    Handler("favourite_list", favourites.answer_favourite_list),
    Handler("favourite_delete", favourites.answer_favourite_delete),
    Handler("draft_add", collecting.answer_draft_add),
    Handler("draft_list", drafting.answer_draft_list),
    Handler("draft_move", drafting.answer_draft_move),
    Handler("draft_delete", drafting.answer_draft_delete),
    Handler("draft_clear", drafting.answer_draft_clear),
    Handler("draft_count", drafting.answer_draft_count),
    Handler("draft_title", drafting.answer_draft_title),
    Handler("delete", drafting.answer_delete),
    Handler("export", export.answer_export),
    Handler("blanks", blanks.answer_blanks),
    Handler("checklist", blanks.answer_checklist),
    Handler("profile_set", profile.answer_profile_set),
    Handler("profile_forget", profile.answer_profile_forget),
    Handler("profile_show", profile.answer_profile_show),
    Handler("wipe", profile.answer_wipe),
    Handler("check", checking.answer_check),
    Handler("import_file", files.answer_import),
    Handler("similarity", similarity.answer_similarity),
    Handler("extract", extraction.answer_extract),
    Handler("term", registry.answer_term),
    Handler("validity", currency.answer_validity),
    Handler("usage", registry.answer_usage),
    Handler("rule", registry.answer_rule),
    Handler("format", registry.answer_format),
    Handler("difference", registry.answer_difference),
    Handler("advice", advice.answer_advice),
    Handler("synonym", words.answer_synonym),
    Handler("full_text", limits.answer_full_text),
    Handler("heading", headings.answer_heading),
    Handler("skeleton", skeleton.answer_skeleton),
    Handler("outline", outline.answer_outline),
    Handler("phrase", phrasing.answer_phrase),
    Handler("opening", phrasing.answer_phrase),
    Handler("closing", phrasing.answer_phrase),
    Handler("problem", phrasing.answer_phrase),
    Handler("cause", phrasing.answer_phrase),
    Handler("plan", phrasing.answer_phrase),
    Handler("menu", smalltalk.answer_menu),
    Handler("empty", smalltalk.answer_empty),
)
"""Every intent but ``select`` (which may stand for another message), each with its handler."""

_ANSWERS = {handler.intent: handler.answer for handler in HANDLERS}

_CERTAIN = 0.9
"""From here on a message was understood by words that ask for something, not by its subject alone."""

_WORDS = frozenset({MessageKind.TEXT, MessageKind.CLICK})
_ARRIVALS = frozenset({MessageKind.ENTER, MessageKind.SUBSCRIBE})

_UNFINISHED = frozenset({"fallback", "menu", "empty", "select"})
"""Intents that no wish of several can have: then the message is one wish after all."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The dialogue of a knowledge base: stateless; all state is in the session and the notebook that go in and come out."""

    library: Library
    grammar: Grammar
    _meanings: Meanings = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_meanings", Meanings(self.grammar, self.library))

    def respond(self, message: Message, session: Session, notebook: Notebook = Notebook()) -> Turn:  # noqa: B008 - immutable
        """Return the turn that answers ``message``. Pure: the same values give the same turn."""
        now = message.sent_at.astimezone(BEIJING)
        day = now.date().isoformat()
        year = notebook.profile.year or now.year
        first = session.day != day
        session = self._in_this_edition(session)
        session = replace(session, day=day) if first else session
        found = buttons.bring_up(session, message.mark) if message.mark else session
        session = session if found is None else found
        understanding, others = self._understand(message, session.view)
        context = Context(
            understanding,
            session,
            self.library,
            year,
            notebook,
            message.takes_files,
            message.takes_cards,
            message.file_refused,
            message.administers,
        )
        if message.kind is MessageKind.OTHER:
            return Turn(None, session, understanding)
        if message.kind in _ARRIVALS:
            return smalltalk.welcome(context, day, again=message.kind is MessageKind.SUBSCRIBE)
        if message.kind in _WORDS:
            turn = self._answer(context, others) if found is not None else context.say(PASSED, found=False)
            turn = hints.offer_help(turn, session.misses)
            turn = hints.add_hint(turn) if first else turn
        elif message.file is not None and message.takes_files:
            turn = files.answer_file(context, message.file)
        else:
            turn = smalltalk.answer_media(context, message.kind)
        if turn.reply is None:
            return turn
        kept = (turn.notebook or notebook).profile
        reply = profile.Filler(kept, year).reply(turn.reply)
        if message.takes_cards and kept.buttons:
            reply = buttons.add_buttons(turn, reply)
        return turn if reply is turn.reply else replace(turn, reply=reply)

    def _in_this_edition(self, session: Session) -> Session:
        """Drop the views of an older knowledge base whose entries are gone; ids are stable, so most stay."""
        if session.edition == self.library.edition:
            return session
        views = tuple(
            view
            for view in session.views
            if view.kind in followup.WITHOUT_IDS or all(map(self.library.has, _ids(view)))
        )
        return replace(session, views=views, edition=self.library.edition)

    def _understand(self, message: Message, view: View | None) -> tuple[Understanding, tuple[str, ...]]:
        """Return what a message means, and the wishes of it that come after the first."""
        if message.kind in _WORDS:
            return self._read(message.text, view)
        if message.kind is MessageKind.OTHER:
            return Understanding("event", 1.0), ()
        if message.kind in _ARRIVALS:
            return Understanding("welcome", 1.0), ()
        if message.file is not None and message.takes_files:
            return Understanding("file", 1.0), ()
        return Understanding("media", 1.0, {"media": message.kind.value}), ()

    def _read(self, text: str, view: View | None) -> tuple[Understanding, tuple[str, ...]]:
        if checking.is_awaited(text, view) and not self._is_request(text):
            return Understanding("check", 0.9, {"text": text}), ()
        first, *others = self._wishes(text)
        again = None if others else asked_again(first, view, self.library.registry)
        return again or self._meanings.of(first), tuple(others)

    def _is_request(self, text: str) -> bool:
        meaning = self._meanings.of(text)
        return meaning.intent in FORBIDDEN or meaning.confidence >= _CERTAIN or "text" in meaning.slots

    def _answer_text(self, text: str, context: Context) -> Turn:
        understanding, others = self._read(text, context.session.view)
        return self._answer(replace(context, understanding=understanding), others)

    def _answer(self, context: Context, others: tuple[str, ...]) -> Turn:
        """Answer what was understood; ``others`` are the further wishes of the message."""
        understanding, waiting = context.understanding, context.session.wishes
        if others:
            turn = self._hand_on(replace(context, session=replace(context.session, wishes=others)))
            return hints.announce_wishes(turn, others)
        if (
            waiting
            and understanding.intent in {"more", "ack", "confirm"}
            and not followup.is_half_read(context.session)
        ):
            turn = self._answer_text(waiting[0], replace(context, session=replace(context.session, wishes=waiting[1:])))
            return hints.announce_wishes(turn, waiting[1:]) if waiting[1:] else turn
        return self._hand_on(context)

    def _wishes(self, text: str) -> tuple[str, ...]:
        wishes = split_wishes(text)
        if len(wishes) == 1:
            return wishes
        if any(self._meanings.of(wish).intent in _UNFINISHED for wish in wishes):
            return (text,)
        return wishes

    def _hand_on(self, context: Context) -> Turn:
        intent = context.understanding.intent
        if intent != "select":
            return _ANSWERS.get(intent, smalltalk.answer_fallback)(context)
        chosen = followup.answer_select(context)
        # An option of a list is a message the user could have typed; it is never a number again.
        if isinstance(chosen, Turn):
            return chosen
        turn = self._answer_text(chosen, context)
        return hints.announce_wishes(turn, turn.session.wishes) if turn.session.wishes else turn


def _ids(view: View) -> tuple[str, ...]:
    """Everything of a knowledge base that a view refers to."""
    report, node = view.param("report"), view.param("node") or view.param("section") or ""
    return (*view.ids, f"{report}#{node}") if report else view.ids
