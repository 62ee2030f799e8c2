from __future__ import annotations

from collections.abc import AsyncIterator, Callable

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


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="package")
async def site(echo: Echo) -> AsyncIterator[Site]:
    async with serve(echo) as site:
        yield site


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def tab(browser: Browser) -> AsyncIterator[Page]:
    """A tab that one test after another uses: opening one takes longer than most of them."""
    tab = await browser.new_page()
    tab.set_default_timeout(10_000)
    yield tab
    await tab.close()


@pytest_asyncio.fixture(loop_scope="package")
async def page(request: pytest.FixtureRequest, tab: Page, site: Site) -> AsyncIterator[Page]:
    """The opened page; whatever it did, it must leave no console message, no failed and no foreign request."""
    complaints: list[str] = []
    hearers: dict[str, Callable[..., None]] = {
        "console": lambda message: complaints.append(message.text),
        "pageerror": lambda error: complaints.append(str(error)),
        "requestfailed": lambda failed: complaints.append(f"failed: {failed.url}"),
        "request": lambda sent: None if sent.url.startswith(site.url + "/") else complaints.append(sent.url),
    }
    await tab.set_viewport_size(getattr(request, "param", PHONE))
    for name, hear in hearers.items():
        tab.on(name, hear)  # type: ignore[call-overload]  # one overload for each name
    await tab.goto(f"{site.url}/simulator")
    await expect(bubbles(tab)).to_have_count(1)
    yield tab
    for name, hear in hearers.items():
        tab.remove_listener(name, hear)
    # A request that waits for news ends with the page, and is no failure.
    await tab.goto("about:blank")
    assert complaints == []
