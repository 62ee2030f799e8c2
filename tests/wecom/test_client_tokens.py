"""Access tokens: one fetch for all who ask, early renewal, one renewal of a refused one, shared by workers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from bot.outbox.redis_tokens import RedisTokens
from bot.outbox.redis_trips import RedisTrips
from bot.simulator.api_faults import ErrorCode, Hang, HttpStatus, Slow
from bot.wecom.api_errors import ApiError, ApiRefusedError, ApiUnreachableError
from bot.wecom.client import ApiClient
from bot.wecom.tokens import MemoryTokens, TokenStore
from tests.conftest import RedisServer
from tests.simulator.api_bench import SECRET
from tests.wecom.api_client import CREDENTIALS, HASTY, Site, api_site

SENDERS = 50
WORKERS = 4


class Workers:
    """Clients of several workers that share what such workers share."""

    def __init__(self, site: Site, redis: RedisServer | None) -> None:
        self.site = site
        self._redis = redis
        self._trips: list[RedisTrips] = []

    def tokens(self, lock_seconds: float = 10.0) -> TokenStore:
        if self._redis is None:
            return MemoryTokens(self.site.clock)
        # A shared machine may hold a trip up for longer than the product would wait.
        trips = RedisTrips(self._redis.url, limit=10.0)
        self._trips.append(trips)
        return RedisTokens(trips, CREDENTIALS, now=self.site.clock, lock_seconds=lock_seconds)

    async def close(self) -> None:
        for trips in self._trips:
            await trips.close()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with api_site() as site:
        yield site


@pytest.fixture(params=["memory", "redis"])
async def workers(request: pytest.FixtureRequest, site: Site) -> AsyncIterator[Workers]:
    made = Workers(site, request.getfixturevalue("redis_server") if request.param == "redis" else None)
    yield made
    await made.close()


@pytest.fixture
async def shared(redis_server: RedisServer, site: Site) -> AsyncIterator[Workers]:
    made = Workers(site, redis_server)
    yield made
    await made.close()


async def send_from_all(clients: list[ApiClient]) -> list[BaseException | object]:
    """Send from many coroutines of every client at once."""
    sends = [client.send_text("zhang", f"{n}") for n, client in enumerate(clients * SENDERS)]
    return await asyncio.gather(*sends, return_exceptions=True)


def refusals(outcomes: list[BaseException | object]) -> int:
    assert all(isinstance(outcome, ApiError) for outcome in outcomes if isinstance(outcome, BaseException))
    return sum(isinstance(outcome, BaseException) for outcome in outcomes)


async def test_many_senders_of_one_worker_fetch_one_token(site: Site, workers: Workers) -> None:
    site.api.faults.plan(Slow(0.05), "gettoken")
    async with site.client(workers.tokens()) as client:
        assert refusals(await send_from_all([client])) == 0
    assert site.api.calls == {"gettoken": 1, "message/send": SENDERS}


async def test_many_senders_of_all_workers_fetch_one_token(site: Site, shared: Workers) -> None:
    site.api.faults.plan(Slow(0.2), "gettoken")
    clients = [site.client(shared.tokens()) for _ in range(WORKERS)]
    for client in clients:
        await client.__aenter__()
    assert refusals(await send_from_all(clients)) == 0
    assert site.api.calls == {"gettoken": 1, "message/send": WORKERS * SENDERS}
    site.api.call_in_token()
    site.api.faults.plan(Slow(0.2), "gettoken")
    assert refusals(await send_from_all(clients)) == 0
    assert site.api.calls["gettoken"] == 2
    for client in clients:
        await client.__aexit__(None, None, None)


@pytest.mark.parametrize("code", [40014, 42001, 40001])
async def test_refused_token_is_renewed_once_and_the_message_sent(site: Site, workers: Workers, code: int) -> None:
    async with site.client(workers.tokens()) as client:
        await client.send_text("zhang", "一")
        site.api.faults.plan(ErrorCode(code), "message/send")
        await client.send_text("zhang", "二")
    assert site.api.calls == {"gettoken": 2, "message/send": 3}
    assert site.api.texts("zhang") == ["一", "二"]


async def test_token_that_ended_or_was_called_in_is_replaced(site: Site, workers: Workers) -> None:
    async with site.client(workers.tokens()) as client:
        await client.send_text("zhang", "一")
        site.api.call_in_token()
        await client.send_text("zhang", "二")
        site.clock.time += 7200
        await client.send_text("zhang", "三")
    assert site.api.texts("zhang") == ["一", "二", "三"]
    assert site.api.calls["gettoken"] == 3
    # The one that had ended by the clock was not even tried.
    assert site.api.calls["message/send"] == 4


async def test_storm_of_refusals_costs_each_call_two_requests_and_one_fetch_for_all(
    site: Site, workers: Workers
) -> None:
    async with site.client(workers.tokens()) as client:
        await client.send_text("zhang", "一")
        site.api.calls.clear()
        site.api.faults.plan(ErrorCode(40014), "message/send", times=None)
        site.api.faults.plan(Slow(0.05), "gettoken", times=None)
        assert refusals(await send_from_all([client])) == SENDERS
        assert site.api.calls["message/send"] == 2 * SENDERS
        assert site.api.calls["gettoken"] == 1
        with pytest.raises(ApiRefusedError, match="40014"):
            await client.send_text("zhang", "二")
        assert site.api.calls["gettoken"] == 2
        site.api.faults.heal()
        await client.send_text("zhang", "三")
    assert site.api.texts("zhang") == ["一", "三"]


async def test_token_is_renewed_before_it_ends(site: Site, workers: Workers) -> None:
    async with site.client(workers.tokens()) as client:
        await client.send_text("zhang", "一")
        site.clock.time += 7200 - 301
        await client.send_text("zhang", "二")
        assert site.api.calls["gettoken"] == 1
        site.clock.time += 2
        await client.send_text("zhang", "三")
        assert site.api.calls["gettoken"] == 2


async def test_token_that_ends_soon_still_serves_when_it_cannot_be_renewed(site: Site, workers: Workers) -> None:
    async with site.client(workers.tokens(), timeouts=HASTY) as client:
        await client.send_text("zhang", "一")
        site.clock.time += 7200 - 10
        site.api.faults.plan(HttpStatus(500), "gettoken")
        await client.send_text("zhang", "二")
    assert site.api.texts("zhang") == ["一", "二"]


async def test_fetch_that_fails_fails_all_who_wait_for_it_once(site: Site, workers: Workers) -> None:
    site.api.faults.plan(Hang(), "gettoken", times=None)
    async with site.client(workers.tokens(), timeouts=HASTY) as client:
        assert refusals(await send_from_all([client])) == SENDERS
        assert site.api.calls == {"gettoken": 1}
        site.api.faults.heal()
        await client.send_text("zhang", "一")


async def test_sender_that_stops_waiting_does_not_end_the_wait_of_others(site: Site, workers: Workers) -> None:
    site.api.faults.plan(Slow(0.1), "gettoken")
    async with site.client(workers.tokens()) as client:
        first = asyncio.create_task(client.send_text("zhang", "一"))
        second = asyncio.create_task(client.send_text("zhang", "二"))
        await site.api.until(lambda: site.api.calls["gettoken"] > 0)
        first.cancel()
        await second
    assert site.api.texts("zhang") == ["二"]
    assert site.api.calls["gettoken"] == 1


async def test_worker_that_starts_later_finds_the_token_there(site: Site, shared: Workers) -> None:
    for text in ("一", "二"):
        async with site.client(shared.tokens()) as client:
            await client.send_text("zhang", text)
    assert site.api.calls["gettoken"] == 1


async def test_worker_that_dies_while_it_fetches_holds_the_others_up_for_the_life_of_its_lock_only(
    site: Site, shared: Workers, redis_server: RedisServer
) -> None:
    site.api.faults.plan(Hang(), "gettoken")
    async with site.client(shared.tokens(lock_seconds=0.5)) as dying, site.client(shared.tokens()) as other:
        task = asyncio.create_task(dying.send_text("zhang", "一"))
        await site.api.until(lambda: site.api.calls["gettoken"] > 0)
        # Dead from here on: it neither ends its call nor gives its lock back.
        await other.send_text("zhang", "二")
        assert site.api.texts("zhang") == ["二"]
        assert b":lock" not in redis_server.command("KEYS", "*")
        task.cancel()


async def test_without_redis_each_worker_fetches_for_itself(
    site: Site, shared: Workers, redis_server: RedisServer
) -> None:
    async with site.client(shared.tokens()) as client:
        await client.send_text("zhang", "一")
        redis_server.kill()
        site.api.call_in_token()
        assert refusals(await send_from_all([client])) == 0
        assert site.api.calls["gettoken"] == 2


@pytest.mark.parametrize("value", ["", "no json", "[]", "{}", json.dumps({"value": "x", "serial": "y"})])
async def test_poisoned_entry_counts_as_no_token(
    site: Site, shared: Workers, redis_server: RedisServer, value: str
) -> None:
    async with site.client(shared.tokens()) as client:
        await client.send_text("zhang", "一")
    key = redis_server.command("KEYS", "*").split(b"\r\n")[2]
    redis_server.command("SET", key, value)
    async with site.client(shared.tokens()) as client:
        await client.send_text("zhang", "二")
    assert site.api.texts("zhang") == ["一", "二"]


async def test_neither_secret_nor_corp_stands_in_the_name_of_a_key(
    site: Site, shared: Workers, redis_server: RedisServer
) -> None:
    async with site.client(shared.tokens()) as client:
        await client.send_text("zhang", "一")
    keys = redis_server.command("KEYS", "*").decode()
    assert "bigan:{token:" in keys
    assert SECRET not in keys
    assert CREDENTIALS.corp_id not in keys
    assert int(redis_server.command("PTTL", keys.split("\r\n")[2])[1:]) <= 7_200_000


async def test_unreachable_api_is_told_from_a_refusal(site: Site, workers: Workers) -> None:
    site.api.faults.plan(HttpStatus(502), "gettoken", times=None)
    async with site.client(workers.tokens()) as client:
        with pytest.raises(ApiUnreachableError):
            await client.send_text("zhang", "一")
