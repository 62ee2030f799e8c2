"""Open the knowledge base that the settings name, or the one of the bundled reports; keep up with it and with the overlay."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from bot.logs import log_event
from bot.settings import Settings
from handlers.dialogue import Message, Session, Turn
from handlers.grammar import Grammar
from handlers.notebook import Notebook
from handlers.routing import Dialogue
from knowledge.build.base import build_base, bundled_reports, find_documents
from knowledge.errors import BaseDamagedError, BaseMissingError, BaseOutdatedError, KnowledgeError
from knowledge.library import Library
from knowledge.overlay import Overlay, footprint
from knowledge.segmentation import Segmenter
from knowledge.store import Follower, KnowledgeBase, Manifest, open_base
from knowledge.tables import TableError
from knowledge.tableset import TableSet

FOLLOW_SECONDS = 1.0
"""How often a running bot looks for a newer version of its knowledge base and of its overlay."""

_log = logging.getLogger(__name__)


class Shelf:
    """What is needed to open and build knowledge bases: tables, segmenter, and where the base stands."""

    def __init__(self, settings: Settings, tell: Callable[[str], None] = lambda line: None) -> None:
        """Raises ``TableError`` for an overlay that can't be used, naming the file, the entry and the slip."""
        self._overlay = settings.knowledge_overlay
        self._overlay_seen = footprint(self._overlay)
        self.tables = TableSet.load(Overlay.read(self._overlay))
        self.grammar = Grammar.load()
        self.segmenter = Segmenter(program=settings.segmenter)
        self._named = settings.knowledge_base
        self._tell = tell

    @property
    def folder(self) -> Path:
        """The folder of the base: ``KNOWLEDGE_BASE``, or one in the user's cache for the bundled reports."""
        return self._named or _cache_folder() / f"bundled-{self._bundled_version()}"

    def open(self) -> KnowledgeBase:
        """Open the base. The one of the bundled reports is built when it is missing or of another version.

        Raises a :class:`KnowledgeError` that says in Chinese what to run.
        """
        try:
            return open_base(self.folder, self.segmenter)
        except (BaseMissingError, BaseOutdatedError, BaseDamagedError):
            if self._named is not None:
                raise
        self._tell("正在用自带的语料建库……")
        build_base([bundled_reports()], self.folder, self.tables, self.segmenter)
        return open_base(self.folder, self.segmenter)

    def has_new_overlay(self) -> bool:
        """Whether the files of the overlay are others than those read last, be it that they could not be used."""
        return footprint(self._overlay) != self._overlay_seen

    def take_overlay(self) -> None:
        """Read the tables anew with the overlay as it is now.

        Raises ``TableError`` for one that can't be used; then the tables stay as they were until the files change again.
        """
        self._overlay_seen = footprint(self._overlay)
        self.tables = TableSet.load(Overlay.read(self._overlay))

    def library(self, base: KnowledgeBase) -> Library:
        """Return the library of a base."""
        return Library(base, self.tables, self.segmenter, self.grammar.words())

    def _bundled_version(self) -> str:
        """Name everything the bundled base is made from, so that an upgrade never serves an old one."""
        package = Path(__file__).parent.parent / "knowledge"
        made_from = [
            *find_documents([bundled_reports()]),
            *sorted(package.rglob("*.py")),
            *sorted(package.rglob("data/*.t*")),
        ]
        digest = hashlib.sha256(f"{version('bigan')} {self.segmenter.fingerprint}".encode())
        for file in made_from:
            digest.update(file.read_bytes())
        return digest.hexdigest()[:12]


class LiveDialogue:
    """The dialogue of the newest version of a knowledge base and of the tables; swapped between messages, never in one."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._base = shelf.open()
        self._dialogue = Dialogue(shelf.library(self._base), shelf.grammar)
        self._follower = Follower(shelf.folder)
        self.base_slip: str | None = None
        """Why a newer base that is there is not in use."""
        self.overlay_slip: str | None = None
        """Why the overlay as it is now is not in use."""

    @property
    def library(self) -> Library:
        """The library that answers now."""
        return self._dialogue.library

    def load(self) -> None:
        """Load now what the first message would otherwise wait for."""
        self.library.load()

    @property
    def version(self) -> str:
        """The version of the base that answers now."""
        return self._base.version

    @property
    def manifest(self) -> Manifest:
        """What the base that answers now was built from."""
        return self._base.manifest

    @property
    def tables(self) -> TableSet:
        """The tables that are in use now."""
        return self._shelf.tables

    @property
    def segmenter(self) -> Segmenter:
        """What cuts words, here and in the base."""
        return self._shelf.segmenter

    def respond(self, message: Message, session: Session, notebook: Notebook) -> Turn:
        """Answer one message."""
        return self._dialogue.respond(message, session, notebook)

    async def follow(self) -> None:
        """Swap in newer versions of the base and of the overlay as they appear, until cancelled."""
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            if self._shelf.has_new_overlay():
                await self._take_overlay()
            if self._follower.newer_than(self._base.version):
                await self._swap()

    async def _swap(self) -> None:
        try:
            base = await asyncio.to_thread(self._shelf.open)
        except KnowledgeError as error:
            self.base_slip = str(error)
            log_event(_log, "knowledge base not swapped", logging.ERROR, reason=type(error).__name__)
            return
        self._dialogue = await asyncio.to_thread(self._prepare, base)
        self._base = base
        self.base_slip = None
        log_event(_log, "knowledge base swapped", version=base.version)

    async def _take_overlay(self) -> None:
        """Answer with the overlay as it is now; one that can't be used is logged, and the last good one goes on."""
        try:
            await asyncio.to_thread(self._shelf.take_overlay)
        except TableError as error:
            # The text names a file, an entry and a slip of the administrator's own; no message comes near it.
            self.overlay_slip = str(error)
            log_event(_log, "overlay not taken", logging.ERROR, problem=str(error))
            return
        self._dialogue = await asyncio.to_thread(self._prepare, self._base)
        self.overlay_slip = None
        log_event(_log, "overlay taken", entries=len(self._shelf.tables.registry.changes))

    def _prepare(self, base: KnowledgeBase) -> Dialogue:
        """Make the dialogue of a base, ready for its first message."""
        library = self._shelf.library(base)
        library.questions.load()
        return Dialogue(library, self._shelf.grammar)


def _cache_folder() -> Path:
    """Return a folder of our own that can be written: in the user's cache, else among the temporary files."""
    wanted = Path.home() / ".cache" / "bigan"
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir()) / f"bigan-{os.getuid()}"
    return wanted if os.access(wanted, os.W_OK) else Path(tempfile.gettempdir()) / f"bigan-{os.getuid()}"
