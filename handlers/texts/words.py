"""What is said about words to vary."""

from __future__ import annotations

SOURCE = "依据：常用搭配归纳（实务）；括号里是库内有几篇这样写。"


def title(word: str, meaning: str) -> str:
    """First line."""
    return f"【换词】{word or '四字词'}（{meaning}）"


def none(word: str) -> str:
    """Say that the table has nothing."""
    return f"词表里没有“{word}”的替换词，不编。可以要一组小标题看看别的写法。" if word else "词表里没有这一类词，不编。"


def used(pair: str, count: int) -> str:
    """A pair of words and how many reports use it."""
    return f"{pair}（{count}篇）" if count else pair
