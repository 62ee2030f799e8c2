"""Measure retrieval on the judged set through the real answer path, beside two baselines over the same passages.

``python -m tests.evaluation.measure`` prints a table; ``--misses`` adds every message that failed, ``--json`` prints the
figures for machines. The knowledge base is built from the bundled reports in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from tempfile import TemporaryDirectory

from handlers.dialogue import Message, Session
from handlers.grammar import Grammar
from handlers.phrase_list import query_of
from handlers.reply import ItemType
from handlers.routing import Dialogue
from knowledge.build.base import build_base, bundled_reports
from knowledge.library import Library
from knowledge.model import Passage
from knowledge.segmentation import Segmenter
from knowledge.store import open_base
from knowledge.tableset import TableSet
from tests.evaluation.baseline import Bm25, pairs
from tests.evaluation.figures import DEPTH, PRODUCT, Figures, Outcome, Score
from tests.evaluation.judged import ABSENT_WAYS, PRESENT_WAYS, Need, all_passages, grade_passages, read_needs

WORDS = "BM25 words"
PAIRS = "BM25 pairs"

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""When the messages are sent: the year decides which wording carries a warning and comes later."""


def measure(dialogue: Dialogue, library: Library, segmenter: Segmenter) -> Figures:
    """Ask every message of the judged set of the dialogue and of the baselines; ``segmenter`` cuts words for these."""
    passages = all_passages(library, NOW.year)
    known = {passage.text: passage for passage in passages}
    # The heading path belongs to the text of a baseline: without it both find less.
    texts = ["".join(passage.sources[0].section) + passage.text for passage in passages]
    baselines = {WORDS: Bm25(texts, segmenter.search_words), PAIRS: Bm25(texts, pairs)}
    outcomes: dict[str, list[Outcome]] = {PRODUCT: [], WORDS: [], PAIRS: []}
    for need in read_needs():
        grades = grade_passages(need, passages)
        for way, message in need.messages():
            ranked, found = ask(dialogue, library, message, known)
            outcomes[PRODUCT].append(_outcome(need, way, message, grades, ranked, found))
            for name, baseline in baselines.items():
                ranked = tuple(passages[place] for place in baseline.rank(message, DEPTH))
                outcomes[name].append(_outcome(need, way, message, grades, ranked, None))
    return Figures(len(passages), {name: tuple(found) for name, found in outcomes.items()})


def ask(
    dialogue: Dialogue, library: Library, message: str, known: Mapping[str, Passage]
) -> tuple[tuple[Passage, ...], bool]:
    """Return the first five passages a new user is given for ``message``, and whether the reply says it found any.

    What stands on later pages comes from the query of the view that the reply opened. ``known`` are the passages by
    their text, which is how a reply names them.
    """
    turn = dialogue.respond(Message("evaluation", "u", message, NOW), Session())
    if turn.reply is None:
        return (), False
    shown = [known[item.text] for item in turn.reply.items if item.type is ItemType.PASSAGE]
    view = turn.session.view
    if shown and view is not None and view.kind == "phrases":
        following = library.phrases(query_of(view), NOW.year)
        shown += [passage for passage in following if passage not in shown]
    return tuple(shown[:DEPTH]), turn.reply.found


def _outcome(
    need: Need, way: str, message: str, grades: Mapping[str, int], ranked: Sequence[Passage], found: bool | None
) -> Outcome:
    best = max((fragment.grade for fragment in need.fragments), default=0)
    return Outcome(
        message,
        way,
        need.split,
        answerable=bool(need.fragments),
        ideal=tuple(sorted(grades.values(), reverse=True)),
        wanted=tuple(f"{one.report} {one.text}" for one in need.fragments if one.grade == best),
        ranked=tuple((passage.text, grades.get(passage.id, 0)) for passage in ranked),
        found=found,
    )


def table(figures: Figures) -> Iterator[str]:
    """Yield the report as Markdown tables: systems by split, then the product by way of asking."""
    yield from _heading("system")
    for system in figures.outcomes:
        for split in (None, "dev", "held"):
            yield _row(f"{system}, {split or 'all'}", figures.score(system, split=split))
    yield ""
    yield from _heading("way of asking")
    for way, meaning in (PRESENT_WAYS | ABSENT_WAYS).items():
        yield _row(f"{way}: {meaning}", figures.score(way=way))


def misses(figures: Figures) -> Iterator[str]:
    """Yield every message the product failed, with what it returned and what was wanted."""
    for one in figures.outcomes[PRODUCT]:
        if one.missed:
            yield f"\n{one.message}  [{one.way}, {one.split}] {'found' if one.found else 'nothing found'}"
            yield from (f"    {grade}  {text[:60]}" for text, grade in one.ranked[:3])
            yield f"  wanted: {'; '.join(one.wanted[:4]) or 'to be told that the library has nothing'}"


def _heading(first: str) -> Iterator[str]:
    columns = ("S@1", "S@3", "nDCG@5", "answered", "of", "declined", "of", "balanced")
    yield f"| {first} | " + " | ".join(columns) + " |"
    yield "|---|" + "---:|" * len(columns)


def _row(name: str, score: Score) -> str:
    cells = (
        *map(_cell, (score.success_1, score.success_3, score.ndcg_5, score.answered)),
        str(score.answerable or ""),
        _cell(score.declined),
        str(score.absent or ""),
        _cell(score.no_answer),
    )
    return f"| {name} | " + " | ".join(cells) + " |"


def _cell(value: float) -> str:
    return "" if isnan(value) else f"{value:.3f}"


def as_json(figures: Figures) -> str:
    """Return the figures of ``table`` as one JSON object; a figure that is not defined is null."""
    rows = [
        {"system": system, "split": split or "all", **_fields(figures.score(system, split=split))}
        for system in figures.outcomes
        for split in (None, "dev", "held")
    ]
    ways = [{"way": way, **_fields(figures.score(way=way))} for way in (*PRESENT_WAYS, *ABSENT_WAYS)]
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
    return {name: None if isnan(value) else round(value, 4) for name, value in values.items()}


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
        figures = measure(Dialogue(library, grammar), library, segmenter)
    print(as_json(figures) if options.json else "\n".join(table(figures)))
    if options.misses:
        print("\n".join(misses(figures)))


if __name__ == "__main__":
    main()
