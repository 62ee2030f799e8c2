"""What the active API sends, as values, checked against the documented limits before they travel.

Facts: developer.work.weixin.qq.com/document/path/90236 (messages) and 90253 (files). WeChat Work cuts a longer text off
without a word, so a longer one is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from bot.wecom.api_errors import ContentError
from bot.wecom.cards import Card

TEXT_BYTES = 2048
FILE_BYTES = 20 * 1024 * 1024
SMALLEST_FILE = 5
NAME_BYTES = 200
MOST_MEMBERS = 1000

_NAME_BREAKERS = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|\ud800-\udfff]')
_MEMBER = re.compile(r"[^|\s@][^|\s]{0,127}")


@dataclass(frozen=True, slots=True)
class Text:
    """A text of 1 to 2048 bytes.

    Raises:
        ContentError: empty or too long.
    """

    text: str = field(repr=False)
    kind: ClassVar[str] = "text"

    def __post_init__(self) -> None:
        _check_text(self.text)

    def to_json(self) -> dict[str, Any]:
        """Return the member of the request that is named like the kind."""
        return {"content": self.text}


@dataclass(frozen=True, slots=True)
class Markdown:
    """Markdown of 1 to 2048 bytes: headings, bold, links, quotations, three colours.

    Raises:
        ContentError: empty or too long.
    """

    text: str = field(repr=False)
    kind: ClassVar[str] = "markdown"

    def __post_init__(self) -> None:
        _check_text(self.text)

    def to_json(self) -> dict[str, Any]:
        """Return the member of the request that is named like the kind."""
        return {"content": self.text}


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file that has been uploaded, by its media id."""

    media_id: str = field(repr=False)
    kind: ClassVar[str] = "file"

    def to_json(self) -> dict[str, Any]:
        """Return the member of the request that is named like the kind."""
        return {"media_id": self.media_id}


@dataclass(frozen=True, slots=True)
class CardContent:
    """A template card."""

    card: Card = field(repr=False)
    kind: ClassVar[str] = "template_card"

    def to_json(self) -> dict[str, Any]:
        """Return the member of the request that is named like the kind."""
        return self.card.to_json()


Content = Text | Markdown | FileContent | CardContent


def check_members(users: str | Sequence[str]) -> tuple[str, ...]:
    """Return the members as a tuple; an id that would address others than one member (``@all``, ``a|b``) is refused.

    Raises:
        ContentError: none, too many, or not an id.
    """
    members = (users,) if isinstance(users, str) else tuple(users)
    if not 1 <= len(members) <= MOST_MEMBERS or not all(map(_MEMBER.fullmatch, members)):
        raise ContentError("接收人应为1至1000个成员ID")
    return members


def check_file(name: str, content: bytes) -> str:
    """Return the name as it may travel: nothing that ends a header or a path, at most 200 bytes, the suffix kept.

    Raises:
        ContentError: the content is too small or too large, or nothing is left of the name.
    """
    if not SMALLEST_FILE <= len(content) <= FILE_BYTES:
        raise ContentError("文件应为5字节至20MB")
    cleaned = _NAME_BREAKERS.sub("", name).strip(" .")
    stem, dot, suffix = cleaned.rpartition(".") if "." in cleaned else (cleaned, "", "")
    room = NAME_BYTES - len(f"{dot}{suffix}".encode())
    stem = stem.encode()[: max(0, room)].decode(errors="ignore")
    if not stem:
        raise ContentError("文件没有名称")
    return f"{stem}{dot}{suffix}"


def _check_text(text: str) -> None:
    size = len(text.encode(errors="replace"))
    if not 1 <= size <= TEXT_BYTES:
        raise ContentError(f"文字应为1至{TEXT_BYTES}字节，现为{size}字节")
