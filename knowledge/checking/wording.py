"""Wrong forms (误写) by table: every entry of the gate's tables and of the names' table becomes one rule of the checker."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from knowledge.checking.declaring import LANGUAGE
from knowledge.checking.model import Copy, Example, Finding, Rule
from knowledge.corpus.gate import Decision, Entry, GateTable, Telling

_BEFORE, _AFTER, _MARGIN = 80, 200, 60
"""How far around a cue a pattern is tried; what ends within the margin belongs to the next cue's stretch."""

_REACH = 80
"""How far a sentence is followed for the words under which an entry stays silent."""

_STOPS = "。！？；\n"
_QUOTES = str.maketrans("", "", "“”")
_EXAMPLE_YEAR = Example("").year


def rules(table: GateTable, names: Iterable[Entry]) -> tuple[Rule, ...]:
    """Return a rule for each entry of the two tables that the checker uses."""
    return tuple(_rule(entry, entry.telling) for entry in (*table.told, *names) if entry.telling is not None)


def _rule(entry: Entry, telling: Telling) -> Rule:
    year = min(entry.until or _EXAMPLE_YEAR, _EXAMPLE_YEAR) if entry.otherwise is Decision.LEAVE else _EXAMPLE_YEAR
    rule = Rule(
        id=entry.id,
        category=telling.category,
        level=telling.level,
        title=telling.title or "",
        source=entry.source or LANGUAGE,
        flags=tuple(Example(text, year) for text in entry.matches),
        misses=tuple(Example(text, year) for text in entry.misses),
        find=partial(_find, entry, telling),
    )
    return rule if rule.title else replace(rule, title=_title(entry, rule))


def _title(entry: Entry, rule: Rule) -> str:
    """Return what the first example shows: “三会一科”应为“三会一课”."""
    example = rule.flags[0]
    found = next(iter(rule.find(Copy(example.text, example.year))), None)
    if found is None:
        return entry.reason
    wrong = _bare(example.text[found.start : found.end])
    return f"“{wrong}”应为“{_bare(found.right)}”" if found.right else f"“{wrong}”"


def _bare(text: str) -> str:
    return text.translate(_QUOTES)


def _find(entry: Entry, telling: Telling, copy: Copy) -> Iterator[Finding]:
    decision = entry.decide(copy.year)
    if decision is Decision.LEAVE:
        return
    text = copy.plain.text
    for match in _matches(entry, text):
        if telling.unless is not None and telling.unless.search(sentence_around(text, *match.span())):
            continue
        right = telling.right or entry.replacement if decision is entry.decision else ""
        start, end, right = _visible(match, match.expand(right) if "\\" in right else right, entry)
        yield Finding(
            *copy.plain.span(start, end),
            rule=entry.id,
            level=telling.level,
            category=telling.category,
            reason=entry.reason,
            right=right or None,
            source=entry.source,
        )


def _matches(entry: Entry, text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of an entry's pattern: it is tried only where one of its cues stands."""
    for start, end in _stretches(entry.cues, text):
        for match in entry.pattern.finditer(text, start, end):
            if match.end() <= end - _MARGIN or end == len(text):
                yield match


def _stretches(cues: Iterable[str], text: str) -> Iterator[tuple[int, int]]:
    places: list[int] = []
    for cue in cues:
        place = text.find(cue)
        while place >= 0:
            places.append(place)
            place = text.find(cue, place + len(cue))
    start = end = -1
    for place in sorted(places):
        if place - _BEFORE > end:
            if end >= 0:
                yield start, end
            start = max(0, place - _BEFORE)
        end = min(len(text), place + _AFTER)
    if end >= 0:
        yield start, end


def sentence_around(text: str, start: int, end: int) -> str:
    """Return the sentence that holds ``text[start:end]``, as far as it reaches 80 characters to either side."""
    before = text[max(0, start - _REACH) : start]
    after = text[end : end + _REACH]
    first = max(before.rfind(stop) for stop in _STOPS) + 1
    last = min((place for stop in _STOPS if (place := after.find(stop)) >= 0), default=len(after))
    return before[first:] + text[start:end] + after[:last]


def _visible(match: re.Match[str], right: str, entry: Entry) -> tuple[int, int, str]:
    """Return a stretch a reader can see: what lacks a word, or has one too many, is shown with its neighbours."""
    start, end = match.span()
    dropped = entry.decision is Decision.REPAIR and not entry.replacement and not right
    if start < end and not dropped:
        return start, end, right
    text = match.string
    first = start - 1 if start and text[start - 1] != "\n" else start
    last = end + 1 if end < len(text) and text[end] != "\n" else end
    return first, last, text[first:start] + right + text[end:last]
