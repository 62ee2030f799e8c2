"""The chat page in a real browser: keyboard, layout, contrast, names."""

from __future__ import annotations

import aiohttp
from playwright.async_api import FilePayload, Page, expect

from ..conftest import Site
from ..members import BUTTONS, CHOICE, App
from .chat import both_sizes, bubbles, needs_chromium, one_loop, say

pytestmark = [needs_chromium, one_loop]


@both_sizes
async def test_everything_works_from_the_keyboard(page: Page, site: Site) -> None:
    await page.locator("input[value=user-a]").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#whose")).to_have_text("用户B")
    await expect(bubbles(page)).to_have_count(1)
    names = []
    for _ in range(8):
        await page.keyboard.press("Tab")
        names.append(await page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    assert names == [
        "enter",
        "redeliver",
        "wire-summary",
        "scroll",
        "党建工作总结提纲",
        "意识形态怎么写",
        "plus",
        "text",
    ]
    await page.locator("#chips button").first.focus()
    await page.keyboard.press("Enter")
    await expect(bubbles(page, ".mine")).to_have_text(["党建工作总结提纲"])
    await expect(bubbles(page)).to_have_count(3)


@both_sizes
async def test_long_conversations_stay_inside_the_screen_and_at_the_newest_line(page: Page, site: Site) -> None:
    site.echo.answer = lambda _: "长" * 300 + "w" * 400
    for count in range(3):
        await say(page, "一" * 200)
        await expect(bubbles(page, ".theirs")).to_have_count(count + 2)
    assert await page.evaluate(OVERFLOW) == [0, 0]
    await expect(bubbles(page, ".theirs").last).to_be_in_viewport()
    await expect(page.locator("#text")).to_be_in_viewport()


OVERFLOW = """() => [document.documentElement, document.getElementById("scroll")].map(
    (node) => node.scrollWidth - node.clientWidth)"""

UNNAMED = """() => [...document.querySelectorAll("button, textarea, input, select, a")].filter((node) =>
    !(node.getAttribute("aria-label") || node.labels?.[0]?.textContent.trim()
        || (node.tagName !== "SELECT" && node.textContent.trim()))).length"""

CONTRASTS = """() => {
  const rgb = (text) => (text.match(/[0-9.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, n) => sum + part * [0.2126, 0.7152, 0.0722][n], 0);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || !node.checkVisibility() || node.closest(".unseen, :disabled")) continue;
    const [light, dark] = [luminance(rgb(getComputedStyle(node).color)), luminance(ground(node))].sort((a, b) => b - a);
    found.push([node.textContent.trim().slice(0, 20), (light + 0.05) / (dark + 0.05)]);
  }
  return found;
}"""


async def show_everything(page: Page, site: Site) -> None:
    """Let the page show one of each: texts, a file, cards, a grey card, and all that opens."""
    await say(page, "一")
    await expect(bubbles(page, ".theirs")).to_have_count(2)
    async with aiohttp.ClientSession() as session:
        app = App(session, f"{site.url}/cgi-bin")
        await app.log_in()
        await app.send("file", {"media_id": site.api.put_media("很长" * 60 + ".docx", b"12345")})
        wordy = {"title": "题" * 60, "desc": "说明" * 60}
        await app.send("template_card", {**BUTTONS, "task_id": "grey", "replace_text": "已展开"})
        await app.send("template_card", {**BUTTONS, "main_title": wordy})
        await app.send("template_card", CHOICE)
    await expect(page.locator(".card")).to_have_count(3)
    await page.locator("#attachment").set_input_files(FilePayload(name="a.txt", mimeType="text/plain", buffer=b"12345"))
    await expect(page.locator(".file")).to_have_count(2)
    await page.locator("#wire-summary").click()
    await page.get_by_role("button", name="更多内容").click()
    await page.locator("#menu").get_by_role("button", name="写和改").click()


@both_sizes
async def test_every_text_has_enough_contrast(page: Page, site: Site) -> None:
    await show_everything(page, site)
    found = await page.evaluate(CONTRASTS)
    assert len(found) > 40
    assert [pair for pair in found if pair[1] < 4.5] == []


@both_sizes
async def test_nothing_is_wider_than_the_screen_and_everything_has_a_name(page: Page, site: Site) -> None:
    await show_everything(page, site)
    assert await page.evaluate(OVERFLOW) == [0, 0]
    assert await page.evaluate(UNNAMED) == 0
    for control in await page.locator("#menu .opener, #menu .entries:not([hidden]) button, #send, #plus").all():
        await expect(control).to_be_in_viewport(ratio=1)


async def test_log_is_announced_politely_and_controls_have_names(page: Page) -> None:
    assert await page.locator("[role=log]:not([hidden])").get_attribute("aria-live") == "polite"
    assert await page.evaluate(UNNAMED) == 0
    assert await page.locator("html").get_attribute("lang") == "zh-CN"
