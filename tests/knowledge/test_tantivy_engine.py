"""What only the engine on disk has to keep to, and what the words of a query count."""

from __future__ import annotations

import random
import shutil
import threading
from pathlib import Path

import pytest

from knowledge.errors import SearchError
from knowledge.search.engine import Demand, Facet, Preference, Query, WeightedTerm, Weights
from knowledge.search.memory_engine import MemoryEngine
from knowledge.search.tantivy_engine import TantivyEngine
from knowledge.search.terms import Layer, Term, drop_common, weigh
from knowledge.segmentation import Segmenter
from tests.knowledge.test_engine import ENTRIES, ids, passage, segmenter, write_index

__all__ = ["segmenter"]


def test_bigrams_of_one_word_share_its_weight(segmenter: Segmenter) -> None:
    weights = weigh(Query("意识形态工作", weights=Weights(words=2.0, bigrams=3.0, characters=5.0)), segmenter)
    cut = segmenter.words("意识形态工作")
    assert cut == ("意识形态工作",)
    assert weights[Term(Layer.WORDS, "意识形态工作")] == 2.0
    assert weights[Term(Layer.BIGRAMS, "形态")] == pytest.approx(3.0 / 5)
    assert weights[Term(Layer.CHARACTERS, "态")] == 5.0


def test_a_bigram_across_words_counts_less_than_a_word_of_two(segmenter: Segmenter) -> None:
    weights = weigh(Query("党费台账"), segmenter)
    assert segmenter.words("党费台账") == ("党费", "台账")
    assert weights[Term(Layer.BIGRAMS, "费台")] < weights[Term(Layer.BIGRAMS, "党费")] == Weights().bigrams


def test_common_characters_are_left_out_unless_nothing_else_is_asked() -> None:
    rare, common, word = Term(Layer.CHARACTERS, "廉"), Term(Layer.CHARACTERS, "党"), Term(Layer.BIGRAMS, "党建")
    holders = {rare: 100, common: 101, word: 600}
    assert drop_common({rare: 1.0, common: 1.0, word: 1.0}, holders, 600) == {rare: 1.0, word: 1.0}
    assert drop_common({rare: 1.0, common: 1.0}, holders, 900) == {rare: 1.0, common: 1.0}
    assert drop_common({common: 1.0}, holders, 600) == {common: 1.0}


def test_the_index_stays_readable_when_its_files_are_gone(segmenter: Segmenter, tmp_path: Path) -> None:
    entries = [passage(f"p{number}", f"{number}号支部落实三会一课制度。") for number in range(2000)]
    (tmp_path / "index").mkdir()
    engine = write_index(tmp_path / "index", segmenter, entries)
    shutil.rmtree(tmp_path / "index")
    assert ids(engine, Query("1234号支部"))[0] == "p1234"
    assert engine.document_frequency("支部") == 2000


def test_searching_leaves_nothing_in_the_folder(segmenter: Segmenter, tmp_path: Path) -> None:
    (tmp_path / "written").mkdir()
    write_index(tmp_path / "written", segmenter, ENTRIES)
    served = shutil.copytree(tmp_path / "written", tmp_path / "served", ignore=shutil.ignore_patterns("*.lock"))
    before = sorted(served.iterdir())
    assert ids(TantivyEngine(served, segmenter), Query("三会一课"))
    assert sorted(served.iterdir()) == before


def test_threads_find_the_same(segmenter: Segmenter, tmp_path: Path) -> None:
    engine = write_index(tmp_path, segmenter, ENTRIES)
    expected = ids(engine, Query("理论学习"))
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(ids(engine, Query("理论学习")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


@pytest.mark.parametrize("damage", ["missing", "no index", "broken"])
def test_an_index_that_cannot_be_opened_says_what_to_run(segmenter: Segmenter, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "index"
    if damage != "missing":
        folder.mkdir()
    if damage == "broken":
        write_index(folder, segmenter, ENTRIES)
        (folder / "meta.json").write_text("{", encoding="utf-8")
    with pytest.raises(SearchError, match="bigan kb build"):
        TantivyEngine(folder, segmenter)


WORDS = [
    "党员",
    "党费",
    "理论",
    "学习",
    "制度",
    "落实",
    "廉政",
    "建设",
    "组织",
    "生活",
    "支部",
    "主题",
    "意识",
    "形态",
    "责任",
    "推进",
]


def test_the_engine_on_disk_scores_as_the_formula_says(segmenter: Segmenter, tmp_path: Path) -> None:
    chance = random.Random(7)
    # Up to 40 terms a field, tantivy keeps lengths exactly; beyond that it rounds them.
    entries = [
        passage(
            f"p{number}",
            "，".join(chance.choices(WORDS, k=chance.randint(2, 9))),
            headings=(chance.choice(WORDS) + chance.choice(WORDS),),
            role=chance.choice(["做法", "问题"]),
        )
        for number in range(300)
    ]
    exact = MemoryEngine(segmenter)
    exact.add(entries)
    engine = write_index(tmp_path, segmenter, entries)
    for _ in range(100):
        query = Query(
            "".join(chance.choices(WORDS, k=chance.randint(1, 4))),
            terms=(WeightedTerm(chance.choice(WORDS), 0.5),),
            demands=chance.choice([(), (Demand(Facet.ROLE, ("做法",)),)]),
            preferences=chance.choice([(), (Preference(Facet.ROLE, "问题", 2.0),)]),
            limit=300,
        )
        found, expected = engine.search(query), exact.search(query)
        assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], rel=1e-4)
        assert {hit.id: hit.share for hit in found} == pytest.approx({hit.id: hit.share for hit in expected}, rel=1e-4)
