"""A builder that is killed leaves the base whole."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from knowledge.search.engine import Query
from knowledge.segmentation import Segmenter
from knowledge.store import open_base, update_base, write_base
from tests.knowledge.store_fixtures import (
    contents,
    order,
)

ROOT = Path(__file__).parents[2]
KILLS = 50
"""At each step of a build once, the rest after a random time."""


def test_a_builder_killed_at_any_moment_leaves_the_base_whole(tmp_path: Path) -> None:
    program = (
        "import sys; from tests.knowledge import test_store_killed; test_store_killed.kill_builders(*sys.argv[1:])"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "base"), str(tmp_path / "cache")]
    # What a killed process leaves among the temporary files goes with the test.
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    # Versions were hit half-written, and others had become current: else the test would have shown nothing.
    assert told["steps"] >= 15
    assert told["half-written"] >= 15
    assert told["versions"] >= 5


def kill_builders(base_: str, cache: str) -> None:
    """Kill builders of a base, check it after each, and print what was hit."""
    base, segmenter, chance = Path(base_), Segmenter(cache=Path(cache)), random.Random(50)
    write_base(base, contents("alpha"), segmenter)
    steps = count_steps(lambda: update_base(base, segmenter, add=contents("alpha", "beta")))
    start = time.perf_counter()
    update_base(base, segmenter, add=contents("alpha"), remove=["beta"])
    usual = time.perf_counter() - start
    expected = {("alpha",): order(contents("alpha")), ("alpha", "beta"): order(contents("alpha", "beta"))}
    versions, half_written = set(), 0
    for number in range(1, KILLS + 1):
        if number <= steps:
            kill_builder(base, segmenter, step=number)
        else:
            kill_builder(base, segmenter, chance.randrange(2), chance.uniform(0.0, usual))
        half_written += any((base / "versions").glob("partial-*"))
        opened = open_base(base, segmenter)
        assert opened.verify() == ()
        assert opened.contents() == expected[tuple(one.id for one in opened.reports())]
        assert opened.search(Query("三会一课"))[0].id == "shared"
        versions.add(opened.version)
        opened.close()
    update_base(base, segmenter, add=contents("alpha", "beta"))
    assert not any((base / "versions").glob("partial-*"))
    print(json.dumps({"steps": steps, "half-written": half_written, "versions": len(versions)}))


def kill_builder(base: Path, segmenter: Segmenter, builds: int = 0, seconds: float = 0.0, step: int = 0) -> None:
    """Start a process that builds without end; kill it so long after that many builds, or let it die at a step."""
    ends, end = os.pipe()
    child = os.fork()
    if child == 0:
        if step:
            count_steps(lambda: None, fatal=step)
        while True:
            update_base(base, segmenter, add=contents("alpha", "beta"))
            os.write(end, b"!")
            update_base(base, segmenter, add=contents("alpha"), remove=["beta"])
            os.write(end, b"!")
    if not step:
        for _ in range(builds):
            os.read(ends, 1)
        time.sleep(seconds)  # the moment of the kill, not a wait for anything
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ends)
    os.close(end)


def count_steps(work: Callable[[], object], fatal: int = 0) -> int:
    """Count what ``work``, and everything after it, writes; before the ``fatal`` step the process kills itself."""
    counted = 0

    def note(event: str, values: tuple[object, ...]) -> None:
        nonlocal counted
        makes = event in {"os.link", "os.mkdir", "os.rename", "sqlite3.connect"}
        # os.open of a folder: it is about to be synchronised.
        if makes or (event == "open" and (values[1] == "w" or (values[1] is None and Path(str(values[0])).is_dir()))):
            counted += 1
            if counted == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(note)
    work()
    return counted
