"""Reply and its blocks: an answer as a value. Only rendering (in the transport layer) knows bytes and pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from handlers.manuscript import Manuscript
from knowledge.model import Source


class ItemType(StrEnum):
    """What a listed item is; part of the stable machine interface."""

    PASSAGE = "passage"
    HEADING = "heading"
    HEADING_SET = "heading_set"
    OUTLINE_NODE = "outline_node"
    CHOICE = "choice"
    REPORT = "report"
    FINDING = "finding"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Item:
    """One listed thing. ``n`` is the number a user may reply with (``None``: not selectable); ``set`` joins the
    headings of one heading set; ``marks`` are warnings that travel with the line (``⚠2023年提法``).
    """

    type: ItemType
    text: str
    n: int | None = None
    level: int | None = None
    ordinal: str | None = None
    set: int | None = None
    sources: tuple[Source, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Title:
    """The first line: says what this is."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text of our own (from ``handlers/texts``), or a quoted stretch of a report."""

    text: str


@dataclass(frozen=True, slots=True)
class OutlineBlock:
    """Headings with their ordinals, indented by level; the whole block has one source line after it."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class PassageBlock:
    """Numbered passages, each followed by its source on a line of its own, so that the phrase can be copied clean."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class HeadingBlock:
    """One or more heading sets; each set stays whole and carries one source line."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """Numbered options the user may reply to."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """出处：… for the block above."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Moves:
    """The last line: the next moves, each a text the user may send as it stands."""

    options: tuple[str, ...]


Block = Title | Paragraph | OutlineBlock | PassageBlock | HeadingBlock | Choices | SourceLine | Moves


@dataclass(frozen=True, slots=True)
class Buttons:
    """What may be pressed instead of typed, beside the text that says the same: a title and options, each a text the user
    may send as it stands. ``question`` is set where one of a list is to be chosen, and says what is asked. ``mark`` stands
    for what they are about; a press comes back with it (``Message.mark``).
    """

    title: str
    options: tuple[str, ...]
    question: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its blocks in order, how many items there are in all, and whether the base held what was asked.

    ``notes`` are the remarks a machine reader wants apart from the text (corrections made, honest shortfalls); they
    stand in the blocks too. ``document`` is to reach the user as a Word file. ``buttons`` are a convenience where there are
    cards.
    """

    blocks: tuple[Block, ...]
    total: int = 0
    found: bool = True
    notes: tuple[str, ...] = ()
    document: Manuscript | None = None
    buttons: Buttons | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """Every listed item, in order."""
        return tuple(self._items())

    def _items(self) -> Iterator[Item]:
        for block in self.blocks:
            if isinstance(block, OutlineBlock | PassageBlock | HeadingBlock | Choices):
                yield from block.items
