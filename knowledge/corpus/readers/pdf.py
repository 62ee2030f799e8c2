"""PDF with a text layer: page by page from a guarded process, lines joined into paragraphs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from knowledge.corpus.readers.document import Extract, Line
from knowledge.corpus.readers.errors import Reason, UnreadableDocument
from knowledge.corpus.readers.limits import (
    MAX_CHARACTERS,
    MAX_PDF_PAGES,
    PDF_MEMORY_BYTES,
    PDF_STEP_CPU_SECONDS,
    PDF_TOTAL_CPU_SECONDS,
    PDF_WALL_SECONDS,
)
from knowledge.corpus.readers.pdf_layout import Page, PageLine, join_pages

_WORKER: Final = Path(__file__).with_name("pdf_worker.py")
_ERRORS: Final = {"encrypted": Reason.ENCRYPTED, "damaged": Reason.DAMAGED, "too_long": Reason.TOO_LONG}
# Fewer characters a page than this, page numbers aside, is a scan with stamps on it.
_SCANNED_CHARACTERS: Final = 10
# Characters of private use, control or replacement: the font has no table from shapes to characters.
_GARBLED_SHARE: Final = 0.2


def read_pdf(data: bytes) -> Extract:
    """Return the paragraphs of a PDF without page numbers and running headers.

    Raises ``UnreadableDocument``: encrypted, damaged, scanned, garbled, and bomb for a file that exceeds the time or
    memory of its process.
    """
    pages = _run_worker(data)
    paragraphs = join_pages(pages)
    characters = sum(len(paragraph) for paragraph in paragraphs)
    if characters < _SCANNED_CHARACTERS * len(pages):
        raise UnreadableDocument(Reason.SCANNED)
    odd = sum(_is_garbled(character) for paragraph in paragraphs for character in paragraph)
    if odd > characters * _GARBLED_SHARE:
        raise UnreadableDocument(Reason.GARBLED)
    empty = [str(number) for number, page in enumerate(pages, 1) if not page.lines]
    remarks = ["PDF的段落是按版面接起来的，请抽查分段。"]
    if empty:
        remarks.append(f"第{'、'.join(empty[:20])}页没有文字（空白页或图片）。")
    return Extract([Line(paragraph) for paragraph in paragraphs], remarks=tuple(remarks))


def _run_worker(data: bytes) -> list[Page]:
    limits = (PDF_STEP_CPU_SECONDS, PDF_TOTAL_CPU_SECONDS, PDF_MEMORY_BYTES, MAX_PDF_PAGES, MAX_CHARACTERS)
    # -I: neither the environment nor the current folder decides what the worker imports.
    command = [sys.executable, "-I", str(_WORKER), *map(str, limits)]
    try:
        result = subprocess.run(  # noqa: S603 - our own interpreter and file, no shell
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PDF_WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableDocument(Reason.BOMB) from error
    except OSError as error:
        raise UnreadableDocument(Reason.READ_FAILED) from error
    records = [json.loads(line) for line in result.stdout.splitlines() if line.endswith(b"}")]
    for record in records:
        if "error" in record:
            raise UnreadableDocument(_ERRORS[record["error"]], f"{MAX_PDF_PAGES}页或{MAX_CHARACTERS // 10_000}万字")
    if result.returncode or not records or len(records) != records[0]["pages"] + 1:
        raise UnreadableDocument(Reason.BOMB)
    return [_to_page(record) for record in records[1:]]


def _to_page(record: dict[str, Any]) -> Page:
    lines = [PageLine(text, left, right, bottom, top) for text, left, right, bottom, top in record["lines"]]
    return Page(record["width"], record["height"], lines)


def _is_garbled(character: str) -> bool:
    return "\ue000" <= character <= "\uf8ff" or character == "\ufffd" or (character < " " and character not in "\t\n")
