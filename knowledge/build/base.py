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
from knowledge.model import Passage
from knowledge.segmentation import Segmenter
from knowledge.store import KnowledgeBase, Manifest, open_base, update_base, write_base
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


def add_documents(
    paths: Iterable[Path],
    folder: Path,
    tables: TableSet,
    segmenter: Segmenter,
    progress: Progress = lambda number, count, name: None,
) -> BuildOutcome:
    """Add the documents below ``paths`` to the base at ``folder``; one of the same name replaces the report it made."""
    added, unreadable = digest_all(find_documents(paths), tables, progress)
    if not added.reports:
        raise ContentsError(
            "没有读到一篇材料，知识库未改动。" + "；".join(problem.reason for problem in unreadable[:5])
        )
    replaced = {report.id for report in added.reports}

    def merged(base: KnowledgeBase) -> Contents:
        known = {passage.id: passage for passage in base.passages(passage.id for passage in added.passages)}
        return replace(added, passages=tuple(_with_sources_of(p, known.get(p.id), replaced) for p in added.passages))

    return BuildOutcome(update_base(folder, segmenter, add=merged), unreadable)


def remove_reports(reports: Iterable[str], folder: Path, segmenter: Segmenter) -> Manifest:
    """Remove reports and all that came from them alone. Raises :class:`ContentsError` for one that is not there."""
    base = open_base(folder, segmenter)
    try:
        held = {report.id for report in base.reports()}
    finally:
        base.close()
    wanted = tuple(reports)
    if unknown := [report for report in wanted if report not in held]:
        raise ContentsError(f"库里没有“{'”、“'.join(unknown)}”。用 bigan kb list 看编号。")
    if held <= set(wanted):
        raise ContentsError("不能删掉最后一篇材料。要换一批，请用 bigan kb build 重新建库。")
    return update_base(folder, segmenter, remove=wanted)


def _with_sources_of(passage: Passage, known: Passage | None, replaced: set[str]) -> Passage:
    """Give a passage the sources of the one the base holds already, without those of reports being replaced."""
    if known is None:
        return passage
    kept = tuple(source for source in known.sources if source.report not in replaced)
    return replace(passage, sources=kept + passage.sources)


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
