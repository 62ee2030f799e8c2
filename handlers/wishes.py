"""Several wishes in one message (先给提纲，再给例句，最后导出): taken one after the other."""

from __future__ import annotations

import re

from handlers.dialogue import MOST_WISHES

LONGEST_WISH = 40
"""Characters of a wish that are remembered until its turn comes."""

_FIRST = re.compile(r"^(?:请|麻烦|帮我|能不能)?(?:你)?(?:先|首先)(?!进|锋|前|行)")
_THEN = re.compile(
    r"(?:(?:[，,。；; ]+)(?:然后|接着|之后|随后|顺便|另外|最后|其次|再|还要|也要)(?!来一|来几|换|多)|(?:然后|接着|随后|顺便))"
    r"(?:再|请)?(?:帮我|给我)?"
)
_EDGES = "，,。；;、 "


def split_wishes(text: str) -> tuple[str, ...]:
    """Return the wishes of a message in order; the whole message where it has one.

    Only a message that itself says 先…再… or joins by 然后, 顺便, 另外, 最后 is taken apart.
    """
    if len(text) > (MOST_WISHES + 1) * LONGEST_WISH:
        return (text,)
    begins = _FIRST.match(text)
    rest = text[begins.end() :] if begins else text
    parts = [part.strip(_EDGES) for part in _THEN.split(rest)]
    wishes = tuple(part for part in parts if len(part) > 1)
    if len(wishes) < 2 or any(len(wish) > LONGEST_WISH for wish in wishes):
        return (text,)
    return wishes[: MOST_WISHES + 1]
