"""Words to vary (换词): verbs of one meaning, each with what it usually goes with. Usage; no rule stands behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.tables import Table, bundled, check_unique


@dataclass(frozen=True, slots=True)
class WordGroup:
    """Words that may stand for each other: ``meaning`` says in what sense. ``phrase``: four-character phrases."""

    meaning: str
    words: tuple[str, ...]
    phrase: bool


class Words:
    """The table of words; immutable once loaded."""

    def __init__(self, groups: Iterable[WordGroup], objects: dict[str, tuple[str, ...]]) -> None:
        self.groups = tuple(groups)
        self._objects = objects

    @classmethod
    def load(cls) -> Words:
        """Return the words that ship with the program."""
        return cls.read(bundled("words.toml"))

    @classmethod
    def read(cls, table: Table) -> Words:
        """Return the words of ``table``; raises ``TableError`` for any slip in it."""
        rows = table.parse("group", "word")
        groups = []
        for row in rows["group"]:
            group = WordGroup(row.text("meaning"), row.texts("words", required=True), row.flag("phrase"))
            row.finish()
            groups.append(group)
        objects = []
        for row in rows["word"]:
            objects.append((row.text("text"), row.texts("with", required=True)))
            row.finish()
        check_unique(
            ((text, str(place)) for place, (text, _) in enumerate(objects)),
            lambda text, _first, _second: f"{table.name}：“{text}”写了两次",
        )
        return cls(groups, dict(objects))

    def alternatives(self, word: str) -> tuple[WordGroup, ...]:
        """Return the groups that hold ``word``; for 扎实推进工作 the group of its beginning."""
        exact = tuple(group for group in self.groups if word in group.words)
        return exact or tuple(group for group in self.groups if any(word.startswith(entry) for entry in group.words))

    def about(self, text: str) -> tuple[WordGroup, ...]:
        """Return the groups of phrases whose meaning shares a word with ``text`` (形容党员积极的四字词)."""
        return tuple(
            group
            for group in self.groups
            if group.phrase and any(group.meaning[at : at + 2] in text for at in range(len(group.meaning) - 1))
        )

    def objects(self, word: str) -> tuple[str, ...]:
        """Return what a word usually goes with."""
        return self._objects.get(word, ())
