"""What the chat page is told: exchanges, messages, cards and the menu as the plain objects it draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.simulator.api_cards import is_grey
from bot.simulator.api_inbox import Shown
from bot.simulator.stand_in import Exchange
from bot.wecom.menu import MENU

Body = dict[str, Any]

GREY = "已处理"
"""What a button says that is greyed out without a name."""


def describe_exchange(exchange: Exchange) -> Body:
    """Describe what came of a delivery."""
    return {
        "status": exchange.status,
        "reply": exchange.reply,
        "updated": exchange.update is not None,
        "tries": exchange.tries,
        "milliseconds": round(exchange.milliseconds, 1),
        "request_bytes": exchange.request_bytes,
        "response_bytes": exchange.response_bytes,
    }


def describe_message(shown: Shown) -> Body:
    """Describe a message as one member sees it. A file is fetched by the message's id."""
    described: Body = {"id": shown.id, "user": shown.user, "at": int(shown.at * 1000), "recalled": shown.recalled}
    if shown.file is not None:
        return described | {"file": {"name": shown.file.name, "bytes": len(shown.file.content)}}
    if shown.card is not None:
        return described | {"card": describe_card(shown.card)}
    return described | {"text": shown.text}


def describe_card(card: Mapping[str, Any]) -> Body:
    """Describe a template card. ``grey`` is what its button says once it cannot be clicked any more, else empty."""
    title = card.get("main_title") or {}
    submit = card.get("submit_button")
    grey = card.get("replaced") or card.get("replace_text") or GREY
    return {
        "title": title.get("title", ""),
        "description": title.get("desc", ""),
        "note": card.get("sub_title_text", ""),
        "buttons": [
            {"text": button["text"], "key": button["key"], "main": str(button.get("style", 1)) == "1"}
            for button in card.get("button_list", [])
        ],
        "selectors": [
            {
                "key": selector["question_key"],
                "title": selector.get("title", ""),
                "chosen": selector.get("selected_id", ""),
                "options": [{"id": option["id"], "text": option["text"]} for option in selector["option_list"]],
            }
            for selector in card.get("select_list", [])
        ],
        "submit": {"text": submit["text"], "key": submit["key"]} if submit else None,
        "grey": grey if is_grey(card) else "",
    }


def describe_menu(menu: Mapping[str, Any] | None) -> list[Body]:
    """Describe the menu that was pushed, or the app's own where none was: buttons with their entries."""
    buttons = (menu or MENU.to_json())["button"]
    return [
        {
            "name": button["name"],
            "entries": [
                {"name": entry["name"], "key": entry.get("key", "") if entry.get("type") == "click" else ""}
                for entry in button.get("sub_button") or [button]
            ],
        }
        for button in buttons
    ]
