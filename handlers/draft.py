"""What can be done with a draft, as values: place a line under the right heading, move it, delete it, count, number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from handlers.notebook import Draft, Line, Part
from knowledge.corpus.numbering import write_ordinal
from knowledge.model import Role

Sense = Callable[[str], tuple[tuple[str, ...], Role | None]]
"""Tells the topics and the role a heading names."""

Related = Callable[[str], tuple[str, ...]]
"""Names the topics near a topic, the nearest first."""

_BODY = frozenset({None, Role.PRACTICE, Role.RESULT})
_COUNTED = re.compile(r"\s")
_BLANK = re.compile(r"【[^【】\n]{1,14}】")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line is to go: before line ``before`` (from 1; beyond the last: at the end), or to the end of ``part``."""

    before: int | None = None
    part: int | None = None


def count_characters(draft: Draft) -> int:
    """Return the characters of a draft's headings and lines, white space not counted."""
    return len(_COUNTED.sub("", "".join(text for part in draft.parts for text in (part.heading, *_texts(part)))))


def find_blanks(texts: Sequence[str]) -> tuple[str, ...]:
    """Return every blank of the texts (【X次】), in order, repetitions kept."""
    return tuple(found for text in texts for found in _BLANK.findall(text))


def number_parts(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts with their ordinals counted through: 一 二 三, and within each of them from 一 again."""
    counts: dict[int, int] = {}
    numbered = []
    for part in parts:
        if not part.heading:
            numbered.append(replace(part, ordinal=""))
            continue
        counts = {level: count for level, count in counts.items() if level <= part.level}
        counts[part.level] = counts.get(part.level, 0) + 1
        pattern = "1" if part.level > 2 else "一"
        numbered.append(replace(part, ordinal=write_ordinal(pattern, counts[part.level])))
    return tuple(numbered)


def place_line(draft: Draft, line: Line, sense: Sense, related: Related) -> tuple[Draft, int]:
    """Put a line where it belongs; returns the draft and the index of the part it went to.

    The role decides the section (存在问题, 下一步), the topic the heading inside it; an opening goes before the first
    heading, a closing after everything, and what fits nowhere under the first heading.
    """
    parts = draft.parts or (Part(""),)
    named = {topic for part in parts for topic in sense(part.heading)[0]}
    near = [
        *(topic for own in line.topics[:1] for topic in related(own)),
        *(topic for topic in sorted(named) if line.topics and line.topics[0] in related(topic)),
    ]
    index = _find_part(parts, replace(line, topics=(*line.topics, *near)), sense)
    if index is None:
        at = 0 if line.role == Role.OPENING.value else len(parts)
        parts = (*parts[:at], Part(""), *parts[at:])
        index = at
    part = parts[index]
    parts = (*parts[:index], replace(part, lines=(*part.lines, line)), *parts[index + 1 :])
    return replace(draft, parts=parts), index


def rearrange(outline: Draft, lines: Sequence[Line], sense: Sense, related: Related) -> Draft:
    """Return ``outline`` with the lines of another draft put under its headings."""
    for line in lines:
        outline, _ = place_line(outline, line, sense, related)
    return outline


def delete_lines(draft: Draft, numbers: Sequence[int]) -> Draft:
    """Return the draft without the lines of those numbers."""
    gone = set(numbers)
    return replace(
        draft,
        parts=tuple(
            replace(part, lines=tuple(line for number, line in lines if number not in gone))
            for part, lines in _numbered(draft)
        ),
    )


def move_line(draft: Draft, number: int, place: Place) -> Draft:
    """Return the draft with line ``number`` taken out and put at ``place`` (numbers as they were before)."""
    line = draft.lines[number - 1]
    parts: list[Part] = []
    done = False
    for index, (part, lines) in enumerate(_numbered(draft)):
        kept: list[Line] = []
        for at, other in lines:
            if at == place.before:
                kept.append(line)
                done = True
            if at != number:
                kept.append(other)
        if place.part == index:
            kept.append(line)
            done = True
        parts.append(replace(part, lines=tuple(kept)))
    if not done:
        parts[-1] = replace(parts[-1], lines=(*parts[-1].lines, line))
    return replace(draft, parts=tuple(parts))


def swap_lines(draft: Draft, first: int, second: int) -> Draft:
    """Return the draft with two lines, by their numbers, in each other's place."""
    lines = draft.lines
    instead = {first: lines[second - 1], second: lines[first - 1]}
    return replace(
        draft,
        parts=tuple(
            replace(part, lines=tuple(instead.get(number, line) for number, line in numbered))
            for part, numbered in _numbered(draft)
        ),
    )


def find_heading(draft: Draft, number: int, level: int | None) -> int | None:
    """Return the index of the part with that ordinal; without a level the higher one (二、 before （二）)."""
    found = [
        (part.level, index)
        for index, part in enumerate(draft.parts)
        if part.heading and level in {None, part.level} and part.ordinal == write_ordinal("一", number)
    ]
    return min(found)[1] if found else None


def part_of(draft: Draft, number: int) -> int:
    """Return the index of the part that holds line ``number``."""
    for index, (_, lines) in enumerate(_numbered(draft)):
        if any(at == number for at, _ in lines):
            return index
    raise IndexError(number)


def _numbered(draft: Draft) -> Iterator[tuple[Part, list[tuple[int, Line]]]]:
    number = 0
    for part in draft.parts:
        lines = list(enumerate(part.lines, number + 1))
        number += len(lines)
        yield part, lines


def _texts(part: Part) -> Iterator[str]:
    return (line.text for line in part.lines)


def _find_part(parts: Sequence[Part], line: Line, sense: Sense) -> int | None:
    role = Role(line.role) if line.role else None
    if role in {Role.OPENING, Role.CLOSING}:
        end = 0 if role is Role.OPENING else len(parts) - 1
        return end if not parts[end].heading else None
    if len(parts) == 1 and not parts[0].heading:
        return 0
    if (own := _own_section(parts, line)) is not None:
        return own
    regions = [(index, region) for index, region in _regions(parts, sense) if parts[index].heading]
    wanted = {role} if role not in _BODY else _BODY
    fitting = [index for index, region in regions if region in wanted]
    if role is Role.CAUSE and not fitting:
        fitting = [index for index, region in regions if region is Role.PROBLEM]
    if not fitting:
        return None if not regions else _of_topic([index for index, _ in regions], parts, line, sense) or regions[0][0]
    found = _of_topic(fitting, parts, line, sense)
    return fitting[0] if found is None else found


def _own_section(parts: Sequence[Part], line: Line) -> int | None:
    """Return the part with the heading the line stands under in its report; the innermost one counts."""
    if line.source is None:
        return None
    for heading in reversed(line.source.section):
        found = next((n for n, part in enumerate(parts) if part.heading and heading.endswith(part.heading)), None)
        if found is not None and parts[found].level > 1:
            return found
    return None


def _of_topic(indices: Sequence[int], parts: Sequence[Part], line: Line, sense: Sense) -> int | None:
    """Return the part whose heading names a topic of the line: its first topic counts most, a lower heading before a higher."""
    best: tuple[int, int, int] | None = None
    for index in indices:
        for place, topic in enumerate(sense(parts[index].heading)[0]):
            if topic in line.topics:
                rank = (line.topics.index(topic) + place, -parts[index].level, index)
                best = rank if best is None or rank < best else best
    return None if best is None else best[2]


def _regions(parts: Sequence[Part], sense: Sense) -> Iterator[tuple[int, Role | None]]:
    """Yield each part with the role of the section it stands in: its own, else that of the heading above it."""
    above: Role | None = None
    for index, part in enumerate(parts):
        own = sense(part.heading)[1] if part.heading else None
        if part.level == 1:
            above = own
        yield index, above if part.level == 1 or own in _BODY else own
