"""Skeletons as answers: said to be no corpus text, short enough for one page, and followed up by number."""

from __future__ import annotations

import re

import pytest

from bot.rendering import render
from handlers.context import Context
from handlers.dialogue import Session, Turn, Understanding, View
from handlers.reply import Moves, Reply, SourceLine
from handlers.skeleton import (
    answer_skeleton,
    change_skeleton,
    draft_of_skeleton,
    expand_skeleton,
    find_heading,
    open_skeleton,
    present_skeleton,
    present_skeleton_section,
    show_section,
    show_skeleton,
)
from knowledge.kinds import Kinds
from knowledge.library import Library
from knowledge.skeletons import Skeleton, Skeletons

YEAR = 2026
KINDS = Kinds.load()
SKELETONS = Skeletons.load(KINDS)
VARIANTS = [
    pytest.param(entry, start, id=f"{entry.kind}-{start}")
    for entry in SKELETONS.entries
    for start in range(len(entry.headings_of(entry.main)))
]
LABEL = "【通用框架（非语料）】"


def skeleton_of(kind: str) -> Skeleton:
    entry = SKELETONS.get(kind)
    assert entry is not None
    return entry


def name_of(kind: str) -> str:
    found = KINDS.get(kind)
    assert found is not None
    return found.name


def text_of(reply: Reply | None) -> str:
    assert reply is not None
    (page,) = render(reply)
    return page


def moves_of(reply: Reply | None) -> tuple[str, ...]:
    assert reply is not None
    return next(block.options for block in reply.blocks if isinstance(block, Moves))


# ---- what a frame shows ----


@pytest.mark.parametrize(("entry", "start"), VARIANTS)
@pytest.mark.parametrize("held", [True, False])
def test_a_frame_fits_one_page_and_says_that_it_is_no_corpus_text(entry: Skeleton, start: int, *, held: bool) -> None:
    reply = show_skeleton(entry, name_of(entry.kind), start, held=held)
    page = text_of(reply)
    assert len(page.encode()) <= 2048
    assert len(re.findall("[\u4e00-\u9fff]", page)) <= 700
    assert page.splitlines()[0].startswith(LABEL)
    assert ("库内暂无这个文种的范文" in page) is not held
    assert "出处" not in page
    assert not [item for item in reply.items if item.sources]
    assert not [block for block in reply.blocks if isinstance(block, SourceLine)]


@pytest.mark.parametrize(("entry", "start"), VARIANTS)
def test_a_frame_has_every_section_and_one_heading_set(entry: Skeleton, start: int) -> None:
    reply = show_skeleton(entry, name_of(entry.kind), start, held=False)
    shown = entry.headings_of(entry.main)[start]
    assert [item.text for item in reply.items if item.level == 1] == [section.title for section in entry.sections]
    assert tuple(item.text for item in reply.items if item.level == 2) == shown.headings
    page = text_of(reply)
    assert f"第{start + 1}组，共{len(entry.headings_of(entry.main))}组" in page
    assert all(source in page.splitlines()[-2] for source in entry.source)
    assert all(mistake in page for mistake in entry.mistakes)
    assert ("以上级当年通知为准" in page) is bool(entry.yearly)


@pytest.mark.parametrize("entry", SKELETONS.entries, ids=lambda entry: entry.kind)
def test_wording_follows_the_rank_of_the_source(entry: Skeleton) -> None:
    page = text_of(show_skeleton(entry, name_of(entry.kind), 0, held=False))
    assert ("依据：按规定，" in page) is (entry.basis == "规定")
    assert "实务通常写法" in page


@pytest.mark.parametrize("entry", SKELETONS.entries, ids=lambda entry: entry.kind)
def test_every_section_can_be_taken_apart(entry: Skeleton) -> None:
    pages = [text_of(show_section(entry, name_of(entry.kind), index, 0)) for index in range(len(entry.sections))]
    assert all(len(page.encode()) <= 2048 and page.startswith(LABEL) for page in pages)
    assert all(section.how in page for section, page in zip(entry.sections, pages, strict=True))
    assert all(
        figure in page for section, page in zip(entry.sections, pages, strict=True) for figure in section.figures
    )
    assert entry.opening in pages[0]
    assert entry.closing in pages[-1]
    assert not any(entry.closing in page for page in pages[:-1])


def test_sections_are_numbered_as_the_kind_numbers_them() -> None:
    report = text_of(show_skeleton(skeleton_of("巡察整改报告"), "整改报告", 0, held=False))
    assert "\n二、反馈问题整改落实情况\n" in report
    assert "\n　（一）关于落实决策部署方面的问题\n" in report
    lesson = text_of(show_skeleton(skeleton_of("党课讲稿"), "党课讲稿", 0, held=False))
    assert "\n2. 正文\n" in lesson
    assert "见展开1、展开3" in lesson


@pytest.mark.parametrize("entry", SKELETONS.entries, ids=lambda entry: entry.kind)
def test_every_kind_offered_instead_is_found_by_the_words_of_its_move(entry: Skeleton) -> None:
    moves = moves_of(show_skeleton(entry, name_of(entry.kind), 0, held=True))
    outlines = [move for move in moves if move.endswith("提纲")]
    found = [mention.kind for move in outlines if (mention := KINDS.find(move)) is not None]
    assert found == [entry.kind, *entry.also]


def test_a_kind_that_reports_are_held_of_leads_back_to_them() -> None:
    assert "年度总结提纲" in moves_of(show_skeleton(skeleton_of("年度总结"), "年度总结", 0, held=True))
    assert "年度总结提纲" not in moves_of(show_skeleton(skeleton_of("年度总结"), "年度总结", 0, held=False))


# ---- in a conversation ----


def context_of(library: Library, session: Session, **slots: object) -> Context:
    return Context(Understanding("test", 1.0, slots), session, library, YEAR)


def opened(library: Library, kind: str) -> Turn:
    turn = open_skeleton(context_of(library, Session()), kind)
    assert turn is not None
    return turn


def expanded(library: Library, session: Session, **slots: object) -> Turn:
    assert session.view is not None
    return expand_skeleton(context_of(library, session, **slots), session.view)


def test_a_frame_opens_by_the_name_of_its_kind(library: Library) -> None:
    turn = answer_skeleton(context_of(library, Session(), kind="班子对照检查"))
    assert text_of(turn.reply).startswith(f"{LABEL}领导班子对照检查材料\n库内暂无这个文种的范文")
    assert turn.session.view == View("skeleton", (("kind", "班子对照检查"),))


def test_a_frame_opens_beside_the_outline_that_is_shown(library: Library) -> None:
    session = Session((View("outline", (("kind", "述职报告"), ("depth", "2")), ("report",)), View("phrases")))
    turn = answer_skeleton(context_of(library, session))
    assert "党组织书记抓基层党建工作述职报告" in text_of(turn.reply)
    assert "述职报告提纲" in moves_of(turn.reply)


def test_without_a_kind_it_is_asked_for(library: Library) -> None:
    turn = answer_skeleton(context_of(library, Session()))
    assert "要哪个文种" in text_of(turn.reply)
    assert turn.session.view is None


def test_a_kind_without_a_frame_opens_nothing(library: Library) -> None:
    assert open_skeleton(context_of(library, Session()), "情书") is None
    assert "库内没有“情书”的范文" in text_of(answer_skeleton(context_of(library, Session(), kind="情书")).reply)


def test_another_version_goes_round_the_heading_sets(library: Library) -> None:
    turn = opened(library, "班子对照检查")
    pages = [text_of(turn.reply)]
    for _ in range(3):
        assert turn.session.view is not None
        turn = change_skeleton(context_of(library, turn.session), turn.session.view)
        pages.append(text_of(turn.reply))
    assert len(set(pages[:3])) == 3
    assert pages[3] == pages[0]
    assert len(turn.session.views) == 1


def test_another_version_of_a_section_keeps_to_the_section(library: Library) -> None:
    turn = expanded(library, opened(library, "班子对照检查").session, ref=[2])
    assert turn.session.view is not None
    turn = change_skeleton(context_of(library, turn.session), turn.session.view)
    page = text_of(turn.reply)
    assert "·二、查摆的主要问题" in page
    assert "在学深悟透上还有差距" in page
    turn = expanded(library, turn.session, ref=[3])
    assert turn.session.view is not None
    alone = change_skeleton(context_of(library, turn.session), turn.session.view)
    assert "只有1组小标题" in text_of(alone.reply)


def test_the_set_chosen_in_the_frame_stays_chosen_in_its_section(library: Library) -> None:
    turn = opened(library, "个人对照检查")
    assert turn.session.view is not None
    turn = change_skeleton(context_of(library, turn.session), turn.session.view)
    assert "听取汇报多，深入一线少" in text_of(turn.reply)
    assert "听取汇报多，深入一线少" in text_of(expanded(library, turn.session, ref=[2], level=1).reply)


@pytest.mark.parametrize(
    ("slots", "title"),
    [
        ({"ref": [1]}, "一、整改工作组织推进情况"),
        ({"ref": [-1]}, "四、下一步工作打算"),
        ({"ref": [3], "level": 1}, "三、未完成事项和时限"),
        ({"ref": [3], "level": 2}, "二、反馈问题整改落实情况"),
        ({}, "二、反馈问题整改落实情况"),
    ],
)
def test_a_number_opens_its_section(library: Library, slots: dict[str, object], title: str) -> None:
    turn = expanded(library, opened(library, "巡察整改报告").session, **slots)
    assert text_of(turn.reply).splitlines()[0] == f"{LABEL}巡视巡察整改情况报告·{title}"


def test_a_number_beyond_the_last_section_is_refused(library: Library) -> None:
    session = opened(library, "巡察整改报告").session
    turn = expanded(library, session, ref=[9])
    assert "请回复1到4之间的数字" in text_of(turn.reply)
    assert turn.session == session


def test_sections_follow_each_other_and_lead_back_to_the_frame(library: Library) -> None:
    turn = opened(library, "换届工作报告")
    first = expanded(library, turn.session, ref=[1])
    assert moves_of(first.reply)[0] == "展开二"
    last = expanded(library, first.session, ref=[3])
    assert moves_of(last.reply)[0] == "展开一"
    assert last.session.pop().view == turn.session.view


def test_after_another_topic_a_section_opens_on_top(library: Library) -> None:
    section = expanded(library, opened(library, "换届工作报告").session, ref=[1]).session
    session = section.push(View("phrases"))
    turn = expand_skeleton(context_of(library, session, ref=[2]), section.views[-1])
    assert [view.kind for view in turn.session.views] == ["skeleton", "skeleton_section", "phrases", "skeleton_section"]


@pytest.mark.parametrize(
    ("slots", "heading"),
    [
        ({"ref": [2], "level": 2}, ("带头学习宣讲，凝聚思想共识", "履行第一责任人职责情况")),
        ({"ref": [2]}, ("履行第一责任人职责情况",) * 2),
        ({"ref": [-1]}, ("下一步工作打算",) * 2),
        ({"ref": [9]}, None),
    ],
)
def test_a_number_names_a_heading_of_the_frame_and_its_section(
    library: Library, slots: dict[str, object], heading: tuple[str, str] | None
) -> None:
    session = opened(library, "述职报告").session
    assert session.view is not None
    assert find_heading(context_of(library, session, **slots), session.view) == heading


def test_a_view_shows_the_same_again(library: Library) -> None:
    for turn in (opened(library, "党课讲稿"), expanded(library, opened(library, "党课讲稿").session, ref=[2])):
        assert turn.session.view is not None
        present = {"skeleton": present_skeleton, "skeleton_section": present_skeleton_section}[turn.session.view.kind]
        assert present(Session.from_json(turn.session.to_json()).view or View(""), library, YEAR) == turn.reply


@pytest.mark.parametrize("part", ["0", "99", "²", "二"])
def test_a_stored_view_that_no_longer_fits_still_shows_something(library: Library, part: str) -> None:
    view = View("skeleton_section", (("kind", "党课讲稿"), ("part", part)), (), 7)
    assert text_of(present_skeleton_section(view, library, YEAR)).startswith(LABEL)


def test_a_frame_that_is_gone_says_so(library: Library) -> None:
    view = View("skeleton", (("kind", "情书"),))
    for reply in (present_skeleton(view, library, YEAR), present_skeleton_section(view, library, YEAR)):
        assert not reply.found
        assert "已经撤下" in text_of(reply)
    context = context_of(library, Session((view,)))
    assert "已经撤下" in text_of(change_skeleton(context, view).reply)
    assert "已经撤下" in text_of(expand_skeleton(context, view).reply)
    assert not draft_of_skeleton(view, library).parts


def test_a_frame_becomes_the_outline_of_a_draft(library: Library) -> None:
    view = View("skeleton", (("kind", "述责述廉"),), (), 1)
    draft = draft_of_skeleton(view, library)
    assert [(part.ordinal, part.heading) for part in draft.parts if part.level == 1][1] == ("二", "履行职责情况")
    assert next(part.heading for part in draft.parts if part.level == 2) == "对组织讲忠诚"
    assert draft.kind == "述责述廉"
    assert draft.source.startswith(LABEL)
