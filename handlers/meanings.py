"""Short messages that come again and again (更多, 例句3, what a menu entry says): what they mean is remembered.

Only the meaning of a message depends on its text alone, never the answer, which depends on the conversation. What is kept
is bounded in number and in length, stays in memory, and is never a message that must not be handled at all (涉密).
"""

from __future__ import annotations

from collections import OrderedDict

from handlers.dialogue import Understanding
from handlers.grammar import Grammar
from handlers.understanding import FORBIDDEN, understand
from knowledge.library import Library

REMEMBERED = 512
"""Messages whose meaning is remembered; the one that was needed longest ago goes first."""

SHORT = 16
"""Characters up to which a message is remembered: a command, a name, a question of a few words; no number of a document."""


class Meanings:
    """Understands messages by one grammar and one library, neither of which ever changes."""

    def __init__(self, grammar: Grammar, library: Library) -> None:
        self._grammar = grammar
        self._library = library
        self._known: OrderedDict[str, Understanding] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def of(self, text: str) -> Understanding:
        """Return what ``text`` means (see :func:`handlers.understanding.understand`)."""
        known = self._known.get(text)
        if known is None:
            known = understand(text, self._grammar, self._library)
            if len(text) > SHORT or known.intent in FORBIDDEN:
                return known
            self._known[text] = known
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(text)
        return Understanding(known.intent, known.confidence, dict(known.slots))
