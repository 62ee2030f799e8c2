"""``bigan stats``: what the bot is used for, and what the library lacks."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from http.client import HTTPConnection, HTTPException

import click

from bot.commands.shared import JSON_OPTION, UserError, open_shelf, print_json, user_errors
from bot.commands.usage_report import UsageReport, Wrong
from bot.operation import create_usage_store
from bot.settings import Settings, load_settings
from bot.stores.protocol import StoreUnavailableError
from bot.usage import CHINA, DAYS_KEPT, Day, last_days
from knowledge.errors import KnowledgeError

ANSWER_SECONDS = 5.0
"""How long a running bot is waited for."""

LONGEST_PASSAGE = 40
"""Characters of a passage that are shown, enough to know it by."""


@click.command(help="看使用情况：每天多少人用、问什么、什么没答出、知识库缺什么。不含消息原文。")
@click.option("--days", type=click.IntRange(1, DAYS_KEPT), default=7, show_default=True, help="最近几天")
@JSON_OPTION
def stats(days: int, as_json: bool) -> None:
    """Show what the bot was used for in the last days."""
    with user_errors():
        settings = load_settings()
        report = asyncio.run(_read_store(settings, days)) if settings.redis_url else _ask_service(settings, days)
        if report.wrong:
            report = replace(report, wrong=_with_texts(settings, report.wrong))
    if as_json:
        print_json(report.to_json())
    else:
        click.echo(report.to_text())


async def _read_store(settings: Settings, days: int) -> UsageReport:
    store = create_usage_store(settings)
    try:
        counted = await store.read(last_days(days, datetime.now(CHINA).date()))
        texts = await store.read_texts() if settings.collect_misses else None
    except StoreUnavailableError as error:
        raise UserError("Redis 连不上，读不到统计。请检查 Redis 和 REDIS_URL。") from error
    finally:
        await store.close()
    return UsageReport.of(counted, texts)


def _ask_service(settings: Settings, days: int) -> UsageReport:
    """Ask the running bot: without Redis the counts are in its memory."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    token = settings.metrics_token
    headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token is not None else {}
    connection = HTTPConnection(host, settings.port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/stats", headers=headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise UserError(f"运行中的笔杆不给统计（{answer.status}）。请核对 METRICS_TOKEN。")
        kept = {day.day: day for day in map(Day.from_json, json.load(answer))}
    except (OSError, HTTPException, ValueError, TypeError, KeyError) as error:
        said = f"没有设置 REDIS_URL，{host}:{settings.port} 上也没有运行中的笔杆，读不到统计。"
        raise UserError(said) from error
    finally:
        connection.close()
    return UsageReport.of([kept.get(day, Day(day, 0, {})) for day in last_days(days, datetime.now(CHINA).date())])


def _with_texts(settings: Settings, wrong: tuple[Wrong, ...]) -> tuple[Wrong, ...]:
    """Add the beginning of each passage, as far as the knowledge base can be opened."""
    try:
        base = open_shelf(settings).open()
    except KnowledgeError:
        return wrong
    with_texts = []
    for entry in wrong:
        passage = base.passage(entry.passage)
        with_texts.append(replace(entry, text=passage.text[:LONGEST_PASSAGE]) if passage is not None else entry)
    base.close()
    return tuple(with_texts)
