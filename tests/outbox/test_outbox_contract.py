"""What every outbox store promises, in memory and in Redis alike."""

from __future__ import annotations

import asyncio

import pytest

from bot.outbox.protocol import (
    Attachment,
    Gone,
    Limits,
    OutboxFullError,
    OutboxStore,
    Parcel,
    Permit,
    Wait,
    Waiting,
)
from bot.wecom.api_errors import ContentError
from bot.wecom.cards import ButtonCard, CardButton, CardOption, CardSelector, ChoiceCard
from tests.outbox.bench import Clock, MakeStore, due, file, only_ticket, text

BUTTONS = ButtonCard("t-1", "换一版？", (CardButton("换一版", "换一版"), CardButton("好", "好")), "第1版")
CHOICE = ChoiceCard(
    "t-2",
    "哪一种？",
    (CardSelector("kind", "文种", (CardOption("a", "年度总结"), CardOption("b", "述职报告"))),),
    CardButton("就要这种", "go"),
)


async def test_parcel_comes_back_as_it_was_accepted(store: OutboxStore) -> None:
    parcels = [
        Parcel("1", "zhang", "第一行\n第二行　😀"),
        Parcel("2", "zhang", "没有发成", Attachment("某局2026年“总结”.docx", bytes(range(256)) * 40)),
        Parcel("3", "zhang", "卡片的文字", card=BUTTONS),
        Parcel("4", "zhang", "卡片的文字", card=CHOICE),
    ]
    for parcel in parcels:
        assert await store.accept(parcel)
    for parcel, ticket in zip(parcels, await store.collect(10), strict=True):
        assert (await due(store, ticket)).parcel == parcel
        await store.finish(ticket)
    assert (await store.waiting()).parcels == 0


async def test_one_id_is_accepted_once_even_after_its_parcel_is_finished(store: OutboxStore) -> None:
    assert await store.accept(text(1))
    assert not await store.accept(text(1))
    ticket = await only_ticket(store)
    await store.finish(ticket)
    assert not await store.accept(text(1))
    assert await store.collect(10) == ()


async def test_one_id_offered_many_times_at_once_is_accepted_once(store: OutboxStore) -> None:
    assert sum(await asyncio.gather(*(store.accept(text(1)) for _ in range(20)))) == 1
    assert (await store.waiting()).parcels == 1


async def test_pledge_is_no_parcel_while_its_worker_lives(store: OutboxStore) -> None:
    await store.pledge(text(1))
    await store.pledge(text(2))
    await store.redeem(text(1).id)
    await store.redeem(text(1).id)
    assert await store.collect(10) == ()
    assert (await store.waiting()).parcels == 0


async def test_members_parcels_come_one_after_the_other(store: OutboxStore) -> None:
    for number in range(3):
        await store.accept(text(number))
        await store.accept(text(number, "li"))
    tickets = await store.collect(10)
    ours, others = ([ticket for ticket in tickets if ticket.id.startswith(user)] for user in ("zhang", "li"))
    assert [ticket.id for ticket in ours] == ["zhang-0000", "zhang-0001", "zhang-0002"]
    assert sorted(ours) == ours
    assert isinstance(await store.take(ours[1]), Wait)
    await due(store, ours[0])
    assert isinstance(await store.take(ours[2]), Wait)
    await due(store, others[0])
    await store.finish(ours[0])
    await due(store, ours[1])
    assert isinstance(await store.take(ours[0]), Gone)


async def test_no_more_tickets_are_handed_out_than_asked_for(store: OutboxStore) -> None:
    for number in range(5):
        await store.accept(text(number, f"user{number}"))
    assert await store.collect(0) == ()
    assert len(await store.collect(2)) == 2
    assert len(await store.collect(10)) == 3


async def test_finished_twice_is_finished_once(store: OutboxStore) -> None:
    await store.accept(text(1))
    ticket = await only_ticket(store)
    await store.finish(ticket, "一")
    await store.finish(ticket, "一")
    await store.collect(10)
    assert await store.notes("zhang") == ("一",)


async def test_notes_wait_for_their_member_until_they_are_dropped(make_store: MakeStore) -> None:
    store = make_store(limits=Limits(notes=3))
    for number in range(5):
        await store.accept(text(number))
    for ticket in await store.collect(10):
        await due(store, ticket)
        await store.finish(ticket, f"没发成{ticket.id}")
    await store.collect(10)
    assert await store.notes("li") == ()
    notes = await store.notes("zhang")
    assert notes == ("没发成zhang-0002", "没发成zhang-0003", "没发成zhang-0004")
    await store.drop_notes("zhang", 2)
    assert await store.notes("zhang") == ("没发成zhang-0004",)
    await store.drop_notes("zhang", 1)
    assert await store.notes("zhang") == ()
    await store.collect(10)
    assert await store.notes("zhang") == ()


async def test_thirty_a_minute_and_a_thousand_an_hour_are_permitted(make_store: MakeStore) -> None:
    clock = Clock()
    limits = Limits(per_minute=3, minute=60.0, per_hour=5, hour=3600.0)
    store = make_store(limits=limits, clock=clock)
    await store.accept(text(1))
    await store.accept(text(1, "li"))
    ticket, other = await store.collect(10)
    for _ in range(3):
        assert isinstance(await store.permit(ticket, "d"), Permit)
        clock.time += 10
    assert await store.permit(ticket, "d") == Wait(30.0)
    assert isinstance(await store.permit(other, "d"), Permit)
    clock.time += 30
    for _ in range(2):
        assert isinstance(await store.permit(ticket, "d"), Permit)
        clock.time += 10
    assert await store.permit(ticket, "d") == Wait(3520.0)
    clock.time += 3520
    assert isinstance(await store.permit(ticket, "d"), Permit)
    assert await store.permit(ticket, "d") == Wait(10.0)


async def test_repetition_is_checked_but_for_another_parcel_that_says_the_same(make_store: MakeStore) -> None:
    clock = Clock()
    store = make_store(clock=clock)
    for number in range(3):
        await store.accept(text(number))
    first, second, third = await store.collect(10)
    assert await store.permit(first, "same") == Permit(check_duplicates=True)
    assert await store.permit(first, "same") == Permit(check_duplicates=True)
    assert await store.permit(second, "same") == Permit(check_duplicates=False)
    assert await store.permit(second, "same") == Permit(check_duplicates=False)
    # What a parcel was first sent with, it is sent with again.
    assert await store.permit(first, "same") == Permit(check_duplicates=True)
    assert await store.permit(third, "other") == Permit(check_duplicates=True)


async def test_upload_is_remembered_and_forgotten(store: OutboxStore) -> None:
    await store.accept(file(1))
    ticket = await only_ticket(store)
    assert (await due(store, ticket)).media_id == ""
    assert await store.remember_upload(ticket, "media") == "media"
    assert (await due(store, ticket)).media_id == "media"
    # Another worker, that uploaded it too and slept before it could say so, sends what was kept first.
    assert await store.remember_upload(ticket, "other") == "media"
    await store.forget_upload(ticket)
    assert (await due(store, ticket)).media_id == ""
    assert await store.remember_upload(ticket, "newer") == "newer"


@pytest.mark.parametrize("parcel", [file(1), Parcel("c", "zhang", "卡片的文字", card=BUTTONS)])
async def test_parcel_becomes_its_text_in_its_place(store: OutboxStore, parcel: Parcel) -> None:
    await store.accept(parcel)
    await store.accept(text(2))
    ticket, behind = await store.collect(10)
    await store.remember_upload(ticket, "media")
    await store.become_text(ticket)
    taken = await due(store, ticket)
    assert taken.parcel == Parcel(parcel.id, "zhang", parcel.text)
    assert taken.media_id == ""
    assert isinstance(await store.take(behind), Wait)


async def test_steps_about_a_finished_parcel_do_nothing(store: OutboxStore) -> None:
    await store.accept(file(1))
    ticket = await only_ticket(store)
    await store.finish(ticket)
    assert await store.remember_upload(ticket, "media") == "media"
    await store.forget_upload(ticket)
    await store.become_text(ticket)
    assert isinstance(await store.permit(ticket, "d"), Gone)
    assert isinstance(await store.take(ticket), Gone)


@pytest.mark.parametrize(
    "limits",
    [Limits(parcels=2), Limits(parcels_of_one=2), Limits(bytes=1200), Limits(parcel_bytes=100)],
)
async def test_what_is_too_much_is_refused_and_room_is_made_by_finishing(make_store: MakeStore, limits: Limits) -> None:
    store = make_store(limits=limits)
    if limits.parcel_bytes > 100:
        assert await store.accept(text(1))
        assert await store.accept(text(2))
    with pytest.raises(OutboxFullError):
        await store.accept(text(3))
    if limits.parcel_bytes > 100:
        await store.finish((await store.collect(10))[0])
        assert await store.accept(text(3))


async def test_what_waits_is_counted_with_its_age(make_store: MakeStore) -> None:
    store = make_store()
    assert await store.waiting() == Waiting(0, 0.0)
    await store.accept(text(1))
    await store.accept(text(2))
    waiting = await store.waiting()
    assert waiting.parcels == 2
    assert 0 <= waiting.oldest < 60


@pytest.mark.parametrize("words", ["", "笔" * 683])
def test_parcel_has_a_text_that_can_be_sent(words: str) -> None:
    with pytest.raises(ContentError, match="2048"):
        Parcel("1", "zhang", words)


def test_neither_text_nor_content_shows_in_a_repr() -> None:
    parcel = Parcel("1", "zhang", "canary", Attachment("a.docx", b"canary"))
    assert "canary" not in repr(parcel)
