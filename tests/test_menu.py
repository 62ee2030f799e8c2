"""The app's menu: within the documented bytes, understood by the dialogue, pushed by a command."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from bot.commands.menu import menu
from bot.rendering import render
from bot.simulator.api_faults import ErrorCode, HttpStatus
from bot.wecom.menu import BUTTON_BYTES, ENTRY_BYTES, KEY_BYTES, MENU, Menu, MenuButton, MenuEntry, outline, same_menu
from handlers import texts
from handlers.dialogue import Message, MessageKind, Session
from handlers.routing import Dialogue
from tests.simulator.api_bench import AGENT, CORP, SECRET
from tests.wecom.api_client import Site, api_site

KEYS = [entry.key for button in MENU.buttons for entry in button.entries]
ENTRY = MenuEntry("提纲", "提纲")

Run = Callable[..., Awaitable[Result]]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with api_site() as site:
        yield site


@pytest.fixture
def run(site: Site, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``bigan menu …`` against the stand-in, with the settings of an app."""
    for name in list(os.environ):
        if name.startswith(("WECOM_", "REDIS_")):
            monkeypatch.delenv(name)
    for name, value in {"WECOM_CORP_ID": CORP, "WECOM_AGENT_ID": str(AGENT), "WECOM_SECRET": SECRET}.items():
        monkeypatch.setenv(name, value)

    async def run_menu(*arguments: str) -> Result:
        command = [*arguments, "--api-base", site.base]
        return await asyncio.to_thread(CliRunner().invoke, menu, command)

    return run_menu


def test_menu_is_within_the_documented_limits() -> None:
    assert MENU.problems() == ()
    assert 1 <= len(MENU.buttons) <= 3
    for button in MENU.buttons:
        assert len(button.name.encode()) <= BUTTON_BYTES
        assert 1 <= len(button.entries) <= 5
        for entry in button.entries:
            assert len(entry.name.encode()) <= ENTRY_BYTES
            assert len(entry.key.encode()) <= KEY_BYTES


@pytest.mark.parametrize(
    ("menu", "problem"),
    [
        (Menu(()), "按钮应为1至3个，现为0个"),
        (Menu((MenuButton("一", (ENTRY,)),) * 4), "按钮应为1至3个，现为4个"),
        (Menu((MenuButton("六个字的名称", (ENTRY,)),)), "“六个字的名称”有18字节，最多16字节（5个汉字）"),
        (Menu((MenuButton("一", (ENTRY,) * 6),)), "“一”下的子菜单应为1至5个，现为6个"),
        (Menu((MenuButton("一", (MenuEntry("名" * 14, "键"),)),)), "有42字节，最多40字节"),
        (Menu((MenuButton("一", (MenuEntry("名", "键" * 43),)),)), "有129字节，最多128字节"),
        (Menu((MenuButton("一", (MenuEntry("", "键"),)),)), "空的"),
        (Menu((MenuButton("一", (MenuEntry("名", ""),)),)), "空的"),
    ],
)
def test_menu_beyond_a_limit_names_it(menu: Menu, problem: str) -> None:
    assert problem in "；".join(menu.problems())


@pytest.mark.parametrize("key", KEYS)
def test_click_is_understood_as_the_message_it_stands_for(dialogue: Dialogue, key: str) -> None:
    sent_at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    clicked, typed = (
        dialogue.respond(Message("test", "u", key, sent_at, kind), Session())
        for kind in (MessageKind.CLICK, MessageKind.TEXT)
    )
    assert clicked == typed
    assert clicked.understanding.confidence > 0.9
    assert clicked.reply is not None
    shown = "\n".join(render(clicked.reply))
    assert texts.NOT_UNDERSTOOD not in shown
    assert "库内没有" not in shown


def test_keys_are_unlike_each_other() -> None:
    assert len(set(KEYS)) == len(KEYS)


async def test_menu_is_pushed_shown_and_deleted(site: Site, run: Run) -> None:
    assert "还没有菜单" in (await run("show")).output
    pushed = await run("push")
    assert (pushed.exit_code, site.api.menu) == (0, MENU.to_json())
    assert "3个按钮" in pushed.output
    shown = await run("show")
    assert "找材料\n　提纲（发送“提纲”）" in shown.output
    assert "与自带的菜单一致" in shown.output
    as_json = json.loads((await run("show", "--json")).output)
    assert as_json == {"menu": MENU.to_json(), "up_to_date": True}
    deleted = await run("delete", "--yes")
    assert (deleted.exit_code, site.api.menu) == (0, None)


async def test_deleting_asks_first(site: Site, run: Run) -> None:
    await run("push")
    assert (await run("delete")).exit_code == 1
    assert site.api.menu is not None


async def test_another_menu_is_told_from_ours(site: Site, run: Run) -> None:
    other = Menu((MenuButton("一", (ENTRY,)),)).to_json()
    site.api.menu = other
    assert "与自带的菜单不同" in (await run("show")).output
    assert json.loads((await run("show", "--json")).output)["up_to_date"] is False


def test_fields_that_the_api_adds_make_no_difference() -> None:
    found = MENU.to_json()
    for button in found["button"]:
        button["type"] = ""
        for entry in button["sub_button"]:
            entry["sub_button"] = []
    assert same_menu(found, MENU.to_json())
    assert outline({"button": [{"name": "一", "type": "view", "url": "https://…"}]}) == [("一", [])]


@pytest.mark.parametrize(("fault", "words"), [(ErrorCode(60020), "企业可信IP"), (HttpStatus(503), "HTTP 503")])
async def test_refusal_is_one_line_with_what_to_do(
    site: Site, run: Run, fault: ErrorCode | HttpStatus, words: str
) -> None:
    site.api.faults.plan(fault, "menu/create")
    result = await run("push")
    assert result.exit_code == 2
    assert words in result.output
    assert SECRET not in result.output
    assert "Traceback" not in result.output


async def test_missing_settings_are_named_together(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WECOM_SECRET")
    monkeypatch.delenv("WECOM_AGENT_ID")
    result = await run("push")
    assert result.exit_code == 2
    assert "WECOM_AGENT_ID、WECOM_SECRET" in result.output
    monkeypatch.setenv("WECOM_AGENT_ID", "not a number")
    assert "WECOM_AGENT_ID：应为" in (await run("push")).output
