"""Cutting text into words, bigrams and characters."""

import json
import subprocess
import sys
import threading
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import DictionaryError
from knowledge.normalization import normalize
from knowledge.segmentation import Segmenter

REPORTS = [
    line
    for file in resources.files("knowledge").joinpath("data", "reports").iterdir()
    for line in file.read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def segmenter(cache: Path) -> Segmenter:
    return Segmenter(cache=cache)


@pytest.mark.parametrize(
    "term", ["三会一课", "主题党日", "意识形态", "一岗双责", "第一议题", "三重一大", "双报到", "党建带群建"]
)
def test_terms_of_the_trade_are_one_word(segmenter: Segmenter, term: str) -> None:
    assert term in segmenter.words(f"认真落实{term}制度")


def test_every_word_of_the_bundled_dictionary_is_one_word(segmenter: Segmenter) -> None:
    assert len(segmenter.domain_words) > 500
    assert {word for word in segmenter.domain_words if segmenter.words(word) != (word,)} == set()


def test_words_leave_out_punctuation_and_keep_numbers_and_foreign_words(segmenter: Segmenter) -> None:
    assert segmenter.words("2023年，学习强国APP；党费36827.56元。") == (
        "2023",
        "年",
        "学习强国",
        "app",
        "党费",
        "36827.56",
        "元",
    )


def test_search_words_add_the_words_inside_long_words(segmenter: Segmenter) -> None:
    assert segmenter.words("党风廉政建设") == ("党风廉政建设",)
    assert {"党风", "廉政", "建设", "党风廉政建设"} <= set(segmenter.search_words("党风廉政建设"))


def test_analysis_holds_words_of_two_characters_and_more_bigrams_and_characters(segmenter: Segmenter) -> None:
    found = segmenter.analyze("抓党建，App好")
    assert found.words == ("党建", "app")
    assert found.bigrams == ("抓党", "党建", "app", "好")
    assert found.characters == ("抓", "党", "建", "app", "好")


@pytest.mark.parametrize("variant", ["黨建帶群建", "党 建 带 群 建", "党建\u200b带群建", "党建带群建！！"])
def test_variants_are_analysed_alike(segmenter: Segmenter, variant: str) -> None:
    assert segmenter.analyze(variant) == segmenter.analyze("党建带群建")


def test_words_parted_by_a_blank_are_not_joined(segmenter: Segmenter) -> None:
    assert "育警" not in segmenter.analyze("廉政教育 警示教育").bigrams


def test_users_may_add_words_by_file_and_by_name(cache: Path, tmp_path: Path, segmenter: Segmenter) -> None:
    sentence = "我区红网桥经验和清风半月谈活动"
    assert "红网桥" not in segmenter.words(sentence)
    own = tmp_path / "own.txt"
    own.write_text("# 本地词\n红网桥 500\n\n", encoding="utf-8-sig")
    extended = Segmenter([own], words=["清风半月谈"], cache=cache)
    assert {"红网桥", "清风半月谈"} <= set(extended.words(sentence))
    assert {"红网桥", "清风半月谈", "三会一课"} <= extended.domain_words
    assert "红网桥" not in segmenter.words(sentence)


@pytest.mark.parametrize("line", ["红 网 桥", "红网桥 很多", "红、网桥 5", "红" * 21, "红网桥 " + "9" * 10])
def test_a_dictionary_line_that_is_not_understood_is_named(tmp_path: Path, line: str) -> None:
    own = tmp_path / "own.txt"
    own.write_text(f"主题党日 5\n{line}\n", encoding="utf-8")
    with pytest.raises(DictionaryError, match=r"own\.txt第2行"):
        Segmenter([own])


@pytest.mark.parametrize("content", [None, "党建".encode("gbk")])
def test_a_dictionary_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    own = tmp_path / "own.txt"
    if content is not None:
        own.write_bytes(content)
    with pytest.raises(DictionaryError, match=r"own\.txt"):
        Segmenter([own])


def test_the_fingerprint_names_all_that_the_analysis_depends_on(segmenter: Segmenter) -> None:
    assert segmenter.fingerprint == Segmenter().fingerprint
    others = {Segmenter(words=["红网桥"]).fingerprint, Segmenter(words=["红网桥 5"]).fingerprint}
    others.add(Segmenter(program="rjieba").fingerprint)
    assert len(others | {segmenter.fingerprint}) == 4
    assert "jieba-0.42" in segmenter.fingerprint


def test_the_cache_is_written_once_and_used(tmp_path: Path) -> None:
    first = Segmenter(cache=tmp_path / "new")
    words = first.words("落实第一议题制度")
    (file,) = (tmp_path / "new").iterdir()
    stamp = file.stat().st_mtime_ns
    assert Segmenter(cache=tmp_path / "new").words("落实第一议题制度") == words
    assert file.stat().st_mtime_ns == stamp


def test_a_cache_folder_that_cannot_be_made_does_no_harm(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert "第一议题" in Segmenter(cache=tmp_path / "file" / "cache").words("落实第一议题制度")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("damage", [b"", b"\x00\x01", b"N", b"(\x02\x00\x00\x00"])
def test_a_damaged_cache_is_replaced(cache: Path, tmp_path: Path, segmenter: Segmenter, damage: bytes) -> None:
    segmenter.load()
    (good,) = cache.iterdir()
    (tmp_path / good.name).write_bytes(damage)
    assert "第一议题" in Segmenter(cache=tmp_path).words("落实第一议题制度")
    assert (tmp_path / good.name).read_bytes() == good.read_bytes()


def test_importing_and_naming_the_analysis_loads_nothing() -> None:
    probe = (
        "import json, sys; from knowledge.segmentation import Segmenter; Segmenter().fingerprint;"
        "print(json.dumps([name for name in sys.modules if name.startswith('jieba')]))"
    )
    answer = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True)
    assert json.loads(answer.stdout) == []


def test_loading_is_silent(cache: Path) -> None:
    probe = f"from pathlib import Path; from knowledge.segmentation import Segmenter; Segmenter(cache=Path({str(cache)!r})).load()"
    answer = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True)
    assert (answer.stdout, answer.stderr) == ("", "")


def test_threads_share_one_loading(cache: Path) -> None:
    shared = Segmenter(cache=cache)
    found: list[tuple[str, ...]] = []
    threads = [threading.Thread(target=lambda: found.append(shared.words("落实第一议题制度"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_the_fast_program_cuts_the_reports_as_jieba_does(cache: Path, segmenter: Segmenter) -> None:
    pytest.importorskip("rjieba", reason="rjieba is an optional extra: pip install rjieba")
    fast = Segmenter(program="rjieba", cache=cache)
    assert [fast.analyze(line) for line in REPORTS] == [segmenter.analyze(line) for line in REPORTS]


@given(st.text())
def test_any_text_can_be_analysed_and_words_lose_nothing(segmenter: Segmenter, text: str) -> None:
    found = segmenter.analyze(text)
    assert not any(character.isspace() for term in (*found.words, *found.bigrams) for character in term)
    plain = "".join(segmenter.words(text))
    assert plain == "".join(segmenter.runs(text))
    assert set(plain) <= set(normalize(text, joined=False).lower())
