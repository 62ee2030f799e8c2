"""Addresses of one server, of Sentinels and of a cluster: what is read from them, what is refused, what is shown."""

from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError
from redis.asyncio.connection import parse_url

from bot.settings import Settings
from bot.stores.redis_address import RedisAddress, Topology


@pytest.mark.parametrize(
    "url", ["redis://redis:6379/0", "rediss://:p%40ss@host", "unix:///run/redis.sock?db=1", "redis://[::1]:6379"]
)
def test_address_of_one_server_is_left_to_the_library(url: str) -> None:
    assert RedisAddress.parse(url) == RedisAddress(Topology.SINGLE, url)


def test_sentinels_are_listed_and_the_master_is_named() -> None:
    address = RedisAddress.parse(
        "redis+sentinel://bot:p%40ss%2F1@one,two.example:26380,[::1]:26381/my-master/3?sentinel_password=s%26&ssl_ca_certs=/ca"
    )
    assert address.topology is Topology.SENTINEL
    assert address.nodes == (("one", 26379), ("two.example", 26380), ("::1", 26381))
    assert (address.service, address.sentinel_username, address.sentinel_password) == ("my-master", None, "s&")
    assert parse_url(address.url) == {
        "host": "one", "port": 26379, "username": "bot", "password": "p@ss/1", "db": 3, "ssl_ca_certs": "/ca"
    }  # fmt: skip


@pytest.mark.parametrize("end", ["", "/", "/0"])
def test_nodes_of_a_cluster_are_listed(end: str) -> None:
    address = RedisAddress.parse(f"rediss+cluster://:pass@[2001:db8::1],two:7000{end}")
    assert address.topology is Topology.CLUSTER
    assert address.nodes == (("2001:db8::1", 6379), ("two", 7000))
    assert address.url.startswith("rediss://:pass@[2001:db8::1]:6379/")


@pytest.mark.parametrize(
    "url",
    [
        "http://canary",
        "redis://",
        "redis://:canary/x@redis:1",
        "unix://",
        "canary:6379",
        "redis+sentinel://canary:26379",
        "redis+sentinel://canary:26379/",
        "redis+sentinel://canary:26379/name/db",
        "redis+sentinel://canary:26379/na me/0",
        "redis+sentinel://canary:0/name",
        "redis+sentinel://canary:99999/name",
        "redis+sentinel://canary,,other/name",
        "redis+sentinel:///name",
        "redis+sentinel://:canary/x@host:1/name",
        "redis+cluster://",
        "redis+cluster://canary:7000/1",
        "redis+cluster://canary:7000/name",
        "redis+unknown://canary",
        "unix+cluster://canary",
        "redis+cluster://:can#ary@host",
    ],
)
def test_anything_else_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is what is looked at
        RedisAddress.parse(url)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("url", ["redis+sentinel://:p@one,two:26380/name/0", "rediss+cluster://one:7000,two:7000"])
def test_setting_takes_every_form(url: str) -> None:
    assert Settings(redis_url=SecretStr(url)).redis_url == SecretStr(url)
    with pytest.raises(ValidationError):
        Settings(redis_url=SecretStr(url.replace("one", "")))


def test_password_is_not_shown() -> None:
    shown = repr(RedisAddress.parse("redis+sentinel://:canary1@one/name?sentinel_password=canary2"))
    assert "one" in shown
    assert "canary" not in shown
