"""What a member reads when something could not be sent to him."""

from __future__ import annotations

from bot.outbox.protocol import Attachment, Parcel

_FILE_NOT_SENT = (
    "文件“{name}”没有发成。请再发一次“导出”；先看文字请发“看看草稿”。若还是不行，请把编号 {reference} 告诉管理员。"
)
_LONGEST_NAME = 60
"""Characters of a file's name in a sentence."""


def file_parcel(id_: str, user: str, file: Attachment) -> Parcel:
    """Return the parcel of an exported draft, with the sentence that stands in for it."""
    name = file.name if len(file.name) <= _LONGEST_NAME else f"{file.name[:_LONGEST_NAME]}……"
    return Parcel(id_, user, _FILE_NOT_SENT.format(name=name, reference=id_[:6]), file)


def with_notes(notes: tuple[str, ...], page: str, limit_bytes: int) -> tuple[str, int]:
    """Return a page with as many notes before it as fit into ``limit_bytes``, and how many those are."""
    shown: list[str] = []
    for note in notes:
        if len("\n\n".join((*shown, note, page)).encode()) > limit_bytes:
            break
        shown.append(note)
    return "\n\n".join((*shown, page)), len(shown)
