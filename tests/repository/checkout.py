"""The checkout under test: where it lies and which files belong to it."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "handlers", "knowledge")

# What a walk leaves out where git cannot be asked; the same things .gitignore names.
MADE_BY_TOOLS = {"__pycache__", "dist", "build-output", "var", "venv", "node_modules"}


@cache
def repository_files() -> tuple[Path, ...]:
    """The files that belong to the repository, committed or about to be, relative to its root."""
    listed = listed_by_git()
    if listed is None:
        listed = [path.relative_to(ROOT) for path in walk(ROOT)]
    return tuple(sorted(path for path in listed if (ROOT / path).is_file()))


def listed_by_git() -> list[Path] | None:
    """What git tracks or would track; None where this is no git checkout or there is no git."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return None
    command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if answer.returncode != 0:
        return None
    return [Path(name) for name in answer.stdout.decode().split("\0") if name]


def walk(folder: Path) -> list[Path]:
    """All files below a folder, without what tools leave behind."""
    found: list[Path] = []
    for path in folder.iterdir():
        if path.is_dir():
            hidden = path.name.startswith(".") and path.name != ".ci"
            if not hidden and path.name not in MADE_BY_TOOLS:
                found += walk(path)
        elif path.suffix not in {".pyc", ".pyo"}:
            found.append(path)
    return found
