"""Passages that several reports carry become one; clauses that several use are counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge.build.merging import merge_passages
from knowledge.build.support import count_clauses, with_support
from knowledge.model import Passage, Report, Role, Source

LONG = "坚持每月第一个周五开展主题党日活动，组织党员学习文件、交流体会、开展志愿服务，不断增强组织生活的吸引力"


def passage(text: str, report: str) -> Passage:
    source = Source(report, report, 2023, (), 0, len(text))
    return Passage(f"{report}-{text}", text, Role.PRACTICE, (), (source,))


def report(name: str, text: str) -> Report:
    return Report(name, name, None, 2023, None, text, "", "utf-8")


def test_nearly_equal_passages_of_two_reports_become_one_with_both_sources() -> None:
    merged = merge_passages([passage(LONG + "。", "甲"), passage(LONG.replace("不断增强", "持续增强") + "。", "乙")])
    assert [[source.report for source in found.sources] for found in merged] == [["甲", "乙"]]
    assert merged[0].text == LONG + "。"


def test_repetition_within_one_report_stays() -> None:
    assert len(merge_passages([passage(LONG + "。", "甲"), passage(LONG + "！", "甲")])) == 2


def test_different_passages_stay_apart() -> None:
    other = "严格落实意识形态工作责任制，定期分析研判，加强对各类阵地的管理，守住不发生问题的底线。"
    assert len(merge_passages([passage(LONG, "甲"), passage(other, "乙")])) == 2


@given(
    st.lists(
        st.tuples(st.sampled_from(["甲", "乙", "丙"]), st.text(alphabet="党建学习，。好", min_size=1, max_size=30)),
        max_size=12,
    )
)
def test_no_source_is_lost_and_order_is_kept(entries: list[tuple[str, str]]) -> None:
    passages = [passage(text, name) for name, text in dict.fromkeys(entries)]
    merged = merge_passages(passages)
    assert sum(len(found.sources) for found in merged) == len(passages)
    order = [found.id for found in merged]
    assert order == sorted(order, key=[entry.id for entry in passages].index)


def test_clause_of_two_reports_is_counted_without_its_quotation_marks() -> None:
    clauses = count_clauses(
        [
            report("甲", "坚定拥护“两个确立”，抓好学习。"),
            report("乙", "坚定拥护两个确立，抓好队伍。"),
            report("丙", "抓好学习。"),
        ]
    )
    assert clauses == {"坚定拥护两个确立": 2}
    supported = with_support([passage("要坚定信心，坚定拥护“两个确立”。", "甲")], clauses)
    assert [(found.shared, found.support) for found in supported] == [("坚定拥护“两个确立”", 2)]


def test_clause_with_a_blank_is_nobodys_set_phrase() -> None:
    assert not count_clauses([report("甲", "召开党组会议【X次】以上，"), report("乙", "召开党组会议【X次】以上，")])
