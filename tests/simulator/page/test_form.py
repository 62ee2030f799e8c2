"""The chat page in a real browser: keyboard, layout, contrast, names."""

from __future__ import annotations

from playwright.async_api import Page, expect

from ..conftest import Site
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
    overflow = await page.evaluate(
        """() => [document.documentElement, document.getElementById("scroll")].map(
            (node) => node.scrollWidth - node.clientWidth)"""
    )
    assert overflow == [0, 0]
    await expect(bubbles(page, ".theirs").last).to_be_in_viewport()
    await expect(page.locator("#text")).to_be_in_viewport()


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


@both_sizes
async def test_every_text_has_enough_contrast(page: Page, site: Site) -> None:
    await say(page, "一")
    await expect(bubbles(page, ".theirs")).to_have_count(2)
    await page.locator("#wire-summary").click()
    await page.get_by_role("button", name="更多内容").click()
    found = await page.evaluate(CONTRASTS)
    assert len(found) > 15
    assert [pair for pair in found if pair[1] < 4.5] == []


async def test_log_is_announced_politely_and_controls_have_names(page: Page) -> None:
    assert await page.locator("[role=log]:not([hidden])").get_attribute("aria-live") == "polite"
    unnamed = await page.evaluate(
        """() => [...document.querySelectorAll("button, textarea, input")].filter((node) =>
            !(node.getAttribute("aria-label") || node.textContent.trim() || node.labels?.[0]?.textContent.trim())).length"""
    )
    assert unnamed == 0
    assert await page.locator("html").get_attribute("lang") == "zh-CN"
