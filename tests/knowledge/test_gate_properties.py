"""The gate over any string at all, and what it costs."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.corpus.cleaning import CleanText, clean, load_gate

TABLE = load_gate()

_PIECES = [
    *"某Xx*×○_次名人个项%元局党委大届日，。、；：,;:!?()（）#\n\r \u3000\u2002\u200b【】“”《》+=.0a至-—年月余多万\ufffd\ue000",
    *(
        "某某",
        "XX",
        "***",
        "##paidbegin##",
        "##paidend##",
        "##pa",
        "idend##",
        "（三）",
        "一、",
        "1.",
        "2023年",
        "2022年",
    ),
    *(
        "6月",
        "15日",
        "12",
        "【X次】",
        "【年份】",
        "全会",
        "习近平",
        "思想",
        "坚持以思想为指导",
        "同某保持高度一致",
        "党的二十精神",
    ),
    *(
        "不敢腐、",
        "不想腐、",
        "不能腐",
        "截止目前",
        "纳入",
        "的一项重要内容",
        "来源：",
        "下载",
        "24小时",
        "100周年",
        "更好的带动",
    ),
    *(text for entry in TABLE.entries for text in (*entry.matches, *entry.misses)),
    *(text for rule in TABLE.masks for text in (*rule.matches, *rule.misses)),
]
_HOSTILE = st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=3)), max_size=25).map("".join)
_YEARS = st.sampled_from([None, 2023, 2026])
# Written apart from the gate: a Chinese character, a mask, a Chinese character; a figure and its measure word.
_MASK_LEFT = re.compile(r"某某|[\u4e00-\u9fff](?:X+|x+|\*+)(?!光|射线|线机|轴|染色体)[\u4e00-\u9fff]")
_FIGURE_LEFT = re.compile(r"(?<![A-Za-z0-9.,第×])(?!24小时)\d+(?:余|多)?(?:次|名|人|篇|件|元|%|户|堂)")


def servable(result: CleanText) -> str:
    characters = list(result.text)
    for span in result.withheld:
        characters[span.start : span.end] = "\n" * (span.end - span.start)
    return re.sub(r"【[^【】\n]*】", "\n", "".join(characters))


@settings(max_examples=400, deadline=None)
@given(_HOSTILE, _YEARS)
def test_any_string_is_cleaned_once_and_for_all(raw: str, year: int | None) -> None:
    result = clean(raw, TABLE, year=year)
    again = clean(result.text, TABLE, year=year)
    assert again.text == result.text
    assert again.withheld == result.withheld


@settings(max_examples=400, deadline=None)
@given(_HOSTILE, _YEARS)
def test_offsets_and_spans_of_any_string_are_in_order_and_in_range(raw: str, year: int | None) -> None:
    result = clean(raw, TABLE, year=year)
    origins = [result.origin(offset) for offset in range(len(result.text) + 1)]
    assert origins == sorted(origins)
    assert origins[0] >= 0
    assert origins[-1] <= len(raw)
    for repair in result.repairs:
        assert result.text[repair.start : repair.end] == repair.after
        assert repair.before in raw
    for span in result.withheld:
        assert 0 <= span.start < span.end <= len(result.text)
    for spans in (result.repairs, result.withheld):
        assert [span.start for span in spans] == sorted(span.start for span in spans)


@settings(max_examples=400, deadline=None)
@given(_HOSTILE, _YEARS)
def test_nothing_of_paywalls_masks_and_figures_is_left_to_serve(raw: str, year: int | None) -> None:
    result = clean(raw, TABLE, year=year)
    assert "##paid" not in result.text
    assert _MASK_LEFT.search(servable(result)) is None
    for figure in _FIGURE_LEFT.finditer(result.text):
        assert any(span.start <= figure.start() < span.end for span in result.withheld)


def seconds(text: str) -> float:
    """Return the processor time of cleaning, the better of two."""
    times = []
    for _ in range(2):
        start = time.process_time()
        clean(text, TABLE, year=2023)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize(
    "unit",
    [
        "某某局党组2023年召开会议12次，”,坚定“四个自信”，学习贯彻党的二十精神##paidbegin##。XX机关、***、***\n",
        " ",
        "，。",
        "1,",
        "（",
        "#",
        "##pa##paidbegin##id",
        "X、",
        "纳入学史明理、",
        "2023年是",
        "习近平",
        "【X",
        "政治判断力、",
        "\u200b",
        "1.",
        "“ 党 ",
    ],
)
def test_cost_grows_with_length_and_no_faster(unit: str) -> None:
    short, long = (unit * (size // len(unit)) for size in (2_500, 20_000))
    assert seconds(long) < 40 * max(seconds(short), 0.0025)
