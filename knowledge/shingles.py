"""Texts as they are compared: bare of everything an editor changes first, cut into tiles that can be looked up.

A base may hold thousands of reports, so only every :data:`STRIDE`-th tile of it is indexed, and a text is looked up at
every place: whatever both have in common over ``TILE + STRIDE - 1`` characters is found.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

from knowledge.normalization import HAN, simplify

TILE = 8
"""Characters of a tile: two or three words."""

STRIDE = 5
MOST_PLACES = 8
"""At how many places of the base one tile is looked at; what stands in more places is common property."""

_DRAWERS = 32

_WIDTH = 4
"""Bytes of a character in the encoding that tiles are hashed in."""

# Blanks and figures, with the measure word that goes into a blank; 【年份】年 and 2023年 are one.
_CHANGEABLE = re.compile(
    r"【[^】\n]{0,20}】[年月日]?"
    r"|\d[\d.,]*[多余]?[百千万亿]*(?:人次|小时|个?百分点|[年月日次个名人件项篇场堂元条期户天份批家支组号])?"
)
_CHARACTERS = re.compile(f"[{HAN}]+")


@dataclass(frozen=True, slots=True)
class BareText:
    """The Chinese characters of a text without punctuation, blanks, figures and Latin letters.

    ``places[i]`` is the offset of ``text[i]`` in the text it is from.
    """

    text: str
    places: array[int]

    def within(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of ``text`` that stands between two offsets of the text it is from."""
        return bisect_left(self.places, start), bisect_left(self.places, end)


def lay_bare(text: str) -> BareText:
    """Return what is compared of a text; traditional characters become simplified ones."""
    plain = simplify(text)
    # The offsets of a text are only those of its simplified form where no character became two.
    plain = plain if len(plain) == len(text) else text
    fixed = _CHANGEABLE.sub(lambda found: " " * len(found[0]), plain)
    places = array("I")
    runs = []
    for run in _CHARACTERS.finditer(fixed):
        runs.append(run[0])
        places.extend(range(run.start(), run.end()))
    return BareText("".join(runs), places)


class TileIndex:
    """The bare texts of many reports in one string, and where each indexed tile stands in it.

    Eight bytes for every five characters, and the characters themselves: some 70 MB for 20 million characters.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        parts: list[str] = []
        # Sorted drawer by drawer: a list of all numbers at once would take four times what stays.
        drawers = [array("Q") for _ in range(_DRAWERS)]
        bounds = array("I", [0])
        for text in texts:
            parts.append(text)
            for mark in _marks(text, bounds[-1]):
                drawers[mark * _DRAWERS >> 64].append(mark)
            bounds.append(bounds[-1] + len(text))
        self.text = "".join(parts)
        self._bounds = bounds
        self._marks = array("Q")
        for drawer in drawers:
            self._marks.extend(sorted(drawer))

    def report_at(self, place: int) -> tuple[int, tuple[int, int]]:
        """Return the number of the report that a place of ``text`` belongs to, and the span of that report."""
        number = bisect_right(self._bounds, place) - 1
        return number, (self._bounds[number], self._bounds[number + 1])

    def begin(self, report: int) -> int:
        """Return where a report begins in ``text``."""
        return self._bounds[report]

    def find(self, tiles: TiledText, place: int) -> list[int]:
        """Return places where the tile that begins at ``place`` stands too, :data:`MOST_PLACES` at most."""
        low = tiles.hash(place) << 32
        first = bisect_left(self._marks, low)
        tile = tiles.text[place : place + TILE]
        near = self._marks[first : first + MOST_PLACES]
        return [at for mark in near if mark - low < 1 << 32 and self.text.startswith(tile, at := mark & 0xFFFFFFFF)]


class TiledText:
    """A bare text whose tiles are hashed one by one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._bytes = text.encode("utf-32-le", "surrogatepass")

    def hash(self, place: int) -> int:
        """Return the hash of the tile that begins at ``place``."""
        return crc32(self._bytes[_WIDTH * place : _WIDTH * (place + TILE)])


def _marks(text: str, offset: int) -> Iterable[int]:
    tiles = TiledText(text)
    return (tiles.hash(at) << 32 | offset + at for at in range(0, len(text) - TILE + 1, STRIDE))
