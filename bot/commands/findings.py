"""What became of the files given to ``bigan check``, for a person and for a program."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from bot.office.proof import NOTICE, Proof, advice, quote
from knowledge.checking.model import Finding, Level
from knowledge.similarity import Similarity

CLEAN, WRONG, FAILED = 0, 1, 2
"""Exit codes: nothing that is certainly wrong, something that is, a file or a copy that could not be read or written."""

_INDENT: Final = "   "
_SHOWN_OVERLAPS: Final = 20
_TELLING: Final = 4
"""Shorter words stand in a text many times: those beside them are shown too."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file.

    Its ``proof``, with what stands in the knowledge base too (``similarity``, where that was asked for), what reading
    it changed (``remarks``) and where the copy with comments is (``output``); or the reason (``error``, Chinese) why
    there is no proof. There are both when only the copy could not be written.
    """

    name: str
    proof: Proof | None = None
    similarity: Similarity | None = None
    remarks: tuple[str, ...] = ()
    output: Path | None = None
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the outcome for a program; docs/checking.md describes it."""
        if self.proof is None:
            return {"file": self.name, "error": self.error}
        return {
            "file": self.name,
            "error": self.error,
            "year": self.proof.year,
            "year_source": self.proof.year_source.name.lower(),
            "counts": {level.value: count for level, count in self.proof.counts.items()},
            "findings": [_finding_json(self.proof, finding) for finding in self.proof.findings],
            "similarity": _similarity_json(self.proof, self.similarity) if self.similarity else None,
            "text": self.proof.text,
            "remarks": list(self.remarks),
            "output": str(self.output) if self.output else None,
            "notice": NOTICE,
        }

    def to_lines(self) -> list[str]:
        """Return the outcome for a person; nothing but the reason is to be said of a file without a proof."""
        if self.proof is None:
            return []
        lines = [f"{self.name}：{self.proof.tally}。{self.proof.standard}"]
        lines += [f"说明：{remark}" for remark in self.remarks]
        if not self.proof.findings:
            lines.append("未发现问题。")
        for number, finding in enumerate(self.proof.ranked, 1):
            lines += _finding_lines(number, self.proof, finding)
        if self.similarity:
            lines += _similarity_lines(self.proof, self.similarity)
        if self.output:
            lines.append(f"批注稿：{self.output}")
        return lines


def exit_code(outcomes: Iterable[Outcome]) -> int:
    """Return the exit code for all the files together; what failed counts more than what was found."""
    code = CLEAN
    for outcome in outcomes:
        if outcome.error is not None:
            return FAILED
        if outcome.proof is not None and outcome.proof.counts[Level.WRONG]:
            code = WRONG
    return code


def _finding_json(proof: Proof, finding: Finding) -> dict[str, Any]:
    return {
        "start": finding.start,
        "end": finding.end,
        "text": proof.found(finding),
        "line": proof.line_at(finding.start),
        "level": finding.level.value,
        "category": finding.category.value,
        "rule": finding.rule,
        "message": finding.reason,
        "suggestion": finding.right,
        "source": finding.source,
    }


def _finding_lines(number: int, proof: Proof, finding: Finding) -> list[str]:
    words = proof.found(finding)
    head = f"{number}. {finding.level.value}　第{proof.line_at(finding.start)}段　{quote(words)}{advice(finding)}"
    source = f"（依据：{finding.source}）" if finding.source else ""
    lines = [head.rstrip("　"), f"{_INDENT}{finding.category.value}：{finding.reason}{source}"]
    if len(words) < _TELLING:
        lines.append(f"{_INDENT}原文：{proof.around(finding)}")
    return lines


def _similarity_json(proof: Proof, similarity: Similarity) -> dict[str, Any]:
    return {
        "percent": round(similarity.percent, 1),
        "compared": similarity.compared,
        "by_report": [asdict(share) | {"percent": round(share.percent, 1)} for share in similarity.by_report],
        "overlaps": [
            {
                "start": overlap.start,
                "end": overlap.end,
                "text": overlap.text,
                "line": proof.line_at(overlap.start),
                "percent": round(100 * overlap.share, 1),
                "source": asdict(overlap.source),
            }
            for overlap in similarity.overlaps
        ],
    }


def _similarity_lines(proof: Proof, similarity: Similarity) -> list[str]:
    lines = [
        f"雷同：与库内{similarity.compared}篇材料相比，约{similarity.percent:.0f}%的字重合（只与库内比对，不联网）。"
    ]
    lines += [
        f"{_INDENT}第{proof.line_at(overlap.start)}段　{quote(overlap.text)}　出处："
        + "·".join((overlap.source.title, *overlap.source.section[-1:]))
        for overlap in similarity.overlaps[:_SHOWN_OVERLAPS]
    ]
    if (rest := len(similarity.overlaps) - _SHOWN_OVERLAPS) > 0:
        lines.append(f"{_INDENT}另有{rest}处，用 --json 看全部。")
    return lines
