"""What the bot answers passively, read as WeChat Work reads it: a text, or the update of the card that was clicked.

Facts: developer.work.weixin.qq.com/document/path/90241.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from xml.parsers import expat

from bot.errors import BotError, StandInError
from bot.wecom.bounded_xml import Tree, parse_tree
from bot.wecom.crypto import MessageCipher

MAX_CONTENT_BYTES = 2048
"""WeChat Work cuts a longer text off without a word; the stand-in complains instead (path 90241)."""

_DEPTH = 3
_LISTS = frozenset({"ButtonList", "SelectList", "OptionList", "HorizontalContentList", "JumpList", "ActionList"})
_CAPITAL = re.compile(r"(?<!^)([A-Z])")
_UPDATES = {"update_button", "update_template_card"}


@dataclass(frozen=True, slots=True)
class CardUpdate:
    """What is to become of a clicked card: its buttons greyed out under a name, or another card in its place.

    ``card`` is shaped as the active API's ``template_card``.
    """

    replace_name: str = ""
    card: Mapping[str, Any] | None = field(default=None, repr=False)


def read_passive(cipher: MessageCipher, corp: str, user: str, answer: bytes, *, clicked: bool) -> str | CardUpdate:
    """Return the text or the card update that ``answer`` to ``user`` holds; ``clicked``: it answers the click on a card.

    Raises:
        StandInError: WeChat Work would not show it as it stands.
    """
    try:
        outer = parse_tree(answer, _DEPTH)
        encrypted = _leaf(outer, "Encrypt")
        cipher.verify(_leaf(outer, "MsgSignature"), _leaf(outer, "TimeStamp"), _leaf(outer, "Nonce"), encrypted)
        document = cipher.decrypt(encrypted).encode()
    except BotError as error:
        raise StandInError("答复不是企业微信能读的加密消息") from error
    reply = _read_document(document)
    kind = reply.get("MsgType")
    parties = (_leaf(reply, "ToUserName"), _leaf(reply, "FromUserName"))
    if parties != (user, corp) or kind not in {"text", *_UPDATES}:
        raise StandInError("答复的收发方或类型不对")
    if kind in _UPDATES:
        if not clicked:
            raise StandInError("只有点击卡片时才能更新卡片")
        return _read_update(str(kind), reply)
    content = _leaf(reply, "Content")
    if len(content.encode()) > MAX_CONTENT_BYTES:
        raise StandInError("答复超过2048字节，企业微信会截断")
    return content


def _read_update(kind: str, reply: Mapping[str, Any]) -> CardUpdate:
    if kind == "update_button":
        button = reply.get("Button")
        name = button.get("ReplaceName") if isinstance(button, dict) else None
        if not isinstance(name, str) or not name:
            raise StandInError("更新按钮的答复没有写按钮的新名称")
        return CardUpdate(replace_name=name)
    card = reply.get("TemplateCard")
    if not isinstance(card, dict) or "CardType" not in card:
        raise StandInError("更新卡片的答复没有卡片")
    return CardUpdate(card=_to_json(card))


def _to_json(node: Any) -> Any:  # noqa: ANN401 - a card is any tree
    """Return an element as the active API would write it: ButtonList is button_list there."""
    if isinstance(node, list):
        return [_to_json(entry) for entry in node]
    if isinstance(node, dict):
        return {_CAPITAL.sub(r"_\1", name).lower(): _to_json(child) for name, child in node.items()}
    return node


def _read_document(document: bytes) -> dict[str, Any]:
    """Read a reply. Cards repeat elements and go deeper than anything the callback has to read."""
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.open, reader.close
    parser.CharacterDataHandler = reader.add_text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise StandInError("答复不是企业微信能读的加密消息") from error
    root = reader.children[0].get("xml")
    if not isinstance(root, dict):
        raise StandInError("答复缺少字段")
    return root


class _Reader:
    def __init__(self) -> None:
        self.children: list[dict[str, Any]] = [{}]
        self._texts: list[str] = [""]

    def open(self, _: str, attributes: dict[str, str]) -> None:
        if attributes:
            _refuse()
        self.children.append({})
        self._texts.append("")

    def add_text(self, text: str) -> None:
        self._texts[-1] += text

    def close(self, name: str) -> None:
        children, text = self.children.pop(), self._texts.pop()
        node: Any = children or text
        parent = self.children[-1]
        if name in _LISTS:
            parent.setdefault(name, []).append(node)
        elif name in parent:
            raise StandInError("答复里有重复的字段")
        else:
            parent[name] = node


def _refuse(*_: object) -> NoReturn:
    raise StandInError("答复不是企业微信能读的加密消息")


def _leaf(tree: Tree | Mapping[str, Any], name: str) -> str:
    value = tree.get(name)
    if not isinstance(value, str):
        raise StandInError("答复缺少字段")
    return value
