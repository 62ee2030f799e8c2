"""The fast way to cut text gives jieba's words, to the last one."""

from __future__ import annotations

import logging
import re
from importlib import resources
from typing import Any

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.cutting import WordCutter, make_table
from knowledge.segmentation import Segmenter

STRETCHES = [
    stretch
    for file in resources.files("knowledge").joinpath("data", "reports").iterdir()
    for stretch in re.findall("[\u4e00-\u9fff]+", file.read_text(encoding="utf-8"))
]
BUNDLED = [
    line
    for line in resources.files("knowledge").joinpath("data", "dictionary.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
CHARACTERS = sorted({character for stretch in STRETCHES for character in stretch})


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    jieba.setLogLevel(logging.CRITICAL)
    found = jieba.Tokenizer()
    found.tmp_dir = str(tmp_path_factory.mktemp("cache"))
    found.initialize()
    return found


@pytest.fixture(scope="module")
def cutter(tokenizer: Any) -> WordCutter:
    return WordCutter(make_table(tokenizer.FREQ), tokenizer.total, jieba.finalseg.cut)


def test_every_stretch_of_the_reports_is_cut_as_jieba_cuts_it(tokenizer: Any, cutter: WordCutter) -> None:
    assert len(STRETCHES) > 1000
    for stretch in STRETCHES:
        assert cutter.cut(stretch) == list(tokenizer.cut(stretch))
        assert cutter.cut_for_search(stretch) == list(tokenizer.cut_for_search(stretch))


@given(
    st.text(alphabet=st.sampled_from(CHARACTERS), max_size=30)
    | st.lists(st.sampled_from(STRETCHES).map(lambda stretch: stretch[:3]), max_size=8).map("".join)
    | st.text(alphabet=st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF), max_size=30)
    | st.text(alphabet="〇一二\u3400\u9fd6𠀀党", max_size=12)
)
def test_any_stretch_is_cut_as_jieba_cuts_it(tokenizer: Any, cutter: WordCutter, stretch: str) -> None:
    assert cutter.cut(stretch) == list(tokenizer.cut(stretch))
    assert cutter.cut_for_search(stretch) == list(tokenizer.cut_for_search(stretch))


def test_added_words_are_cut_as_jieba_cuts_them(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    segmenter = Segmenter(words=["红网桥 9", "风清气", "气正红"], cache=tmp_path_factory.mktemp("cache"))
    same = jieba.Tokenizer()
    same.FREQ, same.total, same.initialized = dict(tokenizer.FREQ), tokenizer.total, True
    for entry in (*BUNDLED, "红网桥 9", "风清气 300", "气正红 300"):
        word, frequency = entry.split()
        same.add_word(word, max(int(frequency), same.FREQ.get(word, 0)))
    for stretch in [*STRETCHES, "风清气正红网桥", "红网桥风清气正红网"]:
        assert list(segmenter.words(stretch)) == list(same.cut(stretch))


def test_equally_probable_ways_are_settled_by_the_longer_word() -> None:
    table = make_table({"甲": 8, "甲乙": 8, "乙": 8, "乙丙": 8, "丙": 8, "甲乙丙": 0})
    cutter = WordCutter(table, 64, list)
    assert cutter.cut("甲乙丙") == ["甲乙", "丙"]
    assert cutter.is_word("甲乙")
    assert not cutter.is_word("甲乙丙")
    assert not cutter.is_word("丁")


def test_single_characters_are_left_to_the_guess() -> None:
    guessed: list[str] = []

    def guess(singles: str) -> list[str]:
        guessed.append(singles)
        return [singles]

    cutter = WordCutter(make_table({"甲": 1, "甲乙": 50, "乙": 1}), 52, guess)
    assert cutter.cut("丁戊甲乙己庚辛") == ["丁戊", "甲乙", "己庚辛"]
    assert cutter.cut("丁甲乙己") == ["丁", "甲乙", "己"]
    assert guessed == ["丁戊", "己庚辛"]
