"""Documents made by code: small docx, pdf and zip files with sentences of our own, whole, broken and hostile."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NAMESPACES = (
    f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"

SENTENCES = (
    "今年以来，支部把理论学习摆在首位，每月组织一次集中研讨，做到学习有计划、交流有记录、落实有检查。",
    "围绕群众反映的办事难题，党员干部分片包干、上门走访，建立台账逐项销号，让小事不出楼、大事有人管。",
    "下一步，我们将继续夯实基层基础，完善制度机制，以更实的作风推动各项任务落地见效。",
)


def run(text: str, properties: str = "") -> str:
    """Return a ``w:r`` with ``text``; ``properties`` is what its ``w:rPr`` holds."""
    marks = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{marks}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(
    *content: str, style: str = "", number: tuple[str, int] | None = None, outline: int | None = None, mark: str = ""
) -> str:
    """Return a ``w:p``; content is plain text or ready XML, ``number`` list and level, ``mark`` the mark's ``w:rPr``."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if number is not None:
        properties += f'<w:numPr><w:ilvl w:val="{number[1]}"/><w:numId w:val="{number[0]}"/></w:numPr>'
    if outline is not None:
        properties += f'<w:outlineLvl w:val="{outline}"/>'
    if mark:
        properties += f"<w:rPr>{mark}</w:rPr>"
    runs = "".join(part if part.startswith("<") else run(part) for part in content)
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"


def table(rows: Iterable[Iterable[str]]) -> str:
    """Return a ``w:tbl``; a cell is plain text or ready paragraphs."""
    body = ""
    for row in rows:
        cells = (cell if cell.startswith("<") else paragraph(cell) for cell in row)
        body += "<w:tr>" + "".join(f"<w:tc><w:tcPr/>{cell}</w:tc>" for cell in cells) + "</w:tr>"
    return f"<w:tbl><w:tblPr/>{body}</w:tbl>"


def level(index: int, number_format: str, pattern: str, extra: str = "", start: int = 1) -> str:
    """Return a ``w:lvl`` of a list."""
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="{start}"/><w:numFmt w:val="{number_format}"/>{extra}'
        f"<w:lvlText w:val={quoteattr(pattern)}/></w:lvl>"
    )


def numbering(abstracts: dict[str, str], instances: dict[str, str]) -> str:
    """Return ``numbering.xml``: abstract lists by id, and instances by id as ``"abstract id" + overrides``."""
    body = "".join(
        f'<w:abstractNum w:abstractNumId="{id_}">{levels}</w:abstractNum>' for id_, levels in abstracts.items()
    )
    for id_, content in instances.items():
        abstract, _, overrides = content.partition("|")
        body += f'<w:num w:numId="{id_}"><w:abstractNumId w:val="{abstract}"/>{overrides}</w:num>'
    return f'<?xml version="1.0" encoding="UTF-8"?><w:numbering {_NAMESPACES}>{body}</w:numbering>'


def styles(*definitions: str) -> str:
    """Return ``styles.xml``."""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:styles {_NAMESPACES}>{"".join(definitions)}</w:styles>'


def style(id_: str, name: str, content: str = "", based_on: str = "", kind: str = "paragraph") -> str:
    """Return a ``w:style``."""
    base = f'<w:basedOn w:val="{based_on}"/>' if based_on else ""
    return f'<w:style w:type="{kind}" w:styleId="{id_}"><w:name w:val="{name}"/>{base}{content}</w:style>'


def document_xml(body: str) -> str:
    """Return ``document.xml`` around ``body``."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><w:document {_NAMESPACES}><w:body>{body}'
        "<w:sectPr/></w:body></w:document>"
    )


def docx_parts(body: str, *, numbering_xml: str = "", styles_xml: str = "", title: str = "") -> dict[str, bytes]:
    """Return the parts of a docx by entry name."""
    related = ""
    parts = {"word/document.xml": document_xml(body)}
    for kind, content in (("numbering", numbering_xml), ("styles", styles_xml)):
        if content:
            parts[f"word/{kind}.xml"] = content
            related += f'<Relationship Id="{kind}" Type="{_RELATIONS}/{kind}" Target="{kind}.xml"/>'
    parts["_rels/.rels"] = (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_RELATIONS}/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    parts["word/_rels/document.xml.rels"] = f'<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>'
    main_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts["[Content_Types].xml"] = (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main_type}"/></Types>'
    )
    if title:
        parts["docProps/core.xml"] = (
            f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title></cp:coreProperties>'
        )
    return {name: text.encode() for name, text in parts.items()}


def zip_of(entries: Iterable[tuple[str, bytes]], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip file of ``entries``, in order."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


def docx(body: str, *, numbering_xml: str = "", styles_xml: str = "", title: str = "") -> bytes:
    """Return a docx file."""
    return zip_of(docx_parts(body, numbering_xml=numbering_xml, styles_xml=styles_xml, title=title).items())


def deflated_zeros(size: int) -> bytes:
    """Return a raw deflate stream of ``size`` spaces, made without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = b" " * 1_000_000
    return b"".join(packer.compress(block) for _ in range(size // len(block))) + packer.flush()


def zip_by_hand(entries: Iterable[tuple[str, bytes, int]], *, claimed_entries: int | None = None) -> bytes:
    """Return a zip file of deflate streams with whatever size and count it claims: (name, stream, claimed size)."""
    body, directory = bytearray(), bytearray()
    count = 0
    for name, stream, claimed in entries:
        raw_name = name.encode()
        fields = (20, 0x800, 8, 0, 0x21, 0, len(stream), claimed, len(raw_name), 0)
        directory += struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, *fields[:5], 0, *fields[6:], 0, 0, 0, 0, len(body))
        directory += raw_name
        body += struct.pack("<4s5H3L2H", b"PK\x03\x04", *fields) + raw_name + stream
        count += 1
    shown = count if claimed_entries is None else claimed_entries
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, shown, shown, len(directory), len(body), 0)
    return bytes(body + directory + end)


def pdf(pages: Iterable[Iterable[tuple[float, float, float, str]]], *, extra: str = "", encrypt: bool = False) -> bytes:
    """Return a PDF with text lines ``(x, y, size, text)`` in an unembedded Song typeface, A4 pages."""
    contents = []
    for lines in pages:
        shown = (f"BT /F1 {size} Tf {x} {y} Td <{text.encode('utf-16-be').hex()}> Tj ET" for x, y, size, text in lines)
        contents.append("\n".join(shown) + extra)
    kids = " ".join(f"{6 + 2 * index} 0 R" for index in range(len(contents)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [4 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 5 0 R "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>",
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
        "/Ascent 752 /Descent -271 /CapHeight 737 /StemV 58 >>",
    ]
    for index, content in enumerate(contents):
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {7 + 2 * index} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    trailer = "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 " if encrypt else ""
    if encrypt:
        trailer += f"/O <{'41' * 32}> /U <{'42' * 32}> >> /ID [<{'43' * 16}> <{'43' * 16}>] "
    return pdf_of([text.encode("latin-1") for text in objects], trailer)


def pdf_of(objects: list[bytes], trailer: str = "") -> bytes:
    """Return a PDF file of numbered objects, the first one its catalogue."""
    body = b"%PDF-1.7\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    body += f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer}>>\nstartxref\n{start}\n%%EOF\n".encode()
    return body


def pdf_bomb(size: int) -> bytes:
    """Return a PDF whose page content is ``size`` spaces behind two layers of deflate."""
    packer = zlib.compressobj(9)
    block = b" " * 1_000_000
    once = b"".join(packer.compress(block) for _ in range(size // len(block))) + packer.flush()
    twice = zlib.compress(once, 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n" % len(twice) + twice + b"\nendstream",
    ]
    return pdf_of(objects)


def ole(*streams: str) -> bytes:
    """Return the beginning of an OLE file whose directory names ``streams``."""
    names = b"".join(name.encode("utf-16-le").ljust(64, b"\0") + b"\0" * 64 for name in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + names


def wrap(paragraphs: Iterable[str], width: int, indent: str = "　　") -> str:
    """Return ``paragraphs`` cut into rows of ``width`` characters, as old mail programs and copied PDFs have them.

    Four spaces of indentation are as wide as two characters.
    """
    rows = []
    for text in paragraphs:
        rest = indent + text
        while rest:
            cut = width + rest.startswith("    ") * 2
            if len(rest) > cut and rest[cut] in "，。、；：":
                cut += 1
            rows.append(rest[:cut])
            rest = rest[cut:]
    return "\n".join(rows) + "\n"
