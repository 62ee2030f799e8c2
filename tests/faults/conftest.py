"""The dialogue all services of these tests answer with, and what it says when nothing breaks."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.faults.scene import CountingDialogue, load_dialogue
from tests.faults.talk import Step, rehearse


@pytest.fixture(scope="session")
def live_dialogue(bundled_base: Path) -> CountingDialogue:
    """Loaded once: that takes a second."""
    return load_dialogue(bundled_base)


@pytest.fixture(scope="session")
def steps(live_dialogue: CountingDialogue) -> tuple[Step, ...]:
    """The conversation, rehearsed."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(rehearse(live_dialogue.respond))
    finally:
        loop.close()
