"""An administrator's entries win over the bundled ones, in the open, and a slip in them is named."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from knowledge.formulations import Status
from knowledge.overlay import SHAPING, TABLES, Overlay, footprint
from knowledge.registry import Registry, Standing, standing
from knowledge.tables import TableError, bundled
from knowledge.tableset import TableSet

DOCS = Path(__file__).parents[2] / "docs" / "overlay.md"

OWN = """
[[formulation]]
term = "五心工程"
aliases = ["“五心”工程"]
kind = "制度"
topic = "组织建设"
expansion = "匠心、初心、同心、暖心、公心"
status = "local"
usage = "深入实施“五心工程”"
confidence = "high"
source = ["某市委组织部通知（2026-03-01）"]
"""
REPLACING = """
[[formulation]]
term = "四个意识"
kind = "政治要求"
expansion = "政治意识、大局意识、核心意识、看齐意识"
quotable = true
status = "current"
usage = "牢固树立“四个意识”"
confidence = "high"
source = ["某省委文件（2026-05-01）"]
"""
HELD = """
[[meeting]]
name = "党的二十届五中全会"
kind = "中全会"
aliases = ["二十届五中全会"]
start = "2026-10-12"
end = "2026-10-15"
confidence = "high"
source = ["全会公报（2026-10-15）"]
"""


def overlay(folder: Path, **files: str) -> Overlay:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return Overlay.read(folder)


def refused(folder: Path, **files: str) -> str:
    with pytest.raises(TableError) as caught:
        TableSet.load(overlay(folder, **files))
    return str(caught.value)


def test_no_overlay_changes_nothing() -> None:
    registry = Registry.load(Overlay.read(None))
    assert registry.changes == ()
    assert [entry.term for entry in registry.formulations.entries] == [
        entry.term for entry in Registry.load().formulations.entries
    ]


def test_an_added_entry_is_found_and_counted(tmp_path: Path) -> None:
    tables = TableSet.load(overlay(tmp_path, formulations=OWN))
    (found,) = tables.registry.read_question("五心工程是什么").formulations
    assert found.status is Status.LOCAL
    assert standing(found, 2026) is Standing.LOCAL
    (change,) = tables.registry.changes
    assert (change.entry, change.replaces) == ("五心工程", None)
    # It can also be asked for like a term of the library's own.
    assert [mention.topic for mention in tables.topics.find("五心工程怎么写")] == ["组织建设"]


def test_an_entry_of_the_same_name_wins_and_keeps_its_place(tmp_path: Path) -> None:
    before = [entry.term for entry in Registry.load().formulations.entries]
    registry = Registry.load(overlay(tmp_path, formulations=OWN + REPLACING))
    assert [entry.term for entry in registry.formulations.entries] == [*before, "五心工程"]
    entry = registry.formulations.get("四个意识")
    assert entry is not None
    assert entry.usage == "牢固树立“四个意识”"
    place = before.index("四个意识") + 1
    assert [(change.entry, change.replaces) for change in registry.changes] == [
        ("五心工程", None),
        ("四个意识", f"formulations.toml第{place}条[[formulation]]"),
    ]


def test_quotation_marks_make_no_other_name(tmp_path: Path) -> None:
    registry = Registry.load(overlay(tmp_path, formulations=REPLACING.replace('"四个意识"', '"“四个意识”"')))
    assert registry.changes[0].replaces
    assert len(registry.formulations.entries) == len(Registry.load().formulations.entries)


def test_a_planned_meeting_is_filled_in(tmp_path: Path) -> None:
    planned = Registry.load().meeting("党的二十届五中全会")
    assert planned is not None
    assert planned.planned
    registry = Registry.load(overlay(tmp_path, plenaries=HELD))
    assert registry.plenums("二十")[-1].end == "2026-10-15"
    fourth = registry.meeting("党的二十届四中全会")
    assert fourth is not None
    assert [meeting.name for meeting in registry.validity.newer(fourth, 2026)] == ["党的二十届五中全会"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (OWN.replace('"“五心”工程"', '"三力"'), "“三力”已属于“政治三力”"),
        (OWN.replace('"“五心”工程"', '"四个意识"'), "“四个意识”已属于“四个意识”"),
        (OWN.replace('term = "五心工程"', 'term = "三力"'), "“三力”已属于“政治三力”。要换掉那一条，名称就写“政治三力”"),
        (OWN + OWN, "“五心工程”写了两次"),
        (OWN.replace('"五心工程"', '"“”"'), "名称不能只有标点"),
        (OWN.replace('term = "五心工程"\n', ""), "缺少“term”"),
        (OWN.replace('"local"', '"地方"'), "“status”只能是"),
        (OWN.replace("usage", "usages"), "有不认识的项：usages"),
        (OWN.replace("[[formulation]]", "[[formulations]]"), "有不认识的表：formulations"),
        (OWN.replace("组织建设", "没有的板块"), "“五心工程”的板块“没有的板块”不存在"),
        (OWN.replace('"local"', '"superseded"') + 'superseded_by = "六心工程"\n', "“六心工程”不在表里"),
        ("= 1", "不是有效的TOML"),
        ("a = " + "[" * 5000, "不是有效的TOML"),
    ],
)
def test_a_slip_is_named_with_its_file_and_entry(tmp_path: Path, text: str, problem: str) -> None:
    folder = tmp_path / "本单位"
    folder.mkdir()
    message = refused(folder, formulations=text)
    assert message.startswith("本单位/formulations.toml")
    assert problem in message


@pytest.mark.parametrize("name", ["names", "skeletons", "org_life", "gbt9704", "campaigns", "usage", "differences"])
def test_every_table_that_may_be_laid_over_is_read_strictly(tmp_path: Path, name: str) -> None:
    (array, *_) = bundled(f"{name}.toml").arrays()
    key = {"names": "id", "skeletons": "kind", "org_life": "item", "gbt9704": "item"}.get(name, "name")
    message = refused(tmp_path, **{name: f'[[{array}]]\n{key} = "某某"\n'})
    assert f"{tmp_path.name}/{name}.toml" in message


def test_a_skeleton_replaces_one_of_any_family(tmp_path: Path) -> None:
    # 会议记录 stands in another of the bundled files; its text is a valid overlay of one entry.
    text = bundled("skeletons_meetings.toml").text
    start = text.index('[[skeleton]]\nkind = "会议记录"')
    end = text.index("[[skeleton]]", start + 1)
    tables = TableSet.load(overlay(tmp_path, skeletons=text[start:end]))
    (change,) = tables.registry.changes
    assert change.entry == "会议记录"
    assert change.replaces is not None
    assert change.replaces.startswith("skeletons_meetings.toml")
    assert tables.skeletons.get("会议记录") is not None


@pytest.mark.parametrize("name", SHAPING)
def test_what_shapes_a_knowledge_base_cannot_be_laid_over(tmp_path: Path, name: str) -> None:
    message = refused(tmp_path, **{name.removesuffix(".toml"): ""})
    assert "决定建库的结果" in message


def test_files_that_are_no_table_are_named_and_others_passed_over(tmp_path: Path) -> None:
    (tmp_path / "说明.txt").write_text("随便", encoding="utf-8")
    (tmp_path / ".formulations.toml").write_text("= 1", encoding="utf-8")
    assert Overlay.read(tmp_path).changes() == ()
    assert "没有叫这个名字的表" in refused(tmp_path, formulation="")


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="KNOWLEDGE_OVERLAY"):
        Overlay.read(tmp_path / "没有")
    (tmp_path / "usage.toml").write_bytes("name = 甲".encode("gb18030"))
    with pytest.raises(TableError, match=r"usage\.toml：不是UTF-8"):
        Overlay.read(tmp_path)
    (tmp_path / "usage.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(TableError, match="超过1000KB"):
        Overlay.read(tmp_path)


def test_a_byte_order_mark_is_no_slip(tmp_path: Path) -> None:
    (tmp_path / "formulations.toml").write_text(OWN, encoding="utf-8-sig")
    assert Overlay.read(tmp_path).changes()[0].entry == "五心工程"


def test_a_footprint_tells_every_change_of_the_files(tmp_path: Path) -> None:
    states = [footprint(tmp_path)]
    file = tmp_path / "usage.toml"
    file.write_text("# 甲\n", encoding="utf-8")
    states.append(footprint(tmp_path))
    # Of the same size and, as an archive may set it, of the same time.
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    replacement = tmp_path / "new"
    replacement.write_text("# 乙\n", encoding="utf-8")
    os.utime(replacement, ns=times)
    replacement.replace(file)
    states.append(footprint(tmp_path))
    file.unlink()
    assert len(set(states)) == 3
    assert footprint(tmp_path) == footprint(None) == footprint(tmp_path / "没有") == ()


def test_the_page_on_overlays_is_true(tmp_path: Path) -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+\.toml)`", text, re.MULTILINE)) == set(TABLES)
    for name, block in re.findall(r"```toml\n# overlay/(\w+\.toml)[^\n]*\n(.*?)```", text, re.DOTALL):
        (tmp_path / name).write_text(block, encoding="utf-8")
    registry = TableSet.load(Overlay.read(tmp_path)).registry
    shown = [
        f"{change.entry}：overlay/{Path(change.where).name} 换掉 {change.replaces}"
        for change in registry.changes
        if change.replaces
    ]
    assert len(registry.changes) == 2
    assert shown
    assert all(line in text for line in shown)
