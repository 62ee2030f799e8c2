"""The gate's tables: every entry fires on its own examples, leaves its counter-examples alone, and slips are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.corpus.cleaning import GateTable, clean, load_gate
from knowledge.corpus.gate import Decision, Entry, MaskRule
from knowledge.tables import TableError

TABLE = load_gate()
KNOWN_YEAR = 2023

MEASURE = '[[measure]]\nwords = ["次"]\n'
ENTRY = """
[[entry]]
id = "test.entry"
pattern = '甲乙'
cues = ["甲乙"]
decision = "repair"
replacement = "甲丙"
reason = "错别字"
matches = ["甲乙。"]
misses = ["甲丙。"]
"""
MASK = """
[[mask]]
id = "test.mask"
of = ["letters"]
after = '机关'
decision = "slot"
result = "【单位】"
reason = "空位"
matches = ["XX机关"]
misses = ["XX部门"]
"""


def rules_fired(text: str, year: int | None) -> set[str]:
    cleaned = clean(text, TABLE, year=year)
    return {repair.rule for repair in cleaned.repairs} | {span.rule for span in cleaned.withheld}


def year_of(entry: Entry) -> int:
    return entry.since or entry.until or KNOWN_YEAR


@pytest.mark.parametrize("entry", TABLE.entries, ids=lambda entry: entry.id)
def test_an_entry_fires_on_its_examples_only(entry: Entry) -> None:
    for text in entry.matches:
        assert entry.occurs(text), text
        assert entry.id in rules_fired(text, year_of(entry)), text
    for text in entry.misses:
        assert entry.id not in rules_fired(text, year_of(entry)), text


@pytest.mark.parametrize("entry", TABLE.entries, ids=lambda entry: entry.id)
def test_a_wrong_form_is_gone_or_withheld(entry: Entry) -> None:
    for text in entry.matches:
        cleaned = clean(text, TABLE, year=year_of(entry))
        for found in entry.pattern.finditer(cleaned.text):
            covered = [span for span in cleaned.withheld if span.start <= found.start() and found.end() <= span.end]
            assert covered, cleaned.text


@pytest.mark.parametrize("rule", TABLE.masks, ids=lambda rule: rule.id)
def test_a_mask_rule_fires_on_its_examples_only(rule: MaskRule) -> None:
    for text in rule.matches:
        if rule.decision is Decision.LEAVE:
            assert rules_fired(text, KNOWN_YEAR) == set(), text
        else:
            assert rule.id in rules_fired(text, KNOWN_YEAR), text
    for text in rule.misses:
        assert rule.id not in rules_fired(text, KNOWN_YEAR), text


def test_an_example_comes_out_of_a_second_cleaning_unchanged() -> None:
    items: list[Entry | MaskRule] = [*TABLE.entries, *TABLE.masks]
    for text in (text for item in items for text in (*item.matches, *item.misses)):
        once = clean(text, TABLE, year=KNOWN_YEAR)
        assert clean(once.text, TABLE, year=KNOWN_YEAR).text == once.text


def test_a_repair_certain_only_in_some_years_withholds_in_the_others() -> None:
    text = "坚持以思想为指导，扎实推进。"
    for year, repaired in ((2017, False), (2018, True), (2025, True), (2026, False), (None, False)):
        cleaned = clean(text, TABLE, year=year)
        assert ("习近平新时代中国特色社会主义思想" in cleaned.text) is repaired
        assert bool(cleaned.withheld) is not repaired


def test_an_outdated_wording_stays_in_a_report_of_its_time() -> None:
    text = "认真贯彻“党要管党、从严治党”的方针。"
    assert clean(text, TABLE, year=2013).text == text
    assert "全面从严治党" in clean(text, TABLE, year=2023).text


def load(tmp_path: Path, text: str) -> GateTable:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return load_gate(path)


def test_given_tables_take_the_place_of_the_bundled_ones(tmp_path: Path) -> None:
    table = load(tmp_path, MEASURE + ENTRY + MASK)
    cleaned = clean("甲乙。XX机关。布署。", table, year=None)
    assert cleaned.text == "甲丙。【单位】机关。布署。"


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        (ENTRY, "没有量词表"),
        (MEASURE + ENTRY + ENTRY, "test.entry"),
        (MEASURE + ENTRY.replace("'甲乙'", "'甲(乙'"), "表达式写错了"),
        (MEASURE + ENTRY.replace('"repair"', '"mend"'), "decision"),
        (MEASURE + ENTRY.replace('"repair"', '"withhold"'), "replacement"),
        (MEASURE + ENTRY.replace('misses = ["甲丙。"]', ""), "misses"),
        (MEASURE + ENTRY + 'otherwise = "repair"\n', "otherwise"),
        (MEASURE + ENTRY + 'sources = ["书"]\n', "sources"),
        (MEASURE + MASK.replace('["letters"]', '["字母"]'), "字母"),
        (MEASURE + MASK.replace('result = "【单位】"', ""), "result"),
        (MEASURE + "[[entries]]\n", "entries"),
        ("[[measure]", "TOML"),
    ],
)
def test_a_slip_in_a_table_is_named(tmp_path: Path, text: str, slip: str) -> None:
    with pytest.raises(TableError, match=slip) as raised:
        load(tmp_path, text)
    assert "own.toml" in str(raised.value) or "test.entry" in str(raised.value)


def test_the_tables_hold_at_least_the_known_misquotes() -> None:
    assert len(TABLE.entries) > 100
    stated = [entry for entry in TABLE.entries if entry.id.startswith("phrase.") and entry.source]
    assert len(stated) > 35
