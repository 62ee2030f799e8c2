"""``bigan serve`` as a process of its own, which a test may tell to go, to renew its workers, or kill."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from bot.wecom.crypto import Credentials

CREDENTIALS = Credentials("wwfaults", "FaultsToken12345", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA", "1000002")

START_SECONDS = 60.0
"""How long a start may take on a machine that is busy with other things."""


def free_port() -> int:
    """Return a port that nobody listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


class BotProcess:
    """The service as it is served, with its log in a file; use as a context manager, or start and end it by hand.

    It keeps its port over restarts. ``more`` are further settings, by the names of their variables.
    """

    def __init__(
        self,
        base: Path,
        log: Path,
        redis_url: str | None,
        *,
        workers: int = 1,
        credentials: Credentials = CREDENTIALS,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.port = free_port()
        self.log = log
        self._workers = workers
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("WECOM_")},
            "WECOM_CORP_ID": credentials.corp_id,
            "WECOM_TOKEN": credentials.token,
            "WECOM_AES_KEY": credentials.aes_key,
            "WECOM_AGENT_ID": credentials.agent_id or "",
            "KNOWLEDGE_BASE": str(base),
            **more,
        }
        self._environment.pop("REDIS_URL", None)
        if redis_url is not None:
            self._environment["REDIS_URL"] = redis_url
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        self.wait_until_serving()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self.end(30.0)

    @property
    def callback_url(self) -> str:
        """Where WeChat Work would deliver."""
        return f"http://127.0.0.1:{self.port}/wecom/callback"

    @property
    def pid(self) -> int:
        """The number of the process; with several workers that of their parent."""
        return self._running().pid

    def start(self) -> None:
        """Start and return at once."""
        command = [sys.executable, "-m", "bot", "serve", "--port", str(self.port), "--workers", str(self._workers)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    def wait_until_serving(self) -> None:
        """Return once it answers."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=START_SECONDS):
                    return
            except (URLError, OSError):
                if self._running().poll() is not None or time.monotonic() > deadline:
                    raise AssertionError("the service did not start:\n" + self.log.read_text()[-2000:]) from None
                time.sleep(0.02)

    def tell(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._running().send_signal(number)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._running().kill()
        self._running().wait()

    def end(self, seconds: float) -> float:
        """Tell it to end (SIGTERM) and return how long that took, in seconds; ``seconds`` at most."""
        started = time.monotonic()
        self._running().terminate()
        return self.wait(seconds) - started

    def wait(self, seconds: float) -> float:
        """Wait until it has ended, well; return when that was, by the monotonic clock."""
        code = self._running().wait(seconds)
        if code != 0:
            raise AssertionError(f"the service ended with {code}:\n" + self.log.read_text()[-2000:])
        return time.monotonic()

    def workers(self) -> list[int]:
        """Return the numbers of its worker processes."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(child) for child in children]

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise AssertionError("the service was not started")
        return self._process
