"""The pages LibreOffice makes of an exported draft: size, place, order, page numbers and typefaces."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from bot.office.appendix import TITLE
from bot.office.layout import Layout, Typeface
from bot.office.manuscript import write_manuscript
from handlers.manuscript import Manuscript, ManuscriptParagraph, ParagraphKind
from tests.office.libreoffice import Line, Page, chinese_fonts, read_pages, render, skip_without_libreoffice
from tests.office.manuscripts import summary

skip_without_libreoffice()

MM = 72 / 25.4
"""Points in a millimetre."""

FULL = "党建工作" * 200


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Page]:
    return read_pages(render(write_manuscript(summary()), tmp_path_factory.mktemp("summary")))


def visible(text: str) -> str:
    return "".join(text.split())


def body(page: Page) -> tuple[Line, ...]:
    """The lines of a page above its number."""
    return page.lines[:-1]


def line(pages: list[Page], start: str) -> Line:
    return next(entry for page in pages for entry in page.lines if entry.text.startswith(start))


def test_paper_is_a4(pages: list[Page]) -> None:
    for page in pages:
        assert page.width == pytest.approx(210 * MM, abs=0.5)
        assert page.height == pytest.approx(297 * MM, abs=0.5)


def test_text_is_complete_and_in_order(pages: list[Page]) -> None:
    manuscript = summary()
    written = "".join(entry.text for page in pages[:-1] for entry in body(page))
    assert written == visible("".join(entry.lead + entry.text for entry in manuscript.paragraphs))


def test_lists_stand_on_a_page_of_their_own_at_the_end(pages: list[Page]) -> None:
    manuscript = summary()
    assert len(pages) == 3
    last = [entry.text for entry in body(pages[-1])]
    assert last[0] == TITLE
    assert "定稿前请删除" in last[1]
    written = "".join(last)
    places = [written.index(visible(text)) for text in (*manuscript.remarks, "数据清单", "出处", *manuscript.sources)]
    assert places == sorted(places)
    assert not any(source in page.text for source in manuscript.sources for page in pages[:-1])


def test_lines_stay_within_the_type_area(pages: list[Page]) -> None:
    for page in pages:
        for entry in body(page):
            assert entry.left >= 28 * MM - 1
            # Punctuation may hang over the right edge by one character, as it does in print.
            assert entry.right <= (28 + 156) * MM + 16.5
            assert 37 * MM <= entry.baseline <= (37 + 225) * MM


def test_title_is_centred_and_one_line_is_left_empty_below_it(pages: list[Page]) -> None:
    title, salutation, opening = pages[0].lines[:3]
    middle = (28 + 156 / 2) * MM
    assert (title.left + title.right) / 2 == pytest.approx(middle, abs=3)
    assert salutation.baseline - title.baseline == pytest.approx(2 * 28, abs=0.5)
    assert opening.baseline - salutation.baseline == pytest.approx(28, abs=0.5)


def test_paragraphs_are_indented_by_two_characters_and_the_salutation_is_not(pages: list[Page]) -> None:
    edge = line(pages, "各位党员").left
    assert edge == pytest.approx(28 * MM, abs=2)
    for start in ("今年以来", "一、主要做法", "二、存在的不足", "1.按时"):
        assert line(pages, start).left - edge == pytest.approx(2 * 15.7, abs=2)


def test_page_number_is_right_on_odd_and_left_on_even_pages(pages: list[Page]) -> None:
    left, right = 28 * MM, (28 + 156) * MM
    numbers = [page.lines[-1] for page in pages]
    assert [number.text for number in numbers] == ["—1—", "—2—", "—3—"]
    for number in numbers[::2]:
        assert right - number.right == pytest.approx(14, abs=2)
    assert numbers[1].left - left == pytest.approx(14, abs=2)
    # The dash stands above the baseline, about a third of the size of the character.
    for number in numbers:
        assert number.baseline - 14 / 3 - (37 + 225) * MM == pytest.approx(7 * MM, abs=3)


@pytest.mark.parametrize("height", [28.0, 28.9])
def test_a_page_of_text_has_22_lines_of_28_characters(height: float, tmp_path: Path) -> None:
    manuscript = Manuscript("满页", (ManuscriptParagraph(ParagraphKind.SALUTATION, FULL),))
    first = body(read_pages(render(write_manuscript(manuscript, Layout(line_height=height)), tmp_path))[0])
    assert [len(entry.text) for entry in first] == [28] * 22
    steps = [below.baseline - above.baseline for above, below in pairwise(first)]
    assert steps == pytest.approx([height] * 21, abs=0.6)


def test_hostile_text_is_still_a_document(tmp_path: Path) -> None:
    hostile = "\x00\ud800\ufffe]]></w:t>&lt;【X\x1b次】😀👨‍👩‍👧\u202e\U0010ffff" + "【" * 20 + "长" * 2000
    manuscript = Manuscript(
        hostile,
        tuple(ManuscriptParagraph(kind, hostile, hostile) for kind in ParagraphKind),
        *((hostile, "结尾"),) * 3,
    )
    pages = read_pages(render(write_manuscript(manuscript), tmp_path))
    assert "]]></w:t>&lt;【X次】" in pages[0].text.replace("\n", "")
    assert pages[-1].lines[-2].text.endswith("结尾")


def test_each_kind_of_text_stands_in_its_typeface(tmp_path: Path) -> None:
    families = chinese_fonts()
    if len(families) < 2:
        pytest.skip("fewer than two Chinese families are installed")
    one, other = Typeface(families[0], ""), Typeface(families[-1], "")
    chosen = Layout(title=one, heading=one, subheading=one, body=other, page_number=other)
    pages = read_pages(render(write_manuscript(replace(summary(), remarks=()), chosen), tmp_path))
    lead = "（一）把学习抓在经常。"
    run_in = line(pages, lead)
    marked, plain = set(run_in.fonts[: len(lead)]), set(run_in.fonts[len(lead) :])
    assert len(marked) == len(plain) == 1
    assert marked != plain
    assert set(line(pages, "一、主要做法").fonts) == set(line(pages, "二、存在").fonts) == marked
    assert set(line(pages, "今年以来").fonts) == set(line(pages, "各位党员").fonts) == plain
    title = line(pages, "机关党支部")
    assert {font for char, font in zip(title.text, title.fonts, strict=True) if not char.isdigit()} == marked
    assert {font for char, font in zip(title.text, title.fonts, strict=True) if char.isdigit()}.isdisjoint(marked)
