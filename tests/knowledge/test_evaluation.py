"""Measuring retrieval on a judged set."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import log2
from pathlib import Path

import pytest

from knowledge.errors import EvaluationError
from knowledge.search.evaluation import Judged, evaluate
from knowledge.segmentation import Segmenter

PASSAGES = {
    "d1": "每月组织党员集中学习，撰写心得体会。",
    "d2": "严格落实三会一课制度，按月开展主题党日。",
    "d3": "层层签订党风廉政建设责任书。",
    "d4": "按期完成换届选举，补齐配强支委。",
}
QUERIES = {"q1": "三会一课怎么写", "q2": "廉政责任书", "q3": "心得体会", "q4": "没有人评过的问题"}
QRELS = [("q1", "d2", 2), ("q1", "d1", 1), ("q2", "d4", 1), ("q3", "d1", 1), ("q3", "d9", 1), ("q3", "d3", 0)]


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory: pytest.TempPathFactory) -> Segmenter:
    return Segmenter(cache=tmp_path_factory.mktemp("cache"))


def write_set(
    folder: Path,
    passages: Mapping[str, str] = PASSAGES,
    queries: Mapping[str, str] = QUERIES,
    qrels: Sequence[tuple[str, str, int]] = QRELS,
) -> Path:
    for name, rows in (("corpus.jsonl", passages), ("queries.jsonl", queries)):
        lines = (json.dumps({"id": id_, "text": text}, ensure_ascii=False) for id_, text in rows.items())
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "qrels.tsv").write_text("".join(f"{q}\t{p}\t{g}\n" for q, p, g in qrels), encoding="utf-8")
    return folder


def test_measures_follow_their_definitions() -> None:
    judged = Judged(("a", "b", "c", "d"), {"b": 2, "d": 1, "x": 1})
    assert judged.reciprocal_rank(10) == 1 / 2
    assert judged.reciprocal_rank(1) == 0.0
    assert judged.recall(2) == pytest.approx(1 / 3)
    assert judged.recall(10) == pytest.approx(2 / 3)
    ideal = 2 / log2(2) + 1 / log2(3) + 1 / log2(4)
    assert judged.ndcg(10) == pytest.approx((2 / log2(3) + 1 / log2(5)) / ideal)
    assert judged.ndcg(1) == 0.0
    assert Judged((), {"b": 1}).ndcg(10) == 0.0


def test_a_set_is_indexed_asked_and_scored(tmp_path: Path, segmenter: Segmenter) -> None:
    report = evaluate(write_set(tmp_path), segmenter)
    assert (report.passages, report.queries) == (4, 3)
    # q1 finds d2 first; q2 wants d4, which has no word of the question; q3 finds d1 first and d9 is not there.
    assert report.mrr_10 == pytest.approx(2 / 3)
    assert report.hit_1 == pytest.approx(2 / 3)
    assert report.recall_10 <= report.recall_100 <= (1 + 0 + 1 / 2) / 3
    assert 0 < report.ndcg_10 < 1
    assert 0 < report.p50_ms <= report.p99_ms
    assert report.build_seconds > 0


def test_figures_bear_the_names_of_the_interface(tmp_path: Path, segmenter: Segmenter) -> None:
    figures = evaluate(write_set(tmp_path), segmenter).figures()
    names = {"MRR@10", "nDCG@10", "Hit@1", "Recall@10", "Recall@100", "build_seconds", "p50_ms", "p99_ms"}
    assert names | {"passages", "queries"} == set(figures)
    assert figures["MRR@10"] == 0.6667


def test_titles_are_searched_as_headings(tmp_path: Path, segmenter: Segmenter) -> None:
    folder = write_set(tmp_path, queries={"q": "群众工作"}, qrels=[("q", "d3", 1)])
    rows = [{"id": id_, "text": text, "title": "群众工作" if id_ == "d3" else None} for id_, text in PASSAGES.items()]
    (folder / "corpus.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert evaluate(folder, segmenter).hit_1 == 1.0


def test_numbers_may_be_ids_and_a_heading_line_is_passed_over(tmp_path: Path, segmenter: Segmenter) -> None:
    folder = write_set(tmp_path)
    (folder / "corpus.jsonl").write_text('{"id": 7, "text": "三会一课"}\n\n', encoding="utf-8-sig")
    (folder / "queries.jsonl").write_text('{"id": 1, "text": "三会一课"}\n', encoding="utf-8")
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n1\t7\t1\n", encoding="utf-8")
    assert evaluate(folder, segmenter).hit_1 == 1.0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("corpus.jsonl", '{"id": "a", "text": "x"}\nnot json\n', r"corpus\.jsonl第2行"),
        ("corpus.jsonl", '{"id": "a"}\n', r"corpus\.jsonl第1行"),
        ("corpus.jsonl", '["a"]\n', r"corpus\.jsonl第1行"),
        ("corpus.jsonl", '{"id": "a", "text": 5}\n', r"corpus\.jsonl第1行"),
        ("queries.jsonl", '{"id": "a", "text": "x"}\n' * 2, r"queries\.jsonl第2行"),
        ("qrels.tsv", "q1\td2\t1\nq1 d2 1\n", r"qrels\.tsv第2行"),
        ("qrels.tsv", "other\td2\t1\n", "对不上"),
        ("qrels.tsv", "", "对不上"),
        ("queries.jsonl", None, r"queries\.jsonl"),
    ],
)
def test_a_malformed_set_is_named(
    tmp_path: Path, segmenter: Segmenter, name: str, content: str | None, message: str
) -> None:
    folder = write_set(tmp_path)
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(EvaluationError, match=message):
        evaluate(folder, segmenter)
