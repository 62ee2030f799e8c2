"""What the active API accepts, as documented, judged on the request alone; the answer is an error code, 0 for good.

Written from the protocol (developer.work.weixin.qq.com/document/path/90236 and 90231) and sharing nothing with the
client it is there to catch out.
"""

from __future__ import annotations

import re
from typing import Any

TEXT_BYTES = 2048
FILE_BYTES = 20 * 1024 * 1024
SMALLEST_FILE = 5

_TASK = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
_MENU_TYPES = {"click", "view", "scancode_push", "scancode_waitmsg", "location_select", "view_miniprogram"}


def judge_message(body: dict[str, Any]) -> int:
    """Judge a message whose recipients are known already."""
    kind = body.get("msgtype")
    content = body.get(str(kind))
    if kind not in {"text", "markdown", "file", "template_card"}:
        return 40008
    if not isinstance(content, dict):
        return 40063
    if kind in {"text", "markdown"}:
        text = content.get("content")
        if not isinstance(text, str) or not text:
            return 44004
        # A text is cut off without a word (see cut); markdown is not.
        return 45002 if kind == "markdown" and len(text.encode()) > TEXT_BYTES else 0
    if kind == "file":
        return 0 if content.get("media_id") else 41006
    return judge_card(content)


def cut(text: str) -> str:
    """Return what a member sees of a text: its first 2048 bytes, broken characters and all."""
    return text.encode()[:TEXT_BYTES].decode(errors="replace")


def judge_card(card: dict[str, Any]) -> int:
    """Judge a template card, its name (task_id) included."""
    if not _TASK.fullmatch(str(card.get("task_id", ""))):
        return 42014
    if not _text(card.get("main_title", {}), "title"):
        return 40058
    if card.get("card_type") == "button_interaction":
        return 0 if _good_list(card.get("button_list"), 6, "key", "text") else 40058
    if card.get("card_type") != "multiple_interaction":
        return 40058
    if not _good_list(card.get("select_list"), 3, "question_key", "title"):
        return 40058
    options = all(_good_list(selector.get("option_list"), 10, "id", "text") for selector in card["select_list"])
    submit = card.get("submit_button", {})
    return 0 if options and _text(submit, "text") and _text(submit, "key") else 40058


def judge_menu(menu: dict[str, Any]) -> int:
    """Judge a menu."""
    buttons = menu.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        return 40016
    for button in buttons:
        if not 1 <= _bytes(button.get("name")) <= 16:
            return 40018
        entries = button.get("sub_button", [])
        if len(entries) > 5:
            return 40023
        if not entries and (code := _judge_entry(button, 40019)):
            return code
        for entry in entries:
            if "sub_button" in entry:
                return 40022
            if not 1 <= _bytes(entry.get("name")) <= 40:
                return 40025
            if code := _judge_entry(entry, 40026):
                return code
    return 0


def judge_file(disposition: str, content: bytes) -> int:
    """Judge an uploaded file by the header of its part, as it was received."""
    if "filename*" in disposition or 'filename="' not in disposition:
        return 44001
    if len(content) > FILE_BYTES:
        return 45001
    return 0 if len(content) >= SMALLEST_FILE else 40006


def _judge_entry(entry: dict[str, Any], too_long: int) -> int:
    if entry.get("type") not in _MENU_TYPES:
        return 40017
    return 0 if entry["type"] != "click" or 1 <= _bytes(entry.get("key")) <= 128 else too_long


def _good_list(entries: object, most: int, key: str, text: str) -> bool:
    """Whether it is a list of at most ``most`` objects with a text each and keys unlike each other."""
    if not isinstance(entries, list) or not 1 <= len(entries) <= most:
        return False
    if not all(isinstance(entry, dict) and _text(entry, text) and _text(entry, key) for entry in entries):
        return False
    return len({entry[key] for entry in entries}) == len(entries)


def _text(entry: object, name: str) -> str:
    value = entry.get(name) if isinstance(entry, dict) else None
    return value if isinstance(value, str) else ""


def _bytes(text: object) -> int:
    return len(text.encode()) if isinstance(text, str) else 0
