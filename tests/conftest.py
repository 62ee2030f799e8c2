"""A real redis-server for the tests: private, on a unix socket in a directory of its own, gone with its test."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

START_SECONDS = 10.0
MISSING = (
    "redis-server is needed by these tests and is not on PATH / 测试需要 redis-server，未找到。"
    "Debian, Ubuntu: apt-get install redis-server · macOS: brew install redis · Fedora: dnf install redis"
)

# A machine that is shared with others may stop any test for a while: time limits per example would fail at random.
hypothesis.settings.register_profile("shared machine", deadline=None)
hypothesis.settings.load_profile("shared machine")

StartRedis = Callable[..., "RedisServer"]


class RedisServer:
    """One redis-server process that a test may kill, stop, continue and start again with its data."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of this server as a setting."""
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start and return once the server answers PING."""
        program = shutil.which("redis-server")
        if program is None:
            pytest.fail(MISSING, pytrace=False)
        fixed = ["--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder), "--save", ""]
        with (self.folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen([program, *fixed, *self._options], stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.fail("redis-server did not start:\n" + (self.folder / "redis.log").read_text()[-2000:])
            time.sleep(0.002)

    def kill(self) -> None:
        """End the process at once, as a crash would (kill -9)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Freeze the process (SIGSTOP): connections open and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen process go on (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def command(self, *words: str | bytes) -> bytes:
        """Send one command over a connection of its own; return the beginning of the raw answer."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(START_SECONDS)
            connection.connect(str(self.socket))
            parts = [word.encode() if isinstance(word, str) else word for word in words]
            frame = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
            connection.sendall(frame)
            return connection.recv(65536)

    def _answers(self) -> bool:
        try:
            # A server that wants a password answers too.
            return self.command("PING")[:1] in {b"+", b"-"}
        except OSError:
            return False

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            raise AssertionError("the server is not running")
        self._process.send_signal(number)


@pytest.fixture
def start_redis() -> Iterator[StartRedis]:
    """Start further servers: ``start_redis("--maxmemory", "1mb")``. All end with the test."""
    servers: list[RedisServer] = []

    def start(*options: str) -> RedisServer:
        # Not under tmp_path: the path of a unix socket may have 107 bytes at most.
        server = RedisServer(Path(tempfile.mkdtemp(prefix="bigan-redis-")), *options)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.kill()
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture
def redis_server(start_redis: StartRedis) -> RedisServer:
    """A fresh, empty server."""
    return start_redis()
