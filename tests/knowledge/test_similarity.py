"""What is copied from a report is found with its source, however lightly it was changed; what is one's own is not."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.alignment import align
from knowledge.contents import Contents
from knowledge.matching import SHORTEST
from knowledge.model import Report
from knowledge.segmentation import Segmenter
from knowledge.shingles import TiledText, TileIndex, lay_bare
from knowledge.similarity import Similarity, SimilarityIndex
from knowledge.store import KnowledgeBase, open_base, write_base
from knowledge.tableset import TableSet

OWN = (
    "镇上的老年食堂三月份开张，头一个星期来吃饭的不到十人。支部书记带着两名网格员挨户走了一圈，才知道不是嫌饭菜贵，是台阶太高、轮椅推不进去。"
    "门口加了坡道，又请退休的赵师傅每天接送两趟，如今中午要排队。",
    "第三党支部把会议室搬到了施工现场的集装箱里。图纸摊在桌上，谁负责哪一段管廊、卡在哪个签字环节，当场写在白板左边，右边写办结的时间。"
    "两个月下来，划掉的比新添的多。",
    "我分管信访以来最大的教训，是去年冬天那次供暖投诉。电话记录写得清清楚楚，转办也按时，就是没有人去现场摸一摸暖气片。"
    "后来定了一条：凡是涉及老人和孩子的件，承办人必须见到本人才能销号。",
    "档案室整理出的七十余册旧账本，成了今年青年理论小组的教材。大家比着看，八十年代一笔三元六角的出差补助要经过几道审核，再回头看自己手里的报销单。",
    "坚持以习近平新时代中国特色社会主义思想为指导，全面贯彻党的二十大精神，我们先从机关食堂的剩饭做起：称重、公示、换小碗，三个月少倒了一吨多。",
)
"""Paragraphs that stand in no report."""

FILLERS = ("进一步", "切实", "扎实有效地", "不断")
Edit = Callable[[str], str]


def every(distance: int, change: Callable[[str], str]) -> Edit:
    """Return an edit that changes each ``distance``-th character."""
    return lambda text: "".join(
        change(character) if number % distance == distance - 1 else character for number, character in enumerate(text)
    )


def inserted(distance: int) -> Edit:
    words = cycle(FILLERS)
    return every(distance, lambda character: character + next(words))


def other_figures(text: str) -> str:
    figures = cycle(("12次", "3名", "356.7万元", "2025年", "八场", ""))
    return re.sub("【[^】]*】", lambda _: next(figures), text)


def other_punctuation(text: str) -> str:
    signs = cycle("，；。")
    return re.sub("[，。；、：]", lambda _: next(signs), re.sub("[“”]", "", text))


EDITS: dict[str, Edit] = {
    "as it stands": lambda text: text,
    "punctuation": other_punctuation,
    "figures": other_figures,
    "figures and punctuation": lambda text: other_punctuation(other_figures(text)),
    "words put in": inserted(20),
    "characters changed": every(15, lambda _: "的"),
    "characters left out": every(15, lambda _: ""),
    "blanks between characters": " ".join,
}


@pytest.fixture(scope="module")
def base(bundled_base: Path, segmenter: Segmenter) -> KnowledgeBase:
    return open_base(bundled_base, segmenter)


@pytest.fixture(scope="module")
def index(base: KnowledgeBase, tables: TableSet) -> SimilarityIndex:
    entries = tables.registry.formulations.entries
    made = SimilarityIndex(base, [name for entry in entries for name in (*entry.names, entry.expansion or "")])
    made.load()
    return made


@pytest.fixture(scope="module")
def paragraphs(base: KnowledgeBase) -> list[tuple[str, str]]:
    """Each longer paragraph of the bundled reports, with the report's id."""
    texts = ((report.id, base.text(report.id) or "") for report in base.reports())
    return [(report, line) for report, text in texts for line in text.split("\n") if len(line) >= 60]


def small_index(folder: Path, segmenter: Segmenter, *texts: str) -> SimilarityIndex:
    """Return the index of a base of small reports of our own."""
    reports = tuple(
        Report(f"r{number}", f"第{number}篇", None, 2023, None, text, f"{number:064}", "utf-8")
        for number, text in enumerate(texts)
    )
    write_base(folder, Contents(reports, (), (), (), ()), segmenter)
    return SimilarityIndex(open_base(folder, segmenter))


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_paragraphs_of_the_reports_are_found_in_their_report_however_lightly_changed(
    index: SimilarityIndex, paragraphs: list[tuple[str, str]], edit: Edit
) -> None:
    found = [(report, index.compare(edit(text))) for report, text in paragraphs]
    missed = [report for report, result in found if not result.by_report or result.by_report[0].report != report]
    percents = sorted(result.percent for _, result in found)
    assert len(paragraphs) > 50
    assert not missed
    assert percents[len(percents) // 10] > 80
    assert percents[0] > 55


@pytest.mark.parametrize("text", OWN)
def test_own_text_is_no_copy(index: SimilarityIndex, text: str) -> None:
    assert index.compare(text).percent <= 10


@pytest.mark.parametrize(
    "text",
    [
        "以习近平新时代中国特色社会主义思想为指导，深入学习贯彻党的二十大精神，增强“四个意识”、坚定“四个自信”、做到“两个维护”。",
        "学习《中国共产党支部工作条例（试行）》《关于加强和改进中央和国家机关党的建设的意见》《机关党委书记等五份责任清单》。",
        "",
        "……12345 ABC",
        "好",
    ],
)
def test_common_wording_and_titles_are_nobodys(index: SimilarityIndex, text: str) -> None:
    result = index.compare(text)
    assert (result.percent, result.overlaps, result.by_report) == (0.0, (), ())
    assert result.compared == 5


def test_own_words_and_copied_words_side_by_side_are_told_apart(
    index: SimilarityIndex, base: KnowledgeBase, paragraphs: list[tuple[str, str]]
) -> None:
    report, copied = max(paragraphs, key=lambda entry: len(entry[1]))
    text = f"{OWN[0]}\n{copied}\n{OWN[2]}"
    result = index.compare(text)
    [overlap] = result.overlaps
    assert abs(overlap.start - text.index(copied)) <= 2
    assert abs(overlap.end - (text.index(copied) + len(copied))) <= 2
    assert overlap.text == text[overlap.start : overlap.end]
    source = (base.text(report) or "")[overlap.source.start : overlap.source.end]
    assert lay_bare(source).text == lay_bare(overlap.text).text
    assert overlap.source.report == report
    assert 100 * overlap.share == pytest.approx(result.percent)
    assert 30 < result.percent < 90


def test_source_names_the_section(index: SimilarityIndex, base: KnowledgeBase) -> None:
    for report in base.reports():
        outline = base.outline(report.id)
        assert outline is not None
        for heading in outline.headings:
            body = (base.text(report.id) or "")[heading.end : heading.end + 150]
            if heading.body_end < heading.end + 150 or heading.level > 1:
                continue
            for overlap in index.compare(body).overlaps:
                assert overlap.source.section[0] == f"{heading.label}{heading.text}"


def test_two_sources_are_told_apart_and_ranked(index: SimilarityIndex, base: KnowledgeBase) -> None:
    first, second = (report.id for report in base.reports()[:2])
    text = (base.text(first) or "")[500:900] + "\n" + (base.text(second) or "")[600:700]
    result = index.compare(text)
    assert [share.report for share in result.by_report] == [first, second]
    assert result.by_report[0].percent > result.by_report[1].percent > 0
    assert sum(share.percent for share in result.by_report) == pytest.approx(result.percent)


def test_clause_of_two_reports_is_common_but_a_paragraph_of_two_reports_is_copied(
    tmp_path: Path, segmenter: Segmenter
) -> None:
    clause = "逐级签订责任书并按季度开展督促检查"
    first, second = f"{OWN[0]}{clause}。", f"{OWN[1]}{clause}。"
    assert len(clause) > SHORTEST
    two = small_index(tmp_path / "two", segmenter, first, second)
    assert [two.compare(text).percent for text in (f"{clause}。", f"全年{clause}等工作。", f"{OWN[2]}{clause}。")] == [
        0
    ] * 3
    assert small_index(tmp_path / "one", segmenter, first).compare(f"全年{clause}。").percent > 80
    twins = small_index(tmp_path / "twins", segmenter, OWN[0], OWN[0])
    assert twins.compare(OWN[0]).percent == 100


def test_fewer_characters_than_the_shortest_are_a_coincidence(tmp_path: Path, segmenter: Segmenter) -> None:
    index = small_index(tmp_path / "base", segmenter, OWN[2])
    start = OWN[2].index("电话记录")
    for length in range(1, 40):
        piece = lay_bare(OWN[2][start : start + length]).text
        result = index.compare(f"他说{piece}呢")
        assert bool(result.overlaps) == (len(piece) >= SHORTEST), piece


def test_traditional_characters_are_the_same_text(tmp_path: Path, segmenter: Segmenter) -> None:
    index = small_index(tmp_path / "base", segmenter, "支部书记带着两名网格员挨户走了一圈，门口加了坡道。")
    result = index.compare("支部書記帶著兩名網格員挨戶走了一圈，門口加了坡道。")
    assert result.percent > 80


def test_empty_base_compares_with_nothing(tmp_path: Path, segmenter: Segmenter) -> None:
    result = small_index(tmp_path / "base", segmenter).compare(OWN[0])
    assert result == Similarity(0.0, (), (), 0)


@given(st.data())
def test_any_text_yields_sound_spans(
    index: SimilarityIndex, paragraphs: list[tuple[str, str]], data: st.DataObject
) -> None:
    pieces = st.sampled_from([text for _, text in paragraphs]).flatmap(
        lambda text: st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(
            lambda span: text[min(span) : max(span)]
        )
    )
    text = "".join(data.draw(st.lists(pieces | st.text(max_size=20) | st.sampled_from(OWN), max_size=6)))
    result = index.compare(text)
    assert 0 <= result.percent <= 100.0001
    end = 0
    for overlap in result.overlaps:
        assert end <= overlap.start < overlap.end <= len(text)
        assert text[overlap.start : overlap.end] == overlap.text
        assert 0 < overlap.share <= 1
        end = overlap.end


@given(st.text("甲乙丙丁", max_size=80), st.text("甲乙丙丁", max_size=80), st.data())
def test_aligned_runs_are_equal_and_in_order(first: str, second: str, data: st.DataObject) -> None:
    common = [(i, j) for i in range(len(first)) for j in range(len(second)) if first[i] == second[j]]
    if not common:
        return
    start, other = data.draw(st.sampled_from(common))
    stretch = align(first, start, second, other, (0, len(second)))
    at = at_other = 0
    for run in stretch.runs:
        assert run.length > 0
        assert run.start >= at
        assert run.other >= at_other
        assert first[run.start : run.end] == second[run.other : run.other + run.length]
        at, at_other = run.end, run.other + run.length
    assert any(run.start <= start < run.end for run in stretch.runs)


def test_tile_that_stands_anywhere_in_a_longer_common_stretch_is_found() -> None:
    text = lay_bare("".join(OWN)).text
    index = TileIndex(["", text[:100], text[100:], ""])
    assert index.text == text
    for start in range(100, len(text) - SHORTEST):
        piece = TiledText(text[start : start + SHORTEST])
        places = [(at, place) for at in range(len(piece.text) - 7) for place in index.find(piece, at)]
        assert any(place - at == start for at, place in places)
        assert all(index.report_at(place)[0] == 2 for _, place in places)


def test_threads_share_one_index(base: KnowledgeBase, paragraphs: list[tuple[str, str]]) -> None:
    shared = SimilarityIndex(base)
    texts = [text for _, text in paragraphs]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(shared.compare, texts))
    assert together == [shared.compare(text) for text in texts]


def fastest(index: SimilarityIndex, text: str, rounds: int = 7) -> float:
    """Return the seconds of the fastest of several comparisons: the machine may be busy with something else."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        index.compare(text)
        taken.append(time.perf_counter() - started)
    return min(taken)


def test_cost_is_linear_and_small(index: SimilarityIndex, base: KnowledgeBase) -> None:
    reports = "\n".join(base.text(report.id) or "" for report in base.reports())
    hostile = ("的" * 20_000, OWN[0][:50] * 400, (reports[700:760] + "啊") * 330, "坚持党的全面领导" * 2500)
    for text in ((reports * 2)[:20_000], ("".join(OWN) * 60)[:20_000], *hostile):
        assert fastest(index, text[:20_000]) < 0.2
    assert fastest(index, reports[1000:1300]) < 0.004
