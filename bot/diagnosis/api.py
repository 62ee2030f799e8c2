"""The active API: reachable, with the right secret, from a trusted address, and with the app's menu in place."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

import aiohttp

from bot.diagnosis.clock import judge_clock
from bot.diagnosis.finding import Finding, fault, good, notice
from bot.wecom.api_errors import NO_MENU, ApiError, ApiRefusedError, ApiUnreachableError, ContentError
from bot.wecom.client import ApiClient, ApiCredentials
from bot.wecom.menu import MENU, same_menu
from bot.wecom.tokens import MemoryTokens

_NAME = "企业微信接口"
_MENU = "应用菜单"
_WAIT = aiohttp.ClientTimeout(total=10, sock_connect=5)
_OUT = "请检查本机能否访问外网、DNS 和防火墙；接口只在发文件、卡片和菜单时需要，问答不受影响"


async def check_api(credentials: ApiCredentials, base: str, now: Callable[[], float] = time.time) -> list[Finding]:
    """Fetch a token and read the menu, which shows at once whether secret, app and address are accepted."""
    try:
        async with ApiClient(credentials, MemoryTokens(), base=base) as client:
            menu = await client.get_menu()
    except ApiRefusedError as error:
        return [*await _check_time(base, now), *_judge_refusal(error)]
    except ApiUnreachableError as error:
        return [fault(_NAME, f"没有可用的答复（{error.reason}）", _OUT)]
    except ContentError as error:
        return [fault(_NAME, str(error), "请核对接口地址")]
    except ApiError as error:
        return [fault(_NAME, str(error), _OUT)]
    return [*await _check_time(base, now), good(_NAME, "Secret、AgentId 和可信IP都通过"), *_judge_menu(menu)]


def check_menu_bytes() -> list[Finding]:
    """Look at the menu as it is declared."""
    problems = MENU.problems()
    if problems:
        return [fault(_MENU, "自带的菜单不合要求", "；".join(problems))]
    return []


def _judge_refusal(error: ApiRefusedError) -> list[Finding]:
    if error.code == NO_MENU:
        passed = good(_NAME, "Secret、AgentId 和可信IP都通过")
        return [passed, notice(_MENU, "应用还没有菜单", "运行 bigan menu push")]
    policy = error.policy
    seen = f"，企业微信看到的出口 IP 是 {error.address}" if error.address else ""
    return [fault(_NAME, f"{policy.meaning}（{error.code}{seen}）", policy.advice or "请按错误码查明原因")]


def _judge_menu(menu: dict[str, object]) -> list[Finding]:
    if same_menu(menu, MENU.to_json()):
        return [good(_MENU, "与自带的一致")]
    return [notice(_MENU, "与自带的不同", "要换成自带的，运行 bigan menu push；是有意改的就不用管")]


async def _check_time(base: str, now: Callable[[], float]) -> list[Finding]:
    """Compare our clock with WeChat Work's; the request holds no credentials."""
    try:
        async with (
            aiohttp.ClientSession(timeout=_WAIT) as session,
            session.get(f"{base.rstrip('/')}/gettoken", allow_redirects=False) as response,
        ):
            at = parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (aiohttp.ClientError, OSError, KeyError, ValueError):
        return []
    return [judge_clock("企业微信", at - now())]
