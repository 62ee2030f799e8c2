"""Names of other units: told where they speak, head or sign a text, and only where one's own unit is known."""

from __future__ import annotations

import pytest

from knowledge.checking.units import rules
from tests.knowledge.checking.structural import tell

RULES = rules()


@pytest.mark.parametrize(
    ("text", "unit", "name"),
    [
        ("2023年，市住建局党组坚持学习。", "市财政局", "市住建局"),
        ("抓好学习。\n市住建局党组认真履行责任。", "市财政局", "市住建局"),
        ("江北县教育局2023年党建工作总结\n一、做法", "江南县财政局", "江北县教育局"),
        ("请审阅。\n市水利局党组\n2023年12月5日", "市财政局", "市水利局"),
        ("江北县财政局党组坚持学习。", "江南县财政局", "江北县财政局"),
        ("县发改委党组认真学习。", "县卫健委", "县发改委"),
        ("2023年，华东建设有限公司党委坚持学习。", "东方集团有限公司", "华东建设有限公司"),
        ("市第二中学党支部坚持立德树人。", "市第一中学", "市第二中学"),
    ],
)
def test_another_unit_that_speaks_is_told(text: str, unit: str, name: str) -> None:
    assert tell(RULES, text, unit=unit) == [("unit.foreign", name)]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("2023年，市财政局党组坚持学习。我局高度重视。局党组认真研究。", "某市财政局"),
        ("市住房和城乡建设局党组坚持学习。省住房和城乡建设厅高度重视。", "市住建局"),
        ("我局党支部与市住建局党组结对共建。", "市财政局"),
        ("市委高度重视，市直机关工委组织开展培训，县纪委监委认真督导。", "市财政局"),
        ("派驻市财政局纪检监察组认真监督。国务院办公厅关于开展专项行动的通知", "市水利局"),
        ("积极落实局党组部署，发展格局持续优化，中央政治局召开会议。", "市财政局"),
        ("东方集团党委坚持学习。", "东方集团有限公司"),
        ("市住建局党组坚持学习。", "第二党支部"),
        ("某局党组坚持学习。", "市财政局"),
    ],
)
def test_ones_own_superiors_and_partners_are_left_alone(text: str, unit: str) -> None:
    assert tell(RULES, text, unit=unit) == []


def test_without_a_unit_nothing_is_told() -> None:
    assert tell(RULES, "2023年，市住建局党组坚持学习。") == []
