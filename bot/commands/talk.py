"""``bigan ask`` and ``bigan chat``: talk to the bot without WeChat Work."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TextIO

import click

from bot.app import create_store
from bot.commands.shared import JSON_OPTION, UserError, open_shelf, print_json, user_errors
from bot.conversation import Answer, Conversation
from bot.office.manuscript import write_manuscript
from bot.office.naming import file_name
from bot.opening import LiveDialogue
from bot.settings import Settings, load_settings
from bot.stores.memory_store import MemoryStore
from handlers.dialogue import Message, MessageKind
from handlers.manuscript import Manuscript

_CHANNEL = "terminal"
_LEAVE = {"再见", "退出", "exit", "quit", "bye"}


@click.command(help="问一句，不带上下文。")
@click.argument("text")
@JSON_OPTION
def ask(text: str, as_json: bool) -> None:
    """Answer one message without history."""
    with user_errors():
        settings = load_settings()
        answer = asyncio.run(_ask(settings, text))
    if as_json:
        print_json(answer.to_json())
    else:
        click.echo("\n\n".join(answer.pages))


@click.command(help='在终端里对话；--jsonl 从标准输入逐行读 {"user": …, "text": …}。')
@click.option("--jsonl", is_flag=True, help="逐行读写 JSON，供程序使用")
def chat(jsonl: bool) -> None:
    """Talk in a terminal, or line by line with a program."""
    with user_errors():
        settings = load_settings()
        asyncio.run(_chat_lines(settings, sys.stdin) if jsonl else _chat_terminal(settings))


async def _ask(settings: Settings, text: str) -> Answer:
    dialogue = LiveDialogue(open_shelf(settings))
    # Without history, whatever the settings say: nothing is read and nothing is left behind.
    conversation = Conversation(MemoryStore(), dialogue.respond, salt=settings.hash_salt)
    return await conversation.converse(_message("ask", text))


async def _chat_lines(settings: Settings, lines: TextIO) -> None:
    dialogue = LiveDialogue(open_shelf(settings))
    store = create_store(settings)
    conversation = Conversation(store, dialogue.respond, salt=settings.hash_salt)
    try:
        for number, line in enumerate(lines, 1):
            if line.strip():
                user, text = _read_line(number, line)
                print_json((await conversation.converse(_message(user, text))).to_json())
                sys.stdout.flush()
    finally:
        await store.close()


async def _chat_terminal(settings: Settings) -> None:
    dialogue = LiveDialogue(open_shelf(settings))
    store = create_store(settings)
    conversation = Conversation(store, dialogue.respond, salt=settings.hash_salt)
    welcome = await conversation.converse(_message("me", "", MessageKind.SUBSCRIBE, takes_files=True))
    click.secho("\n".join(welcome.pages), fg="green" if sys.stdout.isatty() else None)
    try:
        for text in _typed():
            answer = await conversation.converse(_message("me", text, takes_files=True))
            if answer.pages:
                click.secho(answer.pages[answer.page], fg="green" if sys.stdout.isatty() else None)
            if answer.turn.reply is not None and answer.turn.reply.document is not None:
                click.echo(_save(answer.turn.reply.document, Path.cwd()))
    finally:
        await store.close()


def _typed() -> Iterator[str]:
    """Yield what the user types, with line editing and history on a terminal, until 再见 or the end of input."""
    with suppress(ImportError):
        import readline  # noqa: F401, PLC0415 - loading it gives input() line editing
    prompt = "\n您：" if sys.stdin.isatty() else ""
    while True:
        try:
            text = input(prompt)
        except (EOFError, KeyboardInterrupt):
            return
        if text.strip().lower() in _LEAVE:
            return
        yield text


def _read_line(number: int, line: str) -> tuple[str, str]:
    try:
        entry = json.loads(line)
        user, text = entry["user"], entry["text"]
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(f'第{number}行应为 {{"user": "…", "text": "…"}}') from error
    if not isinstance(user, str) or not isinstance(text, str):
        raise UserError(f"第{number}行的 user 和 text 应为文字")
    return user, text


def _save(document: Manuscript, folder: Path) -> str:
    """Write an exported draft into ``folder`` beside what is there, and say where; a folder that takes no file is named."""
    name = Path(file_name(document))
    free = (name if n == 1 else name.with_stem(f"{name.stem}（{n}）") for n in count(1))
    path = next(folder / candidate for candidate in free if not (folder / candidate).exists())
    try:
        path.write_bytes(write_manuscript(document))
    except OSError as error:
        return f"文件没有写成：{path}（{error.strerror}）。换一个能写的目录再导出。"
    return f"文件已写到：{path}"


def _message(user: str, text: str, kind: MessageKind = MessageKind.TEXT, *, takes_files: bool = False) -> Message:
    return Message(_CHANNEL, user, text, datetime.now().astimezone(), kind, takes_files=takes_files)
