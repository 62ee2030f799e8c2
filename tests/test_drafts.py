"""The draft and the notebook as values: nothing is lost or doubled by any sequence of placing, moving and deleting."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from handlers.draft import (
    Place,
    delete_lines,
    find_blanks,
    find_heading,
    move_line,
    number_parts,
    part_of,
    place_line,
    rearrange,
)
from handlers.notebook import Draft, Line, Notebook, Part, Profile
from knowledge.model import Role, Source

SOURCE = Source("r", "某局总结", 2023, ("一、做法", "（二）抓学习，强队伍"), 3, 9)

TEXTS = st.text("甲乙丙丁，。【X次】", min_size=1, max_size=12)
LINES = st.builds(
    Line,
    TEXTS,
    st.sampled_from(["", "p1"]),
    st.sampled_from([None, SOURCE]),
    st.lists(st.sampled_from(["理论武装", "意识形态", "组织建设"]), max_size=2).map(tuple),
    st.sampled_from(["", *(role.value for role in Role)]),
)
PARTS = st.lists(
    st.builds(Part, st.sampled_from(["", "主要做法", "存在问题", "下一步打算", "抓学习，强队伍"]), st.integers(1, 3)),
    max_size=6,
)


def sense(heading: str) -> tuple[tuple[str, ...], Role | None]:
    topics = ("理论武装",) if "学习" in heading else ()
    roles = {"主要做法": Role.PRACTICE, "存在问题": Role.PROBLEM, "下一步打算": Role.PLAN}
    return topics, roles.get(heading)


def related(topic: str) -> tuple[str, ...]:
    return {"组织建设": ("理论武装",)}.get(topic, ())


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    draft = Draft(parts=number_parts(draw(PARTS)))
    for line in draw(st.lists(LINES, max_size=8)):
        draft, _ = place_line(draft, line, sense, related)
    return draft


@given(drafts(), LINES)
def test_a_placed_line_is_in_the_part_that_was_told_and_no_other_is_gone(draft: Draft, line: Line) -> None:
    placed, index = place_line(draft, line, sense, related)
    assert placed.parts[index].lines[-1] == line
    assert sorted(map(repr, placed.lines)) == sorted(map(repr, (*draft.lines, line)))


@given(drafts(), st.data())
def test_moving_and_deleting_keep_every_other_line_in_order(draft: Draft, data: st.DataObject) -> None:
    if not draft.lines:
        return
    number = data.draw(st.integers(1, len(draft.lines)))
    place = data.draw(
        st.one_of(
            st.builds(Place, before=st.integers(1, len(draft.lines) + 1)),
            st.builds(Place, part=st.integers(0, len(draft.parts) - 1)),
            st.just(Place()),
        )
    )
    moved = move_line(draft, number, place)
    assert sorted(map(repr, moved.lines)) == sorted(map(repr, draft.lines))
    gone = delete_lines(draft, [number])
    assert list(gone.lines) == [line for n, line in enumerate(draft.lines, 1) if n != number]
    assert [part.heading for part in gone.parts] == [part.heading for part in draft.parts]


@given(drafts(), PARTS)
def test_a_new_outline_takes_every_line_over(draft: Draft, parts: list[Part]) -> None:
    new = rearrange(Draft(parts=number_parts(parts)), draft.lines, sense, related)
    assert sorted(map(repr, new.lines)) == sorted(map(repr, draft.lines))


@given(
    st.builds(
        Notebook,
        st.builds(Profile, st.none() | TEXTS, st.none() | st.integers(2012, 2099), st.none(), st.none() | TEXTS),
        st.lists(LINES, max_size=4).map(tuple),
        drafts(),
        st.lists(st.text("p0123", max_size=4), max_size=4).map(tuple),
    )
)
def test_a_notebook_comes_back_from_its_stored_form_as_it_was(notebook: Notebook) -> None:
    assert Notebook.from_json(notebook.to_json()) == notebook


@given(st.one_of(st.text(), st.binary(), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(repr)))
def test_a_poisoned_notebook_is_an_empty_one(stored: str | bytes) -> None:
    assert isinstance(Notebook.from_json(stored), Notebook)


def test_a_line_goes_under_the_heading_it_had_in_its_report() -> None:
    outline = Draft(parts=number_parts([Part("做法"), Part("抓阵地", 2), Part("抓学习，强队伍", 2)]))
    line = Line("甲", "p1", SOURCE, ("意识形态",), Role.PRACTICE.value)
    placed, index = place_line(outline, line, sense, related)
    assert placed.parts[index].heading == "抓学习，强队伍"


def test_problems_and_plans_go_to_their_sections_and_an_opening_before_everything() -> None:
    outline = Draft(parts=number_parts([Part("主要做法"), Part("存在问题"), Part("下一步打算")]))
    headings = []
    for role in (Role.PROBLEM, Role.CAUSE, Role.PLAN, Role.PRACTICE, Role.OPENING, Role.CLOSING):
        outline, index = place_line(outline, Line(role.value, role=role.value), sense, related)
        headings.append((index, outline.parts[index].heading))
    assert headings == [(1, "存在问题"), (1, "存在问题"), (2, "下一步打算"), (0, "主要做法"), (0, ""), (4, "")]


def test_ordinals_count_within_each_section() -> None:
    parts = number_parts([Part("甲"), Part("乙", 2), Part("丙", 2), Part("丁"), Part("戊", 2), Part("己", 3)])
    assert [part.ordinal for part in parts] == ["一", "一", "二", "二", "一", "1"]
    draft = Draft(parts=parts)
    assert (find_heading(draft, 2, 2), find_heading(draft, 2, None), find_heading(draft, 3, 1)) == (2, 3, None)


def test_numbers_run_through_all_parts() -> None:
    draft = Draft(parts=(Part("甲", lines=(Line("一"),)), Part("乙", lines=(Line("二"), Line("三")))))
    assert [part_of(draft, number) for number in (1, 2, 3)] == [0, 1, 1]
    assert [line.text for line in move_line(draft, 3, Place(before=1)).lines] == ["三", "一", "二"]
    assert [line.text for line in move_line(draft, 1, Place()).lines] == ["二", "三", "一"]


def test_blanks_are_found_with_repetitions() -> None:
    assert find_blanks(["开展【X次】、【X次】，【单位】", "无"]) == ("【X次】", "【X次】", "【单位】")
