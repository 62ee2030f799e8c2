"""``bigan menu``: push the app's menu to WeChat Work, look at the one that is there, remove it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click

from bot.commands.access import API_BASE_OPTION, with_client
from bot.commands.shared import JSON_OPTION, UserError, print_json, user_errors
from bot.settings import load_settings
from bot.wecom.api_errors import NO_MENU, ApiRefusedError
from bot.wecom.client import ApiClient
from bot.wecom.menu import MENU, outline, same_menu

T = TypeVar("T")


@click.group(help="应用菜单：推送、查看、删除（要设置 WECOM_SECRET 和 WECOM_AGENT_ID）。")
def menu() -> None:
    """Run a subcommand."""


@menu.command(help="把自带的菜单推送到应用。")
@API_BASE_OPTION
def push(api_base: str | None) -> None:
    """Set the menu."""
    problems = MENU.problems()
    if problems:
        raise UserError("菜单不合要求：" + "；".join(problems))
    _run(api_base, lambda client: client.create_menu(MENU))
    entries = sum(len(button.entries) for button in MENU.buttons)
    click.echo(f"已推送菜单：{len(MENU.buttons)}个按钮，{entries}项。成员退出应用再进来就能看到。")


@menu.command(help="看应用现在的菜单，并与自带的比较。")
@API_BASE_OPTION
@JSON_OPTION
def show(api_base: str | None, as_json: bool) -> None:
    """Show the menu that members see now."""
    found = _run(api_base, _get_menu)
    same = found is not None and same_menu(found, MENU.to_json())
    if as_json:
        print_json({"menu": found, "up_to_date": same})
    elif found is None:
        click.echo("应用还没有菜单。推送：bigan menu push")
    else:
        click.echo("\n".join(_lines(found)))
        click.echo("与自带的菜单一致。" if same else "与自带的菜单不同。换成自带的：bigan menu push")


@menu.command(help="删除应用的菜单。")
@click.confirmation_option("--yes", prompt="删除应用的菜单？")
@API_BASE_OPTION
def delete(api_base: str | None) -> None:
    """Remove the menu."""
    _run(api_base, lambda client: client.delete_menu())
    click.echo("已删除菜单。")


async def _get_menu(client: ApiClient) -> dict[str, Any] | None:
    try:
        return await client.get_menu()
    except ApiRefusedError as error:
        if error.code == NO_MENU:
            return None
        raise


def _run(api_base: str | None, act: Callable[[ApiClient], Awaitable[T]]) -> T:
    with user_errors():
        settings = load_settings()
    return asyncio.run(with_client(settings, api_base, act))


def _lines(menu: dict[str, Any]) -> list[str]:
    lines = []
    for name, entries in outline(menu):
        lines.append(name)
        lines += [f"　{entry}（发送“{key}”）" for entry, key in entries]
    return lines
