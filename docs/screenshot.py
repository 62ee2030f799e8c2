"""Make ``docs/simulator.png``: the simulator page after a short conversation that ends with a file, the menu open, in headless Chromium.

Run it from the repository's root with the development environment: ``.venv/bin/python docs/screenshot.py``.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
from pathlib import Path

from aiohttp import web
from playwright.async_api import Page, async_playwright
from pydantic import SecretStr

from bot.app import create_app
from bot.commands.service import trial_credentials
from bot.opening import LiveDialogue, Shelf
from bot.settings import Settings
from bot.simulator.api import ApiStandIn
from bot.simulator.stand_in import StandIn

QUESTIONS = ("党建工作总结提纲", "加入草稿", "导出")
MENU = "帮助"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip


def make_app(address: str) -> web.Application:
    """Return the service with its stand-ins, as ``bigan serve --simulator`` makes it."""
    credentials, secret = trial_credentials(), "a secret for one picture"
    agent = credentials.agent_id or "0"
    settings = Settings()
    api = {"wecom_corp_id": credentials.corp_id, "wecom_agent_id": agent, "wecom_secret": SecretStr(secret)}
    return create_app(
        settings.model_copy(update=api),
        LiveDialogue(Shelf(settings)),
        credentials,
        StandIn(credentials, f"{address}/wecom/callback"),
        api_base=f"{address}/cgi-bin",
        api_stand_in=ApiStandIn(credentials.corp_id, secret, int(agent)),
    )


async def talk(page: Page) -> None:
    """Ask, wait for each answer, for the file at the end, and open the menu."""
    for question in QUESTIONS:
        count = await page.locator(".turn.theirs").count()
        await page.get_by_role("textbox").fill(question)
        await page.keyboard.press("Enter")
        await page.locator(".turn.theirs").nth(count).wait_for()
        await page.locator("#typing").wait_for(state="hidden")
    await page.locator(".turn.theirs a.file").wait_for()
    await page.get_by_role("button", name=MENU, exact=True).click()


async def main(target: Path) -> None:
    """Start the service with its simulator on a free port, talk, and save the picture."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    runner = web.AppRunner(make_app(address))
    await runner.setup()
    await web.SockSite(runner, listener).start()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        page = await browser.new_page(viewport={"width": 460, "height": 1230}, device_scale_factor=1)
        await page.goto(f"{address}/simulator")
        await page.get_by_text("现有语料").wait_for()
        await talk(page)
        await page.screenshot(path=target)
        await browser.close()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "simulator.png"))
