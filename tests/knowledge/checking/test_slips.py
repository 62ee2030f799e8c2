"""The checker over the five bundled reports, held against what an editor found in them line by line."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from knowledge.build.base import bundled_reports
from knowledge.checking.checker import Checker
from knowledge.checking.model import Category, Finding, Level
from knowledge.corpus.reader import read

CONTENT: dict[str, Any] = tomllib.loads(Path(__file__).with_name("slips.toml").read_text(encoding="utf-8"))
YEAR = 2023
TOLD = (Level.WRONG, Level.DOUBTFUL)

RECALL_FLOOR = 0.90
PRECISION_FLOOR = 0.95
MASK_FLOOR = 0.90
SLIPS_AT_LEAST = 60
FINE_AT_LEAST = 40

WIDEST = 80
"""A finding longer than this points at nothing in particular and counts for no slip."""

WORDING = frozenset(
    {Category.PHRASE, Category.DATED, Category.OFFICE, Category.SLIP, Category.UNIT, Category.BLANK, Category.FIGURE}
)
"""A word taken out by a filter may be told as a wrong phrase, a missing word or a mask; the reader is helped by each."""

FITTING = {
    **dict.fromkeys(WORDING, WORDING),
    Category.PUNCTUATION: frozenset({Category.PUNCTUATION, Category.FORM}),
    Category.FORM: frozenset({Category.PUNCTUATION, Category.FORM}),
    Category.NUMBERING: frozenset({Category.NUMBERING}),
    Category.WEB: frozenset({Category.WEB}),
}

# 某 in 某域腐败 and 同某保持高度一致 is what a filter left of a word, and listed as a slip.
MASK = re.compile(r"\*+|[Xx]+|某{1,2}(?!域腐败|保持高度一致)")


@dataclass(frozen=True)
class Slip:
    report: str
    start: int
    end: int
    wrong: str
    category: Category
    level: Level

    def is_told_by(self, finding: Finding) -> bool:
        overlaps = finding.start < self.end and self.start < finding.end
        return overlaps and finding.end - finding.start <= WIDEST and finding.category in FITTING[self.category]

    def __str__(self) -> str:
        return f"{self.report} {self.start:5} {self.level} {self.category} {self.wrong!r}"


@dataclass(frozen=True)
class Checked:
    """What the checker told of the reports at 必错 or 疑似, and what was listed in them."""

    slips: Sequence[Slip]
    told: Sequence[tuple[str, Finding]]

    @property
    def wanted(self) -> list[Slip]:
        return [slip for slip in self.slips if slip.level in TOLD]

    @property
    def missed(self) -> list[Slip]:
        return [
            slip for slip in self.wanted if not any(name == slip.report and slip.is_told_by(f) for name, f in self.told)
        ]

    @property
    def alarms(self) -> list[tuple[str, Finding]]:
        """The findings that point at no listed slip."""
        return [
            (name, finding)
            for name, finding in self.told
            if not any(slip.report == name and slip.is_told_by(finding) for slip in self.slips)
        ]

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / len(self.wanted)

    @property
    def precision(self) -> float:
        return 1 - len(self.alarms) / max(1, len(self.told))


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {path.name[:3]: read(path).text for path in bundled_reports().iterdir()}


@pytest.fixture(scope="module")
def slips(texts: dict[str, str]) -> list[Slip]:
    found = []
    for entry in CONTENT["slip"]:
        start = texts[entry["report"]].index(entry["quote"]) + entry["quote"].index(entry["wrong"])
        end = start + len(entry["wrong"])
        category, level = Category(entry["category"]), Level(entry["level"])
        found.append(Slip(entry["report"], start, end, entry["wrong"], category, level))
    return found


@pytest.fixture(scope="module")
def findings(texts: dict[str, str]) -> dict[str, tuple[Finding, ...]]:
    checker = Checker.load()
    return {name: tuple(checker.check(text, year=YEAR)) for name, text in texts.items()}


@pytest.fixture(scope="module")
def masks(texts: dict[str, str]) -> list[tuple[str, int, int]]:
    return [(name, found.start(), found.end()) for name, text in texts.items() for found in MASK.finditer(text)]


@pytest.fixture(scope="module")
def checked(findings: dict[str, tuple[Finding, ...]], slips: list[Slip], masks: list[tuple[str, int, int]]) -> Checked:
    """The findings on masks are counted apart: there are many of them and they are easy."""
    told = [
        (name, finding)
        for name, told_here in findings.items()
        for finding in told_here
        if finding.level in TOLD and not (finding.category is Category.BLANK and _touches(name, finding, masks))
    ]
    return Checked(slips, told)


def _touches(name: str, finding: Finding, spans: Iterable[tuple[str, int, int]]) -> bool:
    return any(name == there and finding.start < end and start < finding.end for there, start, end in spans)


def _shown(texts: dict[str, str], alarms: Iterable[tuple[str, Finding]]) -> list[str]:
    return [
        f"{name} {finding.start:5} {finding.level} {finding.rule} {texts[name][finding.start : finding.end]!r} {finding.reason}"
        for name, finding in alarms
    ]


def test_every_listed_stretch_stands_once_in_its_report(texts: dict[str, str]) -> None:
    for entry in CONTENT["slip"] + CONTENT["fine"]:
        assert texts[entry["report"]].count(entry["quote"]) == 1, entry["quote"]
        assert entry["quote"].count(entry.get("wrong", entry["quote"])) == 1, entry["quote"]
        assert entry["reason"]


def test_a_right_form_is_another_than_the_wrong_one() -> None:
    assert not [entry for entry in CONTENT["slip"] if entry["wrong"] == entry.get("right")]


def test_no_stretch_is_listed_both_as_wrong_and_as_fine(texts: dict[str, str], slips: list[Slip]) -> None:
    for entry in CONTENT["fine"]:
        start = texts[entry["report"]].index(entry["quote"])
        end = start + len(entry["quote"])
        assert not [s for s in slips if s.report == entry["report"] and s.start < end and start < s.end], entry["quote"]


def test_the_list_is_long_enough_to_measure_by(slips: list[Slip]) -> None:
    assert len([slip for slip in slips if slip.level in TOLD]) >= SLIPS_AT_LEAST
    assert len(CONTENT["fine"]) >= FINE_AT_LEAST


def test_masks_are_counted_by_shape(texts: dict[str, str], masks: list[tuple[str, int, int]]) -> None:
    counted = Counter((name, texts[name][start:end]) for name, start, end in masks)
    assert counted == {(entry["report"], entry["shape"]): entry["count"] for entry in CONTENT["mask"]}


def test_most_real_slips_are_told(checked: Checked) -> None:
    missed = "\n".join(map(str, checked.missed))
    found, wanted = len(checked.wanted) - len(checked.missed), len(checked.wanted)
    assert checked.recall >= RECALL_FLOOR, f"{found} of {wanted} told; missed:\n{missed}"


def test_what_is_told_is_almost_always_a_slip(texts: dict[str, str], checked: Checked) -> None:
    alarms = "\n".join(_shown(texts, checked.alarms))
    assert checked.precision >= PRECISION_FLOOR, f"{len(checked.alarms)} of {len(checked.told)} findings:\n{alarms}"


def test_findings_that_point_elsewhere_are_counted_as_alarms(checked: Checked) -> None:
    astray = [
        (name, replace(finding, start=finding.end + WIDEST, end=finding.end + WIDEST)) for name, finding in checked.told
    ]
    moved = Checked(checked.slips, astray)
    assert moved.recall < 1 - RECALL_FLOOR
    assert moved.precision < 1 - RECALL_FLOOR


def test_no_slip_that_is_certain_is_missed(checked: Checked) -> None:
    assert not [str(slip) for slip in checked.missed if slip.level is Level.WRONG]


def test_what_only_looks_wrong_is_left_alone(texts: dict[str, str], checked: Checked) -> None:
    spans = []
    for entry in CONTENT["fine"]:
        start = texts[entry["report"]].index(entry["quote"])
        spans.append((entry["report"], start, start + len(entry["quote"])))
    assert not _shown(texts, ((name, finding) for name, finding in checked.told if _touches(name, finding, spans)))


def test_masks_are_told(
    texts: dict[str, str], findings: dict[str, tuple[Finding, ...]], masks: list[tuple[str, int, int]]
) -> None:
    blanks = [
        (name, finding.start, finding.end)
        for name, told in findings.items()
        for finding in told
        if finding.category is Category.BLANK
    ]
    missed = [
        f"{name} {start} {texts[name][max(0, start - 6) : end + 6]!r}"
        for name, start, end in masks
        if not any(name == there and first < end and start < last for there, first, last in blanks)
    ]
    assert 1 - len(missed) / len(masks) >= MASK_FLOOR, "\n".join(missed)
