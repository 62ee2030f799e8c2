from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from ..conftest import Echo, Site, serve
from .chat import CHROMIUM, PHONE, bubbles

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def site(echo: Echo) -> AsyncIterator[Site]:
    async with serve(echo) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def page(request: pytest.FixtureRequest, browser: Browser, site: Site, tmp_path: Path) -> AsyncIterator[Page]:
    """The opened page; whatever it did, it must leave no console message, no failed and no foreign request."""
    page = await browser.new_page(viewport=getattr(request, "param", PHONE))
    page.set_default_timeout(10_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda failed: complaints.append(f"failed: {failed.url}"))
    page.on("request", lambda sent: None if sent.url.startswith(site.url + "/") else complaints.append(sent.url))
    await page.goto(f"{site.url}/simulator")
    await expect(bubbles(page)).to_have_count(1)
    yield page
    await page.screenshot(path=tmp_path / "page.png")
    await page.close()
    assert complaints == []
