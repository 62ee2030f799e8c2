"""What stands twice in a row, and which doublings are right (叠字表), read strictly from a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.corpus.typography import HAN
from knowledge.tables import Row, Table, TableError, check_unique

LONGEST = 12
"""Longest stretch, in characters, that is looked for twice in a row."""

_ALL_HAN = re.compile(f"[{HAN}]+")
_RUN = re.compile(f"[{HAN}]{{4,}}")


@dataclass(frozen=True, slots=True)
class Doublings:
    """Words that are a slip when doubled, each with what must not follow, and a pattern of doubled characters."""

    words: dict[str, re.Pattern[str] | None]
    signs: re.Pattern[str]

    @classmethod
    def read(cls, table: Table) -> Doublings:
        """Return the doublings of ``table``; raises ``TableError`` for any slip in it."""
        rows = table.parse("word", "sign")
        words = [word for row in rows["word"] for word in _words(row)]
        check_unique(
            ((word, str(place)) for place, (word, _) in enumerate(words)),
            lambda word, _first, _second: f"{table.name}：“{word}”写了两次",
        )
        signs = [_sign(row) for row in rows["sign"]]
        if not words or not signs:
            raise TableError(f"{table.name}：缺[[word]]或[[sign]]")
        return cls(dict(words), re.compile("|".join(signs)))


def _words(row: Row) -> list[tuple[str, re.Pattern[str] | None]]:
    words, unlike = row.texts("words", required=True), row.optional_text("unlike")
    row.finish()
    if wrong := [word for word in words if len(word) != 2]:
        raise row.error(f"“words”里只写两个字的词：{'、'.join(wrong)}")
    return [(word, None if unlike is None else re.compile(unlike)) for word in words]


def _sign(row: Row) -> str:
    sign, before, after = row.text("sign"), row.text("before"), row.text("after")
    row.finish()
    if len(sign) != 1:
        raise row.error("“sign”只写一个字")
    sign = re.escape(sign)
    return f"{sign}(?<![{re.escape(before)}].){sign}(?![{re.escape(after)}{sign}])"


def doubled_runs(text: str) -> Iterator[tuple[int, int]]:
    """Yield ``(middle, end)`` of every stretch of 2 to ``LONGEST`` Chinese characters that repeats the one before it.

    ``text[middle:end]`` is the repetition. Stretches do not overlap; one pass over the text.
    """
    for run in _RUN.finditer(text):
        yield from _doubled_within(run[0], run.start())


def _doubled_within(run: str, offset: int) -> Iterator[tuple[int, int]]:
    seen: dict[str, int] = {}
    done = 0
    for place in range(len(run) - 1):
        pair = run[place : place + 2]
        before = seen.get(pair, -LONGEST - 1)
        seen[pair] = place
        size = place - before
        if 2 <= size <= LONGEST and before >= done and run[before:place] == run[place : place + size]:
            done = place + size
            yield offset + place, offset + done


def is_chinese(text: str) -> bool:
    """Tell whether a text holds Chinese characters and nothing else."""
    return _ALL_HAN.fullmatch(text) is not None
