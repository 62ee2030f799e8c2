"""Build, open, search and extend knowledge bases of 10 000 and 100 000 passages recombined from the bundled reports.

    python -m benchmarks.search [PASSAGES…] [--json]

Each size runs in a process of its own, so that its peak memory is its own. Times are wall-clock; "analysis ratio" is
the time to analyse texts in relation to jieba's search mode alone over the same texts in the same process, "build
ratio" the whole build in relation to the same.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib import resources
from pathlib import Path
from time import perf_counter

from handlers.dialogue import Message, Session
from handlers.grammar import Grammar
from handlers.routing import Dialogue
from knowledge.contents import Contents
from knowledge.library import Library
from knowledge.model import Passage, Report, Role, Source
from knowledge.search.engine import Query
from knowledge.segmentation import Segmenter
from knowledge.store import KnowledgeBase, open_base, update_base, write_base
from knowledge.tableset import TableSet
from knowledge.topics import Topics

SIZES = (10_000, 100_000)
PASSAGES_PER_REPORT = 50
SAMPLE = 5_000
SEARCHES = 2_000
OPENINGS = 20
SEED = 20230701
ROLES = tuple(Role)
TOPICS = tuple(topic.name for topic in Topics.load().topics)
ASKING = ("", "", "怎么写", "的例句", "如何表述", " 三条")


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured for one size; times in seconds or milliseconds as named, memory and disk in MiB."""

    passages: int
    build_s: float
    analysis_ratio: float
    build_ratio: float
    disk_mib: float
    peak_mib: float
    loaded_mib: float
    open_ms: float
    search_p50_ms: float
    search_p99_ms: float
    search_max_ms: float
    answer_p50_ms: float
    answer_p99_ms: float
    add_report_s: float
    remove_report_s: float


def clauses() -> tuple[list[str], list[str]]:
    """Return the clauses and the heading lines of the bundled reports."""
    body: list[str] = []
    headings: list[str] = []
    for file in resources.files("knowledge").joinpath("data", "reports").iterdir():
        for line in file.read_text(encoding="utf-8").splitlines():
            if re.match(r"[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）", line):
                headings.append(re.split("[。；]", line)[0][:30])
            body += [clause for clause in re.split(r"[，。；：\s]", line) if 5 <= len(clause) <= 40]
    return body, headings


def compose(
    number: int, size: int, chance: random.Random, source: tuple[list[str], list[str]]
) -> tuple[Report, list[Passage]]:
    """Make one report of ``size`` passages, each of three to six clauses."""
    body, headings = source
    id_, title = f"report{number:06d}", f"某局{number}号党建工作总结"
    passages: list[Passage] = []
    text = ""
    for _ in range(size):
        words = "，".join(chance.choices(body, k=chance.randint(3, 6))) + "。"
        section = ("一、主要做法", chance.choice(headings))
        place = Source(id_, title, 2023, section, len(text), len(text) + len(words))
        topics = tuple(chance.sample(TOPICS, chance.randint(1, 2)))
        passages.append(Passage(f"{id_}-{len(passages)}", words, chance.choice(ROLES), topics, (place,)))
        text += words
    digest = sha256(text.encode()).hexdigest()
    return Report(id_, title, "年度总结", 2023, "机关党委", text, digest, "utf-8"), passages


def corpus(passages: int) -> Contents:
    """Return recombined contents of about that many passages."""
    chance = random.Random(SEED)
    source = clauses()
    composed = [compose(n, PASSAGES_PER_REPORT, chance, source) for n in range(passages // PASSAGES_PER_REPORT)]
    return Contents(
        reports=tuple(report for report, _ in composed),
        passages=tuple(passage for _, own in composed for passage in own),
    )


def questions() -> list[str]:
    """Return searches of the lengths people type: from a bare noun to a pasted sentence."""
    chance = random.Random(SEED + 1)
    body, _ = clauses()
    asked: list[str] = []
    for number in range(SEARCHES):
        clause = chance.choice(body)
        if number % 10 == 0:
            asked.append(f"{clause}，{chance.choice(body)}")
        else:
            start = chance.randrange(max(1, len(clause) - 8))
            asked.append(clause[start : start + chance.randint(2, 8)] + chance.choice(ASKING))
    return asked


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds ``work`` takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which ``share`` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def peak_mib() -> float:
    """Return the most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cutting_alone(texts: Sequence[str]) -> float:
    """Return how many seconds jieba's search mode takes for texts."""
    import jieba  # noqa: PLC0415 its own messages at loading stay out of the way of other commands

    jieba.setLogLevel(logging.CRITICAL)
    plain = jieba.Tokenizer()
    plain.initialize()
    return percentile([timed(lambda: [list(plain.cut_for_search(text)) for text in texts]) for _ in range(3)], 0.5)


def time_answers(base: KnowledgeBase, segmenter: Segmenter, asked: Sequence[str]) -> list[float]:
    """Return the seconds of whole answers: understanding, search, ranking and wording; no question is asked twice."""
    grammar, tables = Grammar.load(), TableSet.load()
    dialogue = Dialogue(Library(base, tables, segmenter, grammar.words()), grammar)
    dialogue.library.questions.load()
    named = [f"{topic}怎么写" for topic in TOPICS] + [f"{term.name}例句" for term in tables.topics.terms]
    now = datetime.now(UTC)
    return [
        timed(lambda text=text: dialogue.respond(Message("benchmark", "u", text, now), Session()))  # type: ignore[misc]
        for text in dict.fromkeys((*named, *asked[: SEARCHES // 2]))
    ]


def measure(passages: int) -> Figures:
    """Build a base of that many passages in a temporary folder and measure it."""
    segmenter = Segmenter()
    segmenter.load()
    contents = corpus(passages)
    texts = [passage.text for passage in contents.passages]
    sample = texts[:SAMPLE]
    alone = cutting_alone(sample)
    analysis = percentile([timed(lambda: [segmenter.analyze(text) for text in sample]) for _ in range(3)], 0.5)
    loaded = peak_mib()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        build = timed(lambda: write_base(base, contents, segmenter))
        peak = peak_mib()
        disk = sum(path.stat().st_size for path in base.rglob("*") if path.is_file()) / 2**20
        opening = percentile([timed(lambda: open_base(base, segmenter).close()) for _ in range(OPENINGS)], 0.5)
        served = open_base(base, segmenter)
        asked = questions()

        def answer(question: str) -> object:
            return served.passages(hit.id for hit in served.search(Query(question)))

        for question in asked[:50]:
            answer(question)
        times = [timed(lambda question=question: answer(question)) for question in asked]  # type: ignore[misc]
        answers = time_answers(served, segmenter, asked)
        report, own = compose(passages, PASSAGES_PER_REPORT, random.Random(SEED + 2), clauses())
        addition = Contents(reports=(report,), passages=tuple(own))
        add = timed(lambda: (update_base(base, segmenter, add=addition), open_base(base, segmenter)))
        remove = timed(lambda: (update_base(base, segmenter, remove=("report000007",)), open_base(base, segmenter)))
    return Figures(
        passages=len(contents.passages),
        build_s=round(build, 2),
        analysis_ratio=round(analysis / alone, 2),
        build_ratio=round(build / (alone * sum(map(len, texts)) / sum(map(len, sample))), 2),
        disk_mib=round(disk, 1),
        peak_mib=round(peak, 1),
        loaded_mib=round(loaded, 1),
        open_ms=round(opening * 1e3, 1),
        search_p50_ms=round(percentile(times, 0.5) * 1e3, 2),
        search_p99_ms=round(percentile(times, 0.99) * 1e3, 2),
        search_max_ms=round(max(times) * 1e3, 2),
        answer_p50_ms=round(percentile(answers, 0.5) * 1e3, 2),
        answer_p99_ms=round(percentile(answers, 0.99) * 1e3, 2),
        add_report_s=round(add, 2),
        remove_report_s=round(remove, 2),
    )


def main() -> None:
    """Measure every size in a process of its own and print a table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("passages", nargs="*", type=int, default=SIZES)
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        print(json.dumps(asdict(measure(options.passages[0]))))
        return
    found = []
    for size in options.passages:
        command = [sys.executable, "-m", "benchmarks.search", str(size), "--here"]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
        found.append(json.loads(answer.stdout))
    if not options.json:
        for name in found[0]:
            print(f"{name:16}" + "".join(f"{figures[name]:>12}" for figures in found))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
