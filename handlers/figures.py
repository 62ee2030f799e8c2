"""The form to fill in (填空单): the figures that texts want, each with the words around its blank."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST = 24
"""Blanks listed at most: one page of a phone message."""

WORDS_BEFORE = 20
"""Characters before a blank that say what is to be filled in."""

_BLANK = re.compile(r"【X[^【】\n]{1,8}】")
_CLAUSE = re.compile(r"[^，。；：、！？\n]*【X[^【】\n]{1,8}】[^，。；：、！？\n]*")
_JOINT = re.compile("[和与及并对的]|开展|组织|召开|累计|共计")


def list_blanks(texts: Sequence[str], most: int = MOST) -> tuple[str, ...]:
    """Return the figures that texts want filled in, each with the words before it (党费【X元】), none twice."""
    found = (
        _label(clause[: blank.start()]) + blank.group()
        for text in texts
        for clause in _CLAUSE.findall(text)
        for blank in _BLANK.finditer(clause)
    )
    return tuple(dict.fromkeys(found))[:most]


def _label(before: str) -> str:
    """Return the words that name a figure: since the blank before it, and where they are many, from a joint on."""
    words = before.rpartition("】")[2].lstrip("，、的个 ")
    if len(words) <= WORDS_BEFORE:
        return words
    words = words[-WORDS_BEFORE:]
    joint = _JOINT.search(words)
    return words[joint.end() :] if joint and joint.end() < len(words) - 2 else words
