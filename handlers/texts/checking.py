"""What is said around the findings of the checker."""

from __future__ import annotations

NOTHING_TO_CHECK = "把要检查的一段发过来，例如“检查：……”。也可以直接粘贴一段；草稿用“检查草稿”。"
EMPTY_DRAFT = "草稿还是空的，没有可检查的。要检查别的，直接粘贴过来。"
UNFILLED = "未填空位"
BLANKS_ONLY = "只数了没填的空和遮字。要查表述和序号，发“检查：”加这一段。"


def title(total: int, counts: str, *, blanks: bool) -> str:
    """First line: how many findings, by level."""
    if blanks:
        return f"【空位】{total}处没填" if total else "【空位】没有发现没填的空"
    return f"【校对】{total}处（{counts}）" if total else "【校对】没有发现问题"


def limits(year: int, *, found: bool) -> str:
    """Say honestly what was and what was not looked at."""
    other = "未发现其他问题。" if found else ""
    return f"{other}按{year}年的提法查；只查固定表述、序号、空位、标点和常见误写，不代替人工校对。"


def too_many(count: int) -> str:
    """Say that there are more findings than a conversation shows."""
    return f"另有{count}类没有列出，请分段再查。"


def similar(percent: int) -> str:
    """Say how much of a pasted text stands in the library."""
    return f"与库内材料重合约{percent}%（只与库内比对，不联网）；要看重在哪里，发“查重：”加这一段。"
