"""A canary in everything that the active side handles: it reaches the member it is for, and no log and no figure."""

from __future__ import annotations

import shutil
from pathlib import Path

import aiohttp

from bot.simulator.api_faults import ErrorCode, Hang, HttpStatus
from bot.simulator.inbound import Lifecycle
from tests.active.office import Office, open_office, settings_for
from tests.conftest import RedisServer
from tests.edge.test_secrets import captured_log
from tests.simulator.api_bench import SECRET

USER = "canary.user.735"
WORD = "金丝雀柒叁伍"
REPORT = f"2026年{WORD}工作总结\n增强“四个意思”，{WORD}。\n".encode()


async def act(office: Office) -> None:
    """Have the canary exported, checked, chosen on a card and added to the base."""
    await office.say("开启按钮", USER)
    await office.say("党建工作总结提纲", USER)
    await office.say("加入草稿", USER)
    await office.say(f"加入草稿：{WORD}的一句话。", USER)
    await office.say(f"标题改成{WORD}总结", USER)
    await office.say("导出", USER)
    await office.send_file(f"{WORD}.txt", REPORT, USER)
    await office.say("入库", USER)
    await office.send_file(f"{WORD}.pdf", REPORT, USER)
    await office.post(office.stand_in.compose_card_click(USER, "t", WORD, "code-canary735"))
    await office.post(office.stand_in.compose_lifecycle(Lifecycle.LOW_ACTIVE))


async def test_canary_reaches_its_member_and_nothing_else(
    bundled_base: Path, redis_server: RedisServer, tmp_path: Path
) -> None:
    base = Path(shutil.copytree(bundled_base, tmp_path / "base", symlinks=True))
    with captured_log("json") as log:
        async with open_office(settings_for(base, redis_server, admins=USER)) as office:
            await act(office)
            await office.api.until(lambda: len(office.files(USER)) == 2)
            await office.api.until(lambda: any("已入库" in text for text in office.api.texts(USER)))
            for fault in (HttpStatus(500), ErrorCode(60020, f"{WORD} from ip: 203.0.113.9"), ErrorCode(40058)):
                office.api.faults.plan(fault, times=2)
                await act(office)
            office.api.faults.plan(Hang(), times=None)
            await act(office)
            async with aiohttp.ClientSession() as session, session.get(office.server.make_url("/metrics")) as response:
                figures = await response.text()
            redis_server.kill()
            await act(office)
            tokens = office.api.token
        names = [name for name, _ in office.files(USER)]
    assert f"{WORD}总结.docx" in names
    assert f"{WORD}-校对.docx" in names
    assert log.getvalue().count("\n") > 20
    for canary in (WORD, USER, SECRET, "canary735", tokens):
        assert canary not in log.getvalue()
        assert canary not in figures
