"""The judged set is what it claims to be, the measures measure, and retrieval does not fall below what it reached."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from math import isnan, log2

import pytest

from handlers.routing import Dialogue
from knowledge.library import Library
from knowledge.model import Passage, Role
from knowledge.segmentation import Segmenter
from knowledge.tableset import TableSet
from tests.evaluation.baseline import K1, B, Bm25, pairs
from tests.evaluation.figures import PRODUCT, Figures, Outcome, Score, gain
from tests.evaluation.judged import (
    ABSENT_WAYS,
    DEV_SHARE,
    PRESENT_WAYS,
    Need,
    all_passages,
    grade_passages,
    read_needs,
    split_of,
)
from tests.evaluation.measure import NOW, PAIRS, WORDS, as_json, measure, misses, table

FEWEST = {"noun": 80, "asked": 60, "typo": 60, "free": 45, "spoken": 40, "facet": 25, "sentence": 25, "script": 20}
"""How many messages the larger ways of asking have at least; every other has five."""


@pytest.fixture(scope="module")
def needs() -> tuple[Need, ...]:
    return read_needs()


@pytest.fixture(scope="module")
def passages(library: Library) -> tuple[Passage, ...]:
    return all_passages(library, NOW.year)


@pytest.fixture(scope="module")
def figures(dialogue: Dialogue, library: Library, segmenter: Segmenter) -> Figures:
    return measure(dialogue, library, segmenter)


# The set


def test_every_fragment_names_exactly_one_passage(needs: tuple[Need, ...], passages: Sequence[Passage]) -> None:
    wrong = [
        (need.name, fragment.report, fragment.text, fits)
        for need in needs
        for fragment in need.fragments
        if (fits := sum(fragment.fits(passage) for passage in passages)) != 1
    ]
    assert not wrong, wrong


def test_a_fragment_is_long_enough_and_free_of_blanks(needs: tuple[Need, ...]) -> None:
    texts = {fragment.text for need in needs for fragment in need.fragments}
    assert not [text for text in texts if len(text) < 8 or "【" in text or "】" in text]


def test_no_passage_is_judged_twice_for_one_need(needs: tuple[Need, ...], passages: Sequence[Passage]) -> None:
    assert not [need.name for need in needs if len(grade_passages(need, passages)) != len(need.fragments)]


def test_nothing_is_asked_or_named_twice(needs: tuple[Need, ...]) -> None:
    messages = Counter(message for need in needs for _, message in need.messages())
    names = Counter(need.name for need in needs)
    assert not [entry for entry, count in messages.items() if count > 1]
    assert not [entry for entry, count in names.items() if count > 1]


def test_each_way_of_asking_is_known_and_well_represented(needs: tuple[Need, ...]) -> None:
    counts = Counter(way for need in needs for way, _ in need.messages())
    assert set(counts) == {*PRESENT_WAYS, *ABSENT_WAYS}
    assert not {way: count for way, count in counts.items() if count < FEWEST.get(way, 5)}
    assert sum(counts[way] for way in PRESENT_WAYS) >= 400
    assert sum(counts[way] for way in ABSENT_WAYS) >= 80


def test_a_need_has_passages_exactly_when_it_is_asked_as_held(needs: tuple[Need, ...]) -> None:
    for need in needs:
        assert set(need.ways) <= set(PRESENT_WAYS if need.fragments else ABSENT_WAYS), need.name


def test_a_held_need_has_a_passage_worth_answering_with(needs: tuple[Need, ...]) -> None:
    assert not [need.name for need in needs if need.fragments and max(one.grade for one in need.fragments) < 2]


def test_every_topic_role_and_section_is_asked_for(
    needs: tuple[Need, ...], passages: Sequence[Passage], tables: TableSet
) -> None:
    judged = {id_ for need in needs for id_ in grade_passages(need, passages)}
    found = [passage for passage in passages if passage.id in judged]
    held = {topic for passage in passages for topic in passage.topics[:1]}
    assert held == {topic for passage in found for topic in passage.topics[:1]}
    assert held <= {topic.name for topic in tables.topics.topics}
    assert {passage.role for passage in found} == set(Role)
    sections = {(source.report, source.section[:2]) for passage in passages for source in passage.sources}
    assert sections == {(source.report, source.section[:2]) for passage in found for source in passage.sources}


def test_the_split_is_by_hash_and_about_six_to_four(needs: tuple[Need, ...]) -> None:
    assert not [need.name for need in needs if need.split != split_of(need.name)]
    for absent in (False, True):
        splits = [need.split for need in needs if bool(need.fragments) != absent for _ in need.messages()]
        assert abs(splits.count("dev") / len(splits) - DEV_SHARE) < 0.06


# The measures


def outcome(*grades: int, ideal: tuple[int, ...] = (3, 2), found: bool | None = True) -> Outcome:
    ranked = tuple((str(place), grade) for place, grade in enumerate(grades))
    return Outcome("m", "noun", "dev", bool(ideal), ideal, (), ranked, found)


def score(*outcomes: Outcome) -> Score:
    return Figures(0, {PRODUCT: outcomes}).score()


def test_gain_discounts_by_rank_and_counts_two_to_the_grade_less_one() -> None:
    assert gain([3, 0, 1]) == pytest.approx(7 + 1 / log2(4))


def test_the_ideal_order_has_ndcg_one_and_the_reverse_less() -> None:
    assert outcome(3, 2).ndcg == pytest.approx(1)
    assert outcome(2, 3).ndcg == pytest.approx((3 + 7 / log2(3)) / (7 + 3 / log2(3)))
    assert outcome().ndcg == 0


def test_only_the_first_five_count_for_ndcg() -> None:
    assert outcome(0, 0, 0, 0, 0, 3).ndcg == 0


def test_success_needs_a_good_passage_and_not_merely_a_usable_one() -> None:
    first, third, never = outcome(2), outcome(1, 1, 3), outcome(1, 1, 1, 3)
    assert (score(first, third, never).success_1, score(first, third, never).success_3) == pytest.approx((1 / 3, 2 / 3))


def test_no_answer_accuracy_takes_both_sides_alike() -> None:
    absent = [outcome(ideal=(), found=claimed) for claimed in (True, False, False, False)]
    result = score(outcome(3), outcome(3, found=False), *absent)
    assert (result.answered, result.declined, result.no_answer) == pytest.approx((0.5, 0.75, 0.625))


def test_a_system_that_cannot_decline_has_no_such_figure(figures: Figures) -> None:
    assert isnan(figures.score(WORDS).declined)
    assert isnan(figures.score(PAIRS).no_answer)


def test_bm25_scores_as_its_formula_says() -> None:
    ranker = Bm25(["abab", "cd", "abcdef"], pairs)
    # "ab" stands twice in the first of three pairs and once among the five of the third; the mean length is 3.
    idf = log2(1 + 1.5 / 2.5) / log2(2.718281828459045)
    first = idf * 2 * (K1 + 1) / (2 + K1 * (1 - B + B * 3 / 3))
    third = idf * 1 * (K1 + 1) / (1 + K1 * (1 - B + B * 5 / 3))
    assert first > third
    assert ranker.rank("ab", 5) == (0, 2)
    assert ranker._score(0, ["ab"]) == pytest.approx(first)
    assert ranker._score(2, ["ab"]) == pytest.approx(third)


def test_bm25_leaves_out_what_shares_nothing_with_the_query() -> None:
    assert Bm25(["甲乙", "丙丁"], pairs).rank("甲乙！", 5) == (0,)
    assert pairs("甲，乙 丙") == ["甲乙", "乙丙"]


# The figures


def test_retrieval_stays_above_what_it_has_reached(figures: Figures) -> None:
    reached = figures.score()
    assert reached.success_1 >= 0.93
    assert reached.success_3 >= 0.95
    assert reached.ndcg_5 >= 0.83
    assert reached.answered >= 0.96
    assert reached.declined >= 0.94


@pytest.mark.parametrize("split", ["dev", "held"])
def test_retrieval_ranks_better_than_either_baseline(figures: Figures, split: str) -> None:
    product = figures.score(split=split)
    for baseline in (WORDS, PAIRS):
        other = figures.score(baseline, split=split)
        assert product.success_1 > other.success_1
        assert product.ndcg_5 > other.ndcg_5


def test_the_report_names_every_system_way_and_miss(figures: Figures) -> None:
    lines = "\n".join(table(figures))
    assert all(name in lines for name in (PRODUCT, WORDS, PAIRS, *PRESENT_WAYS, *ABSENT_WAYS))
    assert "nan" not in lines
    listed = "\n".join(misses(figures))
    missed = [one.message for one in figures.outcomes[PRODUCT] if one.missed]
    assert all(f"\n{message}  [" in f"\n{listed}" for message in missed)


def test_the_figures_can_be_read_by_machines(figures: Figures) -> None:
    data = json.loads(as_json(figures))
    rows = {(row["system"], row["split"]): row for row in data["systems"]}
    assert rows[PRODUCT, "all"]["success_1"] == pytest.approx(figures.score().success_1, abs=1e-4)
    assert rows[WORDS, "held"]["declined"] is None
    assert {row["way"] for row in data["ways"]} == {*PRESENT_WAYS, *ABSENT_WAYS}
