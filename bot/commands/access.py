"""Access to the active API for commands, with clear errors where it is not configured or refuses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from bot.active import find_credentials
from bot.commands.shared import UserError
from bot.settings import Settings
from bot.wecom.api_errors import ApiError
from bot.wecom.client import ApiClient
from bot.wecom.tokens import MemoryTokens
from bot.wecom.wire import API_BASE

T = TypeVar("T")

API_BASE_OPTION = click.option("--api-base", metavar="URL", help="企业微信接口的地址，一般不用改")


def api_base(settings: Settings, given: str | None) -> str:
    """Return the address of the API: the one given on the command line, that of the settings, or WeChat Work's."""
    return given or settings.wecom_api_base or API_BASE


async def with_client(settings: Settings, base: str | None, act: Callable[[ApiClient], Awaitable[T]]) -> T:
    """Return what ``act`` does with a client. Raises :class:`UserError` that says what is missing or refused."""
    credentials = find_credentials(settings)
    if credentials is None:
        names = ("WECOM_CORP_ID", "WECOM_AGENT_ID", "WECOM_SECRET")
        missing = [name for name in names if getattr(settings, name.lower()) is None]
        raise UserError(f"这个命令要调用企业微信接口，请先设置：{'、'.join(missing)}")
    try:
        async with ApiClient(credentials, MemoryTokens(), base=api_base(settings, base)) as client:
            return await act(client)
    except ApiError as error:
        raise UserError(str(error)) from error
