"""Redis fails in nine ways while messages flow: every callback is answered as if nothing were, and nothing kept is lost."""

from __future__ import annotations

import pytest

from tests.conftest import StartRedis
from tests.faults.scene import FAULTS, LASTING, CountingDialogue, go_through, opened
from tests.faults.talk import Step

USERS = [f"user{number}" for number in range(6)]
GAP_SECONDS = 0.01

MOST_SECONDS = 3.5
"""For an answer and for recovery, on a machine that is busy with other things; the figures in docs/reliability.md are from a
run of ``python -m tests.faults redis``, where a second is the limit."""


@pytest.mark.parametrize("name", FAULTS)
async def test_every_message_gets_the_reply_it_would_have_got_and_nothing_kept_is_lost(
    live_dialogue: CountingDialogue, steps: tuple[Step, ...], start_redis: StartRedis, name: str
) -> None:
    async with opened(live_dialogue, steps, start_redis(*LASTING)) as scene:
        recovery = await go_through(scene, name, USERS, GAP_SECONDS, messages=4)
    record = scene.record
    print(f"{name}: {record.answered} answered, slowest {record.slowest * 1000:.0f} ms, back {recovery * 1000:.0f} ms")
    assert record.wrong == []
    assert record.unanswered == []
    assert record.refusals == []
    assert record.redelivered == 0
    assert record.answered == record.sent >= 12 * len(USERS)
    assert record.slowest < MOST_SECONDS
    assert recovery < MOST_SECONDS
