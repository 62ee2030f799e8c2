"""查重: what is said about a text that stands in the library, partly, or not at all."""

from __future__ import annotations

import re

import pytest

from bot.rendering import render
from handlers.context import Context
from handlers.dialogue import Session, Turn, Understanding
from handlers.notebook import Draft, Line, Notebook, Part
from handlers.reply import Moves, Reply
from handlers.similarity import MOST_KEPT, PAGE, answer_similarity, present_similarity, turn_page
from handlers.texts import similarity as words
from knowledge.library import Library

OWN = (
    "社区把闲置的门面房改成了暖心驿站，快递员进来接杯热水、充个电，顺手把楼道里发现的隐患写在墙上的本子里。",
    "支部的两名党员轮流值守，一周汇总一次，能办的当天办，办不了的贴出原因和下一步找谁。",
)


def context_of(library: Library, text: str | None, notebook: Notebook | None = None) -> Context:
    slots = {} if text is None else {"text": text}
    return Context(Understanding("similarity", 1.0, slots), Session(), library, 2026, notebook or Notebook())


def reply_of(turn: Turn) -> Reply:
    assert turn.reply is not None
    return turn.reply


def shown(turn: Turn) -> str:
    return "\n".join(render(reply_of(turn)))


def paragraph(library: Library, report: int, number: int = 0) -> str:
    """Return one of the longer paragraphs of a bundled report."""
    name = library.reports()[report].id
    text = "\n".join(library.section_text(name, heading.index) for heading in library.children(name, None))
    return [line for line in text.split("\n") if 80 <= len(line) <= 400][number]


def test_copied_paragraph_is_named_with_its_source(library: Library) -> None:
    turn = answer_similarity(context_of(library, paragraph(library, 0)))
    text = shown(turn)
    found = re.search(r"【雷同】与库内材料重合约(\d+)%", text)
    assert found
    assert int(found[1]) >= 95
    assert f"　出处：{library.reports()[0].title}" in text
    assert "只与库内5篇比对，不联网" in text
    assert words.REWRITE in text
    assert "其中：" not in text
    assert reply_of(turn).total == len(reply_of(turn).items) == 1


def test_own_text_is_told_to_be_clean_and_what_that_means(library: Library) -> None:
    turn = answer_similarity(context_of(library, "".join(OWN)))
    text = shown(turn)
    assert text.startswith("【雷同】没有发现与库内材料重合的句子")
    assert "只与库内5篇比对，不联网" in text
    assert words.REWRITE not in text
    assert reply_of(turn).total == 0
    assert reply_of(turn).found


def test_text_from_several_reports_says_how_much_from_each(library: Library) -> None:
    mixed = "\n".join((paragraph(library, 0), OWN[0], paragraph(library, 2), OWN[1]))
    turn = answer_similarity(context_of(library, mixed))
    text = shown(turn)
    percent = int(re.findall(r"约(\d+)%", text)[0])
    by_report = [int(share) for share in re.findall(r" (\d+)%", text.split("其中：")[1].split("\n")[0])]
    assert len(by_report) == 2
    assert by_report == sorted(by_report, reverse=True)
    assert abs(sum(by_report) - percent) <= 1
    for report in (0, 2):
        assert library.reports()[report].title in text


def test_many_stretches_are_shown_page_by_page_and_the_rest_is_counted(library: Library) -> None:
    pieces = [paragraph(library, report, number)[:60] for report in (0, 2, 4) for number in range(5)]
    text = "\n".join(f"{piece}\n{''.join(OWN)}" for piece in pieces)
    context = context_of(library, text)
    turn = answer_similarity(context)
    total = reply_of(turn).total
    assert total > MOST_KEPT
    assert len(reply_of(turn).items) == PAGE
    assert reply_of(turn).blocks[-1] == Moves(("更多",))
    view = turn.session.view
    assert view is not None
    assert present_similarity(view, library, 2026) == turn.reply, "the view alone shows it again"
    later = turn_page(context_of(library, None), view, 1)
    assert [item.n for item in reply_of(later).items] == list(range(PAGE + 1, MOST_KEPT + 1))
    assert f"另有{total - MOST_KEPT}处没有列出" in shown(later)
    assert later.session.view is not None
    assert reply_of(turn_page(context, later.session.view, 1)).total == 0
    assert reply_of(turn_page(context, view, -1)).total == 0


def test_longest_stretch_comes_first(library: Library) -> None:
    text = f"{paragraph(library, 0)[:40]}\n{OWN[0]}{OWN[1]}\n{paragraph(library, 2)}"
    items = reply_of(answer_similarity(context_of(library, text))).items
    lengths = [int(re.findall(r"（(\d+)字）", item.text)[0]) for item in items]
    assert lengths == sorted(lengths, reverse=True)
    assert len(lengths) == 2


def test_without_a_text_the_draft_is_compared(library: Library) -> None:
    draft = Draft("提纲", parts=(Part("主要做法", lines=(Line(paragraph(library, 0)), Line(OWN[0]))),))
    text = shown(answer_similarity(context_of(library, None, Notebook(draft=draft))))
    assert "重合约" in text
    assert library.reports()[0].title in text


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, words.NOTHING_TO_COMPARE), (" \n", words.NOTHING_TO_COMPARE), ("党建工作", words.TOO_SHORT)],
)
def test_nothing_to_compare_is_said(library: Library, text: str | None, said: str) -> None:
    turn = answer_similarity(context_of(library, text))
    assert shown(turn) == said
    assert turn.session == Session()


def test_session_keeps_no_more_than_the_ends_of_a_stretch(library: Library) -> None:
    copied = paragraph(library, 0)
    turn = answer_similarity(context_of(library, copied * 3 + "".join(OWN) * 20))
    stored = turn.session.to_json()
    assert len(stored.encode()) < 4096
    assert copied[:30] not in stored
    assert OWN[0][:30] not in stored


def test_every_page_fits_a_message(library: Library) -> None:
    pieces = [paragraph(library, report, number) for report in (0, 1, 2) for number in range(3)]
    turn = answer_similarity(context_of(library, "\n".join(pieces)))
    assert all(len(page.encode()) <= 2048 for page in render(reply_of(turn)))
