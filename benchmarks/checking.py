"""How long the checker takes over long texts, and whether twice the text takes twice the time.

    python -m benchmarks.checking [--rounds 3] [--json]
    python -m benchmarks.checking --folder DOCUMENTS [--year 2026]

Sizes are bytes of UTF-8. "reports" is the sentences of the bundled reports in random order; "examples" is nothing but
the rules' own examples, so that every rule has something to look at everywhere. The best of the rounds counts: other
work on the machine only ever adds time. "per_rule_ms" names the rules that take longest over 1 MB of reports.

With a folder, what is told of each document in it is printed instead, with the number of findings per 10 000 characters:
the false alarms, where the documents are vetted. Without a year each document's own counts.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from time import perf_counter

from knowledge.build.base import bundled_reports
from knowledge.checking.checker import Checker, recognise_year
from knowledge.checking.model import Copy, Level, Rule
from knowledge.corpus.reader import UnreadableDocument, read

MEGABYTE = 1_000_000
SIZES = (MEGABYTE // 2, MEGABYTE, 2 * MEGABYTE)
YEAR = 2023
SEED = 20230701
SLOWEST = 8


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured for one kind of text; ``growth`` is the time of each size over that of the size before."""

    text: str
    characters: tuple[int, ...]
    seconds: tuple[float, ...]
    growth: tuple[float, ...]
    findings: tuple[int, ...]


def of_reports() -> list[str]:
    """Return the sentences of the bundled reports."""
    texts = (read(path).text for path in sorted(bundled_reports().iterdir()))
    return [f"{sentence}。" for text in texts for sentence in text.split("。") if sentence]


def of_examples(checker: Checker) -> list[str]:
    """Return the examples of all rules, a line each."""
    return [f"{example.text}\n" for rule in checker.rules for example in (*rule.flags, *rule.misses)]


def long_text(pieces: Sequence[str], size: int) -> str:
    """Return pieces in random order, ``size`` bytes of UTF-8 of them."""
    source = random.Random(SEED)
    found: list[str] = []
    while size > 0:
        found.append(source.choice(pieces))
        size -= len(found[-1].encode())
    return "".join(found)


def best_of(rounds: int, work: Callable[[], object]) -> float:
    """Return the shortest time in seconds."""
    times = []
    for _ in range(rounds):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return min(times)


def measure(checker: Checker, name: str, pieces: Sequence[str], rounds: int) -> Figures:
    """Measure every size of one kind of text."""
    texts = [long_text(pieces, size) for size in SIZES]
    seconds = [best_of(rounds, partial(checker.check, text, year=YEAR)) for text in texts]
    return Figures(
        name,
        tuple(map(len, texts)),
        tuple(round(time, 3) for time in seconds),
        tuple(round(later / earlier, 2) for earlier, later in pairwise(seconds)),
        tuple(len(checker.check(text, year=YEAR)) for text in texts),
    )


def _run(rule: Rule, copy: Copy) -> None:
    for _ in rule.find(copy):
        pass


def slowest(checker: Checker, pieces: Sequence[str]) -> dict[str, float]:
    """Return the milliseconds of the slowest rules over 1 MB; what rules share is counted to the first of them."""
    copy = Copy(long_text(pieces, MEGABYTE), YEAR)
    copy.plain, copy.marks, copy.lines  # noqa: B018 - worked out before the clock starts
    times = {rule.id: best_of(1, partial(_run, rule, copy)) for rule in checker.rules}
    ranked = sorted(times, key=lambda name: -times[name])
    return {name: round(1000 * times[name], 1) for name in ranked[:SLOWEST]}


def tell(checker: Checker, folder: Path, year: int | None) -> None:
    """Print every 必错 and 疑似 of the documents in a folder, and the counts."""
    counts: Counter[str] = Counter()
    characters = 0
    for path in sorted(folder.iterdir()):
        try:
            text = read(path).text
        except UnreadableDocument as error:
            print(f"{path.name}: {error}")
            continue
        characters += len(text)
        for found in checker.check(text, year=year or recognise_year(text) or datetime.now(UTC).year):
            counts[found.level.value] += 1
            if found.level is not Level.HINT:
                around = f"{text[max(0, found.start - 12) : found.start]}⟦{text[found.start : found.end]}⟧{text[found.end :][:12]}"
                print(path.name, found.level.value, found.rule, repr(around), found.right or "", found.reason, sep="\t")
    shares = {level: round(10_000 * count / max(1, characters), 2) for level, count in counts.items()}
    print(f"{characters} characters, findings {dict(counts)}, per 10 000 characters {shares}")


def main() -> None:
    """Measure and print a table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--folder", type=Path, help="check these documents instead")
    parser.add_argument("--year", type=int, help="the year the documents are written for")
    options = parser.parse_args()
    checker = Checker.load()
    if options.folder:
        tell(checker, options.folder, options.year)
        return
    kinds = {"reports": of_reports(), "examples": of_examples(checker)}
    figures = [measure(checker, name, pieces, options.rounds) for name, pieces in kinds.items()]
    rules = slowest(checker, kinds["reports"])
    if not options.json:
        for found in figures:
            print(
                f"{found.text:10}"
                + "  ".join(f"{n:>8} chars {s:6.3f} s" for n, s in zip(found.characters, found.seconds, strict=True))
            )
            print(f"{'':10}growth {found.growth}, findings {found.findings}")
    print(
        json.dumps({"rules": len(checker.rules), "texts": [asdict(found) for found in figures], "per_rule_ms": rules})
    )


if __name__ == "__main__":
    main()
