"""What a Redis holds, read as whoever has its files or a backup of them would read it."""

from __future__ import annotations

from redis import Redis

from tests.conftest import RedisServer


def all_bytes(server: RedisServer) -> bytes:
    """Return every key and every value. Compression is switched off first: it would hide a text from a search."""
    with Redis(unix_socket_path=str(server.socket)) as redis:
        redis.config_set("rdbcompression", "no")
        keys = list(redis.scan_iter())
        return b"\n".join([*keys, *(redis.dump(key) or b"" for key in keys)])


def spoil_everything(server: RedisServer, value: bytes) -> int:
    """Put ``value`` in the place of every string; return how many there were."""
    spoilt = 0
    with Redis(unix_socket_path=str(server.socket)) as redis:
        for key in list(redis.scan_iter()):
            if redis.type(key) == b"string":
                redis.set(key, value, keepttl=True)
                spoilt += 1
    return spoilt
