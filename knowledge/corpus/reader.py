"""Bytes to text for every office document (读取): the format decided by content, the rest by its own module.

``read`` and ``read_bytes`` return a ``Document`` or raise ``UnreadableDocument`` with a sentence for the user; for no
input anything else. The work for one file is bounded by the caps in ``readers/limits.py``.
"""

from __future__ import annotations

import hashlib
import re
import stat
from pathlib import Path, PurePosixPath
from typing import Final

from knowledge.corpus.readers.decoding import decode
from knowledge.corpus.readers.document import Document, Extract, HeadingHint
from knowledge.corpus.readers.errors import Reason, UnreadableDocument
from knowledge.corpus.readers.limits import MAX_FILE_BYTES, MAX_TEXT_BYTES, MIB
from knowledge.corpus.readers.lines import check_length, clean_text, compose
from knowledge.corpus.readers.recognition import Container, check_text_kind, looks_like_html, recognise

__all__ = ["Document", "HeadingHint", "Reason", "UnreadableDocument", "load", "read", "read_bytes"]

_SUFFIXES: Final = {
    ".txt": "txt",
    ".text": "txt",
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".shtml": "html",
    ".jsp": "html",
    ".asp": "html",
    ".aspx": "html",
    ".php": "html",
    ".docx": "docx",
    ".docm": "docx",
    ".dotx": "docx",
    ".pdf": "pdf",
}
_NAMES: Final = {"txt": "纯文本", "md": "Markdown", "html": "网页", "docx": "docx", "pdf": "PDF"}
# One unreadable place in 200 characters of text; the gate withholds the passages that have them.
_TOLERATED_FAULTS: Final = 200
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


def read(path: Path) -> Document:
    """Return the document at ``path``; raise ``UnreadableDocument`` when there is none or it yields no text."""
    return read_bytes(load(path), path.name)


def load(path: Path) -> bytes:
    """Return the bytes of the file at ``path``; raise ``UnreadableDocument`` when there is none or it is too large."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableDocument(Reason.NOT_A_FILE)
        _check_size(status.st_size, MAX_FILE_BYTES)
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise UnreadableDocument(Reason.MISSING) from error
    except PermissionError as error:
        raise UnreadableDocument(Reason.NO_PERMISSION) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise UnreadableDocument(Reason.READ_FAILED) from error


def read_bytes(data: bytes, name: str) -> Document:
    """Return the document in ``data``; ``name`` is its file name and only decides between kinds of text.

    Raises ``UnreadableDocument``, and nothing else, for whatever is not a readable document.
    """
    file_name = PurePosixPath(clean_text(_SURROGATES.sub("\ufffd", name)).replace("\\", "/"))
    if file_name.name.startswith("~$"):
        raise UnreadableDocument(Reason.LOCK_FILE)
    _check_size(len(data), MAX_FILE_BYTES)
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableDocument(Reason.EMPTY)
    suffix = file_name.suffix.lower()
    format_, encoding, extract = _extract(data, suffix)
    text, hints = compose(extract.lines)
    if not text:
        raise UnreadableDocument(Reason.EMPTY if encoding else Reason.NO_TEXT)
    faults = text.count("\ufffd")
    if faults * _TOLERATED_FAULTS > len(text):
        raise UnreadableDocument(Reason.ENCODING if encoding else Reason.GARBLED)
    remarks = [*_name_remarks(suffix, format_), *extract.remarks]
    if faults:
        remarks.append(f"有{faults}处乱码，已用\ufffd标出。")
    return Document(
        name=file_name.stem,
        text=text,
        format=format_,
        encoding=encoding,
        sha256=hashlib.sha256(data).hexdigest(),
        hints=hints,
        title=clean_text(extract.title).strip() or None if extract.title else None,
        remarks=tuple(remarks),
    )


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise UnreadableDocument(Reason.TOO_LARGE, f"{limit // MIB} MB")


def _extract(data: bytes, suffix: str) -> tuple[str, str, Extract]:
    """Return format, encoding and lines of ``data``, by the module its content asks for."""
    container = recognise(data)
    if container is Container.PDF:
        from knowledge.corpus.readers.pdf import read_pdf  # noqa: PLC0415 - only who reads a PDF pays for it

        return "pdf", "", read_pdf(data)
    if container is Container.ZIP:
        from knowledge.corpus.readers.docx import read_docx  # noqa: PLC0415

        return "docx", "", read_docx(data)
    _check_size(len(data), MAX_TEXT_BYTES)
    decoded = decode(data)
    check_length(decoded.text)
    check_text_kind(decoded.text)
    called = _SUFFIXES.get(suffix)
    if looks_like_html(decoded.text, called_html=called == "html"):
        from knowledge.corpus.readers.html import read_html  # noqa: PLC0415

        return "html", decoded.encoding, read_html(decoded.text)
    if called == "md":
        from knowledge.corpus.readers.markdown import read_markdown  # noqa: PLC0415

        return "md", decoded.encoding, read_markdown(decoded.text)
    from knowledge.corpus.readers.text import read_text  # noqa: PLC0415

    return "txt", decoded.encoding, read_text(decoded.text)


def _name_remarks(suffix: str, format_: str) -> list[str]:
    if _SUFFIXES.get(suffix) == format_:
        return []
    called = f"扩展名是{suffix}" if suffix else "没有扩展名"
    return [f"文件{called}，内容是{_NAMES[format_]}，已按{_NAMES[format_]}读取。"]
