"""Any text makes a valid Word file: hostile characters, pasted lines, very long lines; and it is written quickly."""

import re
import time
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.office.manuscript import write_manuscript
from handlers.manuscript import Manuscript, ManuscriptParagraph, ParagraphKind
from tests.office.manuscripts import of, opened, paragraph, style_of, summary


def test_pasted_lines_become_paragraphs_without_their_typed_indents() -> None:
    kind = ParagraphKind
    document = opened(
        of(
            paragraph(kind.HEADING_2, "（一）抓学习。", "第一行\r\n　　第二行\u2028\n第三行"),
            paragraph(kind.HEADING_1, "一、\n", "只有正文"),
            paragraph(kind.BODY, "　　缩进的正文 "),
            paragraph(kind.HEADING_3, " ", "没有序号的正文"),
        )
    )
    assert [(entry.text, style_of(entry).name) for entry in document.paragraphs] == [
        ("（一）抓学习。第一行", "公文正文"),
        ("第二行", "公文正文"),
        ("第三行", "公文正文"),
        ("一、只有正文", "公文正文"),
        ("缩进的正文", "公文正文"),
        ("没有序号的正文", "公文正文"),
    ]


HOSTILE = (
    "\x00\x01\x08\x0b\x0c\x1f\x7f\x85\ud800\udfff\ufffe\uffff\u2028\u202e\U0001ffff\U0010ffff"
    "\r\n\t 　【】<&>]\"'“”—😀👨‍👩‍👧"
)
# A list of characters: as the alphabet of one text, the few hostile ones would drown among all the others.
texts = st.lists(
    st.one_of(st.sampled_from(HOSTILE), st.characters(), st.sampled_from("党建工作一、（一）1.X次")), max_size=30
).map("".join)
manuscripts = st.builds(
    Manuscript,
    texts,
    st.lists(st.builds(ManuscriptParagraph, st.sampled_from(ParagraphKind), texts, texts), max_size=8).map(tuple),
    *[st.lists(texts, max_size=3).map(tuple)] * 3,
)

# Characters XML 1.0 has, without the C1 controls, which nobody can see.
LEGAL = re.compile("[\t -~\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
UNWRITABLE = re.compile("[^\t\r\n -~\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def visible(text: str) -> str:
    """What must survive of a text: what XML has, apart from white space, of which only lines are made."""
    return "".join(char for char in text if LEGAL.match(char) and not char.isspace())


@settings(deadline=None)
@given(manuscripts)
def test_any_manuscript_opens_again_with_the_same_text_in_the_same_order(manuscript: Manuscript) -> None:
    file = write_manuscript(manuscript)
    with ZipFile(BytesIO(file)) as archive:
        assert not UNWRITABLE.search("".join(archive.read(name).decode() for name in archive.namelist()))
    document = docx.Document(BytesIO(file))
    written = [*document.paragraphs]
    starts = [n for n, entry in enumerate(written) if style_of(entry).name == "附页标题"]
    body = written[: starts[0]] if starts else written
    expected = visible("".join(entry.lead + entry.text for entry in manuscript.paragraphs))
    assert visible("".join(entry.text for entry in body)) == expected
    lists = [entry.text for entry in written[len(body) :]]
    cells = [row.cells[1].text for table in document.tables for row in table.rows][1:]
    assert [visible(cell) for cell in cells] == [text for text in map(visible, manuscript.blanks) if text]
    for entries in (manuscript.remarks, manuscript.sources):
        shown = [visible(text) for text in entries if visible(text)]
        numbered = [f"{n}.{text}" for n, text in enumerate(shown, 1)]
        assert "\n".join(numbered) in "\n".join(visible(text) for text in lists)


@settings(deadline=None)
@given(manuscripts)
def test_any_manuscript_gives_the_same_bytes_twice(manuscript: Manuscript) -> None:
    assert write_manuscript(manuscript) == write_manuscript(manuscript)


def test_200_paragraphs_are_written_within_300_milliseconds() -> None:
    body = summary().paragraphs[1:] * 15
    manuscript = replace(summary(), paragraphs=body[:200], blanks=summary().blanks * 20)
    took = []
    for _ in range(3):
        start = time.perf_counter()
        write_manuscript(manuscript)
        took.append(time.perf_counter() - start)
    assert min(took) <= 0.3


@pytest.mark.parametrize("text", ["【" * 200_000, "【X" * 100_000, "党" * 300_000], ids=["opening", "unclosed", "long"])
def test_a_very_long_line_is_written_at_once(text: str) -> None:
    start = time.perf_counter()
    document = opened(of(paragraph(ParagraphKind.BODY, "", text)))
    assert time.perf_counter() - start <= 2
    assert document.paragraphs[0].text == text
