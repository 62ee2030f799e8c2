"""What the READMEs say is what the program does."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.rendering import render
from bot.settings import settings_table
from handlers.dialogue import Message, Session
from handlers.routing import Dialogue

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")


@pytest.mark.parametrize("name", READMES)
def test_settings_table_is_complete_and_true(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    table = text.partition("<!-- settings -->\n")[2].partition("<!-- /settings -->")[0]
    rows = [
        f"| `{setting}` | {f'`{default}`' if default else ''} | {meaning} |"
        for setting, default, meaning in settings_table()
    ]
    assert table.splitlines()[2:] == rows


@pytest.mark.parametrize("name", READMES)
def test_dialogue_is_copied_from_a_real_run(name: str, dialogue: Dialogue) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    quoted = [
        line.removeprefix(">").strip().removesuffix("<br>").replace("\\.", ".")
        for line in text.splitlines()
        if line[:1] == ">"
    ]
    now = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    shown = ""
    for line in filter(None, quoted):
        if asked := re.fullmatch(r"\*\*(.+)\*\*", line):
            turn = dialogue.respond(Message("test", "u", asked[1], now), Session())
            assert turn.reply is not None
            shown = render(turn.reply)[0]
        elif line != "…":
            assert line.strip("　") in shown, line


@pytest.mark.parametrize("name", READMES)
def test_both_commands_and_the_picture_are_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "\nmake run\n" in text
    assert "\nmake test\n" in text
    assert (ROOT / "docs" / "simulator.png").stat().st_size > 20_000
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"`make ([a-z]+)`", text)) <= set(targets)


@pytest.mark.parametrize("name", [*READMES, "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)|src=\"([^\":]+)\"", text):
        assert (ROOT / (target[0] or target[1])).exists(), target
