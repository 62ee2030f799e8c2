"""Set phrases that list their parts: the official order is left alone, every other one is told."""

from __future__ import annotations

import pytest

from knowledge.checking.checker import Checker
from knowledge.checking.formulas import Formula, Formulas
from knowledge.checking.model import Finding
from knowledge.registry import Registry

REGISTRY = Registry.load()
FORMULAS = Formulas.read(REGISTRY.formulations, REGISTRY.validity.campaigns).formulas
YEAR = 2026


@pytest.fixture(scope="module")
def checker() -> Checker:
    return Checker.load()


def told(checker: Checker, text: str) -> list[Finding]:
    return [finding for finding in checker.check(text, year=YEAR) if finding.rule.startswith(("formula.", "phrase."))]


def test_the_tables_hold_enough_listing_phrases() -> None:
    assert len(FORMULAS) >= 30
    wordings = {formula.wording for formula in FORMULAS}
    assert "控制总量、优化结构、提高质量、发挥作用" in wordings
    assert "学思想、强党性、重实践、建新功" in wordings


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.wording[:20])
def test_the_official_wording_is_left_alone(checker: Checker, formula: Formula) -> None:
    for text in (f"认真落实“{formula.wording}”的要求。", f"做到{formula.wording}，久久为功。", formula.wording):
        assert told(checker, text) == []


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.wording[:20])
def test_two_parts_exchanged_are_told(checker: Checker, formula: Formula) -> None:
    last = len(formula.parts) - 1
    for place in range(last):
        parts = list(formula.parts)
        parts[place], parts[place + 1] = parts[place + 1], parts[place]
        assert told(checker, f"做到{'、'.join(parts)}，久久为功。"), parts


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.wording[:20])
def test_a_part_with_one_character_wrong_is_told_with_the_right_one(checker: Checker, formula: Formula) -> None:
    for place, part in enumerate(formula.parts):
        if len(part) > 2:
            wrong = formula.wording.replace(part, f"{part[:-1]}错")
            found = told(checker, f"做到{wrong}，久久为功。")
            assert [finding for finding in found if finding.right == part], (place, wrong)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("坚定“四个自信”，即道路自信、理论自信、文化自信。", "道路自信、理论自信、制度自信、文化自信"),
        (
            "严守政治纪律、组织纪律、廉洁纪律、群众纪律、工作纪律“六大纪律”。",
            "政治纪律、组织纪律、廉洁纪律、群众纪律、工作纪律、生活纪律",
        ),
        ("紧扣“学纪、知纪、守纪”抓学习。", "学纪、知纪、明纪、守纪"),
    ],
)
def test_a_part_left_out_is_told_where_all_are_announced(checker: Checker, text: str, right: str) -> None:
    (finding,) = told(checker, text)
    assert finding.right == right


@pytest.mark.parametrize(
    "text",
    [
        "进一步坚定道路自信、理论自信、制度自信。",
        "增强“四个意识”，特别是核心意识、看齐意识。",
        "强化政治纪律、组织纪律，带动廉洁纪律、群众纪律、工作纪律严起来。",
        "加强思想建设、政治建设、阵地建设、队伍建设。",
        "表彰先进基层党组织、优秀共产党员、优秀党务工作者。",
        "坚持真抓实干、科学决策，推动发展。",
        "把方向、管大局、促落实。",
    ],
)
def test_parts_named_by_themselves_are_left_alone(checker: Checker, text: str) -> None:
    assert told(checker, text) == []
