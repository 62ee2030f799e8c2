"""One normal form for documents and queries."""

import re
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.normalization import normalize, normalizer_version, simplify

REPORTS = sorted(resources.files("knowledge").joinpath("data", "reports").iterdir(), key=lambda file: file.name)

chinese = st.text(
    alphabet=st.sampled_from("党建工作總結三會一課的着著乾淨后後　 \n·“”\"'，。Xx\uff211\uff11①★😀\u200b")
)


def wide(text: str) -> str:
    """Return letters, digits and signs in full width."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (wide("ABC123ab"), "ABC123ab"),
        ("党建＋业务　" + wide("50%"), "党建+业务 50%"),
        ("党 建 工 作", "党建工作"),
        ("党建　工作 总结", "党建工作总结"),
        ("第 3 条 App 里", "第 3 条 App 里"),
        ("三会\u200b一\ufeff课\u202e", "三会一课"),
        ("党\x00课\x07", "党课"),
        ("主题党日😀👍🏻☎️", "主题党日"),
        ("秘密★1年，见①和❷", "秘密★1年，见①和❷"),
        ("党建・引领•做实", "党建·引领·做实"),
        ("2019–2023、1\u22122", "2019-2023、1-2"),
        ("——中国特色", "——中国特色"),
        ('"三会一课"怎么写', "“三会一课”怎么写"),
        ("'四风'问题，it's", "‘四风’问题，it's"),
        ("「四個意識」", "“四个意识”"),
        ("⼀、⽀部⼯作", "一、支部工作"),
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("，。：；“”（）！？、《》", "，。：；“”（）！？、《》"),
        ("", ""),
    ],
)
def test_variants_of_a_text_have_one_form(text: str, normal: str) -> None:
    assert normalize(text) == normal


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("党 建 工 作 总 结", "党建工作总结"),
        ("三 会 一 课怎么写", "三会一课怎么写"),
        ("半年总结 党建", "半年总结 党建"),
        ("廉政教育　警示教育 写法", "廉政教育 警示教育 写法"),
    ],
)
def test_blanks_between_words_stay_where_they_part_words(text: str, normal: str) -> None:
    assert normalize(text, joined=False) == normal


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("黨建工作總結提綱", "党建工作总结提纲"),
        ("請給我主題黨日的例句", "请给我主题党日的例句"),
        ("乾淨的頭髮，發展黨員", "干净的头发，发展党员"),
        ("乾坤、乾隆、朝乾夕惕", "乾坤、乾隆、朝乾夕惕"),
        ("意識形態怎麼寫，後勤與皇后", "意识形态怎么写，后勤与皇后"),
        ("著力推進，讀著作，顯著成效", "着力推进，读著作，显著成效"),
        ("徵求群眾意見，複查台賬", "征求群众意见，复查台账"),
    ],
)
def test_traditional_characters_become_the_right_simplified_ones(traditional: str, simplified: str) -> None:
    assert simplify(traditional) == simplified
    assert normalize(traditional) == simplified


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
def test_simplified_reports_are_left_alone(report: resources.abc.Traversable) -> None:
    text = report.read_text(encoding="utf-8")
    assert simplify(text) == text


@pytest.mark.parametrize(
    "text", ["名著重印", "土著居民", "里程碑", "显著成效", "干部干净担当", "着力，著名", "于都、皇后"]
)
def test_simplified_words_that_look_convertible_are_left_alone(text: str) -> None:
    assert normalize(text) == text


@given(st.text() | chinese)
def test_a_normal_text_stays_as_it_is(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once


@given(st.text(alphabet=st.characters()) | chinese)
def test_nothing_invisible_is_left(text: str) -> None:
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", normalize(text)
    )


@given(st.text(alphabet="党 　建"))
def test_no_blank_stands_between_two_characters(text: str) -> None:
    assert " " not in normalize(text)


def test_the_version_names_the_rules_and_the_character_tables() -> None:
    assert re.fullmatch(r"\d+\+opencc-\d+\.\d+\S*", normalizer_version())
