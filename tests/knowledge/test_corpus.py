"""The five bundled reports through every stage: outlines as read by eye, spans that yield their text, nothing dirty."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.build.base import bundled_reports
from knowledge.build.passages import LONGEST, SHORTEST, cut_passages, refuse
from knowledge.build.pipeline import Digest, digest, merge
from knowledge.corpus.reader import Document, read, read_bytes
from knowledge.corpus.structure import parse
from knowledge.tableset import TableSet

GOLDEN = Path(__file__).parent.parent / "golden" / "outlines"
REPORTS = sorted(bundled_reports().glob("*.txt"))

DIRTY = re.compile(
    r"##|paid|某|[XxＸ]{2,}|(?<!【)[XxＸ](?![^【】]{0,4}】)|\*|＊|(?<!【)\d+(?:余|多)?(?:名|人|次|场|堂|篇|条|件|项|个|元|%|批)"
)
"""A paid mark, a mask outside a blank, or somebody's figure with its measure word."""


@pytest.fixture(scope="module")
def digests(tables: TableSet) -> dict[str, Digest]:
    return {file.stem: digest(read(file), tables) for file in REPORTS}


def test_there_are_five_reports() -> None:
    assert len(REPORTS) == 5


@pytest.mark.parametrize("name", [file.stem for file in REPORTS])
def test_outline_is_as_read_by_eye(name: str, digests: dict[str, Digest]) -> None:
    found = [
        f"{'　' * (heading.level - 1)}{heading.label}{heading.text}{'～' if heading.run_in else ''}"
        for heading in digests[name].structure.headings
    ]
    assert found == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def test_in_whose_name_each_report_speaks(digests: dict[str, Digest]) -> None:
    spoken = {name[:3]: d.report.person for name, d in digests.items()}
    assert spoken == {"000": "我局", "001": "我单位", "002": None, "003": None, "004": "我"}


def test_format_headings_of_a_document_reach_its_outline(tables: TableSet) -> None:
    body = "坚持每月开展一次集中学习，推动理论学习走深走实，干部群众反映良好。"
    found = digest(
        read_bytes(f"# 学习情况\n\n{body}\n\n# 党费情况\n\n{body.replace('每月', '每季')}\n".encode(), "甲.md"), tables
    )
    assert [heading.text for heading in found.structure.headings] == ["学习情况", "党费情况"]
    assert found.passages[0].sources[0].section == ("学习情况",)


def test_salutation_signature_and_attachment_lines_are_no_passages(tables: TableSet) -> None:
    text = (
        "关于2025年党建工作情况的报告\n尊敬的各位领导、同志们：\n现将2025年党建工作情况报告如下。\n一、做法\n"
        "坚持每月开展一次集中学习，推动理论学习走深走实。\n附件：2025年度党建工作责任清单和任务分解表\n"
        "中共某某市住房和城乡建设局党组机关委员会\n2025年12月1日\n"
    )
    found = digest(read_bytes(text.encode(), "丙.txt"), tables)
    assert [passage.text[:11] for passage in found.passages] == ["现将【年份】年党建工作", "坚持每月开展一次集中学"]


def test_report_without_headings_has_passages_but_no_outline(tables: TableSet) -> None:
    text = "2025年党建工作总结\n坚持每月开展一次集中学习，推动理论学习走深走实。严格落实“三会一课”制度，提高组织生活质量。\n"
    found = digest(read_bytes(text.encode(), "乙.txt"), tables)
    assert not found.structure.headings
    assert [passage.topics[0] for passage in found.passages] == ["理论武装", "组织生活"]


def test_kind_year_and_title_of_each_report(digests: dict[str, Digest]) -> None:
    assert {name[:3]: (d.report.title, d.report.kind, d.report.year) for name, d in digests.items()} == {
        "000": ("某局党组2023年党建工作总结", "年度总结", 2023),
        "001": ("2023年支部工作总结", "支部总结", 2023),
        "002": ("2023年上半年党建工作汇报", "半年总结", 2023),
        "003": ("某机关（党组）党委2023年党建工作情况总结及下步工作打算", "年度总结", 2023),
        "004": ("2023年局党组书记抓基层党建工作述职报告", "述职报告", 2023),
    }


@pytest.mark.parametrize("name", [file.stem for file in REPORTS])
def test_spans_yield_their_text(name: str, digests: dict[str, Digest]) -> None:
    found = digests[name]
    text = found.clean.text
    assert found.passages
    for passage in found.passages:
        source = passage.sources[0]
        assert text[source.start : source.end] == passage.text
        assert SHORTEST <= len(passage.text) <= LONGEST
    for heading in found.structure.headings:
        assert text[heading.start : heading.end] == heading.text
    for entry in found.heading_sets:
        for heading in entry.headings:
            assert text[heading.start : heading.end] == heading.text


@pytest.mark.parametrize("name", [file.stem for file in REPORTS])
def test_nothing_dirty_is_served(name: str, digests: dict[str, Digest]) -> None:
    found = digests[name]
    served = [passage.text for passage in found.passages]
    served += [heading.text for entry in found.heading_sets for heading in entry.headings]
    assert not [text for text in served if DIRTY.search(text)]


def test_passages_never_overlap_within_a_report(digests: dict[str, Digest]) -> None:
    for found in digests.values():
        spans = sorted((passage.sources[0].start, passage.sources[0].end) for passage in found.passages)
        assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_every_passage_knows_the_section_it_stands_in(digests: dict[str, Digest]) -> None:
    item = next(p for p in digests["000_517756d88a2dde0b"].passages if p.text.startswith("与民主议事相融合"))
    assert item.sources[0].section == (
        "一、主要做法和成效",
        "（五）夯实战斗堡垒，做到提质增效赋能发展",
        "一是落实主题党日制度",
        "二是与民主议事相融合",
    )


def test_equal_passages_of_two_reports_become_one_with_both_sources(tables: TableSet) -> None:
    text = "一、做法\n（一）抓学习\n坚持每月开展一次集中学习，推动理论学习走深走实。\n"
    first = digest(read_bytes(text.encode(), "甲.txt"), tables)
    second = digest(read_bytes(text.encode() + b"\n", "乙.txt"), tables)
    merged = merge([first, second])
    assert [[source.report for source in passage.sources] for passage in merged.passages] == [["甲", "乙"]]


@given(st.text(alphabet=st.sampled_from("一二三是、（）。；：，“”\n抓学习好X次12某局（"), max_size=400))
def test_cuts_lie_in_order_and_hold_any_text(text: str) -> None:
    end = 0
    for cut in sorted(cut_passages(text, parse(text)), key=lambda cut: cut.start):
        assert end <= cut.start < cut.end <= len(text)
        end = cut.end
        assert text[cut.start : cut.end] == text[cut.start : cut.end].strip()
        refuse(text[cut.start : cut.end])


@given(text=st.text(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_can_be_digested(text: str, tables: TableSet) -> None:
    found = digest(Document("x", text, "txt", "utf-8", ""), tables)
    for passage in found.passages:
        source = passage.sources[0]
        assert found.clean.text[source.start : source.end] == passage.text
