"""A zip file held at arm's length: its directory checked before it is believed, its parts read under a cap.

Nothing is ever unpacked to disk, and entry names are only compared, never followed.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from knowledge.corpus.readers.errors import Reason, UnreadableDocument
from knowledge.corpus.readers.limits import (
    MAX_PART_BYTES,
    MAX_ZIP_DIRECTORY_BYTES,
    MAX_ZIP_ENTRIES,
    MAX_ZIP_RATIO,
    MAX_ZIP_TOTAL_BYTES,
    ZIP_RATIO_FLOOR_BYTES,
)

# End of central directory record (APPNOTE.TXT 4.3.16): signature, disk numbers, entries, directory size and offset.
_END_MARK: Final = b"PK\x05\x06"
_END: Final = struct.Struct("<4s4H2LH")
_END_SEARCH: Final = _END.size + 0xFFFF
_ZIP64_MARK: Final = b"PK\x06\x07"
_ENCRYPTED_FLAG: Final = 0x1
_CHUNK: Final = 64 * 1024


class Archive:
    """The entries of one zip file by name."""

    def __init__(self, data: bytes) -> None:
        """Check the directory; raise ``UnreadableDocument``: truncated, damaged, encrypted, bomb, unsafe."""
        _check_directory(data)
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, OSError) as error:
            raise UnreadableDocument(Reason.DAMAGED) from error
        self._entries = _check_entries(self._zip.infolist(), len(data))

    @property
    def names(self) -> frozenset[str]:
        """The entry names, in lower case: Office compares part names without regard to case."""
        return frozenset(self._entries)

    def read(self, name: str) -> Iterator[bytes]:
        """Yield the content of entry ``name`` in chunks; raise ``UnreadableDocument`` when it is damaged or too long."""
        entry = self._entries[name.lower()]
        if entry.file_size > MAX_PART_BYTES:
            raise UnreadableDocument(Reason.BOMB)
        try:
            with self._zip.open(entry) as part:
                while chunk := part.read(_CHUNK):
                    yield chunk
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            struct.error,
            ValueError,
            NotImplementedError,
            OSError,
        ) as error:
            raise UnreadableDocument(Reason.DAMAGED) from error


def _check_directory(data: bytes) -> None:
    """Refuse a directory that would cost time and memory merely to list."""
    tail_start = max(0, len(data) - _END_SEARCH)
    position = data.rfind(_END_MARK, tail_start)
    if position < 0 or position + _END.size > len(data):
        raise UnreadableDocument(Reason.TRUNCATED)
    fields = _END.unpack_from(data, position)
    entries, size = fields[4], fields[5]
    # Zip64 is for archives beyond 4 GiB or 65 535 entries; no office program writes it for a document.
    if data.rfind(_ZIP64_MARK, tail_start, position) >= 0 and data[position - 20 : position - 16] == _ZIP64_MARK:
        raise UnreadableDocument(Reason.BOMB)
    if entries > MAX_ZIP_ENTRIES or size > MAX_ZIP_DIRECTORY_BYTES:
        raise UnreadableDocument(Reason.BOMB)


def _check_entries(entries: list[zipfile.ZipInfo], size: int) -> dict[str, zipfile.ZipInfo]:
    if len(entries) > MAX_ZIP_ENTRIES:
        raise UnreadableDocument(Reason.BOMB)
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        name = entry.filename.replace("\\", "/").lower()
        if name in found or name.startswith("/") or ":" in name or ".." in name.split("/"):
            raise UnreadableDocument(Reason.UNSAFE)
        if entry.flag_bits & _ENCRYPTED_FLAG:
            raise UnreadableDocument(Reason.ENCRYPTED)
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise UnreadableDocument(Reason.UNSAFE)
        found[name] = entry
    total = sum(entry.file_size for entry in entries)
    if total > MAX_ZIP_TOTAL_BYTES or total > max(ZIP_RATIO_FLOOR_BYTES, size * MAX_ZIP_RATIO):
        raise UnreadableDocument(Reason.BOMB)
    return found
