"""What can go wrong between a program and the active API, on demand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """The call is answered with an error code and has no effect."""

    code: int
    message: str = ""


@dataclass(frozen=True, slots=True)
class HttpStatus:
    """The call is answered with an HTTP status and a page of HTML, and has no effect."""

    status: int


@dataclass(frozen=True, slots=True)
class Slow:
    """The call takes ``seconds`` longer."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hang:
    """The call has no effect and no answer, until the faults are healed."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is cut; ``late``: once the call has had its effect, so that nobody learns of it."""

    late: bool = False


Fault = ErrorCode | HttpStatus | Slow | Hang | Cut


@dataclass(slots=True)
class _Plan:
    fault: Fault
    call: str | None
    left: int | None


class Faults:
    """Which fault each call meets: those planned first come first."""

    def __init__(self) -> None:
        self._plans: list[_Plan] = []
        self.healed = asyncio.Event()

    def plan(self, fault: Fault, call: str | None = None, times: int | None = 1) -> None:
        """Let the next ``times`` calls (``None``: all, until healed) of one kind (``None``: any) meet ``fault``."""
        self.healed.clear()
        self._plans.append(_Plan(fault, call, times))

    def heal(self) -> None:
        """End all faults; calls that hang come to an end."""
        self._plans.clear()
        self.healed.set()

    def meet(self, call: str) -> Fault | None:
        """Return the fault that this call meets."""
        for plan in self._plans:
            if plan.call in {None, call}:
                if plan.left is not None:
                    plan.left -= 1
                    if not plan.left:
                        self._plans.remove(plan)
                return plan.fault
        return None
