"""What the page tests share: where and at which sizes they run, and how to find things on the page."""

from __future__ import annotations

import shutil

import pytest
from playwright.async_api import Locator, Page, ViewportSize

CHROMIUM = shutil.which("chromium")
PHONE = ViewportSize(width=390, height=844)
DESKTOP = ViewportSize(width=1280, height=900)
both_sizes = pytest.mark.parametrize("page", [PHONE, DESKTOP], ids=["phone", "desktop"], indirect=True)

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="the page tests need chromium on the PATH")
one_loop = pytest.mark.asyncio(loop_scope="package")
"""One browser serves all of them, so they run in one event loop."""


def bubbles(page: Page, whose: str = "") -> Locator:
    return page.locator(f"[role=log]:not([hidden]) .turn{whose} .said")


def notes(page: Page) -> Locator:
    return page.locator("[role=log]:not([hidden]) .note:not(.time)")


def chips(page: Page) -> Locator:
    return page.locator("#chips button")


async def say(page: Page, text: str) -> None:
    await page.locator("#text").fill(text)
    await page.locator("#text").press("Enter")
