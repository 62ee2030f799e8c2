"""The Word file of a manuscript: page, styles, fonts, blanks, and that it is the same file every time."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX, WD_LINE_SPACING
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from bot.office import layout
from bot.office.layout import Layout, Typeface
from bot.office.manuscript import write_manuscript
from handlers.manuscript import Manuscript, ParagraphKind
from knowledge.regulations import Layouts
from tests.office.manuscripts import BLANK, WORD, of, opened, paragraph, parts, style_of, summary

MM = 36_000
"""English metric units in a millimetre."""

# The order in which the schema wants the properties this program writes (CT_PPr, CT_RPr, CT_Settings, CT_Font).
ORDERS = {
    "pPr": "pStyle keepNext pageBreakBefore widowControl autoSpaceDE autoSpaceDN snapToGrid spacing ind jc outlineLvl",
    "rPr": "rStyle rFonts color spacing sz szCs highlight lang",
    "style": "name basedOn next link uiPriority semiHidden unhideWhenUsed qFormat pPr rPr tblPr",
    "settings": "zoom defaultTabStop evenAndOddHeaders drawingGridVerticalSpacing characterSpacingControl compat "
    "themeFontLang",
    "font": "altName charset family pitch",
    "sectPr": "footerReference footerReference pgSz pgMar cols docGrid",
    "trPr": "cantSplit tblHeader",
}


def find(document: Document, text: str) -> Paragraph:
    return next(written for written in document.paragraphs if written.text.startswith(text))


def style(document: Document, name: str) -> ParagraphStyle:
    found = document.styles[name]
    assert isinstance(found, ParagraphStyle)
    return found


def typeface(document: Document, name: str) -> str:
    """The Chinese typeface of a style, its own or inherited."""
    found: ParagraphStyle | None = style(document, name)
    while found is not None:
        faces = found.element.findall(f"{WORD}rPr/{WORD}rFonts")
        if faces:
            return str(faces[0].get(f"{WORD}eastAsia"))
        base = found.base_style
        found = base if isinstance(base, ParagraphStyle) else None
    raise AssertionError(f"{name} has no typeface")


def test_figures_are_those_of_the_table() -> None:
    figures = Layouts.load()
    for item, expected in {
        "纸张": f"{layout.PAGE_WIDTH_MM:.0f}mm×{layout.PAGE_HEIGHT_MM:.0f}mm",
        "页边与版心": f"天头{layout.TOP_MM:.0f}mm±1mm、订口{layout.LEFT_MM:.0f}mm±1mm、"
        f"版心{layout.TYPE_AREA_WIDTH_MM:.0f}mm×{layout.TYPE_AREA_HEIGHT_MM:.0f}mm"
        f"（推算：右{layout.RIGHT_MM:.0f}mm、下{layout.BOTTOM_MM:.0f}mm）",
        "行与字": f"每面{layout.LINES}行、每行{layout.CHARACTERS}字",
        "行距磅值": f"取{layout.STANDARD.line_height:.0f}磅",
        "页码": f"一字线距版心下边缘{layout.DASH_BELOW_TEXT_MM:.0f}mm",
        "正文字体字号": "3号仿宋",
        "标题": "2号小标宋",
    }.items():
        entry = figures.get(item)
        assert entry is not None
        assert expected in entry.value


def test_page_margins_and_grid() -> None:
    section = opened(summary()).sections[0]
    lengths = (section.page_width, section.page_height, section.top_margin, section.left_margin)
    assert [round((length or 0) / MM, 1) for length in lengths] == [210, 297, 37, 28]
    assert [round((length or 0) / MM, 1) for length in (section.right_margin, section.bottom_margin)] == [26, 35]
    grid = section._sectPr.find(f"{WORD}docGrid")
    assert grid is not None
    assert grid.get(f"{WORD}type") == "linesAndChars"
    pitch, space = int(grid.get(f"{WORD}linePitch") or 0), int(grid.get(f"{WORD}charSpace") or 0)
    width, height = layout.type_area()
    assert height // pitch == 22
    assert width // (20 * (16 + space / 4096)) == 28


def test_lines_are_as_high_as_asked_for() -> None:
    for height in (28.0, 28.9, 30.0):
        normal = style(opened(summary(), Layout(line_height=height)), "Normal").paragraph_format
        assert normal.line_spacing_rule is WD_LINE_SPACING.EXACTLY
        assert normal.line_spacing is not None
        assert round(normal.line_spacing / 12_700, 1) == height
        assert normal.widow_control is False
    assert layout.type_area()[1] // (20 * 28.9) == 22


def test_28_characters_fit_into_a_line_and_29_do_not() -> None:
    normal = style(opened(summary()), "Normal").element
    spacing = normal.find(f"{WORD}rPr/{WORD}spacing")
    assert spacing is not None
    character = 320 + int(spacing.get(f"{WORD}val") or 0)
    assert layout.type_area()[0] // character == 28


@pytest.mark.parametrize(
    ("name", "face", "points"),
    [
        ("Title", "方正小标宋简体", 22),
        ("Salutation", "仿宋_GB2312", 16),
        ("公文正文", "仿宋_GB2312", 16),
        ("Heading 1", "黑体", 16),
        ("Heading 2", "楷体_GB2312", 16),
        ("Heading 3", "仿宋_GB2312", 16),
        ("Heading 4", "仿宋_GB2312", 16),
        ("Footer", "宋体", 14),
    ],
)
def test_each_style_has_its_typeface_and_size(name: str, face: str, points: float) -> None:
    document = opened(summary())
    assert typeface(document, name) == face
    size = style(document, name).font.size or style(document, "Normal").font.size
    assert size is not None
    assert size.pt == points


def test_every_kind_has_its_style_and_indents_as_the_standard_says() -> None:
    document = opened(summary())
    title, salutation, body = (find(document, text) for text in ("机关", "各位", "今年"))
    assert style_of(title).name == "Title"
    assert style_of(title).paragraph_format.alignment is WD_ALIGN_PARAGRAPH.CENTER
    assert style_of(salutation).name == "Salutation"
    assert style_of(salutation).element.find(f"{WORD}pPr/{WORD}ind") is None
    headings = {"一、主": "Heading 1", "（二）把": "Heading 2"}
    assert {text: style_of(find(document, text)).name for text in headings} == headings
    for written in (body, find(document, "一、主"), find(document, "（二）把")):
        indent = style_of(written).element.find(f"{WORD}pPr/{WORD}ind")
        assert indent is not None
        assert indent.get(f"{WORD}firstLineChars") == "200"


def test_heading_in_a_paragraph_keeps_its_typeface_and_the_text_goes_on_in_the_body_s() -> None:
    document = opened(summary())
    written = find(document, "（一）把学习")
    assert style_of(written).name == "公文正文"
    lead, *rest = written.runs
    assert (lead.text, lead.style.name) == ("（一）把学习抓在经常。", "Heading 2 Char")
    fonts = lead.style.element.find(f"{WORD}rPr/{WORD}rFonts")
    assert fonts is not None
    assert fonts.get(f"{WORD}eastAsia") == "楷体_GB2312"
    assert {run.style.name for run in rest} == {"Default Paragraph Font"}


def test_title_is_followed_by_one_empty_line() -> None:
    kind = ParagraphKind
    document = opened(of(paragraph(kind.TITLE, "关于学习\n的总结"), paragraph(kind.BODY, "正文。")))
    assert [written.text for written in document.paragraphs] == ["关于学习", "的总结", "", "正文。"]
    assert document.core_properties.title == "关于学习的总结"
    assert [written.text for written in opened(of(paragraph(kind.TITLE, "题"))).paragraphs] == ["题"]


def test_digits_are_times_new_roman_and_punctuation_of_both_scripts_is_chinese() -> None:
    document = opened(summary())
    assert [style(document, name).font.name for name in ("Normal", "公文正文")] == ["Times New Roman", None]
    assert style(document, "Heading 1").font.name == "Times New Roman"
    runs = [run for entry in document.paragraphs for run in entry.runs if re.search("[“”·]", run.text)]
    assert len(runs) > 5
    for run in runs:
        fonts = run.element.find(f"{WORD}rPr/{WORD}rFonts")
        assert fonts is not None
        assert fonts.get(f"{WORD}hint") == "eastAsia"


def test_page_number_stands_outside_on_both_sides() -> None:
    document = opened(summary())
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    for footer, side, aligned in (
        (section.footer, "right", WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, "left", WD_ALIGN_PARAGRAPH.LEFT),
    ):
        (number,) = footer.paragraphs
        assert number.text == "— 1 —"
        assert number.alignment is aligned
        codes = number._p.findall(f".//{WORD}instrText")
        assert [(code.text or "").strip() for code in codes] == ["PAGE"]
        indent = number._p.find(f"{WORD}pPr/{WORD}ind")
        assert indent is not None
        assert indent.get(f"{WORD}{side}") == "280"


def test_font_table_names_a_substitute_for_every_typeface() -> None:
    named = {
        entry.get(f"{WORD}name"): (entry.find(f"{WORD}altName"), entry.find(f"{WORD}charset"))
        for entry in parts(write_manuscript(summary()))["word/fontTable.xml"]
    }
    latin = named.pop("Times New Roman")
    assert latin[0] is None
    substitutes = {name: alternative.get(f"{WORD}val") for name, (alternative, _) in named.items()}
    assert substitutes == {
        "方正小标宋简体": "华文中宋",
        "黑体": "SimHei",
        "楷体_GB2312": "楷体",
        "仿宋_GB2312": "仿宋",
        "宋体": "SimSun",
    }
    assert {charset.get(f"{WORD}val") for _, charset in named.values()} == {"86"}


def test_other_typefaces_are_used_where_asked_for_whatever_their_name() -> None:
    chosen = Layout(body=Typeface('仿宋 "A&B"<', "仿宋"), latin="A & 'B'")
    document = opened(summary(), chosen)
    assert typeface(document, "公文正文") == '仿宋 "A&B"<'
    assert style(document, "Normal").font.name == "A & 'B'"


def test_every_blank_is_highlighted_and_nothing_else() -> None:
    manuscript = replace(
        summary(),
        paragraphs=(
            paragraph(ParagraphKind.TITLE, "【单位】2026年总结"),
            paragraph(
                ParagraphKind.HEADING_2, "（一）开展活动【X次】。", "其中【X次】在【单位】，【】和【未完不是空。"
            ),
            *summary().paragraphs[1:],
        ),
        remarks=("【单位】要写全称",),
        sources=("出自【单位】",),
    )
    document = opened(manuscript)
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    written = [*document.paragraphs, *(entry for cell in cells for entry in cell.paragraphs)]
    runs = [run for entry in written for run in entry.runs]
    marked = [run.text for run in runs if run.font.highlight_color is WD_COLOR_INDEX.YELLOW]
    assert marked == [blank for entry in written for blank in BLANK.findall(entry.text)]
    assert len(marked) > 40
    assert not [run.text for run in runs if run.font.highlight_color is None and BLANK.search(run.text)]


def test_properties_name_the_document_and_nobody() -> None:
    properties = opened(summary()).core_properties
    assert properties.title == "机关党支部2026年度党建工作总结"
    assert (properties.author, properties.last_modified_by, properties.comments) == ("", "", "")
    assert (properties.created, properties.modified) == (None, None)
    assert opened(Manuscript("支部\x01总结" * 80, ())).core_properties.title == ("支部总结" * 80)[:255]


def test_same_manuscript_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    program = (
        "import sys; from bot.office.manuscript import write_manuscript; from tests.office.manuscripts import summary; "
        "sys.stdout.buffer.write(write_manuscript(summary()))"
    )
    expected = write_manuscript(summary())
    for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "HOME": str(tmp_path)}
        run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
        assert run.stdout == expected
    with ZipFile(BytesIO(expected)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert write_manuscript(replace(summary(), remarks=())) != expected


def test_properties_stand_in_the_order_of_the_schema() -> None:
    seen = set()
    for part in parts(write_manuscript(summary())).values():
        for element in part.iter():
            name = str(element.tag).removeprefix(WORD)
            if name in ORDERS:
                seen.add(name)
                order = ORDERS[name].split()
                children = [str(child.tag).removeprefix(WORD) for child in element]
                assert set(children) <= set(order)
                assert [order.index(child) for child in children] == sorted(order.index(child) for child in children)
    assert seen == set(ORDERS)


def test_every_style_that_is_used_exists() -> None:
    written = parts(write_manuscript(summary()))
    known = {entry.get(f"{WORD}styleId") for entry in written["word/styles.xml"].iter(f"{WORD}style")}
    named = {"pStyle", "rStyle", "tblStyle", "basedOn", "next", "link"}
    used = {
        element.get(f"{WORD}val")
        for part in written.values()
        for element in part.iter()
        if str(element.tag).removeprefix(WORD) in named
    }
    assert used <= known
    assert opened(summary()).styles.default(WD_STYLE_TYPE.PARAGRAPH) is not None
