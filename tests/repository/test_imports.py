"""Importing the program reads no setting, loads no table and opens nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.repository.checkout import PACKAGES, ROOT, repository_files

PROBE = Path(__file__).with_name("import_probe.py")


def probe(folder: Path, *packages: str) -> dict[str, Any]:
    """Run the probe with settings to be found in the environment, should anybody look."""
    environment = os.environ | {"WECOM_TOKEN": "T", "REDIS_URL": "redis://localhost:1/0"}
    command = [sys.executable, str(PROBE), str(folder), *packages]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def test_importing_every_module_does_nothing_else() -> None:
    found = probe(ROOT, *PACKAGES)
    sources = [path for path in repository_files() if path.parts[0] in PACKAGES and path.suffix == ".py"]
    assert len(found["modules"]) == len(sources)
    assert found["seen"] == []


@pytest.mark.parametrize(
    ("source", "event"),
    [
        ("import os\nTOKEN = os.environ['WECOM_TOKEN']\n", "environment WECOM_TOKEN"),
        ("import os\nURL = os.getenv('REDIS_URL')\n", "environment REDIS_URL"),
        ("import os\nALL = dict(os.environ)\n", "environment WECOM_TOKEN"),
        ("from pathlib import Path\nTEXT = Path(__file__).read_text()\n", "open"),
        ("import socket\nsocket.socket().close()\n", "socket.__new__"),
        ("import sqlite3\nsqlite3.connect(':memory:').close()\n", "sqlite3.connect"),
        (
            "import threading\nthread = threading.Thread(target=print)\nthread.start()\nthread.join()\n",
            "thread started",
        ),
    ],
)
def test_the_probe_sees(tmp_path: Path, source: str, event: str) -> None:
    (tmp_path / "planted").mkdir()
    (tmp_path / "planted" / "__init__.py").write_text(source, encoding="utf-8")
    assert any(event in entry for entry in probe(tmp_path, "planted")["seen"])


def test_the_probe_forgives_what_a_library_does_while_it_is_imported(tmp_path: Path) -> None:
    (tmp_path / "library.py").write_text("import os\nHOME = os.getenv('WECOM_TOKEN')\n", encoding="utf-8")
    (tmp_path / "planted").mkdir()
    (tmp_path / "planted" / "__init__.py").write_text("import library\n", encoding="utf-8")
    assert probe(tmp_path, "planted")["seen"] == []
