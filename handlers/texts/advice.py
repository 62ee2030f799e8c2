"""What is said around advice."""

from __future__ import annotations

NONE = "这个我没有可靠的依据，不乱说。"
SHARES = "以上是占全文的大致比例，属经验值，没有规定；上级对篇幅有要求的按要求。"


def title(name: str) -> str:
    """First line."""
    return f"【写法】{name}（实务）"


def share(part: str, percent: int | None) -> str:
    """The usual share of one part."""
    return f"{part}：约{percent}%"


def holds(part: str, what: str) -> str:
    """What belongs in a part."""
    return f"{part}：{what}"


def person(word: str) -> str:
    """In whose name it is written."""
    return f"人称：{word}"


def basis(source: str) -> str:
    """Say what the advice rests on."""
    return f"依据：{source}"
