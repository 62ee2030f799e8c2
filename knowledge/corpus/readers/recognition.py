"""What a file truly is, by its bytes: names lie (a web page called .doc, a docx called .txt)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from knowledge.corpus.readers.errors import Reason, UnreadableDocument


class Container(StrEnum):
    """How the bytes of a readable file are laid out; text is told apart further once it is decoded."""

    TEXT = "text"
    ZIP = "zip"
    PDF = "pdf"


# The first bytes of formats that are never read, with the sentence the user gets.
_SIGNATURES: Final = (
    (b"{\\rtf", Reason.RTF),
    (b"\x89PNG\r\n\x1a\n", Reason.IMAGE),
    (b"\xff\xd8\xff", Reason.IMAGE),
    (b"GIF8", Reason.IMAGE),
    (b"II*\x00", Reason.IMAGE),
    (b"MM\x00*", Reason.IMAGE),
    (b"\x00\x00\x01\x00", Reason.IMAGE),
    (b"7z\xbc\xaf\x27\x1c", Reason.ARCHIVE),
    (b"Rar!\x1a\x07", Reason.ARCHIVE),
    (b"\x1f\x8b", Reason.ARCHIVE),
    (b"BZh", Reason.ARCHIVE),
    (b"\xfd7zXZ\x00", Reason.ARCHIVE),
    (b"\x28\xb5\x2f\xfd", Reason.ARCHIVE),
    (b"\x7fELF", Reason.MEDIA),
    (b"MZ\x90\x00", Reason.MEDIA),
    (b"ID3", Reason.MEDIA),
    (b"OggS", Reason.MEDIA),
    (b"fLaC", Reason.MEDIA),
    (b"SQLite format 3\x00", Reason.BINARY),
)
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names in an OLE directory, UTF-16LE. A document locked with a password by Word 2007 and later is an OLE file too.
_OLE_STREAMS: Final = (
    ("EncryptedPackage", Reason.ENCRYPTED),
    ("WordDocument", Reason.OLD_WORD),
    ("PowerPoint Document", Reason.SLIDES),
    ("Workbook", Reason.SPREADSHEET),
    ("Book", Reason.SPREADSHEET),
    ("__substg1.0_", Reason.MAIL),
)
_ISO_MEDIA: Final = {b"heic": Reason.IMAGE, b"heix": Reason.IMAGE, b"mif1": Reason.IMAGE, b"avif": Reason.IMAGE}
_HEAD: Final = 4096

_HTML_START: Final = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_HTML_BLOCK_END: Final = re.compile(r"</(?:p|div|td|li|h[1-6])\s*>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[a-zA-Z!/%][^<>]{0,2000}>")
_MAIL_HEADER: Final = re.compile(r"\A(?:[A-Za-z-]{2,40}:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}", re.ASCII)
_MAIL_FIELD: Final = re.compile(r"^(?:MIME-Version|Received|Message-ID|Content-Type):", re.IGNORECASE | re.MULTILINE)


def recognise(data: bytes) -> Container:
    """Return how ``data`` is laid out; raise ``UnreadableDocument`` for every format that is not read."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return Container.ZIP
    if data.startswith(_OLE):
        raise UnreadableDocument(_ole_reason(data))
    for signature, reason in _SIGNATURES:
        if data.startswith(signature):
            raise UnreadableDocument(reason)
    if data[4:8] == b"ftyp":
        raise UnreadableDocument(_ISO_MEDIA.get(data[8:12], Reason.MEDIA))
    if data.startswith(b"RIFF"):
        raise UnreadableDocument(Reason.IMAGE if data[8:12] == b"WEBP" else Reason.MEDIA)
    if data.startswith(b"BM") and int.from_bytes(data[2:6], "little") == len(data):
        raise UnreadableDocument(Reason.IMAGE)
    if data[257:262] == b"ustar":
        raise UnreadableDocument(Reason.ARCHIVE)
    # Adobe's reader accepts the mark anywhere in the first 1024 bytes; scanners put their own header before it.
    return Container.PDF if b"%PDF-" in data[:1024] else Container.TEXT


def _ole_reason(data: bytes) -> Reason:
    for name, reason in _OLE_STREAMS:
        if name.encode("utf-16-le") in data:
            return reason
    return Reason.OLD_WORD


def looks_like_html(text: str, *, called_html: bool) -> bool:
    """Return whether decoded ``text`` is a web page.

    Under a name like .html any tag makes it one; under another name it has to open with a tag and go on as a page.
    """
    head = text[:_HEAD]
    if called_html:
        return _HTML_START.search(head) is not None or _TAG.search(text[: 4 * _HEAD]) is not None
    if not head.lstrip("\ufeff \t\r\n").startswith("<"):
        return False
    return _HTML_START.search(head) is not None or len(_HTML_BLOCK_END.findall(text[: 4 * _HEAD])) >= 2


def check_text_kind(text: str) -> None:
    """Raise ``UnreadableDocument`` for text files that are no documents: Word's XML, other XML, saved mails."""
    head = text[:_HEAD].lstrip("\ufeff \t\r\n")
    if head.startswith("<?xml"):
        if (
            "Word.Document" in head
            or "wordprocessingml" in head
            or "schemas.microsoft.com/office/2006/xmlPackage" in head
        ):
            raise UnreadableDocument(Reason.WORD_XML)
        if not _HTML_START.search(head):
            raise UnreadableDocument(Reason.XML)
    if _MAIL_HEADER.match(head) and _MAIL_FIELD.search(head):
        raise UnreadableDocument(Reason.MAIL)
