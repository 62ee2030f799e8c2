"""The plain form (素文) of a text as it was typed, in which wording is looked for, with the way back to every character."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from knowledge.corpus.typography import HAN

_WIDE = {
    wide: wide - 0xFEE0 for wide in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF05)
}
_EVEN = str.maketrans({**_WIDE, **dict(zip("「」『』\u2028\u2029\x85\x0b\x0c", "“”‘’\n\n\n\n\n", strict=True))})
_FULL = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）"}
_BESIDE = rf"{HAN}，。；：、！？“”‘’《》〈〉（）【】…—"
_HALF = re.compile(rf"(?<=[{_BESIDE}%])[,;:?!()]|[()](?=[{_BESIDE}])|(?<=[\w%])[,;:](?=[{HAN}“‘《（])")
_STRAIGHT = re.compile(r'"([^"\n]*)"')
_LONE_RETURN = re.compile(r"\r(?!\n)")
_BLANK = r" \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_UNSEEN = r"\xad\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff"
# Two figures side by side stay two.
_GONE = re.compile(
    rf"[{_UNSEEN}]++|\r(?=\n)"
    rf"|[{_BLANK}](?:(?<=[{_BESIDE}].)(?=[{_BLANK}{_UNSEEN}]*+[{_BESIDE}\d])|(?<=[%\d].)(?=[{_BLANK}{_UNSEEN}]*+[{_BESIDE}]))"
    rf"[{_BLANK}{_UNSEEN}]*+"
)


@dataclass(frozen=True, slots=True)
class Plain:
    """A text without what does not belong to its wording; ``span`` leads back to the text it was made from."""

    text: str
    # Where something was left out: the place here, and how many characters are missing up to it.
    _places: tuple[int, ...]
    _missing: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where ``text[start:end]`` (not empty) stands in the text as it was typed."""
        return self._origin(start), self._origin(end - 1) + 1

    def _origin(self, place: int) -> int:
        found = bisect_right(self._places, place)
        return place + (self._missing[found - 1] if found else 0)


def make_plain(text: str) -> Plain:
    """Return the plain form of a text: widths evened, straight quotes paired, blanks inside Chinese text left out.

    Line breaks stay. Linear in the length of the text.
    """
    text = _LONE_RETURN.sub("\n", text.translate(_EVEN))
    if '"' in text:
        text = _STRAIGHT.sub(r"“\1”", text)
    text = _HALF.sub(lambda found: _FULL[found[0]], text)
    pieces: list[str] = []
    places: list[int] = []
    missing: list[int] = []
    done = kept = gone = 0
    for found in _GONE.finditer(text):
        pieces.append(text[done : found.start()])
        kept += found.start() - done
        gone += len(found[0])
        done = found.end()
        places.append(kept)
        missing.append(gone)
    pieces.append(text[done:])
    return Plain("".join(pieces), tuple(places), tuple(missing))
