"""The page of threats stays true: every module and test it names exists, and every check that can be removed is on it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache

import pytest

from tests.mutation.__main__ import ROOT
from tests.mutation.checks import MUTATIONS, Mutation

CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Threat:
    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]


@cache
def threats() -> tuple[Threat, ...]:
    lines = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return tuple(
        Threat(name, tuple(each for each in CODE.findall(check) if each.endswith(".py")), tuple(CODE.findall(test)))
        for name, check, test in rows[2:]
    )


@cache
def definitions(path: str) -> frozenset[str]:
    """Return the functions and classes of a file, and the methods of its classes."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    )


def exists(test: str) -> bool:
    path, _, name = test.partition("::")
    return (ROOT / path).is_file() and (not name or name.partition("[")[0] in definitions(path))


def test_each_threat_is_named_once() -> None:
    names = [threat.name for threat in threats()]
    assert len(names) == len(set(names)) > 15


@pytest.mark.parametrize("threat", threats(), ids=lambda threat: threat.name)
def test_modules_and_tests_of_a_threat_exist(threat: Threat) -> None:
    assert threat.modules
    assert threat.tests
    assert [module for module in threat.modules if not (ROOT / module).is_file()] == []
    assert [test for test in threat.tests if "::" not in test or not exists(test)] == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.check)
def test_check_that_is_removed_stands_where_it_is_said_to(mutation: Mutation) -> None:
    assert (ROOT / mutation.file).read_text(encoding="utf-8").count(mutation.before) == 1
    assert mutation.before != mutation.after
    assert [test for test in mutation.tests if not exists(test)] == []


def test_every_threat_has_a_check_that_is_removed() -> None:
    assert {mutation.threat for mutation in MUTATIONS} == {threat.name for threat in threats()}
