"""The empty document of a layout, and a document as bytes that depend on its content alone."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx

from bot.office.layout import (
    BOTTOM_MM,
    LEFT_MM,
    PAGE_HEIGHT_MM,
    PAGE_WIDTH_MM,
    RIGHT_MM,
    SIZE_4,
    TOP_MM,
    Layout,
    footer_distance,
    grid_pitch,
    grid_space,
    twips,
)
from bot.office.styles import NAMESPACE, styles_xml

if TYPE_CHECKING:
    from docx.document import Document

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip entry can carry; the true one would make every copy of a file differ."""

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"

_PARTS = (
    ("styles", "styles", "styles"),
    ("settings", "settings", "settings"),
    ("fontTable", "fontTable", "fontTable"),
    ("footer", "footer_odd", "footer"),
    ("footer", "footer_even", "footer"),
)
"""Relationship, file name and content type of the parts beside the document; their order is that of the rIds."""


def open_blank(layout: Layout) -> Document:
    """Return an empty document with the page, the styles and the page numbers of ``layout``.

    python-docx's own template is not used: half a megabyte of styles for Latin text, a theme and a preview picture.
    """
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        for name, content in _files(layout).items():
            archive.writestr(name, _HEAD + content)
    target.seek(0)
    return docx.Document(target)


def pack(document: Document) -> bytes:
    """Return ``document`` as a file: equal content, equal bytes."""
    saved, packed = BytesIO(), BytesIO()
    document.save(saved)
    with ZipFile(saved) as source, ZipFile(packed, "w") as target:
        for name in source.namelist():
            entry = ZipInfo(name, _EPOCH)
            entry.create_system = 0
            target.writestr(entry, source.read(name), ZIP_DEFLATED)
    return packed.getvalue()


def _files(layout: Layout) -> dict[str, str]:
    return {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations((f"{_RELATIONS}/officeDocument", "word/document.xml"), (_CORE, "docProps/core.xml")),
        "docProps/core.xml": _core(),
        "word/document.xml": _document(),
        "word/_rels/document.xml.rels": _relations(
            *((f"{_RELATIONS}/{kind}", f"{name}.xml") for kind, name, _ in _PARTS)
        ),
        "word/styles.xml": styles_xml(layout),
        "word/settings.xml": _settings(),
        "word/fontTable.xml": _font_table(layout),
        "word/footer_odd.xml": _footer("right"),
        "word/footer_even.xml": _footer("left"),
    }


_CORE = f"{_PACKAGE}/relationships/metadata/core-properties"


def _content_types() -> str:
    types = [("word/document", f"{_WORD}.document.main+xml")]
    types += [(f"word/{name}", f"{_WORD}.{kind}+xml") for _, name, kind in _PARTS]
    types += [("docProps/core", "application/vnd.openxmlformats-package.core-properties+xml")]
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        + "".join(f'<Override PartName="/{name}.xml" ContentType="{kind}"/>' for name, kind in types)
        + "</Types>"
    )


def _relations(*targets: tuple[str, str]) -> str:
    entries = (
        f'<Relationship Id="rId{n}" Type="{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(entries)}</Relationships>'


def _core() -> str:
    # Neither an author nor a date: who saves the document is its author, and no date is better than a false one.
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"/>'
    )


def _document() -> str:
    margins = (
        f'w:top="{twips(TOP_MM)}" w:right="{twips(RIGHT_MM)}" w:bottom="{twips(BOTTOM_MM)}" w:left="{twips(LEFT_MM)}"'
    )
    return (
        f'<w:document {NAMESPACE} xmlns:r="{_RELATIONS}"><w:body><w:sectPr>'
        '<w:footerReference w:type="default" r:id="rId4"/><w:footerReference w:type="even" r:id="rId5"/>'
        f'<w:pgSz w:w="{twips(PAGE_WIDTH_MM)}" w:h="{twips(PAGE_HEIGHT_MM)}"/>'
        f'<w:pgMar {margins} w:header="851" w:footer="{footer_distance()}" w:gutter="0"/>'
        '<w:cols w:space="425"/>'
        f'<w:docGrid w:type="linesAndChars" w:linePitch="{grid_pitch()}" w:charSpace="{grid_space()}"/>'
        "</w:sectPr></w:body></w:document>"
    )


def _settings() -> str:
    return (
        f"<w:settings {NAMESPACE}>"
        '<w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/><w:evenAndOddHeaders/>'
        f'<w:drawingGridVerticalSpacing w:val="{grid_pitch()}"/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/>'
        '<w:compat><w:useFELayout/><w:compatSetting w:name="compatibilityMode" '
        'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
        '<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/>'
        "</w:settings>"
    )


def _font_table(layout: Layout) -> str:
    # One alternative name only: the specification allows a list, but not every program reads more than a name.
    chinese = "".join(
        f"<w:font w:name={quoteattr(face.name)}><w:altName w:val={quoteattr(face.substitute)}/>"
        f'<w:charset w:val="86"/><w:family w:val="{face.family}"/><w:pitch w:val="{face.pitch}"/></w:font>'
        for face in layout.typefaces
    )
    latin = '<w:charset w:val="00"/><w:family w:val="roman"/><w:pitch w:val="variable"/>'
    return f"<w:fonts {NAMESPACE}>{chinese}<w:font w:name={quoteattr(layout.latin)}>{latin}</w:font></w:fonts>"


def _footer(side: str) -> str:
    # 居右空一字 on odd pages, 居左空一字 on even ones: one character of the number's own size.
    run = '<w:r><w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr>{}</w:r>'
    number = (
        run.format('<w:fldChar w:fldCharType="begin"/>')
        + run.format('<w:instrText xml:space="preserve"> PAGE </w:instrText>')
        + run.format('<w:fldChar w:fldCharType="separate"/>')
        + run.format("<w:t>1</w:t>")
        + run.format('<w:fldChar w:fldCharType="end"/>')
    )
    dashes = run.format('<w:t xml:space="preserve">— </w:t>'), run.format('<w:t xml:space="preserve"> —</w:t>')
    place = f'<w:ind w:{side}="{round(20 * SIZE_4)}"/><w:jc w:val="{side}"/>'
    return (
        f'<w:ftr {NAMESPACE}><w:p><w:pPr><w:pStyle w:val="Footer"/>{place}</w:pPr>'
        f"{dashes[0]}{number}{dashes[1]}</w:p></w:ftr>"
    )
