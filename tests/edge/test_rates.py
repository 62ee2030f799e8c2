"""How often one user is answered."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.edge.limits import LIMITS
from bot.edge.rates import PacedReceiver, RateLimit, Verdict
from handlers.dialogue import Message, MessageKind
from handlers.texts.pace import TOO_FAST
from tests.wecom.peer import RecordingReceiver


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def message(number: int | None, user: str = "zhangsan", kind: MessageKind = MessageKind.TEXT) -> Message:
    delivery = None if number is None else f"delivery {number}"
    return Message("wecom", user, "党建总结提纲", datetime.now(UTC), kind, delivery)


def paced(clock: Clock, most: int = 20) -> tuple[PacedReceiver, RecordingReceiver]:
    receiver = RecordingReceiver("答")
    return PacedReceiver(receiver, RateLimit(most, clock=clock), salt=b"salt"), receiver


async def test_twenty_a_minute_then_one_sentence_then_silence_until_the_minute_is_over(clock: Clock) -> None:
    pace, receiver = paced(clock, LIMITS.messages_per_minute)
    answers = []
    for number in range(30):
        clock.now = number * 1.5
        answers.append(await pace.receive(message(number)))
    assert answers == ["答"] * 20 + [TOO_FAST] + [None] * 9
    assert len(receiver.messages) == 20
    clock.now = 59.9
    assert await pace.receive(message(30)) is None
    clock.now = 60.0
    assert await pace.receive(message(31)) == "答"


async def test_redelivery_counts_for_nothing_and_gets_what_its_first_copy_got(clock: Clock) -> None:
    pace, _ = paced(clock, 3)
    for number in range(3):
        for _ in range(3):
            assert await pace.receive(message(number)) == "答"
    for _ in range(3):
        assert await pace.receive(message(3)) == TOO_FAST
    assert await pace.receive(message(4)) is None
    assert await pace.receive(message(0)) == "答"


async def test_redelivery_just_after_the_minute_counts_for_nothing_in_the_next(clock: Clock) -> None:
    pace, _ = paced(clock, 2)
    clock.now = 0.0
    assert await pace.receive(message(0)) == "答"
    clock.now = 59.0
    assert await pace.receive(message(1)) == "答"
    clock.now = 64.0
    assert [await pace.receive(message(number)) for number in (1, 2, 3, 4)] == ["答", "答", "答", TOO_FAST]


async def test_one_user_slows_nobody_else_down(clock: Clock) -> None:
    pace, _ = paced(clock, 2)
    for number in range(10):
        await pace.receive(message(number, "script"))
    assert await pace.receive(message(99, "li")) == "答"


async def test_messages_of_a_transport_without_redelivery_are_counted(clock: Clock) -> None:
    pace, _ = paced(clock, 2)
    assert [await pace.receive(message(None)) for _ in range(4)] == ["答", "答", TOO_FAST, None]


@pytest.mark.parametrize("kind", [MessageKind.ENTER, MessageKind.SUBSCRIBE, MessageKind.OTHER])
async def test_opening_the_window_counts_for_nothing(clock: Clock, kind: MessageKind) -> None:
    pace, _ = paced(clock, 1)
    for number in range(5):
        assert await pace.receive(message(number, kind=kind)) == "答"
    assert await pace.receive(message(5)) == "答"
    assert await pace.receive(message(6, kind=MessageKind.CLICK)) == TOO_FAST


async def test_zero_means_no_limit(clock: Clock) -> None:
    pace, _ = paced(clock, 0)
    assert {await pace.receive(message(number)) for number in range(100)} == {"答"}


async def test_log_names_the_user_by_hash_alone_and_once_a_minute(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    pace, _ = paced(clock, 1)
    for number in range(5):
        await pace.receive(message(number))
    (record,) = caplog.records
    assert record.message == "user asks too often"
    assert "zhangsan" not in str(record.__dict__)
    assert "提纲" not in str(record.__dict__)


def test_memory_is_bounded(clock: Clock) -> None:
    limit = RateLimit(20, users=100, clock=clock)
    for number in range(10_000):
        limit.judge(f"user {number}", "d")
    assert len(limit._minutes) == 100


@given(st.lists(st.integers(0, 30), max_size=120))
def test_no_minute_holds_more_answers_than_allowed_nor_a_second_warning(pauses: list[int]) -> None:
    clock = Clock()
    limit = RateLimit(5, clock=clock)
    ends, seen = 0.0, Counter[Verdict]()
    for number, pause in enumerate(pauses):
        clock.now += pause
        if clock.now >= ends or not number:
            ends, seen = clock.now + 60, Counter()
        verdict = limit.judge("u", str(number))
        seen[verdict] += 1
        assert verdict is (Verdict.ANSWER, Verdict.TELL, Verdict.SILENCE)[(seen.total() > 5) + (seen.total() > 6)]
