"""The folder of a knowledge base: its versions, which one is current, and who may write.

    BASE/CURRENT              "<version> <sha256 of its manifest>", replaced in one step
    BASE/versions/<version>/  manifest.json, entries.sqlite, index/
    BASE/lock                 held by the process that builds

A version is written under a name that starts with ``partial-``, made durable, renamed, and only then made current: a
process killed at any moment leaves the current version whole. The current and the previous version stay; older ones
are removed, and remain readable to whoever has them open.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

from knowledge.errors import BaseBusyError, BaseMissingError, StoreError

MANIFEST = "manifest.json"
DATABASE = "entries.sqlite"
INDEX = "index"
LOCK_SUFFIX = ".lock"
"""The search engine's lock files; they are no part of a version."""

_CURRENT = "CURRENT"
_VERSIONS = "versions"
_PARTIAL = "partial-"
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Pointer:
    """What CURRENT says: the version's name and the SHA-256 of its manifest."""

    version: str
    manifest_sha256: str


def version_folder(base: Path, version: str) -> Path:
    """Return the folder of a version."""
    return base / _VERSIONS / version


def read_pointer(base: Path) -> Pointer:
    """Read which version is current; raises ``BaseMissingError`` where there is none."""
    try:
        words = (base / _CURRENT).read_text(encoding="ascii").split()
        version, digest = words
    except (OSError, ValueError) as error:
        raise BaseMissingError(f"没有找到知识库：{base}。请先运行 bigan kb build 建库") from error
    if Path(version).name != version:
        raise BaseMissingError(f"没有找到知识库：{base}的CURRENT写坏了。请重新运行 bigan kb build")
    return Pointer(version, digest)


def version_name(folder: Path) -> str:
    """Return the name that a version's folder has, or will have once it is published."""
    return folder.name.removeprefix(_PARTIAL)


@contextmanager
def building(base: Path, patience: float) -> Iterator[Path]:
    """Hold the base for writing and give the folder for a new version; what is left there without ``publish`` is removed.

    Another builder is waited for ``patience`` seconds; then ``BaseBusyError``.
    """
    try:
        (base / _VERSIONS).mkdir(parents=True, exist_ok=True)
        descriptor = os.open(base / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise _unwritable(base) from error
    try:
        _lock(descriptor, patience)
        _remove_leftovers(base)
        folder = base / _VERSIONS / (_PARTIAL + _new_version())
        folder.mkdir()
        try:
            yield folder
        except OSError as error:
            raise _unwritable(base) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # a published version has another name by now
    finally:
        # Closing releases the lock, and so does the end of the process, however it ends.
        os.close(descriptor)


def publish(base: Path, folder: Path, manifest_sha256: str) -> None:
    """Make a finished version folder durable and current, and remove the versions before the previous one."""
    version = version_name(folder)
    with suppress(BaseMissingError):
        previous = read_pointer(base).version
        _remove_versions(base, keep={previous, folder.name})
    for path in (*folder.rglob("*"), folder):
        if path.suffix != LOCK_SUFFIX:
            _synchronize(path)
    folder.rename(version_folder(base, version))
    _synchronize(base / _VERSIONS)
    draft = base / (_CURRENT + ".new")
    draft.write_text(f"{version} {manifest_sha256}\n", encoding="ascii")
    _synchronize(draft)
    draft.replace(base / _CURRENT)
    _synchronize(base)


class Follower:
    """Tells cheaply whether a base has a newer version than the one being served."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._stamp: tuple[int, int, int] | None = None
        self._version: str | None = None

    def newer_than(self, version: str) -> str | None:
        """Return the current version if it is another one, else ``None``: one ``stat`` unless CURRENT was replaced."""
        try:
            status = (self._base / _CURRENT).stat()
            stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
            if stamp != self._stamp:
                self._version = read_pointer(self._base).version
                self._stamp = stamp
        except (OSError, BaseMissingError):
            return None
        return self._version if self._version != version else None


def _lock(descriptor: int, patience: float) -> None:
    deadline = monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if monotonic() >= deadline:
                raise BaseBusyError("另一个进程正在写这个知识库，请等它结束后再试") from error
            sleep(_POLL_SECONDS)
        else:
            return


def _unwritable(base: Path) -> StoreError:
    return StoreError(f"知识库写不了：{base}。请检查目录权限和磁盘空间")


def _new_version() -> str:
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"


def _remove_leftovers(base: Path) -> None:
    """Remove what a killed builder left; only the holder of the lock may."""
    for folder in (base / _VERSIONS).glob(_PARTIAL + "*"):
        shutil.rmtree(folder, ignore_errors=True)


def _remove_versions(base: Path, keep: set[str]) -> None:
    for folder in (base / _VERSIONS).iterdir():
        if folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)


def _synchronize(path: Path) -> None:
    """Wait until a file's contents, or a folder's entries, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
