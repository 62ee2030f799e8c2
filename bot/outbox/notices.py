"""What a member reads when something could not be sent to him."""

from __future__ import annotations

from bot.outbox.protocol import Attachment, Parcel
from bot.wecom.cards import ButtonCard, Card, CardButton, CardOption, CardSelector, ChoiceCard, name_card
from handlers.reply import Buttons

_FILE_NOT_SENT = (
    "文件“{name}”没有发成。请再发一次“导出”；先看文字请发“看看草稿”。若还是不行，请把编号 {reference} 告诉管理员。"
)
_COPY_NOT_SENT = "校对稿“{name}”没有发成，请把文件再发一次。若还是不行，请把编号 {reference} 告诉管理员。"
_SUBMIT = "就要这个"
_LONGEST_NAME = 60
"""Characters of a file's name in a sentence."""


def file_parcel(id_: str, user: str, file: Attachment) -> Parcel:
    """Return the parcel of an exported draft, with the sentence that stands in for it."""
    return Parcel(id_, user, _FILE_NOT_SENT.format(name=_shortened(file.name), reference=id_[:6]), file)


def checked_parcel(id_: str, user: str, file: Attachment) -> Parcel:
    """Return the parcel of a checked document, with the sentence that stands in for it."""
    return Parcel(id_, user, _COPY_NOT_SENT.format(name=_shortened(file.name), reference=id_[:6]), file)


def card_parcel(id_: str, user: str, buttons: Buttons) -> Parcel:
    """Return the parcel of a card beside an answer. Raises ``ContentError`` for one that WeChat Work would not take."""
    return Parcel(
        f"{id_}-c", user, " · ".join(buttons.options), card=_card(name_card(id_, buttons.mark), buttons), extra=True
    )


def _card(task: str, buttons: Buttons) -> Card:
    if not buttons.question:
        return ButtonCard(task, buttons.title, tuple(CardButton(option, option) for option in buttons.options))
    options = tuple(CardOption(option, option) for option in buttons.options)
    selector = CardSelector("choice", buttons.question, options)
    return ChoiceCard(task, buttons.title, (selector,), CardButton(_SUBMIT, buttons.options[0]))


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}……"


def with_notes(notes: tuple[str, ...], page: str, limit_bytes: int) -> tuple[str, int]:
    """Return a page with as many notes before it as fit into ``limit_bytes``, and how many those are."""
    shown: list[str] = []
    for note in notes:
        if len("\n\n".join((*shown, note, page)).encode()) > limit_bytes:
            break
        shown.append(note)
    return "\n\n".join((*shown, page)), len(shown)
