"""Wrong forms by table: the known misquotes, what the tables let an entry say, and how a pattern is tried."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from knowledge.checking import wording
from knowledge.checking.checker import Checker
from knowledge.checking.model import Category, Copy, Finding, Level
from knowledge.checking.offices import load_names
from knowledge.corpus.gate import load_gate
from knowledge.tables import Table, TableError

CONTENT: dict[str, Any] = tomllib.loads(Path(__file__).with_name("misquotes.toml").read_text(encoding="utf-8"))
MISQUOTES: list[dict[str, Any]] = CONTENT["misquote"]
KNOWN = 95
RIGHT_YEAR = 2026
MEASURE = '[[measure]]\nwords = ["次"]\n'
ENTRY = """
[[entry]]
id = "test.entry"
pattern = '甲(乙)'
cues = ["甲乙"]
reason = "试"
matches = ["甲乙。"]
misses = ["甲丙。"]
"""


@pytest.fixture(scope="module")
def checker() -> Checker:
    return Checker.load()


def label(misquote: dict[str, Any]) -> str:
    return f"{misquote['id']}-{misquote['year']}"


def test_every_known_misquote_is_listed() -> None:
    assert {misquote["id"] for misquote in MISQUOTES} == {f"MQ-{number:03}" for number in range(1, KNOWN + 1)}


@pytest.mark.parametrize("misquote", MISQUOTES, ids=label)
def test_a_misquote_is_told_in_its_wrong_contexts(checker: Checker, misquote: dict[str, Any]) -> None:
    wanted = {Level.WRONG, Level.DOUBTFUL} | ({Level.HINT} if misquote["level"] == Level.HINT else set())
    for text in misquote["wrong"]:
        assert {f.level for f in checker.check(text, year=misquote["year"])} & wanted, text


@pytest.mark.parametrize("misquote", MISQUOTES, ids=label)
def test_a_misquote_is_not_told_in_its_right_contexts(checker: Checker, misquote: dict[str, Any]) -> None:
    for text in misquote["right"]:
        assert not [f for f in checker.check(text, year=RIGHT_YEAR) if f.level is not Level.HINT], text


@pytest.mark.parametrize(
    "text",
    [
        "大会报告全面总结了工作。",
        "总书记曾强调要抓好落实。",
        "推进队伍正规化建设。",
        "各级党委织密监督网络。",
        "敢于较真碰硬抓整改。",
        "市委常委会议事规则修订后施行。",
        "“一带一路”战略支点城市建设提速。",
        "县委巡察组和省委巡视组分别反馈意见。",
        "形成更好的推进机制。",
    ],
)
def test_a_wrong_form_inside_other_words_is_left_alone(checker: Checker, text: str) -> None:
    assert not checker.check(text, year=RIGHT_YEAR)


def own(tmp_path: Path, text: str) -> tuple[Finding, ...]:
    path = tmp_path / "own.toml"
    path.write_text(MEASURE + text, encoding="utf-8")
    rules = wording.rules(load_gate(path), ())
    return tuple(finding for rule in rules for finding in rule.find(Copy("先写甲乙，再写。", RIGHT_YEAR)))


def test_an_entry_without_a_decision_is_told_and_not_repaired(tmp_path: Path) -> None:
    (finding,) = own(tmp_path, ENTRY + "right = '丙\\1'\n")
    assert (finding.start, finding.end, finding.right) == (2, 4, "丙乙")
    assert (finding.level, finding.category) == (Level.DOUBTFUL, Category.PHRASE)
    table = load_gate(tmp_path / "own.toml")
    assert not table.entries
    assert [entry.id for entry in table.told] == ["test.entry"]


def test_a_certain_repair_is_wrong_and_gives_the_right_form(tmp_path: Path) -> None:
    (finding,) = own(tmp_path, ENTRY + 'decision = "repair"\nreplacement = "丁"\n')
    assert (finding.level, finding.right) == (Level.WRONG, "丁")


def test_a_word_too_many_is_shown_with_its_neighbours(tmp_path: Path) -> None:
    (finding,) = own(tmp_path, ENTRY.replace("甲(乙)", "乙") + 'decision = "repair"\n')
    assert (finding.start, finding.end, finding.right) == (2, 5, "甲，")


def test_an_entry_the_checker_does_not_use_is_the_gates_alone(tmp_path: Path) -> None:
    assert own(tmp_path, ENTRY + 'decision = "withhold"\ncheck = false\n') == ()
    assert [entry.id for entry in load_gate(tmp_path / "own.toml").entries] == ["test.entry"]


def test_an_entry_is_silent_in_a_sentence_with_the_words_it_excepts(tmp_path: Path) -> None:
    assert own(tmp_path, ENTRY + "unless = '再写'\n") == ()
    assert own(tmp_path, ENTRY + "unless = '不写'\n")


def test_an_entry_out_of_its_years_is_silent(tmp_path: Path) -> None:
    assert own(tmp_path, ENTRY + "since = 2027\n") == ()
    assert own(tmp_path, ENTRY + "until = 2025\n") == ()
    assert own(tmp_path, ENTRY + "since = 2026\n")


@pytest.mark.parametrize(
    ("keys", "slip"),
    [
        ('level = "大错"\n', "level"),
        ('category = "杂项"\n', "category"),
        ('replacement = "丁"\n', "replacement"),
        ("check = false\n", "check"),
        ('decision = "repair"\nreplacement = "丁"\nunless = "丙"\n', "unless"),
        ('decision = "withhold"\ncheck = false\nlevel = "必错"\n', "check"),
        ("unless = '丙('\n", "表达式写错了"),
    ],
)
def test_a_slip_in_the_checkers_keys_is_named(tmp_path: Path, keys: str, slip: str) -> None:
    with pytest.raises(TableError, match=slip):
        own(tmp_path, ENTRY + keys)


def test_two_names_entries_of_one_id_are_refused() -> None:
    row = ENTRY.replace("[[entry]]", "[[name]]")
    with pytest.raises(TableError, match=r"test\.entry"):
        load_names(Table("own.toml", row + row))
    with pytest.raises(TableError, match="check"):
        load_names(Table("own.toml", row + 'decision = "repair"\nreplacement = "丁"\ncheck = false\n'))


def test_a_pattern_is_tried_at_every_cue_however_far_apart(checker: Checker) -> None:
    text = "认真布署。" + "扎实推进各项工作。" * 200 + "认真布署。" + "扎实推进各项工作。" * 20 + "布署"
    found = [text[f.start : f.end] for f in checker.check(text, year=RIGHT_YEAR) if f.rule == "phrase.deploy"]
    assert found == ["布署"] * 3
