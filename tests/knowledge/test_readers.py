from __future__ import annotations

import hashlib
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from knowledge.corpus.reader import Document, Reason, UnreadableDocument, read, read_bytes
from knowledge.corpus.readers.numerals import numeral
from tests.knowledge.reader_fixtures import (
    SENTENCES,
    W,
    docx,
    docx_parts,
    level,
    numbering,
    ole,
    paragraph,
    pdf,
    run,
    style,
    styles,
    table,
    wrap,
    zip_of,
)

REPORT = "某局机关党委2024年工作总结\n" + "\n".join(SENTENCES)


def lines_of(data: bytes, name: str = "报告.docx") -> list[str]:
    return read_bytes(data, name).text.split("\n")


def refusal(data: bytes, name: str = "报告.txt") -> UnreadableDocument:
    with pytest.raises(UnreadableDocument) as caught:
        read_bytes(data, name)
    return caught.value


# Plain text


@pytest.mark.parametrize(
    ("codec", "mark", "encoding"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8-sig"),
        ("utf-16-le", b"\xff\xfe", "utf-16"),
        ("utf-16-be", b"\xfe\xff", "utf-16"),
        ("utf-16-le", b"", "utf-16"),
        ("utf-16-be", b"", "utf-16"),
        ("gbk", b"", "gb18030"),
        ("gb18030", b"", "gb18030"),
    ],
)
def test_every_encoding_gives_the_same_text(codec: str, mark: bytes, encoding: str) -> None:
    data = mark + REPORT.encode(codec)
    document = read_bytes(data, "总结.txt")
    assert (document.text, document.encoding, document.format) == (REPORT, encoding, "txt")
    assert document.sha256 == hashlib.sha256(data).hexdigest()
    assert document.name == "总结"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\x0b", "\u2028", "\x85", "\n\n  \n"])
def test_every_line_end_separates_paragraphs(end: str) -> None:
    assert lines_of(REPORT.replace("\n", end).encode(), "a.txt") == REPORT.split("\n")


def test_nul_bytes_and_control_characters_vanish() -> None:
    assert read_bytes(("\x00" + REPORT + "\x00\x00\x07\x1a").encode(), "a.txt").text == REPORT


def test_english_in_utf16_without_mark_is_not_mistaken_for_bytes() -> None:
    assert read_bytes("Bush hid the facts\nplain words".encode("utf-16-le"), "a.txt").encoding == "utf-16"
    assert read_bytes(b"Bush hid the facts", "a.txt").encoding == "utf-8"


@pytest.mark.parametrize("text", ["これは日本の文章です。カタカナ", "Élève très appliqué, où est-elle passée ?"])
def test_misread_encodings_are_refused_rather_than_guessed(text: str) -> None:
    codec = "shift_jis" if "は" in text else "latin-1"
    assert refusal(text.encode(codec)).reason is Reason.ENCODING
    assert refusal("黨的建設工作總結，今年以來在上級領導下".encode("big5")).reason is Reason.ENCODING


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_text_cut_inside_its_last_character_is_truncated(codec: str) -> None:
    assert refusal(REPORT[:-1].encode(codec)[:-1]).reason is Reason.TRUNCATED


def test_one_broken_character_is_marked_and_remarked() -> None:
    data = (REPORT * 3).encode().replace("支部".encode(), b"\xe6\x94", 1)
    document = read_bytes(data, "a.txt")
    assert "\ufffd" in document.text
    assert any("乱码" in remark for remark in document.remarks)


@pytest.mark.parametrize("indent", ["　　", "    ", ""])
def test_lines_cut_at_a_fixed_width_become_paragraphs(indent: str) -> None:
    long = [SENTENCES[0] + SENTENCES[1], SENTENCES[1] + SENTENCES[2] + SENTENCES[0]]
    paragraphs = [long[0], "一、工作情况", long[1], "（一）学习情况", long[0]]
    document = read_bytes(wrap(paragraphs, 31, indent).encode(), "a.txt")
    assert document.text.split("\n") == paragraphs
    assert any("折行" in remark for remark in document.remarks)


def test_short_lines_that_are_paragraphs_stay_apart() -> None:
    rows = ["某局工作总结", "一、学习情况", "二、组织建设", "三、作风建设", *SENTENCES]
    assert lines_of("\n".join(rows).encode(), "a.txt") == rows


def test_lines_broken_where_no_line_can_break_are_joined() -> None:
    rows = [
        "关于印发《机关党建",
        "工作要点》的通知",
        SENTENCES[0],
        "（",
        "三）抓实组织生活",
        "坚持首问负责",
        "，做到件件有回音。",
    ]
    expected = [
        "关于印发《机关党建工作要点》的通知",
        SENTENCES[0],
        "（三）抓实组织生活",
        "坚持首问负责，做到件件有回音。",
    ]
    assert lines_of("\n".join(rows).encode(), "a.txt") == expected


def test_page_numbers_go_and_box_numbers_stay() -> None:
    rows = [SENTENCES[0], "— 1 —", SENTENCES[1], "专栏", "1", SENTENCES[2], "第 2 页 共 3 页"]
    assert lines_of("\n".join(rows).encode(), "a.txt") == [*SENTENCES[:2], "专栏1", SENTENCES[2]]


def test_buttons_around_a_saved_page_go_and_its_date_and_source_stay() -> None:
    head = [
        "您的位置:",
        "首页",
        ">",
        "要闻",
        "【字号：",
        "大",
        "中",
        "小",
        "】",
        "打印本页",
        "工作总结",
        "来源：",
        "机关党建网",
        "2024-12-20",
    ]
    tail = ["责任编辑：", "某某", "分享到:", "相关链接", "另一篇文章的题目"]
    body = ["各位代表：", *SENTENCES, "下载", SENTENCES[0]]
    expected = ["工作总结", "来源：机关党建网", "2024-12-20", *body]
    assert lines_of("\n".join([*head, *body, *tail]).encode(), "a.txt") == expected


def test_notes_of_archiving_tools_are_left_out() -> None:
    assert (
        read_bytes(("# 存档\n- source_url: https://x.example/1\n- title: 总结\n---\n" + REPORT).encode(), "a.txt").text
        == REPORT
    )
    assert (
        read_bytes(("标题：总结\nURL：https://x.example/1\n抓取时间：2024-01-01\n\n" + REPORT).encode(), "a.txt").text
        == REPORT
    )


# Markdown


def test_markdown_loses_its_markup_and_keeps_headings_lists_and_masks() -> None:
    source = (
        '---\ntitle: x\n---\n# 2024年工作**总结**\n\n> 引自[文件](https://x.example/a "t")，见`附录`\n\n小标题\n---\n\n'
        "**一、抓学习，强信念。**今年以来_三会一课_落实。\n\n- 第一项\n- [x] 第二项\n1. 步骤一\n\n| 项目 | 次数 |\n|---|---:|\n| 党课 | 4 |\n\n"
        "<!-- 草稿 -->在*、*、*等改革中，某**局党组研究，某**委配合。202_年&amp;<br>下一行![图](a.png)\n"
    )
    document = read_bytes(source.encode(), "a.md")
    assert document.text.split("\n") == [
        *("2024年工作总结", "引自文件，见附录", "小标题", "一、抓学习，强信念。今年以来_三会一课_落实。"),
        *("第一项", "第二项", "1.步骤一", "项目\t次数", "党课\t4"),
        *("在*、*、*等改革中，某**局党组研究，某**委配合。202_年&", "下一行"),
    ]
    assert [(document.text[hint.start : hint.end], hint.level) for hint in document.hints] == [
        ("2024年工作总结", 1),
        ("小标题", 2),
    ]
    assert (document.format, document.title) == ("md", "2024年工作总结")


# Web pages

PAGE = f"""<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">
<title>某局召开年度总结会_某市政府网</title><style>.a{{}}</style><script>var a = "脚本里的话，不是正文。"</script></head><body>
<div class="nav"><a href="/">首页</a><a href="/b">政务公开</a></div>
<div class="header">某市政府门户网站</div><div class="crumbs">当前位置：首页 &gt; 要闻</div>
<h1 class="title">某局召开年度总结会</h1><div class="info">发布时间：2024-12-20 来源：办公室 浏览次数：12次</div>
<div class="share">分享到：<a>微信</a></div>
<div id="article"><p>　　{SENTENCES[0]}</p><p style="text-indent:2em"><b>一、</b><span>主要
    做法</span></p><h2>（一）抓学习</h2><p>{SENTENCES[1]}<br>{SENTENCES[2]}</p>
<table><tr><td>党课</td><td>4次</td></tr></table><ol start="2"><li>补充学习</li></ol>
<p style="display: none">隐藏的句子，看不见。</p><p>上一篇：<a href="1">旧闻</a></p><p>【打印】【关闭】</p></div>
<div class="related"><a href="2">又一条新闻标题很长很长</a></div><footer>版权所有：某市人民政府 京ICP备00000000号</footer></body></html>"""


@pytest.mark.parametrize("codec", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_a_web_page_gives_headline_date_and_main_text_alone(codec: str) -> None:
    document = read_bytes(PAGE.encode(codec), "页面.shtml")
    assert document.text.split("\n") == [
        *("某局召开年度总结会", "发布时间：2024-12-20 来源：办公室 浏览次数：12次", SENTENCES[0], "一、主要做法"),
        *("（一）抓学习", SENTENCES[1], SENTENCES[2], "党课\t4次", "2.补充学习"),
    ]
    assert [document.text[hint.start : hint.end] for hint in document.hints] == ["某局召开年度总结会", "（一）抓学习"]
    assert (document.format, document.title) == ("html", "某局召开年度总结会")


def test_an_introduction_outside_the_main_element_is_kept() -> None:
    body = "".join(f"<h2>{month}月</h2><p>{SENTENCES[month % 3]}</p>" for month in range(1, 13))
    lead = SENTENCES[0] + SENTENCES[2]
    page = f"<html><body><div><a>按钮</a></div><div><p>{lead}</p></div><div class='box'>{body}</div></body></html>"
    assert lines_of(page.encode(), "a.html")[:3] == [lead, "1月", SENTENCES[1]]


def test_a_link_left_open_does_not_swallow_the_page() -> None:
    body = "".join(f"<h2>{month}月</h2><div>{SENTENCES[month % 3]}</div>" for month in range(1, 5))
    page = f"<html><body><a href='x'>制作节目{body}</body></html>"
    assert lines_of(page.encode(), "a.html")[:2] == ["1月", SENTENCES[1]]


def test_server_pages_lose_their_code_and_keep_words_in_variables() -> None:
    page = (
        '<%@ page language="java" %><%-- <p>注释，不要。</p> --%><html><body><%String a = "代码，不要";%>{{-- 注释，不要。 --}}\n'
        f'@section(\'x\')\n<<c:set var="content" value="{SENTENCES[0]}<br/>{SENTENCES[1]}"/>'
        f'<c:set var="imgPath" value="图片说明，不要。"/><p>{{{{ $title }}}}{SENTENCES[2]}</p></body></html>'
    )
    assert lines_of(page.encode(), "a.jsp") == list(SENTENCES)


def test_a_page_of_links_has_no_text() -> None:
    page = (
        "<html><body>"
        + "".join(f'<li><a href="{n}">关于开展第{n}项工作的通知</a></li>' for n in range(30))
        + "</body></html>"
    )
    assert refusal(page.encode(), "a.html").reason is Reason.NO_MAIN_TEXT


# Word documents


def test_numbering_labels_are_restored_as_word_shows_them() -> None:
    chinese = (
        level(0, "chineseCountingThousand", "%1、") + level(1, "chineseCounting", "（%2）") + level(2, "decimal", "%3.")
    )
    legal = level(0, "japaneseCounting", "第%1条") + level(1, "decimal", "%1.%2", "<w:isLgl/>")
    overridden = f'<w:lvlOverride w:ilvl="0">{level(0, "ideographTraditional", "%1、", start=3)}</w:lvlOverride>'
    restarted = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    lists = numbering(
        {"0": chinese, "1": legal, "2": level(0, "bullet", "\uf0b7") + level(1, "decimalEnclosedCircle", "%2")},
        {"1": "0", "2": f"0|{restarted}", "3": "1", "4": f"1|{overridden}", "5": "2"},
    )
    places = [
        ("1", 0),
        ("1", 1),
        ("1", 1),
        ("1", 2),
        ("1", 1),
        ("1", 2),
        ("1", 0),
        ("1", 1),
        ("2", 0),
        ("2", 0),
        ("1", 0),
    ]
    places += [("3", 0), ("3", 1), ("3", 0), ("3", 1), ("4", 0), ("5", 0), ("5", 1), ("5", 1), ("0", 0), ("9", 0)]
    body = "".join(paragraph("甲", number=place) for place in places)
    labels = ["一、", "（一）", "（二）", "1.", "（三）", "1.", "二、", "（一）", "一、", "二、", "三、"]
    labels += ["第一条 ", "1.1 ", "第二条 ", "2.1 ", "丙、", "", "①", "②", "", ""]
    assert lines_of(docx(body, numbering_xml=lists)) == [label + "甲" for label in labels]


def test_numbering_and_headings_come_through_styles() -> None:
    lists = numbering(
        {
            "0": level(0, "chineseCounting", "%1、", '<w:pStyle w:val="H1"/>')
            + level(1, "decimal", "%2．", '<w:pStyle w:val="H2"/>'),
            "1": '<w:numStyleLink w:val="L"/>',
            "2": '<w:styleLink w:val="L"/>' + level(0, "upperLetter", "%1."),
        },
        {"1": "0", "2": "1", "3": "2"},
    )
    sheet = styles(
        style("H1", "heading 1", '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr><w:outlineLvl w:val="0"/></w:pPr>'),
        style("H2", "自定义", '<w:pPr><w:outlineLvl w:val="1"/></w:pPr>', based_on="H1"),
        style("T", "Title"),
        style("C", "toc 1"),
        style("L", "列表", '<w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr>', kind="numbering"),
    )
    body = (
        paragraph("年度工作总结", style="T")
        + paragraph("一、目录里的行\t1", style="C")
        + paragraph("总体情况", style="H1")
        + paragraph("学习", style="H2")
        + paragraph("另一节", outline=2)
        + paragraph("不编号", style="H1", number=("0", 0))
        + paragraph("条目", number=("2", 0))
        + paragraph("正文", outline=9)
    )
    document = read_bytes(docx(body, numbering_xml=lists, styles_xml=sheet), "a.docx")
    assert document.text.split("\n") == [
        "年度工作总结",
        "一、总体情况",
        "1．学习",
        "另一节",
        "不编号",
        "A.条目",
        "正文",
    ]
    assert [(document.text[h.start : h.end], h.level) for h in document.hints] == [
        ("一、总体情况", 1),
        ("1．学习", 2),
        ("另一节", 3),
        ("不编号", 1),
    ]
    assert document.title == "年度工作总结"


def test_changes_are_accepted_and_what_is_not_shown_is_left_out() -> None:
    code = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    field = (
        code.format("begin")
        + "<w:r><w:instrText>PAGE</w:instrText></w:r>"
        + run("代码")
        + code.format("separate")
        + run("3")
        + code.format("end")
    )
    box = "<w:txbxContent>" + paragraph("文本框") + "</w:txbxContent>"
    body = (
        paragraph(
            '<w:ins w:id="1">' + run("新增") + "</w:ins>",
            '<w:del w:id="2"><w:r><w:delText>删去</w:delText></w:r></w:del>',
            run("保留"),
        )
        + paragraph("段落标记", mark="<w:del/>")
        + paragraph("已删")
        + paragraph("小标题。", mark="<w:vanish/><w:specVanish/>")
        + paragraph("接排正文")
        + paragraph("可见", run("隐藏", "<w:vanish/>"), run("不隐藏", '<w:vanish w:val="0"/>'))
        + paragraph(
            '<w:hyperlink w:anchor="a">' + run("链接") + "</w:hyperlink>",
            "<w:smartTag>" + run("标签") + "</w:smartTag>",
            field,
        )
        + paragraph("<w:r><w:t>上</w:t><w:br/><w:t>下</w:t><w:cr/><w:t>左</w:t><w:tab/><w:t>右</w:t></w:r>")
        + paragraph(
            f"<w:r><mc:AlternateContent><mc:Choice><wps:txbx>{box}</wps:txbx></mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>",
            "锚",
        )
        + '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr><w:sdtContent>'
        + paragraph("目录")
        + "</w:sdtContent></w:sdt><w:sdt><w:sdtPr/><w:sdtContent>"
        + paragraph(
            "控件",
            "<w:r><w:ruby><w:rt>" + run("pin") + "</w:rt><w:rubyBase>" + run("拼") + "</w:rubyBase></w:ruby></w:r>",
        )
        + "</w:sdtContent></w:sdt>"
    )
    expected = [
        "新增保留",
        "段落标记已删",
        "小标题。接排正文",
        "可见不隐藏",
        "链接标签3",
        "上",
        "下",
        "左\t右",
        "锚",
        "文本框",
        "控件拼",
    ]
    assert lines_of(docx(body)) == expected


def test_tables_become_rows_and_forms_keep_their_paragraphs() -> None:
    long_cell = paragraph(SENTENCES[0]) + paragraph(SENTENCES[1]) + paragraph(SENTENCES[2])
    body = (
        table([["项目", "次数", ""], ["党课", paragraph("4") + paragraph("次"), "完成"]])
        + table([["述职", long_cell]])
        + table([["单格"]])
    )
    deleted = table([["甲", "乙"]]).replace("<w:tr>", "<w:tr><w:trPr><w:del/></w:trPr>")
    assert lines_of(docx(body + deleted)) == ["项目\t次数", "党课\t4 次\t完成", "述职", *SENTENCES, "单格"]


def test_a_title_in_the_properties_counts_only_when_the_text_bears_it_out() -> None:
    body = paragraph("年度工作总结") + paragraph(SENTENCES[0])
    assert read_bytes(docx(body, title="年度工作总结"), "a.docx").title == "年度工作总结"
    assert read_bytes(docx(body, title="模板标题"), "a.docx").title is None


def test_strict_documents_and_other_part_names_are_read() -> None:
    parts = docx_parts(paragraph("正文"))
    strict = parts.pop("word/document.xml").replace(W.encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main")
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"word/document.xml", b"/word/document2.xml")
    assert lines_of(zip_of([*parts.items(), ("word/document2.xml", strict)])) == ["正文"]


@pytest.mark.parametrize(
    ("number_format", "value", "expected"),
    [
        *(("chineseCounting", 10, "十"), ("chineseCountingThousand", 12, "十二"), ("chineseCounting", 20, "二十")),
        *(
            ("chineseCounting", 105, "一百零五"),
            ("chineseCounting", 1010, "一千零一十"),
            ("chineseCounting", 99_999, "99999"),
        ),
        *(
            ("ideographDigital", 10, "一〇"),
            ("chineseLegalSimplified", 11, "壹拾壹"),
            ("ideographTraditional", 10, "癸"),
        ),
        *(
            ("ideographTraditional", 11, "11"),
            ("ideographZodiac", 12, "亥"),
            ("ideographZodiacTraditional", 11, "甲戌"),
        ),
        *(("decimalFullWidth", 12, "\uff11\uff12"), ("decimalEnclosedCircle", 21, "㉑"), ("decimalZero", 3, "03")),
        *(("lowerLetter", 27, "aa"), ("upperRoman", 14, "XIV"), ("unknown", 7, "7"), ("chineseCounting", 0, "0")),
    ],
)
def test_numbers_are_written_in_every_format(number_format: str, value: int, expected: str) -> None:
    assert numeral(value, number_format) == expected


# PDF


def printed(number: int, *body: tuple[float, float, float, str]) -> list[tuple[float, float, float, str]]:
    return [(220, 790, 10, "机关党委材料汇编"), *body, (280, 40, 14, f"— {number} —")]


def test_printed_lines_become_paragraphs_without_page_numbers_and_running_heads() -> None:
    text = SENTENCES[0] + SENTENCES[1]
    rows = [text[:26], text[26:54], text[54:82], text[82:]]
    first = [(149.0, 720.0, 22.0, "年度工作总结"), (104.0, 660.0, 16.0, rows[0]), (72.0, 632.0, 16.0, rows[1])]
    second = [(72.0, 720.0, 16.0, rows[2]), (72.0, 692.0, 16.0, rows[3]), (104.0, 664.0, 16.0, "一、学习情况")]
    cells = [(104.0, 600.0, 12.0, "党课"), (300.0, 600.0, 12.0, "4次")]
    third = [*cells, (104.0, 560.0, 16.0, SENTENCES[2][:26]), (72.0, 532.0, 16.0, SENTENCES[2][26:])]
    document = read_bytes(pdf([printed(1, *first), printed(2, *second), printed(3, *third)]), "a.pdf")
    assert document.text.split("\n") == ["年度工作总结", text, "一、学习情况", "党课\t4次", SENTENCES[2]]
    assert (document.format, document.encoding) == ("pdf", "")


def test_pdfs_without_readable_text_say_why() -> None:
    assert refusal(pdf([[]])).reason is Reason.SCANNED
    assert refusal(pdf([printed(1)], encrypt=True)).reason is Reason.ENCRYPTED
    assert refusal(pdf([printed(1)])[:700]).reason is Reason.DAMAGED
    assert refusal(b"%PDF-1.4 nothing more").reason is Reason.DAMAGED


# Faults of any file


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"\xef\xbb\xbf \r\n\t", Reason.EMPTY),
        (docx(""), Reason.NO_TEXT),
        (docx(paragraph("正文"))[:-30], Reason.TRUNCATED),
        (docx(paragraph("正文" * 500))[:900], Reason.TRUNCATED),
        (zip_of([("word/document.xml", b"<w:document")]), Reason.DAMAGED),
        (zip_of([("a/b.txt", b"x")]), Reason.ARCHIVE),
        (zip_of([("xl/workbook.xml", b"x")]), Reason.SPREADSHEET),
        (zip_of([("ppt/presentation.xml", b"x")]), Reason.SLIDES),
        (zip_of([("OFD.xml", b"x")]), Reason.FIXED_LAYOUT),
        (zip_of([("META-INF/manifest.xml", b"x")]), Reason.OPEN_DOCUMENT),
        (ole("WordDocument"), Reason.OLD_WORD),
        (ole("Workbook"), Reason.SPREADSHEET),
        (ole("PowerPoint Document"), Reason.SLIDES),
        (ole("EncryptionInfo", "EncryptedPackage"), Reason.ENCRYPTED),
        (b"{\\rtf1\\ansi", Reason.RTF),
        (b"\x89PNG\r\n\x1a\n....", Reason.IMAGE),
        (b"\xff\xd8\xff\xe0....", Reason.IMAGE),
        (b"\x00\x00\x00\x18ftypheic", Reason.IMAGE),
        (b"Rar!\x1a\x07\x00", Reason.ARCHIVE),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n<html>", Reason.MAIL),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:x/>', Reason.WORD_XML),
        (b'<?xml version="1.0"?><feed><a/></feed>', Reason.XML),
        (bytes(range(1, 32)) * 40, Reason.BINARY),
    ],
)
def test_every_other_file_is_refused_in_words_a_user_understands(data: bytes, reason: Reason) -> None:
    error = refusal(data, "文件.doc")
    assert error.reason is reason
    assert "。" in str(error)
    if reason in {Reason.OLD_WORD, Reason.RTF, Reason.SPREADSHEET, Reason.IMAGE, Reason.SLIDES, Reason.ARCHIVE}:
        assert "另存为docx" in str(error)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_sentence(reason: Reason) -> None:
    message = str(UnreadableDocument(reason, "1 MB"))
    assert message.endswith("。")
    assert "{" not in message


@pytest.mark.parametrize(
    ("data", "name", "format_"),
    [
        (docx(paragraph("正文")), "a.txt", "docx"),
        (PAGE.encode(), "a.doc", "html"),
        (PAGE.encode(), "a.txt", "html"),
        (docx(paragraph("正文")), "a.pdf", "docx"),
        (REPORT.encode(), "a.html", "txt"),
        (pdf([printed(1, (72, 600, 16, SENTENCES[0][:26]))]), "a.docx", "pdf"),
    ],
)
def test_a_wrong_extension_is_read_by_content_and_remarked(data: bytes, name: str, format_: str) -> None:
    document = read_bytes(data, name)
    assert document.format == format_
    assert any(Path(name).suffix in remark for remark in document.remarks)
    assert not any("扩展名" in remark for remark in read_bytes(data, f"a.{format_}").remarks)


def test_read_refuses_what_is_no_readable_file(tmp_path: Path) -> None:
    path = tmp_path / "总结.txt"
    path.write_text(REPORT, encoding="utf-8")
    assert read(path).text == REPORT
    cases = {tmp_path / "没有.txt": Reason.MISSING, tmp_path: Reason.NOT_A_FILE, tmp_path / "a\0b": Reason.READ_FAILED}
    cases[tmp_path / "~$总结.docx"] = Reason.LOCK_FILE
    (tmp_path / "~$总结.docx").write_bytes(b"\x05user")
    for wrong, reason in cases.items():
        with pytest.raises(UnreadableDocument) as caught:
            read(wrong)
        assert caught.value.reason is reason


def test_the_name_is_a_stem_without_folders() -> None:
    assert read_bytes(REPORT.encode(), "..\\..\\etc/年报.2024.txt").name == "年报.2024"
    assert read_bytes(REPORT.encode(), "\udcff\x00年报.txt").name == "\ufffd年报"


def test_plain_text_loads_no_parser() -> None:
    code = (
        "import sys; from knowledge.corpus.reader import read_bytes; read_bytes('今年以来。'.encode(), 'a.txt');"
        "sys.exit(any(name in sys.modules for name in ('lxml', 'pypdfium2', 'zipfile', 'pyexpat', 'subprocess')))"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


# Hostile input

_MARKUP = [
    "<p>",
    "</p>",
    "<div class=nav>",
    "<table><tr><td>",
    "</td>",
    "<h1>",
    "<ol><li>",
    "<!--",
    "-->",
    "<%",
    "%>",
    "&#xD800;",
    "&nbsp;",
]
_XML = [
    *(
        "<w:p>",
        "</w:p>",
        "<w:r>",
        "</w:r>",
        "<w:t>",
        "</w:t>",
        "<w:tbl>",
        "</w:tbl>",
        "<w:tr>",
        "</w:tr>",
        "<w:tc>",
        "</w:tc>",
    )
]
_XML += [
    "<w:pPr>",
    "</w:pPr>",
    '<w:numPr><w:ilvl w:val="²"/><w:numId w:val="1"/></w:numPr>',
    "<w:rPr><w:del/></w:rPr>",
    "&#1;",
]
_XML += [
    "<w:sdt>",
    "</w:sdt>",
    "<w:txbxContent>",
    "</w:txbxContent>",
    '<w:fldChar w:fldCharType="begin"/>',
    "<w:vanish/>",
]
_WORDS = ["今年以来，", "支部。", "\n", "# ", "**", "一、", "\x00", "\udfff", "\u2028", "*", "|", "---\n", "第一条"]
_SUFFIXES = st.sampled_from([".txt", ".md", ".html", ".jsp", ".docx", ".doc", "", ".\udcff"])
_PIECES = st.lists(st.sampled_from(_MARKUP + _WORDS) | st.text(max_size=8), max_size=40).map("".join)


def read_or_refuse(data: bytes, name: str) -> Document | None:
    try:
        document = read_bytes(data, name)
    except UnreadableDocument:
        return None
    for character in document.text:
        assert unicodedata.category(character) not in {"Cc", "Cs"} or character in "\n\t"
    assert all(line == line.strip() and line for line in document.text.split("\n"))
    assert all(document.text[hint.start : hint.end] in document.text.split("\n") for hint in document.hints)
    assert all(1 <= hint.level <= 9 for hint in document.hints)
    return document


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.binary(max_size=300) | _PIECES.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text(max_size=5),
    _SUFFIXES,
)
@example(b"PK\x05\x06" + b"\0" * 18, "a", ".docx")
@example("<p>\ud800今年以来，支部。</p>".encode("utf-16-le", "surrogatepass"), "a", ".html")
def test_any_bytes_under_any_name_give_a_document_or_a_reason(data: bytes, stem: str, suffix: str) -> None:
    read_or_refuse(data, stem + suffix)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_PIECES, st.sampled_from(["gb18030", "utf-16", "utf-8"]), _SUFFIXES)
def test_any_text_gives_a_clean_document_or_a_reason(text: str, codec: str, suffix: str) -> None:
    read_or_refuse(text.encode(codec, "replace"), f"a{suffix}")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from([*_XML, "今年"]), max_size=30).map("".join), st.integers(0, 400), st.integers(0, 255))
def test_any_damage_to_a_docx_gives_a_document_or_a_reason(body: str, place: int, value: int) -> None:
    lists = numbering({"0": level(0, "chineseCounting", "%1、")}, {"1": "0"})
    data = bytearray(docx(body, numbering_xml=lists))
    read_or_refuse(bytes(data), "a.docx")
    data[place % len(data)] = value
    read_or_refuse(bytes(data), "a.docx")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2000), st.binary(min_size=1, max_size=20))
def test_any_damage_to_a_pdf_gives_a_document_or_a_reason(place: int, garbage: bytes) -> None:
    data = pdf([printed(1, (72, 600, 16, SENTENCES[0][:26]))])
    place %= len(data)
    read_or_refuse(data[:place] + garbage + data[place + len(garbage) :], "a.pdf")
