"""Hostile files: each refused (or read) within a second of processor time and 100 MiB of memory beyond the input.

Every case runs in a process of its own, so that its peak memory is its own. Processor time is measured, its children's
included, for the clock of a shared machine says little.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from knowledge.corpus.reader import Reason, UnreadableDocument, read
from knowledge.corpus.readers.limits import (
    MAX_CHARACTERS,
    MAX_FILE_BYTES,
    MAX_PARAGRAPHS,
    MAX_XML_DEPTH,
    MAX_XML_ELEMENTS,
    MAX_ZIP_ENTRIES,
    MIB,
)
from tests.knowledge.reader_fixtures import (
    SENTENCES,
    W,
    deflated_zeros,
    document_xml,
    docx,
    docx_parts,
    level,
    numbering,
    paragraph,
    pdf,
    pdf_bomb,
    pdf_of,
    style,
    styles,
    zip_by_hand,
    zip_of,
)

CPU_SECONDS: Final = 2.0
"""A second at most where nothing else runs (docs/reliability.md); cores that are shared take longer over the same work."""

MEMORY_BYTES: Final = 100 * MIB

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")


def document(xml: str | bytes) -> bytes:
    parts = docx_parts(paragraph("正文"))
    parts["word/document.xml"] = xml.encode() if isinstance(xml, str) else xml
    return zip_of(parts.items())


def claiming(size: int, claimed: int) -> bytes:
    """Return a docx whose main part is ``size`` spaces, whatever its directory claims."""
    parts = docx_parts("")
    entries = [(name, zlib.compress(content)[2:-4], len(content)) for name, content in parts.items()]
    kept = [entry for entry in entries if entry[0] != "word/document.xml"]
    return zip_by_hand([*kept, ("word/document.xml", deflated_zeros(size), claimed)])


def doubled() -> bytes:
    parts = docx_parts(paragraph("甲"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return zip_of([*parts.items(), ("WORD/document.xml", document_xml(paragraph("乙")).encode())])


def entities() -> bytes:
    nested = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return document(f'<!DOCTYPE d [<!ENTITY a0 "哈">{nested}]><w:document xmlns:w="{W}">&a11;</w:document>')


def page(markup: str, size: int = 1_900_000) -> bytes:
    return ("<html><body>" + markup * (size // len(markup))).encode()


def root(content: str) -> str:
    return f'<w:document xmlns:w="{W}">{content}</w:document>'


CASES: Final[dict[str, tuple[Callable[[], bytes], str, Reason | None]]] = {
    "zeros": (lambda: claiming(100_000_000, 100_000_000), "a.docx", Reason.BOMB),
    "zeros that claim to be short": (lambda: claiming(100_000_000, 1_000), "a.docx", Reason.DAMAGED),
    "part over its cap": (lambda: document(document_xml("") + " " * 40_000_000), "a.docx", Reason.BOMB),
    "entries": (lambda: zip_by_hand([(f"a{n}", b"", 0) for n in range(60_000)]), "a.docx", Reason.BOMB),
    "entries that claim to be few": (
        lambda: zip_by_hand([(f"a{n}", b"", 0) for n in range(60_000)], claimed_entries=3),
        "a.docx",
        Reason.BOMB,
    ),
    "duplicate entries": (doubled, "a.docx", Reason.UNSAFE),
    "path upwards": (lambda: zip_of([*docx_parts("").items(), ("../../evil.sh", b"x")]), "a.docx", Reason.UNSAFE),
    "absolute path": (lambda: zip_of([*docx_parts("").items(), ("/etc/evil", b"x")]), "a.docx", Reason.UNSAFE),
    "windows path": (lambda: zip_of([*docx_parts("").items(), ("..\\evil", b"x")]), "a.docx", Reason.UNSAFE),
    "zip in zip": (
        lambda: zip_of([("a.zip", zip_of([("b.zip", deflated_zeros(9_000_000))]))]),
        "a.docx",
        Reason.ARCHIVE,
    ),
    "entities": (entities, "a.docx", Reason.UNSAFE),
    "external entity": (lambda: document('<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>'), "a.docx", Reason.UNSAFE),
    "depth": (lambda: document(root("<w:p>" * 300_000)), "a.docx", Reason.UNSAFE),
    "one attribute": (lambda: document(root('<w:p w:x="' + random_text(3_000_000) + '"/>')), "a.docx", Reason.UNSAFE),
    "attributes": (lambda: document(root("<w:p " + numbers('a{}="1" ', 900_000) + "/>")), "a.docx", Reason.UNSAFE),
    "names": (lambda: document(root(numbers("<e{}/>", 200_000))), "a.docx", Reason.UNSAFE),
    "namespaces": (lambda: document(root(numbers('<a xmlns:x{0}="u{0}"/>', 200_000))), "a.docx", Reason.UNSAFE),
    "elements": (lambda: document(root(numbers("<w:p>{}</w:p>", 300_000))), "a.docx", Reason.UNSAFE),
    "elements below the cap": (
        lambda: document(root(numbers("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", 62_000))),
        "a.docx",
        None,
    ),
    "lists and styles": (
        lambda: docx(
            "".join(paragraph("x", style=f"s{n}", number=(str(n), n % 9)) for n in range(10_000)),
            numbering_xml=numbering(
                {str(n): level(0, "decimal", "%1" * 50) for n in range(9_000)}, {str(n): str(n) for n in range(9_000)}
            ),
            styles_xml=styles(*(style(f"s{n}", f"n{n}", based_on=f"s{n + 1}") for n in range(10_000))),
        ),
        "a.docx",
        None,
    ),
    "one line of text": (lambda: "字".encode() * 2_600_000, "a.txt", Reason.TOO_LONG),
    "one line below the cap": (lambda: "字".encode() * 1_900_000, "a.txt", Reason.LONG_LINE),
    "rows": (lambda: "一\n".encode() * 900_000, "a.txt", Reason.TOO_LONG),
    "wrapped rows": (lambda: ("字；" * 19 + "字\n").encode() * 45_000, "a.txt", Reason.LONG_LINE),
    "commas": (lambda: "，\n".encode() * 190_000, "a.txt", None),
    "noise": (lambda: random.Random(1).randbytes(8 * MIB), "a.txt", Reason.BINARY),
    "stars": (lambda: ("*" * 1_999 + "\n").encode() * 900, "a.md", Reason.EMPTY),
    "brackets": (lambda: ("![a](b " * 280 + "。\n").encode() * 900, "a.md", None),
    "bars": (lambda: ("|-" * 990 + "x。\n").encode() * 900, "a.md", None),
    "elements of a page": (lambda: page("<div>"), "a.html", Reason.UNSAFE),
    "formatting of a page": (
        lambda: page(numbers("<font a={}>", 40_000) + "<p>x" * 200_000),
        "a.html",
        Reason.UNSAFE,
    ),
    "unclosed tags": (lambda: page("<a "), "a.html", Reason.EMPTY),
    "unclosed comments": (lambda: page("<!--"), "a.html", Reason.EMPTY),
    "unclosed code": (lambda: page("<%"), "a.jsp", Reason.UNSAFE),
    "unclosed expressions": (lambda: page("{{"), "a.jsp", Reason.LONG_LINE),
    "attributes of a page": (lambda: page("<p " + numbers("a{}=b ", 200_000) + ">"), "a.html", Reason.EMPTY),
    "cells of a page": (lambda: page("<table><tr><td>字"), "a.html", Reason.UNSAFE),
    "pdf stream": (lambda: pdf_bomb(300_000_000), "a.pdf", Reason.BOMB),
    "pdf operators": (lambda: pdf([[(72, 700, 12, "一")]], extra="\nq " * 1_500_000), "a.pdf", Reason.BOMB),
    "pdf objects": (lambda: b"%PDF-1.7\n" + b"1 0 obj <<" * 500_000, "a.pdf", Reason.DAMAGED),
    "pdf nesting": (
        lambda: pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Kids [" + b"[" * 3_000_000]),
        "a.pdf",
        Reason.BOMB,
    ),
    "pdf page loop": (
        lambda: pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 9 >>"]),
        "a.pdf",
        Reason.SCANNED,
    ),
}


def numbers(pattern: str, count: int) -> str:
    return "".join(pattern.format(n) for n in range(count))


def random_text(length: int) -> str:
    return random.Random(2).randbytes(length // 2).hex()


# Reads each file in a forked process and prints what came of it; baseline is the process with the file in memory.
_MEASURE: Final = """
import json, os, resource, sys
from knowledge.corpus.reader import UnreadableDocument, read_bytes
from knowledge.corpus.readers import docx, html, markdown, pdf, text

def peak():
    return next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))

def spent(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime

for case in json.load(sys.stdin):
    if os.fork():
        os.wait()
        continue
    data = open(case["path"], "rb").read()
    before, clock = peak(), spent(resource.RUSAGE_SELF)
    try:
        reason = "read" if read_bytes(data, case["name"]).text else "blank"
    except UnreadableDocument as error:
        reason = error.reason
    cpu = spent(resource.RUSAGE_SELF) - clock + spent(resource.RUSAGE_CHILDREN)
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    result = {"key": case["key"], "reason": reason, "cpu": cpu, "memory": max(peak(), worker) - before}
    print(json.dumps(result), flush=True)
    os._exit(0)
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    reason: str
    cpu: float
    memory: int


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder = tmp_path_factory.mktemp("bombs")
    cases = []
    for number, (key, (build, name, _)) in enumerate(CASES.items()):
        path = folder / str(number)
        path.write_bytes(build())
        cases.append({"key": key, "path": str(path), "name": name})
    result = subprocess.run(
        [sys.executable, "-c", _MEASURE],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
    )
    records = [json.loads(line) for line in result.stdout.splitlines()]
    return {record["key"]: Outcome(record["reason"], record["cpu"], record["memory"]) for record in records}


@pytest.mark.parametrize("key", CASES)
def test_a_hostile_file_costs_less_than_a_second_and_100_mib(outcomes: dict[str, Outcome], key: str) -> None:
    expected = CASES[key][2]
    outcome = outcomes[key]
    assert outcome.reason == (expected or "read")
    assert outcome.cpu < CPU_SECONDS
    assert outcome.memory < MEMORY_BYTES


def test_a_line_of_100_mb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(100 * MIB)
    with pytest.raises(UnreadableDocument) as caught:
        read(path)
    assert caught.value.reason is Reason.TOO_LARGE
    assert "32 MB" in str(caught.value)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(UnreadableDocument) as caught:
        read(tmp_path / "a.txt")
    assert caught.value.reason is Reason.NOT_A_FILE


def test_the_caps_leave_room_for_real_documents(tmp_path: Path) -> None:
    path = tmp_path / "yearbook.txt"
    paragraphs = [SENTENCES[0] + SENTENCES[1]] * 10_000
    path.write_text("\n".join(paragraphs), encoding="utf-8")
    assert len(read(path).text) > 900_000
    pages = "".join(paragraph(sentence) for sentence in SENTENCES * 2_000)
    path.write_bytes(docx(pages))
    assert len(read(path).text.split("\n")) == 6_000
    assert (MAX_FILE_BYTES, MAX_CHARACTERS, MAX_PARAGRAPHS) == (32 * MIB, 2_000_000, 100_000)
    assert (MAX_XML_DEPTH, MAX_XML_ELEMENTS, MAX_ZIP_ENTRIES) == (200, 200_000, 2_000)
