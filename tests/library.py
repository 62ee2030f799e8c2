"""Fixtures that take time to make and that no test changes: the bundled knowledge base, built once for a test run."""

from __future__ import annotations

from pathlib import Path

import pytest

from handlers.grammar import Grammar
from handlers.routing import Dialogue
from knowledge.build.base import build_base, bundled_reports
from knowledge.library import Library
from knowledge.segmentation import Segmenter
from knowledge.store import open_base
from knowledge.tableset import TableSet


@pytest.fixture(scope="session")
def tables() -> TableSet:
    """The domain tables that ship with the program."""
    return TableSet.load()


@pytest.fixture(scope="session")
def segmenter(tmp_path_factory: pytest.TempPathFactory) -> Segmenter:
    """A loaded segmenter with a cache of its own."""
    loaded = Segmenter(cache=tmp_path_factory.mktemp("jieba"))
    loaded.load()
    return loaded


@pytest.fixture(scope="session")
def bundled_base(tmp_path_factory: pytest.TempPathFactory, tables: TableSet, segmenter: Segmenter) -> Path:
    """The folder of a knowledge base built from the bundled reports."""
    folder = tmp_path_factory.mktemp("knowledge")
    build_base([bundled_reports()], folder, tables, segmenter)
    return folder


@pytest.fixture(scope="session")
def library(bundled_base: Path, tables: TableSet, segmenter: Segmenter, grammar: Grammar) -> Library:
    """The library of the bundled reports."""
    return Library(open_base(bundled_base, segmenter), tables, segmenter, grammar.words())


@pytest.fixture(scope="session")
def grammar() -> Grammar:
    """The ways of asking that ship with the program."""
    return Grammar.load()


@pytest.fixture(scope="session")
def dialogue(library: Library, grammar: Grammar) -> Dialogue:
    """The dialogue over the bundled reports."""
    return Dialogue(library, grammar)
