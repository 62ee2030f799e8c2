"""Each dependency has its reason, each pin its hash, and no file says where packages come from."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.repository.checkout import PACKAGES, ROOT, repository_files

LOCKS = ("constraints.txt", "constraints-dev.txt", "constraints-build.txt")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)(?P<marker> ; .+?)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
COMMENT = re.compile(r"^    #")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def declared(project: dict[str, Any]) -> dict[str, list[Requirement]]:
    """The requirements of pyproject under the headings of docs/dependencies.md."""
    lists = {
        "Runtime": project["project"]["dependencies"],
        "Optional": project["project"]["optional-dependencies"]["fast"],
        "Development": project["project"]["optional-dependencies"]["dev"],
        # jieba is published as source alone and is built by setuptools, which no metadata of its names.
        "Build": [*project["build-system"]["requires"], "setuptools"],
    }
    return {heading: [Requirement(line) for line in lines] for heading, lines in lists.items()}


def tables() -> dict[str, dict[str, list[str]]]:
    """Heading -> package name -> the other cells of its row in docs/dependencies.md."""
    found: dict[str, dict[str, list[str]]] = {}
    rows: dict[str, list[str]] = {}
    for line in (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            rows = found.setdefault(line[3:].strip(), {})
        elif line.startswith("| `"):
            name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
            assert name.strip("`") not in rows, f"{name} is listed twice"
            rows[name.strip("`")] = cells
    return {heading: rows for heading, rows in found.items() if rows}


def imports(path: Path) -> set[str]:
    """The first parts of all modules a source file imports, wherever in it."""
    found: set[str] = set()
    if path.suffix == ".py":
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def pins(lock: str) -> dict[str, str]:
    """Canonical name -> version; fails on a line that is no pin, hash or comment and on a pin without a hash."""
    found: dict[str, str] = {}
    hashes = 1
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if pin := PIN.match(line):
            assert hashes, f"{lock}: the pin before {line!r} has no hash"
            found[canonicalize_name(pin["name"])] = pin["version"]
            hashes = 0
        elif HASH.match(line):
            hashes += 1
        else:
            assert COMMENT.match(line), f"{lock}: {line!r}"
    assert hashes
    return found


def test_every_dependency_has_its_reason_and_every_reason_its_dependency(project: dict[str, Any]) -> None:
    names = {heading: {entry.name for entry in entries} for heading, entries in declared(project).items()}
    assert {heading: set(rows) for heading, rows in tables().items()} == names


@pytest.mark.parametrize("heading", ["Runtime", "Development", "Build"])
def test_every_row_says_what_for_and_why(heading: str) -> None:
    for name, cells in tables()[heading].items():
        assert len(cells) == 2, name
        assert all(len(cell) >= 15 for cell in cells), name


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_carries_hashes(lock: str) -> None:
    assert len(pins(lock)) >= 5


@pytest.mark.parametrize("lock", LOCKS)
def test_no_pin_says_where_it_comes_from(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|--(extra-)?index-url|--find-links|--trusted-host| @ ", text)


@pytest.mark.parametrize(
    ("heading", "lock"),
    [("Runtime", "constraints.txt"), ("Development", "constraints-dev.txt"), ("Build", "constraints-build.txt")],
)
def test_every_declared_dependency_is_pinned_within_its_bounds(
    project: dict[str, Any], heading: str, lock: str
) -> None:
    pinned = pins(lock)
    for entry in declared(project)[heading]:
        version = pinned[canonicalize_name(entry.name)]
        assert entry.specifier.contains(version, prereleases=True), f"{entry} against {version}"


def test_one_package_has_one_version_in_all_files() -> None:
    runtime, development, build = (pins(lock) for lock in LOCKS)
    assert runtime.items() <= development.items()
    assert all(development.get(name, version) == version for name, version in build.items())


def test_whatever_the_program_imports_is_declared(project: dict[str, Any]) -> None:
    imported = {name for path in repository_files() if path.parts[0] in PACKAGES for name in imports(path)}
    foreign = imported - sys.stdlib_module_names - set(PACKAGES)
    owners = packages_distributions()
    needed = {name: {canonicalize_name(owner) for owner in owners.get(name, [name])} for name in foreign}
    names = {canonicalize_name(entry.name) for entry in declared(project)["Runtime"]}
    assert not [name for name, candidates in needed.items() if not candidates & names]
    assert foreign >= {"aiohttp", "tantivy"}


def test_wechatpy_is_pinned_to_the_one_prerelease_with_the_work_package(project: dict[str, Any]) -> None:
    (entry,) = (entry for entry in declared(project)["Runtime"] if entry.name == "wechatpy")
    assert str(entry.specifier) == "==2.0.0a26"
    assert pins("constraints.txt")["wechatpy"] == "2.0.0a26"
