"""The last page of an exported draft: its lists, and that it comes off without a trace."""

from bot.office import appendix
from bot.office.manuscript import write_manuscript
from handlers.manuscript import ParagraphKind
from tests.office.manuscripts import WORD, of, opened, paragraph, parts, style_of, summary


def test_last_page_holds_the_lists_and_says_it_is_no_part_of_the_document() -> None:
    manuscript = summary()
    document = opened(manuscript)
    texts = [entry.text for entry in document.paragraphs]
    start = texts.index(appendix.TITLE)
    assert texts[start - 1] == "以上总结，请各位党员批评指正。"
    assert style_of(document.paragraphs[start]).paragraph_format.page_break_before
    assert "不属于正文" in texts[start + 1]
    assert "定稿前请删除" in texts[start + 1]
    assert texts[start + 2 :] == [
        "需要留意",
        "1.\t全文有六成文字与语料相同，请结合实际改写。",
        "数据清单",
        "出处",
        "1.\t某局党组2023年党建工作总结·一（三）",
        "2.\t某机关党支部2023年支部工作总结·二（一）",
    ]
    (table,) = document.tables
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[0] == ["序号", "要填的内容", "填写"]
    assert rows[1:] == [[str(n), blank, ""] for n, blank in enumerate(manuscript.blanks, 1)]
    previous = table._tbl.getprevious()
    assert previous is not None
    assert [entry.text for entry in previous.iter(f"{WORD}t")] == ["数据清单"]


def test_last_page_is_left_out_when_there_is_nothing_to_list() -> None:
    document = opened(of(paragraph(ParagraphKind.BODY, "正文。"), blanks=(" ", "\x00"), sources=("",)))
    assert [entry.text for entry in document.paragraphs] == ["正文。"]
    assert not document.tables


def test_document_does_not_end_with_a_table() -> None:
    body = parts(write_manuscript(of(blanks=("党费【X元】",))))["word/document.xml"][0]
    assert [child.tag for child in body][-3:] == [f"{WORD}tbl", f"{WORD}p", f"{WORD}sectPr"]


def test_deleting_the_last_page_leaves_the_page_numbers() -> None:
    document = parts(write_manuscript(summary()))["word/document.xml"]
    assert len(document.findall(f".//{WORD}sectPr")) == 1
