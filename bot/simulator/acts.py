"""What the chat page asks for, read strictly."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from aiohttp import web

from bot.simulator.api_rules import FILE_BYTES
from bot.simulator.inbound import Event, Lifecycle, Medium

MAX_TEXT = 8000
"""Characters of one message; encrypted it stays below what the callback reads."""

LONGEST_NAME = 255
"""Characters of a file's name."""

_MOST_SELECTORS = 3
_CHUNK = 65_536

_USER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class RequestError(Exception):
    """What the page posted is not usable; the text (Chinese) says why."""


class Redelivery(StrEnum):
    """How the last message is delivered once more."""

    SAME = "same"
    """The same bytes again."""
    FRESH = "fresh"
    """The same message under a new nonce, timestamp and ciphertext."""


@dataclass(frozen=True, slots=True)
class CardUse:
    """The click on a button of a card: the id of its message, the key of the button, the options chosen."""

    message_id: str
    key: str
    selected: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EventUse:
    """An event of the member's; ``key`` is that of a menu entry."""

    event: Event
    key: str = ""


Deed: TypeAlias = "str | EventUse | Medium | Lifecycle | CardUse | Redelivery"
"""A text that was said, or one of the other things that can be done."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a user does."""

    user: str
    deed: Deed = field(repr=False)


async def read_body(request: web.Request) -> dict[str, object]:
    """Return the JSON object that was posted."""
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError, web.HTTPRequestEntityTooLarge) as error:
        raise RequestError("不是可读的 JSON") from error
    if not isinstance(body, dict):
        raise RequestError("应为一个 JSON 对象")
    return body


def read_act(body: Mapping[str, object]) -> Act:
    """Return the one act that a body names."""
    user = check_user(read_word(body, "user"))
    acts = [name for name in ("text", "event", "media", "lifecycle", "card", "redeliver") if name in body]
    if len(acts) != 1:
        raise RequestError("text、event、media、lifecycle、card、redeliver 应恰有一项")
    value = read_word(body, acts[0])
    try:
        return Act(user, _read_deed(acts[0], value, body))
    except ValueError as error:
        raise RequestError(f"{acts[0]} 的取值不认识") from error


def _read_deed(name: str, value: str, body: Mapping[str, object]) -> Deed:
    match name:
        case "text":
            return value
        case "event":
            return EventUse(Event(value), read_word(body, "key") if "key" in body else "")
        case "media":
            return Medium(value)
        case "lifecycle":
            return Lifecycle(value)
        case "card":
            return CardUse(value, read_word(body, "key"), _read_selected(body.get("selected", {})))
        case _:
            return Redelivery(value)


def _read_selected(selected: object) -> dict[str, str]:
    if not isinstance(selected, dict) or len(selected) > _MOST_SELECTORS:
        raise RequestError("selected 应为至多3项的对象")
    return {read_text(key, "selected"): read_text(value, "selected") for key, value in selected.items()}


def check_user(user: str) -> str:
    """Return a user's id that can be one."""
    if not _USER.fullmatch(user):
        raise RequestError("user 应为1至64位字母、数字或 _ - . @")
    return user


def check_file_name(name: str) -> str:
    """Return the name of a file that a message can carry."""
    name = read_text(name, "文件名")
    if not 1 <= len(name) <= LONGEST_NAME or _CONTROL.search(name):
        raise RequestError(f"文件名应为1至{LONGEST_NAME}字，不含控制字符")
    return name


async def read_file(request: web.Request) -> bytes:
    """Return the posted bytes, of which there may be 20 MB: more than the application takes elsewhere."""
    content = bytearray()
    while chunk := await request.content.read(_CHUNK):
        content += chunk
        if len(content) > FILE_BYTES:
            raise RequestError("文件超过20MB")
    if not content:
        raise RequestError("文件是空的")
    return bytes(content)


def read_word(body: Mapping[str, object], name: str) -> str:
    """Return a field that is a text."""
    return read_text(body.get(name), name)


def read_text(value: object, name: str) -> str:
    """Return a value that is a text of bearable length."""
    if not isinstance(value, str):
        raise RequestError(f"{name} 应为文字")
    if len(value) > MAX_TEXT:
        raise RequestError(f"{name} 超过{MAX_TEXT}字")
    if _SURROGATE.search(value):
        raise RequestError(f"{name} 含有不成对的代理字符")
    return value
