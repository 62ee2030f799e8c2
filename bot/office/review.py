"""Review (校对稿): a file that was sent, read, checked, and given back as a Word file with comments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.office.comments import UnmarkableDocument, annotate
from bot.office.manuscript import write_manuscript
from bot.office.naming import SUFFIX, file_name
from bot.office.proof import Proof, YearSource
from bot.office.word_text import read_word
from handlers.files import has_identity_number, is_secret
from handlers.manuscript import Manuscript, ManuscriptParagraph, ParagraphKind
from knowledge.corpus.reader import read_bytes
from knowledge.library import Library

FORMATS = ("docx", "txt")

LONGEST_TEXT = 200_000
"""Characters, ten times a long report: a check of so many takes two seconds of a processor."""


class UnsuitableFileError(Exception):
    """A file that is not checked. ``why`` is ``kind``, ``long``, ``secret`` or ``identity number``; nothing of it is kept."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Review:
    """A checked file: what was found, and its name and bytes with comments.

    ``document`` is ``None`` for a docx that can be read and not written back; ``remark`` says why, in Chinese.
    """

    proof: Proof
    name: str
    document: bytes | None = field(repr=False)
    remark: str = ""


def check_suitable(data: bytes, name: str) -> str:
    """Return the format of a file that may be handled at all.

    Raises ``UnreadableDocument``, and :class:`UnsuitableFileError` for other kinds, for what is too long, for a mark of
    secrecy and for an identity number.
    """
    document = read_bytes(data, name)
    if document.format not in FORMATS:
        raise UnsuitableFileError("kind")
    if len(document.text) > LONGEST_TEXT:
        raise UnsuitableFileError("long")
    if is_secret(document.text):
        raise UnsuitableFileError("secret")
    if has_identity_number(document.text):
        raise UnsuitableFileError("identity number")
    return document.format


def review(data: bytes, name: str, library: Library, *, unit: str | None, now: datetime) -> Review:
    """Check a docx or a text; takes seconds for a long one, so it belongs beside the event loop.

    ``name`` is the file's own, ``unit`` that of its author, ``now`` the local time. Raises what :func:`check_suitable` does.
    """
    if check_suitable(data, name) == "txt":
        data = _as_word(read_bytes(data, name).text, name)
    word = read_word(data)
    recognised = library.recognise_year(word.text)
    year, source = (now.year, YearSource.CLOCK) if recognised is None else (recognised, YearSource.TEXT)
    findings = sorted(library.check(word.text, year=year, unit=unit), key=lambda finding: (finding.start, finding.end))
    proof = Proof(name, word.text, year, source, tuple(findings))
    copy = file_name(Manuscript(f"{_stem(name)}-校对", ()))
    try:
        return Review(proof, copy, annotate(data, word, proof, now).data)
    except UnmarkableDocument as error:
        return Review(proof, copy, None, str(error))


def _as_word(text: str, name: str) -> bytes:
    """Lay a text out as a Word file, for comments to stand in."""
    lines = (line.strip() for line in text.split("\n"))
    paragraphs = tuple(ManuscriptParagraph(ParagraphKind.BODY, "", line) for line in lines if line)
    return write_manuscript(Manuscript(_stem(name), paragraphs))


def _stem(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and f".{suffix.lower()}" in {SUFFIX, ".txt"} else name
