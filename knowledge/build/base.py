"""Build a knowledge base from folders of documents: every readable document in, every unreadable one named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from knowledge.build.pipeline import Digest, digest, merge
from knowledge.contents import Contents, Problem
from knowledge.corpus.reader import UnreadableDocument, read
from knowledge.errors import ContentsError
from knowledge.segmentation import Segmenter
from knowledge.store import Manifest, write_base
from knowledge.tableset import TableSet

Progress = Callable[[int, int, str], None]
"""Called before each document with its number from 1, how many there are, and its name."""


@dataclass(frozen=True, slots=True)
class BuildOutcome:
    """A finished build: the manifest, and the documents that could not be read."""

    manifest: Manifest
    unreadable: tuple[Problem, ...]


def bundled_reports() -> Path:
    """Return the folder of the reports that ship with the program."""
    return Path(str(resources.files("knowledge").joinpath("data", "reports")))


def find_documents(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the files below ``paths``, sorted by name; hidden files are passed over.

    Raises :class:`ContentsError` when a path does not exist.
    """
    return tuple(file for path in paths for file in _files(path))


def build_base(
    paths: Iterable[Path],
    folder: Path,
    tables: TableSet,
    segmenter: Segmenter,
    progress: Progress = lambda number, count, name: None,
) -> BuildOutcome:
    """Build the documents below ``paths`` into the knowledge base at ``folder``, replacing what it held."""
    contents, unreadable = digest_all(find_documents(paths), tables, progress)
    if not contents.reports:
        reasons = "；".join(f"{problem.report}：{problem.reason}" for problem in unreadable[:5])
        raise ContentsError(f"没有读到一篇材料，知识库未改动。{reasons}")
    return BuildOutcome(write_base(folder, contents, segmenter), unreadable)


def digest_all(
    files: Iterable[Path], tables: TableSet, progress: Progress = lambda number, count, name: None
) -> tuple[Contents, tuple[Problem, ...]]:
    """Take documents through every stage; one that cannot be read becomes a problem and stops nothing."""
    files = tuple(files)
    digests: list[Digest] = []
    unreadable: list[Problem] = []
    names: set[str] = set()
    for number, file in enumerate(files, 1):
        progress(number, len(files), file.name)
        try:
            document = read(file)
        except UnreadableDocument as error:
            unreadable.append(Problem(file.name, "read", str(error), "", None, None))
            continue
        name = _unique(document.name, names)
        digests.append(digest(replace(document, name=name), tables))
    contents = merge(digests)
    return replace(contents, problems=(*contents.problems, *unreadable)), tuple(unreadable)


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from sorted(
            file
            for file in path.rglob("*")
            if file.is_file() and not any(part.startswith((".", "~$")) for part in file.relative_to(path).parts)
        )
    else:
        raise ContentsError(f"找不到“{path}”。请给出存放材料的文件夹或文件。")


def _unique(name: str, taken: set[str]) -> str:
    """Return ``name``, numbered where two documents share a file stem (总结.txt and 总结.docx)."""
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name}-{number}"
    taken.add(unique)
    return unique
