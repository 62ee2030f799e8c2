"""What every search engine keeps to, the one on disk and the exact one in memory, and that both agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.engine import (
    Demand,
    Entry,
    Facet,
    Form,
    Preference,
    Query,
    SearchEngine,
    WeightedTerm,
)
from knowledge.search.memory_engine import MemoryEngine
from knowledge.search.tantivy_engine import TantivyEngine, TantivyWriter
from knowledge.segmentation import Segmenter

Change = Callable[[MemoryEngine | TantivyWriter], None]
Make = Callable[..., SearchEngine]


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory: pytest.TempPathFactory) -> Segmenter:
    return Segmenter(cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture(params=["tantivy", "memory"])
def make(request: pytest.FixtureRequest, segmenter: Segmenter, tmp_path: Path) -> Make:
    """Make an engine from entries; ``changes`` are applied afterwards, each by a writer of its own."""

    def make_memory(entries: Sequence[Entry], *changes: Change) -> SearchEngine:
        engine = MemoryEngine(segmenter)
        engine.add(entries)
        for change in changes:
            change(engine)
        return engine

    def make_tantivy(entries: Sequence[Entry], *changes: Change) -> SearchEngine:
        return write_index(tmp_path, segmenter, entries, *changes)

    return make_tantivy if request.param == "tantivy" else make_memory


def write_index(folder: Path, segmenter: Segmenter, entries: Sequence[Entry], *changes: Change) -> TantivyEngine:
    writer = TantivyWriter(folder, segmenter)
    writer.add(entries)
    writer.commit()
    for change in changes:
        again = TantivyWriter(folder, segmenter)
        change(again)
        again.commit()
    return TantivyEngine(folder, segmenter)


def passage(id_: str, text: str, **more: object) -> Entry:
    return replace(Entry(id_, Form.PASSAGE, text), **more)  # type: ignore[arg-type]


ENTRIES = (
    passage(
        "study",
        "组织党员开展集中理论学习，撰写心得体会。",
        topics=("理论武装",),
        role="做法",
        kinds=("年度总结",),
        reports=("a",),
    ),
    passage(
        "lesson",
        "严格落实三会一课制度，按月开展主题党日。",
        topics=("组织生活", "支部建设"),
        role="做法",
        kinds=("半年汇报",),
        reports=("a", "b"),
    ),
    passage(
        "clean",
        "签订党风廉政建设责任书，通报违纪案例。",
        topics=("党风廉政",),
        role="做法",
        kinds=("年度总结",),
        reports=("b",),
    ),
    passage(
        "weak",
        "理论学习不够深入，结合工作实际不紧。",
        topics=("理论武装",),
        role="问题",
        kinds=("述职报告",),
        reports=("c",),
    ),
    passage("grow", "吸收优秀职工加入，做好发展党员工作。", topics=("发展党员",), role="计划", reports=("c",)),
    Entry("set", Form.HEADING_SET, "抓理论学习\n抓组织生活", topics=("理论武装",), role="做法", reports=("a",)),
)


def ids(engine: SearchEngine, query: Query) -> list[str]:
    return [hit.id for hit in engine.search(query)]


def test_the_entry_that_has_the_words_comes_first(make: Make) -> None:
    assert ids(make(ENTRIES), Query("三会一课"))[0] == "lesson"


def test_other_order_and_abbreviation_still_find(make: Make) -> None:
    assert ids(make(ENTRIES), Query("党员发展"))[0] == "grow"
    assert ids(make(ENTRIES), Query("廉政责任"))[0] == "clean"


@pytest.mark.parametrize("text", ["黨風廉政建設", "党 风 廉 政", "“党风廉政”", "党风\u200b廉政！"])
def test_queries_are_read_as_entries_are(make: Make, text: str) -> None:
    assert ids(make(ENTRIES), Query(text))[0] == "clean"


def test_headings_count_but_less_than_the_text(make: Make) -> None:
    entries = (
        passage("under", "做好台账管理工作。", headings=("一、主要做法", "（二）推进意识形态工作")),
        passage("inside", "推进意识形态工作。", headings=("一、主要做法", "（二）做好台账管理")),
        passage("neither", "按时足额交纳党费。"),
    )
    assert ids(make(entries), Query("意识形态")) == ["inside", "under"]


def test_words_that_only_ask_do_not_count(make: Make) -> None:
    entries = (passage("ask", "如何写好什么材料，怎么样。"), passage("answer", "意识形态工作责任制落实有力。"))
    assert ids(make(entries), Query("意识形态怎么写，有哪些"))[0] == "answer"
    assert ids(make(entries), Query("怎么样")) == ["ask"]


def test_a_query_without_words_finds_nothing(make: Make) -> None:
    engine = make(ENTRIES)
    for query in (Query(), Query("，。！"), Query("党员", limit=0), Query(terms=(WeightedTerm("党员", 0.0),))):
        assert engine.search(query) == ()


def test_the_limit_holds(make: Make) -> None:
    assert len(make(ENTRIES).search(Query("党员理论学习", limit=2))) == 2


def test_an_empty_index_answers(make: Make) -> None:
    engine = make(())
    assert engine.search(Query("党员")) == ()
    assert engine.document_frequency("党员") == engine.count() == 0


@pytest.mark.parametrize(
    ("demands", "expected"),
    [
        ((Demand(Facet.ROLE, ("问题",)),), {"weak"}),
        ((Demand(Facet.TOPIC, ("理论武装", "发展党员")),), {"study", "weak", "grow"}),
        ((Demand(Facet.TOPIC, ("理论武装",)), Demand(Facet.ROLE, ("做法",))), {"study"}),
        ((Demand(Facet.KIND, ("半年汇报",)),), {"lesson"}),
        ((Demand(Facet.REPORT, ("b",)),), {"lesson", "clean"}),
        ((Demand(Facet.TOPIC, ("没有的板块",)),), set()),
        ((Demand(Facet.TOPIC, ()),), set()),
    ],
)
def test_demands_admit_only_what_meets_them(make: Make, demands: tuple[Demand, ...], expected: set[str]) -> None:
    query = Query("党员理论学习三会一课廉政建设工作", demands=demands)
    assert set(ids(make(ENTRIES), query)) == expected


def test_a_demand_does_not_change_scores(make: Make) -> None:
    engine = make(ENTRIES)
    free = {hit.id: hit.score for hit in engine.search(Query("理论学习"))}
    (bound,) = engine.search(Query("理论学习", demands=(Demand(Facet.ROLE, ("问题",)),)))
    assert bound.score == pytest.approx(free["weak"])


def test_a_preference_lifts_and_admits(make: Make) -> None:
    engine = make(ENTRIES)
    liked = Preference(Facet.ROLE, "问题", 50.0)
    assert ids(engine, Query("理论学习", preferences=(liked,)))[0] == "weak"
    assert "clean" in ids(engine, Query("理论学习", preferences=(Preference(Facet.TOPIC, "党风廉政", 1.0),)))


def test_excluded_entries_stay_out(make: Make) -> None:
    assert ids(make(ENTRIES), Query("理论学习", exclude=("study", "unknown"))) == ["weak"]


def test_further_wordings_count_by_their_weight(make: Make) -> None:
    engine = make(ENTRIES)
    assert "clean" not in ids(engine, Query("三会一课"))
    found = ids(engine, Query("三会一课", terms=(WeightedTerm("廉政", 0.1),)))
    assert found[0] == "lesson"
    assert "clean" in found
    assert ids(engine, Query("三会一课", terms=(WeightedTerm("廉政", 9.0),)))[0] == "clean"


def test_forms_are_searched_apart(make: Make) -> None:
    engine = make(ENTRIES)
    assert ids(engine, Query("理论学习", form=Form.HEADING_SET)) == ["set"]
    assert "set" not in ids(engine, Query("理论学习"))
    assert engine.count() == len(ENTRIES)


def test_a_passage_and_a_heading_set_may_share_an_id(make: Make) -> None:
    engine = make(
        (passage("x", "党员教育"), Entry("x", Form.HEADING_SET, "党费收缴")), lambda w: w.remove(Form.PASSAGE, ["x"])
    )
    assert ids(engine, Query("党员教育")) == []
    assert ids(engine, Query("党费收缴", form=Form.HEADING_SET)) == ["x"]


def test_equal_entries_come_in_the_order_in_which_they_were_added(make: Make) -> None:
    entries = [passage(f"n{number}", "严格落实三会一课制度。") for number in (3, 1, 2)]
    assert ids(make(entries), Query("三会一课")) == ["n3", "n1", "n2"]


def test_an_entry_added_again_replaces_the_first(make: Make) -> None:
    engine = make((passage("x", "党员教育"), passage("y", "党员教育"), passage("x", "台账管理")))
    assert ids(engine, Query("党员教育")) == ["y"]
    assert ids(engine, Query("台账管理")) == ["x"]
    assert engine.count() == 2


def test_changes_to_an_index_are_found(make: Make) -> None:
    engine = make(
        ENTRIES,
        lambda writer: writer.remove(Form.PASSAGE, ["study", "unknown"]),
        lambda writer: writer.add([passage("weak", "网络舆情应对不快。"), passage("new", "深化理论学习。")]),
    )
    assert ids(engine, Query("理论学习")) == ["new"]
    assert ids(engine, Query("网络舆情")) == ["weak"]
    assert engine.count() == len(ENTRIES)


@pytest.mark.parametrize(
    ("term", "holders"),
    [
        ("理论学习", 2),
        ("论学", 2),
        ("党", 4),
        ("三会一课", 1),
        ("主要做法", 1),
        ("非公党建", 0),
        ("课会", 0),
        ("。", 0),
        ("", 0),
    ],
)
def test_document_frequency_does_not_depend_on_word_boundaries(make: Make, term: str, holders: int) -> None:
    entries = (*ENTRIES[:4], replace(ENTRIES[4], headings=("一、主要做法",)))
    assert make(entries).document_frequency(term) == holders


def test_document_frequency_is_told_by_form(make: Make) -> None:
    assert make(ENTRIES).document_frequency("组织生活", Form.HEADING_SET) == 1
    assert make(ENTRIES).document_frequency("组织生活") == 0


def test_the_share_tells_a_full_match_from_a_chance_one(make: Make) -> None:
    engine = make(ENTRIES)
    full = engine.search(Query("严格落实三会一课制度"))[0]
    chance = engine.search(Query("新能源汽车产业招商引资工作"))[0]
    assert full.id == "lesson"
    assert full.share > 0.9
    assert chance.share < 0.3
    assert all(
        0 <= hit.share <= 1 for hit in engine.search(Query("党员", preferences=(Preference(Facet.ROLE, "做法", 99.0),)))
    )


@pytest.fixture(scope="module")
def both(segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> tuple[SearchEngine, ...]:
    memory = MemoryEngine(segmenter)
    memory.add(ENTRIES)
    return memory, write_index(tmp_path_factory.mktemp("index"), segmenter, ENTRIES)


@given(text=st.text(max_size=60), wording=st.text(max_size=20))
def test_any_text_can_be_asked(both: tuple[SearchEngine, ...], text: str, wording: str) -> None:
    for engine in both:
        hits = engine.search(Query(text, terms=(WeightedTerm(wording, 0.5),), exclude=(text,)))
        assert len({hit.id for hit in hits}) == len(hits)
        assert engine.document_frequency(text) <= len(ENTRIES)
