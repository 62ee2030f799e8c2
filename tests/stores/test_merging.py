"""Two notebooks that grew apart become one that has what either added and lacks what either took away."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.stores.merging import merge_notebooks
from handlers.notebook import Draft, Line, Notebook, Part, Profile

WORDS = st.text("甲乙丙丁", max_size=2)
LINES = st.lists(st.builds(Line, text=st.text("一二三四五六", min_size=1, max_size=1)), max_size=4, unique=True).map(
    tuple
)
PARTS = st.lists(
    st.builds(Part, heading=st.sampled_from(["", "主要做法", "存在问题"]), lines=LINES),
    max_size=3,
    unique_by=lambda p: p.heading,
).map(tuple)
NOTEBOOKS = st.builds(
    Notebook,
    st.builds(Profile, st.none() | WORDS, st.none() | st.integers(2020, 2022)),
    LINES,
    st.builds(Draft, WORDS, parts=PARTS),
    st.lists(WORDS, max_size=3, unique=True).map(tuple),
)


def merge(base: Notebook, mine: Notebook, theirs: Notebook) -> Notebook:
    return Notebook.from_json(merge_notebooks(base.to_json(), mine.to_json(), theirs.to_json()))


def line(text: str) -> Line:
    return Line(text, "p1", topics=("意识形态",), role="做法")


def texts(lines: tuple[Line, ...]) -> list[str]:
    return [each.text for each in lines]


BASE = Notebook(
    Profile("市住建局", 2026),
    (line("甲"), line("乙")),
    Draft(
        "总结", "年度总结", "某局", (Part("主要做法", 1, "一", (line("丙"),)), Part("存在问题", 1, "二", (line("丁"),)))
    ),
)


def test_what_either_added_is_kept_and_what_either_deleted_is_gone() -> None:
    mine = replace(BASE, favourites=(line("乙"), line("我的")), profile=Profile("市住建局", 2027))
    theirs = replace(BASE, favourites=(line("甲"), line("乙"), line("他的")), profile=Profile("县住建局", 2026))
    merged = merge(BASE, mine, theirs)
    assert texts(merged.favourites) == ["乙", "他的", "我的"]
    assert merged.profile == Profile("县住建局", 2027)
    assert merged.draft == BASE.draft


def test_draft_changed_on_one_side_is_taken_from_it() -> None:
    changed = replace(BASE, draft=Draft("改过", parts=(Part("总结", lines=(line("戊"),)),)))
    other = replace(BASE, favourites=())
    assert merge(BASE, changed, other) == merge(BASE, other, changed) == replace(changed, favourites=())


def test_draft_changed_on_both_sides_is_merged_under_its_headings() -> None:
    one, two = BASE.draft.parts
    mine = replace(BASE, draft=replace(BASE.draft, parts=(replace(one, lines=(*one.lines, line("我的"))), two)))
    theirs = replace(BASE, draft=replace(BASE.draft, parts=(replace(one, lines=(line("他的"),)), two, Part("计划"))))
    merged = merge(BASE, mine, theirs).draft
    assert [(part.heading, texts(part.lines)) for part in merged.parts] == [
        ("主要做法", ["他的", "我的"]),
        ("存在问题", ["丁"]),
        ("计划", []),
    ]


def test_heading_that_one_side_deleted_stays_only_for_new_lines_of_the_other() -> None:
    one, two = BASE.draft.parts
    mine = replace(BASE, draft=replace(BASE.draft, parts=(one,), title="我的"))
    theirs = replace(BASE, draft=replace(BASE.draft, parts=(one, two), title="他的"))
    assert [part.heading for part in merge(BASE, mine, theirs).draft.parts] == ["主要做法"]
    more = replace(theirs, draft=replace(theirs.draft, parts=(one, replace(two, lines=(*two.lines, line("新的"))))))
    assert [texts(part.lines) for part in merge(BASE, mine, more).draft.parts] == [["丙"], ["新的"]]


def test_nothing_that_was_deleted_everywhere_comes_back_from_an_emptied_side() -> None:
    mine = replace(BASE, favourites=(*BASE.favourites, line("新的")))
    assert merge(BASE, mine, Notebook()) == Notebook(favourites=(line("新的"),))


def test_without_a_common_ancestor_nothing_is_lost() -> None:
    mine = Notebook(
        favourites=(line("甲"), line("我的")), draft=Draft("提纲", parts=(Part("主要做法", lines=(line("己"),)),))
    )
    merged = merge(Notebook(), mine, BASE)
    assert texts(merged.favourites) == ["甲", "乙", "我的"]
    assert sorted(texts(merged.draft.lines)) == sorted(["丙", "丁", "己"])
    assert merged.profile == BASE.profile


@given(NOTEBOOKS, NOTEBOOKS)
def test_one_changed_side_counts_whole(base: Notebook, changed: Notebook) -> None:
    assert merge(base, changed, base) == merge(base, base, changed) == merge(base, changed, changed) == changed


@given(NOTEBOOKS, NOTEBOOKS, NOTEBOOKS)
def test_lines_and_repetition(base: Notebook, mine: Notebook, theirs: Notebook) -> None:
    merged = merge(base, mine, theirs)
    for before, here, there, after in (
        (base.favourites, mine.favourites, theirs.favourites, merged.favourites),
        (base.rejected, mine.rejected, theirs.rejected, merged.rejected),
        (base.draft.lines, mine.draft.lines, theirs.draft.lines, merged.draft.lines),
    ):
        added = (set(here) | set(there)) - set(before)
        assert added <= set(after)
        assert set(after) <= set(here) | set(there)
        assert not (set(before) - set(here) - set(there)) & set(after)
    assert merge(base, merged, theirs) == merged or mine == base, "merging again changes nothing"


@given(st.text(), st.text(), st.text())
def test_values_that_are_no_notebooks_never_raise(base: str, mine: str, theirs: str) -> None:
    assert isinstance(merge_notebooks(base, mine, theirs), str)
