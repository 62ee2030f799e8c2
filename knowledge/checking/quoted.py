"""Numbered set phrases in quotation marks (“两个维护”) with one character slipped: who quotes one means one of the table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from knowledge.checking.declaring import Hit, Kind
from knowledge.checking.model import Category, Copy, Level, Rule
from knowledge.formulations import Formulation, Formulations

_QUOTED = re.compile("“([一两三四五六七八九十]个[\u4e00-\u9fff]{2,6})”")
_NUMBERED = re.compile("[一两三四五六七八九十]个[\u4e00-\u9fff]{2,6}")

_CORE = frozenset({"两个确立", "两个维护", "四个意识", "四个自信"})
"""Short phrases that nobody coins a neighbour of; of others somebody does (四个服务 beside 四个服从)."""

_LONG = 4
"""A phrase of more characters is nobody's own by chance."""

_OTHERS = frozenset({"四个自觉"})
"""Neighbours that are in use."""

_KIND = Kind(Category.PHRASE, "提法表（逐条列有出处）")


def rules(formulations: Formulations) -> tuple[Rule, ...]:
    """Return the one rule on quoted numbered set phrases."""
    known = {name: entry for entry in formulations.entries for name in entry.names if _NUMBERED.fullmatch(name)}
    exact = [name for name in known if name in _CORE or len(name) > _LONG]
    return (
        _KIND.rule(
            "formula.quoted",
            Level.DOUBTFUL,
            "引号里的数字提法与固定提法差一个字",
            partial(_find, known, _neighbours(exact)),
            flags=("坚决做到“两个维扩”。", "增强“四个意志”。", "深刻领悟“两个确力”的决定性意义。"),
            misses=("坚决做到“两个维护”。", "提升“四个服务”水平。", "开展“三个一批”行动，落实“四个自觉”。"),
        ),
    )


def _neighbours(names: Iterable[str]) -> Mapping[str, str]:
    """Return, for every name with one character of its words left open, the name; what fits two names is left out."""
    found: dict[str, str | None] = {}
    for name in names:
        for form in _opened(name):
            found[form] = name if form not in found else None
    return {form: name for form, name in found.items() if name is not None}


def _opened(name: str) -> Iterator[str]:
    # The number and 个 are taken as meant: “三个维护” may be somebody's own.
    return (f"{name[:n]}?{name[n + 1 :]}" for n in range(2, len(name)))


def _find(known: Mapping[str, Formulation], neighbours: Mapping[str, str], copy: Copy) -> Iterator[Hit]:
    for match in _QUOTED.finditer(copy.plain.text):
        name = match[1]
        if name in known or name in _OTHERS:
            continue
        right = next((neighbours[form] for form in _opened(name) if form in neighbours), None)
        if right is not None:
            span = copy.plain.span(*match.span(1))
            yield Hit(*span, f"固定提法是“{right}”", right, known[right].source[0])
