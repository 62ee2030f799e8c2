"""Imports every module below a folder's packages and prints, as JSON, what they did besides being imported.

Runs in a process of its own: `python import_probe.py FOLDER PACKAGE…`. Counted is what the modules themselves do,
directly or through a library they call: read the environment, open a file, a socket or a database, start a thread
or a program. What a library does while it is being imported is its own affair.
"""

import importlib
import json
import os
import sys
import threading
from pathlib import Path

WATCHED = {
    "open",
    "os.mkdir",
    "socket.__new__",
    "sqlite3.connect",
    "subprocess.Popen",
}

# click words its options in the reader's language, pydantic asks whether plugins are off: neither is a setting of ours.
LIBRARY_NAMES = ("LANG", "LC_", "PYDANTIC_")

seen: set[str] = set()
watched_roots: list[str] = []


def note(event: str) -> None:
    """Record an event if one of the watched modules caused it: no import stands between it and the event."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith("<frozen importlib"):
            return
        if any(name.startswith(root) for root in watched_roots):
            seen.add(f"{Path(name).name}:{frame.f_lineno} {event}")
            return
        frame = frame.f_back  # type: ignore[assignment]  # the outermost frame has none, which ends the loop


class WatchedEnvironment(os._Environ):  # type: ignore[type-arg]  # the class cannot be subscripted when it runs
    """The process environment, noting each read."""

    def __getitem__(self, key: str) -> str:
        if not key.startswith(LIBRARY_NAMES):
            note(f"environment {key}")
        value: str = super().__getitem__(key)
        return value


class WatchedThread(threading.Thread):
    """Stands for every thread, noting its start; Python 3.11 has no audit event for it."""

    def start(self) -> None:
        note("thread started")
        super().start()


def modules(folder: Path, package: str) -> list[str]:
    """Dotted names of all modules of a package, found by file."""
    paths = (path.relative_to(folder).with_suffix("") for path in sorted((folder / package).rglob("*.py")))
    return [".".join(path.parts).removesuffix(".__init__") for path in paths]


def main(folder: Path, packages: list[str]) -> None:
    sys.path.insert(0, str(folder))
    watched_roots.extend(f"{folder / package}{os.sep}" for package in packages)
    names = [name for package in packages for name in modules(folder, package)]
    os.environ.__class__ = WatchedEnvironment
    threading.Thread = WatchedThread  # type: ignore[misc]  # whoever imports the class from now on gets ours
    sys.addaudithook(lambda event, _: note(event) if event in WATCHED else None)
    for name in names:
        importlib.import_module(name)
    if threading.active_count() > 1:
        seen.add(f"threads left: {sorted(thread.name for thread in threading.enumerate())}")
    print(json.dumps({"modules": names, "seen": sorted(seen)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
