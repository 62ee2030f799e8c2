"""The judged set as values: what people ask for, in which words, and which passages answer it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from knowledge.library import Library
from knowledge.model import Passage, Role
from knowledge.search.phrases import PhraseQuery

FILE = Path(__file__).parent / "judged.toml"
GRADES = {"exact": 3, "good": 2, "usable": 1}
DEV_SHARE = 0.6

PRESENT_WAYS = {
    "noun": "the bare name: 三会一课",
    "asked": "with 怎么写, 咋写, 例句, 规范表述",
    "spoken": "as one says it: 抓学习那块, 反四风",
    "short": "abbreviated: 创模, 三不腐",
    "typo": "misspelt: 三会一棵, 党风连政",
    "script": "in traditional characters",
    "width": "full-width, spaced out, invisible characters",
    "count": "with a number and courtesies",
    "sentence": "a whole sentence",
    "free": "a subject that is no topic of the tables: 廉政短信",
    "role": "a part of a report: 开头, 原因分析",
    "facet": "a part and a subject: 党建品牌存在的问题",
    "latin": "in pinyin without tones",
}
ABSENT_WAYS = {
    "absent_topic": "party work that the reports do not cover: 非公党建",
    "absent_near": "words of the trade in another matter: 老干部支部",
    "absent_off": "something else altogether: 问题少年怎么管教",
    "absent_role": "a subject that is covered, in a part that does not treat it: 党费存在的问题",
}


@dataclass(frozen=True, slots=True)
class Fragment:
    """One judgement: the report's number (``"000"``), a stretch of the passage's text, and its grade (1–3)."""

    report: str
    text: str
    grade: int

    def fits(self, passage: Passage) -> bool:
        """Whether ``passage`` is the one judged."""
        return self.text in passage.text and any(source.report[:3] == self.report for source in passage.sources)


@dataclass(frozen=True, slots=True)
class Need:
    """One thing wanted: its judged passages (none: the library does not hold it), and its messages by way of asking."""

    name: str
    split: str
    fragments: tuple[Fragment, ...]
    ways: Mapping[str, tuple[str, ...]]

    def messages(self) -> Iterator[tuple[str, str]]:
        """Yield each way of asking with each of its messages."""
        for way, texts in self.ways.items():
            for text in texts:
                yield way, text


def read_needs(file: Path = FILE) -> tuple[Need, ...]:
    """Return the needs of the judged set in the order of the file; raises ``KeyError`` for an entry of another shape."""
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["need"]
    return tuple(
        Need(
            entry["name"],
            entry["split"],
            tuple(_fragment(line, grade) for name, grade in GRADES.items() for line in entry.get(name, ())),
            {way: tuple(texts) for way, texts in entry["ways"].items()},
        )
        for entry in entries
    )


def _fragment(line: str, grade: int) -> Fragment:
    report, _, text = line.partition(" ")
    return Fragment(report, text, grade)


def split_of(name: str) -> str:
    """Return the side a need is on: by the hash of its name, so that nobody chose it."""
    return "dev" if int(sha256(name.encode()).hexdigest(), 16) % 10 < DEV_SHARE * 10 else "held"


def all_passages(library: Library, year: int) -> tuple[Passage, ...]:
    """Return every passage the library serves, in the order of the reports. Each has a role, so the roles name all."""
    found = {passage.id: passage for role in Role for passage in library.phrases(PhraseQuery(role=role), year)}
    return tuple(sorted(found.values(), key=lambda passage: (passage.sources[0].report, passage.sources[0].start)))


def grade_passages(need: Need, passages: Sequence[Passage]) -> Mapping[str, int]:
    """Return the grades of the judged passages by passage id; a fragment that fits none is left out."""
    return {passage.id: fragment.grade for fragment in need.fragments for passage in passages if fragment.fits(passage)}
