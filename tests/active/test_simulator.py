"""The simulator with a stand-in for the API in the same process: files and cards work without any credentials."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.app import create_app
from bot.simulator.api import ApiStandIn
from bot.simulator.stand_in import StandIn
from tests.active.office import CREDENTIALS, dialogue_of, settings_for
from tests.outbox.bench import BRISK
from tests.simulator.api_bench import AGENT, CORP

OWN_SECRET = "drawn-for-this-run"


class Trial:
    """A simulator on a port of its own."""

    def __init__(self, address: str, stand_in: StandIn, api: ApiStandIn) -> None:
        self.address = address
        self.stand_in = stand_in
        self.api = api

    async def say(self, text: str) -> str:
        return (await self.stand_in.post(self.stand_in.compose_text("zhang", text))).reply or ""


@asynccontextmanager
async def trying(base: Path, *, with_api: bool) -> AsyncIterator[Trial]:
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = settings_for(base).model_copy(update={"wecom_secret": SecretStr(OWN_SECRET) if with_api else None})
    stand_in, api = StandIn(CREDENTIALS, f"{address}/wecom/callback"), ApiStandIn(CORP, OWN_SECRET, AGENT)
    app = create_app(
        settings,
        dialogue_of(base),
        CREDENTIALS,
        stand_in,
        api_base=f"{address}/cgi-bin",
        api_stand_in=api if with_api else None,
        pace=BRISK,
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        async with asyncio.timeout(30):
            await web.SockSite(runner, listener).start()
            yield Trial(address, stand_in, api)
    finally:
        await runner.cleanup()


async def test_exported_file_and_card_arrive(bundled_base: Path) -> None:
    async with trying(bundled_base, with_api=True) as trial:
        await trial.say("开启按钮")
        await trial.say("党建工作总结提纲")
        await trial.say("加入草稿")
        assert (await trial.say("导出")).startswith("【导出】")
        await trial.api.until(lambda: {shown.kind for shown in trial.api.shown} == {"file", "template_card"})


@pytest.mark.parametrize("path", ["/cgi-bin/gettoken", "/cgi-bin/menu/get", "/simulator"])
async def test_stand_ins_are_for_this_machine_alone(bundled_base: Path, path: str) -> None:
    async with trying(bundled_base, with_api=True) as trial, aiohttp.ClientSession() as session:
        headers = {"X-Forwarded-For": "203.0.113.9"}
        async with session.get(f"{trial.address}{path}", headers=headers) as response:
            assert response.status == 403
        async with session.get(f"{trial.address}{path}") as response:
            assert response.status == 200


async def test_without_a_stand_in_for_the_api_there_is_none(bundled_base: Path) -> None:
    async with trying(bundled_base, with_api=False) as trial, aiohttp.ClientSession() as session:
        async with session.get(f"{trial.address}/cgi-bin/gettoken") as response:
            assert response.status == 404
        await trial.say("党建工作总结提纲")
        await trial.say("加入草稿")
        assert (await trial.say("导出")).startswith("这里发不了文件")
