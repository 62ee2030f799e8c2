"""The command line as a whole: what it offers, and that asking for little loads little."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from bot.__main__ import COMMANDS, main

CONTEXT = click.Context(main)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_subcommand_is_where_the_overview_says(name: str) -> None:
    command = main.get_command(CONTEXT, name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(limit=500).startswith(COMMANDS[name][1].partition("；")[0].rstrip("。")[:8])


def test_there_is_nothing_under_another_name() -> None:
    assert main.get_command(CONTEXT, "shared") is None
    assert main.list_commands(CONTEXT) == list(COMMANDS)


def test_overview_loads_no_subcommand() -> None:
    script = "import sys; from bot.__main__ import main; main(['--help'], standalone_mode=False); print(len([m for m in sys.modules if m.startswith(('handlers', 'knowledge', 'bot.commands'))]))"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=True)
    *overview, loaded = told.stdout.splitlines()
    assert int(loaded) == 0
    for name, (_, text) in COMMANDS.items():
        assert any(name in line and text[:6] in line for line in overview)
