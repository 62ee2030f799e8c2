"""Words that stand for one another in a search, and common slips of the keyboard with the form that was meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.lexicon import Lexicon
from knowledge.tables import Row, Table, TableError, bundled, check_unique

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Correction:
    """A slip put right: ``wrong`` stood in the question, ``right`` stands there now."""

    wrong: str
    right: str


class Synonyms:
    """Groups of interchangeable words and known misspellings; immutable once loaded."""

    def __init__(self, groups: Sequence[tuple[str, ...]], spellings: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        self._groups = Lexicon({word: group for group in groups for word in group})
        self._wrong = Lexicon({wrong: right for right, forms in spellings for wrong in forms})

    @classmethod
    def load(cls) -> Synonyms:
        """Return the synonyms that ship with the program."""
        return cls.read(bundled("synonyms.toml"))

    @classmethod
    def read(cls, table: Table) -> Synonyms:
        """Return the synonyms of ``table``; raises ``TableError`` for any slip in it."""
        rows = table.parse("synonym", "spelling")
        groups = [_read_group(row) for row in rows["synonym"]]
        spellings = [_read_spelling(row) for row in rows["spelling"]]
        check_unique(
            ((word, "、".join(group)) for group in groups for word in group),
            lambda word, first, second: f"{table.name}：“{word}”写在两组里（{first}；{second}）",
        )
        for right, forms in spellings:
            for wrong in forms:
                if wrong in right or any(wrong in word for group in groups for word in group):
                    raise TableError(f"{table.name}：误写“{wrong}”是正确说法的一部分")
        return cls(groups, spellings)

    def expand(self, text: str) -> tuple[str, ...]:
        """Return the other words for what a question names, in the order of the table, none twice."""
        named = [(text[start:end], group) for start, end, group in self._groups.longest(text)]
        present = {word for word, _ in named}
        return tuple(dict.fromkeys(word for _, group in named for word in group if word not in present))

    def correct(self, text: str) -> tuple[str, tuple[Correction, ...]]:
        """Put known slips right; return the text and what was changed. A text without slips comes back unchanged."""
        pieces: list[str] = []
        corrections: list[Correction] = []
        done = 0
        for start, end, right in self._wrong.longest(text):
            pieces += [text[done:start], right]
            corrections.append(Correction(text[start:end], right))
            done = end
        return "".join([*pieces, text[done:]]), tuple(corrections)


def _read_group(row: Row) -> tuple[str, ...]:
    words = row.texts("words", required=True)
    row.texts("source", required=True)
    row.finish()
    if len(words) < 2:
        raise row.error("一组至少两个说法")
    return words


def _read_spelling(row: Row) -> tuple[str, tuple[str, ...]]:
    right, wrong = row.text("right"), row.texts("wrong", required=True)
    row.texts("source", required=True)
    row.finish()
    return right, wrong
