"""The sieve leaves out patterns that can't be found, and never one that can."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.grammar import Grammar
from knowledge.sieve import Sieve, characters_needed
from knowledge.tableset import TableSet

CONVERSATIONS = Path(__file__).parent.parent / "conversations"
GRAMMAR = Grammar.load()
PATTERNS = [pattern for intent in GRAMMAR.intents for pattern in (*intent.whole, *intent.part)]


@pytest.mark.parametrize(
    ("pattern", "needs"),
    [
        ("提纲", {"提", "纲"}),
        ("(?:怎么|如何)写", {"么何", "写"}),
        ("(怎么)?写", {"写"}),
        ("例句{1,3}", {"例", "句"}),
        ("例句{0,3}", {"例"}),
        ("[甲乙丙]+丁*", {"甲乙丙"}),
        ("[一-三]号", {"一丁丂七丄丅丆万丈三", "号"}),
        ("[^甲乙]丙", {"丙"}),
        (r"\d{2}年|\d月?", set()),
        (r"\[图片\]", {"[", "图", "片", "]"}),
        ("(?<!不)好(?=吗)", {"好"}),
        ("(?P<word>写.{2,6})吗", {"写", "吗"}),
        ("b", {"bB"}),
        ("ok", {"oO"}),
        (" ?。", {"。"}),
        ("[\u2460-\u2462]", {"①②③"}),
        ("(?i:提纲)", set()),
        (r"(.)\1提", set()),
        ("", set()),
        ("甲|", set()),
    ],
)
def test_characters_that_every_match_has(pattern: str, needs: set[str]) -> None:
    assert characters_needed(re.compile(pattern)) == {frozenset(each) for each in needs}


@given(st.data())
def test_what_a_pattern_fits_has_the_characters_it_needs(data: st.DataObject) -> None:
    pattern = data.draw(st.sampled_from(PATTERNS))
    text = data.draw(st.from_regex(pattern, fullmatch=True))
    assert all(need & set(text) for need in characters_needed(pattern))


def messages() -> list[str]:
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(CONVERSATIONS.glob("*.toml"))]
    return [turn["say"] for file in files for one in file["conversation"] for turn in one["turn"] if "say" in turn]


def test_no_pattern_of_the_grammar_that_is_found_is_left_out() -> None:
    groups = [(*intent.whole, *intent.part) for intent in GRAMMAR.intents]
    sieve = Sieve(groups)
    for text in messages():
        found = {place for place, patterns in enumerate(groups) if any(pattern.search(text) for pattern in patterns)}
        assert sieve.search(text) == found


def test_no_entry_of_the_tables_that_is_asked_for_is_left_out(tables: TableSet) -> None:
    registry = tables.registry
    for text in messages():
        asked = [entry for entry in registry.rules.entries if any(pattern.search(text) for pattern in entry.asked)]
        assert set(asked) <= set(registry.rules.find(text))
        assert [entry for entry in registry.layouts.find(text) if entry.item != text] == [
            entry
            for entry in registry.layouts.entries
            if entry.item != text and any(pattern.search(text) for pattern in entry.asked)
        ]


def test_candidates_keep_their_order_and_are_few() -> None:
    sieve = Sieve([(re.compile("提纲"), re.compile("提.纲")), (re.compile("例句"),), (re.compile(r"\d"),)])
    found = {place: [pattern.pattern for pattern in patterns] for place, patterns in sieve.candidates("纲提").items()}
    assert found == {0: ["提纲", "提.纲"], 2: [r"\d"]}


def test_most_of_the_grammar_is_left_out() -> None:
    sieve = Sieve([(pattern,) for pattern in PATTERNS])
    tried = [len(sieve.candidates(text)) for text in messages() if len(text) <= 20]
    assert sum(tried) / len(tried) < len(PATTERNS) / 10
