"""A source in words: the title and the numbers of the section a line stands in."""

from __future__ import annotations

import re
from functools import lru_cache

from knowledge.model import Source

_NUMBER = "[一二三四五六七八九十百零〇]+|[0-9]{1,3}"
_BRACKETED = re.compile(rf"\s*[（(]\s*({_NUMBER})\s*[）)]")
_ENUMERATED = re.compile(rf"\s*((?:{_NUMBER})是|第(?:{_NUMBER}))")
_PLAIN = re.compile(rf"\s*({_NUMBER})\s*[、．.，,：:]")


@lru_cache(1024)
def cite(source: Source) -> str:
    """Return the title and, where the source is a section, its numbers: ``某局2023年党建工作总结·一（三）``."""
    numbers = ""
    for entry in source.section:
        if bracketed := _BRACKETED.match(entry):
            numbers += f"（{bracketed[1]}）"
        elif plain := _ENUMERATED.match(entry) or _PLAIN.match(entry):
            numbers += plain[1] if not numbers or numbers.endswith("）") else f"·{plain[1]}"
    return f"{source.title}·{numbers}" if numbers else source.title
