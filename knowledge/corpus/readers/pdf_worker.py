"""A process of its own that takes the text out of one PDF (bytes on stdin, JSON lines on stdout).

PDF is a language with a large parser in C++ (PDFium). Whatever a hostile file does to it, crash, loop or memory, ends
with this process: it limits its own processor time, for each step and in all, and its address space, and the limits
are the kernel's. It imports nothing of the project, so that it starts fast and runs as a plain file.

Output: first ``{"pages": n}`` or ``{"error": code}``, then one object a page: its size and its lines, each line as
``[text, left, right, bottom, top]`` in points from the lower left corner.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pypdfium2
from pypdfium2 import raw

# Where PDFium thinks a word is hyphenated it marks the line's end so, and gives no line break.
_HYPHEN = "\ufffe"
# PDFium counts UTF-16 units: a rare character is two of them, so it gets a companion here.
_RARE = re.compile("[\U00010000-\U0010ffff]")
_COMPANION = "\u2060"
# A space that PDFium inserts for a gap between Chinese and Latin letters; typed spaces are not generated.
_SPACE_BESIDE_CHINESE = re.compile("(?<=[\u2e80-\uffef]) | (?=[\u2e80-\uffef])")


def main() -> None:
    """Read limits from the command line (seconds per step and in all, bytes of memory, pages, characters)."""
    step, total, memory, pages, characters = (float(argument) for argument in sys.argv[1:6])
    data = sys.stdin.buffer.read()
    _limit(step, total, int(memory) + len(data))
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        _write({"error": "encrypted" if "password" in str(error).lower() else "damaged"})
        return
    if len(document) > pages:
        _write({"error": "too_long"})
        return
    _write({"pages": len(document)})
    left = int(characters)
    for index in range(len(document)):
        _restart_clock(step)
        page = _read_page(document, index)
        left -= sum(len(line[0]) for line in page["lines"])
        if left < 0:
            _write({"error": "too_long"})
            return
        _write(page)


def _read_page(document: pypdfium2.PdfDocument, index: int) -> dict[str, Any]:
    try:
        page = document[index]
        text_page = page.get_textpage()
    except pypdfium2.PdfiumError:
        return {"width": 0, "height": 0, "lines": [], "broken": True}
    width, height = page.get_size()
    text = _RARE.sub(lambda match: match.group() + _COMPANION, text_page.get_text_range())
    aligned = len(text) == text_page.count_chars()
    lines = []
    for match in re.finditer(f"[^\r\n{_HYPHEN}]+{_HYPHEN}?", text):
        if match.group().strip(f" {_HYPHEN}"):
            box = _span(text_page, text, match.start(), match.end()) if aligned else [0.0, 0.0, 0.0, 0.0]
            content = _settle_spaces(text_page, match, box[3] - box[2]) if aligned else match.group()
            lines.append([content.replace(_HYPHEN, "-").replace(_COMPANION, ""), *box])
    return {"width": width, "height": height, "lines": lines}


def _span(text_page: pypdfium2.PdfTextPage, text: str, start: int, end: int) -> list[float]:
    """Return left and right of a line's visible characters, bottom and top of a few Chinese ones if it has any.

    Fonts and even characters (一) have boxes of different heights; a line's size is that of most of its letters.
    """
    visible = [index for index in range(start, end) if not text[index].isspace() and text[index] != _HYPHEN]
    chinese = [index for index in visible if text[index] > "\u2e7f"] or visible
    samples = [text_page.get_charbox(index, loose=True) for index in chinese[:: len(chinese) // 6 + 1]]
    left = text_page.get_charbox(visible[0], loose=True)[0]
    right = text_page.get_charbox(visible[-1], loose=True)[2]
    bottom, top = min(box[1] for box in samples), max(box[3] for box in samples)
    return [round(value, 1) for value in (left, right, bottom, top)]


def _settle_spaces(text_page: pypdfium2.PdfTextPage, match: re.Match[str], size: float) -> str:
    """Return a line with the spaces PDFium found: a wide gap is a tab (cells), a narrow one beside Chinese is nothing."""
    line, offset = match.group(), match.start()

    def replace(space: re.Match[str]) -> str:
        index = offset + space.start()
        if raw.FPDFText_IsGenerated(text_page, index) != 1 or not 0 < space.start() < len(line) - 1:
            return " "
        gap = text_page.get_charbox(index + 1, loose=True)[0] - text_page.get_charbox(index - 1, loose=True)[2]
        return "\t" if gap > size else ""

    return _SPACE_BESIDE_CHINESE.sub(replace, line)


def _limit(step: float, total: float, memory: int) -> None:
    """Set the limits, where the system has them (not on Windows; there the parent's clock remains)."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - not there on Windows

        statm = Path("/proc/self/statm")
        used = int(statm.read_text().split()[0]) * resource.getpagesize() if statm.exists() else 2**30
        resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
        resource.setrlimit(resource.RLIMIT_CPU, (int(total), int(total)))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _restart_clock(step)


def _restart_clock(step: float) -> None:
    """Let the kernel end the process after ``step`` seconds of processor time from now."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, step)


def _write(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")


if __name__ == "__main__":
    main()
