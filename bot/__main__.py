"""The command line: ``bigan`` and ``python -m bot``."""

from __future__ import annotations

import click

from bot.commands.check import check
from bot.commands.doctor import doctor
from bot.commands.knowledge import evaluate, kb, search
from bot.commands.menu import menu
from bot.commands.service import serve
from bot.commands.stats import stats
from bot.commands.talk import ask, chat


@click.group(
    help="笔杆：党建材料助手。提纲、例句、小标题，每一条都有出处。",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="bigan", prog_name="bigan", message="%(prog)s %(version)s")
def main() -> None:
    """Run a subcommand."""


for command in (serve, chat, ask, check, kb, search, evaluate, stats, menu, doctor):
    main.add_command(command)

if __name__ == "__main__":
    main()
