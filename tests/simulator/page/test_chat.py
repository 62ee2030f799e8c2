"""The chat page in a real browser, in front of a real callback: what is said and answered."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from handlers.dialogue import MessageKind

from ..conftest import WELCOME, Site
from .chat import PHONE, both_sizes, bubbles, chips, needs_chromium, notes, one_loop, say

pytestmark = [needs_chromium, one_loop]


async def test_opening_the_page_enters_the_application_and_shows_the_welcome(page: Page, site: Site) -> None:
    await expect(bubbles(page, ".theirs")).to_have_text([WELCOME], use_inner_text=True)
    assert [(message.kind, message.user) for message in site.echo.messages] == [(MessageKind.ENTER, "user-a")]
    await expect(page.get_by_role("heading", name="笔杆", exact=True)).to_be_visible()


@both_sizes
async def test_sent_text_and_its_answer_are_shown_with_their_lines(page: Page, site: Site) -> None:
    await say(page, "意识形态怎么写")
    await expect(bubbles(page, ".mine")).to_have_text(["意识形态怎么写"])
    await expect(bubbles(page, ".theirs").last).to_have_text(
        "收到：意识形态怎么写\n　缩进一行\n回复：更多 · 展开（五） · 原文1", use_inner_text=True
    )
    await expect(page.locator("#text")).to_have_value("")
    await expect(bubbles(page, ".theirs").last).to_be_in_viewport()
    assert site.echo.messages[-1].text == "意识形态怎么写"


async def test_shift_enter_breaks_the_line_and_empty_text_is_not_sent(page: Page, site: Site) -> None:
    await page.locator("#text").fill("  ")
    await expect(page.get_by_role("button", name="发送", exact=True)).to_be_disabled()
    await page.locator("#text").press("Enter")
    await page.locator("#text").fill("一")
    await page.locator("#text").press("Shift+Enter")
    await page.locator("#text").press_sequentially("二")
    await page.get_by_role("button", name="发送", exact=True).click()
    await expect(bubbles(page, ".mine")).to_have_text(["一\n二"], use_inner_text=True)
    assert [message.text for message in site.echo.messages] == ["", "一\n二"]


async def test_enter_that_ends_a_composition_sends_nothing(page: Page, site: Site) -> None:
    await page.locator("#text").fill("意识")
    unprevented = await page.evaluate(
        """() => ["isComposing", "keyCode"].map((name) => document.getElementById("text").dispatchEvent(
            new KeyboardEvent("keydown", { key: "Enter", [name]: name === "keyCode" ? 229 : true, cancelable: true, bubbles: true })
        ))"""
    )
    assert unprevented == [True, True]
    await expect(page.locator("#text")).to_have_value("意识")
    await say(page, "意识形态")
    await expect(bubbles(page, ".mine")).to_have_text(["意识形态"])


async def test_moves_of_the_last_line_become_buttons_that_send(page: Page, site: Site) -> None:
    await expect(chips(page)).to_have_text(["党建工作总结提纲", "意识形态怎么写"])
    await say(page, "一")
    await expect(chips(page)).to_have_text(["更多", "展开（五）", "原文1"])
    await chips(page).nth(1).click()
    await expect(bubbles(page, ".mine")).to_have_text(["一", "展开（五）"])
    await expect(bubbles(page, ".theirs")).to_have_count(3)
    assert site.echo.messages[-1].text == "展开（五）"


async def test_answer_without_moves_leaves_no_buttons(page: Page, site: Site) -> None:
    site.echo.answer = lambda _: "第一行\n回复1或2查看"
    await say(page, "一")
    await expect(bubbles(page, ".theirs")).to_have_count(2)
    await expect(page.locator("#chips")).to_be_hidden()


@both_sizes
async def test_redelivery_gets_the_same_answer_and_says_so(page: Page, site: Site) -> None:
    await say(page, "主题党日 3条")
    await expect(bubbles(page, ".theirs")).to_have_count(2)
    await page.get_by_role("button", name="重推上一条").click()
    await expect(notes(page).last).to_have_text("已重推，答复与上次逐字相同")
    await page.locator("#wire-summary").click()
    await page.get_by_role("button", name="换新签名重推").click()
    await expect(notes(page)).to_have_count(3)
    await expect(notes(page).last).to_have_text("已重推，答复与上次逐字相同")
    await expect(bubbles(page)).to_have_count(3)
    await expect(chips(page)).to_have_text(["更多", "展开（五）", "原文1"])
    assert len({message.delivery for message in site.echo.messages[1:]}) == 1
    assert len(site.echo.messages) == 4


async def test_redelivery_with_another_answer_is_not_glossed_over(page: Page, site: Site) -> None:
    await say(page, "一")
    await expect(bubbles(page, ".theirs")).to_have_count(2)
    site.echo.answer = lambda _: "别的"
    await page.get_by_role("button", name="重推上一条").click()
    await expect(notes(page).last).to_contain_text("答复与上次不同")
    await expect(bubbles(page, ".theirs").last).to_have_text("别的")


@both_sizes
async def test_two_users_have_conversations_of_their_own(page: Page, site: Site) -> None:
    await say(page, "甲的话")
    await expect(bubbles(page, ".theirs")).to_have_count(2)
    await page.get_by_label("用户B", exact=True).check()
    await expect(bubbles(page)).to_have_text([WELCOME], use_inner_text=True)
    await say(page, "乙的话")
    await expect(bubbles(page, ".mine")).to_have_text(["乙的话"])
    await expect(bubbles(page, ".theirs")).to_have_count(2)
    await page.get_by_label("用户A", exact=True).check()
    await expect(bubbles(page, ".mine")).to_have_text(["甲的话"])
    await expect(bubbles(page)).to_have_count(3)
    said = [(message.user, message.text) for message in site.echo.messages]
    assert said == [("user-a", ""), ("user-a", "甲的话"), ("user-b", ""), ("user-b", "乙的话")]


async def test_entering_again_sends_the_event_again(page: Page, site: Site) -> None:
    await page.get_by_role("button", name="进入应用").click()
    await expect(bubbles(page, ".theirs")).to_have_count(2)
    assert [message.kind for message in site.echo.messages] == [MessageKind.ENTER] * 2


@pytest.mark.parametrize(("name", "kind"), [("图片", "image"), ("语音", "voice"), ("位置", "location")])
async def test_other_contents_are_sent_from_the_plus_panel(page: Page, site: Site, name: str, kind: str) -> None:
    await page.get_by_role("button", name="更多内容").click()
    await page.get_by_role("button", name=name, exact=True).click()
    await expect(bubbles(page, ".mine")).to_have_text([f"[{name}]"])
    await expect(bubbles(page, ".theirs").last).to_have_text(f"收到{kind}")
    await expect(page.locator("#extras")).to_be_hidden()
    assert site.echo.messages[-1].kind is MessageKind(kind)


async def test_typing_is_shown_until_the_answer_is_there(page: Page, site: Site) -> None:
    await expect(page.locator("#typing")).to_be_hidden()
    site.echo.free.clear()
    await say(page, "一")
    await expect(page.locator("#typing")).to_be_visible()
    await say(page, "二")
    site.echo.free.set()
    await expect(bubbles(page, ".theirs")).to_have_count(3)
    await expect(page.locator("#typing")).to_be_hidden()
    assert [message.text for message in site.echo.messages] == ["", "一", "二"]


async def test_markup_is_shown_and_not_run(page: Page, site: Site) -> None:
    attack = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
    site.echo.answer = lambda message: f"{message.text}\n回复：{message.text} · <b>粗</b>"
    await say(page, attack)
    await expect(bubbles(page)).to_have_text(
        [WELCOME, attack, f"{attack}\n回复：{attack} · <b>粗</b>"], use_inner_text=True
    )
    await expect(chips(page)).to_have_text([attack, "<b>粗</b>"])
    assert await page.locator("[role=log] img, [role=log] script, #chips img, #chips b").count() == 0
    assert await page.title() == "笔杆 · 企业微信模拟器"


async def test_panel_tells_that_the_callback_was_encrypted_and_what_it_cost(page: Page) -> None:
    await expect(page.locator("#wire-summary")).to_have_text(re.compile(r"^已加密回调 · [0-9.]+ ms · [0-9,]+ 字节$"))
    await page.locator("#wire-summary").click()
    await expect(page.locator("#wire-request")).to_have_text(re.compile(r"^[0-9,]+ 字节$"))
    await expect(page.locator("#wire-response")).to_have_text(re.compile(r"^[0-9,]+ 字节$"))
    await expect(page.locator("#wire-status")).to_have_text("HTTP 200")


async def test_silence_is_told_apart_from_an_answer(page: Page, site: Site) -> None:
    site.echo.answer = lambda _: None
    await say(page, "一")
    await expect(notes(page).last).to_have_text("已送达，应用没有答复")
    await expect(bubbles(page)).to_have_count(2)


async def test_simulator_that_went_away_is_said_in_a_sentence(browser: Browser, site: Site) -> None:
    page = await browser.new_page(viewport=PHONE)
    await page.goto(f"{site.url}/simulator")
    await expect(bubbles(page)).to_have_count(1)
    await page.route("**/simulator/messages", lambda route: route.abort())
    await say(page, "一")
    await expect(notes(page).last).to_have_text("模拟器没有运行")
    await page.close()
