"""A knowledge base as it is served: read-only, opened in an instant, safe to share between threads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from knowledge.contents import Contents, Problem, ReportSummary, TopicCount
from knowledge.errors import BaseOutdatedError, SearchError, StoreError
from knowledge.model import HeadingSet, Outline, Passage, Report, Role
from knowledge.search.engine import Form, Hit, Query, SearchEngine
from knowledge.search.tantivy_engine import TantivyEngine
from knowledge.segmentation import Segmenter
from knowledge.store.folder import DATABASE, INDEX, Pointer, read_pointer, version_folder
from knowledge.store.manifest import Manifest, damaged_files, read_manifest
from knowledge.store.reader import DatabaseReader, open_reader

_ATTEMPTS = 5


class KnowledgeBase:
    """One version of a knowledge base. It stays readable when newer builds remove its files."""

    def __init__(self, folder: Path, manifest: Manifest, reader: DatabaseReader, engine: SearchEngine) -> None:
        self.manifest = manifest
        self.engine = engine
        self._folder = folder
        self._reader = reader

    @property
    def version(self) -> str:
        """The version's name; later versions sort after earlier ones."""
        return self.manifest.version

    def reports(self) -> tuple[ReportSummary, ...]:
        """Return all reports without their texts, by id."""
        return self._reader.reports()

    def report(self, id_: str) -> Report | None:
        """Return a report with its text."""
        return self._reader.report(id_)

    def text(self, report: str) -> str | None:
        """Return a report's clean text."""
        return self._reader.text(report)

    def outline(self, report: str) -> Outline | None:
        """Return a report's outline."""
        return self._reader.outline(report)

    def heading_set(self, id_: str) -> HeadingSet | None:
        """Return a heading set by its id."""
        entry = self._reader.recent(Form.HEADING_SET, id_)
        return entry if isinstance(entry, HeadingSet) else None

    def heading_sets(
        self, *, topic: str | None = None, role: Role | None = None, report: str | None = None, limit: int | None = None
    ) -> tuple[HeadingSet, ...]:
        """Return heading sets by report and place in it; ``topic=""`` asks for those without a topic."""
        found = self._reader.find(Form.HEADING_SET, topic, role, report, limit)
        return tuple(entry for entry in found if isinstance(entry, HeadingSet))

    def passage(self, id_: str) -> Passage | None:
        """Return a passage by its id."""
        entry = self._reader.recent(Form.PASSAGE, id_)
        return entry if isinstance(entry, Passage) else None

    def passages(self, ids: Iterable[str]) -> tuple[Passage, ...]:
        """Return passages in the order of their ids; unknown ids are left out."""
        return tuple(passage for id_ in ids if (passage := self.passage(id_)) is not None)

    def find_passages(
        self, *, topic: str | None = None, role: Role | None = None, report: str | None = None, limit: int | None = None
    ) -> tuple[Passage, ...]:
        """Return passages by report and place in it; ``topic=""`` asks for those without a topic."""
        found = self._reader.find(Form.PASSAGE, topic, role, report, limit)
        return tuple(entry for entry in found if isinstance(entry, Passage))

    def count_passages(self, *, topic: str | None = None, role: Role | None = None, report: str | None = None) -> int:
        """Return how many passages ``find_passages`` would return without a limit."""
        if topic is None and role is None and report is None:
            return self.manifest.counts.passages
        return self._reader.count(Form.PASSAGE, topic, role, report)

    def topic_counts(self, form: Form = Form.PASSAGE) -> tuple[TopicCount, ...]:
        """Return the number of entries for every topic and role that occur together; an entry counts for each topic."""
        return self._reader.topic_counts(form)

    def problems(self, report: str | None = None) -> tuple[Problem, ...]:
        """Return the problems of all reports, or of one, in the order in which they were found."""
        return self._reader.problems(report)

    def contents(self) -> Contents:
        """Read everything into memory."""
        return self._reader.contents()

    def search(self, query: Query) -> tuple[Hit, ...]:
        """Return the best entries, best first."""
        return self.engine.search(query)

    def verify(self) -> tuple[str, ...]:
        """Read every file again and return the paths of those that are missing or not as they were written."""
        return damaged_files(self._folder, self.manifest)

    def close(self) -> None:
        """Close the database; nothing can be read afterwards."""
        self._reader.close()


def open_base(folder: Path, segmenter: Segmenter) -> KnowledgeBase:
    """Open the current version of a knowledge base.

    Checked are the manifest's checksum, the sizes of all files, and that documents and queries are analysed alike.
    Raises ``BaseMissingError``, ``BaseDamagedError``, ``BaseOutdatedError``, or ``SearchError`` for a broken index.
    """
    pointer = read_pointer(folder)
    for _ in range(_ATTEMPTS):
        try:
            return _open_version(folder, pointer, segmenter)
        except (StoreError, SearchError):
            # Two builds may have finished since the pointer was read, and the second removes this version.
            latest = read_pointer(folder)
            if latest == pointer:
                raise
            pointer = latest
    return _open_version(folder, pointer, segmenter)


def read_contents(folder: Path) -> Contents:
    """Read everything that the current version of a knowledge base holds."""
    pointer = read_pointer(folder)
    version = version_folder(folder, pointer.version)
    read_manifest(version, pointer)
    reader = open_reader(version / DATABASE)
    try:
        return reader.contents()
    finally:
        reader.close()


def _open_version(folder: Path, pointer: Pointer, segmenter: Segmenter) -> KnowledgeBase:
    version = version_folder(folder, pointer.version)
    manifest = read_manifest(version, pointer)
    if manifest.fingerprint != segmenter.fingerprint:
        raise BaseOutdatedError("知识库是用另一版分词或词典建的，检索会不准。请运行 bigan kb build 重新建库")
    return KnowledgeBase(version, manifest, open_reader(version / DATABASE), TantivyEngine(version / INDEX, segmenter))
