"""Manuscripts the tests write, and the parts of a written file."""

import re
from io import BytesIO
from zipfile import ZipFile

import docx
from docx.document import Document
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from lxml import etree

from bot.office.layout import STANDARD, Layout
from bot.office.manuscript import write_manuscript
from handlers.manuscript import Manuscript, ManuscriptParagraph, ParagraphKind

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BLANK = re.compile("【[^【】]+】")

_OPENING = (
    "今年以来，机关党支部围绕中心、建设队伍，召开支部委员会【X次】、党员大会【X次】，各项任务有序推进。"
    "现将2026年工作情况总结如下。"
)
_LONG = (
    "把理论学习摆在首位，落实“第一议题”制度，组织集中学习【X次】、交流发言【X人次】。"
    "结合“三会一课”和主题党日，把学习成果用到办实事、解难题上来；走访联系群众【X户】，"
    "收集意见建议【X条】，办结【X条】，办结率达到【X%】。"
)
_PROBLEMS = "一是学用结合不够紧，遇到新情况办法不多；二是活动形式不够新，年轻党员参与不够广；三是台账记录不够细。"


def paragraph(kind: ParagraphKind, lead: str, text: str = "") -> ManuscriptParagraph:
    return ManuscriptParagraph(kind, lead, text)


def summary() -> Manuscript:
    """A branch's summary of two pages with every kind of paragraph, and a last page with all three lists."""
    kind = ParagraphKind
    return Manuscript(
        file_name="机关党支部2026年度党建工作总结",
        paragraphs=(
            paragraph(kind.TITLE, "机关党支部2026年度党建工作总结"),
            paragraph(kind.SALUTATION, "各位党员："),
            paragraph(kind.BODY, "", _OPENING),
            paragraph(kind.HEADING_1, "一、主要做法"),
            paragraph(kind.HEADING_2, "（一）把学习抓在经常。", _LONG),
            paragraph(kind.HEADING_2, "（二）把支部建得更强"),
            paragraph(kind.HEADING_3, "1.按时过组织生活。", _LONG),
            paragraph(kind.HEADING_4, "（1）开好支部大会。", "议题提前公布，决议【X项】都有记录、有回音。"),
            paragraph(kind.HEADING_3, "2.管好党员队伍。", _LONG),
            paragraph(kind.HEADING_1, "二、存在的不足"),
            paragraph(kind.BODY, "", _PROBLEMS),
            paragraph(kind.HEADING_1, "三、明年的打算"),
            paragraph(kind.HEADING_2, "（一）在学深一层上用力。", _LONG),
            paragraph(kind.HEADING_2, "（二）在做实一线上用力。", _LONG),
            paragraph(kind.BODY, "", "以上总结，请各位党员批评指正。"),
        ),
        blanks=("召开支部委员会【X次】", "党员大会【X次】", "收集意见建议【X条】，办结【X条】，办结率达到【X%】"),
        sources=("某局党组2023年党建工作总结·一（三）", "某机关党支部2023年支部工作总结·二（一）"),
        remarks=("全文有六成文字与语料相同，请结合实际改写。",),
    )


def parts(file: bytes) -> dict[str, etree._Element]:
    """The XML parts of a .docx by name."""
    with ZipFile(BytesIO(file)) as archive:
        return {name: etree.fromstring(archive.read(name)) for name in archive.namelist()}


def opened(manuscript: Manuscript, chosen: Layout = STANDARD) -> Document:
    return docx.Document(BytesIO(write_manuscript(manuscript, chosen)))


def of(*paragraphs: ManuscriptParagraph, **lists: tuple[str, ...]) -> Manuscript:
    return Manuscript("文稿", paragraphs, **lists)


def style_of(written: Paragraph) -> ParagraphStyle:
    found = written.style
    assert isinstance(found, ParagraphStyle)
    return found
