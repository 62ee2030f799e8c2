"""What becomes of template cards once they are shown: clicks, and the codes by which they are updated."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.simulator.api_inbox import Inbox, Shown
from bot.simulator.api_rules import judge_card
from bot.simulator.inbound import CardClick
from bot.simulator.passive import CardUpdate

CODE_SECONDS = 72 * 3600
"""How long a response code is good (path 94888)."""

UNKNOWN_CODE = 42016
USED_CODE = 42022

Body = Mapping[str, Any]


@dataclass(slots=True)
class _Code:
    at: float
    cards: list[Shown] = field(default_factory=list)
    used: bool = False


class Cards:
    """The cards of an inbox. A code is good once, for 72 hours and for the cards it was given out with."""

    def __init__(self, inbox: Inbox, now: Callable[[], float]) -> None:
        self._inbox = inbox
        self._now = now
        self._codes: dict[str, _Code] = {}

    def new_code(self) -> str:
        """Return a code that updates no card yet."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(self._now())
        return code

    def cover(self, code: str, card: Shown) -> None:
        """Let a code update one more card."""
        self._codes[code].cards.append(card)

    def click(self, card: Shown, key: str, selected: Mapping[str, str]) -> CardClick | None:
        """Return what WeChat Work tells of a click with a code of its own, or ``None`` where nothing can be clicked so."""
        content = card.card or {}
        if is_grey(content) or key not in keys_of(content) or not _can_choose(content, selected):
            return None
        code = self.new_code()
        self.cover(code, card)
        return CardClick(content["task_id"], key, code, selected, content["card_type"])

    def update(self, code: str, users: Collection[str], update: CardUpdate) -> tuple[int, set[str]]:
        """Use a code on the cards of ``users``; return the error code (0: done) and whose cards were updated."""
        known = self._codes.get(code)
        if known is None or self._now() - known.at >= CODE_SECONDS:
            return UNKNOWN_CODE, set()
        if known.used:
            return USED_CODE, set()
        if update.card is not None and (refused := judge_card(dict(update.card))):
            return refused, set()
        known.used = True
        cards = [card for card in known.cards if card.user in users and not card.recalled]
        for card in cards:
            self._replace(card, update)
        return 0, {card.user for card in cards}

    def answer(self, card: Shown, update: CardUpdate) -> int:
        """Update a card by the passive answer to its click; return the error code (0: done)."""
        if update.card is not None:
            # The answer need not name the card: it is the one that was clicked.
            update = CardUpdate(card={"task_id": (card.card or {})["task_id"], **update.card})
            if code := judge_card(dict(update.card or {})):
                return code
        self._replace(card, update)
        return 0

    def _replace(self, card: Shown, update: CardUpdate) -> None:
        replaced = {**(card.card or {}), "replaced": update.replace_name}
        card.card, card.replaced = dict(update.card) if update.card is not None else replaced, True
        self._inbox.touch(card)


def is_grey(card: Body) -> bool:
    """Tell whether the buttons of a card cannot be clicked any more."""
    return bool(card.get("replaced") or card.get("replace_text"))


def keys_of(card: Body) -> set[str]:
    """Return the keys of all buttons of a card."""
    buttons = [*card.get("button_list", []), card.get("submit_button") or {}]
    return {str(button["key"]) for button in buttons if "key" in button}


def _can_choose(card: Body, selected: Mapping[str, str]) -> bool:
    """Whether ``selected`` chooses one of the options of each selector, and nothing else."""
    options = {
        str(selector["question_key"]): {str(option["id"]) for option in selector["option_list"]}
        for selector in card.get("select_list", [])
    }
    return options.keys() == selected.keys() and all(selected[key] in ids for key, ids in options.items())
