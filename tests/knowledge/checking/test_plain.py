"""The plain form of a text: what is evened, and the way back to the text as it was typed."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.checking.plain import make_plain

TYPED = st.text(
    st.sampled_from("增强“四个意识”、，,;:()（）\"'。！ \t\u3000\u200b\r\n2\uff13\uff21aB%「」"), max_size=60
)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ('增强"四个意识",坚定', "增强“四个意识”，坚定"),
        ("增强「四个意识」，坚定", "增强“四个意识”，坚定"),
        ("增强 “四个意识” 、坚定\u3000四个自信", "增强“四个意识”、坚定四个自信"),
        ("\uff12\uff10\uff12\uff13 年 党 建 工作", "2023年党建工作"),
        ("落实(试行)办法", "落实（试行）办法"),
        ("共3,000人,其中18 20 号 A B 组", "共3,000人，其中18 20号 A B 组"),
        ("一、成效\r\n二、问题\r三、打算", "一、成效\n二、问题\n三、打算"),
        ("党\u200b建\ufeff工作", "党建工作"),
        ("he said: fine, ok", "he said: fine, ok"),
    ],
)
def test_what_is_typed_in_many_ways_is_looked_for_in_one(typed: str, plain: str) -> None:
    assert make_plain(typed).text == plain


def test_a_stretch_leads_back_to_what_was_typed() -> None:
    typed = "坚定　“四 个\u200b自信” 。"
    plain = make_plain(typed)
    start = plain.text.index("四个自信")
    first, last = plain.span(start, start + 4)
    assert typed[first:last] == "四 个\u200b自信"


@given(TYPED | st.text(max_size=60))
def test_every_character_leads_back_to_its_own_place(typed: str) -> None:
    plain = make_plain(typed)
    places = [plain.span(place, place + 1) for place in range(len(plain.text))]
    assert all(last == first + 1 for first, last in places)
    assert places == sorted(set(places))
    assert all(0 <= first < len(typed) for first, _ in places)
    for character, (first, _) in zip(plain.text, places, strict=True):
        if character.isalnum():
            assert character in {typed[first], unicodedata.normalize("NFKC", typed[first])}


@given(TYPED)
def test_no_blank_is_left_between_two_characters(typed: str) -> None:
    assert not re.search("[\u4e00-\u9fff][ \t\u3000\u200b]+[\u4e00-\u9fff]", make_plain(typed).text)
