"""The structural rules of the checker in the hands of their tests."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.checking.model import Copy, Finding, Rule

YEAR = 2026


def find(rules: Sequence[Rule], text: str, *, year: int = YEAR, unit: str | None = None) -> list[Finding]:
    """Return what the rules find in a text, in the order of the text."""
    copy = Copy(text, year, unit)
    return sorted((finding for rule in rules for finding in rule.find(copy)), key=lambda finding: finding.start)


def tell(rules: Sequence[Rule], text: str, *, unit: str | None = None) -> list[tuple[str, str]]:
    """Return the rule and the words of each finding."""
    return [(finding.rule, text[finding.start : finding.end]) for finding in find(rules, text, unit=unit)]


def reasons(rules: Sequence[Rule], text: str) -> list[str]:
    """Return the reason of each finding."""
    return [finding.reason for finding in find(rules, text)]


def correct(rules: Sequence[Rule], text: str, name: str) -> str:
    """Return the text with what rule ``name`` found replaced by what should stand there."""
    for finding in reversed(find([rule for rule in rules if rule.id == name], text)):
        assert finding.right is not None
        text = text[: finding.start] + finding.right + text[finding.end :]
    return text
