"""Stretches of a report's text that may be shown: what the gate withholds is never among them, and its gap is seen."""

from __future__ import annotations

from functools import lru_cache

from knowledge.corpus.sentences import is_balanced, split_sentences
from knowledge.model import Heading, Passage
from knowledge.store import KnowledgeBase

CONTEXT = 320
"""Characters of surrounding text shown with a passage."""

REMEMBERED = 512
"""For how many reports it is remembered what is withheld."""

GAP = "〔略〕"
"""Stands for a sentence that is withheld."""


class Excerpts:
    """The texts of one knowledge base as they may be shown."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base
        self._spans = lru_cache(REMEMBERED)(self._withheld_spans)

    def is_withheld(self, report: str, start: int, end: int) -> bool:
        """Whether the gate withholds any of ``text[start:end]`` of a report."""
        spans = self._spans(report)
        return bool(spans) and any(left < end and start < right for left, right in spans)

    def served(self, report: str, start: int, end: int, gap: str = GAP) -> str:
        """Return a stretch of a report sentence by sentence, with ``gap`` in place of those the gate withholds."""
        text = self._base.text(report) or ""
        parts: list[str] = []
        at = start
        for left, right in split_sentences(text, start, end):
            parts.append(text[at:left])
            parts.append(gap if self.is_withheld(report, left, right) else text[left:right])
            at = right
        return "".join(parts).strip()

    def context(self, passage: Passage) -> str:
        """Return a passage with the sentences around it in its paragraph."""
        source = passage.sources[0]
        text = self._base.text(source.report) or ""
        line_start = text.rfind("\n", 0, source.start) + 1
        line_end = text.find("\n", source.end)
        spans = split_sentences(text, line_start, len(text) if line_end < 0 else line_end)
        near = [span for span in spans if span[1] > source.start - CONTEXT // 2 and span[0] < source.end + CONTEXT // 2]
        start = min([source.start, *(span[0] for span in near if span[0] >= source.start - CONTEXT)])
        end = max([source.end, *(span[1] for span in near if span[1] <= source.end + CONTEXT)])
        return self.served(source.report, start, end)

    def section(self, report: str, heading: Heading) -> tuple[int, int, str] | None:
        """Return span and text of a section's body, or ``None`` where it is not fit to be quoted whole."""
        text = self._base.text(report) or ""
        start = heading.start if heading.run_in else heading.end
        while start < heading.body_end and text[start] in "。；：\n 　":
            start += 1
        body = text[start : heading.body_end]
        if not body or not is_balanced(body) or self.is_withheld(report, start, heading.body_end):
            return None
        return start, heading.body_end, body

    def _withheld_spans(self, report: str) -> tuple[tuple[int, int], ...]:
        return tuple(
            (problem.start, problem.end)
            for problem in self._base.problems(report)
            if problem.stage == "withheld" and problem.start is not None and problem.end is not None
        )
