"""Real Sentinels and a real cluster, private and on free loopback ports, whose nodes a test may kill, stop and resume."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import MISSING, RedisServer, StartRedis

PATIENCE_SECONDS = 20.0
"""How long the servers may take to find each other; a loaded machine is slow."""

SLOTS = 16384
SERVICE = "bigan-master"

IN_STEP = ("--repl-diskless-sync", "no")
"""Has the master send every write from the moment it calls the replica online; else it collects them for up to a second."""


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listened on a moment ago, each another one."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(found.getsockname()[1]) for found in sockets]


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Ask until ``holds`` does; the servers tell nobody when they are done."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {PATIENCE_SECONDS:.0f} s: {what}")
        time.sleep(0.01)


class Sentinel:
    """One process of ``redis-server --sentinel`` that watches one master."""

    def __init__(self, folder: Path, port: int, master: int, down_after: float, *lines: str) -> None:
        self.port = port
        self._socket = ("127.0.0.1", port)
        program = shutil.which("redis-server")
        if program is None:
            pytest.fail(MISSING, pytrace=False)
        file = folder / f"sentinel-{port}.conf"
        file.write_text(
            f"port {port}\nbind 127.0.0.1\ndir {folder}\n"
            f"sentinel monitor {SERVICE} 127.0.0.1 {master} 1\n"
            f"sentinel down-after-milliseconds {SERVICE} {down_after * 1000:.0f}\n"
            f"sentinel failover-timeout {SERVICE} 3000\n" + "".join(f"{line}\n" for line in lines)
        )
        with (folder / f"sentinel-{port}.log").open("wb") as log:
            self._process = subprocess.Popen([program, str(file), "--sentinel"], stdout=log, stderr=log)

    def ask(self, *words: str) -> str:
        """Send one command; return the beginning of the raw answer."""
        with socket.create_connection(self._socket, timeout=5) as connection:
            parts = [word.encode() for word in words]
            connection.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
            return connection.recv(65536).decode()

    def master_port(self) -> int:
        """Return the port of the master as this Sentinel knows it (0: it can't be asked)."""
        try:
            found = re.findall(r"\r\n(\d+)\r\n", self.ask("SENTINEL", "get-master-addr-by-name", SERVICE))
        except OSError:
            return 0
        return int(found[-1]) if found else 0

    def listens(self) -> bool:
        """Tell whether it answers at all."""
        try:
            return bool(self.ask("PING"))
        except OSError:
            return False

    def hurry(self, publish_ms: int) -> bool:
        """Have it look around ten times a second, and say so in that rhythm; tell whether it could be told so."""
        periods = {"INFO-PERIOD": 100, "PING-PERIOD": 100, "ASK-PERIOD": 100, "PUBLISH-PERIOD": publish_ms}
        words = (word for name, value in periods.items() for word in (name, str(value)))
        try:
            return self.ask("SENTINEL", "DEBUG", *words) == "+OK\r\n"
        except OSError:
            return False

    def is_settled(self, others: int) -> bool:
        """Tell whether it knows the other Sentinels and one replica that follows."""
        try:
            master = self.ask("SENTINEL", "MASTER", SERVICE)
            replicas = self.ask("SENTINEL", "REPLICAS", SERVICE)
        except OSError:
            return False
        known = re.search(r"num-other-sentinels\r\n\$\d+\r\n(\d+)", master)
        return known is not None and int(known[1]) == others and "master-link-status\r\n$2\r\nok" in replicas

    def stop(self) -> None:
        """Freeze it."""
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()


class Watched:
    """A master, a replica of it, and three Sentinels.

    The first is much quicker than the others to miss the master, and asks for their votes: if all stood for election at
    once, none might win it for as long as twenty seconds.
    """

    def __init__(self, start_redis: StartRedis, folder: Path) -> None:
        ports = free_ports(5)
        self.ports = ports[:2]
        self.servers = [start_redis("--port", str(port), "--bind", "127.0.0.1", *IN_STEP) for port in self.ports]
        self.servers[1].command("REPLICAOF", "127.0.0.1", str(self.ports[0]))
        wait_until(lambda: _streams(self.servers[0]), "replica in step")
        patience = (0.3, 5.0, 5.0)
        self.sentinels = [Sentinel(folder, port, self.ports[0], p) for port, p in zip(ports[2:], patience, strict=True)]
        wait_until(lambda: all(sentinel.hurry(100) for sentinel in self.sentinels), "Sentinels answer")
        wait_until(lambda: all(sentinel.is_settled(2) for sentinel in self.sentinels), "Sentinels know each other")
        for sentinel in self.sentinels:
            # Four such periods are how long a Sentinel bears with a master it does not expect before it steps in.
            sentinel.hurry(2000)

    @property
    def url(self) -> str:
        """The address as a setting."""
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://{hosts}/{SERVICE}/0"

    def has_moved(self) -> bool:
        """Tell whether most Sentinels name the second server as the master, and it is one."""
        moved = sum(sentinel.master_port() == self.ports[1] for sentinel in self.sentinels) >= 2
        return moved and b"role:master" in self.servers[1].command("INFO", "replication")

    def demote(self) -> None:
        """Do to the first server what the Sentinels do to a master they have replaced, some eight seconds after it."""
        self.servers[0].command("REPLICAOF", "127.0.0.1", str(self.ports[1]))
        self.servers[0].command("CLIENT", "KILL", "TYPE", "normal")

    def close(self) -> None:
        """End the Sentinels; the servers end with the fixture they are from."""
        for sentinel in self.sentinels:
            sentinel.kill()


class Cluster:
    """Three masters that share the slots in thirds, and one replica of the first."""

    def __init__(self, start_redis: StartRedis) -> None:
        ports = free_ports(8)
        self.ports = ports[:4]
        self.servers = [
            start_redis(
                *("--port", str(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", str(bus)),
                *("--cluster-node-timeout", "500", "--cluster-config-file", "nodes.conf"),
                *("--cluster-require-full-coverage", "no", "--cluster-replica-validity-factor", "0"),
                *IN_STEP,
            )
            for port, bus in zip(self.ports, ports[4:], strict=True)
        ]
        for number, server in enumerate(self.servers[:3]):
            first, last = SLOTS * number // 3, SLOTS * (number + 1) // 3 - 1
            server.command("CLUSTER", "ADDSLOTSRANGE", str(first), str(last))
        for port, bus in zip(self.ports[1:], ports[5:], strict=True):
            self.servers[0].command("CLUSTER", "MEET", "127.0.0.1", str(port), str(bus))
        wait_until(lambda: all(self.knows_all(server) for server in self.servers), "nodes know each other")
        self.ids = [server.command("CLUSTER", "MYID").split()[1].decode() for server in self.servers]
        self.servers[3].command("CLUSTER", "REPLICATE", self.ids[0])
        wait_until(lambda: _streams(self.servers[0]), "replica in step")
        wait_until(lambda: all(self.sees_replica(server) for server in self.servers), "replica known")

    @property
    def url(self) -> str:
        """The address as a setting; two nodes stand for all."""
        return f"redis+cluster://127.0.0.1:{self.ports[1]},127.0.0.1:{self.ports[0]}"

    def knows_all(self, server: RedisServer) -> bool:
        """Tell whether a node knows all four and finds the slots served."""
        answer = server.command("CLUSTER", "INFO")
        return b"cluster_state:ok" in answer and b"cluster_known_nodes:4" in answer

    def sees_replica(self, server: RedisServer) -> bool:
        """Tell whether a node knows who is a replica."""
        return b"slave " + self.ids[0].encode() in server.command("CLUSTER", "NODES")

    def has_moved(self) -> bool:
        """Tell whether the replica has taken over, and a node that stayed knows it."""
        known = f"{self.ids[3]} 127.0.0.1:{self.ports[3]}".encode()
        lines = [line for line in self.servers[1].command("CLUSTER", "NODES").splitlines() if line.startswith(known)]
        return any(b"master" in line.split(b" ")[2] for line in lines)

    def give_back(self) -> None:
        """Start the first master again and have it take its slots back, once it is in step as a replica.

        It asks nobody: the others would not vote twice within a second.
        """
        self.servers[0].start()
        wait_until(lambda: self._is_in_step(self.servers[0]), "the old master follows the new one")
        self.servers[0].command("CLUSTER", "FAILOVER", "TAKEOVER")
        wait_until(lambda: b"role:master" in self.servers[0].command("INFO", "replication"), "slots given back")

    @staticmethod
    def _is_in_step(server: RedisServer) -> bool:
        answer = server.command("INFO", "replication")
        return b"role:slave" in answer and b"master_link_status:up" in answer

    def slot(self, key: str) -> int:
        """Return what the cluster says the slot of a key is."""
        return int(self.servers[0].command("CLUSTER", "KEYSLOT", key).strip(b":\r\n"))

    def node(self, key: str) -> int:
        """Return the number of the master that has a key from the beginning."""
        slot = self.slot(key)
        return next(number for number in range(3) if slot < SLOTS * (number + 1) // 3)

    def migrate(self, slot: int, source: int, target: int) -> None:
        """Give a slot with its keys to another master."""
        self.begin_migration(slot, source, target)
        self.move_keys(slot, source, target)
        self.end_migration(slot, target)

    def begin_migration(self, slot: int, source: int, target: int) -> None:
        """Tell both masters that a slot is about to move."""
        self._set_slot(target, slot, "IMPORTING", self.ids[source])
        self._set_slot(source, slot, "MIGRATING", self.ids[target])

    def move_keys(self, slot: int, source: int, target: int) -> None:
        """Move what is in the slot."""
        names = self.servers[source].command("CLUSTER", "GETKEYSINSLOT", str(slot), "1000").split(b"\r\n")[2::2]
        if names:
            where = ("127.0.0.1", str(self.ports[target]), "", "0", "5000", "KEYS")
            answer = self.servers[source].command("MIGRATE", *where, *names)
            assert answer.startswith(b"+OK"), answer

    def end_migration(self, slot: int, target: int) -> None:
        """Tell every master who has the slot now; the new owner first."""
        for number in sorted(range(3), key=lambda number: number != target):
            self._set_slot(number, slot, "NODE", self.ids[target])

    def _set_slot(self, number: int, slot: int, state: str, identity: str) -> None:
        answer = self.servers[number].command("CLUSTER", "SETSLOT", str(slot), state, identity)
        assert answer == b"+OK\r\n", answer

    def flush(self) -> None:
        """Empty the masters."""
        for server in self.servers[:3]:
            server.command("FLUSHALL")
            server.command("SCRIPT", "FLUSH")


def _streams(master: RedisServer) -> bool:
    """Tell whether a replica gets every write from now on."""
    return b"state=online" in master.command("INFO", "replication")
