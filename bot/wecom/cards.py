"""Template cards (模板卡片): buttons and choices as values, checked against the documented limits before they travel.

Facts: developer.work.weixin.qq.com/document/path/90236 (sending) and 94888 (updating).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.wecom.api_errors import ContentError

MOST_BUTTONS = 6
MOST_SELECTORS = 3
MOST_OPTIONS = 10
MOST_KEY_BYTES = 1024

_OURS = re.compile(r"card-[0-9A-Za-z]+-(?P<mark>[0-9a-z]+-[0-9]{1,4})")
_TASK = re.compile(r"[0-9A-Za-z_@-]{1,128}")


def name_card(id_: str, mark: str) -> str:
    """Return the task id of the card that goes with a delivery; ``mark`` is that of :class:`handlers.reply.Buttons`."""
    return f"card-{id_}-{mark}" if mark else f"card-{id_}"


def mark_of_card(task: str) -> str:
    """Return the mark in the task id of a card; empty for a card without one, or that is not ours."""
    found = _OURS.fullmatch(task)
    return found["mark"] if found else ""


@dataclass(frozen=True, slots=True)
class CardButton:
    """A button: what it says (about 10 characters show) and the key its click comes back with."""

    text: str
    key: str


@dataclass(frozen=True, slots=True)
class ButtonCard:
    """A card of up to six buttons (按钮交互型). ``task`` names this card and no other, in ``[0-9A-Za-z_@-]``, ≤ 128 bytes.

    Raises:
        ContentError: a limit is broken.
    """

    task: str
    title: str
    buttons: tuple[CardButton, ...]
    description: str = ""

    def __post_init__(self) -> None:
        _check_head(self.task, self.title)
        _check_count(self.buttons, MOST_BUTTONS, "按钮")
        _check_keys([button.key for button in self.buttons], [button.text for button in self.buttons])

    def to_json(self) -> dict[str, Any]:
        """Return the ``template_card`` member of the request."""
        return {
            "card_type": "button_interaction",
            "main_title": _title(self.title, self.description),
            "task_id": self.task,
            "button_list": [
                {"text": button.text, "style": 1 if first else 2, "key": button.key}
                for first, button in zip((True, *[False] * len(self.buttons)), self.buttons, strict=False)
            ],
        }


@dataclass(frozen=True, slots=True)
class CardOption:
    """One entry of a selector."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class CardSelector:
    """A drop-down list: its key, its title, its options (the first is chosen beforehand)."""

    key: str
    title: str
    options: tuple[CardOption, ...]


@dataclass(frozen=True, slots=True)
class ChoiceCard:
    """A card of up to three selectors of up to ten options and one button (多项选择型).

    Raises:
        ContentError: a limit is broken.
    """

    task: str
    title: str
    selectors: tuple[CardSelector, ...]
    submit: CardButton
    description: str = ""

    def __post_init__(self) -> None:
        _check_head(self.task, self.title)
        _check_count(self.selectors, MOST_SELECTORS, "选择题")
        _check_keys([selector.key for selector in self.selectors], [selector.title for selector in self.selectors])
        _check_keys([self.submit.key], [self.submit.text])
        for selector in self.selectors:
            _check_count(selector.options, MOST_OPTIONS, "选项")
            _check_keys([option.id for option in selector.options], [option.text for option in selector.options])

    def to_json(self) -> dict[str, Any]:
        """Return the ``template_card`` member of the request."""
        return {
            "card_type": "multiple_interaction",
            "main_title": _title(self.title, self.description),
            "task_id": self.task,
            "select_list": [
                {
                    "question_key": selector.key,
                    "title": selector.title,
                    "selected_id": selector.options[0].id,
                    "option_list": [{"id": option.id, "text": option.text} for option in selector.options],
                }
                for selector in self.selectors
            ],
            "submit_button": {"text": self.submit.text, "key": self.submit.key},
        }


Card = ButtonCard | ChoiceCard


def _title(title: str, description: str) -> dict[str, str]:
    return {"title": title, "desc": description} if description else {"title": title}


def _check_head(task: str, title: str) -> None:
    if not _TASK.fullmatch(task):
        raise ContentError("卡片的 task_id 应为1至128位字母、数字或 _ - @")
    if not title:
        raise ContentError("卡片没有标题")


def _check_count(entries: Sequence[object], most: int, name: str) -> None:
    if not 1 <= len(entries) <= most:
        raise ContentError(f"卡片的{name}应为1至{most}个")


def _check_keys(keys: Sequence[str], texts: Sequence[str]) -> None:
    if not all(texts):
        raise ContentError("卡片上有没写字的按钮或选项")
    if len(set(keys)) != len(keys) or not all(0 < len(key.encode()) <= MOST_KEY_BYTES for key in keys):
        raise ContentError(f"卡片的 key 应各不相同，1至{MOST_KEY_BYTES}字节")
