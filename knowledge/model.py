"""The values the knowledge layer speaks in.

Everything here is immutable and knows nothing of files, search engines or chat. Offsets are character offsets
(Python ``str`` indices) into the *cleaned* text of one report, the text that ``bigan kb explain`` prints: for every
served entry ``text[start:end]`` yields the entry's own text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The position a passage has in a report (部位)."""

    OPENING = "导语"
    PRACTICE = "做法"
    RESULT = "成效"
    PROBLEM = "问题"
    CAUSE = "原因"
    PLAN = "计划"
    CLOSING = "结尾"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a served line stands (出处): the report, the section path and the character span.

    ``report`` is the file stem of the document; ``section`` runs from the outermost heading inwards, each with its
    ordinal (``"一、主要做法和成效"``).
    """

    report: str
    title: str
    year: int | None
    section: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading (标题) of a report's outline.

    ``level`` is its depth in the tree, from 1. ``ordinal`` is the number as written without its punctuation (``"三"``,
    ``"1"``, ``"一是"``; empty where the heading carries none) and ``label`` the number with it (``"（三）"``).
    ``run_in`` is true for a heading that opens its own paragraph (段首标题). ``index`` is its place in the outline and
    ``parent`` the index of the heading above it (``None`` at the top).

    Offsets: the section runs from ``mark`` (where the ordinal stands) to ``body_end`` and holds everything below it;
    ``start``–``end`` is the heading's own text.
    """

    index: int
    level: int
    ordinal: str
    label: str
    text: str
    run_in: bool
    parent: int | None
    mark: int
    start: int
    end: int
    body_end: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The heading tree of one report without body (提纲), in document order."""

    report: str
    headings: tuple[Heading, ...]

    def children(self, index: int | None) -> tuple[Heading, ...]:
        """Return the headings directly below ``index`` (``None``: the top level), in order."""
        return tuple(heading for heading in self.headings if heading.parent == index)


@dataclass(frozen=True, slots=True)
class HeadingSet:
    """Sibling headings kept whole (小标题组): their parallelism is their value."""

    id: str
    headings: tuple[Heading, ...]
    topics: tuple[str, ...]
    role: Role
    source: Source


@dataclass(frozen=True, slots=True)
class Passage:
    """A quotable, self-contained unit of body text (例句), with every report that carries it.

    ``shared`` is the clause of it that most reports use and ``support`` their number (0: none is used twice).
    """

    id: str
    text: str
    role: Role
    topics: tuple[str, ...]
    sources: tuple[Source, ...]
    shared: str = ""
    support: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """One document of the corpus (材料) after cleaning; ``person`` is in whose name it speaks (我, 支部, 我局 …)."""

    id: str
    title: str
    kind: str | None
    year: int | None
    unit_level: str | None
    text: str
    sha256: str
    encoding: str
    person: str | None = None
