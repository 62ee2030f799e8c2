"""Layout (版式): the figures and typefaces of GB/T 9704—2012 as an office program wants them.

The figures are those of ``knowledge/data/gbt9704.toml`` (a test compares the two); what the standard leaves open is a
field of :class:`Layout`, set as usage has it (实务). ``docs/export.md`` says which is which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PAGE_WIDTH_MM, PAGE_HEIGHT_MM = 210.0, 297.0
"""A4 (5.1)."""
TOP_MM, LEFT_MM = 37.0, 28.0
"""天头 and 订口 (5.2.1)."""
TYPE_AREA_WIDTH_MM, TYPE_AREA_HEIGHT_MM = 156.0, 225.0
"""版心 (5.2.1)."""
RIGHT_MM = PAGE_WIDTH_MM - LEFT_MM - TYPE_AREA_WIDTH_MM
BOTTOM_MM = PAGE_HEIGHT_MM - TOP_MM - TYPE_AREA_HEIGHT_MM

LINES, CHARACTERS = 22, 28
"""Lines of a page, characters of a line (5.2.3)."""

SIZE_2, SIZE_3, SIZE_4 = 22.0, 16.0, 14.0
"""Points of 2号 (title, 7.3.1), 3号 (text, 5.2.2) and 4号 (page number, 7.5)."""

DASH_BELOW_TEXT_MM = 7.0
"""How far the dashes beside the page number stand below the type area (7.5)."""
FOOTER_LINE = 16.0
"""Height in points of the page number's line; its middle, where the dashes are, is what the standard places."""


@dataclass(frozen=True, slots=True)
class Typeface:
    """One Chinese typeface: the name asked for, the ``substitute`` to look for where that is not installed, and what a
    program that finds neither goes by (``family`` and ``pitch`` as in WordprocessingML 17.8.3).
    """

    name: str
    substitute: str
    family: Literal["auto", "modern", "roman", "script", "swiss"] = "modern"
    pitch: Literal["fixed", "variable"] = "fixed"


@dataclass(frozen=True, slots=True)
class Layout:
    """What the standard does not fix: names of typefaces, and the height of a line in points (固定值).

    At most 28.9 points let 22 lines onto a page.
    """

    line_height: float = 28.0
    title: Typeface = Typeface("方正小标宋简体", "华文中宋", "script", "variable")
    heading: Typeface = Typeface("黑体", "SimHei")
    subheading: Typeface = Typeface("楷体_GB2312", "楷体")
    body: Typeface = Typeface("仿宋_GB2312", "仿宋")
    page_number: Typeface = Typeface("宋体", "SimSun", "auto", "variable")
    latin: str = "Times New Roman"

    @property
    def typefaces(self) -> tuple[Typeface, ...]:
        """Every Chinese typeface, each once."""
        return tuple(dict.fromkeys((self.title, self.heading, self.subheading, self.body, self.page_number)))


STANDARD = Layout()
"""The layout a manuscript gets unless told otherwise."""


def twips(millimetres: float) -> int:
    """Return a length in twentieths of a point."""
    return round(millimetres * 1440 / 25.4)


def type_area() -> tuple[int, int]:
    """Return width and height of the type area in twips, as the rounded page and margins leave it."""
    width = twips(PAGE_WIDTH_MM) - twips(LEFT_MM) - twips(RIGHT_MM)
    return width, twips(PAGE_HEIGHT_MM) - twips(TOP_MM) - twips(BOTTOM_MM)


def grid_pitch() -> int:
    """Return the distance of two lines of the grid in twips: 22 of them fill the type area."""
    return type_area()[1] // LINES


def character_space() -> int:
    """Return what a character of 3号 gains so that 28 of them fit into a line, in twips; it loses a little."""
    # One twip in reserve: LibreOffice rounds the width of the type area down to whole cells of the grid.
    return type_area()[0] // CHARACTERS - round(20 * SIZE_3) - 1


def grid_space() -> int:
    """Return the same for the grid of the page, in 4096ths of a point (17.6.5)."""
    return int((type_area()[0] / CHARACTERS / 20 - SIZE_3) * 4096) - 1


def footer_distance() -> int:
    """Return the distance from the paper's edge to the lower edge of the page number's line, in twips."""
    return twips(BOTTOM_MM - DASH_BELOW_TEXT_MM) - round(FOOTER_LINE * 20 / 2)
