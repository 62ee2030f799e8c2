"""The page behind a checked document that sums up what was found (校对结果), clearly no part of its text.

It stands in a content control of its own, so that it can be deleted in one go and is never read as text again, and is
formatted without the document's styles: those number headings, indent paragraphs and feed the table of contents.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml

from bot.office.proof import NOTICE, Proof, advice, quote
from knowledge.checking.model import Finding, Level
from knowledge.corpus.readers.docx_body import CHECK_TAG

if TYPE_CHECKING:
    from docx.document import Document

HEADING: Final = "校对结果"
MOST_ROWS: Final = 500
"""Rows of the table; the surest findings come first."""

_DISCLAIMER: Final = "本页由笔杆附在文后，不属于正文，定稿前请删除。"
_COLUMNS: Final = (("序号", 8), ("级别", 8), ("位置", 11), ("原文", 22), ("问题与改法", 31), ("依据", 20))
_FULL_WIDTH: Final = 5000
"""A table as wide as the text, in fiftieths of a percent."""
_WRONG_COLOUR: Final = "C00000"
_BORDERS: Final = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="808080"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_SONG, _HEI = "宋体", "黑体"


def put_summary(document: Document, proof: Proof, unmarked: Iterable[Finding]) -> None:
    """Append the page to ``document``, in place of one from an earlier check; ``unmarked`` findings have no comment."""
    body = document.element.body
    for control in body.findall(qn("w:sdt")):
        tag = control.find(f"{qn('w:sdtPr')}/{qn('w:tag')}")
        if tag is not None and tag.get(qn("w:val")) == CHECK_TAG:
            body.remove(control)
    control = parse_xml(_control(proof, frozenset(unmarked)))
    properties = body.find(qn("w:sectPr"))
    if properties is None:
        body.append(control)
    else:
        properties.addprevious(control)


def _control(proof: Proof, unmarked: frozenset[Finding]) -> str:
    content = [
        # LibreOffice drops the formatting of the first paragraph in a content control.
        _paragraph("", before="<w:pageBreakBefore/>"),
        _paragraph(HEADING, size=32, font=_HEI, align="center"),
        _paragraph(_DISCLAIMER, colour=_WRONG_COLOUR),
        _paragraph(f"{proof.name}　{proof.standard}"),
        _paragraph(f"共{len(proof.findings)}处：{proof.tally}。" if proof.findings else "未发现问题。"),
    ]
    if proof.findings:
        content.append(_table(proof, unmarked))
    content += [_paragraph(line) for line in _remarks(proof, unmarked)]
    return (
        f'<w:sdt {nsdecls("w")}><w:sdtPr><w:alias w:val="{HEADING}（不属于正文）"/><w:tag w:val="{CHECK_TAG}"/></w:sdtPr>'
        f"<w:sdtContent>{''.join(content)}</w:sdtContent></w:sdt>"
    )


def _remarks(proof: Proof, unmarked: frozenset[Finding]) -> list[str]:
    lines = []
    if len(proof.findings) > MOST_ROWS:
        lines.append(f"表中只列前{MOST_ROWS}处，其余请看 bigan check 的文字结果。")
    if unmarked:
        lines.append(f"有{len(unmarked)}处没有批注（在脚注、尾注里，或超出批注的数量），标有“无批注”，请按原文查找。")
    return [*lines, NOTICE]


def _table(proof: Proof, unmarked: frozenset[Finding]) -> str:
    grid = "".join(f'<w:gridCol w:w="{90 * share}"/>' for _, share in _COLUMNS)
    header = _row([name for name, _ in _COLUMNS], "<w:tblHeader/>", bold=True)
    rows = "".join(
        _row(_cells(number, proof, finding, has_comment=finding not in unmarked), wrong=finding.level is Level.WRONG)
        for number, finding in enumerate(proof.ranked[:MOST_ROWS], 1)
    )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{_FULL_WIDTH}" w:type="pct"/><w:tblBorders>{_BORDERS}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{header}{rows}</w:tbl>'
    )


def _cells(number: int, proof: Proof, finding: Finding, *, has_comment: bool) -> list[str]:
    place = f"第{proof.line_at(finding.start)}段"
    return [
        str(number),
        finding.level.value,
        place if has_comment else f"{place}（无批注）",
        quote(proof.found(finding)),
        "。".join(filter(None, (finding.reason.rstrip("。"), advice(finding)))) + "。",
        finding.source or "",
    ]


def _row(cells: list[str], properties: str = "", *, bold: bool = False, wrong: bool = False) -> str:
    content = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{_FULL_WIDTH * share // 100}" w:type="pct"/></w:tcPr>'
        f"{_paragraph(cell, size=18, bold=bold, colour=_WRONG_COLOUR if wrong and name == '级别' else '')}</w:tc>"
        for cell, (name, share) in zip(cells, _COLUMNS, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{properties}</w:trPr>{content}</w:tr>"


def _paragraph(
    text: str,
    *,
    size: int = 21,
    font: str = _SONG,
    before: str = "",
    align: str = "left",
    bold: bool = False,
    colour: str = "",
) -> str:
    """Return a paragraph that inherits nothing of the document's own; ``size`` in half points, ``before`` in ``pPr``."""
    shade = f'<w:color w:val="{colour}"/>' if colour else ""
    return (
        f'<w:p><w:pPr>{before}<w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr><w:snapToGrid w:val="0"/>'
        '<w:spacing w:before="40" w:after="40" w:line="300" w:lineRule="auto"/>'
        '<w:ind w:left="0" w:leftChars="0" w:right="0" w:rightChars="0" w:firstLine="0" w:firstLineChars="0"/>'
        f'<w:jc w:val="{align}"/><w:outlineLvl w:val="9"/></w:pPr>'
        f'<w:r><w:rPr><w:rFonts w:hint="eastAsia" w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="{font}"/>'
        f'<w:b w:val="{int(bold)}"/>{shade}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
    )
