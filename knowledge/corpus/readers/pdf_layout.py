"""From the lines of printed pages to paragraphs: what a page adds is taken off, what it cuts is joined.

Reports are set in one column, justified, first lines indented by two characters (GB/T 9704). So a line that reaches the
right margin goes on in the next one, unless that one is indented.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from knowledge.corpus.readers.lines import is_cut_between, join_pieces, starts_with_ordinal

_PAGE_NUMBER: Final = re.compile(
    r"[-—－–·.\s]*\d{1,4}[-—－–·.\s]*|第?\s*\d{1,4}\s*页?\s*[/，,共]\s*共?\s*\d{1,4}\s*页?|第\s*\d{1,4}\s*页|[ivxIVX]{1,6}"
)
_DIGITS: Final = re.compile(r"\d+")
# Running headers and footers stand in the outer parts of a page and on at least half of the pages.
_MARGIN: Final = 0.12
_REPEATED: Final = 0.5
# In characters: a line ends short of the margin, a first line is indented, a pitch between lines is wider than usual.
_SHORT: Final = 1.8
_INDENT: Final = 1.2
_GAP: Final = 1.45
_GAP_OF_SIZE: Final = 1.9
_SIZE_CHANGE: Final = 1.2
_INVISIBLE: Final = str.maketrans("", "", "\u00ad\ufffe\u200b")


@dataclass(frozen=True, slots=True)
class PageLine:
    """One printed line and its box in points from the lower left corner of the page; all zero when unknown."""

    text: str
    left: float
    right: float
    bottom: float
    top: float

    @property
    def height(self) -> float:
        """The height of the line's characters in points, about their width."""
        return self.top - self.bottom


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its size in points and its lines in reading order."""

    width: float
    height: float
    lines: list[PageLine]


def join_pages(pages: list[Page]) -> list[str]:
    """Return the paragraphs of a document."""
    repeated = _find_repeated(pages)
    lines: list[PageLine | None] = []
    for page in pages:
        lines.extend(_join_rows([line for line in page.lines if not _is_running(line, page, repeated)]))
        lines.append(None)
    printed = [line for line in lines if line is not None]
    if not printed:
        return []
    left, right = _find_margins(printed)
    pitch = _find_pitch(lines)
    paragraphs: list[list[str]] = []
    before: PageLine | None = None
    page_turned = False
    for line in lines:
        if line is None:
            page_turned = True
            continue
        if before is None or _starts_paragraph(before, line, left, right, None if page_turned else pitch):
            paragraphs.append([])
        paragraphs[-1].append(line.text.translate(_INVISIBLE).strip())
        before, page_turned = line, False
    return [text for pieces in paragraphs if (text := join_pieces(pieces))]


def _find_repeated(pages: list[Page]) -> frozenset[str]:
    """Return the texts, numbers aside, that stand in the outer part of at least half of the pages."""
    counts: Counter[str] = Counter()
    for page in pages:
        counts.update({_DIGITS.sub("#", line.text.strip()) for line in page.lines if _is_outer(line, page)})
    least = max(2, len(pages) * _REPEATED)
    return frozenset(text for text, count in counts.items() if count >= least)


def _is_outer(line: PageLine, page: Page) -> bool:
    return line.height > 0 and (line.bottom > page.height * (1 - _MARGIN) or line.top < page.height * _MARGIN)


def _is_running(line: PageLine, page: Page, repeated: frozenset[str]) -> bool:
    text = line.text.strip()
    if line.height <= 0:
        return _PAGE_NUMBER.fullmatch(text) is not None and line in (page.lines[0], page.lines[-1])
    return _is_outer(line, page) and (_PAGE_NUMBER.fullmatch(text) is not None or _DIGITS.sub("#", text) in repeated)


def _join_rows(lines: list[PageLine]) -> list[PageLine]:
    """Join pieces that stand side by side (cells of a table, a number set apart) into one line with tabs."""
    joined: list[PageLine] = []
    for line in lines:
        last = joined[-1] if joined else None
        if last and line.height > 0 and _is_beside(last, line):
            bottom, top = min(last.bottom, line.bottom), max(last.top, line.top)
            joined[-1] = PageLine(f"{last.text.rstrip()}\t{line.text.lstrip()}", last.left, line.right, bottom, top)
        else:
            joined.append(line)
    return joined


def _is_beside(first: PageLine, second: PageLine) -> bool:
    overlap = min(first.top, second.top) - max(first.bottom, second.bottom)
    return overlap > 0.6 * min(first.height, second.height) and second.left > first.right


def _find_margins(lines: list[PageLine]) -> tuple[float, float]:
    """Return the left and right margins of the text: the leftmost common edge and the rightmost."""
    lefts = Counter(round(line.left) for line in lines if line.height > 0)
    rights = sorted(line.right for line in lines if line.height > 0)
    if not rights:
        return 0.0, 0.0
    common = [left for left, count in lefts.items() if count >= max(1, 0.05 * len(lines))]
    return float(min(common or lefts)), rights[int(0.9 * (len(rights) - 1))]


def _find_pitch(lines: list[PageLine | None]) -> float:
    """Return the usual distance between two lines of a page, 0 when there are none."""
    steps = Counter(
        round(first.bottom - second.bottom)
        for first, second in pairwise(lines)
        if first is not None and second is not None and first.bottom > second.bottom
    )
    return float(steps.most_common(1)[0][0]) if steps else 0.0


def _starts_paragraph(before: PageLine, line: PageLine, left: float, right: float, pitch: float | None) -> bool:
    """Return whether ``line`` opens a paragraph; ``pitch`` is ``None`` across a page break."""
    if before.height <= 0 or line.height <= 0:
        return not is_cut_between(before.text, line.text)
    if "\t" in before.text or "\t" in line.text:
        return True
    size = max(before.height, line.height)
    if size > _SIZE_CHANGE * min(before.height, line.height):
        return True
    is_full = before.right >= right - _SHORT * size
    if line.left > left + _INDENT * size:
        # The second line of a centred title, or a paragraph's first line.
        is_centred = abs((line.left - left) - (right - line.right)) < size and line.left > left + 2 * _INDENT * size
        return not (is_full and is_centred) and not is_cut_between(before.text, line.text)
    if pitch and before.bottom - line.bottom > max(_GAP * pitch, _GAP_OF_SIZE * size):
        return True
    if is_full:
        return starts_with_ordinal(line.text.strip()) and before.text.rstrip().endswith(("。", "：", "；"))
    return not is_cut_between(before.text, line.text)
