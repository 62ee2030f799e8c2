"""What is said around an outline taken from the user's own text."""

from __future__ import annotations

NOTHING_TO_EXTRACT = "把材料粘贴过来，例如“拆成提纲：一、……（一）……”。"
NO_NUMBERS = "这段文字没有编号（一、（一）1.），拆不出提纲。"
NOT_KEPT = "从您发来的文字里提取，序号照原样，没有存进库里。"


def title(count: int) -> str:
    """First line."""
    return f"【提纲】从来稿提取，共{count}个标题"
