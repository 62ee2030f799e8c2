"""Make ``docs/simulator.png``: the simulator page after two real questions, in headless Chromium.

Run it from the repository's root with the development environment: ``.venv/bin/python docs/screenshot.py``.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
from pathlib import Path

from aiohttp import web
from playwright.async_api import async_playwright

from bot.app import create_app
from bot.commands.service import trial_credentials
from bot.opening import LiveDialogue, Shelf
from bot.settings import Settings
from bot.simulator.stand_in import StandIn

QUESTIONS = ("党建工作总结提纲", "意识形态怎么写")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip


async def main(target: Path) -> None:
    """Start the service with its simulator on a free port, ask, and save the picture."""
    settings = Settings()
    credentials = trial_credentials()
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    stand_in = StandIn(credentials, f"{address}/wecom/callback")
    runner = web.AppRunner(create_app(settings, LiveDialogue(Shelf(settings)), credentials, stand_in))
    await runner.setup()
    await web.SockSite(runner, listener).start()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        page = await browser.new_page(viewport={"width": 460, "height": 1100}, device_scale_factor=1)
        await page.goto(f"{address}/simulator")
        await page.get_by_text("现有语料").wait_for()
        for question in QUESTIONS:
            await page.get_by_role("textbox").fill(question)
            await page.keyboard.press("Enter")
            await page.get_by_text("回复：").last.wait_for()
            await page.wait_for_load_state("networkidle")
        await page.screenshot(path=target)
        await browser.close()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "simulator.png"))
