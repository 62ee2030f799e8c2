"""Runs many hostile requests and judges every answer."""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import dataclass, field

from bot.edge.rates import Receiver
from bot.errors import FORBIDDEN, REFUSALS
from tests.edge.guarded import callback_app
from tests.fuzz.mutations import Case, make_case
from tests.fuzz.wire import Wire

SERVED = {200}
REFUSED = {refusal.status for refusal in REFUSALS.values()} - {503}
BARE = {404, 405, 417}
"""Another address, another method, an expectation nobody has: answered with the status alone."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
"""Comes before the answer to a request with an Expect header, which a mutation may well hold."""

UNANSWERED = 0
"""A request that never ends gets no answer before its time is over."""


@dataclass
class Outcome:
    """What came of a campaign; ``findings`` names every request (by its seed) that was answered as none may be."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    layers: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    seconds: float = 0.0


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"{record.name}: {record.msg} {record.exc_info}")


async def run_campaign(first: int, count: int, receiver: Receiver) -> Outcome:
    """Send the requests of ``count`` seeds from ``first`` on."""
    outcome, errors = Outcome(), _Errors()
    logging.getLogger().addHandler(errors)
    started = time.perf_counter()
    try:
        async with Wire(callback_app(receiver)) as wire:
            for seed in range(first, first + count):
                case = make_case(seed)
                answer = await wire.exchange(case.sent)
                _judge(outcome, seed, case, answer)
                if errors.seen or wire.failures:
                    outcome.findings.append(f"seed {seed}: {errors.seen or wire.failures}")
                    errors.seen.clear()
                    wire.failures.clear()
    finally:
        logging.getLogger().removeHandler(errors)
    outcome.seconds = time.perf_counter() - started
    return outcome


def _judge(outcome: Outcome, seed: int, case: Case, answer: bytes) -> None:
    outcome.requests += 1
    outcome.layers[case.layer] += 1
    answer = answer.removeprefix(CONTINUE)
    status = int(answer.split(None, 2)[1]) if answer else UNANSWERED
    outcome.statuses[status] += 1
    _, _, body = answer.partition(b"\r\n\r\n")
    problem = None
    if status not in SERVED | REFUSED | BARE | {UNANSWERED}:
        problem = f"status {status}"
    elif status in SERVED and case.forged:
        problem = "a forged request was served"
    elif status == FORBIDDEN.status and body != FORBIDDEN.text.encode():
        problem = f"another 403: {body[:80]!r}"
    elif status in BARE and body:
        problem = f"a text with {status}: {body[:80]!r}"
    elif b"aiohttp" in answer or b"Traceback" in answer:
        problem = "the answer names software"
    if problem:
        outcome.findings.append(f"seed {seed} ({case.layer}): {problem}")
