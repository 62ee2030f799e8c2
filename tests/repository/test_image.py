"""What the image does when it is built and started: the bundled base is made once and then only read."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.repository.checkout import ROOT


def bigan(*words: str, base: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | ({} if base is None else {"KNOWLEDGE_BASE": str(base)})
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_base_built_for_the_image_is_served_where_nothing_can_be_written(tmp_path: Path) -> None:
    (step,) = re.findall(r"^RUN \S*/bigan (kb build .*?) \\$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    words = [str(tmp_path) if word == "/srv/bigan/knowledge" else word for word in shlex.split(step)]
    built = bigan(*words)
    assert built.returncode == 0, built.stderr
    # A folder in place of a lock file can't be opened for writing, not even by root: like a read-only file system.
    locks = [path for path in tmp_path.rglob("*.lock") if path.is_file()]
    assert locks
    for lock in locks:
        lock.unlink()
        lock.mkdir()
    found = bigan("search", "意识形态", base=tmp_path)
    assert (found.returncode, found.stderr) == (0, "")
    assert "意识形态" in found.stdout
