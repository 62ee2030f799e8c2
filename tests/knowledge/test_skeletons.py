"""Skeletons: strictly read, one for every kind, with headings that are parallel as declared and nothing tied to one year."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.checking.checker import Checker
from knowledge.checking.model import Category
from knowledge.corpus.cleaning import clean
from knowledge.formulations import Formulations, Status
from knowledge.kinds import Kinds
from knowledge.overlay import Overlay
from knowledge.skeletons import FILES, FrameHeadings, Shape, Skeleton, Skeletons
from knowledge.tables import Table, TableError, bundled
from knowledge.tableset import TableSet
from knowledge.validity import Validity
from tests.knowledge.test_kinds import REPORTS, bundled_report

KINDS = Kinds.load()
SKELETONS = Skeletons.load(KINDS)
SETS = [(entry, found) for entry in SKELETONS.entries for found in entry.heading_sets]

# What belongs to one year, or has its time and place only; a notice of the year goes into a blank.
YEAR_BOUND = re.compile(
    r"(?:19|20)\d\d(?!字|—)|主题教育|二十大|十九大|二十届|十九届|两学一做|三严三实|党史学习|党纪学习|政绩观学习|八项规定精神学习"
    r"|以学铸魂|开局之年|收官之年|攻坚之年|十[四五]五|建党百年|[一二三四五]个带头|双报到|十六字"
)
BLANK = re.compile(r"【[^【】]{1,12}】")


def written(entry: Skeleton) -> Iterator[str]:
    """Yield every line of a skeleton that a user may put into his own text or read as advice."""
    yield from (entry.opening, entry.closing, *entry.yearly, *entry.mistakes)
    yield from filter(None, (entry.scope, entry.person, entry.length))
    for section in entry.sections:
        yield from (section.title, section.holds, section.how, *section.figures)
    for found in entry.heading_sets:
        yield from found.headings


# ---- what ships ----


def test_every_kind_has_a_skeleton() -> None:
    assert len(SKELETONS.entries) >= 22
    assert {entry.kind for entry in SKELETONS.entries} == {kind.id for kind in KINDS.kinds}
    assert SKELETONS.get("述职报告") is not None
    assert SKELETONS.get("情书") is None


@pytest.mark.parametrize("entry", SKELETONS.entries, ids=lambda entry: entry.kind)
def test_the_main_section_has_heading_sets_of_different_shapes(entry: Skeleton) -> None:
    sets = entry.headings_of(entry.main)
    assert len(sets) >= 2
    assert len({found.shape.text for found in sets}) >= 2


@pytest.mark.parametrize(("entry", "found"), SETS, ids=lambda value: getattr(value, "kind", ""))
def test_a_heading_set_is_parallel_as_declared(entry: Skeleton, found: FrameHeadings) -> None:
    plain = [re.sub("[“”]", "", heading) for heading in found.headings]
    assert 3 <= len(set(plain)) == len(plain) <= 6
    assert len({len(heading) for heading in plain}) == 1, plain
    if re.fullmatch(r"[\d+]+", found.shape.text):
        assert {"+".join(str(len(clause)) for clause in heading.split("，")) for heading in plain} == {found.shape.text}
    for word in re.split("…|[0-9+]+", found.shape.text):
        assert all(word in heading for heading in plain)


@pytest.mark.parametrize("entry", SKELETONS.entries, ids=lambda entry: entry.kind)
def test_nothing_is_tied_to_one_year(entry: Skeleton) -> None:
    validity, formulations = Validity.load(), Formulations.load()
    for line in written(entry):
        assert not YEAR_BOUND.search(BLANK.sub("", line)), line
        assert not validity.marks(line, None, year=2026), line
        named = [mention.formulation for mention in formulations.find(BLANK.sub("", line))]
        assert {formulation.status for formulation in named} <= {Status.CURRENT}, line


@pytest.mark.parametrize("entry", SKELETONS.entries, ids=lambda entry: entry.kind)
def test_the_gate_finds_nothing_to_repair_or_withhold(entry: Skeleton, tables: TableSet) -> None:
    for line in written(entry):
        cleaned = clean(line, tables.gate, year=None)
        assert cleaned.text == line
        assert not cleaned.withheld, line


@pytest.fixture(scope="module")
def checker(tables: TableSet) -> Checker:
    return Checker.load(tables)


@pytest.mark.parametrize("entry", SKELETONS.entries, ids=lambda entry: entry.kind)
def test_the_checker_finds_nothing_but_blanks_to_fill(entry: Skeleton, checker: Checker) -> None:
    found = [finding for line in written(entry) for finding in checker.check(line, year=2026)]
    assert not [finding for finding in found if finding.category is not Category.BLANK], found


def test_no_heading_stands_in_a_report() -> None:
    reports = "".join(bundled_report(number) for number in REPORTS)
    assert not [heading for _, found in SETS for heading in found.headings if len(heading) > 4 and heading in reports]


@pytest.mark.parametrize("entry", SKELETONS.entries, ids=lambda entry: entry.kind)
def test_basis_and_sources_are_those_of_the_kind(entry: Skeleton) -> None:
    kind = KINDS.get(entry.kind)
    assert kind is not None
    assert entry.basis == kind.basis
    regulations = [source for source in entry.source if "《" in source]
    rules = tomllib.loads(bundled("org_life.toml").text)["rule"]
    known = [*kind.source, *(source for rule in rules for source in rule["source"])]
    assert all(any(source in other for other in known) for source in regulations), regulations
    assert "实务" in entry.source[-1]


@pytest.mark.parametrize("entry", SKELETONS.entries, ids=lambda entry: entry.kind)
def test_blanks_are_well_formed_and_advice_is_short(entry: Skeleton) -> None:
    assert all(not set("【】") & set(BLANK.sub("", line)) for line in written(entry))
    assert all(re.fullmatch(r"[^【】]{2,10}【X[^】]{1,2}】", figure) for figure in entry.figures)
    assert 2 <= len(entry.mistakes) <= 4
    assert all(section.how.count("。") <= 2 for section in entry.sections)


def test_what_changes_every_year_stays_open_in_an_assembly_of_self_criticism() -> None:
    for kind in ("班子对照检查", "个人对照检查", "民主生活会方案", "组织生活会材料"):
        entry = SKELETONS.get(kind)
        assert entry is not None
        assert entry.yearly


# ---- how tables are read ----

GOOD = """
[[skeleton]]
kind = "述职报告"
opening = "现将【年份】年履职情况报告如下："
closing = "请予评议。"
mistakes = ["写成单位总结", "没有整改"]
basis = "实务"
source = ["实务"]
[[section]]
of = "述职报告"
title = "履职情况"
main = true
holds = "分块写"
how = "写事。"
figures = ["讲党课【X次】"]
[[section]]
of = "述职报告"
title = "问题"
holds = "写自己"
how = "写原因。"
[[headings]]
of = "述职报告"
shape = "4+4"
headings = ["抓好学习，带好队伍", "抓好基层，带好支部", "抓好融合，带好发展"]
[[headings]]
of = "述职报告"
shape = "在…上…"
headings = ["在学习上求深", "在管理上求细", "在服务上求优"]
"""


def read(text: str, overlay: Table | None = None) -> Skeletons:
    return Skeletons.read([Table("框架.toml", text, overlay)], KINDS)


def test_a_table_is_read() -> None:
    (entry,) = read(GOOD).entries
    assert [section.title for section in entry.sections] == ["履职情况", "问题"]
    assert (entry.main, entry.numbered, entry.yearly, entry.rule) == (0, True, (), None)
    assert [found.shape.lengths for found in entry.heading_sets] == [(4, 4), ()]
    assert entry.figures == ("讲党课【X次】",)
    assert entry.headings_of(1) == ()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('source = ["实务"]', "", "框架.toml第1条[[skeleton]]：缺少“source”"),
        ('kind = "述职报告"', 'kind = "情书"', "没有“述职报告”的[[skeleton]]"),
        ("述职报告", "情书", "框架.toml：没有“情书”这个文种"),
        (
            GOOD[GOOD.index('shape = "在') :],
            'shape = "4+4"\nheadings = ["甲乙丙丁，戊己庚辛", "子丑寅卯，辰巳午未", "东南西北，上下左右"]',
            "至少要有2种句式",
        ),
        ('"在服务上求优"', '"在服务上求优质"', "小标题不合“在…上…”的句式：在学习上求深；"),
        ('"在服务上求优"', '"对服务上求优"', "小标题不合“在…上…”的句式"),
        ('"抓好融合，带好发展"', '"抓好融合，带好新发展"', "小标题不合“4+4”的句式"),
        ('"抓好融合，带好发展"', '"抓好融合带好发展"', "小标题不合“4+4”的句式"),
        ('shape = "4+4"', 'shape = "对仗"', "“shape”应写成6+6或在…上…"),
        (', "在服务上求优"]', "]", "一组小标题应有3至6个"),
        (
            '[[headings]]\nof = "述职报告"\nshape = "4',
            '[[headings]]\nof = "述职报告"\nsection = "打算"\nshape = "4',
            "没有“打算”",
        ),
        ('[[headings]]\nof = "述职报告"\nshape = "4', '[[headings]]\nof = "年度总结"\nshape = "4', "没有“年度总结”的"),
        ('basis = "实务"', 'basis = "实务"\nalso = ["情书"]', "没有“情书”这个文种"),
        ("main = true", "", "其中一个main = true"),
        ('title = "问题"', 'title = "问题"\nmain = true', "其中一个main = true"),
        ("【X次】", "X次", "“figures”应写成党课【X堂】"),
        ("【年份】年", "【年份年", "“opening”里的空位写错了"),
        ('closing = "请予评议。"', 'closing = "请予评议。"\nyearly = ["当年主题"]', "“yearly”要留空位：当年主题"),
        ('["写成单位总结", "没有整改"]', '["写成单位总结"]', "“mistakes”应有2至4条"),
        ("写成单位总结", "写成单位总结" * 4, "“mistakes”超过22字"),
        ('how = "写事。"', f'how = "{"写事" * 60}。"', "“how”超过90字"),
        ('how = "写事。"', 'how = "写事。"\nshare = 60', "“share”应各部分都写"),
        ('basis = "实务"', 'basis = "规定"', "“basis”为规定时要写“rule”"),
        ('basis = "实务"', 'basis = "实务"\nrule = "每年一次"', "“basis”为规定时要写“rule”"),
        ('basis = "实务"', 'basis = "规定"\nrule = "每年一次"', "在“source”里写法规名称"),
        ('closing = "请予评议。"', 'closing = "请予评议。"\nclosng = "请。"', "有不认识的项：closng"),
        ('holds = "写自己"', "", "缺少“holds”"),
    ],
)
def test_a_slip_in_a_table_is_named(old: str, new: str, problem: str) -> None:
    assert old in GOOD
    with pytest.raises(TableError, match=re.escape(problem)):
        read(GOOD.replace(old, new))


def test_a_kind_stands_once_only() -> None:
    with pytest.raises(TableError, match="文种“述职报告”的框架写了两次"):
        Skeletons.read([Table("一.toml", GOOD), Table("二.toml", GOOD)], KINDS)


def test_an_overlay_replaces_a_skeleton_as_a_whole() -> None:
    over = Table("覆盖/框架.toml", GOOD.replace("请予评议。", "请审议。").replace('title = "问题"', 'title = "不足"'))
    (entry,) = read(GOOD, over).entries
    assert entry.closing == "请审议。"
    assert [section.title for section in entry.sections] == ["履职情况", "不足"]
    assert len(entry.heading_sets) == 2


def test_an_overlay_may_replace_a_kind_of_any_family() -> None:
    over = Overlay({FILES[0]: Table("覆盖/框架.toml", GOOD.replace("述职报告", "党课讲稿"))})
    replaced = Skeletons.load(KINDS, over)
    lesson = replaced.get("党课讲稿")
    assert lesson is not None
    assert lesson.closing == "请予评议。"
    assert len(replaced.entries) == len(SKELETONS.entries)


# ---- shapes ----

WORDS = st.text("党建学习管理服务队伍", min_size=1, max_size=6)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=6))
def test_gaps_must_be_filled_with_equally_many_characters(gaps: list[tuple[str, str]]) -> None:
    lengths = {(len(first), len(second)) for first, second in gaps}
    assert Shape("在…上…").holds([f"在{first}上{second}" for first, second in gaps]) == (len(lengths) == 1)


@given(st.lists(st.text(max_size=20), max_size=4), st.text(max_size=8))
def test_any_heading_can_be_measured(headings: list[str], shape: str) -> None:
    Shape(shape).holds(headings)


def test_quotation_marks_do_not_lengthen_a_heading() -> None:
    assert Shape("6+6").holds(["落实“第一议题”，凝聚思想共识"])
    assert not Shape("6+6").holds(["落实第一议题制，凝聚思想共识"])
    assert not Shape("6+6").holds([])
