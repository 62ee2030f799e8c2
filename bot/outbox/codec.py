"""A parcel as the fields of a hash, and back. What can't be read is no parcel, never an exception of another kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.outbox.protocol import Attachment, Parcel
from bot.wecom.cards import ButtonCard, Card, CardButton, CardOption, CardSelector, ChoiceCard


def write_parcel(parcel: Parcel) -> dict[str, bytes]:
    """Return the fields of a parcel, its id apart."""
    fields = {"user": parcel.user.encode(errors="replace"), "text": parcel.text.encode(errors="replace")}
    if parcel.file is not None:
        fields |= {"name": parcel.file.name.encode(errors="replace"), "content": parcel.file.content}
    if parcel.extra:
        fields["extra"] = b"1"
    if parcel.card is not None:
        fields["card"] = json.dumps(parcel.card.to_json(), ensure_ascii=False).encode(errors="replace")
    return fields


def read_parcel(id_: str, fields: Mapping[str, bytes]) -> Parcel:
    """Return the parcel of these fields. Raises ``ValueError``, which quotes none of them."""
    try:
        file = Attachment(fields["name"].decode(), fields["content"]) if "content" in fields else None
        card = _read_card(json.loads(fields["card"])) if "card" in fields else None
        return Parcel(id_, fields["user"].decode(), fields["text"].decode(), file, card, "extra" in fields)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError):
        raise ValueError("not a parcel") from None


def write_pledge(parcel: Parcel) -> bytes:
    """Return the member and the text of a parcel."""
    return json.dumps({"user": parcel.user, "text": parcel.text}).encode()


def read_pledge(id_: str, words: bytes) -> Parcel:
    """Return the parcel of a pledge. Raises ``ValueError``, which quotes nothing of it."""
    try:
        content = json.loads(words)
        return read_parcel(id_, {name: content[name].encode() for name in ("user", "text")})
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise ValueError("not a pledge") from None


def _read_card(card: dict[str, Any]) -> Card:
    task, title = card["task_id"], card["main_title"]["title"]
    description = card["main_title"].get("desc", "")
    if card["card_type"] == "button_interaction":
        buttons = tuple(CardButton(button["text"], button["key"]) for button in card["button_list"])
        return ButtonCard(task, title, buttons, description)
    selectors = tuple(
        CardSelector(
            selector["question_key"],
            selector["title"],
            tuple(CardOption(option["id"], option["text"]) for option in selector["option_list"]),
        )
        for selector in card["select_list"]
    )
    submit = CardButton(card["submit_button"]["text"], card["submit_button"]["key"])
    return ChoiceCard(task, title, selectors, submit, description)
