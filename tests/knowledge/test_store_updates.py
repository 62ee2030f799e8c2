"""Knowledge bases grow and shrink by versions; whoever serves one keeps it."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.contents import Contents, Counts
from knowledge.errors import (
    BaseBusyError,
    ContentsError,
    StoreError,
)
from knowledge.model import Passage, Role
from knowledge.search.engine import Query
from knowledge.segmentation import Segmenter
from knowledge.store import Follower, KnowledgeBase, open_base, read_contents, update_base, write_base
from knowledge.store.folder import building
from tests.knowledge.store_fixtures import (
    SENTENCES,
    base,
    built,
    contents,
    order,
    report,
    segmenter,
    source,
    state,
    version_of,
)

__all__ = ["base", "built", "segmenter"]


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
    assert shared.shared in shared.text
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


def test_an_addition_may_be_merged_with_what_is_there(tmp_path: Path, segmenter: Segmenter) -> None:
    write_base(tmp_path, contents("alpha"), segmenter)

    def merge(base: KnowledgeBase) -> Contents:
        new, known = contents("beta"), base.passage("shared")
        assert known is not None
        (own,) = (passage for passage in new.passages if passage.id == "shared")
        merged = replace(known, sources=(*known.sources, *own.sources))
        return replace(new, passages=(*(passage for passage in new.passages if passage is not own), merged))

    update_base(tmp_path, segmenter, add=merge)
    assert read_contents(tmp_path) == order(contents("alpha", "beta"))


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


def test_a_full_disk_is_named_and_changes_nothing(
    base: Path, segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    before = (base / "CURRENT").read_bytes()
    monkeypatch.setattr(shutil, "copyfile", refuse)
    with pytest.raises(StoreError, match="磁盘空间"):
        update_base(base, segmenter, remove=["beta"])
    assert (base / "CURRENT").read_bytes() == before
    assert [path.name for path in (base / "versions").iterdir()] == [version_of(base).name]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, segmenter: Segmenter) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="写不了"):
        write_base(tmp_path / "file", contents("alpha"), segmenter)
