"""Names of exported files: what Windows and WeChat Work refuse never stands in one."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.office.naming import LONGEST_NAME_BYTES, file_name
from handlers.manuscript import Manuscript


def named(text: str) -> str:
    return file_name(Manuscript(text, ()))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("机关党支部2026年度党建工作总结", "机关党支部2026年度党建工作总结.docx"),
        ("总结.docx", "总结.docx"),
        ('2025/2026:"总结"?', "2025／2026：＂总结＂？.docx"),  # noqa: RUF001 - what the forbidden marks become
        ("a\\b*c<d>e|f", "a＼b＊c＜d＞e｜f.docx"),  # noqa: RUF001
        ("  总结\n（初稿） . ", "总结 （初稿）.docx"),
        ("..\\..\\etc/passwd", "＼..＼etc／passwd.docx"),  # noqa: RUF001
        ("总结\u202excod.exe", "总结xcod.exe.docx"),
        ("\x00\ud800", "文稿.docx"),
        ("", "文稿.docx"),
        ("...", "文稿.docx"),
        ("CON", "文稿CON.docx"),
        ("nul.总结", "文稿nul.总结.docx"),
        ("Console", "Console.docx"),
        ("党员😀大会", "党员😀大会.docx"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert named(text) == name


def test_long_name_is_cut_at_a_character() -> None:
    name = named("党" * 200)
    assert name == "党" * 38 + ".docx"
    assert len(named("a" + "😀" * 200).encode()) <= LONGEST_NAME_BYTES


@given(st.lists(st.one_of(st.characters(), st.sampled_from('\\/:*?"<>|. \x00\ud800总结\u202e'))).map("".join))
@example("a" * 114 + ". ")
@example("con")
def test_any_name_is_safe_and_bounded(text: str) -> None:
    name = named(text)
    assert name == named(text)
    assert len(name.encode()) <= LONGEST_NAME_BYTES
    assert name.endswith(".docx")
    stem = name.removesuffix(".docx")
    assert stem
    assert stem == stem.strip(". ")
    assert not re.search(r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u202a-\u202e]', name)
    assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)", stem.split(".")[0].strip())
