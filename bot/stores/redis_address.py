"""Where Redis is: the forms a Redis address may take, read into one type.

::

    redis://[user:password@]host[:port][/database][?option=value…]      one server; rediss:// with TLS
    unix://[user:password@]/path/of/the.sock[?db=database]              one server on this machine
    redis+sentinel://[user:password@]host:port,host:port/name[/database][?sentinel_password=…]
    redis+cluster://[user:password@]host:port,host:port

The hosts of the third form are Sentinels and ``name`` is what they call the master (as in ``sentinel monitor name …``);
those of the fourth are any nodes of the cluster, the others are found through them. ``rediss+sentinel`` and
``rediss+cluster`` are the same with TLS. Options are those of redis-py, such as ``ssl_ca_certs``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

SENTINEL_PORT = 26379
REDIS_PORT = 6379

Node = tuple[str, int]
"""Host and port."""

_FORM = re.compile(r"(?P<scheme>rediss?)\+(?P<topology>sentinel|cluster)")
_SERVICE = re.compile(r"[0-9A-Za-z._-]{1,100}")
_HOST = re.compile(r"\[(?P<v6>[0-9A-Fa-f:.]+)\](?::(?P<port6>\d{1,5}))?|(?P<name>[^\s:\[\]@/]+)(?::(?P<port>\d{1,5}))?")
_DATABASE = re.compile(r"\d{0,5}")


class Topology(StrEnum):
    """How many servers there are, and who says which of them to ask."""

    SINGLE = "single"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """An address that is well formed.

    ``url`` is one that redis-py reads: of several hosts it names the first, for credentials, database and options. ``nodes``
    are the Sentinels, or nodes of the cluster (empty: one server). ``service`` is the name of the master.
    """

    topology: Topology
    url: str = field(repr=False)
    nodes: tuple[Node, ...] = ()
    service: str = ""
    sentinel_username: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address. Raises ``ValueError``, which never quotes it: it may hold a password."""
        parts = urlsplit(text)
        form = _FORM.fullmatch(parts.scheme)
        if form is None:
            _check_single(parts)
            return cls(Topology.SINGLE, text)
        topology = Topology(form["topology"])
        userinfo, at, hosts = parts.netloc.rpartition("@")
        default_port = SENTINEL_PORT if topology is Topology.SENTINEL else REDIS_PORT
        nodes = tuple(_read_node(host, default_port) for host in hosts.split(","))
        service, database = _read_path(parts.path, topology)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        username, password = options.pop("sentinel_username", None), options.pop("sentinel_password", None)
        query = f"?{urlencode(options)}" if options else ""
        url = f"{form['scheme']}://{userinfo}{at}{_write_node(nodes[0])}/{database}{query}"
        return cls(topology, url, nodes, service, username, password)


def _check_single(parts: SplitResult) -> None:
    if parts.scheme == "unix":
        if not parts.path:
            raise ValueError("an address of a socket without its path")
    # Reading the port fails where a password holds an unquoted "/" or "#", which would cut the address in two.
    elif parts.scheme not in {"redis", "rediss"} or not parts.hostname or parts.port == 0:
        raise ValueError("not an address of Redis")


def _read_path(path: str, topology: Topology) -> tuple[str, str]:
    """Return the name of the master (Sentinel) and the number of the database, empty where none is given."""
    names = path.strip("/").split("/")
    service = names.pop(0) if topology is Topology.SENTINEL else ""
    if topology is Topology.SENTINEL and not _SERVICE.fullmatch(service):
        raise ValueError("the Sentinels need the name of the master")
    database = "/".join(names)
    if not _DATABASE.fullmatch(database):
        raise ValueError("a database is a number")
    if topology is Topology.CLUSTER and database.strip("0"):
        raise ValueError("a cluster has one database")
    return service, database


def _read_node(text: str, default_port: int) -> Node:
    match = _HOST.fullmatch(text)
    if match is None:
        raise ValueError("not a list of hosts")
    port = int(match["port6"] or match["port"] or default_port)
    if not 0 < port < 65536:
        raise ValueError("not a port")
    return match["v6"] or match["name"], port


def _write_node(node: Node) -> str:
    host, port = node
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
