"""``word/styles.xml`` of an exported draft: one style for each kind of paragraph, so that a whole document can be
changed at one place in the office program.

Headings carry the built-in names (heading 1 …): the navigation pane and a table of contents find them.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from bot.office.layout import FOOTER_LINE, SIZE_2, SIZE_3, SIZE_4, Layout, Typeface, character_space
from handlers.manuscript import ParagraphKind

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

BODY = "公文正文"
APPENDIX_TITLE = "附页标题"
APPENDIX_NOTICE = "附页说明"
APPENDIX_HEADING = "附页小标题"
APPENDIX_ENTRY = "附页条目"
APPENDIX_CELL = "附页表格"
TABLE = "Table Grid"
"""The name of the table's style."""

STYLES = {
    ParagraphKind.TITLE: "Title",
    ParagraphKind.SALUTATION: "Salutation",
    ParagraphKind.HEADING_1: "Heading1",
    ParagraphKind.HEADING_2: "Heading2",
    ParagraphKind.HEADING_3: "Heading3",
    ParagraphKind.HEADING_4: "Heading4",
    ParagraphKind.BODY: BODY,
}
"""The style (its id) of each kind of paragraph."""

LEADS = {
    ParagraphKind.HEADING_1: "Heading1Char",
    ParagraphKind.HEADING_2: "Heading2Char",
    ParagraphKind.HEADING_3: "Heading3Char",
    ParagraphKind.HEADING_4: "Heading4Char",
}
"""The character style (its id) of a heading that is run into a paragraph of the text."""

_APPENDIX_LINE = 24.0
"""Points between the lines of the last pages, which are in 4号 and no part of the document."""

_CHARACTER = round(20 * SIZE_3) + character_space()
_TWO_CHARACTERS = f'<w:ind w:firstLineChars="200" w:firstLine="{2 * _CHARACTER}"/>'
_HANGING = '<w:ind w:left="480" w:hanging="480"/>'

_LATENT = """
<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">
  <w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/><w:unhideWhenUsed/>
</w:style>
<w:style w:type="table" w:default="1" w:styleId="TableNormal">
  <w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:semiHidden/><w:unhideWhenUsed/>
  <w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>
    <w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/>
    <w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/>
  </w:tblCellMar></w:tblPr>
</w:style>
<w:style w:type="numbering" w:default="1" w:styleId="NoList">
  <w:name w:val="No List"/><w:uiPriority w:val="99"/><w:semiHidden/><w:unhideWhenUsed/>
</w:style>
"""


@dataclass(frozen=True, slots=True)
class _Style:
    """One paragraph style. ``size``, ``line`` (height of a line), ``above`` and ``below`` are points; ``flow`` and
    ``indent`` are elements that stand before and after the line height in the order the schema demands.
    """

    name: str
    face: Typeface | None = None
    size: float | None = None
    line: float | None = None
    above: float = 0
    below: float = 0
    flow: str = ""
    indent: str = ""
    align: str | None = None
    outline: int | None = None
    follows: str = ""
    colour: str | None = None

    @property
    def id(self) -> str:
        """The identifier: the name without blanks, as the program itself makes it."""
        return self.name.title().replace(" ", "")

    def xml(self, latin: str) -> str:
        """Return the ``w:style`` element, and the character style of a heading."""
        outline = "" if self.outline is None else f'<w:outlineLvl w:val="{self.outline}"/>'
        spacing = _spacing(self.line, self.above, self.below)
        paragraph = f"<w:pPr>{self.flow}{spacing}{self.indent}{_align(self.align)}{outline}</w:pPr>"
        link = "" if self.outline is None else f'<w:link w:val="{self.id}Char"/>'
        follows = f'<w:next w:val="{self.follows}"/>' if self.follows else ""
        # The program knows its own styles by their English names; the others are ours.
        custom = "" if self.name.isascii() else ' w:customStyle="1"'
        text = self._text(latin)
        style = (
            f'<w:style w:type="paragraph"{custom} w:styleId="{self.id}"><w:name w:val="{self.name}"/>'
            f'<w:basedOn w:val="Normal"/>{follows}{link}<w:qFormat/>{paragraph}{text}</w:style>'
        )
        return style if self.outline is None else style + self._lead(text)

    def _lead(self, text: str) -> str:
        name = f"{self.name.capitalize()} Char"
        return (
            f'<w:style w:type="character" w:customStyle="1" w:styleId="{self.id}Char"><w:name w:val="{name}"/>'
            f'<w:basedOn w:val="DefaultParagraphFont"/><w:link w:val="{self.id}"/>{text}</w:style>'
        )

    def _text(self, latin: str) -> str:
        fonts = "" if self.face is None else _fonts(self.face, latin)
        colour = "" if self.colour is None else f'<w:color w:val="{self.colour}"/>'
        return f"<w:rPr>{fonts}{colour}{_size(self.size)}</w:rPr>"


def styles_xml(layout: Layout) -> str:
    """Return the whole part for ``layout``."""
    written = "".join(style.xml(layout.latin) for style in (*_text_styles(layout), *_appendix_styles(layout)))
    # The page number is 宋体 throughout: the standard names one typeface for its digits and dashes.
    written += _Style("footer", layout.page_number, SIZE_4, FOOTER_LINE, align="left").xml(layout.page_number.name)
    return f"<w:styles {NAMESPACE}>{_defaults(layout)}{_normal(layout)}{_LATENT}{written}{_table_style()}</w:styles>"


def _text_styles(layout: Layout) -> tuple[_Style, ...]:
    together = "<w:keepNext/>"

    def heading(level: int, face: Typeface) -> _Style:
        name = f"heading {level}"
        return _Style(name, face, SIZE_3, flow=together, indent=_TWO_CHARACTERS, outline=level - 1, follows=BODY)

    return (
        _Style(BODY, indent=_TWO_CHARACTERS),
        _Style("Title", layout.title, SIZE_2, flow=together, align="center", follows=BODY),
        _Style("Salutation", flow=together, align="left", follows=BODY),
        heading(1, layout.heading),
        heading(2, layout.subheading),
        heading(3, layout.body),
        heading(4, layout.body),
    )


def _appendix_styles(layout: Layout) -> tuple[_Style, ...]:
    new_page = "<w:keepNext/><w:pageBreakBefore/>"
    line = _APPENDIX_LINE
    return (
        _Style(APPENDIX_TITLE, layout.heading, SIZE_3, flow=new_page, align="center", follows=APPENDIX_ENTRY),
        _Style(APPENDIX_NOTICE, layout.subheading, SIZE_4, line, align="center", colour="C00000"),
        _Style(
            APPENDIX_HEADING, layout.heading, SIZE_4, line, line / 2, line / 4, "<w:keepNext/>", follows=APPENDIX_ENTRY
        ),
        _Style(APPENDIX_ENTRY, None, SIZE_4, line, indent=_HANGING, align="left"),
        _Style(APPENDIX_CELL, None, SIZE_4, line, align="left"),
    )


def _defaults(layout: Layout) -> str:
    language = '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
    text = f"{_fonts(layout.body, layout.latin)}{_size(SIZE_3)}{language}"
    return f"<w:docDefaults><w:rPrDefault><w:rPr>{text}</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"


def _normal(layout: Layout) -> str:
    # 28 characters come from their spacing, not from the grid: LibreOffice gives a character wider than a cell two
    # cells. Without spaces between Chinese and digits a digit is half a character wide; without widow control every
    # page holds its 22 lines.
    off = ("widowControl", "autoSpaceDE", "autoSpaceDN", "snapToGrid")
    paragraph = "".join(f'<w:{name} w:val="0"/>' for name in off)
    spacing = f'<w:spacing w:val="{character_space()}"/>'
    return (
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        f"<w:pPr>{paragraph}{_spacing(layout.line_height)}{_align('both')}</w:pPr>"
        f"<w:rPr>{_fonts(layout.body, layout.latin)}{spacing}{_size(SIZE_3)}</w:rPr></w:style>"
    )


def _table_style() -> str:
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in sides)
    return (
        f'<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="{TABLE}"/><w:basedOn w:val="TableNormal"/>'
        f"<w:tblPr><w:tblBorders>{lines}</w:tblBorders></w:tblPr></w:style>"
    )


def _fonts(face: Typeface, latin: str) -> str:
    chinese, western = quoteattr(face.name), quoteattr(latin)
    return f"<w:rFonts w:ascii={western} w:hAnsi={western} w:eastAsia={chinese} w:cs={western}/>"


def _size(points: float | None) -> str:
    return "" if points is None else f'<w:sz w:val="{round(2 * points)}"/><w:szCs w:val="{round(2 * points)}"/>'


def _spacing(points: float | None, above: float = 0, below: float = 0) -> str:
    if points is None:
        return ""
    space = f'w:before="{round(20 * above)}" w:after="{round(20 * below)}"'
    return f'<w:spacing {space} w:line="{round(20 * points)}" w:lineRule="exact"/>'


def _align(value: str | None) -> str:
    return "" if value is None else f'<w:jc w:val="{value}"/>'
