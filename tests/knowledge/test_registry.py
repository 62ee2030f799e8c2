"""The registry holds enough, says where everything comes from, and finds what a question names."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.differences import Differences, Usages
from knowledge.events import CAMPAIGN, DISCIPLINE_PLENUM, PLENUM
from knowledge.formulations import Formulation, Status
from knowledge.inquiry import Inquiry
from knowledge.registry import LONGEST_QUESTION, Registry, Standing, standing
from knowledge.regulations import Layouts, Rules
from knowledge.tables import Table, TableError, bare, bundled

REGISTRY = Registry.load()

# A source says when: a year, a date, or a span of them.
DATED = re.compile(
    r"(?:19|20)\d\d|二次资料|公开资料|实务|语料|通例|《中国共产党(?:章程|发展党员工作细则|基层组织选举工作条例)》|《中华人民共和国"
)


def named(text: str) -> dict[str, list[str]]:
    """Return the names of everything a question names, by table; tables without any are left out."""
    found = REGISTRY.read_question(text)
    tables = {
        "formulations": [entry.term for entry in found.formulations],
        "campaigns": [entry.name for entry in found.campaigns],
        "meetings": [entry.name for entry in found.meetings],
        "yearly": [entry.name for entry in found.yearly],
        "rules": [entry.item for entry in found.rules],
        "layouts": [entry.item for entry in found.layouts],
        "differences": [entry.name for entry in found.differences],
        "usages": [entry.name for entry in found.usages],
    }
    return {table: names for table, names in tables.items() if names}


def formulation(term: str) -> Formulation:
    entry = REGISTRY.formulations.get(term)
    assert entry is not None, term
    return entry


# ---- what the tables hold ----


def test_the_registry_holds_what_it_should() -> None:
    entries = REGISTRY.formulations.entries
    assert len(entries) >= 200
    assert sum(entry.quotable for entry in entries) >= 65
    # The other entries are wording that is itself the official one (总揽全局、协调各方).
    assert sum(entry.expansion is not None for entry in entries) >= 120
    campaigns = [campaign for campaign in REGISTRY.validity.campaigns if campaign.kind == CAMPAIGN]
    assert [campaign.year for campaign in campaigns if campaign.requirement is None] == [2025]
    kinds = [meeting.kind for meeting in REGISTRY.validity.meetings]
    assert kinds.count(PLENUM) >= 17
    assert kinds.count(DISCIPLINE_PLENUM) >= 5
    assert len(REGISTRY.rules.entries) >= 38
    assert len(REGISTRY.layouts.entries) >= 32
    assert len(REGISTRY.differences.entries) >= 20
    assert len(REGISTRY.usages.entries) >= 30


def test_every_formulation_tells_how_it_is_used_and_how_sure_it_is() -> None:
    for entry in REGISTRY.formulations.entries:
        assert entry.usage, entry.term
        assert entry.confidence in {"high", "medium"}
        assert entry.source
        assert any(DATED.search(source) for source in entry.source), entry.term


def test_what_is_quoted_was_seen_and_what_was_not_seen_has_no_date() -> None:
    for entry in REGISTRY.formulations.entries:
        assert not entry.quotable or entry.expansion, entry.term
        if not entry.dates_verified:
            assert (entry.official, entry.valid_from) == (None, None), entry.term
        # A quotation is wording; a remark about it is not.
        if entry.quotable and entry.expansion:
            assert not re.search(r"（指|亦作|通常|一般指", entry.expansion), entry.term


def test_what_counts_its_parts_lists_them_or_says_why_not() -> None:
    counting = re.compile(r"^[“]?[一二三四五六七八九十两]+(?:个|种|大|项|不|力|有|优|会)")
    entries = [entry for entry in REGISTRY.formulations.entries if counting.match(entry.term)]
    assert len(entries) >= 40
    for entry in entries:
        assert entry.expansion or (entry.note and ("未" in entry.note)), entry.term


def test_only_rules_have_a_clause_and_only_usage_has_none() -> None:
    assert all(rule.clause.startswith(("《", "中组部《")) for rule in REGISTRY.rules.entries)
    for difference in REGISTRY.differences.entries:
        assert (difference.clause is not None) == (difference.basis == "规定"), difference.name
    for usage in REGISTRY.usages.entries:
        if usage.basis == "规定":
            assert not any("实务" in source for source in usage.source), usage.name


@pytest.mark.parametrize("name", ["differences.toml", "usage.toml"])
def test_a_source_is_named_in_words(name: str) -> None:
    text = bundled(name).text
    assert not re.search(r"https?:|www\.|\.(?:com|cn|txt|jsonl?)\b|[A-Za-z]+/[A-Za-z]+(?<!GB/T)|\d{9,}", text)


def test_campaigns_and_meetings_say_how_far_they_were_followed() -> None:
    for name in ("集中教育", "会议"):
        extent = REGISTRY.seen_until(name)
        assert extent is not None
        assert extent.seen_until == "2026-08-22"
    assert all(meeting.planned or meeting.date[:10] <= "2026-08-22" for meeting in REGISTRY.validity.meetings)


def test_no_two_set_phrases_are_told_apart_by_punctuation_alone() -> None:
    owners: dict[str, str] = {}
    for entry in REGISTRY.formulations.entries:
        for name in entry.names:
            assert owners.setdefault(bare(name), entry.term) == entry.term


# ---- what a question names ----


@pytest.mark.parametrize(
    ("question", "table", "names"),
    [
        ("四个意识是什么", "formulations", ["四个意识"]),
        ("4个意识是哪四个", "formulations", ["四个意识"]),
        ("“四个意识”、‘四个自信’和两个维护", "formulations", ["四个意识", "四个自信", "两个维护"]),
        ("不忘初心牢记使命主题教育还能写吗", "campaigns", ["“不忘初心、牢记使命”主题教育"]),
        ("20届4中全会精神还能写吗", "meetings", ["党的二十届四中全会"]),
        ("抗疫那段还能用吗", "yearly", ["疫情防控"]),
        ("建党102周年还能写吗", "yearly", ["建党周年"]),
        ("支委会多久开一次", "rules", ["支部委员会会议"]),
        ("选举要多少人到会", "rules", ["选举到会人数"]),
        ("意识形态一年专题研究几次", "rules", ["意识形态专题研究", "意识形态专题汇报"]),
        ("标题用什么字体几号", "layouts", ["标题"]),
        ("二级标题用什么字体", "layouts", ["结构层次序数"]),
        ("正文用什么字体", "layouts", ["正文字体字号"]),
        ("行距设多少", "layouts", ["行距磅值"]),
        ("（二）后面加不加标点", "layouts", ["序数后标点"]),
        ("落款日期大写还是小写", "layouts", ["成文日期写法"]),
        ("落款怎么写", "layouts", ["成文日期写法", "发文机关署名与成文日期位置"]),
        ("一是下面又分一是，怎么编", "layouts", ["段内序数"]),
        ("条目1到30一直编下去行不行", "layouts", ["连续编号"]),
        ("请示和报告区别", "differences", ["请示与报告"]),
        ("报告与请示有何不同", "differences", ["请示与报告"]),
        ("截至和截止", "usages", ["截至与截止"]),
        ("原主任怎么写", "usages", ["“原”字放在哪里"]),
        ("两个维护放在四个意识前面还是后面，次序是", "usages", ["“两个确立”等连用的次序"]),
    ],
)
def test_a_question_finds_its_entries(question: str, table: str, names: list[str]) -> None:
    assert named(question).get(table) == names


@pytest.mark.parametrize("text", ["", "你好", "党建工作总结提纲", "意识形态怎么写", "小标题", "今天天气怎么样"])
def test_what_names_nothing_of_the_registry_finds_nothing(text: str) -> None:
    assert named(text) == {}


def test_a_shared_name_means_every_campaign_of_that_name() -> None:
    assert [campaign.year for campaign in REGISTRY.read_question("主题教育还能写吗").campaigns] == [2019, 2023]


def test_a_name_alone_is_told_from_a_name_in_a_sentence() -> None:
    assert REGISTRY.read_question("“四个意识”").bare
    assert REGISTRY.read_question("四个意识 和 四个自信").bare
    assert not REGISTRY.read_question("增强四个意识").bare
    assert not REGISTRY.read_question("意识形态").bare


@pytest.mark.parametrize(
    ("question", "session"),
    [
        ("二十届几中全会了", "二十"),
        ("现在写到第几次全会了", "二十"),
        ("十九届开到几中全会", "十九"),
        ("最近一次全会是哪次", "二十"),
        ("二十届四中全会还能写吗", None),
        ("组织生活会一年几次", None),
    ],
)
def test_a_question_for_the_latest_meeting_tells_its_session(question: str, session: str | None) -> None:
    assert REGISTRY.read_question(question).session == session


@pytest.mark.parametrize(
    ("question", "times", "year"),
    [
        ("全年写了组织生活会0次，行吗", 0, None),
        ("今年开了十二次支委会够不够", 12, None),
        ("一共开了二十次党小组会", 20, None),
        ("组织生活会一年几次", None, None),
        ("党课一年至少讲1次吗", None, None),
        ("2024年的工作总结能写主题教育吗", None, 2024),
        ("写2023年材料，主题教育还能写吗", None, 2023),
        ("2019年主题教育还能写吗", None, None),
    ],
)
def test_figures_of_a_question_are_read(question: str, times: int | None, year: int | None) -> None:
    found = REGISTRY.read_question(question)
    assert (found.times, found.year) == (times, year)


def test_a_long_text_is_no_question() -> None:
    text = "增强“四个意识”、坚定“四个自信”、做到“两个维护”，" * 5
    assert len(text) > LONGEST_QUESTION
    assert REGISTRY.read_question(text) == Inquiry()


@given(st.text(max_size=150))
def test_any_text_can_be_asked(text: str) -> None:
    found = REGISTRY.read_question(text)
    assert found.times is None or found.times >= 0
    assert isinstance(REGISTRY.nearest(text), tuple)


@given(
    st.lists(st.sampled_from(["〇", "零", "十", "百", "两", "9", "次", "写了", "二十", "届"]), max_size=12).map("".join)
)
def test_any_numeral_is_read_or_left_alone(text: str) -> None:
    found = REGISTRY.read_question(text).times
    assert found is None or 0 <= found <= 999


def test_the_nearest_names_look_like_what_was_asked() -> None:
    assert REGISTRY.nearest("四个意思") == ("四个意识",)
    assert REGISTRY.nearest("两个维持") == ("两个维护",)
    assert REGISTRY.nearest("工作餐标准") == ()


def test_a_lookup_takes_a_fraction_of_a_millisecond() -> None:
    questions = (
        "四个意识是什么",
        "不忘初心主题教育还能写吗 今年的总结",
        "组织生活会一年几次",
        "行间距多少磅",
        "请示和报告区别",
    )
    best = 1.0
    for _ in range(20):
        started = time.perf_counter()
        for question in questions:
            REGISTRY.read_question(question)
        best = min(best, (time.perf_counter() - started) / len(questions))
    assert best < 0.0003


# ---- whether it is current ----


@pytest.mark.parametrize(
    ("term", "year", "expected"),
    [
        ("四个意识", 2026, Standing.CURRENT),
        ("三个自信", 2026, Standing.SUPERSEDED),
        ("三个自信", 2015, Standing.CURRENT),
        ("习近平党建思想", 2024, Standing.NOT_YET),
        ("习近平党建思想", 2026, Standing.CURRENT),
        ("党中央关于党的建设的重要思想", 2026, Standing.SUPERSEDED),
        ("党中央关于党的建设的重要思想", 2025, Standing.CURRENT),
        ("十四五", 2026, Standing.PAST),
        ("双报到", 2026, Standing.LOCAL),
        ("发展党员十六字总要求", 2026, Standing.UNSETTLED),
    ],
)
def test_a_set_phrase_stands_or_falls_with_the_year(term: str, year: int, expected: Standing) -> None:
    assert standing(formulation(term), year) is expected


def test_every_superseded_phrase_leads_to_a_current_one() -> None:
    for entry in REGISTRY.formulations.entries:
        if entry.status is Status.SUPERSEDED:
            assert entry.superseded_by is not None
            assert standing(formulation(entry.superseded_by), 2026) is Standing.CURRENT


def test_later_campaigns_leave_out_arrangements_and_the_future() -> None:
    first = REGISTRY.campaign("“不忘初心、牢记使命”主题教育")
    assert first is not None
    assert [campaign.year for campaign in REGISTRY.later_campaigns(first, 2026)] == [2021, 2023, 2024, 2025, 2026]
    assert [campaign.year for campaign in REGISTRY.later_campaigns(first, 2023)] == [2021, 2023]


def test_plenums_are_listed_in_order_with_what_is_planned_last() -> None:
    names = [meeting.name for meeting in REGISTRY.plenums("二十")]
    assert names == [f"党的二十届{ordinal}中全会" for ordinal in "一二三四五"]
    assert REGISTRY.plenums("二十")[-1].planned
    assert REGISTRY.discipline_plenums("二十")[-1].name == "二十届中央纪委五次全会"


# ---- the tables of differences and usage, and the new keys ----

DIFFERENCE = '[[difference]]\nname = "甲与乙"\nfirst = "甲"\nsecond = "乙"\npoints = ["一"]\nbasis = "实务"\nsource = ["某（实务）"]\n'
USAGE = '[[usage]]\nname = "甲与乙"\nwords = ["甲", "乙"]\nadvice = "用甲"\nbasis = "实务"\nsource = ["某（实务）"]\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (DIFFERENCE.replace('"实务"\n', '"规定"\n'), "是规定的要写“clause”"),
        (DIFFERENCE + 'clause = "第一条"\n', "是规定的要写“clause”"),
        (DIFFERENCE.replace('"乙"', '"甲"'), "两边的名称要不同"),
        (DIFFERENCE + DIFFERENCE.replace("甲与乙", "又一条"), "一对只写一次"),
        (DIFFERENCE + DIFFERENCE, "“甲与乙”写了两次"),
        (DIFFERENCE.replace('points = ["一"]\n', ""), "缺少“points”"),
    ],
)
def test_a_slip_in_the_table_of_differences_is_refused(text: str, problem: str) -> None:
    Differences.read(Table("d.toml", DIFFERENCE))
    with pytest.raises(TableError, match=problem):
        Differences.read(Table("d.toml", text))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (USAGE.replace(', "乙"]', "]"), "“words”至少写两个"),
        (USAGE.replace("实务", "规范", 1), "“basis”只能是规定、实务"),
        (USAGE + 'asked = ["("]\n', "表达式写错了"),
        (USAGE + USAGE, "“甲与乙”写了两次"),
    ],
)
def test_a_slip_in_the_table_of_usage_is_refused(text: str, problem: str) -> None:
    Usages.read(Table("u.toml", USAGE))
    with pytest.raises(TableError, match=problem):
        Usages.read(Table("u.toml", text))


def test_rules_and_layouts_are_found_in_other_words() -> None:
    assert [rule.item for rule in Rules.load().find("多少票才能当选")] == ["选举当选票数"]
    overview = Layouts.load().overview
    assert {"标题", "正文字体字号", "行距磅值", "页码"} <= {layout.item for layout in overview}


def test_what_is_new_is_in_use_dated_and_newest_first() -> None:
    found = REGISTRY.newest_since(2025)
    assert [entry.term for entry in found] == [
        entry.term for entry in sorted(found, key=lambda entry: entry.valid_from or "", reverse=True)
    ]
    assert {"习近平党建思想", "树立和践行正确政绩观学习教育"} <= {entry.term for entry in found}
    assert all(entry.dates_verified and (entry.valid_from or "") >= "2025" for entry in found)
    assert "深入贯彻中央八项规定精神学习教育" not in {entry.term for entry in found}
    assert REGISTRY.newest_since(2100) == ()
