"""The XML WeChat Work writes for what a member does, field by field and in its order.

Facts: developer.work.weixin.qq.com/document/path/90239 (messages) and 90240 (events).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = str | int | float
"""Strings travel in CDATA sections, numbers bare."""


class Medium(StrEnum):
    """The contents other than text that a member can send from the chat window."""

    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    LOCATION = "location"
    LINK = "link"
    FILE = "file"


class Event(StrEnum):
    """The events a member causes and the bot answers."""

    ENTER = "enter_agent"
    SUBSCRIBE = "subscribe"
    CLICK = "click"


_MEDIA_ID = "3Wb-example-media-id"

_CONTENTS: Mapping[Medium, Mapping[str, Value]] = {
    Medium.IMAGE: {"PicUrl": "http://example.invalid/picture", "MediaId": _MEDIA_ID},
    Medium.VOICE: {"MediaId": _MEDIA_ID, "Format": "amr"},
    Medium.VIDEO: {"MediaId": _MEDIA_ID, "ThumbMediaId": _MEDIA_ID},
    Medium.LOCATION: {
        "Location_X": 39.908,
        "Location_Y": 116.397,
        "Scale": 15,
        "Label": "某市某区某路1号",
        "AppType": "wxwork",
    },
    Medium.LINK: {
        "Title": "一篇文章",
        "Description": "链接说明",
        "Url": "http://example.invalid/article",
        "PicUrl": "http://example.invalid/picture",
    },
    # Undocumented for apps: the fields seen are a name and a media id.
    Medium.FILE: {"Title": "工作总结.docx", "MediaId": _MEDIA_ID},
}


@dataclass(frozen=True, slots=True)
class Head:
    """What every message says of itself: who, to whom, through which agent, when (seconds since 1970)."""

    user: str
    corp: str
    agent: int
    created: int


def write_text(head: Head, number: int, text: str) -> str:
    """Return the XML of a text message; ``number`` is its MsgId."""
    return _write(_open(head, "text") | {"Content": text, "MsgId": number, "AgentID": head.agent})


def write_medium(head: Head, number: int, medium: Medium) -> str:
    """Return the XML of a message that is not text; ``number`` is its MsgId."""
    return _write({**_open(head, medium.value), **_CONTENTS[medium], "MsgId": number, "AgentID": head.agent})


def write_event(head: Head, event: Event, key: str = "") -> str:
    """Return the XML of an event; events carry no MsgId, and ``key`` matters for a click alone."""
    keys: dict[str, Value] = {} if event is Event.SUBSCRIBE else {"EventKey": key}
    return _write({**_open(head, "event"), "Event": event.value, **keys, "AgentID": head.agent})


def write_envelope(corp: str, agent: int, encrypted: str) -> str:
    """Return the outer XML of a delivery around the ciphertext."""
    return _write({"ToUserName": corp, "Encrypt": encrypted, "AgentID": str(agent)})


def _open(head: Head, kind: str) -> dict[str, Value]:
    return {"ToUserName": head.corp, "FromUserName": head.user, "CreateTime": head.created, "MsgType": kind}


def _write(fields: Mapping[str, Value]) -> str:
    return "<xml>" + "".join(f"<{name}>{_escape(value)}</{name}>" for name, value in fields.items()) + "</xml>"


def _escape(value: Value) -> str:
    if not isinstance(value, str):
        return str(value)
    return "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
