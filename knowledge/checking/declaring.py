"""How a rule of the checker is declared: its examples as plain texts, its findings as hits without what the rule knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from knowledge.checking.model import Category, Copy, Example, Finding, Level, Rule

LANGUAGE = "语言常识"
"""The source of a rule that everyone who writes Chinese can check; its findings name no source."""

COUNTING = "计数"
"""The source of a rule that only counts and reckons; its findings name no source."""


MOST = 8
"""More findings of one kind than these are told once, with their number."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule found at ``text[start:end]``: the reason, what should stand there, and a source of its own if any."""

    start: int
    end: int
    reason: str
    right: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """What the rules of one module have in common."""

    category: Category
    source: str

    def rule(
        self,
        name: str,
        level: Level,
        title: str,
        look: Callable[[Copy], Iterable[Hit]],
        *,
        flags: Iterable[str | Example],
        misses: Iterable[str | Example],
        source: str | None = None,
    ) -> Rule:
        """Return the rule that reports what ``look`` finds; ``source`` where it is not the module's."""
        written = source or self.source
        cited = None if written in {LANGUAGE, COUNTING} else written
        category = self.category

        def find(copy: Copy) -> Iterator[Finding]:
            for hit in look(copy):
                yield Finding(hit.start, hit.end, name, level, category, hit.reason, hit.right, hit.source or cited)

        return Rule(name, category, level, title, written, _examples(flags), _examples(misses), find)


STANDARD = "GB/T 15834—2011《标点符号用法》"
"""The standard on punctuation; clauses are named where they are certain."""

PUNCTUATION = Kind(Category.PUNCTUATION, STANDARD)
"""What the rules on punctuation have in common, whichever module they stand in."""


def told_once(hits: Iterable[Hit]) -> Iterator[Hit]:
    """Yield the hits, or the first one with their number where there are too many to read."""
    found = list(hits)
    if len(found) <= MOST:
        yield from found
    else:
        first = found[0]
        yield replace(first, reason=f"{first.reason}，全文{len(found)}处")


def looking_for(
    pattern: re.Pattern[str], word: Callable[[re.Match[str]], tuple[str, str | None] | None]
) -> Callable[[Copy], Iterator[Hit]]:
    """Return the search for ``pattern``; ``word`` gives the reason and the right form, or ``None`` to pass over."""

    def hits(copy: Copy) -> Iterator[Hit]:
        for found in pattern.finditer(copy.text):
            told = word(found)
            if told is not None:
                yield Hit(found.start(), found.end(), *told)

    return lambda copy: told_once(hits(copy))


def _examples(texts: Iterable[str | Example]) -> tuple[Example, ...]:
    return tuple(text if isinstance(text, Example) else Example(text) for text in texts)
