"""Remove each security check in turn and see which tests turn red: ``python -m tests.mutation [--only WORD] [--markdown]``.

Works on a copy of the tree, so that nothing here is touched. Exits with 1 where a check can be removed unnoticed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.checks import MUTATIONS, Mutation

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("bot", "handlers", "knowledge", "tests", "pyproject.toml")
PATIENCE = 900.0
"""Seconds after which a run is given up. It proves nothing then: a test that notices says so in time of its own."""

PASSED, FAILED, ENDLESS = 0, 1, -1
"""Exit codes of pytest, and our own for a run without an end; any other one says that the tests did not run."""


@dataclass(frozen=True)
class Outcome:
    """What the tests said to a tree without one check; ``red`` is the first that failed."""

    mutation: Mutation
    code: int
    red: str
    seconds: float

    @property
    def is_noticed(self) -> bool:
        return self.code == FAILED


def mutate(mutation: Mutation, tree: Path) -> str:
    """Take the check out of the tree; return the text of its file as it was.

    Raises:
        LookupError: its text does not stand there, or not once.
    """
    path = tree / mutation.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutation.before) != 1:
        raise LookupError(f"{mutation.file}: {text.count(mutation.before)} times {mutation.before!r}")
    path.write_text(text.replace(mutation.before, mutation.after), encoding="utf-8")
    return text


def run_tests(tests: tuple[str, ...], tree: Path) -> tuple[int, str]:
    """Run some tests until one fails; return pytest's exit code and the test that failed."""
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", "--tb=no", *tests]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return ENDLESS, "(no end)"
    red = [line.split(" ", 2)[1] for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    return done.returncode, red[0] if red else done.stdout[-500:] if done.returncode != PASSED else ""


def try_mutation(mutation: Mutation, tree: Path) -> Outcome:
    """Run the tests of one check without it; the tree is as before afterwards."""
    started = time.monotonic()
    before = mutate(mutation, tree)
    try:
        code, red = run_tests(mutation.tests, tree)
    finally:
        (tree / mutation.file).write_text(before, encoding="utf-8")
    return Outcome(mutation, code, red, time.monotonic() - started)


def main() -> None:
    """Try them all and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="a word of the threat, the check or the file")
    parser.add_argument("--markdown", action="store_true", help="write the table of docs/reliability.md")
    arguments = parser.parse_args()
    chosen = [each for each in MUTATIONS if arguments.only in f"{each.threat} {each.check} {each.file}"]
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name)
        for part in COPIED:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / part, tree / part)
        code, red = run_tests(tuple(sorted({test for each in chosen for test in each.tests})), tree)
        if code != PASSED:
            sys.exit(f"with every check in place a test is red already: {red}")
        outcomes = []
        for mutation in chosen:
            outcome = try_mutation(mutation, tree)
            outcomes.append(outcome)
            print(_row(outcome) if arguments.markdown else _line(outcome), flush=True)
    unnoticed = [outcome for outcome in outcomes if not outcome.is_noticed]
    print(f"\n{len(outcomes)} checks removed, {len(outcomes) - len(unnoticed)} noticed")
    sys.exit(bool(unnoticed))


def _line(outcome: Outcome) -> str:
    mutation = outcome.mutation
    verdict = "red  " if outcome.is_noticed else f"MISSED (pytest: {outcome.code})"
    return f"{verdict} {outcome.seconds:5.1f} s  {mutation.threat}: {mutation.check}  →  {outcome.red}"


def _row(outcome: Outcome) -> str:
    mutation = outcome.mutation
    test = outcome.red.partition("[")[0].removeprefix("tests/")
    return f"| {mutation.threat} | {mutation.check} | {f'`{test}`' if outcome.is_noticed else '**none**'} |"


if __name__ == "__main__":
    main()
