"""Dates and document numbers: put into the form of the standard, and days that do not exist are told."""

from __future__ import annotations

import pytest

from knowledge.checking.forms import rules
from knowledge.checking.model import Level
from tests.knowledge.checking.structural import correct, find, tell

RULES = rules()


@pytest.mark.parametrize(
    ("wrong", "right", "rule"),
    [
        ("支部下发通知，2023.5.6开会。", "支部下发通知，2023年5月6日开会。", "form.dotted-date"),
        ("某党支部\n2023-12-06", "某党支部\n2023年12月6日", "form.dotted-date"),
        ("23年5月份开会", "2023年5月份开会", "form.short-year"),
        ("现将22年度情况报告如下", "现将2022年度情况报告如下", "form.short-year"),
        ("某党支部\n二〇二三年五月六日", "某党支部\n2023年5月6日", "form.han-date"),
        ("某党支部\n二〇二三年十二月三十一日\n", "某党支部\n2023年12月31日\n", "form.han-date"),
        ("二零二三年工作总结", "二〇二三年工作总结", "form.han-zero"),
        ("某党支部\n2023年02月03日", "某党支部\n2023年2月3日", "form.padded-date"),
        ("12月05日开会", "12月5日开会", "form.padded-date"),
        ("5月31号前报送", "5月31日前报送", "form.day-hao"),
        ("某党发[2023]5号", "某党发〔2023〕5号", "form.number-brackets"),
        ("某组通（2023）第12号", "某组通〔2023〕12号", "form.number-brackets"),
        ("某党发〔2023〕05号", "某党发〔2023〕5号", "form.number-padded"),
        ("某党发〔2023〕第5号", "某党发〔2023〕5号", "form.number-padded"),
        ("附件：党员名册。", "附件：党员名册", "form.attachment"),
    ],
)
def test_a_form_is_put_right(wrong: str, right: str, rule: str) -> None:
    assert correct(RULES, wrong, rule) == right
    assert tell(RULES, right) == []


@pytest.mark.parametrize("day", ["2023年2月29日", "6月31日", "2023年13月5日", "12月32日", "4月0日"])
def test_a_day_that_does_not_exist_is_certain(day: str) -> None:
    [finding] = find(RULES, f"于{day}召开会议。")
    assert (finding.rule, finding.level) == ("form.no-such-day", Level.WRONG)


@pytest.mark.parametrize(
    "text",
    [
        "2024年2月29日、10月20日、12月31日召开会议。",
        "发布时间：2023-05-06 09:30",
        "2023-05-06\n各支部：请按时报送。",
        "任职时间2019.10.1—2023.5.6，软件版本2023.5.6.1。",
        "党龄23年的党员5名，历经15年底线教育，第15年度表彰。",
        "到二〇三五年基本实现现代化。",
        "（2023）某01民初5号判决，某党发〔2023〕105号文件。",
        "到1月3号楼开会。",
    ],
)
def test_right_forms_are_left_alone(text: str) -> None:
    assert tell(RULES, text) == []


def test_the_clause_of_the_standard_is_named() -> None:
    [number] = find(RULES, "某党发[2023]5号")
    [date] = find(RULES, "某党支部\n2023年02月03日")
    assert number.source is not None
    assert date.source is not None
    assert "7.2.5" in number.source
    assert "7.3.5.4" in date.source
