"""The caps of an archive one by one: in a bomb they cover each other, so each is met alone here."""

from __future__ import annotations

import io
import zipfile

import pytest

from knowledge.corpus.readers.archive import Archive
from knowledge.corpus.readers.errors import Reason, UnreadableDocument
from knowledge.corpus.readers.limits import (
    MAX_PART_BYTES,
    MAX_ZIP_RATIO,
    MAX_ZIP_TOTAL_BYTES,
    MIB,
    ZIP_RATIO_FLOOR_BYTES,
)


def archive_of(parts: dict[str, bytes], compression: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as written:
        for name, content in parts.items():
            written.writestr(name, content)
    return buffer.getvalue()


def test_parts_that_are_small_but_packed_too_well_are_a_bomb() -> None:
    part = bytes(MIB)
    data = archive_of({f"a{number}": part for number in range(6)}, zipfile.ZIP_DEFLATED)
    assert len(part) < MAX_PART_BYTES
    assert ZIP_RATIO_FLOOR_BYTES < 6 * MIB < MAX_ZIP_TOTAL_BYTES
    assert len(data) * MAX_ZIP_RATIO < 6 * MIB
    with pytest.raises(UnreadableDocument) as caught:
        Archive(data)
    assert caught.value.reason is Reason.BOMB


def test_one_part_too_long_is_a_bomb_even_where_nothing_is_packed() -> None:
    archive = Archive(archive_of({"a": bytes(MAX_PART_BYTES + 1), "b": b"b"}, zipfile.ZIP_STORED))
    with pytest.raises(UnreadableDocument) as caught:
        next(archive.read("a"))
    assert caught.value.reason is Reason.BOMB
    assert b"".join(archive.read("b")) == b"b"
