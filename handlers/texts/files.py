"""What is said about files that users send."""

from __future__ import annotations

NO_RIGHT = "入库要由管理员来做，请把文件交给管理员。"
NO_FILE = "没有等着入库的文件。请先把材料（docx 或 txt）发给我。"
NAMELESS = "文件"


def received(name: str) -> str:
    """Receipt for a file that is being checked."""
    return f"收到{_title(name)}，正在校对，稍后发给您。"


def may_be_imported() -> str:
    """Say to an administrator what else can be done with the file."""
    return "要把它加进知识库，回复“入库”。"


def importing(name: str) -> str:
    """Receipt for a file that is being added to the knowledge base."""
    return f"好的，正在把{_title(name)}加进知识库，结果稍后告诉您。"


def wrong_kind(name: str) -> str:
    """Say which files are checked."""
    return f"{_title(name)}我看不了，只校对 docx 和 txt。doc 请另存为 docx 再发；PDF、图片请把文字粘贴过来。"


def _title(name: str) -> str:
    return f"《{name}》" if name else NAMELESS
