"""What every structural rule owes: its examples, sound spans on any string, a cost that is linear, quiet on good text."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.build.base import bundled_reports
from knowledge.checking import blanks, emptiness, figures, forms, frequency, numbering, punctuation, slips, units, web
from knowledge.checking.model import Copy, Level, Rule
from knowledge.corpus.gate import load_gate
from knowledge.corpus.reader import read
from knowledge.regulations import Rules
from tests.knowledge.checking.structural import find

MODULES: dict[str, tuple[Rule, ...]] = {
    "numbering": numbering.rules(),
    "blanks": blanks.rules(load_gate().masks),
    "figures": figures.rules(),
    "slips": slips.rules(),
    "punctuation": punctuation.rules(),
    "forms": forms.rules(),
    "web": web.rules(),
    "frequency": frequency.rules(Rules.load()),
    "units": units.rules(),
    "emptiness": emptiness.rules(),
}
ALL = [rule for rules in MODULES.values() for rule in rules]
LENGTH = 350_000

PIECES = [
    *"一二三是，。、；：“”‘’《》〈〉（）()【】〔〕,;:?!.…·#*_×Xx某的了与及并个项条名次\n\r\t \u3000\u2002\ufffd\ue000\uff10\uff19\uff21\uff05%\"'",
    *(
        "一是",
        "三是",
        "第二，",
        "\n一、",
        "\n（二）",
        "\n3.",
        "①",
        "首先，",
        "【X次】",
        "XX次",
        "20XX年",
        "____",
        "X委",
        "ZZ责任",
    ),
    *(
        "完成率120%",
        "发现20条，整改18条，整改率100%",
        "共20名，其中男12名、女9名",
        "近5余名",
        "交纳交纳",
        "四个个",
        "一方面",
    ),
    *(
        "2023.5.6",
        "2023年2月29日",
        "23年5月份",
        "\n二〇二三年五月六日\n",
        "发[2023]5号",
        "〔2023〕05号",
        "\n附件：a。\n",
    ),
    *(
        "##paidbegin##",
        "&nbsp;",
        "<p>",
        "http://a.b/c",
        "\n来源：某网\n",
        "点击查看更多",
        "全年召开组织生活会0次",
        "每年召开2次党员大会",
    ),
    *("\n市住建局党组坚持", "不断", "进一步", "切实加强", "落实", "。。。", "……等", "，。", "、和", "：甲乙丙丁："),
]
HOSTILE = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=30).map("".join)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_a_rule_fires_on_its_flags_and_on_none_of_its_misses(rule: Rule) -> None:
    for example in rule.flags:
        assert find([rule], example.text, year=example.year, unit=example.unit), example.text
    for example in rule.misses:
        assert not find([rule], example.text, year=example.year, unit=example.unit), example.text


def test_no_two_rules_share_an_id_or_a_title() -> None:
    assert len({rule.id for rule in ALL}) == len({rule.title for rule in ALL}) == len(ALL)


@settings(max_examples=400)
@given(HOSTILE, st.sampled_from([None, "市财政局", "某某", ""]))
def test_any_string_yields_sound_findings(text: str, unit: str | None) -> None:
    for rule in ALL:
        for finding in rule.find(Copy(text, 2026, unit)):
            assert 0 <= finding.start < finding.end <= len(text), rule.id
            assert (finding.rule, finding.level, finding.category) == (rule.id, rule.level, rule.category)
            assert finding.reason
            assert finding.right != text[finding.start : finding.end]


def prose() -> str:
    """Return the bundled reports over and over: the longest text the checker is made for."""
    once = "\n".join(read(path).text for path in sorted(bundled_reports().iterdir()))
    return (once * (LENGTH // len(once) + 1))[:LENGTH]


def seconds(rules: Sequence[Rule], text: str) -> float:
    """Return the processor time of the rules over a text, the better of two; what a copy knows is worked out before."""
    times = []
    for _ in range(2):
        copy = Copy(text, 2026, "市财政局")
        assert copy.lines
        assert isinstance(copy.marks, tuple)
        start = time.process_time()
        for rule in rules:
            for _finding in rule.find(copy):
                pass
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize("name", MODULES)
def test_a_long_text_is_quick(name: str) -> None:
    # Measured at 0.01 to 0.12 s where nothing else runs; eight times that for a machine that is shared.
    assert seconds(MODULES[name], prose()) < 1.0


@pytest.mark.parametrize(
    "unit",
    [
        "一是",
        "\n（二）",
        "《",
        "（",
        "“”",
        "##",
        "某",
        "XX",
        "的的",
        "一方面",
        "既要",
        "学习",
        "1",
        "全年召开",
        "每年召开1次党员大会",
        "\n市财政",
    ],
)
def test_a_text_eight_times_as_long_takes_no_more_than_its_share(unit: str) -> None:
    short, long = (unit * (length // len(unit)) for length in (2_000, 16_000))
    for name, rules in MODULES.items():
        # A share of 8, and as much again and again for a shared processor; a quadratic rule takes 64.
        assert seconds(rules, long) < 40 * seconds(rules, short) + 0.05, name


def test_the_bundled_reports_have_these_certain_faults_and_no_others() -> None:
    told = {
        (path.name[:3], finding.rule, text[finding.start : finding.end])
        for path in bundled_reports().iterdir()
        for text in [read(path).text]
        for finding in find(ALL, text, year=2023)
        if finding.level is Level.WRONG
    }
    assert told == {
        ("000", "repeat.word", "交纳交纳"),
        ("000", "punct.run", "，。"),
        ("000", "punct.half", ","),
        ("001", "repeat.measure", "四个个"),
        ("001", "punct.run", "，，"),
        ("001", "page.paid", "##paidbegin##"),
        ("001", "page.paid", "##paidend##"),
        ("002", "number.repeat", "三是"),
        ("002", "number.skip", "六是"),
        ("003", "page.paid", "##paidbegin##"),
        ("003", "page.paid", "##paidend##"),
        ("004", "page.paid", "##paidbegin##"),
        ("004", "page.paid", "##paidend##"),
    }
