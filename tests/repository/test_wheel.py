"""The wheel is built once, as a release would be, and the wheel itself is looked at."""

import json
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.repository.checkout import PACKAGES, ROOT, repository_files

OWNERS = """
import json, sys
from importlib.metadata import packages_distributions
sys.path.insert(0, sys.argv[1])
owners = packages_distributions()
print(json.dumps({name: sorted(set(owners.get(name, []))) for name in sys.argv[2:]}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_wheel_holds_exactly_the_three_packages(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    (metadata,) = (top for top in tops if top.endswith(".dist-info"))
    assert tops == {*PACKAGES, metadata}


def test_wheel_holds_every_file_of_the_packages_and_no_other(names: set[str]) -> None:
    expected = {path.as_posix() for path in repository_files() if path.parts[0] in PACKAGES}
    assert {name for name in names if name.split("/")[0] in PACKAGES} == expected
    assert sum(name.startswith("knowledge/data/reports/") for name in names) == 5


def test_each_top_level_name_belongs_to_bigan_alone(unpacked: Path) -> None:
    command = [sys.executable, "-c", OWNERS, str(unpacked), *PACKAGES]
    answer = subprocess.run(command, cwd=unpacked, check=True, capture_output=True, text=True)
    assert json.loads(answer.stdout) == {name: ["bigan"] for name in PACKAGES}


def test_command_bigan_starts_a_function_the_wheel_holds(unpacked: Path) -> None:
    (declaration,) = unpacked.glob("*.dist-info/entry_points.txt")
    entries = ConfigParser()
    entries.read(declaration, encoding="utf-8")
    module, function = entries["console_scripts"]["bigan"].split(":")
    command = [sys.executable, "-c", f"from {module} import {function}; {function}(['--help'])"]
    answer = subprocess.run(command, cwd=unpacked, check=False, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert "serve" in answer.stdout
