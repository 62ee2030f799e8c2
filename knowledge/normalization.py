"""One normal form for documents and queries: width, spaces, invisible characters, variants, simplified characters.

Normal text keeps Chinese punctuation (，。：；“”) and line breaks as they are. ``NORMALIZER`` is part of every knowledge
base's fingerprint: raise it whenever the same text would come out differently.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.metadata import version

from opencc import OpenCC

NORMALIZER = 1
"""Version of the rules below."""

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
"""Ranges of Chinese characters for use inside a regular expression's brackets; 〇 counts as one."""

# Text that no rule below but the tables for simplified characters has anything to do with, as most questions are.
_PLAIN = re.compile("[0-9A-Za-z\u4e00-\u9fff、。，；：？！（）]*")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
# Pictographs and their joiners. ★☆ stay (密级标志), and so do the circled digits among the dingbats (序号).
_EMOJI = re.compile(
    "[\u20e3\u231a\u231b\u2328\u23cf\u23e9-\u23fa\u2600-\u2604\u2607-\u26ff\u2700-\u2775\u2794-\u27bf\u2b50\u2b55"
    "\U0001f000-\U0001faff]"
)
_SPACES = re.compile("[\t \xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_BETWEEN_HAN = re.compile(f"(?<=[{HAN}]) (?=[{HAN}])")
# The same where the character on one side stands alone: characters spaced out for looks.
_SPACED_OUT = re.compile(f"(?<![^ \n][{HAN}])(?<=[{HAN}]) (?=[{HAN}])|(?<=[{HAN}]) (?=[{HAN}](?![^ \n]))")
# Full-width letters and digits, ligatures, mathematical letters, radicals and compatibility forms of characters.
_COMPATIBILITY = re.compile(
    "[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\ufb00-\ufb06\u2e80-\u2fd5\uf900-\ufaff\U0001d400-\U0001d7ff"
    "\U0002f800-\U0002fa1f]"
)
_VARIANTS = str.maketrans(
    {
        **dict.fromkeys("\u2022\u2027\u2219\u22c5\u30fb\uff65\u0387\u16eb\u2e31", "·"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\u00ad\u2043", "-"),
        **dict.fromkeys("\u2015\u2500\u2501\u2e3a\u2e3b\ufe58\ufe31", "—"),
        **dict.fromkeys("\u300c\ufe41\uff62\u301d\u201f", "“"),
        **dict.fromkeys("\u300d\ufe42\uff63\u301e", "”"),
        **dict.fromkeys("\u300e\ufe43", "‘"),
        **dict.fromkeys("\u300f\ufe44", "’"),
        "％": "%",
        "＋": "+",
        "\uff02": '"',
        "\uff07": "'",
    }
)
_PAIRED = re.compile(r'"([^"\n]*)"')
_QUOTING_APOSTROPHES = re.compile(r"(?<![0-9A-Za-z'])'([^'\n]+)'(?![0-9A-Za-z'])")
# What the character table leaves as it is (著 is right in 著作) but a text in traditional characters means as 着.
_ZHE = re.compile("(?<=[本沿朝向随接])著|著(?=[力眼手重实])")


def normalize(text: str, *, joined: bool = True) -> str:
    """Return the normal form of a text; normal text stays as it is.

    ``joined`` drops every blank between two Chinese characters, as a text should be stored. Without it a blank that
    parts words (党建 总结) stays, and only spaced-out characters (党 建 工 作) are closed up, as a query should be read.
    """
    if _PLAIN.fullmatch(text):
        return simplify(text)
    text = _LINE_ENDS.sub("\n", text)
    text = _EMOJI.sub("", _INVISIBLE.sub("", text)).translate(_VARIANTS)
    text = _COMPATIBILITY.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    text = _QUOTING_APOSTROPHES.sub(r"‘\1’", _PAIRED.sub(r"“\1”", text))
    text = _close_up(text, joined=joined)
    return simplify(text)


def simplify(text: str) -> str:
    """Return the text in simplified characters (简体); a text that is already simplified stays as it is."""
    readable = _SURROGATES.sub("", text)
    convert = _tables().convert
    converted: str = convert(readable)
    if converted == readable:
        return readable
    # Twice, for the tables lead from some variants to the traditional character first.
    return _ZHE.sub("着", str(convert(converted)))


def normalizer_version() -> str:
    """Return what the normal form depends on: the rules here and the character tables."""
    return f"{NORMALIZER}+opencc-{version('opencc')}"


def _close_up(text: str, *, joined: bool) -> str:
    text = "\n".join(line.strip(" ") for line in _SPACES.sub(" ", text).split("\n"))
    return (_BETWEEN_HAN if joined else _SPACED_OUT).sub("", text)


@cache
def _tables() -> OpenCC:
    """Load the character tables, on first use: importing this module must open no file."""
    return OpenCC("t2s")
