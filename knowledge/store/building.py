"""Builds a knowledge base, whole or by adding and removing reports; a served version is never touched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from knowledge.contents import Contents, ReportSummary
from knowledge.model import HeadingSet
from knowledge.search.engine import Entry
from knowledge.search.tantivy_engine import TantivyWriter
from knowledge.segmentation import Segmenter
from knowledge.store.base import KnowledgeBase, open_base
from knowledge.store.folder import (
    DATABASE,
    INDEX,
    LOCK_SUFFIX,
    building,
    publish,
    version_folder,
    version_name,
)
from knowledge.store.manifest import Manifest, ReportRecord, record_files
from knowledge.store.schema import Stored, form_of, sources_of
from knowledge.store.writer import DatabaseWriter

PATIENCE_SECONDS = 30.0
"""How long a build waits for another one to finish before it says so."""

_CHANGING = frozenset({"meta.json", ".managed.json"})
"""The only files of an index that are ever rewritten; all others are written once."""


def write_base(
    folder: Path, contents: Contents, segmenter: Segmenter, *, patience: float = PATIENCE_SECONDS
) -> Manifest:
    """Build a knowledge base from ``contents`` and make it current.

    Raises ``ContentsError`` for entries that don't fit together, ``BaseBusyError`` if another build is not done within
    ``patience`` seconds, ``StoreError`` if the folder can't be written. Whatever happens, the version that was current
    stays current until the new one is complete.
    """
    contents.check()
    with building(folder, patience) as version:
        database = DatabaseWriter(version / DATABASE)
        database.add(contents)
        (version / INDEX).mkdir()
        index = TantivyWriter(version / INDEX, segmenter)
        index.add(_entries((*contents.heading_sets, *contents.passages), database.summaries()))
        index.commit()
        return _finish(folder, version, database, segmenter)


def update_base(
    folder: Path,
    segmenter: Segmenter,
    *,
    add: Contents | Callable[[KnowledgeBase], Contents] | None = None,
    remove: Iterable[str] = (),
    patience: float = PATIENCE_SECONDS,
) -> Manifest:
    """Make a version of a knowledge base without the reports ``remove`` and with the entries ``add``.

    A report in ``add`` replaces the one of its id with all that came from it. An entry in ``add`` replaces the one of
    its id: so a passage that a new report carries too is added again, with all its sources. ``add`` may be a function,
    which is given the base to merge with: no other build comes between. A passage loses its sources in removed reports
    and goes with the last. The files that do not change are shared between the versions.
    Raises what ``write_base`` raises, and ``BaseMissingError``, ``BaseDamagedError`` or ``BaseOutdatedError``.
    """
    with building(folder, patience) as version:
        base = open_base(folder, segmenter)
        added = (add(base) if callable(add) else add) or Contents()
        base.close()
        old, manifest = version_folder(folder, base.version), base.manifest
        gone = {*remove, *(report.id for report in added.reports)}
        added.check(report.id for report in manifest.reports if report.id not in gone)
        shutil.copyfile(old / DATABASE, version / DATABASE)
        _share(old / INDEX, version / INDEX)
        database = DatabaseWriter(version / DATABASE)
        removal = database.remove_reports(gone)
        database.add(added)
        index = TantivyWriter(version / INDEX, segmenter)
        for entry in removal.removed:
            index.remove(form_of(entry), (entry.id,))
        replaced = {passage.id for passage in added.passages}
        kept = (passage for passage in removal.kept if passage.id not in replaced)
        index.add(_entries((*kept, *added.heading_sets, *added.passages), database.summaries()))
        index.commit()
        return _finish(folder, version, database, segmenter, manifest)


def _finish(
    folder: Path, version: Path, database: DatabaseWriter, segmenter: Segmenter, before: Manifest | None = None
) -> Manifest:
    """Close a version's database, write its manifest and make it current; ``before`` is the version it was made from."""
    counts, reports = database.counts(), database.summaries()
    database.close()
    known = {record.path: record for record in before.files} if before else {}
    origin = version_folder(folder, before.version) if before else None
    manifest = Manifest(
        version_name(version),
        datetime.now(UTC).isoformat(timespec="seconds"),
        segmenter.fingerprint,
        counts,
        tuple(ReportRecord(report.id, report.sha256) for report in reports),
        tuple(record_files(version, known, origin)),
    )
    publish(folder, version, manifest.write(version))
    return manifest


def _share(origin: Path, folder: Path) -> None:
    """Give a new version the files of an index: links where the disk allows, else copies."""
    folder.mkdir()
    for path in origin.iterdir():
        if path.name in _CHANGING:
            shutil.copyfile(path, folder / path.name)
        elif path.suffix != LOCK_SUFFIX:
            try:
                os.link(path, folder / path.name)
            except OSError:
                shutil.copyfile(path, folder / path.name)


def _entries(stored: Iterable[Stored], reports: Iterable[ReportSummary]) -> Iterator[Entry]:
    """Describe stored entries to the index; an entry has the document kinds of all reports that carry it."""
    kinds = {report.id: report.kind for report in reports}
    for entry in stored:
        sources = sources_of(entry)
        carriers = tuple(dict.fromkeys(source.report for source in sources))
        yield Entry(
            id=entry.id,
            form=form_of(entry),
            text=_text(entry),
            headings=tuple(dict.fromkeys(heading for source in sources for heading in source.section)),
            topics=entry.topics,
            role=entry.role.value,
            kinds=tuple(dict.fromkeys(kind for report in carriers if (kind := kinds.get(report)) is not None)),
            reports=carriers,
        )


def _text(entry: Stored) -> str:
    return "\n".join(heading.text for heading in entry.headings) if isinstance(entry, HeadingSet) else entry.text
