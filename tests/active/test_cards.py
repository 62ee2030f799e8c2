"""Cards beside the answers for who wants them: every card says what the text says, and a click is as good as typing."""

from __future__ import annotations

from pathlib import Path

from bot.settings import Settings
from bot.simulator.api_faults import ErrorCode, Hang
from bot.simulator.api_inbox import Shown
from handlers.texts.buttons import PASSED
from tests.active.office import Office, open_office, settings_for
from tests.conftest import RedisServer


async def switch_on(office: Office) -> None:
    assert (await office.say("开启按钮")).startswith("好的，以后提纲和例句后面会跟一张按钮卡片")


async def test_outline_comes_with_a_card_whose_click_is_answered_and_marked(
    bundled_base: Path, redis_server: RedisServer
) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await switch_on(office)
        reply = await office.say("党建工作总结提纲")
        assert reply.startswith("【提纲】年度党建工作总结　第1版")
        await office.api.until(lambda: bool(office.cards()))
        (card,) = office.cards()
        assert card.card is not None
        assert card.card["main_title"]["title"] == "【提纲】年度党建工作总结　第1版，共3版"
        keys = [button["key"] for button in card.card["button_list"]]
        assert keys == ["展开（一）", "例句（二）", "换一版", "加入草稿"]
        assert all(key in reply for key in keys)
        typed = await office.say("换一版", user="li") or await office.say("换一版", user="li")
        assert (await office.click(card, "换一版")).startswith("【提纲】年度党建工作总结　第2版")
        assert typed
        await office.api.until(lambda: card.replaced)
        assert "已选：换一版" in str(card.card)
        await office.api.until(lambda: len(office.cards()) > 1)
        assert office.slowest < 3.5


async def test_every_button_is_answered_as_if_it_was_typed(bundled_base: Path, redis_server: RedisServer) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await switch_on(office)
        await office.say("主题党日例句")
        await office.api.until(lambda: bool(office.cards()))
        card = office.cards()[0]
        assert card.card is not None
        keys = [button["key"] for button in card.card["button_list"]]
        assert keys == ["换一个", "更多", "加入草稿"]
        await office.say("主题党日例句", user="li")
        typed = [await office.say(key, user="li") for key in keys]
        post, stand_in = office.post, office.stand_in
        clicked = [
            (await post(stand_in.compose_card_click("zhang", card.card["task_id"], key, f"code-{n}"))).reply
            for n, key in enumerate(keys)
        ]
        assert [reply.partition("小提示")[0] for reply in typed] == [
            (reply or "").partition("小提示")[0] for reply in clicked
        ]


async def card_of(office: Office, text: str) -> Shown:
    """Say something and return the card that comes with the answer."""
    before = len(office.cards())
    await office.say(text)
    await office.api.until(lambda: len(office.cards()) > before)
    return office.cards()[-1]


async def test_click_on_an_earlier_card_is_about_what_stands_on_it(
    bundled_base: Path, redis_server: RedisServer
) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await switch_on(office)
        summary = await card_of(office, "党建工作总结提纲")
        opened = await office.say("展开（一）")
        phrases = await card_of(office, "主题党日例句")
        await card_of(office, "述职报告框架")
        assert await office.click(summary, "展开（一）") == opened
        assert "\n4. " in await office.click(phrases, "更多")
        # And from there the way back is what was looked at before.
        assert (await office.say("返回")) == opened


async def test_click_on_the_card_of_an_earlier_version_is_about_that_version(
    bundled_base: Path, redis_server: RedisServer
) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await switch_on(office)
        await office.say("党建工作总结提纲", user="li")
        opened = await office.say("展开（一）", user="li")
        first = await card_of(office, "党建工作总结提纲")
        second = await card_of(office, "换一版")
        third = await card_of(office, "换一版")
        assert len({card.card["main_title"]["title"] for card in (first, second, third) if card.card}) == 3
        assert await office.click(first, "展开（一）") == opened
        assert (await office.click(second, "换一版")).startswith("【提纲】年度党建工作总结　第3版")


async def test_click_on_a_card_whose_answer_is_long_gone_is_told_so(
    bundled_base: Path, redis_server: RedisServer
) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await switch_on(office)
        card = await card_of(office, "党建工作总结提纲")
        await office.say("重新开始")
        await office.say("主题党日例句")
        assert await office.click(card, "展开（一）") == PASSED
        assert "\n4. " in await office.say("更多")


async def test_kind_is_chosen_on_a_card_where_the_wish_leaves_it_open(
    bundled_base: Path, redis_server: RedisServer
) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await switch_on(office)
        reply = await office.say("提纲")
        await office.api.until(lambda: bool(office.cards()))
        (card,) = office.cards()
        assert card.card is not None
        assert card.card["card_type"] == "multiple_interaction"
        options = [option["id"] for option in card.card["select_list"][0]["option_list"]]
        assert all(option in reply for option in options)
        answer = await office.click(card, card.card["submit_button"]["key"], "述职报告提纲")
        assert answer.startswith("【提纲】")
        assert "述职" in answer
        await office.api.until(lambda: card.replaced)
        assert "已选：述职报告提纲" in str(card.card)


async def test_cards_come_only_to_who_asked_for_them_and_stop_when_told(
    bundled_base: Path, redis_server: RedisServer
) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        assert "按钮：没有开" in await office.say("我的设置")
        await office.say("党建工作总结提纲")
        await switch_on(office)
        assert "按钮：开着" in await office.say("我的设置")
        await office.say("关闭按钮")
        await office.say("党建工作总结提纲")
        await switch_on(office)
        await office.say("述职报告框架")
        # Cards go out in order: had one of the first two outlines made a card, it would stand before this one.
        await office.api.until(lambda: bool(office.cards()))
        (card,) = office.cards()
        assert card.card is not None
        assert "述职" in card.card["main_title"]["title"]


async def test_delivery_that_comes_again_sends_one_card(bundled_base: Path, redis_server: RedisServer) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await switch_on(office)
        delivery = office.stand_in.compose_text("zhang", "党建工作总结提纲")
        for _ in range(3):
            await office.post(delivery)
        await office.say("述职报告框架")
        await office.api.until(lambda: len(office.cards()) > 1)
        assert len(office.cards()) == 2


async def test_without_a_secret_buttons_are_kindly_refused(bundled_base: Path) -> None:
    async with open_office(Settings(knowledge_base=bundled_base)) as office:
        assert "发不了按钮卡片" in await office.say("开启按钮")
        assert "按钮：没有开" in await office.say("我的设置")
        click = office.stand_in.compose_card_click("zhang", "card-1", "党建工作总结提纲", "code")
        assert ((await office.post(click)).reply or "").startswith("【提纲】")


async def test_click_is_answered_though_the_card_cannot_be_updated(
    bundled_base: Path, redis_server: RedisServer
) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await switch_on(office)
        await office.say("党建工作总结提纲")
        await office.api.until(lambda: bool(office.cards()))
        card = office.cards()[0]
        office.api.faults.plan(Hang(), times=None)
        assert (await office.click(card, "换一版")).startswith("【提纲】年度党建工作总结　第2版")
        assert office.slowest < 3.5
        assert not card.replaced


async def test_card_that_is_refused_leaves_no_trace_in_the_talk(bundled_base: Path, redis_server: RedisServer) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await switch_on(office)
        office.api.faults.plan(ErrorCode(60020), "message/send")
        await office.say("党建工作总结提纲")
        await office.api.until(lambda: office.api.calls["message/send"] > 0)
        # The next card is sent once the first is done with: by then a note would be known.
        await office.say("述职报告框架")
        await office.api.until(lambda: bool(office.cards()))
        assert (await office.say("你好")).startswith("您好，我在。")
        assert len(office.api.shown) == 1
