"""Measure retrieval on the judged set through the real answer path, beside two baselines over the same passages.

``python -m tests.evaluation.measure`` prints a table; ``--misses`` adds every message that failed, ``--json`` prints the
figures for machines. The knowledge base is built from the bundled reports in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import log2
from pathlib import Path
from tempfile import TemporaryDirectory

from handlers.dialogue import Message, Session
from handlers.grammar import Grammar
from handlers.phrasing import query_of
from handlers.reply import ItemType
from handlers.routing import Dialogue
from knowledge.build.base import build_base, bundled_reports
from knowledge.library import Library
from knowledge.model import Passage
from knowledge.segmentation import Segmenter
from knowledge.store import open_base
from knowledge.tableset import TableSet
from tests.evaluation.baseline import Bm25, pairs
from tests.evaluation.judged import ABSENT_WAYS, HELD_WAYS, all_passages, grade_passages, read_needs

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""When the messages are sent: the year decides which wording carries a warning and comes later."""

DEPTH = 5
PRODUCT = "product"
WORDS = "BM25 words"
PAIRS = "BM25 pairs"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one system made of one message: the texts it ranked with their grades, and whether it claimed an answer."""

    message: str
    way: str
    split: str
    ideal: tuple[int, ...]
    wanted: tuple[str, ...]
    ranked: tuple[tuple[str, int], ...]
    found: bool | None

    @property
    def answerable(self) -> bool:
        """Whether the library holds what was asked."""
        return bool(self.ideal)

    def success(self, depth: int) -> bool:
        """Whether a passage of grade 2 or 3 is among the first ``depth``."""
        return any(grade >= 2 for _, grade in self.ranked[:depth])

    @property
    def ndcg(self) -> float:
        """Normalized discounted cumulative gain of the first five, a grade counting 2^grade - 1."""
        return gain(grade for _, grade in self.ranked[:DEPTH]) / gain(self.ideal[:DEPTH])

    @property
    def missed(self) -> bool:
        """Whether the user was not served: no fitting passage first, or an answer to what is not there."""
        return not self.success(1) or self.found is False if self.answerable else self.found is True


@dataclass(frozen=True, slots=True)
class Score:
    """Means over messages; ``nan`` where there is none of the sort."""

    answerable: int
    success_1: float
    success_3: float
    ndcg_5: float
    answered: float
    absent: int
    declined: float

    @property
    def no_answer(self) -> float:
        """Return the mean of the share answered where there is an answer and declined where there is none."""
        return (self.answered + self.declined) / 2


@dataclass(frozen=True, slots=True)
class Figures:
    """The outcomes of each system on every message."""

    passages: int
    outcomes: Mapping[str, tuple[Outcome, ...]]

    def score(self, system: str = PRODUCT, *, split: str | None = None, way: str | None = None) -> Score:
        """Return the means of one system, of one split or one way of asking if named."""
        chosen = [one for one in self.outcomes[system] if split in {None, one.split} and way in {None, one.way}]
        present = [one for one in chosen if one.answerable]
        absent = [one for one in chosen if not one.answerable]
        return Score(
            answerable=len(present),
            success_1=mean(one.success(1) for one in present),
            success_3=mean(one.success(3) for one in present),
            ndcg_5=mean(one.ndcg for one in present),
            answered=mean(one.found is True for one in present if one.found is not None),
            absent=len(absent),
            declined=mean(one.found is False for one in absent if one.found is not None),
        )


def measure(dialogue: Dialogue, library: Library) -> Figures:
    """Ask every message of the judged set of the dialogue and of the baselines."""
    passages = all_passages(library, NOW.year)
    texts = ["".join(passage.sources[0].section) + passage.text for passage in passages]
    segmenter = Segmenter()
    baselines = {WORDS: Bm25(texts, segmenter.search_words), PAIRS: Bm25(texts, pairs)}
    outcomes: dict[str, list[Outcome]] = {PRODUCT: [], WORDS: [], PAIRS: []}
    for need in read_needs():
        grades = grade_passages(need, passages)
        ideal = tuple(sorted(grades.values(), reverse=True))
        wanted = tuple(f"{one.report} {one.text}" for one in need.fragments if one.grade == max(ideal, default=0))
        for way, message in need.messages():
            ranked, found = ask(dialogue, library, message)
            answers: dict[str, tuple[Sequence[Passage], bool | None]] = {PRODUCT: (ranked, found)}
            for name, baseline in baselines.items():
                answers[name] = ([passages[place] for place in baseline.rank(message, DEPTH)], None)
            for name, (listed, claimed) in answers.items():
                graded = tuple((passage.text, grades.get(passage.id, 0)) for passage in listed)
                outcomes[name].append(Outcome(message, way, need.split, ideal, wanted, graded, claimed))
    return Figures(len(passages), {name: tuple(found) for name, found in outcomes.items()})


def ask(dialogue: Dialogue, library: Library, message: str) -> tuple[tuple[Passage, ...], bool]:
    """Return the first five passages a new user is given for ``message``, and whether the reply says it found any.

    What stands on later pages comes from the query of the view that the reply opened.
    """
    turn = dialogue.respond(Message("evaluation", "u", message, NOW), Session())
    if turn.reply is None:
        return (), False
    known = {passage.text: passage for passage in all_passages(library, NOW.year)}
    shown = [known[item.text] for item in turn.reply.items if item.type is ItemType.PASSAGE]
    view = turn.session.view
    if shown and view is not None and view.kind == "phrases":
        following = library.phrases(query_of(view), NOW.year)
        shown += [passage for passage in following if passage not in shown]
    return tuple(shown[:DEPTH]), turn.reply.found


def gain(grades: Iterable[int]) -> float:
    """Return the discounted cumulative gain of grades in order (Järvelin and Kekäläinen 2002, exponential gains)."""
    return sum((2**grade - 1) / log2(rank + 1) for rank, grade in enumerate(grades, 1))


def mean(values: Iterable[float]) -> float:
    """Return the mean, ``nan`` of nothing."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else float("nan")


def table(figures: Figures) -> Iterator[str]:
    """Yield the lines of the report: systems by split, then the product by way of asking."""
    yield f"{figures.passages} passages"
    yield f"{'':22}{'n':>5}{'S@1':>8}{'S@3':>8}{'nDCG@5':>8}{'found':>8}{'n/a n':>7}{'declined':>10}{'balanced':>10}"
    for system in figures.outcomes:
        for split in (None, "dev", "held"):
            yield _line(f"{system} {split or 'all'}", figures.score(system, split=split))
    for way in (*HELD_WAYS, *ABSENT_WAYS):
        yield _line(f"  {way}", figures.score(way=way))


def misses(figures: Figures) -> Iterator[str]:
    """Yield every message the product failed, with what it returned and what was wanted."""
    for one in figures.outcomes[PRODUCT]:
        if one.missed or (one.answerable and not one.success(3)):
            yield f"\n{one.message}  [{one.way}, {one.split}] {'found' if one.found else 'nothing found'}"
            yield from (f"    {grade}  {text[:60]}" for text, grade in one.ranked[:3])
            yield f"  wanted: {'; '.join(one.wanted[:4]) or 'to be told that the library has nothing'}"


def _line(name: str, score: Score) -> str:
    held = f"{score.answerable:5}" + "".join(
        _cell(value, 8) for value in (score.success_1, score.success_3, score.ndcg_5, score.answered)
    )
    return f"{name:22}{held}{score.absent:7}{_cell(score.declined, 10)}{_cell(score.no_answer, 10)}"


def _cell(value: float, width: int) -> str:
    return f"{'':>{width}}" if value != value else f"{value:{width}.3f}"


def _as_json(figures: Figures) -> str:
    rows = [
        {"system": system, "split": split or "all", **_fields(figures.score(system, split=split))}
        for system in figures.outcomes
        for split in (None, "dev", "held")
    ]
    ways = [{"way": way, **_fields(figures.score(way=way))} for way in (*HELD_WAYS, *ABSENT_WAYS)]
    return json.dumps({"passages": figures.passages, "systems": rows, "ways": ways}, ensure_ascii=False)


def _fields(score: Score) -> dict[str, float | None]:
    values = {
        "answerable": score.answerable,
        "success_1": score.success_1,
        "success_3": score.success_3,
        "ndcg_5": score.ndcg_5,
        "answered": score.answered,
        "absent": score.absent,
        "declined": score.declined,
        "no_answer": score.no_answer,
    }
    return {name: None if value != value else round(value, 4) for name, value in values.items()}


def main() -> None:
    """Build the bundled knowledge base, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    parser.add_argument("--misses", action="store_true", help="also every message that failed")
    options = parser.parse_args()
    tables, segmenter, grammar = TableSet.load(), Segmenter(), Grammar.load()
    with TemporaryDirectory() as folder:
        build_base([bundled_reports()], Path(folder), tables, segmenter)
        library = Library(open_base(Path(folder), segmenter), tables, segmenter, grammar.words())
        figures = measure(Dialogue(library, grammar), library)
    print(_as_json(figures) if options.json else "\n".join(table(figures)))
    if options.misses:
        print("\n".join(misses(figures)))


if __name__ == "__main__":
    main()
