"""Where a text and the reports of a base are alike: stretches long and close enough to be no coincidence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import nlargest

from knowledge.alignment import GAP, Stretch, align, common_length
from knowledge.commonplace import OWN, SHARED
from knowledge.shingles import TILE, TiledText, TileIndex

SHORTEST = 13
"""Characters in a row, common wording not counted, from which a stretch is no coincidence."""

SHORTEST_CHANGED, DENSEST = 24, 0.75
"""Characters in all, and their share of the stretch, from which one with changes in every clause is none either."""

LONGEST_SHARED = 60
"""Up to how many characters in a row what stands in several reports is common wording; more is a copied paragraph."""

NEAR = 40
"""Characters between two stretches up to which they are one place."""

MOST_ALIGNED = 2
"""Of how many places where a tile stands the surroundings are compared: those that go on alike the longest."""

_COMMON = re.compile(b"[\x01\x02]{%d,}" % (LONGEST_SHARED + 1))


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a bare text that counts, where it stands in the base, and how many of its characters count."""

    report: int
    start: int
    end: int
    span: tuple[int, int]
    counted: int

    def is_near(self, later: Place) -> bool:
        """Whether ``later`` goes on where this place ends, in the text and in the report."""
        gap, gap_there = later.start - self.end, later.span[0] - self.span[1]
        return self.report == later.report and gap <= NEAR and 0 <= gap_there <= 2 * NEAR

    def join(self, later: Place) -> Place:
        """Return this place and a later one as one."""
        span = self.span[0], later.span[1]
        return Place(self.report, self.start, later.end, span, self.counted + later.counted)


def find_places(text: str, marks: bytearray, tiles: TileIndex) -> Iterator[Place]:
    """Yield the stretches that count, in order, none overlapping another.

    ``marks`` says what each character of ``text`` is, and is set right where a stretch shows that it is something else.
    """
    tiled = TiledText(text)
    at = done = 0
    while at <= len(text) - TILE:
        found = tiles.find(tiled, at)
        if not found:
            at += 1
            continue
        stretch, report = _longest(text, at, found, tiles)
        at = max(at + 1, stretch.end)
        stretch = stretch.behind(done)
        counted = _count(stretch, marks)
        if counted and stretch.length <= LONGEST_SHARED and _is_shared(stretch, report, tiled, tiles):
            for run in stretch.runs:
                marks[run.start : run.end] = SHARED * run.length
        elif counted:
            yield Place(report, stretch.start, stretch.end, stretch.span, counted)
            done = stretch.end


def join_near(places: Iterable[Place]) -> list[Place]:
    """Return the places, each joined with those that go on where it ends."""
    joined: list[Place] = []
    for place in places:
        if joined and joined[-1].is_near(place):
            joined[-1] = joined[-1].join(place)
        else:
            joined.append(place)
    return joined


def _longest(text: str, at: int, found: list[int], tiles: TileIndex) -> tuple[Stretch, int]:
    """Return the longest stretch around one of the places where a tile was found, and the report it stands in."""
    likely = found
    if len(found) > MOST_ALIGNED:
        ends = ((common_length(text, at, tiles.text, other, len(tiles.text)), other) for other in found)
        likely = [other for _, other in nlargest(MOST_ALIGNED, ends)]
    aligned = []
    for other in likely:
        report, bounds = tiles.report_at(other)
        aligned.append((align(text, at, tiles.text, other, bounds), report))
    return max(aligned, key=lambda candidate: candidate[0].length)


def _is_shared(stretch: Stretch, report: int, tiled: TiledText, tiles: TileIndex) -> bool:
    """Whether another report has the whole stretch too, up to a word."""
    seen = {report}
    for at in range(stretch.start, stretch.end - TILE + 1):
        for other in tiles.find(tiled, at):
            number, bounds = tiles.report_at(other)
            if number not in seen:
                seen.add(number)
                if align(tiled.text, at, tiles.text, other, bounds).length > stretch.length - GAP:
                    return True
    return False


def _count(stretch: Stretch, marks: bytearray) -> int:
    """Return how many characters of a stretch are copied; 0 where it is too short or too loose to be a copy.

    In a paragraph that is copied whole, ``marks`` is set right: what is common wording elsewhere is copied there.
    """
    equal = b"".join(marks[run.start : run.end] for run in stretch.runs)
    own = _COMMON.sub(_own_if_long, equal)
    parts, at = [], 0
    for run in stretch.runs:
        parts.append((run, own[at : at + run.length]))
        at += run.length
    counted = own.count(OWN)
    changed = marks[stretch.start : stretch.end].count(OWN) - equal.count(OWN)
    if max(part.count(OWN) for _, part in parts) < SHORTEST and (
        counted < SHORTEST_CHANGED or counted < DENSEST * (counted + changed)
    ):
        return 0
    for run, part in parts:
        marks[run.start : run.end] = part
    return counted


def _own_if_long(common: re.Match[bytes]) -> bytes:
    """Count clauses that several reports share where they make up a whole paragraph."""
    found = common[0]
    return found.replace(SHARED, OWN) if found.count(SHARED) > LONGEST_SHARED else found
