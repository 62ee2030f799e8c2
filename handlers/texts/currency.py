"""What is said of wording that may be out of its year."""

from __future__ import annotations

NOT_DATED = "刚才给的没有对上过时的提法、集中教育或会议。只能核对收录的，定稿前请再对照最近的文件。"


def title(year: int) -> str:
    """Head the list of dated wording."""
    return f"【时效】刚才给的这些，写{year}年的材料要改或核对："


def dated(words: str, note: str) -> str:
    """Tell one dated wording and why it is."""
    return f"“{words}”：{note}。"


def more(count: int) -> str:
    """Say how many are not listed."""
    return f"另有{count}处，把文字发来说“检查：”可逐处看。"
