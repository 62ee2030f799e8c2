"""The gate over the five bundled reports, held against a list of every slip, mask and figure in them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from knowledge.corpus.cleaning import CleanText, GateTable, Repair, Withheld, clean, load_gate

REPORTS = ("000", "001", "002", "003", "004")
CONTENT: dict[str, Any] = tomllib.loads(Path(__file__).with_name("gate_cases.toml").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = CONTENT["case"]
DECIDED = [case for case in CASES if case["decision"] != "keep"]


@dataclass(frozen=True)
class Report:
    raw: str
    clean: CleanText

    @property
    def served(self) -> str:
        """The cleaned text with every withheld span blotted out."""
        characters = list(self.clean.text)
        for span in self.clean.withheld:
            characters[span.start : span.end] = "■" * (span.end - span.start)
        return "".join(characters)

    @property
    def decisions(self) -> list[Repair | Withheld]:
        return [*self.clean.repairs, *self.clean.withheld]

    def raw_span(self, decision: Repair | Withheld) -> tuple[int, int]:
        start = self.clean.origin(decision.start)
        if isinstance(decision, Withheld):
            return start, self.clean.origin(decision.end)
        if decision.start == decision.end:  # a deletion: what stands there now came after it
            return start - len(decision.before), start
        return start, start + len(decision.before)


@pytest.fixture(scope="module")
def table() -> GateTable:
    return load_gate()


@pytest.fixture(scope="module")
def reports(table: GateTable) -> dict[str, Report]:
    folder = resources.files("knowledge") / "data" / "reports"
    found = {}
    for entry in folder.iterdir():
        raw = entry.read_text(encoding="utf-8")
        found[entry.name[:3]] = Report(raw, clean(raw, table, year=2023))
    return found


def label(case: dict[str, Any]) -> str:
    return f"{case['report']}-{case['decision']}-{case['raw'][:12]}"


@pytest.mark.parametrize("case", DECIDED, ids=label)
def test_each_listed_slip_is_decided_as_expected(case: dict[str, Any], reports: dict[str, Report]) -> None:
    report = reports[case["report"]]
    at = report.raw.find(case["raw"])
    assert at >= 0
    assert case["clean"] in report.clean.text
    if case["raw"] not in case["clean"]:
        assert case["raw"] not in report.served
    near = [
        decision
        for decision in report.decisions
        for start, end in [report.raw_span(decision)]
        if start <= at + len(case["raw"]) and end >= at
    ]
    assert set(case["reasons"]) <= {decision.reason for decision in near}
    for words in case.get("withheld", ()):
        assert any(isinstance(span, Withheld) and report.clean.text[span.start : span.end] == words for span in near)
    assert ("withheld" in case) == (case["decision"] == "withhold")


@pytest.mark.parametrize("case", [case for case in CASES if case["decision"] == "keep"], ids=label)
def test_what_only_looks_odd_is_left_alone(case: dict[str, Any], reports: dict[str, Report]) -> None:
    report = reports[case["report"]]
    assert case["raw"] in report.raw
    assert case["raw"] in report.clean.text


@pytest.mark.parametrize("number", REPORTS)
def test_no_wrong_form_stands_outside_withheld_spans(number: str, reports: dict[str, Report]) -> None:
    served = reports[number].served
    assert [form for form in CONTENT["wrong_forms"] if form in served] == []


def test_every_wrong_form_stands_in_some_raw_report(reports: dict[str, Report]) -> None:
    raw = "\n".join(report.raw for report in reports.values())
    assert [form for form in CONTENT["wrong_forms"] if form not in raw] == []


@pytest.mark.parametrize("number", REPORTS)
def test_no_decision_is_taken_that_the_list_does_not_foresee(number: str, reports: dict[str, Report]) -> None:
    report = reports[number]
    foreseen = [
        found.span()
        for case in DECIDED
        if case["report"] == number
        for found in re.finditer(re.escape(case["raw"]), report.raw)
    ]
    for decision in report.decisions:
        start, end = report.raw_span(decision)
        # A stop that ends the words may lie just behind them.
        assert any(first <= start and end <= last + 1 for first, last in foreseen), decision


@pytest.mark.parametrize("number", REPORTS)
def test_a_heading_behind_a_paywall_mark_starts_its_line(number: str, reports: dict[str, Report]) -> None:
    lines = reports[number].clean.text.split("\n")
    raw_lines = [line.replace("##paidbegin##", "") for line in reports[number].raw.split("\n")]
    assert len(lines) == len(raw_lines)
    ordinal = re.compile(r"[一二三四五六]、|（[一二三四五六]）|\d\.|[一二三四五六]是")
    assert [bool(ordinal.match(line)) for line in lines] == [bool(ordinal.match(line)) for line in raw_lines]


def test_most_of_the_five_reports_stays_servable(reports: dict[str, Report]) -> None:
    kept = total = 0
    for report in reports.values():
        at = 0
        for sentence in re.split(r"(?<=[。；\n])", report.clean.text):
            end = at + len(sentence)
            total += len(sentence)
            if not any(span.start < end and span.end > at for span in report.clean.withheld):
                kept += len(sentence)
            at = end
    assert kept / total > 0.9
