"""Measures retrieval on a judged set: the same analysis, index and engine that serve users, nothing tuned to the set.

A set is a folder with ``corpus.jsonl`` ({id, text[, title]}), ``queries.jsonl`` ({id, text}) and ``qrels.tsv`` (query,
passage, grade, separated by tabs; a grade above 0 means relevant). Queries without a relevant passage are left out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from knowledge.errors import EvaluationError
from knowledge.search.engine import Entry, Form, Query
from knowledge.search.tantivy_engine import TantivyEngine, TantivyWriter
from knowledge.segmentation import Segmenter

_DEPTH = 100


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Means over all judged queries, the seconds to build the index, and milliseconds per search.

    nDCG takes the grade as the gain and log2(rank + 1) as the discount, as trec_eval does.
    """

    passages: int
    queries: int
    mrr_10: float
    ndcg_10: float
    hit_1: float
    recall_10: float
    recall_100: float
    build_seconds: float
    p50_ms: float
    p99_ms: float

    def figures(self) -> dict[str, float]:
        """Return the figures by the names under which they are printed."""
        return {
            "passages": self.passages,
            "queries": self.queries,
            "MRR@10": round(self.mrr_10, 4),
            "nDCG@10": round(self.ndcg_10, 4),
            "Hit@1": round(self.hit_1, 4),
            "Recall@10": round(self.recall_10, 4),
            "Recall@100": round(self.recall_100, 4),
            "build_seconds": round(self.build_seconds, 2),
            "p50_ms": round(self.p50_ms, 2),
            "p99_ms": round(self.p99_ms, 2),
        }


@dataclass(frozen=True, slots=True)
class Judged:
    """The passages found for one query, best first, and the grades of its relevant ones."""

    found: tuple[str, ...]
    grades: Mapping[str, int]

    def reciprocal_rank(self, depth: int) -> float:
        """Return 1 / rank of the first relevant passage, 0 beyond ``depth``."""
        return next((1 / rank for rank, id_ in enumerate(self.found[:depth], 1) if id_ in self.grades), 0.0)

    def recall(self, depth: int) -> float:
        """Return the share of the relevant passages among the first ``depth``."""
        return sum(id_ in self.grades for id_ in self.found[:depth]) / len(self.grades)

    def ndcg(self, depth: int) -> float:
        """Return the discounted gain of the first ``depth`` in relation to the best order."""
        ideal = sorted(self.grades.values(), reverse=True)
        return _gain(self.grades.get(id_, 0) for id_ in self.found[:depth]) / _gain(ideal[:depth])


def evaluate(folder: Path, segmenter: Segmenter) -> EvaluationReport:
    """Index a judged set in a temporary folder, run its queries and score the answers.

    Raises ``EvaluationError`` if a file of the set is missing or malformed.
    """
    grades = _read_grades(folder / "qrels.tsv")
    corpus = [
        Entry(row["id"], Form.PASSAGE, row["text"], (row["title"],) if row.get("title") else ())
        for row in _read_rows(folder / "corpus.jsonl")
    ]
    queries = [row for row in _read_rows(folder / "queries.jsonl") if row["id"] in grades]
    if not queries:
        raise EvaluationError("评测集没有可评的问题：qrels.tsv里的编号与queries.jsonl对不上")
    segmenter.load()
    with TemporaryDirectory() as index:
        start = perf_counter()
        writer = TantivyWriter(Path(index), segmenter)
        writer.add(corpus)
        writer.commit()
        build_seconds = perf_counter() - start
        engine = TantivyEngine(Path(index), segmenter)
        judged: list[Judged] = []
        seconds: list[float] = []
        for row in queries:
            start = perf_counter()
            hits = engine.search(Query(row["text"], limit=_DEPTH))
            seconds.append(perf_counter() - start)
            judged.append(Judged(tuple(hit.id for hit in hits), grades[row["id"]]))
    return _report(len(corpus), judged, build_seconds, sorted(seconds))


def _report(passages: int, judged: Sequence[Judged], build: float, seconds: Sequence[float]) -> EvaluationReport:
    count = len(judged)
    return EvaluationReport(
        passages=passages,
        queries=count,
        mrr_10=sum(one.reciprocal_rank(10) for one in judged) / count,
        ndcg_10=sum(one.ndcg(10) for one in judged) / count,
        hit_1=sum(one.reciprocal_rank(1) for one in judged) / count,
        recall_10=sum(one.recall(10) for one in judged) / count,
        recall_100=sum(one.recall(_DEPTH) for one in judged) / count,
        build_seconds=build,
        p50_ms=1e3 * seconds[count // 2],
        p99_ms=1e3 * seconds[count * 99 // 100],
    )


def _gain(grades: Iterable[int]) -> float:
    return sum(grade / log2(rank + 1) for rank, grade in enumerate(grades, 1))


def _read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Read one JSON object a line; the id may be a number, and no id may occur twice."""
    seen: set[str] = set()
    for number, line in _read_lines(path):
        try:
            row = json.loads(line)
            id_, text, title = str(row["id"]), row["text"], row.get("title")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EvaluationError(f"{path.name}第{number}行看不懂：应有id和text") from error
        if not isinstance(text, str) or not isinstance(title, str | None) or id_ in seen:
            raise EvaluationError(f"{path.name}第{number}行不能用：text应为文字，id不能重复")
        seen.add(id_)
        yield {"id": id_, "text": text, "title": title or ""}


def _read_grades(path: Path) -> Mapping[str, Mapping[str, int]]:
    """Return the grades above 0 of every query; a heading line is passed over."""
    grades: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for number, line in _read_lines(path):
        columns = line.rstrip("\n").split("\t")
        if len(columns) == 3 and columns[2].strip().isdecimal():
            query, passage, grade = columns
            if int(grade) > 0:
                grades[query][passage] = int(grade)
        elif number > 1:
            raise EvaluationError(f"{path.name}第{number}行看不懂：应为问题、段落、等级三列，用制表符分开")
    return grades


def _read_lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"评测集缺少文件或不是UTF-8：{path.name}") from error
