"""What is said around a comparison with the library (雷同)."""

from __future__ import annotations

from collections.abc import Sequence

NOTHING_TO_COMPARE = "把要比对的一段发过来，例如“查重：……”；有了草稿，发“查重”就比草稿。"
TOO_SHORT = "太短了，比不出来。请发一句完整的话，或整段粘贴过来。"
EMPTY_LIBRARY = "库里还没有材料，没有可比的。"
REWRITE = "照搬的地方多，请换成本单位的做法和自己的话再用。"


def title(percent: float, *, found: bool) -> str:
    """First line: how much of the text stands in the library."""
    if not found:
        return "【雷同】没有发现与库内材料重合的句子"
    return f"【雷同】与库内材料重合约{round(percent)}%" if percent >= 1 else "【雷同】与库内材料重合不到1%"


def overlap(quote: str, length: int, source: str) -> str:
    """One stretch: how it begins and ends, how long it is, and where it stands."""
    return f"“{quote}”（{length}字）\n　出处：{source}"


def by_report(shares: Sequence[tuple[str, int]]) -> str:
    """Say how the stretches are spread over several reports: title and per cent of each."""
    return f"其中：{'、'.join(f'{name} {percent}%' for name, percent in shares)}"


def not_listed(count: int) -> str:
    """Say that there are more stretches than a conversation shows."""
    return f"另有{count}处没有列出，请分段再查。"


def limits(reports: int, shortest: int) -> str:
    """Say honestly what it was compared with and what does not count."""
    return f"只与库内{reports}篇比对，不联网；固定提法、文件名和数字不计，连续不到{shortest}字的不计。"
