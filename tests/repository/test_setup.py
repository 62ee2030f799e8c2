"""The scripts behind make: which Python is taken, what is said when something is missing, what CI runs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository.checkout import ROOT

SHELL = shutil.which("sh") or "sh"


def script(path: Path, text: str) -> None:
    path.write_text(f"#!{SHELL}\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH of its own, with the few usual programs the scripts need."""
    for name in ("dirname", "id"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    return tmp_path


def run(name: str, programs: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [SHELL, str(ROOT / ".ci" / name), *arguments]
    return subprocess.run(command, env={"PATH": str(programs)}, capture_output=True, text=True, check=False)


def test_a_name_that_does_not_work_or_is_too_old_is_passed_over(programs: Path) -> None:
    script(programs / "python3.13", "exit 127")
    script(programs / "python3.12", "exit 1")
    (programs / "python3").symlink_to(sys.executable)
    answer = run("python", programs)
    assert answer.returncode == 0
    assert Path(answer.stdout.strip()).samefile(sys.executable)


def test_the_named_python_is_the_only_one_tried(programs: Path) -> None:
    (programs / "python3").symlink_to(sys.executable)
    script(programs / "mine", "exit 1")
    answer = run("python", programs, "mine")
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "需要 Python 3.11 或更新的版本，这些都不行：mine" in answer.stderr


def test_without_redis_server_it_is_said_what_to_install(programs: Path) -> None:
    answer = run("redis", programs)
    assert answer.returncode == 1
    assert "sudo apt-get install redis-server" in answer.stderr


def test_without_libreoffice_it_is_said_what_to_install(programs: Path) -> None:
    answer = run("office", programs)
    assert answer.returncode == 1
    assert "sudo apt-get install libreoffice-writer-nogui" in answer.stderr


def test_with_redis_server_there_is_nothing_to_do(programs: Path) -> None:
    script(programs / "redis-server", "exit 1")
    answer = run("redis", programs)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


def test_ci_runs_exactly_make_check() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == "exec make check"
    assert [line for line in lines if re.search(r"^[^#]*\b(pytest|ruff|mypy|make \w+)", line)] == ["exec make check"]


def test_help_lists_every_target() -> None:
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", rules, re.MULTILINE)
    answer = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.findall(r"^  make ([\w-]+)", answer.stdout, re.MULTILINE) == phony.split()


@pytest.mark.parametrize("name", ["run", "setup", "python", "redis", "office", "debian"])
def test_scripts_can_be_started(name: str) -> None:
    assert (ROOT / ".ci" / name).stat().st_mode & 0o111
