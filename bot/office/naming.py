"""The name of an exported file: one that Windows, WeChat Work and a phone take as it stands."""

from __future__ import annotations

import re
import unicodedata

from handlers.manuscript import Manuscript

SUFFIX = ".docx"
LONGEST_NAME_BYTES = 120
"""UTF-8 bytes with the suffix: 38 Chinese characters, well within the 255 bytes or units that file systems allow."""
NAMELESS = "文稿"

# What Windows refuses in a name, as the full-width form that reads the same (U+FF01–FF5E mirror ASCII).
_FORBIDDEN = {ord(char): ord(char) + 0xFEE0 for char in '\\/:*?"<>|'}
# Names that Windows keeps for devices, with any suffix.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|\s|$)", re.IGNORECASE)


def file_name(manuscript: Manuscript) -> str:
    """Return the name with its suffix, at most :data:`LONGEST_NAME_BYTES` of UTF-8.

    Chinese is kept; forbidden characters become their full-width forms, control and format characters go.
    """
    name = unicodedata.normalize("NFC", manuscript.file_name.removesuffix(SUFFIX))
    name = "".join(" " if char.isspace() else char for char in name if char.isspace() or _is_visible(char))
    name = _trim(" ".join(name.translate(_FORBIDDEN).split()))
    if _DEVICE.match(name):
        name = f"{NAMELESS}{name}"
    return (_trim(_cut(name, LONGEST_NAME_BYTES - len(SUFFIX))) or NAMELESS) + SUFFIX


def _is_visible(char: str) -> bool:
    # Control, format (among them the marks that turn the reading direction), half a pair, private, no character.
    return not unicodedata.category(char).startswith("C")


def _trim(name: str) -> str:
    """Return ``name`` without the dots and spaces at its ends that Windows drops or hides."""
    return name.strip(". ")


def _cut(name: str, limit: int) -> str:
    """Return as much of ``name`` as fits into ``limit`` bytes, never half a character."""
    return name.encode()[:limit].decode(errors="ignore")
