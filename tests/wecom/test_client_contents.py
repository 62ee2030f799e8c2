"""What is to be sent, and the table of error codes: values that cannot be wrong."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.simulator.api_rules import judge_card
from bot.wecom.api_errors import POLICIES, ApiRefusedError, ContentError, Reaction, policy_of
from bot.wecom.cards import ButtonCard, CardButton, CardOption, CardSelector, ChoiceCard
from bot.wecom.contents import NAME_BYTES, TEXT_BYTES, Text, check_file

BUTTON = CardButton("换一版", "换一版")
OPTION = CardOption("a", "年度总结")


@given(st.text(max_size=300))
@example("总结.docx")
@example("." * 50)
@example("a." + "长" * 100)
def test_name_of_a_file_can_break_neither_header_nor_path(name: str) -> None:
    try:
        safe = check_file(name, b"12345")
    except ContentError:
        return
    assert 0 < len(safe.encode()) <= NAME_BYTES
    assert not set(safe) & {*map(chr, range(32)), *'"\\/:*?<>|\x7f'}
    assert not safe.startswith(".")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=1200))
def test_text_is_taken_up_to_its_bytes(text: str) -> None:
    if 1 <= len(text.encode()) <= TEXT_BYTES:
        assert Text(text).to_json() == {"content": text}
        assert repr(Text(text)) == "Text()"
    else:
        with pytest.raises(ContentError):
            Text(text)


@pytest.mark.parametrize(
    "card",
    [
        ButtonCard("t", "换一版？", (BUTTON,)),
        ButtonCard("T-1_2@3", "换一版？", tuple(CardButton(f"按钮{n}", f"k{n}") for n in range(6)), "说明"),
        ChoiceCard("t", "哪一种？", (CardSelector("kind", "文种", (OPTION,)),), BUTTON),
        ChoiceCard(
            "t" * 128,
            "哪一种？",
            tuple(CardSelector(f"q{n}", "题", tuple(CardOption(f"o{i}", "项") for i in range(10))) for n in range(3)),
            BUTTON,
            "说明",
        ),
    ],
)
def test_card_within_the_limits_is_one_that_the_api_takes(card: ButtonCard | ChoiceCard) -> None:
    assert judge_card(card.to_json()) == 0


@pytest.mark.parametrize("task", ["", "任务", "a b", "a" * 129, "a/b"])
def test_card_needs_a_name_of_plain_characters(task: str) -> None:
    with pytest.raises(ContentError, match="task_id"):
        ButtonCard(task, "标题", (BUTTON,))
    with pytest.raises(ContentError, match="task_id"):
        ChoiceCard(task, "标题", (CardSelector("q", "题", (OPTION,)),), BUTTON)


@pytest.mark.parametrize(
    ("buttons", "complaint"),
    [
        ((), "1至6"),
        (tuple(CardButton(f"{n}", f"{n}") for n in range(7)), "1至6"),
        ((BUTTON, BUTTON), "各不相同"),
        ((CardButton("一", ""),), "1024"),
        ((CardButton("一", "键" * 342),), "1024"),
        ((CardButton("", "k"),), "没写字"),
    ],
)
def test_buttons_are_few_and_unlike_each_other(buttons: tuple[CardButton, ...], complaint: str) -> None:
    with pytest.raises(ContentError, match=complaint):
        ButtonCard("t", "标题", buttons)


@pytest.mark.parametrize(
    "selectors",
    [
        (),
        (CardSelector("q", "题", ()),),
        (CardSelector("q", "题", tuple(CardOption(f"{n}", "项") for n in range(11))),),
        (CardSelector("q", "题", (OPTION, OPTION)),),
        tuple(CardSelector(f"q{n}", "题", (OPTION,)) for n in range(4)),
        (CardSelector("q", "", (OPTION,)),),
    ],
)
def test_selectors_and_options_are_few_and_unlike_each_other(selectors: tuple[CardSelector, ...]) -> None:
    with pytest.raises(ContentError):
        ChoiceCard("t", "标题", selectors, BUTTON)


def test_card_has_a_title() -> None:
    with pytest.raises(ContentError, match="标题"):
        ButtonCard("t", "", (BUTTON,))


@pytest.mark.parametrize("code", sorted(POLICIES))
def test_every_error_code_has_a_meaning_in_chinese_and_alarms_say_what_to_do(code: int) -> None:
    policy = policy_of(code)
    assert any("一" <= character <= "鿿" for character in policy.meaning)
    if policy.reaction in {Reaction.ALARM, Reaction.RENEW}:
        assert policy.advice
    assert str(ApiRefusedError(code)).startswith(f"企业微信接口返回 {code}：{policy.meaning}")


@pytest.mark.parametrize(
    ("reaction", "codes"),
    [
        (Reaction.RENEW, {40014, 42001, 40001}),
        (Reaction.BACK_OFF, {45009}),
        (Reaction.RETRY, {45033, -1}),
        (Reaction.ALARM, {60020, 40013}),
        (Reaction.RECIPIENT, {81013, 82001}),
        (Reaction.NEVER, {40058, 44001, 42014, 42016, 123_456}),
    ],
)
def test_codes_are_treated_by_policy(reaction: Reaction, codes: set[int]) -> None:
    assert {policy_of(code).reaction for code in codes} == {reaction}
