"""The menu below the app's chat window (应用菜单): declared here, pushed by ``bigan menu push``.

A click arrives as an event with the entry's key, and the key is what the dialogue reads as if the member had typed it.
Limits: 1–3 buttons of 1–5 entries, names of 16 and 40 bytes, keys of 128 bytes
(developer.work.weixin.qq.com/document/path/90231).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MOST_BUTTONS = 3
MOST_ENTRIES = 5
BUTTON_BYTES = 16
ENTRY_BYTES = 40
KEY_BYTES = 128


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry: its name, and the message that a click on it stands for."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class MenuButton:
    """One of the buttons that are always to be seen, and the entries it opens."""

    name: str
    entries: tuple[MenuEntry, ...]


@dataclass(frozen=True, slots=True)
class Menu:
    """A whole menu."""

    buttons: tuple[MenuButton, ...]

    def problems(self) -> tuple[str, ...]:
        """Return what the API would refuse, in Chinese; nothing for a good menu."""
        problems = _count("按钮", self.buttons, MOST_BUTTONS)
        for button in self.buttons:
            problems += _measure(button.name, BUTTON_BYTES)
            problems += _count(f"“{button.name}”下的子菜单", button.entries, MOST_ENTRIES)
            for entry in button.entries:
                problems += _measure(entry.name, ENTRY_BYTES)
                problems += _measure(entry.key, KEY_BYTES)
        return tuple(problems)

    def to_json(self) -> dict[str, Any]:
        """Return the body of the request, which is also what the API returns for a menu that is there."""
        return {
            "button": [
                {
                    "name": button.name,
                    "sub_button": [{"type": "click", "name": entry.name, "key": entry.key} for entry in button.entries],
                }
                for button in self.buttons
            ]
        }


MENU = Menu(
    (
        MenuButton(
            "找材料",
            (
                MenuEntry("提纲", "提纲"),
                MenuEntry("例句", "主题党日例句"),
                MenuEntry("小标题", "小标题"),
                MenuEntry("数据清单", "数据清单"),
            ),
        ),
        MenuButton(
            "写和改",
            (
                MenuEntry("校对", "校对"),
                MenuEntry("我的收藏", "我的收藏"),
                MenuEntry("草稿", "看看草稿"),
                MenuEntry("导出", "导出"),
            ),
        ),
        MenuButton("帮助", (MenuEntry("怎么用", "帮助"), MenuEntry("设置", "我的设置"))),
    )
)
"""The menu of this app."""


def same_menu(found: dict[str, Any], declared: dict[str, Any]) -> bool:
    """Tell whether two menus show and send the same; the API adds empty fields of its own."""
    return outline(found) == outline(declared)


def outline(menu: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the buttons of a menu as it travels, each with the names and keys of its entries."""
    return [
        (
            str(button.get("name")),
            [(str(entry.get("name")), str(entry.get("key"))) for entry in button.get("sub_button") or []],
        )
        for button in menu.get("button", [])
    ]


def _count(name: str, entries: Sequence[object], most: int) -> list[str]:
    return [] if 1 <= len(entries) <= most else [f"{name}应为1至{most}个，现为{len(entries)}个"]


def _measure(text: str, most: int) -> list[str]:
    size = len(text.encode())
    if not size:
        return ["有一个菜单项的名称或 key 是空的"]
    return [] if size <= most else [f"“{text}”有{size}字节，最多{most}字节（{most // 3}个汉字）"]
