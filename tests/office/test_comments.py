"""Comments in a Word file: at the very characters found, and nothing else of the document changed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from io import BytesIO
from itertools import takewhile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from bot.office import comments, summary_page
from bot.office.comments import AUTHOR, Annotated, UnmarkableDocument, annotate
from bot.office.proof import NOTICE, Proof, YearSource
from bot.office.summary_page import HEADING
from bot.office.word_text import read_word
from knowledge.checking.model import Category, Finding, Level
from knowledge.corpus.reader import read_bytes
from knowledge.corpus.readers.docx_body import CHECK_TAG
from knowledge.corpus.readers.errors import UnreadableDocument
from tests.knowledge.reader_fixtures import docx as word_file
from tests.knowledge.reader_fixtures import docx_parts, paragraph, run, table, zip_of
from tests.office.libreoffice import read_pages, render, requires_libreoffice

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=timezone(timedelta(hours=8)))
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def saved(document: Document) -> bytes:
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def finding(text: str, words: str, level: Level = Level.WRONG, right: str | None = None, nth: int = 0) -> Finding:
    start = -1
    for _ in range(nth + 1):
        start = text.index(words, start + 1)
    return Finding(start, start + len(words), "rule", level, Category.PHRASE, "写法有误", right, "某规定第一条")


def check(data: bytes, *words: str | Finding) -> Annotated:
    word = read_word(data)
    found = [entry if isinstance(entry, Finding) else finding(word.text, entry) for entry in words]
    proof = Proof("总结.docx", word.text, 2026, YearSource.TEXT, tuple(sorted(found, key=lambda entry: entry.start)))
    return annotate(data, word, proof, NOW)


def anchored(document: Document) -> list[str]:
    """Return the text between the marks of each comment, in the order of the comments."""
    found: list[str] = []
    for comment in document.comments:
        inside, text = False, ""
        for element in document.element.body.iter():
            mark = element.get(qn("w:id")) == str(comment.comment_id)
            if element.tag == qn("w:commentRangeStart") and mark:
                inside = True
            elif element.tag == qn("w:commentRangeEnd") and mark:
                inside = False
            elif inside and element.tag in {qn("w:t"), qn("m:t")}:
                text += element.text or ""
        references = document.element.body.findall(
            f".//{qn('w:commentReference')}[@{qn('w:id')}='{comment.comment_id}']"
        )
        assert len(references) == 1
        found.append(text)
    return found


def pages_of(document: Document) -> list[Any]:
    """Return the content controls with a summary page."""
    tag = f"{qn('w:sdtPr')}/{qn('w:tag')}[@{qn('w:val')}='{CHECK_TAG}']"
    return [control for control in document.element.body.iterchildren(qn("w:sdt")) if control.find(tag) is not None]


def page_text(document: Document) -> list[str]:
    (page,) = pages_of(document)
    return ["".join(p.itertext(qn("w:t"))) for p in page.iter(qn("w:p"))]


def characters(document: Document) -> list[tuple[str, ...]]:
    """Return every thing in every run with all that formats it and all that it stands in; the check's own left out."""
    body = document.element.body
    pages = pages_of(document)
    found: list[tuple[str, ...]] = []
    for run_ in body.iter(qn("w:r")):
        around = [*run_.iterancestors()]
        if any(page in around for page in pages):
            continue
        containers = "/".join(a.tag for a in takewhile(lambda a: a is not body, around))
        properties = run_.find(qn("w:rPr"))
        formatting = etree.tostring(properties).decode() if properties is not None else ""
        for element in run_:
            if element.tag in {qn("w:t"), qn("w:delText")}:
                found.extend((character, formatting, containers) for character in element.text or "")
            elif element.tag not in {qn("w:rPr"), qn("w:commentReference")}:
                found.append((etree.tostring(element).decode(), formatting, containers))
    return found


def paragraph_properties(document: Document) -> list[str]:
    inside = {element for page in pages_of(document) for element in page.iter()}
    kinds = (qn("w:pPr"), qn("w:sectPr"), qn("w:tblPr"), qn("w:sdtPr"))
    return [etree.tostring(e).decode() for e in document.element.body.iter(*kinds) if e not in inside]


def assert_unchanged(before: bytes, after: bytes) -> Document:
    old, new = docx.Document(BytesIO(before)), docx.Document(BytesIO(after))
    assert characters(new) == characters(old)
    assert paragraph_properties(new) == paragraph_properties(old)
    assert [p.text for p in new.paragraphs] == [p.text for p in old.paragraphs]
    return new


def formatted() -> bytes:
    """Return a document as an office writes it: runs cut anywhere, bold and coloured, a list, a table."""
    document = docx.Document()
    document.add_heading("2026年工作总结", 1)
    first = document.add_paragraph("按照学思想、强党性、")
    first.add_run("重实").bold = True
    italic = first.add_run("效、建新功的")
    italic.italic = True
    first.add_run("要求，抓好\t落实。")
    document.add_paragraph("开好三会一科", style="List Number")
    document.add_paragraph("讲好党课", style="List Number")
    cells = document.add_table(2, 2).rows[1].cells
    cells[0].text, cells[1].text = "主题党日", "XX次"
    document.add_paragraph("全年开展活动XX次。")
    return saved(document)


def test_comment_is_at_exactly_the_words_and_nothing_else_changes() -> None:
    data = formatted()
    text = read_word(data).text
    result = check(data, finding(text, "重实效", right="重实践"), "三会一科", finding(text, "XX次", Level.HINT, nth=1))
    document = assert_unchanged(data, result.data)
    assert anchored(document) == ["重实效", "三会一科", "XX次"]
    assert result.unmarked == ()
    comment = next(iter(document.comments))
    assert comment.text == "【必错】写法有误\n应为“重实践”\n依据：某规定第一条"
    assert (comment.author, comment.initials) == (AUTHOR, "笔")
    # Word's convention: the local time under the name of UTC.
    assert comment.timestamp is not None
    assert comment.timestamp.strftime("%Y-%m-%d %H:%M") == "2026-11-20 09:30"


def test_words_in_a_table_cell_are_marked_there() -> None:
    data = formatted()
    document = assert_unchanged(data, check(data, "XX次").data)
    assert anchored(document) == ["XX次"]
    mark = next(document.element.body.iter(qn("w:commentRangeStart")))
    assert any(ancestor.tag == qn("w:tc") for ancestor in mark.iterancestors())


def test_automatic_number_is_checked_and_marked_at_the_start_of_its_paragraph() -> None:
    data = formatted()
    text = read_word(data).text
    assert "\n1.开好三会一科\n2.讲好党课\n" in text
    document = assert_unchanged(data, check(data, finding(text, "2.", nth=0 if text.index("2.") > 5 else 1)).data)
    assert anchored(document) == ["讲"]
    assert "原文：“2.”" in next(iter(document.comments)).text


def test_number_and_words_together_are_marked_at_the_words() -> None:
    data = formatted()
    document = check(data, "2.讲好").data
    assert anchored(docx.Document(BytesIO(document))) == ["讲好"]


def test_findings_may_overlap_touch_and_cross_a_tab_and_a_paragraph() -> None:
    data = formatted()
    words = ("学思想、强", "强党性、重", "重实", "实效、建", "抓好\t落实", "落实。\n1.开好", "2026年工作总结\n按照")
    document = assert_unchanged(data, check(data, *words).data)
    expected = ["2026年工作总结按照", "学思想、强", "强党性、重", "重实", "实效、建", "抓好落实", "落实。开好"]
    assert anchored(document) == expected


def test_place_without_words_is_marked_at_the_character_there() -> None:
    data = formatted()
    text = read_word(data).text
    at = text.index("党性")
    end_of_line = text.index("\n")
    places = [Finding(p, p, "r", Level.DOUBTFUL, Category.NUMBERING, "缺一项") for p in (at, end_of_line, len(text))]
    document = assert_unchanged(data, check(data, *places).data)
    assert anchored(document) == ["结", "党", "。"]


def test_comments_that_were_there_stay() -> None:
    document = docx.Document()
    line = document.add_paragraph("开好三会一科，讲好党课。")
    document.add_comment(line.runs, "请核对", author="甲", initials="甲")
    data = saved(document)
    new = assert_unchanged(data, check(data, "三会一科").data)
    assert [(c.comment_id, c.author) for c in new.comments] == [(0, "甲"), (1, AUTHOR)]
    assert anchored(new) == ["开好三会一科，讲好党课。", "三会一科"]


def test_hyperlink_field_and_tracked_changes_keep_their_structure() -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>REF 三会一科 \\h</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("三会一科")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    body = (
        paragraph("见", f'<w:hyperlink w:anchor="a">{run("《三会一科制度》")}</w:hyperlink>', "。")
        + paragraph("又见", field, "。")
        + paragraph(f'<w:ins w:id="7" w:author="甲">{run("新增重实")}</w:ins>', "效", run("旧文", "<w:b/>"))
        + paragraph("留", '<w:del w:id="8" w:author="甲"><w:r><w:delText>删去</w:delText></w:r></w:del>', "下重实效")
        + paragraph(
            f'<w:fldSimple w:instr="DATE">{run("二〇二六年")}</w:fldSimple>',
            f"<w:smartTag>{run('重实效')}</w:smartTag>",
        )
    )
    data = word_file(body)
    text = read_word(data).text
    assert text.splitlines() == [
        "见《三会一科制度》。",
        "又见三会一科。",
        "新增重实效旧文",
        "留下重实效",
        "二〇二六年重实效",
    ]
    found = [finding(text, "三会一科", nth=n) for n in (0, 1)] + [finding(text, "重实效", nth=n) for n in (0, 1, 2)]
    document = assert_unchanged(data, check(data, *found, "留下", "〇二六年重").data)
    assert anchored(document) == ["三会一科", "三会一科", "重实效", "留下", "重实效", "〇二六年重", "重实效"]
    codes = [element.text for element in document.element.body.iter(qn("w:instrText"))]
    assert codes == ["REF 三会一科 \\h"]
    assert document.element.body.find(f".//{qn('w:del')}//{qn('w:delText')}").text == "删去"


def test_parts_of_a_run_keep_its_attributes() -> None:
    data = word_file(paragraph('<w:r w:rsidR="00AB12CD"><w:t>开好三会一科。</w:t></w:r>'))
    document = docx.Document(BytesIO(check(data, "三会一科").data))
    marks = [run_.get(qn("w:rsidR")) for run_ in document.paragraphs[0]._p.r_lst if run_.text]
    assert marks == ["00AB12CD"] * 3


def test_several_texts_in_one_run_are_cut_between_and_inside() -> None:
    mixed = "<w:r><w:rPr><w:b/></w:rPr><w:t>甲重实</w:t><w:t>效乙</w:t><w:br/><w:t>　丙重实效</w:t><w:tab/><w:t>丁</w:t></w:r>"
    data = word_file(paragraph(mixed, "戊"))
    text = read_word(data).text
    assert text == "甲重实效乙\n丙重实效\t丁戊"
    document = assert_unchanged(data, check(data, "重实效", finding(text, "重实效", nth=1), "乙", "丁戊", "丙").data)
    assert anchored(document) == ["重实效", "乙", "丙", "重实效", "丁戊"]


@pytest.mark.parametrize(
    ("inner", "container"),
    [
        (
            '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><wps:txbx><w:txbxContent>{}</w:txbxContent></wps:txbx>'
            "</mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>{}</w:txbxContent></v:textbox></w:pict>"
            "</mc:Fallback></mc:AlternateContent></w:r>",
            "w:r",
        ),
        ("<w:sdt><w:sdtPr/><w:sdtContent>{run}</w:sdtContent></w:sdt>", "w:sdt"),
        ("<m:oMath><m:r><m:t>重实效</m:t></m:r></m:oMath>", "m:oMath"),
        ("<w:r><w:ruby><w:rubyPr/><w:rt>{run}</w:rt><w:rubyBase>{run}</w:rubyBase></w:ruby></w:r>", "w:r"),
    ],
)
def test_where_word_allows_no_comment_it_is_put_around_and_quotes_the_words(inner: str, container: str) -> None:
    inner = inner.format(paragraph("框内重实效"), paragraph("框内重实效"), run=run("重实效"))
    data = word_file(paragraph("前文", inner, "后文"))
    result = check(data, "重实效")
    document = assert_unchanged(data, result.data)
    assert result.unmarked == ()
    start = next(document.element.body.iter(qn("w:commentRangeStart")))
    end = next(document.element.body.iter(qn("w:commentRangeEnd")))
    assert start.getnext() is end.getprevious()
    assert start.getnext().tag == qn(container)
    assert start.getparent().getparent() is document.element.body
    assert "原文：“重实效”" in next(iter(document.comments)).text


def test_words_in_a_footnote_are_found_and_stand_on_the_page_alone() -> None:
    parts = docx_parts(paragraph("正文。"))
    parts["word/footnotes.xml"] = (
        f'<w:footnotes {_W}><w:footnote w:id="1">{paragraph("注：重实效")}</w:footnote></w:footnotes>'.encode()
    )
    relation = f'<Relationship Id="f" Type="{RELATIONSHIP_TYPE.FOOTNOTES}" Target="footnotes.xml"/></Relationships>'
    name = "word/_rels/document.xml.rels"
    parts[name] = parts[name].replace(b"</Relationships>", relation.encode())
    data = zip_of(parts.items())
    assert read_word(data).text == "正文。\n注：重实效"
    result = check(data, "重实效", "正文")
    document = assert_unchanged(data, result.data)
    assert [entry.start for entry in result.unmarked] == [6]
    assert anchored(document) == ["正文"]
    assert any("无批注" in line for line in page_text(document))
    assert any("“重实效”" in line for line in page_text(document))


def test_hidden_words_and_the_contents_table_are_not_checked() -> None:
    contents = (
        '<w:sdt><w:sdtPr><w:docPartGallery w:val="Table of Contents"/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>'
    )
    body = contents.format(paragraph("重实效\t1")) + paragraph(run("藏着", "<w:vanish/>"), "重实效")
    data = word_file(body)
    assert read_word(data).text == "重实效"
    assert anchored(assert_unchanged(data, check(data, "重实效").data)) == ["重实效"]


def test_summary_page_counts_lists_and_says_that_it_is_no_part_of_the_text() -> None:
    data = formatted()
    text = read_word(data).text
    hint = finding(text, "XX次", Level.HINT)
    lines = page_text(docx.Document(BytesIO(check(data, hint, finding(text, "重实效", right="重实践")).data)))
    assert lines[1:5] == [
        HEADING,
        "本页由笔杆附在文后，不属于正文，定稿前请删除。",
        "总结.docx　按2026年检查（年份从文中识别）",
        "共2处：必错1处，疑似0处，提示1处。",
    ]
    assert lines[11:17] == ["1", "必错", "第2段", "“重实效”", "写法有误。应为“重实践”。", "某规定第一条"]
    assert lines[17:20] == ["2", "提示", "第5段"]
    assert lines[-1] == NOTICE


def test_summary_page_stands_on_a_page_of_its_own_before_the_section_ends() -> None:
    data = formatted()
    body = docx.Document(BytesIO(check(data, "重实效").data)).element.body
    assert body[-1].tag == qn("w:sectPr")
    assert body[-2].find(f".//{qn('w:pageBreakBefore')}") is not None
    assert body[-2].find(f"{qn('w:sdtPr')}/{qn('w:tag')}").get(qn("w:val")) == CHECK_TAG


@requires_libreoffice
def test_page_is_printed_last_and_the_pages_of_the_text_stay_as_they_were(tmp_path: Path) -> None:
    data = formatted()
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
    text = read_word(data).text
    checked = check(data, finding(text, "重实效", right="重实践"), "XX次").data
    before = read_pages(render(data, tmp_path / "before"))
    *pages, last = read_pages(render(checked, tmp_path / "after"))
    assert [page.lines for page in pages] == [page.lines for page in before]
    lines = [line.text for line in last.lines]
    assert lines[0] == HEADING
    assert "不属于正文" in lines[1]
    assert any("“重实效”" in line and "应为“重实践”" in line for line in lines)
    assert lines[-1] == NOTICE


def test_document_without_findings_says_so() -> None:
    data = formatted()
    document = assert_unchanged(data, check(data).data)
    assert "未发现问题。" in page_text(document)
    assert len(document.comments) == 0


def test_checked_document_is_read_without_its_summary_and_gets_a_new_one() -> None:
    data = formatted()
    once = check(data, "重实效", "三会一科").data
    assert read_word(once).text == read_word(data).text
    assert read_bytes(once, "总结.docx").text == read_bytes(data, "总结.docx").text
    twice = docx.Document(BytesIO(check(once, "三会一科").data))
    assert "共1处：必错1处，疑似0处，提示0处。" in page_text(twice)


def test_comments_and_rows_end_somewhere_and_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comments, "MOST_COMMENTS", 2)
    monkeypatch.setattr(summary_page, "MOST_ROWS", 3)
    data = word_file("".join(paragraph("开展活动XX次。") for _ in range(5)))
    text = read_word(data).text
    found = [finding(text, "XX次", Level.HINT, nth=n) for n in range(4)]
    result = check(data, *found, finding(text, "XX次", Level.WRONG, nth=4))
    document = assert_unchanged(data, result.data)
    assert [comment.text[:4] for comment in document.comments] == ["【必错】", "【提示】"]
    assert len(result.unmarked) == 3
    lines = page_text(document)
    assert "表中只列前3处，其余请看 bigan check 的文字结果。" in lines
    assert sum(line.startswith("第") and line.endswith("段（无批注）") for line in lines) == 1
    assert any(line.startswith("有3处没有批注") for line in lines)


def test_part_that_would_harm_python_docx_is_refused_before_it_opens_the_file() -> None:
    header_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
    data = formatted()
    word = read_word(data)
    proof = Proof("a.docx", word.text, 2026, YearSource.TEXT, ())
    hostile = (
        f'<!DOCTYPE h [<!ENTITY a "{"x" * 1000}">]><w:hdr {_W}><w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:hdr>',
        f"<w:hdr {_W}>{'<w:p/>' * 300_000}</w:hdr>",
        f"<w:hdr {_W}>{'<w:p>' * 5_000}{'</w:p>' * 5_000}</w:hdr>",
    )
    for header in hostile:
        parts = docx_parts(paragraph("正文"))
        listed = f'<Override PartName="/word/header1.xml" ContentType="{header_type}"/></Types>'.encode()
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", listed)
        parts["word/header1.xml"] = header.encode()
        with pytest.raises(UnreadableDocument):
            annotate(zip_of(parts.items()), word, proof, NOW)


def test_parts_that_python_docx_does_not_parse_are_left_alone() -> None:
    """A drawing has a document type and is nobody's harm: it is copied as it is."""
    picture = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd"><svg xmlns="http://www.w3.org/2000/svg"/>'
    parts = docx_parts(paragraph("开好三会一科"))
    parts["word/media/image1.svg"] = picture
    listed = b'<Default Extension="svg" ContentType="image/svg+xml"/></Types>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", listed)
    data = zip_of(parts.items())
    assert anchored(docx.Document(BytesIO(check(data, "三会一科").data))) == ["三会一科"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"document.main+xml", b"document.macroEnabled.main+xml"),
        (b'PartName="/word/document.xml"', b'PartName="/word/other.xml"'),
    ],
)
def test_kind_of_file_that_cannot_be_written_is_said_so(before: bytes, after: bytes) -> None:
    parts = docx_parts(paragraph("开好三会一科"))
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(before, after)
    with pytest.raises(UnmarkableDocument, match="另存为普通的docx"):
        check(zip_of(parts.items()), "三会一科")


_TEXTS = st.text(st.sampled_from("甲乙丙丁 \u3000\xa0\u200b，。“”<&\t"), max_size=6)
_FORMATS = st.sampled_from(["", "<w:b/>", '<w:i/><w:sz w:val="32"/>'])
_RUNS = st.builds(run, _TEXTS, _FORMATS)
_LINKS = st.builds(lambda inner: f'<w:hyperlink w:anchor="a">{inner}</w:hyperlink>', _RUNS)
_BREAKS = st.sampled_from(["<w:r><w:br/></w:r>", "<w:r><w:tab/></w:r>", "<w:r><w:noBreakHyphen/></w:r>"])
_PARAGRAPHS = st.builds(
    lambda content: paragraph(*content), st.lists(st.one_of(_RUNS, _RUNS, _LINKS, _BREAKS), min_size=1, max_size=6)
)
_ROWS = st.builds(lambda cells: table([cells]), st.lists(_PARAGRAPHS, min_size=1, max_size=3))


@given(st.lists(st.one_of(_PARAGRAPHS, _PARAGRAPHS, _ROWS), min_size=1, max_size=4), st.data())
def test_any_stretch_of_any_document_is_marked_and_the_document_keeps_its_text(
    body: list[str], choose: st.DataObject
) -> None:
    data = word_file("".join(body) + paragraph("末段"))
    text = read_word(data).text
    pairs = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    spans = choose.draw(st.lists(pairs, max_size=5, unique_by=tuple))
    result = check(data, *(Finding(s, e, "r", Level.HINT, Category.SLIP, "看一看") for s, e in spans))
    document = assert_unchanged(data, result.data)
    for entry in result.unmarked:
        line = text[text.rfind("\n", 0, entry.start) + 1 :].partition("\n")[0]
        assert not line.strip("-\t "), "only a line without a single character of a run cannot be marked"
    unmarked = [(entry.start, entry.end) for entry in result.unmarked]
    shown = sorted(span for span in map(tuple, spans) if span not in unmarked)
    for (start, end), words in zip(shown, anchored(document), strict=True):
        literal = "".join(text[start:end].split())
        if literal and "-" not in literal:
            assert "".join(words.replace("\u200b", "").split()) == literal.replace("\u200b", "")


@given(st.lists(st.one_of(_PARAGRAPHS, _PARAGRAPHS, _ROWS), min_size=1, max_size=4))
def test_text_that_is_checked_is_the_text_the_reader_gives(body: list[str]) -> None:
    data = word_file("".join(body) + paragraph("末段"))
    seen = [line.split() for line in read_word(data).text.split("\n")]
    assert seen == [line.split() for line in read_bytes(data, "a.docx").text.split("\n")]
