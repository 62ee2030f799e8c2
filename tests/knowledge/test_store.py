"""Knowledge bases on disk: what goes in comes out, and every opening checks."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path

import pytest

from knowledge.contents import Contents, Counts, Problem, ReportSummary, TopicCount
from knowledge.errors import (
    BaseDamagedError,
    BaseMissingError,
    BaseOutdatedError,
    ContentsError,
    SearchError,
)
from knowledge.model import Passage, Report, Role
from knowledge.search.engine import Demand, Facet, Form, Query
from knowledge.segmentation import Segmenter
from knowledge.store import open_base, read_contents, update_base, write_base
from knowledge.store.codec import pack, unpack
from tests.knowledge.store_fixtures import (
    base,
    built,
    contents,
    order,
    report,
    segmenter,
    version_of,
)

__all__ = ["base", "built", "segmenter"]


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


def test_a_missing_base_says_what_to_run(tmp_path: Path, segmenter: Segmenter) -> None:
    with pytest.raises(BaseMissingError, match="bigan kb build"):
        open_base(tmp_path / "nowhere", segmenter)


@pytest.mark.parametrize("pointer", ["", "only-a-name", "../outside " + "0" * 64, "a b c"])
def test_a_spoilt_pointer_is_no_base(base: Path, segmenter: Segmenter, pointer: str) -> None:
    (base / "CURRENT").write_text(pointer, encoding="ascii")
    with pytest.raises(BaseMissingError, match="bigan kb build"):
        open_base(base, segmenter)


def test_a_broken_index_says_what_to_run(base: Path, segmenter: Segmenter) -> None:
    path = version_of(base) / "index" / "meta.json"
    path.write_bytes(b"{" * path.stat().st_size)
    with pytest.raises(SearchError, match="bigan kb build"):
        open_base(base, segmenter)


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
