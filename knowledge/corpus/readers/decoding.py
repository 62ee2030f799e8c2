"""From bytes to characters: which encoding a text file is in (编码), decided by its bytes alone.

The order of the questions is what makes the answer safe. A byte order mark is believed. Valid UTF-8 is UTF-8, for no
other encoding of Chinese passes its check. What is neither, and looks like neither UTF-16 nor Chinese in GB18030, is
refused: wrong characters in a knowledge base are worse than a missing file.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Final

from knowledge.corpus.readers.errors import Reason, UnreadableDocument

# At most one undecodable place in 50 characters beyond ASCII: web pages cut characters in half and carry addresses in
# another encoding. The wrong encoding yields one in ten (random bytes) to one in two (GBK read as UTF-8).
_TOLERATED_FAULTS: Final = 50
# Shares of GB2312 characters measured over decoded text: simplified 1.00, traditional in GBK 0.64–0.71, Big5 read as
# GBK 0.38, random bytes 0.25, Latin-1 0.17, UTF-16 and Shift-JIS 0.00.
_GB2312_SHARE: Final = 0.5
_PRIVATE_SHARE: Final = 0.02
# High bytes of UTF-16 units in Chinese text: ideographs, 0x00 ASCII, 0x20 quotes, 0x30 。、《》, 0xFF full width.
_UTF16_HIGH_BYTES: Final = bytes([0x00, 0x20, 0x30, 0xFF, *range(0x4E, 0xA0)])
_UTF16_SHARE: Final = 0.97
_UTF16_COMMON: Final = frozenset("，。、的\n 一和在是")
_CONTROL_SHARE: Final = 0.01
_TEXT_CONTROLS: Final = frozenset("\t\n\r\x0b\x0c\x1a\x00\x85")
_SAMPLE: Final = 100_000

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Characters and the encoding they were in; each place that could not be decoded is a U+FFFD."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """Return the characters of a text file.

    Raises ``UnreadableDocument``: truncated (the last character is cut), binary (control characters), encoding.
    """
    decoded = _decode_marked(data) or _decode_unmarked(data)
    sample = decoded.text[:_SAMPLE]
    controls = sum(character not in _TEXT_CONTROLS for character in sample if character < " ")
    if controls > len(sample) * _CONTROL_SHARE or sample.count("\x00") > len(sample) // 2:
        raise UnreadableDocument(Reason.BINARY)
    return decoded


def _decode_marked(data: bytes) -> Decoded | None:
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            text = _attempt(data[len(mark) :], codec)
            if text is None:
                raise UnreadableDocument(Reason.ENCODING)
            return Decoded(text, name)
    return None


def _decode_unmarked(data: bytes) -> Decoded:
    if codec := _find_utf16(data):
        text = _attempt(data, codec)
        if text is not None:
            return Decoded(text, "utf-16")
    text = _attempt(data, "utf-8")
    if text is not None:
        return Decoded(text, "utf-8")
    text = _attempt(data, "gb18030")
    if text is not None and _is_chinese(text):
        return Decoded(text, "gb18030")
    raise UnreadableDocument(Reason.BINARY if b"\x00" in data else Reason.ENCODING)


def _attempt(data: bytes, codec: str) -> str | None:
    """Return ``data`` in ``codec``, ``None`` when too much of it is not; raise when its last character is cut."""
    decoder = codecs.getincrementaldecoder(codec)("replace")
    text = decoder.decode(data)
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    if text.count("\ufffd") * _TOLERATED_FAULTS > beyond_ascii:
        return None
    if decoder.getstate()[0]:
        raise UnreadableDocument(Reason.TRUNCATED)
    return text


def _find_utf16(data: bytes) -> str | None:
    """Return the UTF-16 codec of ``data`` without a byte order mark, ``None`` unless it is beyond doubt.

    Latin letters are high bytes of ideographs too, so valid UTF-8 counts as UTF-16 only with NUL bytes on one side.
    """
    if len(data) < 8 or len(data) % 2:
        return None
    sides = {"utf-16-le": data[1::2], "utf-16-be": data[0::2]}
    units = len(data) // 2
    nuls = {codec: side.count(0) for codec, side in sides.items()}
    for codec, side in sides.items():
        other = nuls["utf-16-be" if codec == "utf-16-le" else "utf-16-le"]
        if nuls[codec] * 2 > units and not other:
            return codec
        plausible = units - len(side.translate(None, delete=_UTF16_HIGH_BYTES))
        if plausible >= units * _UTF16_SHARE and other * 10 <= units and _has_common(data, codec):
            return codec
    return None


def _has_common(data: bytes, codec: str) -> bool:
    """Return whether the start of ``data`` is no UTF-8 and has the characters that no Chinese text lacks."""
    sample = data[:2000]
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        text = sample.decode(codec, "replace")
        return sum(character in _UTF16_COMMON for character in text) * 50 >= len(text)
    return False


def _is_chinese(text: str) -> bool:
    """Return whether the characters beyond ASCII are those of Chinese writing, not of misread bytes."""
    beyond = [character for character in text[:_SAMPLE] if character > "\x7f"]
    if not beyond:
        return True
    private = sum("\ue000" <= character <= "\uf8ff" for character in beyond)
    try:
        "".join(beyond).encode("gb2312")
        known = len(beyond)
    except UnicodeEncodeError:
        known = sum(_is_gb2312(character) for character in beyond)
    return known >= len(beyond) * _GB2312_SHARE and private <= len(beyond) * _PRIVATE_SHARE


def _is_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
