"""Events of the app's own life reach the administrators once; the welcome comes once a day."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.simulator.api_faults import HttpStatus
from bot.simulator.inbound import Event, Lifecycle
from handlers.texts.lifecycle import EVENTS
from tests.active.office import open_office, settings_for
from tests.conftest import RedisServer


async def test_every_event_reaches_every_administrator_once(
    bundled_base: Path, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bot.channels")
    async with open_office(settings_for(bundled_base, redis_server, admins="zhang,Li")) as office:
        for event in Lifecycle:
            delivery = office.stand_in.compose_lifecycle(event)
            for copy in (delivery, delivery, office.stand_in.repeat(delivery)):
                assert (await office.post(copy)).reply is None
            await office.api.until(lambda: len(office.api.texts("zhang")) == len(office.api.texts("Li")) > 0)
        expected = {EVENTS[event.value] for event in Lifecycle}
        await office.api.until(lambda: len(office.api.shown) >= 2 * len(expected))
        assert set(office.api.texts("zhang")) == set(office.api.texts("Li")) == expected
        assert len(office.api.shown) == 2 * len(expected)
        assert await office.metric("bigan_app_events_total") == 3 * len(expected)
    assert {record.getMessage() for record in caplog.records} >= {f"app event: {event}" for event in Lifecycle}


def test_every_event_of_the_protocol_has_its_words() -> None:
    assert set(EVENTS) == {event.value for event in Lifecycle}


async def test_without_administrators_or_a_secret_the_log_and_the_metric_tell(
    bundled_base: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for settings in (Settings(knowledge_base=bundled_base, admin_users="zhang"), settings_for(bundled_base)):
        caplog.clear()
        async with open_office(settings) as office:
            await office.post(office.stand_in.compose_lifecycle(Lifecycle.INACTIVE_ALERT))
            assert await office.metric("bigan_app_events_total") == 1
            assert office.api.calls == {}
        assert "app event: inactive_alert" in caplog.text


async def test_alert_outlives_an_api_that_is_down(bundled_base: Path, redis_server: RedisServer) -> None:
    async with open_office(settings_for(bundled_base, redis_server, admins="zhang")) as office:
        office.api.faults.plan(HttpStatus(500), times=3)
        await office.post(office.stand_in.compose_lifecycle(Lifecycle.CLOSE_INACTIVE))
        await office.api.until(lambda: bool(office.api.texts("zhang")))
        assert "已被停用" in office.api.texts("zhang")[0]


@pytest.mark.parametrize("with_redis", [False, True])
async def test_welcome_comes_once_a_day(
    bundled_base: Path, request: pytest.FixtureRequest, *, with_redis: bool
) -> None:
    redis = request.getfixturevalue("redis_server") if with_redis else None
    async with open_office(settings_for(bundled_base, redis)) as office:
        enter = office.stand_in.compose_event("zhang", Event.ENTER)
        first = (await office.post(enter)).reply or ""
        assert first.startswith("您好，我是笔杆")
        assert (await office.post(enter)).reply == first
        clock = office.stand_in._now
        office.stand_in._now = lambda: clock() + 60
        again = office.stand_in.compose_event("zhang", Event.ENTER)
        office.stand_in._now = clock
        assert (await office.post(again)).reply is None
        # Whoever forgets everything is a new acquaintance.
        await office.say("清除我的数据")
        office.stand_in._now = lambda: clock() + 120
        later = office.stand_in.compose_event("zhang", Event.ENTER)
        assert ((await office.post(later)).reply or "").startswith("您好，我是笔杆")
        other = office.stand_in.compose_event("li", Event.ENTER)
        assert ((await office.post(other)).reply or "").startswith("您好，我是笔杆")
