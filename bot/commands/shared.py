"""What the subcommands share: settings and knowledge base with clear errors, JSON and progress output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

import click

from bot.opening import Shelf
from bot.settings import Settings, SettingsError, load_settings
from handlers.grammar import GrammarError
from knowledge.errors import KnowledgeError
from knowledge.tables import TableError

JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="输出 JSON，供程序读取")


class UserError(click.ClickException):
    """A user's mistake or a fault of the surroundings: one clear line on standard error, exit code 2."""

    exit_code = 2

    def show(self, file: IO[str] | None = None) -> None:
        """Print the message alone."""
        click.echo(self.format_message(), file=file or sys.stderr)


@contextmanager
def user_errors() -> Iterator[None]:
    """Turn the program's own errors into a clear message; anything else is a defect and keeps its traceback."""
    try:
        yield
    except (SettingsError, KnowledgeError, TableError, GrammarError) as error:
        raise UserError(str(error)) from error


def open_shelf(settings: Settings | None = None) -> Shelf:
    """Return the shelf of the settings; what is built on the way is told on standard error."""
    return Shelf(settings or load_settings(), lambda line: click.echo(line, err=True))


def print_json(value: object) -> None:
    """Print one JSON value on one line, in UTF-8, not escaped."""
    click.echo(json.dumps(value, ensure_ascii=False))


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int, str], None]]:
    """Give a callback that draws a progress bar on a terminal; elsewhere it is silent."""
    if not sys.stderr.isatty():
        yield lambda number, count, name: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr, show_pos=True) as bar:

        def advance(number: int, count: int, name: str) -> None:
            bar.length = count
            bar.update(number - bar.pos)

        yield advance
