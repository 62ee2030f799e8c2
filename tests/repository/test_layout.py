"""What lies at the root, what no file may name, and that the bundled reports are as received."""

import re
from hashlib import sha256

import pytest

from tests.repository.checkout import ROOT, repository_files

REQUIRED = {
    ".ci/run",
    ".dockerignore",
    ".env.example",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "README.zh-CN.md",
    "docker-compose.yml",
    "pyproject.toml",
    "constraints.txt",
    "constraints-dev.txt",
    "constraints-build.txt",
}
FOLDERS = {".ci", "benchmarks", "bot", "deploy", "docs", "handlers", "knowledge", "tests"}
DOTFILES = {".editorconfig", ".gitattributes", ".gitignore"}

REPORTS = {
    "000_517756d88a2dde0b.txt": "286ac7470abea46aee378112a2642c2465fe8bd58561f815544871ddb7a268fb",
    "001_56c70b57f5e8e916.txt": "db6c7e96c029f8e7af188ef6ff96b4632f74bc0ab71814aedf4fd11d7154d172",
    "002_b63cea5c73303fb1.txt": "58b458f3c1968a402eefb99ab649e02b95d534c686547ae2a511356162c729e8",
    "003_a2c63e195e4fe7c7.txt": "9c6843e29f0ef529a793b1fc79a634d4e31f66816268cb0bea2838f7cdea4aa7",
    "004_c85276375a686f2f.txt": "52abd720cf5333fc2d4fd4aec51739963a0a7b44ba773ef6850102055c102397",
}

# A folder of somebody's machine, as opposed to one that a program or a container always has.
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:work|root|tmp|(?:home|Users)/\w+|opt/(?:wheels|pypi))/\w")
# A host that serves packages: which one is used is the choice of whoever installs.
INDEX_HOST = re.compile(
    r"pypi\.(?:org|python)|pythonhosted\.|mirrors?\.\w+\.(?:com|cn|edu|org)|registry\.npmjs|deb\.debian\."
)

FIXTURE_LIMIT = 200_000


def test_the_root_holds_what_it_should_and_nothing_else() -> None:
    names = {path.as_posix() for path in repository_files()}
    assert names >= REQUIRED
    assert {path.parts[0] for path in repository_files()} <= REQUIRED | FOLDERS | DOTFILES


@pytest.mark.parametrize("pattern", [MACHINE_PATH, INDEX_HOST], ids=["machine path", "index host"])
def test_no_file_names(pattern: re.Pattern[str]) -> None:
    found: list[str] = []
    for path in repository_files():
        text = (ROOT / path).read_bytes().decode("utf-8", "ignore")
        found += [f"{path}: {match.group()}" for match in pattern.finditer(text)]
    assert not found


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        (MACHINE_PATH, ["open('", "/tmp", "/x.txt')"]),
        (MACHINE_PATH, ["cd ", "/home", "/someone/src"]),
        (INDEX_HOST, ["https://py", "pi", ".org/simple"]),
        (INDEX_HOST, ["-i https://mirrors", ".example.com/simple"]),
    ],
)
def test_the_search_finds(pattern: re.Pattern[str], parts: list[str]) -> None:
    assert pattern.search("".join(parts))


def test_no_fixture_is_large() -> None:
    fixtures = [path for path in repository_files() if path.parts[:2] == ("tests", "fixtures")]
    assert not [path for path in fixtures if (ROOT / path).stat().st_size > FIXTURE_LIMIT]


def test_bundled_reports_are_as_received() -> None:
    folder = ROOT / "knowledge" / "data" / "reports"
    assert {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()} == REPORTS


def test_git_never_changes_the_line_ends_of_a_report() -> None:
    lines = (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert "knowledge/data/reports/* -text" in lines
