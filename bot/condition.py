"""How the process is doing right now: what ``/readyz`` says in words and ``/metrics`` in figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.stores.breaker import CircuitBreaker
from bot.stores.protocol import ConversationStore
from knowledge.library import Library
from knowledge.store import Manifest


class Served(Protocol):
    """The knowledge that answers now, as far as it can be looked at (see ``LiveDialogue``)."""

    @property
    def library(self) -> Library:
        """The library that answers."""
        ...

    @property
    def manifest(self) -> Manifest:
        """What the base that answers was built from."""
        ...

    @property
    def base_slip(self) -> str | None:
        """Why a newer base is not in use, ``None`` when none is waiting."""
        ...

    @property
    def overlay_slip(self) -> str | None:
        """Why the overlay as it is now is not in use, ``None`` when it is."""
        ...


@dataclass(frozen=True, slots=True)
class Condition:
    """The state of one process.

    ``sessions``: the store takes reads and writes. ``local``: conversations are in this process's memory alone, be it that no
    Redis is configured or that it is away. ``created`` is ISO 8601. The slips say why a newer version is not in use.
    """

    sessions: bool
    breaker_open: bool
    local: bool
    version: str
    created: str
    reports: int
    passages: int
    overlay_entries: int
    base_slip: str | None = None
    overlay_slip: str | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong and what to do, in Chinese."""
        found = []
        if not self.sessions:
            found.append("Redis 不能读写，正从内存答复；请检查 Redis 和 REDIS_URL")
        if self.base_slip is not None:
            found.append(f"有新知识库，但用不上，仍用原来的：{self.base_slip}")
        if self.overlay_slip is not None:
            found.append("覆盖表有误，沿用上一次的；哪一条有误见日志，或运行 bigan kb show")
        return tuple(found)


class Inspector:
    """Finds out how the process is doing. ``breaker`` is the one in front of Redis (``None``: there is no Redis)."""

    def __init__(self, store: ConversationStore, served: Served, breaker: CircuitBreaker | None) -> None:
        self._store = store
        self._served = served
        self._breaker = breaker

    async def inspect(self) -> Condition:
        """Return the condition; asks the store, which also lets it notice that Redis is back."""
        sessions = await self._store.ready()
        manifest, library = self._served.manifest, self._served.library
        breaker_open = self._breaker is not None and not self._breaker.closed
        return Condition(
            sessions=sessions,
            breaker_open=breaker_open,
            local=self._breaker is None or breaker_open,
            version=manifest.version,
            created=manifest.created,
            reports=manifest.counts.reports,
            passages=manifest.counts.passages,
            overlay_entries=len(library.registry.changes),
            base_slip=self._served.base_slip,
            overlay_slip=self._served.overlay_slip,
        )
