"""Proof (校样): a checked text with its findings, and how they are worded for a terminal, a comment and a page."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from knowledge.checking.model import Finding, Level

NOTICE: Final = "只查固定表述、序号、空位和常见误写，不代替人工校对。"
"""What stands below every result, whatever was found."""

_SHOWN: Final = 40
_BESIDE: Final = 10


class YearSource(StrEnum):
    """Where the year a text is checked for was taken from, in words for its reader."""

    OPTION = "年份由命令指定"
    TEXT = "年份从文中识别"
    CLOCK = "文中认不出年份，按今年"


# Without slots: what is worked out from the text is kept.
@dataclass(frozen=True)
class Proof:
    """A text as it was checked for ``year``, and its ``findings`` down to level ``lowest``, in the order of the text."""

    name: str
    text: str
    year: int
    year_source: YearSource
    findings: tuple[Finding, ...]
    lowest: Level = Level.HINT

    @cached_property
    def ranked(self) -> tuple[Finding, ...]:
        """The findings with the surest first, each level in the order of the text."""
        ranks = {level: rank for rank, level in enumerate(Level)}
        return tuple(sorted(self.findings, key=lambda finding: (ranks[finding.level], finding.start, finding.end)))

    @property
    def counts(self) -> dict[Level, int]:
        """How many findings there are of each level that is shown, 0 included."""
        return {
            level: sum(finding.level is level for finding in self.findings) for level in levels_down_to(self.lowest)
        }

    @property
    def tally(self) -> str:
        """The counts in words: 必错2处，疑似1处，提示0处."""
        return "，".join(f"{level.value}{count}处" for level, count in self.counts.items())

    @property
    def standard(self) -> str:
        """The year the text was checked for, in words."""
        return f"按{self.year}年检查（{self.year_source.value}）"

    @cached_property
    def _breaks(self) -> list[int]:
        return [index for index, character in enumerate(self.text) if character == "\n"]

    def line_at(self, place: int) -> int:
        """Return the line (段) that ``text[place]`` is on, counted from 1; blank lines are not part of a text."""
        return bisect_left(self._breaks, place) + 1

    def found(self, finding: Finding) -> str:
        """Return the words of a finding."""
        return self.text[finding.start : finding.end]

    def around(self, finding: Finding) -> str:
        """Return the words of a finding with those beside them on the same line."""
        line_start = self.text.rfind("\n", 0, finding.start) + 1
        line_end = self.text.find("\n", finding.end)
        line_end = len(self.text) if line_end < 0 else line_end
        start, end = max(line_start, finding.start - _BESIDE), min(line_end, finding.end + _BESIDE)
        before, after = "…" if start > line_start else "", "…" if end < line_end else ""
        return before + " ".join(self.text[start:end].split()) + after


def quote(words: str) -> str:
    """Return words of the text in quotation marks, on one line and shortened; empty for a bare place."""
    words = " ".join(words.split())
    if len(words) > _SHOWN:
        words = f"{words[: _SHOWN - 10]}…{words[-9:]}"
    return f"“{words}”" if words else ""


def levels_down_to(lowest: Level) -> tuple[Level, ...]:
    """Return the levels from the surest down to ``lowest``."""
    levels = tuple(Level)
    return levels[: levels.index(lowest) + 1]


def advice(finding: Finding) -> str:
    """Return what should stand instead, in words; empty where there is no single answer."""
    return f"应为“{finding.right}”" if finding.right else ""
