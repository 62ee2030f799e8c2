"""Knowledge bases on disk: whole at every moment, checked when opened, cheap to extend."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path

import pytest

from knowledge.contents import Contents, Counts, Problem, ReportSummary, TopicCount
from knowledge.errors import (
    BaseBusyError,
    BaseDamagedError,
    BaseMissingError,
    BaseOutdatedError,
    ContentsError,
    StoreError,
)
from knowledge.model import Heading, HeadingSet, Outline, Passage, Report, Role, Source
from knowledge.search.engine import Demand, Facet, Form, Query
from knowledge.segmentation import Segmenter
from knowledge.store import Follower, open_base, read_contents, update_base, write_base
from knowledge.store.codec import pack, unpack
from knowledge.store.folder import building

ROOT = Path(__file__).parents[2]
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
    shared = Passage("shared", lines[reports[0]], Role.PRACTICE, ("组织生活",), places, ("⚠2023年提法",))
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


# What goes in comes out


def test_a_base_gives_back_what_was_written(base: Path, segmenter: Segmenter) -> None:
    written = contents("alpha", "beta")
    assert read_contents(base) == order(written)
    opened = open_base(base, segmenter)
    assert opened.manifest.counts == Counts(reports=2, outlines=2, heading_sets=2, passages=6, problems=2)
    assert opened.report("alpha") == written.reports[0]
    assert opened.text("beta") == written.reports[1].text
    assert opened.outline("beta") == written.outlines[1]
    assert opened.heading_set("beta-set") == written.heading_sets[1]
    assert opened.passage("a2") == written.passages[1]
    assert opened.problems("beta") == (written.problems[1],)


def test_a_summary_is_a_report_without_its_text(base: Path, segmenter: Segmenter) -> None:
    assert {field.name for field in fields(ReportSummary)} == {f.name for f in fields(Report)} - {"text"} | {"length"}
    first, second = open_base(base, segmenter).reports()
    assert (first.id, first.kind, first.length) == ("alpha", "年度总结", len(report("alpha").text))
    assert (second.id, second.kind) == ("beta", None)


def test_unknown_ids_are_answered_with_nothing(base: Path, segmenter: Segmenter) -> None:
    opened = open_base(base, segmenter)
    assert (
        opened.report("x"),
        opened.text("x"),
        opened.outline("x"),
        opened.passage("alpha-set"),
        opened.heading_set("a1"),
    ) == (None,) * 5
    assert [passage.id for passage in opened.passages(["b1", "x", "a1", "b1"])] == ["b1", "a1", "b1"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, ["a1", "shared", "a2", "a3", "b1", "b2"]),
        ({"limit": 2}, ["a1", "shared"]),
        ({"topic": "组织生活"}, ["shared"]),
        ({"topic": "党员教育"}, ["a1"]),
        ({"topic": ""}, ["a3"]),
        ({"topic": "没有"}, []),
        ({"role": Role.PRACTICE}, ["a1", "shared", "a2", "b1"]),
        ({"role": Role.PLAN, "topic": "业务融合"}, ["b2"]),
        ({"role": Role.PLAN, "topic": "支部建设"}, []),
        ({"report": "beta"}, ["shared", "b1", "b2"]),
        ({"report": "beta", "topic": "组织生活", "role": Role.PRACTICE}, ["shared"]),
        ({"report": "beta", "topic": "理论武装"}, []),
    ],
)
def test_passages_are_found_by_topic_role_and_report_in_order(
    base: Path, segmenter: Segmenter, wanted: dict[str, object], expected: list[str]
) -> None:
    opened = open_base(base, segmenter)
    assert [passage.id for passage in opened.find_passages(**wanted)] == expected  # type: ignore[arg-type]
    if "limit" not in wanted:
        assert opened.count_passages(**wanted) == len(expected)  # type: ignore[arg-type]


def test_heading_sets_are_found_like_passages(base: Path, segmenter: Segmenter) -> None:
    opened = open_base(base, segmenter)
    assert [one.id for one in opened.heading_sets()] == ["alpha-set", "beta-set"]
    assert [one.id for one in opened.heading_sets(topic="理论武装", report="beta")] == ["beta-set"]
    assert opened.heading_sets(role=Role.PLAN) == ()


def test_topics_and_roles_are_counted(base: Path, segmenter: Segmenter) -> None:
    counted = open_base(base, segmenter).topic_counts()
    assert TopicCount("", Role.PROBLEM, 1) in counted
    assert TopicCount("理论武装", Role.PRACTICE, 1) in counted
    assert sum(one.count for one in counted) == 7


def test_the_index_knows_text_headings_and_facets(base: Path, segmenter: Segmenter) -> None:
    opened = open_base(base, segmenter)
    assert opened.search(Query("三会一课"))[0].id == "shared"
    assert {hit.id for hit in opened.search(Query("抓实理论学习", form=Form.HEADING_SET))} == {"alpha-set", "beta-set"}
    assert "a1" in {hit.id for hit in opened.search(Query("主要做法"))}
    assert {hit.id for hit in opened.search(Query("主题党日制度", demands=(Demand(Facet.REPORT, ("beta",)),)))} >= {
        "shared"
    }
    kinds = Query("党员学习支部", demands=(Demand(Facet.KIND, ("年度总结",)),))
    assert "b1" not in {hit.id for hit in opened.search(kinds)}


def test_an_empty_base_can_be_built_and_asked(tmp_path: Path, segmenter: Segmenter) -> None:
    write_base(tmp_path, Contents(), segmenter)
    opened = open_base(tmp_path, segmenter)
    assert opened.search(Query("党员")) == ()
    assert opened.contents() == Contents()


def test_problems_may_name_documents_that_did_not_become_reports(tmp_path: Path, segmenter: Segmenter) -> None:
    problem = Problem("总结.doc", "read", "请另存为docx", "")
    write_base(tmp_path, Contents(problems=(problem,)), segmenter)
    assert open_base(tmp_path, segmenter).problems() == (problem,)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (replace(contents("alpha"), reports=(report("alpha"), report("alpha"))), "材料“alpha”重复"),
        (replace(contents("alpha"), passages=contents("alpha").passages * 2), "例句“a1”重复"),
        (replace(contents("alpha"), reports=()), "“alpha”不在知识库里"),
        (replace(contents("alpha"), passages=contents("alpha", "beta").passages), "“beta”不在知识库里"),
        (Contents(passages=(Passage("x", "无出处", Role.PLAN, (), ()),)), "例句“x”没有出处"),
    ],
)
def test_contents_that_do_not_fit_together_are_refused(
    tmp_path: Path, segmenter: Segmenter, wrong: Contents, message: str
) -> None:
    with pytest.raises(ContentsError, match=message):
        write_base(tmp_path, wrong, segmenter)
    assert list(tmp_path.iterdir()) == []


# Opening checks


def test_a_missing_base_says_what_to_run(tmp_path: Path, segmenter: Segmenter) -> None:
    with pytest.raises(BaseMissingError, match="bigan kb build"):
        open_base(tmp_path / "nowhere", segmenter)


@pytest.mark.parametrize("pointer", ["", "only-a-name", "../outside " + "0" * 64, "a b c"])
def test_a_spoilt_pointer_is_no_base(base: Path, segmenter: Segmenter, pointer: str) -> None:
    (base / "CURRENT").write_text(pointer, encoding="ascii")
    with pytest.raises(BaseMissingError, match="bigan kb build"):
        open_base(base, segmenter)


def version_of(base: Path) -> Path:
    return base / "versions" / (base / "CURRENT").read_text(encoding="ascii").split()[0]


@pytest.mark.parametrize("name", ["manifest.json", "entries.sqlite", "index/meta.json"])
@pytest.mark.parametrize("damage", ["removed", "cut short", "empty"])
def test_a_damaged_file_is_noticed_on_opening(base: Path, segmenter: Segmenter, name: str, damage: str) -> None:
    path = version_of(base) / name
    if damage == "removed":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] if damage == "cut short" else b"")
    with pytest.raises(BaseDamagedError, match="bigan kb build"):
        open_base(base, segmenter)


def test_a_changed_byte_is_noticed_by_verify(base: Path, segmenter: Segmenter) -> None:
    path = version_of(base) / "entries.sqlite"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert open_base(base, segmenter).verify() == ("entries.sqlite",)


def test_a_changed_manifest_is_noticed(base: Path, segmenter: Segmenter) -> None:
    path = version_of(base) / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"alpha"', b'"alpho"'))
    with pytest.raises(BaseDamagedError):
        open_base(base, segmenter)


def test_a_base_of_another_analysis_must_be_built_again(base: Path, segmenter: Segmenter) -> None:
    other = Segmenter(words=["新词"])
    with pytest.raises(BaseOutdatedError, match="bigan kb build"):
        open_base(base, other)
    with pytest.raises(BaseOutdatedError):
        update_base(base, other, remove=["alpha"])


def test_a_base_of_another_format_must_be_built_again(base: Path, segmenter: Segmenter) -> None:
    path = version_of(base) / "manifest.json"
    content = json.dumps(json.loads(path.read_bytes()) | {"format": 99}).encode()
    path.write_bytes(content)
    digest = sha256(content).hexdigest()
    (base / "CURRENT").write_text(f"{version_of(base).name} {digest}\n", encoding="ascii")
    with pytest.raises(BaseOutdatedError, match="bigan kb build"):
        open_base(base, segmenter)


def test_a_base_on_a_read_only_disk_can_be_served(base: Path, segmenter: Segmenter) -> None:
    version = version_of(base)
    before = {path: path.stat().st_mtime_ns for path in version.rglob("*")}
    opened = open_base(base, segmenter)
    assert opened.search(Query("三会一课"))
    opened.contents()
    assert {path: path.stat().st_mtime_ns for path in version.rglob("*")} == before


# Adding and removing


def test_adding_and_removing_is_building_without(tmp_path: Path, segmenter: Segmenter) -> None:
    write_base(tmp_path / "whole", contents("alpha", "beta"), segmenter)
    write_base(tmp_path / "grown", contents("alpha"), segmenter)
    update_base(tmp_path / "grown", segmenter, add=contents("beta"))
    # The shared passage came again with its only new source: the caller merges, the store replaces.
    both = contents("alpha", "beta")
    update_base(tmp_path / "grown", segmenter, add=Contents(passages=both.passages[-1:]))
    assert state(tmp_path / "grown", segmenter) == state(tmp_path / "whole", segmenter)
    update_base(tmp_path / "grown", segmenter, remove=["beta", "unknown"])
    write_base(tmp_path / "alone", contents("alpha"), segmenter)
    assert state(tmp_path / "grown", segmenter) == state(tmp_path / "alone", segmenter)


def test_a_passage_whose_words_came_from_a_removed_report_takes_those_of_the_next(
    base: Path, segmenter: Segmenter
) -> None:
    manifest = update_base(base, segmenter, remove=["alpha"])
    assert [record.id for record in manifest.reports] == ["beta"]
    shared = open_base(base, segmenter).passage("shared")
    assert shared is not None
    assert shared.text == SENTENCES["beta"][2] != SENTENCES["alpha"][3]
    assert [place.report for place in shared.sources] == ["beta"]
    assert state(base, segmenter) == (read_contents(base), {"b1", "b2", "shared", "beta-set"})


def test_a_report_added_again_replaces_all_that_came_from_it(base: Path, segmenter: Segmenter) -> None:
    new = report("beta", ("一、新做法", "全面推行积分管理。"))
    passage = Passage("b9", "全面推行积分管理。", Role.PRACTICE, (), (source(new, "全面推行积分管理。"),))
    manifest = update_base(base, segmenter, add=Contents(reports=(new,), passages=(passage,)))
    assert manifest.counts == Counts(reports=2, outlines=1, heading_sets=1, passages=5, problems=1)
    opened = open_base(base, segmenter)
    assert opened.text("beta") == new.text
    assert [one.id for one in opened.find_passages(report="beta")] == ["b9"]
    assert [hit.id for hit in opened.search(Query("积分管理"))] == ["b9"]
    assert opened.search(Query("换届选举")) == ()


def test_an_addition_that_names_an_absent_report_changes_nothing(base: Path, segmenter: Segmenter) -> None:
    before = (base / "CURRENT").read_bytes()
    with pytest.raises(ContentsError, match="“beta”不在知识库里"):
        update_base(base, segmenter, add=Contents(passages=contents("beta").passages), remove=["beta"])
    assert (base / "CURRENT").read_bytes() == before
    assert [path.name for path in (base / "versions").iterdir()] == [version_of(base).name]


def test_versions_share_the_files_that_do_not_change(base: Path, segmenter: Segmenter) -> None:
    old = version_of(base)
    update_base(base, segmenter, remove=["beta"])
    new = version_of(base)
    shared = [path.name for path in (new / "index").iterdir() if path.stat().st_nlink > 1]
    assert any(name.endswith(".idx") for name in shared)
    assert not {"meta.json", ".managed.json"} & set(shared)
    assert (old / "entries.sqlite").stat().st_ino != (new / "entries.sqlite").stat().st_ino


def test_a_disk_without_links_gets_copies(base: Path, segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    update_base(base, segmenter, remove=["beta"])
    assert state(base, segmenter)[1] == {"a1", "a2", "a3", "shared", "alpha-set"}


def test_many_updates_keep_the_base_whole(base: Path, segmenter: Segmenter) -> None:
    for _ in range(9):
        update_base(base, segmenter, remove=["beta"])
        update_base(base, segmenter, add=contents("beta"))
    assert state(base, segmenter)[1] == {"a1", "a2", "a3", "b1", "b2", "shared", "alpha-set", "beta-set"}


# Versions


def test_the_current_and_the_previous_version_stay(base: Path, segmenter: Segmenter) -> None:
    made = [version_of(base).name]
    made += [update_base(base, segmenter, remove=["nothing"]).version for _ in range(3)]
    assert sorted(path.name for path in (base / "versions").iterdir()) == sorted(made[-2:])
    assert open_base(base, segmenter).version == made[-1]


def test_a_served_version_stays_readable_when_its_files_are_removed(base: Path, segmenter: Segmenter) -> None:
    served = open_base(base, segmenter)
    folder = version_of(base)
    for _ in range(3):
        write_base(base, contents("beta"), segmenter)
    assert not folder.exists()
    assert served.contents() == order(contents("alpha", "beta"))
    assert served.search(Query("三会一课"))[0].id == "shared"
    assert served.report("alpha") is not None
    assert served.verify() != ()


def test_a_follower_sees_a_newer_version(base: Path, segmenter: Segmenter) -> None:
    served = open_base(base, segmenter)
    follower = Follower(base)
    assert follower.newer_than(served.version) is None
    newer = update_base(base, segmenter, remove=["beta"]).version
    assert follower.newer_than(served.version) == newer
    assert follower.newer_than(newer) is None


def test_a_follower_of_a_base_that_is_gone_sees_nothing_new(base: Path, segmenter: Segmenter) -> None:
    served, follower = open_base(base, segmenter), Follower(base)
    shutil.rmtree(base)
    assert follower.newer_than(served.version) is None


def test_many_threads_read_one_base(base: Path, segmenter: Segmenter) -> None:
    served = open_base(base, segmenter)
    expected = order(contents("alpha", "beta")).passages
    found: list[object] = []

    def look() -> tuple[object, ...]:
        return served.find_passages(), served.search(Query("三会一课"))[0].id, served.passage("a1") is not None

    def read() -> None:
        found.extend(look() for _ in range(20))

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(expected, "shared", True)] * 120


# Two builds at once, and builds that are killed


def test_a_second_build_says_that_another_is_running(base: Path, segmenter: Segmenter) -> None:
    with building(base, 0.0), pytest.raises(BaseBusyError, match="另一个进程"):
        write_base(base, contents("beta"), segmenter, patience=0.0)
    assert [one.id for one in open_base(base, segmenter).reports()] == ["alpha", "beta"]


def test_a_second_build_waits_for_the_first(base: Path, segmenter: Segmenter) -> None:
    done = threading.Thread(target=lambda: write_base(base, contents("beta"), segmenter, patience=60.0))
    with building(base, 0.0):
        done.start()
        assert [one.id for one in open_base(base, segmenter).reports()] == ["alpha", "beta"]
    done.join()
    assert [one.id for one in open_base(base, segmenter).reports()] == ["beta"]


def test_a_build_that_fails_leaves_nothing_behind(
    base: Path, segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(path.name for path in (base / "versions").iterdir())
    monkeypatch.setattr(Segmenter, "analyze", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_base(base, contents("beta"), segmenter)
    assert sorted(path.name for path in (base / "versions").iterdir()) == before
    assert open_base(base, segmenter).version == before[0]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, segmenter: Segmenter) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="写不了"):
        write_base(tmp_path / "file", contents("alpha"), segmenter)


KILLS = 50
"""At each step of a build once, the rest after a random time."""


def test_a_builder_killed_at_any_moment_leaves_the_base_whole(tmp_path: Path) -> None:
    program = "import sys; from tests.knowledge import test_store; test_store.kill_builders(*sys.argv[1:])"
    command = [sys.executable, "-c", program, str(tmp_path / "base"), str(tmp_path / "cache")]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    # Versions were hit half-written, and others had become current: else the test would have shown nothing.
    assert told["steps"] >= 15
    assert told["half-written"] >= 15
    assert told["versions"] >= 5


def kill_builders(base_: str, cache: str) -> None:
    """Kill builders of a base, check it after each, and print what was hit."""
    base, segmenter, chance = Path(base_), Segmenter(cache=Path(cache)), random.Random(50)
    write_base(base, contents("alpha"), segmenter)
    steps = count_steps(lambda: update_base(base, segmenter, add=contents("alpha", "beta")))
    start = time.perf_counter()
    update_base(base, segmenter, add=contents("alpha"), remove=["beta"])
    usual = time.perf_counter() - start
    expected = {("alpha",): order(contents("alpha")), ("alpha", "beta"): order(contents("alpha", "beta"))}
    versions, half_written = set(), 0
    for number in range(1, KILLS + 1):
        if number <= steps:
            kill_builder(base, segmenter, step=number)
        else:
            kill_builder(base, segmenter, chance.randrange(2), chance.uniform(0.0, usual))
        half_written += any((base / "versions").glob("partial-*"))
        opened = open_base(base, segmenter)
        assert opened.verify() == ()
        assert opened.contents() == expected[tuple(one.id for one in opened.reports())]
        assert opened.search(Query("三会一课"))[0].id == "shared"
        versions.add(opened.version)
        opened.close()
    print(json.dumps({"steps": steps, "half-written": half_written, "versions": len(versions)}))


def kill_builder(base: Path, segmenter: Segmenter, builds: int = 0, seconds: float = 0.0, step: int = 0) -> None:
    """Start a process that builds without end; kill it so long after that many builds, or let it die at a step."""
    ends, end = os.pipe()
    child = os.fork()
    if child == 0:
        if step:
            count_steps(lambda: None, fatal=step)
        while True:
            update_base(base, segmenter, add=contents("alpha", "beta"))
            os.write(end, b"!")
            update_base(base, segmenter, add=contents("alpha"), remove=["beta"])
            os.write(end, b"!")
    if not step:
        for _ in range(builds):
            os.read(ends, 1)
        time.sleep(seconds)  # the moment of the kill, not a wait for anything
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ends)
    os.close(end)


def count_steps(work: Callable[[], object], fatal: int = 0) -> int:
    """Count what ``work``, and everything after it, writes; before the ``fatal`` step the process kills itself."""
    counted = 0

    def note(event: str, values: tuple[object, ...]) -> None:
        nonlocal counted
        makes = event in {"os.link", "os.mkdir", "os.rename", "sqlite3.connect"}
        # os.open of a folder: it is about to be synchronised.
        if makes or (event == "open" and (values[1] == "w" or (values[1] is None and os.path.isdir(str(values[0]))))):
            counted += 1
            if counted == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(note)
    work()
    return counted


# The codec


def test_the_codec_gives_back_every_type_of_the_model() -> None:
    whole = contents("alpha", "beta")
    for value in (*whole.reports, *whole.outlines, *whole.heading_sets, *whole.passages, *whole.problems):
        assert unpack(type(value), json.loads(json.dumps(pack(value)))) == value


@pytest.mark.parametrize("packed", [[], ["x"], None, 5, [["x"], 1, 2, 3, 4, 5], ["id", "text", "不是部位", [], [], []]])
def test_the_codec_refuses_what_is_not_a_passage(packed: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        unpack(Passage, packed)


def test_the_codec_refuses_to_store_what_it_cannot_give_back() -> None:
    with pytest.raises(TypeError):
        pack({"a": 1})
