"""The XML WeChat Work writes for what a member does, field by field and in its order.

Facts: developer.work.weixin.qq.com/document/path/90239 (messages) and 90240 (events).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = "str | int | float | Mapping[str, Value] | Sequence[Mapping[str, Value]]"
"""Strings travel in CDATA sections, numbers bare; a mapping is an element with children, a sequence one per entry."""


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


class Lifecycle(StrEnum):
    """What WeChat Work tells an app about its own life, on nobody's behalf."""

    INACTIVE_ALERT = "inactive_alert"
    CLOSE_INACTIVE = "close_inactive_agent"
    REOPEN_INACTIVE = "reopen_inactive_agent"
    LOW_ACTIVE_ALERT = "low_active_alert"
    LOW_ACTIVE = "low_active"
    ACTIVE_RESTORED = "active_restored"


SYSTEM = "sys"
"""Who sends the events that no member causes."""

FILE_NAME_FIELDS = ("Title", "FileName")
"""Where a file message names its file: undocumented for apps, and both have been seen."""

BUTTONS = "button_interaction"
CHOICES = "multiple_interaction"

_ALERTS = {Lifecycle.INACTIVE_ALERT, Lifecycle.LOW_ACTIVE_ALERT}
_ALERT_SECONDS = 7 * 86_400

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
    Medium.FILE: {**dict.fromkeys(FILE_NAME_FIELDS, "工作总结.docx"), "MediaId": _MEDIA_ID},
}


@dataclass(frozen=True, slots=True)
class Head:
    """What every message says of itself: who, to whom, through which agent, when (seconds since 1970)."""

    user: str
    corp: str
    agent: int
    created: int


@dataclass(frozen=True, slots=True)
class CardClick:
    """The use of a template card: which card, the key of the button, the code to update it with, the options chosen by
    the keys of their selectors.
    """

    task: str
    key: str
    response_code: str = field(repr=False)
    selected: Mapping[str, str]
    card_type: str


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


def write_file(head: Head, number: int, name: str, media_id: str, named_in: Sequence[str]) -> str:
    """Return the XML of a file message with its name in the fields ``named_in``; ``number`` is its MsgId."""
    names = dict.fromkeys(named_in, name)
    return _write({**_open(head, "file"), **names, "MediaId": media_id, "MsgId": number, "AgentID": head.agent})


def write_card_click(head: Head, click: CardClick) -> str:
    """Return the XML of a template_card_event."""
    fields: dict[str, Value] = {
        **_open(head, "event"),
        "Event": "template_card_event",
        "EventKey": click.key,
        "TaskId": click.task,
        "CardType": click.card_type,
        "ResponseCode": click.response_code,
        "AgentID": head.agent,
    }
    items: list[Mapping[str, Value]] = [
        {"QuestionKey": question, "OptionIds": {"OptionId": option}} for question, option in click.selected.items()
    ]
    if items:
        fields["SelectedItems"] = {"SelectedItem": items}
    return _write(fields)


def write_lifecycle(head: Head, event: Lifecycle) -> str:
    """Return the XML of an event of the app's own life; an alert says when it will come true (seconds since 1970)."""
    effect: dict[str, Value] = {"EffectTime": head.created + _ALERT_SECONDS} if event in _ALERTS else {}
    return _write({**_open(head, "event"), "Event": event.value, **effect, "AgentID": head.agent})


def write_envelope(corp: str, agent: int, encrypted: str) -> str:
    """Return the outer XML of a delivery around the ciphertext."""
    return _write({"ToUserName": corp, "Encrypt": encrypted, "AgentID": str(agent)})


def _open(head: Head, kind: str) -> dict[str, Value]:
    return {"ToUserName": head.corp, "FromUserName": head.user, "CreateTime": head.created, "MsgType": kind}


def _write(fields: Mapping[str, Value]) -> str:
    return f"<xml>{_join(fields)}</xml>"


def _join(fields: Mapping[str, Value]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Value) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "".join(_element(name, entry) for entry in value)
    return f"<{name}>{_join(value) if isinstance(value, Mapping) else _escape(value)}</{name}>"


def _escape(value: str | float) -> str:
    if not isinstance(value, str):
        return str(value)
    return "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
