"""The manifest of one version of a knowledge base: what it was built with, what it holds, and a checksum of every file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from knowledge.contents import Counts, Problem
from knowledge.errors import BaseDamagedError, BaseOutdatedError
from knowledge.model import Heading, HeadingSet, Outline, Passage, Report, Role, Source
from knowledge.store.codec import pack, unpack
from knowledge.store.folder import LOCK_SUFFIX, MANIFEST, Pointer

FORMAT = 1
"""Version of the files' layout; raise it when an older program could not read them."""

_STORED = (Report, Outline, Heading, HeadingSet, Passage, Source, Problem)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file of a version, by its path inside the version's folder; ``size`` in bytes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """One report of a version and the SHA-256 of the document it came from."""

    id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version is: ``created`` is ISO 8601 in UTC, ``fingerprint`` names the analysis it was built with."""

    version: str
    created: str
    fingerprint: str
    counts: Counts
    reports: tuple[ReportRecord, ...]
    files: tuple[FileRecord, ...]

    def write(self, folder: Path) -> str:
        """Write the manifest into a version's folder and return its SHA-256."""
        content = json.dumps({"format": layout(), "manifest": pack(self)}, ensure_ascii=False).encode()
        (folder / MANIFEST).write_bytes(content)
        return sha256(content).hexdigest()


def layout() -> str:
    """Name the layout of a version's files, the stored types with their fields included."""
    types = [(kind.__name__, *(field.name for field in fields(kind))) for kind in _STORED]
    return f"{FORMAT}-{sha256(repr((types, list(Role))).encode()).hexdigest()[:12]}"


def read_manifest(folder: Path, pointer: Pointer) -> Manifest:
    """Read a manifest and check it against the pointer's checksum, the format and the sizes of all files."""
    outer = _read(folder / MANIFEST, pointer.manifest_sha256)
    if outer.get("format") != layout():
        raise BaseOutdatedError("知识库是另一版程序建的，读不了。请运行 bigan kb build 重新建库")
    try:
        manifest = unpack(Manifest, outer["manifest"])
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(MANIFEST) from error
    for record in manifest.files:
        if _size(folder / record.path) != record.size:
            raise _damaged(record.path)
    return manifest


def damaged_files(folder: Path, manifest: Manifest) -> tuple[str, ...]:
    """Read every file of a version and return the paths of those that are not as they were written."""
    return tuple(record.path for record in manifest.files if _digest(folder / record.path) != record.sha256)


def record_files(folder: Path, known: Mapping[str, FileRecord], origin: Path | None = None) -> Iterator[FileRecord]:
    """Describe every file of a new version; ``known`` records serve again for files that are links to ``origin``'s."""
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        record = known.get(name)
        if record is None or origin is None or not _is_link(path, origin / name):
            record = FileRecord(name, path.stat().st_size, _digest(path) or "")
        yield record


def _files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != LOCK_SUFFIX)


def _is_link(path: Path, original: Path) -> bool:
    try:
        return os.path.samestat(path.stat(), original.stat())
    except OSError:
        return False


def _read(path: Path, digest: str) -> dict[str, Any]:
    """Read a JSON object from a file whose checksum is known."""
    try:
        content = path.read_bytes()
        outer = json.loads(content) if sha256(content).hexdigest() == digest else None
    except (OSError, ValueError) as error:
        raise _damaged(path.name) from error
    if not isinstance(outer, dict):
        raise _damaged(path.name)
    return outer


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _damaged(name: str) -> BaseDamagedError:
    return BaseDamagedError(f"知识库的文件坏了：{name}。请运行 bigan kb build 重新建库")
