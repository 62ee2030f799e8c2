"""Processes that share a port: one that dies, one that will not start, all renewed, and an end without a lost request."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from aiohttp import web

from bot.draining import Drain
from bot.workers import open_listeners, turn_away
from tests.conftest import RedisServer
from tests.faults.service import CREDENTIALS, BotProcess
from tests.faults.stream import streaming

PATIENCE_SECONDS = 30.0
"""For whatever another process does on a machine that is busy with other things."""

MOST_SECONDS_TO_END = 5.0


class Probe:
    """Two workers that say who they are."""

    def __init__(self, folder: Path) -> None:
        self.spoiled = folder / "spoiled"
        command = [sys.executable, "-m", "tests.worker_probe", str(self.spoiled)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def workers(self) -> set[int]:
        """The living workers, as the kernel knows them."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(child) for child in children}

    def who(self) -> int:
        """Connect and be told."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS) as connection:
            return int(connection.makefile().readline())

    def heard(self, times: int = 40) -> set[int]:
        """Everyone who answers."""
        return {self.who() for _ in range(times)}


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def probe(tmp_path: Path) -> Iterator[Probe]:
    made = Probe(tmp_path)
    try:
        yield made
    finally:
        made.process.terminate()
        made.process.wait(PATIENCE_SECONDS)
        assert made.process.stdout is not None
        made.process.stdout.close()


def test_each_worker_has_its_share_of_the_connections(probe: Probe) -> None:
    until(lambda: len(probe.workers()) == 2)
    assert probe.heard() == probe.workers()


def test_worker_that_dies_is_replaced_and_what_came_meanwhile_waits_for_it(probe: Probe) -> None:
    until(lambda: len(probe.heard()) == 2)
    before = probe.workers()
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    until(lambda: victim not in probe.workers())
    # Half of these reach the queue of the dead one, which the parent keeps open.
    assert victim not in probe.heard()
    until(lambda: len(probe.workers() - {victim}) == 2)
    assert len(probe.workers() & before) == 1


def test_renewal_replaces_every_worker_and_nobody_is_turned_away(probe: Probe) -> None:
    until(lambda: len(probe.heard()) == 2)
    before = probe.workers()
    probe.process.send_signal(signal.SIGHUP)
    until(lambda: not probe.workers() & before)
    until(lambda: len(probe.workers()) == 2)
    assert probe.heard() == probe.workers()


def test_successor_that_does_not_start_leaves_the_old_workers_at_work(probe: Probe) -> None:
    until(lambda: len(probe.heard()) == 2)
    before = probe.workers()
    probe.spoiled.touch()
    probe.process.send_signal(signal.SIGHUP)
    until(lambda: probe.workers() - before != set() or probe.workers() == before)
    for _ in range(20):
        assert probe.who() in before
    probe.spoiled.unlink()
    until(lambda: probe.workers() == before)
    # The renewal that failed was given up as a whole; the next one succeeds.
    probe.process.send_signal(signal.SIGHUP)
    until(lambda: not probe.workers() & before and len(probe.workers()) == 2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_workers_end_when_told(probe: Probe, number: signal.Signals) -> None:
    until(lambda: len(probe.heard()) == 2)
    workers = probe.workers()
    probe.process.send_signal(number)
    assert probe.process.wait(PATIENCE_SECONDS) == 0
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


def test_port_of_another_service_is_not_shared() -> None:
    [taken] = open_listeners("127.0.0.1", 0, 1)
    with taken, pytest.raises(OSError, match="in use"):
        open_listeners("127.0.0.1", taken.getsockname()[1], 2)


@pytest.mark.parametrize("turns", range(5))
async def test_connections_that_wait_in_the_queue_are_answered_before_the_door_closes(turns: int) -> None:
    app = web.Application()

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="answered")

    app.add_routes([web.get("/", answer)])
    drain, runner = Drain(app), web.AppRunner(app)
    await runner.setup()
    [listener] = open_listeners("127.0.0.1", 0, 1)
    await web.SockSite(runner, listener).start()
    address = listener.getsockname()
    clients = [socket.create_connection(address) for _ in range(30)]
    for client in clients:
        client.sendall(b"GET / HTTP/1.1\r\nHost: bot\r\n\r\n")
        client.setblocking(False)
    # At first all of them wait in the queue of the kernel, then they are accepted, then they have a transport.
    for _ in range(turns):
        await asyncio.sleep(0)
    await drain.leave(runner, listener)
    await runner.cleanup()
    loop = asyncio.get_running_loop()
    for client in clients:
        said = b""
        with client, suppress(ConnectionResetError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while chunk := await loop.sock_recv(client, 65536):
                    said += chunk
        assert said.endswith(b"answered")
        assert b"Connection: close" in said
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can do it")
def test_whoever_knocks_after_the_door_was_shut_is_not_let_in_and_who_came_before_is() -> None:
    [listener] = open_listeners("127.0.0.1", 0, 1)
    with listener, socket.create_connection(listener.getsockname()) as early, socket.socket() as late:
        turn_away(listener)
        late.settimeout(0.2)
        with pytest.raises(TimeoutError):
            late.connect(listener.getsockname())
        accepted, _ = listener.accept()
        with accepted:
            accepted.sendall(b"welcome")
            assert early.recv(7) == b"welcome"
        with pytest.raises(BlockingIOError):
            listener.accept()


async def test_service_told_to_end_under_load_answers_what_has_reached_it(bundled_base: Path, tmp_path: Path) -> None:
    with BotProcess(bundled_base, tmp_path / "bot.log", None) as bot:
        async with streaming(CREDENTIALS, bot.callback_url) as stream:
            await stream.until_answered(100)
            took = await asyncio.to_thread(bot.end, PATIENCE_SECONDS)
        print(f"{stream.answered} answered, ended within {took:.2f} s")
        assert stream.lost == []
        assert took <= MOST_SECONDS_TO_END


async def test_workers_renewed_one_by_one_under_load_lose_nothing_and_turn_nobody_away(
    bundled_base: Path, redis_server: RedisServer, tmp_path: Path
) -> None:
    with BotProcess(bundled_base, tmp_path / "bot.log", redis_server.url, workers=2) as bot:
        before = set(bot.workers())
        async with streaming(CREDENTIALS, bot.callback_url) as stream:
            await stream.until_answered(50)
            bot.tell(signal.SIGHUP)
            await asyncio.to_thread(until, lambda: not before & set(bot.workers()))
            await stream.until_answered(50)
            assert stream.refused == 0
            took = await asyncio.to_thread(bot.end, PATIENCE_SECONDS)
        print(f"{stream.answered} answered, ended within {took:.2f} s")
        assert stream.lost == []
        assert took <= MOST_SECONDS_TO_END
