"""Throughput of a build as a ratio to jieba's ``cut_for_search`` alone over the same text, stage by stage.

The text is the bundled reports over and over, each copy with its sentences in another order and a name of its own, so that
nothing is merged away. Times are CPU seconds of this process.

    python -m benchmarks.build [--copies 60] [--json]
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from knowledge.build.base import build_base, bundled_reports
from knowledge.build.pipeline import digest
from knowledge.corpus.cleaning import clean
from knowledge.corpus.reader import read
from knowledge.corpus.structure import parse
from knowledge.segmentation import Segmenter
from knowledge.tableset import TableSet


def write_copies(folder: Path, copies: int) -> int:
    """Write the shuffled copies and return how many characters they have."""
    shuffle = random.Random(7)
    characters = 0
    for copy in range(copies):
        for report in bundled_reports().glob("*.txt"):
            lines = report.read_text(encoding="utf-8-sig").splitlines()
            text = "\n".join(_shuffled(line, shuffle) for line in lines)
            characters += len(text)
            (folder / f"{report.stem}-{copy:04}.txt").write_text(text, encoding="utf-8")
    return characters


def _shuffled(line: str, shuffle: random.Random) -> str:
    """Keep the head of a line, where its number stands, and put its other sentences in another order."""
    head, *rest = line.split("。")
    shuffle.shuffle(rest)
    return "。".join([head, *(sentence for sentence in rest if sentence.strip())])


def spent(work: Callable[[], object]) -> float:
    """Return the CPU seconds that ``work`` takes."""
    started = time.process_time()
    work()
    return time.process_time() - started


def measure(copies: int) -> dict[str, Any]:
    """Return the seconds of each stage and the ratio of the whole build to segmentation alone."""
    tables, segmenter = TableSet.load(), Segmenter()
    segmenter.load()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        characters = write_copies(folder / "in", copies)
        documents = [read(file) for file in sorted((folder / "in").iterdir())]
        stages = {
            "segmentation alone": spent(lambda: [segmenter.search_words(document.text) for document in documents]),
            "read": spent(lambda: [read(file) for file in sorted((folder / "in").iterdir())]),
            "clean": spent(lambda: [clean(document.text, tables.gate, year=2023) for document in documents]),
            "parse": spent(lambda: [parse(document.text) for document in documents]),
            "all stages, no index": spent(lambda: [digest(document, tables) for document in documents]),
            "whole build": spent(lambda: build_base([folder / "in"], folder / "base", tables, segmenter)),
        }
    return {"characters": characters, "seconds": stages, "ratio": stages["whole build"] / stages["segmentation alone"]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = measure(arguments.copies)
    if arguments.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    print(f"{figures['characters']:,} characters")
    for stage, seconds in figures["seconds"].items():
        print(f"{stage:24} {seconds:7.2f} s")
    print(f"whole build / segmentation alone: {figures['ratio']:.2f}")


if __name__ == "__main__":
    main()
