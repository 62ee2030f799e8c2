"""Redis fails in nine ways while messages flow: every callback is answered as if nothing were, and nothing kept is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import StartRedis
from tests.faults.scene import FAULTS, LASTING, Scene, opened, talking

USERS = [f"user{number}" for number in range(6)]
GAP_SECONDS = 0.02

MOST_SECONDS = 3.5
"""For an answer and for recovery, on a machine that is busy with other things; the figures in docs/reliability.md are from a
run of ``python -m tests.faults``, where a second is the limit."""


@pytest.fixture
async def scene(bundled_base: Path, start_redis: StartRedis) -> AsyncIterator[Scene]:
    async with opened(bundled_base, start_redis(*LASTING)) as made:
        yield made


@pytest.mark.parametrize("name", FAULTS)
async def test_every_message_gets_the_reply_it_would_have_got(scene: Scene, name: str) -> None:
    breaks, mends = FAULTS[name]
    async with talking(scene, USERS, GAP_SECONDS):
        await scene.until_said(4)
        await breaks(scene)
        await scene.until_said(5)
        await mends(scene)
        recovery = await scene.until_ready()
        await scene.until_said(4)
    await scene.until_redis_holds_all()
    record = scene.record
    print(f"{name}: {record.answered} answered, slowest {record.slowest * 1000:.0f} ms, back {recovery * 1000:.0f} ms")
    assert record.wrong == []
    assert record.unanswered == []
    assert record.refusals == []
    assert record.redelivered == 0
    assert record.answered == record.sent >= 13 * len(USERS)
    assert record.slowest < MOST_SECONDS
    assert recovery < MOST_SECONDS


@pytest.mark.parametrize("name", [name for name in FAULTS if name != "corrupt values"])
async def test_check_turns_red_during_the_fault_and_green_after_it(scene: Scene, name: str) -> None:
    breaks, mends = FAULTS[name]
    assert await scene.is_ready()
    await breaks(scene)
    await scene.until_ready(False)
    await mends(scene)
    assert await scene.until_ready() < MOST_SECONDS
