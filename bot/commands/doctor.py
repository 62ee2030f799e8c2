"""``bigan doctor``: find the usual faults of a deployment and say what to do."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import click

from bot.active import find_credentials
from bot.commands.access import API_BASE_OPTION
from bot.commands.access import api_base as find_base
from bot.commands.shared import JSON_OPTION, print_json
from bot.diagnosis.api import check_api, check_menu_bytes
from bot.diagnosis.callback import check_callback
from bot.diagnosis.configuration import check_configuration, describe_slips
from bot.diagnosis.finding import Finding, State, fault, skipped
from bot.diagnosis.knowledge import check_knowledge
from bot.diagnosis.redis import check_redis
from bot.errors import CredentialsError
from bot.settings import Settings, SettingsError, load_settings
from bot.wecom.crypto import Credentials

CALLBACK_PATH = "/wecom/callback"


@click.command(help="检查部署：设置、回调、Redis、知识库、企业微信接口，并说明怎么改。")
@click.option("--url", metavar="URL", help="正在运行的回调地址，例如 https://域名/wecom/callback")
@API_BASE_OPTION
@JSON_OPTION
@click.pass_context
def doctor(context: click.Context, url: str | None, api_base: str | None, as_json: bool) -> None:
    """Check everything and print one line for each; exit with 1 when something keeps the service from working."""
    findings = diagnose(url, api_base)
    sound = all(finding.state is not State.FAULT for finding in findings)
    if as_json:
        print_json({"ok": sound, "findings": [finding.to_json() for finding in findings]})
    else:
        click.echo(describe(findings))
    context.exit(0 if sound else 1)


def diagnose(url: str | None, api_base: str | None) -> list[Finding]:
    """Return what is found, in the order in which it is best put right."""
    try:
        settings = load_settings()
    except SettingsError as error:
        return [*describe_slips(error), skipped("其余检查", "先改好上面的设置，再运行一次")]
    return [*check_configuration(settings), *check_knowledge(settings), *asyncio.run(_ask(settings, url, api_base))]


def describe(findings: list[Finding]) -> str:
    """Return the report for people."""
    lines = []
    for finding in findings:
        lines.append(f"[{finding.state.word}] {finding.check}：{finding.message}")
        if finding.advice:
            lines.append(f"       → {finding.advice}")
    counts = (f"{sum(finding.state is state for finding in findings)}项{state.word}" for state in State)
    return "\n".join((*lines, f"共{len(findings)}项：{'，'.join(counts)}"))


async def _ask(settings: Settings, url: str | None, api_base: str | None) -> list[Finding]:
    """Return what those say who have to be asked."""
    return [
        *await _ask_redis(settings),
        *await _ask_callback(settings, url),
        *check_menu_bytes(),
        *await _ask_api(settings, api_base),
    ]


async def _ask_redis(settings: Settings) -> list[Finding]:
    return [] if settings.redis_url is None else await check_redis(settings.redis_url.get_secret_value())


async def _ask_callback(settings: Settings, url: str | None) -> list[Finding]:
    if url is None:
        advice = f"加上 --url https://域名{CALLBACK_PATH}，会像管理后台保存时那样验证一次"
        return [skipped("回调地址", "没有给出地址", advice)]
    try:
        wecom = settings.require_wecom()
    except SettingsError:
        return [skipped("回调地址", "要先有 CorpID、Token 和 EncodingAESKey")]
    token, key = wecom.token.get_secret_value(), wecom.aes_key.get_secret_value()
    address = url if urlsplit(url).path.strip("/") else url.rstrip("/") + CALLBACK_PATH
    try:
        credentials = Credentials(wecom.corp_id, token, key, wecom.agent_id)
    except CredentialsError as error:
        return [fault("回调设置", str(error), "改好后再运行一次")]
    return await check_callback(credentials, address)


async def _ask_api(settings: Settings, api_base: str | None) -> list[Finding]:
    name = "企业微信接口"
    if settings.wecom_secret is None:
        return [skipped(name, "没有设置 WECOM_SECRET：发不了文件、卡片和菜单，问答不受影响")]
    credentials = find_credentials(settings)
    if credentials is None:
        return [fault(name, "有 WECOM_SECRET，但缺 WECOM_CORP_ID 或 WECOM_AGENT_ID", "请在应用详情页查到后设置")]
    return await check_api(credentials, find_base(settings, api_base))
