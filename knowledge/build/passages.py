"""Cut the body of a report into passages (例句): sentences and 一是-items that can stand alone in another report."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.corpus.sentences import is_balanced, split_long, split_sentences
from knowledge.corpus.structure import Structure
from knowledge.model import Heading

SHORTEST, LONGEST = 15, 160
"""Length of a passage in characters: below it is a label, above it nobody copies it as a phrase."""

_DANGLING = re.compile(
    r"^(?:同时|此外|另外|其中|其次|再次|最后|并(?!行|举|重)|而且|但是?[，]?|因此|所以|对此|为此|据此|以此|该[^当]|这|此|其[他它]|他们|它们|上述"
    r"|以上(?!述)|从而|以便|也|又|还[^需要]|则|如[，：]|例如|比如|一方面|另一方面|换言之|与此同时|在此基础上|不仅如此|才|却|即)"
)
_FRAGMENT = re.compile(r"^“[^”]{1,8}”[^。]{0,14}。$|^[^，。！？；：]*(?:报告|总结|汇报|计划|要点|方案|打算)$")
"""A slogan that leads its sentences, or a title line."""
_ENDS = "。！？；：…”’）》】"
_ANNOUNCEMENT = re.compile(
    r"(?:如下|以下|下面)[^。！？；]{0,12}[：。]$|：$|[两二三四五六七八]个方面[^，。]{0,8}[。：]$"
)
_REPORTING = re.compile(r"现将[^。！？；]{2,40}(?:报告|汇报|总结|述职)?如下[：:。]$")


@dataclass(frozen=True, slots=True)
class Cut:
    """A candidate passage: its span, the heading it stands under (``None``: none yet), whether it is a list item.

    ``complete`` is false for words that no full stop ends: a signature, a date, a line that was cut off.
    """

    start: int
    end: int
    heading: int | None
    item: bool
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a cut is not a passage; counted and shown, never silent."""

    cut: Cut
    reason: str


def cut_passages(text: str, structure: Structure) -> Iterator[Cut]:
    """Yield the candidate passages of ``text`` in order; they never overlap."""
    yield from _sentences(text, 0, structure.preamble_end, None)
    below: defaultdict[int, list[Heading]] = defaultdict(list)
    for heading in structure.headings:
        if heading.parent is not None:
            below[heading.parent].append(heading)
    for heading in structure.headings:
        yield from _section(text, heading, below[heading.index])


def refuse(text: str) -> str | None:
    """Return why ``text`` cannot be a passage, or ``None`` when it can."""
    if len(text) > LONGEST:
        return "过长"
    if len(text) < SHORTEST:
        return "过短"
    if _FRAGMENT.match(text):
        return "片段"
    if not is_balanced(text):
        return "引号括号不成对"
    if _DANGLING.match(text):
        return "离不开上文"
    if _ANNOUNCEMENT.search(text) and not _REPORTING.search(text):
        return "引出下文"
    return None


def _section(text: str, heading: Heading, children: Sequence[Heading]) -> Iterator[Cut]:
    """Cut what stands in the section itself, outside the headings below it."""
    item = heading.ordinal.endswith("是") or heading.ordinal.startswith("第")
    own_end = children[0].mark if children else heading.body_end
    if item and not children and 0 < _trim(text, heading.start, own_end) - heading.start <= LONGEST:
        yield Cut(heading.start, _trim(text, heading.start, own_end), heading.index, item=True)
        return
    yield from _sentences(text, _body_start(text, heading), own_end, heading.index)
    between = [child.mark for child in children[1:]] + [heading.body_end]
    for child, until in zip(children, between, strict=False):
        yield from _sentences(text, child.body_end, until, heading.index)


def _sentences(text: str, start: int, end: int, heading: int | None) -> Iterator[Cut]:
    for left, right in split_sentences(text, start, end):
        end = _trim(text, left, right)
        if left < end:
            complete = text[right - 1] in _ENDS
            parts = split_long(text, left, end, LONGEST)
            yield from (Cut(first, last, heading, item=False, complete=complete) for first, last in parts)


def _body_start(text: str, heading: Heading) -> int:
    """Where the section's own prose begins: behind a heading that is a sentence or a line, at one that is a clause."""
    after = text[heading.end : heading.end + 1]
    return (
        heading.start if heading.run_in and after == "，" else heading.end + (1 if after in tuple("。！？；：") else 0)
    )


def _trim(text: str, start: int, end: int) -> int:
    """Leave out blanks and the semicolon that only joined the passage to the next item."""
    while end > start and (text[end - 1].isspace() or text[end - 1] == "；"):
        end -= 1
    return end
