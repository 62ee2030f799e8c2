"""What every handler is given: the message's meaning, the conversation so far, and the library to answer from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from handlers import texts
from handlers.dialogue import Session, Turn, Understanding, View
from handlers.notebook import Notebook
from handlers.reply import Block, Choices, Item, ItemType, Paragraph, Reply
from knowledge.library import Library


@dataclass(frozen=True, slots=True)
class Context:
    """One message to be answered. ``year`` is the year the user writes for; for the last four see ``Message``."""

    understanding: Understanding
    session: Session
    library: Library
    year: int
    notebook: Notebook = field(default_factory=Notebook)
    takes_files: bool = False
    takes_cards: bool = False
    file_refused: bool = False
    administers: bool = False

    def slot(self, name: str) -> str | None:
        """Return a slot that holds a word, or ``None``."""
        value = self.understanding.slots.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> int | None:
        """Return a slot that holds a number, or ``None``."""
        value = self.understanding.slots.get(name)
        return value if isinstance(value, int) else None

    def words(self, name: str) -> tuple[str, ...]:
        """Return a slot that holds several words; empty where the message has none."""
        value = self.understanding.slots.get(name)
        return tuple(value) if isinstance(value, list) and all(isinstance(word, str) for word in value) else ()

    @property
    def reference(self) -> tuple[int, ...]:
        """The numbers the user points at; empty where the message points at nothing."""
        value = self.understanding.slots.get("ref")
        return tuple(value) if isinstance(value, list) else ()

    def open(self, view: View, reply: Reply) -> Turn:
        """Answer with a new view on top of the conversation."""
        return Turn(self._noting_corrections(reply), self.session.push(view), self.understanding)

    def go_on(self, view: View, reply: Reply) -> Turn:
        """Answer with the current view taken further."""
        return Turn(reply, self.session.replace(view), self.understanding)

    def offer(self, first: Block, options: tuple[str, ...], *, found: bool = True) -> Turn:
        """Answer with numbered options, each a message the user could have typed."""
        items = tuple(Item(ItemType.CHOICE, option, n) for n, option in enumerate(options, 1))
        reply = Reply((first, Choices(items)), total=len(items) if found else 0, found=found)
        return self.open(View("choices", (), options), reply)

    def keep(self, notebook: Notebook, text: str, *more: Block) -> Turn:
        """Answer with a receipt for what is kept from now on; the conversation stays where it is."""
        return replace(self.say(text, *more), notebook=notebook)

    def lacks(self, wish: str, text: str, *more: Block) -> Turn:
        """Say honestly that something can't be done; ``wish`` names it in the log, in a word of ours."""
        turn = self.say(text, *more, found=False)
        slots = {**self.understanding.slots, "gap": wish}
        return replace(turn, understanding=replace(self.understanding, slots=slots))

    def _noting_corrections(self, reply: Reply) -> Reply:
        """Say first what a misspelt question was taken for."""
        corrected = self.words("corrected")
        if not corrected:
            return reply
        note = texts.corrected(corrected)
        return replace(reply, blocks=(Paragraph(note), *reply.blocks), notes=(note, *reply.notes))

    def say(self, text: str, *more: Block, found: bool = True) -> Turn:
        """Answer with a sentence and leave the conversation where it is."""
        reply = self._noting_corrections(Reply((Paragraph(text), *more), found=found))
        return Turn(reply, self.session, self.understanding, remark=True)


def prefixed(turn: Turn, text: str) -> Turn:
    """Return a turn whose answer begins with a remark of its own."""
    if turn.reply is None:
        return turn
    return replace(turn, reply=replace(turn.reply, blocks=(Paragraph(text), *turn.reply.blocks)))


Answer = Callable[[Context], Turn]
"""A handler: values in, one turn out."""

Present = Callable[[View, Library, int], Reply]
"""Shows a view again, in the year given: the same view always yields the same reply."""
