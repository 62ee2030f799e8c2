"""What counts of two copies: the one in this process's memory and the one in Redis.

Of a session the copy saved last. Of a notebook:

- One that changed here while Redis was away *grew* from what was known then. If Redis has a newer one by now, both are
  merged over what ours grew from; if it has none, or one that is older than what ours grew from (it lost some), ours
  counts. What was saved elsewhere before a deletion here is gone.
- Otherwise Redis counts, with two exceptions. A crash may cost it the last second: a copy that is newer than the one in
  Redis counts, and one that Redis does not have counts while a deletion would still show. And what is damaged in Redis
  does not count against a copy that is whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.stores.memory_store import ExpiringMap
from bot.stores.merging import is_damaged, merge_notebooks
from bot.stores.protocol import Lifetimes, New, now

MOST_GROWN = 10_000
GROWN_CHARACTERS = 8_000_000
"""Bounds of what is remembered of an outage: users, and characters of all their notebooks as they were before it."""


@dataclass(frozen=True, slots=True)
class _Growth:
    """What a notebook that Redis has not seen grew from, and until when what Redis has is older than that or deleted."""

    base: str
    outdated: float


class Reconciler:
    """Decides which copies count, and remembers what the notebooks that Redis has not seen grew from.

    ``wall_clock`` is in seconds since the epoch.
    """

    def __init__(self, lifetimes: Lifetimes | None = None, wall_clock: Callable[[], float] = now) -> None:
        kept = lifetimes or Lifetimes()
        self._wall_clock = wall_clock
        # Half of the time a deletion shows: the clocks of two machines may differ.
        self._trusted = kept.session / 2
        self._growths: ExpiringMap[str, _Growth] = ExpiringMap(
            MOST_GROWN, kept.notebook, time.monotonic, lambda growth: len(growth.base), GROWN_CHARACTERS
        )

    def reconcile(self, local: New, remote: New | None) -> tuple[New, str | None]:
        """Return the local turn with what counts, and the notebook that Redis should be given (``None``: it has it)."""
        if remote is None:
            return local, None
        newest = max(local, remote, key=lambda begun: begun.saved_at)
        notebook, stamp = self._notebook(local, remote)
        begun = replace(
            local,
            session=newest.session,
            saved_at=newest.saved_at,
            notebook=notebook or None,
            notebook_saved_at=stamp,
        )
        return begun, None if notebook == (remote.notebook or "") else notebook

    def grow(self, begun: New, remote: New | None, notebook: str, stamp: float) -> None:
        """Note that ``notebook`` was saved here and not in Redis; ``begun`` is the turn as it was reconciled."""
        before = self._growths.get(begun.user)
        if remote is not None:
            base, outdated = remote.notebook or "", remote.notebook_saved_at
        elif before is not None:
            base, outdated = before.base, before.outdated
        else:
            base, outdated = begun.notebook or "", begun.notebook_saved_at
        self._growths.put(begun.user, _Growth(base, outdated if notebook else stamp))

    def grew(self, user: str) -> bool:
        """Tell whether the user's notebook has changed since Redis last had it."""
        return self._growths.get(user) is not None

    def settle(self, user: str) -> None:
        """Note that Redis has the user's notebook."""
        self._growths.drop(user)

    def _notebook(self, local: New, remote: New) -> tuple[str, float]:
        mine, theirs = local.notebook or "", remote.notebook or ""
        if mine and theirs not in {"", mine} and is_damaged(theirs) and not is_damaged(mine):
            return mine, local.notebook_saved_at
        growth = self._growths.get(local.user)
        if growth is not None and local.notebook_saved_at:
            if remote.notebook_saved_at <= growth.outdated:
                return mine, local.notebook_saved_at
            return merge_notebooks(growth.base, mine, theirs), max(local.notebook_saved_at, remote.notebook_saved_at)
        if local.notebook_saved_at > remote.notebook_saved_at and self._may_be_lost(local, remote):
            return mine, local.notebook_saved_at
        return theirs, remote.notebook_saved_at

    def _may_be_lost(self, local: New, remote: New) -> bool:
        return remote.notebook_saved_at > 0 or self._wall_clock() - local.notebook_saved_at < self._trusted
