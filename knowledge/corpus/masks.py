"""Masks (遮字): 某某, XX, x, ***, 20XX年 and what they stand for, told from their neighbours by the table's rules.

A mask that no rule explains is left as it is and reported by :func:`find_masks`: its sentence can't be served.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.corpus.gate import Decision, MaskRule
from knowledge.corpus.revision import Cause, Edit, Withheld
from knowledge.corpus.typography import HAN

_NEIGHBOURHOOD = 40
"""How many characters before a mask a rule may look at."""

_SIGNS = re.compile("[某Xx×\u2573\u2715_*＊○]+")
_SLOT = re.compile(r"【(?:X[^【】\n]{0,5}|单位|地区|系统|名称|人员|姓名|称号|年份|上年份|下年份)】")
_LATIN = re.compile(r"[A-Za-z0-9+＋/\\=&@-]")
_BESIDE = re.compile(rf"[{HAN}“”‘’《》〈〉（）【】，。；：、！？\"]")
_NUMERAL = re.compile("[一二三四五六七八九十零〇]")
_DIGITS_BEFORE = re.compile(r"\d{1,4}\Z")


@dataclass(frozen=True, slots=True)
class _Mask:
    text: str
    start: int
    end: int

    @property
    def token(self) -> str:
        return self.text[self.start : self.end]

    @property
    def kind(self) -> str:
        token = self.token
        if "某" in token:
            pure = not token.strip("某")
            return ("某" if len(token) == 1 else "某某") if pure else "mixed"
        if "*" in token or "＊" in token:
            return "stars"
        return "X" if token in {"X", "×"} else "letters"


def explain_masks(text: str, rules: tuple[MaskRule, ...]) -> Iterator[Edit]:
    """Yield the edits for the masks that are certain: a blank with its name, or the word that was masked."""
    for mask in _masks(text):
        rule, after = _explain(mask, rules)
        if rule is None or rule.decision not in {Decision.REPAIR, Decision.SLOT}:
            continue
        result = after.expand(rule.result) if after is not None and "\\" in rule.result else rule.result
        end = after.end() if rule.takes and after is not None else mask.end
        yield Edit(mask.start, end, result, Cause(rule.reason, rule.id))


def find_masks(text: str, rules: tuple[MaskRule, ...]) -> Iterator[Withheld]:
    """Yield the masks that nothing explains, in a text whose certain masks are explained."""
    for mask in _masks(text):
        rule, after = _explain(mask, rules)
        if rule is None:
            yield Withheld(mask.start, mask.end, "遮字无法还原", "mask.unexplained")
        elif rule.decision is Decision.WITHHOLD:
            yield Withheld(mask.start, mask.end if after is None else after.end(), rule.reason, rule.id)


def _masks(text: str) -> Iterator[_Mask]:
    """Yield the signs that may be masks: not inside a slot, not part of Latin text, beside Chinese text."""
    for found in _SIGNS.finditer(text):
        start, end = found.span()
        if text.startswith("【X", start - 1) and _SLOT.match(text, start - 1):
            continue
        if "某" not in found[0]:
            if digits := _DIGITS_BEFORE.search(text, max(0, start - 4), start):
                start = digits.start()
            before, after = text[max(0, start - 1) : start], text[end : end + 1]
            if _LATIN.match(before) or _LATIN.match(after) or not _BESIDE.search(before + after):
                continue
            if not found[0].strip("○") and (end - start == 1 or _NUMERAL.search(before + after)):
                continue
        yield _Mask(text, start, end)


def _explain(mask: _Mask, rules: tuple[MaskRule, ...]) -> tuple[MaskRule | None, re.Match[str] | None]:
    """Return the first rule that fits the mask, with what it matched behind it."""
    text, start, kind, token = mask.text, mask.start, mask.kind, mask.token
    line = text.rfind("\n", max(0, start - _NEIGHBOURHOOD), start) + 1
    before = text[max(0, start - _NEIGHBOURHOOD, line) : start]
    for rule in rules:
        if kind not in rule.of or (rule.token is not None and not rule.token.fullmatch(token)):
            continue
        # What follows is matched at one place, what precedes is searched for: the cheap test first.
        after = None if rule.after is None else rule.after.match(text, mask.end)
        if rule.after is not None and after is None:
            continue
        if rule.before is None or rule.before.search(before):
            return rule, after
    return None, None
