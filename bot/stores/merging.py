"""Two notebooks that grew apart from one, made one again.

While Redis is away each worker keeps what its user does in its own memory, and another worker may have saved something
just before, or does the same meanwhile. Taking the newer of the two would then lose what only the older one has, so both
are compared with the one they grew from: what either added stays, what either took away is gone.
"""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any, TypeVar, cast

from handlers.notebook import NOTEBOOK_FORMAT, Draft, Notebook, Part, Profile

T = TypeVar("T")

Entries = tuple[Any, ...]


def merge_notebooks(base: str, mine: str, theirs: str) -> str:
    """Return the stored form of what ``mine`` and ``theirs`` made of ``base``; where both changed one thing, mine counts.

    An empty string is a notebook with nothing in it: with an empty ``base`` nothing at all is lost.
    """
    if theirs in {base, mine}:
        return mine
    if mine == base:
        return theirs
    return _merge(*map(Notebook.from_json, (base, mine, theirs))).to_json()


def is_damaged(value: str) -> bool:
    """Tell whether a stored notebook says nothing any more. One of another version is none of our business."""
    try:
        version = json.loads(value)["format"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return True
    return bool(version == NOTEBOOK_FORMAT) and Notebook.from_json(value).is_empty


def _merge(base: T, mine: T, theirs: T) -> T:
    """Merge field by field, a list entry by entry, a draft under its headings; of anything else one side counts."""
    if mine == base:
        return theirs
    if theirs == base:
        return mine
    if isinstance(base, tuple):
        return cast("T", _merge_entries(base, cast("Entries", mine), cast("Entries", theirs)))
    if not isinstance(base, Notebook | Profile | Draft):
        return mine
    merged: dict[str, Any] = {
        field.name: _merge(*(getattr(side, field.name) for side in (base, mine, theirs))) for field in fields(base)
    }
    if isinstance(base, Draft):
        merged["parts"] = _merge_parts(base, cast("Draft", mine), cast("Draft", theirs))
    return cast("T", replace(base, **merged))


def _merge_entries(base: Entries, mine: Entries, theirs: Entries) -> Entries:
    before, here, there = set(base), set(mine), set(theirs)
    kept = tuple(entry for entry in theirs if entry in here or entry not in before)
    return kept + tuple(entry for entry in mine if entry not in before and entry not in there)


def _merge_parts(base: Draft, mine: Draft, theirs: Draft) -> tuple[Part, ...]:
    """Merge the lines under each heading; a heading that only mine has comes last."""
    old, ours, other = _by_heading(base), _by_heading(mine), _by_heading(theirs)
    merged = []
    for heading, part in (other | {key: part for key, part in ours.items() if key not in other}).items():
        before, here, there = (parts.get(heading) for parts in (old, ours, other))
        lines = _merge_entries(*(side.lines if side else () for side in (before, here, there)))
        if lines or before is None or (here and there):
            merged.append(replace(part, lines=lines))
    return tuple(merged)


def _by_heading(draft: Draft) -> dict[tuple[int, str], Part]:
    """Return the parts by level and heading; of two that are called alike the second takes the first one's lines in."""
    parts: dict[tuple[int, str], Part] = {}
    for part in draft.parts:
        key = (part.level, part.heading)
        before = parts[key].lines if key in parts else ()
        parts[key] = replace(parts.get(key, part), lines=before + part.lines)
    return parts
