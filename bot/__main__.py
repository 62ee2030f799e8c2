"""The command line: ``bigan`` and ``python -m bot``."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("service", "启动回调服务；--simulator 同时启动本机模拟器页面。"),
    "chat": ("talk", "在终端里对话。"),
    "ask": ("talk", "问一句，不带上下文。"),
    "check": ("check", "校对文件：txt、docx、md、html、pdf；- 表示标准输入。"),
    "kb": ("knowledge", "建库、查库。"),
    "search": ("knowledge", "只查例句，不经对话。"),
    "evaluate": ("knowledge", "用一套评测集衡量检索：corpus.jsonl、queries.jsonl、qrels.tsv。"),
    "stats": ("stats", "看使用情况：每天多少人用、问什么、什么没答出、知识库缺什么。不含消息原文。"),
    "menu": ("menu", "应用菜单：推送、查看、删除。"),
    "doctor": ("doctor", "检查部署：设置、回调、Redis、知识库、企业微信接口，并说明怎么改。"),
}
"""The module below ``bot.commands`` that holds each subcommand, under its own name, and what the overview says of it."""


class LazyGroup(click.Group):
    """Imports a subcommand when it is asked for: all of them together take two seconds, most of them alone one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they are told."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a subcommand; ``None``: there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        found = getattr(import_module(f"bot.commands.{COMMANDS[cmd_name][0]}"), cmd_name)
        if not isinstance(found, click.Command):
            raise TypeError(cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    help="笔杆：党建材料助手。提纲、例句、小标题，每一条都有出处。",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="bigan", prog_name="bigan", message="%(prog)s %(version)s")
def main() -> None:
    """Run a subcommand."""


if __name__ == "__main__":
    main()
