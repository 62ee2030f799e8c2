"""What is said about files that users send."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.texts.limits import IDENTITY_NUMBER, SECRECY

NO_RIGHT = "入库要由管理员来做，请把文件交给管理员。"
NO_FILE = "没有等着入库的文件。请先把材料（docx 或 txt）发给我。"
NO_BASE_OF_ITS_OWN = (
    "没有入库：现在用的是自带的库，或知识库目录不能写。请管理员在服务器上用 bigan kb build 建自己的库，"
    "设好 KNOWLEDGE_BASE 再入库，或用 bigan kb add 加入。"
)
NAMELESS = "文件"
MOST_FINDINGS = 5
"""Findings told in chat; the Word file has all of them."""

LONGEST_SUMMARY = 2000
"""UTF-8 bytes, below what WeChat Work shows of a text."""

BUSY = "正在校对的文件太多，这一份没有接下。请过几分钟再发一次。"


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


def checked(name: str, tally: str, standard: str, findings: Sequence[str], remark: str) -> str:
    """Sum up a check: the counts, the gravest findings as far as they fit, and what follows."""
    head = f"{_title(name)}校对好了，{standard}。" + (f"{tally}。" if tally else "没有发现问题。")
    tail = remark or "批注稿随后发到，原文没有改动。"
    tail += "\n只查固定表述、序号、空位和常见误写，不代替人工校对。"
    lines = [head]
    for number, finding in enumerate(findings, 1):
        more = [*lines, f"{number}. {finding}"]
        if len("\n".join((*more, tail)).encode()) > LONGEST_SUMMARY:
            break
        lines = more
    return "\n".join((*lines, tail))


def finding(words: str, reason: str, right: str) -> str:
    """One finding on one line."""
    advice = f"，应为“{right}”" if right else ""
    return f"“{words}”：{reason.rstrip('。')}{advice}。"


def unreadable(name: str, why: str) -> str:
    """Say why a file could not be read."""
    return f"{_title(name)}没有校对成：{why}"


def unsuitable(name: str, why: str) -> str:
    """Say why a file is not handled."""
    if why == "long":
        return f"{_title(name)}太长，没有校对。请分成几份再发，每份20万字以内。"
    return {"secret": SECRECY, "identity number": IDENTITY_NUMBER}.get(why) or wrong_kind(name)


def too_large(name: str, megabytes: int) -> str:
    """Say that a file is too large."""
    return f"{_title(name)}超过{megabytes}MB，没有校对。请删掉图片后再发，或把文字粘贴过来。"


def not_fetched(name: str) -> str:
    """Say that a file could not be fetched."""
    return f"{_title(name)}没有取到，请过一会儿再发一次，或把文字粘贴过来。"


def interrupted(name: str) -> str:
    """Say that a restart came between."""
    return f"{_title(name)}还没处理完，服务就重启了，请再发一次。"


def failed(name: str, reference: str) -> str:
    """Say sorry, with the reference the fault is found under."""
    return f"抱歉，{_title(name)}没有处理成。请把编号 {reference} 告诉管理员。"


def imported(name: str, reports: int) -> str:
    """Receipt for a file in the knowledge base."""
    return f"{_title(name)}已入库，现有材料{reports}篇，几秒后就能查到。"


def not_imported(name: str, why: str) -> str:
    """Say why a file could not be added."""
    return f"{_title(name)}没有入库。{why or '知识库目录写不进去，请管理员看一下磁盘和权限。'}"


def _title(name: str) -> str:
    return f"《{name}》" if name else NAMELESS
