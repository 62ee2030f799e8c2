"""LibreOffice, and the pages it makes of a Word file, read with pdfium."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pytest

PROGRAM = shutil.which("soffice") or shutil.which("libreoffice")
SECONDS = 180
"""A first start makes a profile, which takes a while on a slow machine."""

WHY_NOT = (
    "pages are rendered by make test-office"
    if not os.environ.get("OFFICE_TESTS")
    else "LibreOffice (soffice) is not installed"
    if PROGRAM is None
    else ""
)
"""Why no pages are rendered; empty where they are."""

requires_libreoffice = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)


def skip_without_libreoffice() -> None:
    """Leave out the whole module, in one line, where no pages are rendered."""
    if WHY_NOT:
        pytest.skip(WHY_NOT, allow_module_level=True)


@dataclass(frozen=True, slots=True)
class Line:
    """Text on one line, without spaces: its ends and its baseline in points from the upper left corner, and the font of
    each of its characters.
    """

    text: str
    left: float
    right: float
    baseline: float
    fonts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: width and height in points, its lines from above."""

    width: float
    height: float
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


def render(file: bytes, folder: Path) -> bytes:
    """The PDF that LibreOffice makes of a .docx in ``folder``, with a profile of its own."""
    folder.mkdir(exist_ok=True)
    source = folder / "file.docx"
    source.write_bytes(file)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [str(PROGRAM), profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(source)]
    environment = {**os.environ, "HOME": str(folder)}
    subprocess.run(command, env=environment, capture_output=True, check=True, timeout=SECONDS)
    return (folder / "file.pdf").read_bytes()


def read_pages(pdf: bytes) -> list[Page]:
    """The pages with their lines; characters whose baselines are within three points share one."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_read_page(page) for page in document]
    finally:
        document.close()


def chinese_fonts() -> list[str]:
    """One font of each Chinese family that is installed, by the names LibreOffice can be asked for."""
    program = shutil.which("fc-list")
    if program is None:
        return []
    answer = subprocess.run([program, ":lang=zh-cn", "family"], capture_output=True, text=True, check=True)
    return sorted({line.split(",")[0].strip() for line in answer.stdout.splitlines() if line.strip()})


def _read_page(page: pypdfium2.PdfPage) -> Page:
    width, height = page.get_size()
    textpage = page.get_textpage()
    characters = sorted(_characters(textpage, height), key=lambda line: line.baseline)
    lines: list[list[Line]] = []
    for character in characters:
        if lines and character.baseline - lines[-1][0].baseline <= 3:
            lines[-1].append(character)
        else:
            lines.append([character])
    textpage.close()
    page.close()
    return Page(width, height, tuple(map(_join, lines)))


def _characters(textpage: pypdfium2.PdfTextPage, height: float) -> Iterator[Line]:
    for n in range(textpage.count_chars()):
        text = textpage.get_text_range(n, 1)
        if text.strip():
            x, y = ctypes.c_double(), ctypes.c_double()
            pypdfium2.raw.FPDFText_GetCharOrigin(textpage, n, ctypes.byref(x), ctypes.byref(y))
            left, _, right, _ = textpage.get_charbox(n, loose=True)
            yield Line(text, left, right, height - y.value, (_font(textpage, n),))


def _font(textpage: pypdfium2.PdfTextPage, n: int) -> str:
    name, flags = ctypes.create_string_buffer(200), ctypes.c_int()
    size = pypdfium2.raw.FPDFText_GetFontInfo(textpage, n, name, 200, ctypes.byref(flags))
    return name.raw[: max(0, size - 1)].decode()


def _join(characters: list[Line]) -> Line:
    ordered = sorted(characters, key=lambda line: line.left)
    text, fonts = "".join(line.text for line in ordered), tuple(line.fonts[0] for line in ordered)
    return Line(text, ordered[0].left, max(line.right for line in ordered), ordered[0].baseline, fonts)
