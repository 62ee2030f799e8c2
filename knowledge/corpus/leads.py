"""Find the heading at the head of a numbered line: the line itself, or the sentence or clause leading it (段首标题)."""

from __future__ import annotations

import re
from dataclasses import dataclass

OWN_LINE = 46
"""Longest single sentence, in characters, that is taken for a heading on its own line."""

LEAD_SENTENCE = 30
"""Longest first sentence taken for a run-in heading; beyond it the leading clause is the heading."""

LEAD_CLAUSE = 28
"""Longest clause taken for a heading; a longer one (通过……等形式，) is passed over for the next."""

_OPENING = "“‘《（(〈【"
_CLOSING = "”’》）)〉】"
_TOKEN = re.compile(rf"[{re.escape(_OPENING + _CLOSING)}。！？；：，]")
_SEARCH = 400
"""How far into a line a lead is looked for: keeps the cost linear whatever the line holds."""


@dataclass(frozen=True, slots=True)
class Lead:
    """A heading's span; ``run_in`` is true when body text follows it in the same line."""

    start: int
    end: int
    run_in: bool


def find_lead(text: str, start: int, stop: int, *, inline: bool) -> Lead:
    """Return the heading of the numbered line ``text[start:stop]``; ``inline``: the line is an item in a paragraph."""
    while start < stop and text[start].isspace():
        start += 1
    while stop > start and (text[stop - 1].isspace() or (inline and text[stop - 1] in "，、")):
        stop -= 1
    cuts = _cuts(text, start, min(stop, start + _SEARCH))
    sentence = next((at for at, character in cuts if character in "。！？；："), stop)
    commas = sum(character == "，" for _, character in cuts)
    # A heading has two or three clauses; with more of them and a full stop the line is a numbered paragraph.
    if sentence + 1 >= stop and not inline and sentence - start <= OWN_LINE and (sentence == stop or commas <= 2):
        return Lead(start, sentence, run_in=False)
    # An item that is one sentence has no heading of its own; its leading clause names it.
    whole_item = inline and sentence + 1 >= stop and commas
    if sentence - start <= LEAD_SENTENCE and not whole_item:
        return Lead(start, sentence, run_in=True)
    return _leading_clause(cuts, start, sentence)


def _leading_clause(cuts: list[tuple[int, str]], start: int, sentence: int) -> Lead:
    first_end = sentence
    clause_start = start
    for at, _ in cuts:
        if at > sentence:
            break
        first_end = min(first_end, at)
        if 0 < at - clause_start <= LEAD_CLAUSE:
            return Lead(clause_start, at, run_in=True)
        clause_start = at + 1
    if 0 < sentence - clause_start <= LEAD_CLAUSE:
        return Lead(clause_start, sentence, run_in=True)
    return Lead(start, first_end, run_in=True)


def _cuts(text: str, start: int, stop: int) -> list[tuple[int, str]]:
    """Return where sentences and clauses end outside quotation marks and brackets, with the character ending them."""
    cuts: list[tuple[int, str]] = []
    depth = 0
    for match in _TOKEN.finditer(text, start, stop):
        character = match.group()
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        elif depth == 0:
            cuts.append((match.start(), character))
    return cuts
