"""Take a pasted text apart into its outline: the headings with their levels and numbers as they stand."""

from __future__ import annotations

import re

from knowledge.corpus.structure import parse
from knowledge.model import Heading

# A message often comes in one line: numbers that open a section in it get a line of their own.
_NUMBERS = re.compile(
    r"(?<=[。；：:！？\s）])(?=[一二三四五六七八九十]{1,3}、)|(?<!^)(?<!\n)(?=[（(][一二三四五六七八九十]{1,2}[）)])"
)
_ENDS = re.compile(r"[。；;：:].*", re.DOTALL)
LONGEST = 40
"""Characters of a heading that are shown."""


def extract_headings(text: str) -> tuple[Heading, ...]:
    """Return the headings of ``text`` in order, levels from 1; empty where it has no numbers."""
    found = parse(_NUMBERS.sub("\n", text)).headings
    return tuple(heading for heading in found if heading.text and not heading.ordinal.endswith("是"))


def shorten(heading: str) -> str:
    """Return a heading without the sentence that runs on from it."""
    return _ENDS.sub("", heading)[:LONGEST]
