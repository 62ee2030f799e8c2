"""Count how many reports use a clause (语料N篇使用): what several offices write alike is the set phrase of the trade."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from knowledge.model import Passage, Report

SHORTEST = 7
"""Characters of a clause that is worth counting; shorter ones are common words."""

_BREAK = re.compile(r"[，。；：！？\n]")
_PLAIN = str.maketrans("", "", " 　“”‘’\"'")


def count_clauses(reports: Iterable[Report]) -> dict[str, int]:
    """Return the clauses that at least two reports use, quotation marks left out, with the number of reports."""
    users: defaultdict[str, set[str]] = defaultdict(set)
    for report in reports:
        for clause in _clauses(report.text):
            users[clause].add(report.id)
    return {clause: len(found) for clause, found in users.items() if len(found) > 1}


def with_support(passages: Iterable[Passage], clauses: dict[str, int]) -> tuple[Passage, ...]:
    """Give each passage its most widely used clause, as it stands in the passage, and how many reports use it."""
    return tuple(_supported(passage, clauses) for passage in passages)


def _supported(passage: Passage, clauses: dict[str, int]) -> Passage:
    counted = [
        (clauses[plain], len(plain), clause.strip())
        for clause in _BREAK.split(passage.text)
        if (plain := clause.translate(_PLAIN)) in clauses
    ]
    if not counted:
        return passage
    support, _, shared = max(counted)
    return replace(passage, shared=shared, support=support)


def _clauses(text: str) -> Iterable[str]:
    plain = (clause.translate(_PLAIN) for clause in _BREAK.split(text))
    return (clause for clause in plain if len(clause) >= SHORTEST and "【" not in clause)
