"""Small contents of our own, and bases made of them."""

from __future__ import annotations

import shutil
from dataclasses import fields, replace
from pathlib import Path

import pytest

from knowledge.contents import Contents, Problem
from knowledge.model import Heading, HeadingSet, Outline, Passage, Report, Role, Source
from knowledge.search.engine import Form, Query
from knowledge.segmentation import Segmenter
from knowledge.store import open_base, write_base

SENTENCES = {
    "alpha": (
        "一、主要做法",
        "（一）抓实理论学习",
        "每月组织党员集中学习，撰写心得体会。",
        "严格落实三会一课制度，按月开展主题党日。",
        "（二）压实主体责任",
        "层层签订党风廉政建设责任书。",
        "二、存在问题",
        "个别支部学习形式单一。",
    ),
    "beta": (
        "一、工作开展情况",
        "（一）抓实理论学习",
        "严格落实三会一课制度，每月开展主题党日。",
        "（二）建强支部堡垒",
        "按期完成换届选举，补齐配强支委。",
        "二、下一步打算",
        "持续推动党建与业务深度融合。",
    ),
}


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory: pytest.TempPathFactory) -> Segmenter:
    return Segmenter(cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, segmenter: Segmenter) -> Path:
    folder = tmp_path_factory.mktemp("built")
    write_base(folder, contents("alpha", "beta"), segmenter)
    return folder


@pytest.fixture
def base(built: Path, tmp_path: Path) -> Path:
    """Return a base of the test's own."""
    return Path(shutil.copytree(built, tmp_path / "base"))


def report(id_: str, lines: tuple[str, ...] | None = None) -> Report:
    text = "\n".join(lines or SENTENCES[id_])
    kind = "年度总结" if id_ == "alpha" else None
    return Report(id_, f"某局{id_}党建工作总结", kind, 2023, "机关党委", text, "0" * 64, "utf-8")


def source(of: Report, line: str, *section: str) -> Source:
    start = of.text.index(line)
    return Source(of.id, of.title, of.year, section, start, start + len(line))


def heading(of: Report, index: int, level: int, line: str, parent: int | None) -> Heading:
    start = of.text.index(line)
    own = {
        "index": index, "level": level, "ordinal": line[0], "label": line[:2], "text": line[2:], "run_in": False,
        "parent": parent, "mark": start, "start": start + 2, "end": start + len(line), "body_end": start + len(line) + 9,
    }  # fmt: skip
    return Heading(**{field.name: own[field.name] for field in fields(Heading)})  # type: ignore[arg-type]


def contents(*reports: str) -> Contents:
    """Return the contents of the reports named; the sentence on 三会一课 is one passage of both."""
    known = {id_: report(id_) for id_ in SENTENCES}
    parts = {
        "alpha": (
            _passage(known["alpha"], "a1", SENTENCES["alpha"][2], Role.PRACTICE, "理论武装", "党员教育"),
            _passage(known["alpha"], "a2", SENTENCES["alpha"][5], Role.PRACTICE, "主体责任"),
            _passage(known["alpha"], "a3", SENTENCES["alpha"][7], Role.PROBLEM),
        ),
        "beta": (
            _passage(known["beta"], "b1", SENTENCES["beta"][4], Role.PRACTICE, "支部建设"),
            _passage(known["beta"], "b2", SENTENCES["beta"][6], Role.PLAN, "业务融合"),
        ),
    }
    lines = {"alpha": SENTENCES["alpha"][3], "beta": SENTENCES["beta"][2]}
    places = tuple(source(known[id_], lines[id_], SENTENCES[id_][0], SENTENCES[id_][1]) for id_ in reports)
    shared = Passage("shared", lines[reports[0]], Role.PRACTICE, ("组织生活",), places, "严格落实三会一课制度", 2)
    return Contents(
        reports=tuple(known[id_] for id_ in reports),
        outlines=tuple(_outline(known[id_]) for id_ in reports),
        heading_sets=tuple(_heading_set(known[id_]) for id_ in reports),
        passages=(*(passage for id_ in reports for passage in parts[id_]), shared),
        problems=tuple(Problem(id_, "screen", "占位符", "某某局", 0, 3) for id_ in reports),
    )


def _passage(of: Report, id_: str, line: str, role: Role, *topics: str) -> Passage:
    return Passage(id_, line, role, topics, (source(of, line, SENTENCES[of.id][0]),))


def _outline(of: Report) -> Outline:
    first, second = SENTENCES[of.id][:2]
    return Outline(of.id, (heading(of, 0, 1, first, None), heading(of, 1, 2, second, 0)))


def _heading_set(of: Report) -> HeadingSet:
    first, second = SENTENCES[of.id][:2]
    headings = (heading(of, 0, 1, first, None), heading(of, 1, 2, second, 0))
    return HeadingSet(f"{of.id}-set", headings, ("理论武装",), Role.PRACTICE, source(of, second, first))


def order(found: Contents) -> Contents:
    """Return contents in the order in which a base gives them back."""
    return Contents(
        tuple(sorted(found.reports, key=lambda report: report.id)),
        tuple(sorted(found.outlines, key=lambda outline: outline.report)),
        tuple(sorted(found.heading_sets, key=lambda one: (one.source.report, one.source.start))),
        tuple(sorted(found.passages, key=lambda one: (one.sources[0].report, one.sources[0].start))),
        tuple(sorted(found.problems, key=lambda problem: problem.report)),
    )


def state(base: Path, segmenter: Segmenter) -> tuple[Contents, set[str]]:
    """Return what a base holds and what its index finds for a question that every entry answers."""
    opened = open_base(base, segmenter)
    assert opened.verify() == ()
    every = Query("党员理论学习组织责任支部制度业务", limit=99)
    found = {hit.id for form in Form for hit in opened.search(replace(every, form=form))}
    return opened.contents(), found


def version_of(base: Path) -> Path:
    return base / "versions" / (base / "CURRENT").read_text(encoding="ascii").split()[0]
