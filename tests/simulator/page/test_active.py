"""The chat page in a real browser: what comes by itself, files, cards, the menu."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest_asyncio
from playwright.async_api import FilePayload, Locator, Page, expect

from bot.simulator.api_faults import HttpStatus
from bot.wecom.menu import MENU
from handlers.dialogue import MessageKind

from ..conftest import Site
from ..members import BUTTONS, CHOICE, App
from .chat import both_sizes, bubbles, needs_chromium, notes, one_loop

pytestmark = [needs_chromium, one_loop]


@pytest_asyncio.fixture(loop_scope="package")
async def app(site: Site) -> AsyncIterator[App]:
    async with aiohttp.ClientSession() as session:
        app = App(session, f"{site.url}/cgi-bin")
        await app.log_in()
        yield app


def card(page: Page) -> Locator:
    return page.locator("[role=log]:not([hidden]) .card")


def opener(page: Page, name: str) -> Locator:
    return page.locator("#menu").get_by_role("button", name=name, exact=True)


def entries(page: Page) -> Locator:
    return page.get_by_role("menuitem")


async def focused(page: Page) -> str:
    text: str = await page.evaluate("document.activeElement.id || document.activeElement.textContent")
    return text


async def test_active_message_appears_by_itself_and_with_its_member_alone(page: Page, app: App) -> None:
    await app.say("草稿已经导出")
    await expect(bubbles(page, ".theirs").last).to_have_text("草稿已经导出")
    await expect(bubbles(page, ".theirs").last).to_be_in_viewport()
    await app.say("给乙的", "user-b")
    await app.say("给丙的", "user-c")
    await app.say("第二条")
    await expect(bubbles(page, ".theirs").last).to_have_text("第二条")
    await expect(bubbles(page)).to_have_count(3)
    await page.get_by_label("用户B", exact=True).check()
    await expect(bubbles(page, ".theirs").first).to_have_text("给乙的")


async def test_recalled_message_leaves_a_note(page: Page, app: App) -> None:
    sent = await app.say("发错了")
    await expect(bubbles(page, ".theirs").last).to_have_text("发错了")
    await app.call("message/recall", {"msgid": sent["msgid"]})
    await expect(notes(page).last).to_have_text("笔杆撤回了一条消息")
    await expect(bubbles(page)).to_have_count(1)


@both_sizes
async def test_file_is_downloaded_with_its_bytes_and_its_chinese_name(
    page: Page, app: App, site: Site, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 5
    name = "某局2026年党建工作总结（草稿）.docx"
    await app.send("file", {"media_id": site.api.put_media(name, content)})
    link = page.locator(".turn.theirs a.file")
    await expect(link).to_have_text("某局2026年党建工作总结（草稿）.docx1.3 KB · 下载DOCX")
    await expect(link).to_be_in_viewport()
    async with page.expect_download() as started:
        await link.click()
    download = await started.value
    assert download.suggested_filename == name
    await download.save_as(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == content


async def test_attached_file_is_sent_to_the_bot(page: Page, site: Site) -> None:
    await page.get_by_role("button", name="更多内容").click()
    async with page.expect_file_chooser() as chosen:
        await page.get_by_role("button", name="文件", exact=True).click()
    await (await chosen.value).set_files(FilePayload(name="支部材料.txt", mimeType="text/plain", buffer=b"12345"))
    await expect(page.locator(".turn.mine .file")).to_have_text("支部材料.txt5 BTXT")
    await expect(bubbles(page, ".theirs").last).to_have_text("收到file")
    assert site.echo.messages[-1].kind is MessageKind.FILE
    assert [(file.name, file.content) for file in site.api.files.values()] == [("支部材料.txt", b"12345")]
    await page.get_by_role("button", name="重推上一条").click()
    await expect(notes(page).last).to_have_text("已重推，答复与上次逐字相同")


@both_sizes
async def test_click_on_a_card_reaches_the_bot_and_its_update_greys_the_card(page: Page, app: App, site: Site) -> None:
    site.echo.answer = lambda message: f"收到{message.kind}"
    sent = await app.send("template_card", BUTTONS)
    await expect(card(page).locator(".title")).to_have_text("党建工作总结提纲")
    await expect(card(page).locator(".description")).to_have_text("共三部分")
    await expect(card(page).get_by_role("button")).to_have_text(["展开（一）", "换一版"])
    await card(page).get_by_role("button", name="换一版").click()
    await expect(bubbles(page, ".theirs")).to_have_count(2)
    assert len(site.echo.messages) == 2
    body = {"userids": ["user-a"], "response_code": sent["response_code"], "button": {"replace_name": "已换一版"}}
    await app.call("message/update_template_card", body)
    await expect(card(page).get_by_role("button")).to_have_text(["已换一版"])
    await expect(card(page).get_by_role("button")).to_be_disabled()


async def test_choice_is_sent_with_what_was_chosen_and_replaced_by_another_card(
    page: Page, app: App, site: Site
) -> None:
    sent = await app.send("template_card", CHOICE)
    await expect(card(page).get_by_label("文种")).to_have_value("a")
    await card(page).get_by_label("文种").select_option("述职报告")
    async with page.expect_request("**/simulator/messages") as asked:
        await card(page).get_by_role("button", name="就要这种").click()
    assert (await asked.value).post_data_json == {
        "user": "user-a",
        "card": sent["msgid"],
        "key": "submit",
        "selected": {"kind": "b"},
    }
    await expect(page.locator("#typing")).to_be_hidden()
    assert len(site.echo.messages) == 2
    replacement = {**BUTTONS, "task_id": "next", "main_title": {"title": "述职报告提纲"}}
    body = {"userids": ["user-a"], "response_code": sent["response_code"], "template_card": replacement}
    await app.call("message/update_template_card", body)
    await expect(card(page).locator(".title")).to_have_text("述职报告提纲")
    await expect(card(page).get_by_role("button").first).to_be_enabled()
    await expect(card(page)).to_have_count(1)


async def test_impatient_clicks_count_once(page: Page, app: App, site: Site) -> None:
    await app.send("template_card", BUTTONS)
    site.echo.free.clear()
    await card(page).get_by_role("button", name="换一版").dblclick()
    await expect(page.locator("#typing")).to_be_visible()
    site.echo.free.set()
    await expect(page.locator("#typing")).to_be_hidden()
    assert len(site.echo.messages) == 2
    await card(page).get_by_role("button", name="换一版").click()
    await expect(page.locator("#typing")).to_be_hidden()
    assert len(site.echo.messages) == 3


@both_sizes
async def test_menu_opens_and_its_entries_reach_the_bot(page: Page, site: Site) -> None:
    await expect(page.locator("#menu .opener")).to_have_text([button.name for button in MENU.buttons])
    for button in MENU.buttons:
        await opener(page, button.name).click()
        await expect(entries(page)).to_have_text([entry.name for entry in button.entries])
        for entry in await entries(page).all():
            await expect(entry).to_be_in_viewport(ratio=1)
    await entries(page).last.click()
    await expect(entries(page)).to_have_count(0)
    last = MENU.buttons[-1].entries[-1]
    await expect(notes(page).last).to_have_text(f"点了菜单“{last.name}”")
    await expect(bubbles(page, ".theirs").last).to_have_text("收到click")
    assert (site.echo.messages[-1].kind, site.echo.messages[-1].text) == (MessageKind.CLICK, last.key)


async def test_menu_closes_by_a_click_elsewhere_and_follows_what_is_pushed(page: Page, app: App) -> None:
    await opener(page, "帮助").click()
    await expect(entries(page)).to_have_count(2)
    await page.locator("#scroll").click()
    await expect(entries(page)).to_have_count(0)
    await app.push_menu({"name": "新菜单", "sub_button": [{"type": "click", "name": "提纲", "key": "提纲"}]})
    await expect(page.locator("#menu .opener")).to_have_text(["新菜单"])


async def test_file_card_and_menu_are_used_from_the_keyboard(page: Page, app: App, site: Site) -> None:
    keyboard = page.keyboard
    await page.locator("#text").focus()
    await keyboard.press("Tab")
    assert await focused(page) == "找材料"
    await keyboard.press("Tab")
    await keyboard.press("Enter")
    assert await focused(page) == "校对"
    await keyboard.press("ArrowUp")
    assert await focused(page) == "导出"
    await keyboard.press("ArrowDown")
    await keyboard.press("ArrowDown")
    assert await focused(page) == "我的收藏"
    await keyboard.press("Escape")
    await expect(entries(page)).to_have_count(0)
    assert await focused(page) == "写和改"
    await keyboard.press("ArrowDown")
    await keyboard.press("Enter")
    await expect(bubbles(page, ".theirs").last).to_have_text("收到click")
    assert site.echo.messages[-1].text == "校对"

    await page.get_by_role("button", name="更多内容").press("Enter")
    await expect(page.locator("#extras")).to_be_visible()
    await keyboard.press("Escape")
    await expect(page.locator("#extras")).to_be_hidden()
    assert await focused(page) == "plus"

    await app.send("file", {"media_id": site.api.put_media("总结.docx", b"12345")})
    sent = await app.send("template_card", CHOICE)
    await expect(card(page)).to_be_visible()
    await page.locator("#scroll").focus()
    await keyboard.press("Tab")
    async with page.expect_download() as started:
        await keyboard.press("Enter")
    assert (await started.value).suggested_filename == "总结.docx"
    await keyboard.press("Tab")
    await keyboard.press("ArrowDown")
    await expect(card(page).get_by_label("文种")).to_have_value("b")
    await keyboard.press("Tab")
    await keyboard.press("Enter")
    await expect(page.locator("#typing")).to_be_hidden()
    body = {"userids": ["user-a"], "response_code": sent["response_code"], "button": {"replace_name": "已选好"}}
    await app.call("message/update_template_card", body)
    await expect(card(page).get_by_role("button")).to_have_text(["已选好"])
    # Who clicked stays where they were, and sees it.
    assert await page.evaluate("document.activeElement.matches('.bubble:focus-visible')")


async def test_faults_of_the_active_api_are_switched_on_the_page(page: Page, site: Site) -> None:
    await page.locator("#wire-summary").click()
    await page.get_by_label("主动接口").select_option("不可用")
    await expect(notes(page).last).to_have_text("主动接口：不可用")
    assert site.api.faults.meet("message/send") == HttpStatus(503)
    await page.get_by_label("主动接口").select_option("正常")
    await expect(notes(page).last).to_have_text("主动接口：正常")
    assert site.api.faults.meet("message/send") is None


async def test_app_s_warning_of_its_end_is_sent(page: Page, site: Site) -> None:
    await page.locator("#wire-summary").click()
    await page.get_by_role("button", name="停用预警").click()
    await expect(page.locator("#typing")).to_be_hidden()
    assert site.echo.messages[-1].user == "sys"


async def test_markup_in_what_comes_by_itself_is_shown_and_not_run(page: Page, app: App, site: Site) -> None:
    attack = "<img src=x onerror=\"document.title='run'\">"
    await app.say(attack)
    await app.send("file", {"media_id": site.api.put_media(f"{attack}.docx", b"12345")})
    await app.send("template_card", {**BUTTONS, "main_title": {"title": attack, "desc": attack}})
    await app.push_menu({"type": "click", "name": "<b>粗</b>", "key": "k"})
    await expect(page.locator("#menu .opener")).to_have_text(["<b>粗</b>"])
    await expect(card(page).locator(".title")).to_have_text(attack)
    await expect(page.locator("a.file .name")).to_have_text(f"{attack}.docx")
    assert await page.locator("[role=log] img, #menu b").count() == 0
    assert await page.title() == "笔杆 · 企业微信模拟器"
