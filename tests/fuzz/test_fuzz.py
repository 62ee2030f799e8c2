"""A short run of the fuzzer, and that the fuzzer would notice."""

from __future__ import annotations

from bot.conversation import Conversation
from bot.stores.memory_store import MemoryStore
from handlers.dialogue import Message
from handlers.routing import Dialogue
from tests.fuzz.campaign import run_campaign
from tests.fuzz.mutations import LAYERS, make_case
from tests.wecom.peer import RecordingReceiver


async def test_no_mutated_request_gets_anything_but_an_answer_or_the_one_refusal() -> None:
    outcome = await run_campaign(0, 8_000, RecordingReceiver())
    assert outcome.findings == []
    assert outcome.statuses[403] > 4_000
    assert outcome.statuses[200] > 200, "nothing gets through: the mutations have lost their bite"
    assert len(outcome.layers) == len(set(LAYERS))


async def test_no_mutated_message_troubles_the_dialogue(dialogue: Dialogue) -> None:
    conversation = Conversation(MemoryStore(), dialogue.respond, salt=b"fuzz")
    outcome = await run_campaign(1_000_000, 2_500, conversation)
    assert outcome.findings == []
    assert outcome.statuses[200] > 50


class FailingReceiver:
    async def receive(self, _: Message) -> str | None:
        raise RuntimeError("planted")


class OverlongReceiver:
    async def receive(self, _: Message) -> str | None:
        return "长" * 3_000


async def test_planted_failures_are_found() -> None:
    for receiver in (FailingReceiver(), OverlongReceiver()):
        outcome = await run_campaign(0, 400, receiver)
        assert outcome.findings
        assert outcome.statuses[500] == len([finding for finding in outcome.findings if "status 500" in finding])


def test_seed_makes_the_same_request_again() -> None:
    assert [make_case(seed) for seed in range(50)] == [make_case(seed) for seed in range(50)]
