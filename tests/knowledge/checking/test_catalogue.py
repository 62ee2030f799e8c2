"""The declarations: every rule fires on its examples only, and docs/rules.md says what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.checking.catalogue import compose, main, render
from knowledge.checking.model import Category, Copy, Level, Rule
from knowledge.tableset import TableSet

RULES = compose(TableSet.load())
PAGE = Path(__file__).parents[3] / "docs" / "rules.md"
LEAST_EXAMPLES = 2


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_fires_on_its_examples_only(rule: Rule) -> None:
    for example in rule.flags:
        found = list(rule.find(Copy(example.text, example.year, example.unit)))
        assert found, example.text
        assert {finding.rule for finding in found} == {rule.id}
    for example in rule.misses:
        found = list(rule.find(Copy(example.text, example.year, example.unit)))
        assert not found, (example.text, found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_what_a_rule_finds_is_what_it_declares(rule: Rule) -> None:
    for example in rule.flags:
        for finding in rule.find(Copy(example.text, example.year, example.unit)):
            assert 0 <= finding.start < finding.end <= len(example.text)
            assert finding.category is rule.category
            assert finding.level is rule.level
            assert finding.reason
            assert finding.right is None or finding.right != example.text[finding.start : finding.end]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_declared_in_full(rule: Rule) -> None:
    assert rule.title.strip()
    assert rule.source.strip()
    assert len(set(rule.flags)) >= LEAST_EXAMPLES
    assert len(set(rule.misses)) >= LEAST_EXAMPLES
    assert not set(rule.flags) & set(rule.misses)


def test_no_two_rules_share_an_id_or_a_title() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    titles = [rule.title for rule in RULES]
    assert sorted(titles) == sorted(set(titles))


def test_every_category_and_every_level_has_rules() -> None:
    assert {rule.category for rule in RULES} == set(Category)
    assert {rule.level for rule in RULES} == set(Level)


def test_the_page_of_rules_is_what_the_declarations_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(RULES), "python -m knowledge.checking.catalogue docs/rules.md"


def test_the_page_names_every_rule_with_level_source_and_examples() -> None:
    page = render(RULES)
    for rule in RULES:
        section = page.partition(f"· `{rule.id}` ·")[2].partition("\n### ")[0]
        assert f"依据：{rule.source}" in section
        assert section.count("- 报：") >= LEAST_EXAMPLES
        assert section.count("- 不报：") >= LEAST_EXAMPLES


def test_the_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tmp_path / "rules.md")])
    assert (tmp_path / "rules.md").read_text(encoding="utf-8") == render(RULES)
    main([])
    assert capsys.readouterr().out == render(RULES)
