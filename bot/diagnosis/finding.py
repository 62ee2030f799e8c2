"""Finding: what a check found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is. Only ``FAULT`` keeps the service from working."""

    GOOD = "good"
    NOTICE = "notice"
    FAULT = "fault"
    SKIPPED = "skipped"

    @property
    def word(self) -> str:
        """Return what an operator reads."""
        return {"good": "正常", "notice": "注意", "fault": "有误", "skipped": "跳过"}[self.value]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what was looked at, how it is, and (unless it is good) what to do. All in Chinese."""

    check: str
    state: State
    message: str
    advice: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the finding as a JSON object."""
        return {"check": self.check, "state": self.state.value, "message": self.message, "advice": self.advice}


def good(check: str, message: str) -> Finding:
    """Return a finding without anything to do."""
    return Finding(check, State.GOOD, message)


def notice(check: str, message: str, advice: str) -> Finding:
    """Return something that works and should be better."""
    return Finding(check, State.NOTICE, message, advice)


def fault(check: str, message: str, advice: str) -> Finding:
    """Return something that does not work."""
    return Finding(check, State.FAULT, message, advice)


def skipped(check: str, message: str, advice: str = "") -> Finding:
    """Return something that was not looked at, with the reason."""
    return Finding(check, State.SKIPPED, message, advice)
