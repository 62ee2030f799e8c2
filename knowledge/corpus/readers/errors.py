"""Why a document cannot be read, in words for the person who gave it.

UnreadableDocument      .reason: a ``Reason``; str(): one or two Chinese sentences, what is wrong and what to do
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

_RESAVE: Final = "请用Word或WPS打开，另存为docx后再导入。"
_RETYPE: Final = "请先识别成文字（WPS或微信都能“提取文字”），另存为docx后再导入。"


class Reason(StrEnum):
    """A short, stable code for each way a document can be unreadable."""

    MISSING = "missing"
    NOT_A_FILE = "not_a_file"
    NO_PERMISSION = "no_permission"
    READ_FAILED = "read_failed"
    LOCK_FILE = "lock_file"
    EMPTY = "empty"
    NO_TEXT = "no_text"
    NO_MAIN_TEXT = "no_main_text"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    LONG_LINE = "long_line"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    BOMB = "bomb"
    UNSAFE = "unsafe"
    ENCODING = "encoding"
    BINARY = "binary"
    SCANNED = "scanned"
    GARBLED = "garbled"
    OLD_WORD = "old_word"
    RTF = "rtf"
    WORD_XML = "word_xml"
    XML = "xml"
    SPREADSHEET = "spreadsheet"
    SLIDES = "slides"
    OPEN_DOCUMENT = "open_document"
    FIXED_LAYOUT = "fixed_layout"
    EBOOK = "ebook"
    IMAGE = "image"
    MEDIA = "media"
    ARCHIVE = "archive"
    MAIL = "mail"


_MESSAGES: Final = {
    Reason.MISSING: "找不到这个文件。请检查路径和文件名。",
    Reason.NOT_A_FILE: "这不是一个文件。请指定文件；整个文件夹请用 kb build。",
    Reason.NO_PERMISSION: "没有权限读取这个文件。请检查文件权限。",
    Reason.READ_FAILED: "读取文件时磁盘出错。请重新复制一份再导入。",
    Reason.LOCK_FILE: "这是Word或WPS打开文件时留下的临时文件，不用导入。",
    Reason.EMPTY: "文件是空的，没有内容。请检查是不是选错了文件。",
    Reason.NO_TEXT: "文件里没有文字，可能只有图片。" + _RETYPE,
    Reason.NO_MAIN_TEXT: "网页里只有栏目和链接，没有正文。请打开文章页面，把正文粘贴到Word或WPS，另存为docx后再导入。",
    Reason.TOO_LARGE: "文件太大（超过{limit}）。请删去图片或分成几份，另存为docx后再导入。",
    Reason.TOO_LONG: "文字太多（超过{limit}）。请分成几份，另存为docx后再导入。",
    Reason.LONG_LINE: "有一行超过{limit}，像是丢了换行或不是文稿。" + _RESAVE,
    Reason.TRUNCATED: "文件不完整，末尾缺了一截，可能没有下载或复制完。请重新取一份完整的文件。",
    Reason.DAMAGED: "文件已损坏，读不出来。请重新取一份；如果还能打开，" + _RESAVE,
    Reason.ENCRYPTED: "文件设了密码。请用Word或WPS输入密码打开，去掉密码，另存为docx后再导入。",
    Reason.BOMB: "文件展开后大得不正常，为安全起见没有读取。如果确是文稿，" + _RESAVE,
    Reason.UNSAFE: "文件的内部结构不正常，为安全起见没有读取。如果确是文稿，" + _RESAVE,
    Reason.ENCODING: "认不出文字编码，读出来会是乱码。请用记事本打开，另存为UTF-8编码；或" + _RESAVE[1:],
    Reason.BINARY: "这不是文字文件。如果确是文稿，" + _RESAVE,
    Reason.SCANNED: "这个PDF是扫描图片，没有文字。" + _RETYPE,
    Reason.GARBLED: "这个PDF的文字取不出来（字体里没有文字对照），复制出来是乱码。" + _RETYPE,
    Reason.OLD_WORD: "这是旧版Word或WPS文字文件（doc、wps），读不了。" + _RESAVE,
    Reason.RTF: "这是RTF文件，读不了。" + _RESAVE,
    Reason.WORD_XML: "这是Word的XML文件，读不了。" + _RESAVE,
    Reason.XML: "这是XML数据文件，不是文稿。如果确是文稿，" + _RESAVE,
    Reason.SPREADSHEET: "这是表格文件（xls、et），读不了。请把要用的文字粘贴到Word或WPS文字，另存为docx后再导入。",
    Reason.SLIDES: "这是演示文稿（ppt、dps），读不了。请把要用的文字粘贴到Word或WPS文字，另存为docx后再导入。",
    Reason.OPEN_DOCUMENT: "这是ODF文件（odt等），读不了。" + _RESAVE,
    Reason.FIXED_LAYOUT: "这是OFD版式文件，读不了。请用WPS打开，另存为docx后再导入。",
    Reason.EBOOK: "这是电子书，读不了。请把要用的文字粘贴到Word或WPS文字，另存为docx后再导入。",
    Reason.IMAGE: "这是图片，读不了。" + _RETYPE,
    Reason.MEDIA: "这是音频、视频或程序，不是文稿，不能导入。",
    Reason.ARCHIVE: "这是压缩包。请先解压，再导入里面的文件（doc、wps请先另存为docx）。",
    Reason.MAIL: "这是邮件或单文件网页（eml、mht），读不了。" + _RESAVE,
}


class UnreadableDocument(Exception):  # noqa: N818 - a finding about a document, reported to the user as such
    """A document that yields no text: ``str()`` says in Chinese what is wrong and what to do, ``reason`` is its code.

    ``limit`` fills the cap into the sentence where it names one (``"8 MB"``, ``"200万字"``). The text never contains
    a word of the document.
    """

    def __init__(self, reason: Reason, limit: str = "") -> None:
        super().__init__(_MESSAGES[reason].format(limit=limit))
        self.reason = reason
