"""The courier delivers in order, once, through every fault of the API; what it can't deliver the member learns of."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from bot.outbox.courier import Pace
from bot.outbox.pace import Backoff, Brake
from bot.outbox.protocol import Limits, OutboxStore, Parcel
from bot.simulator.api_faults import Cut, ErrorCode, Fault, Hang, HttpStatus
from bot.wecom.cards import ButtonCard, CardButton
from bot.wecom.client import ApiClient
from tests.outbox.bench import BRISK, Clock, MakeStore, delivering, file, text
from tests.wecom.api_client import HASTY, Site, api_site

USERS = ("zhang", "li", "wang", "zhao")
CARD = Parcel(
    "card-1", "zhang", "回复“换一版”看下一版", card=ButtonCard("t", "换一版？", (CardButton("换", "换一版"),))
)


def in_order(site: Site, user: str) -> list[str]:
    """What a member has: texts as they are, files by their names."""
    return [shown.file.name if shown.file else shown.text for shown in site.api.shown if shown.user == user]


async def test_texts_and_files_arrive_in_order_for_each_member(
    store: OutboxStore, site: Site, client: ApiClient
) -> None:
    for number in range(8):
        for user in USERS:
            await store.accept(text(number, user) if number % 2 else file(number, user))
    async with delivering(store, client) as results:
        await results.until(32)
    expected = [f"第{n}条" if n % 2 else f"总结{n}.docx" for n in range(8)]
    assert {user: in_order(site, user) for user in USERS} == dict.fromkeys(USERS, expected)
    assert results.counts == {"delivered": 32}
    assert site.api.dropped == []
    assert (await store.waiting()).parcels == 0
    assert site.api.calls["gettoken"] == 1


async def test_member_whose_message_hangs_does_not_hold_up_others(store: OutboxStore, site: Site) -> None:
    site.api.faults.plan(Hang(), "media/upload", times=None)
    await store.accept(file(1, "zhang"))
    await store.accept(text(2, "zhang"))
    for number in range(5):
        await store.accept(text(number, "li"))
    async with site.client() as client, delivering(store, client, pace=replace(BRISK, grace=0.1)) as results:
        await results.until(5)
        assert len(in_order(site, "li")) == 5
        assert in_order(site, "zhang") == []


@pytest.mark.parametrize(
    "fault",
    [
        HttpStatus(500),
        HttpStatus(503),
        Cut(),
        Cut(late=True),
        Hang(),
        ErrorCode(-1),
        ErrorCode(45033),
        ErrorCode(45009),
        ErrorCode(40014),
    ],
    ids=repr,
)
@pytest.mark.parametrize("call", ["gettoken", "media/upload", "message/send"])
async def test_after_faults_that_pass_everything_arrives_in_order_and_once(
    make_store: MakeStore, site: Site, fault: Fault, call: str
) -> None:
    store = make_store(limits=Limits(per_minute=1000))
    site.api.faults.plan(fault, call, times=3)
    for number in range(3):
        await store.accept(file(number))
        await store.accept(text(number))
    async with site.client(timeouts=HASTY) as client, delivering(store, client) as results:
        await results.until(6)
    expected = [name for n in range(3) for name in (f"总结{n}.docx", f"第{n}条")]
    assert in_order(site, "zhang") == expected
    assert results.counts == {"delivered": 6}


async def test_message_whose_answer_is_lost_is_repeated_as_the_same_request(
    store: OutboxStore, site: Site, client: ApiClient
) -> None:
    site.api.faults.plan(Cut(late=True), "message/send", times=2)
    await store.accept(text(1))
    await store.accept(file(2))
    async with delivering(store, client) as results:
        await results.until(2)
    assert in_order(site, "zhang") == ["第1条", "总结2.docx"]
    assert [dropped.why for dropped in site.api.dropped] == ["duplicate", "duplicate"]
    assert site.api.calls["media/upload"] == 1


async def test_same_words_accepted_twice_arrive_twice(store: OutboxStore, site: Site, client: ApiClient) -> None:
    for number in range(3):
        await store.accept(Parcel(f"id{number}", "zhang", "草稿是空的"))
    async with delivering(store, client) as results:
        await results.until(3)
    assert in_order(site, "zhang") == ["草稿是空的"] * 3


async def test_card_whose_answer_is_lost_is_recognised_by_its_name(
    store: OutboxStore, site: Site, client: ApiClient
) -> None:
    site.api.faults.plan(Cut(late=True), "message/send")
    await store.accept(CARD)
    async with delivering(store, client) as results:
        await results.until(1)
    assert results.counts == {"delivered": 1}
    assert [shown.kind for shown in site.api.shown] == ["template_card"]


@pytest.mark.parametrize("code", [40058, 44001, 40004, 45001, 123_456])
@pytest.mark.parametrize(
    ("parcel", "call"), [(file(1), "media/upload"), (file(1), "message/send"), (CARD, "message/send")]
)
async def test_file_or_card_that_is_refused_arrives_as_text_in_its_place(
    store: OutboxStore, site: Site, client: ApiClient, code: int, parcel: Parcel, call: str
) -> None:
    site.api.faults.plan(ErrorCode(code), call)
    await store.accept(parcel)
    await store.accept(text(2))
    async with delivering(store, client) as results:
        await results.until(2)
    assert in_order(site, "zhang") == [parcel.text, "第2条"]
    assert await store.notes("zhang") == ()


@pytest.mark.parametrize("code", [40058, 60020, 81013])
async def test_extra_that_is_refused_is_dropped_without_a_word(
    store: OutboxStore, site: Site, client: ApiClient, code: int
) -> None:
    site.api.faults.plan(ErrorCode(code), "message/send")
    await store.accept(replace(CARD, extra=True))
    await store.accept(text(2))
    async with delivering(store, client) as results:
        await results.until(2)
        await store.collect(10)
    assert in_order(site, "zhang") == ["第2条"]
    assert await store.notes("zhang") == ()


async def test_extra_is_not_sent_late_while_what_was_promised_is(make_store: MakeStore, site: Site) -> None:
    clock = Clock()
    store = make_store(clock=clock)
    await store.accept(replace(CARD, extra=True))
    await store.accept(text(2))
    clock.time += 61
    async with site.client() as client, delivering(store, client, clock=clock) as results:
        await results.until(2)
    assert in_order(site, "zhang") == ["第2条"]
    assert results.counts == {"failed": 1, "delivered": 1}


@pytest.mark.parametrize(("times", "shown"), [(1, "总结1.docx"), (2, "文件1没有发成")])
async def test_file_whose_id_is_refused_is_uploaded_again_once(
    store: OutboxStore, site: Site, client: ApiClient, times: int, shown: str
) -> None:
    site.api.faults.plan(ErrorCode(40007), "message/send", times=times)
    await store.accept(file(1))
    async with delivering(store, client) as results:
        await results.until(1)
    assert in_order(site, "zhang") == [shown]
    assert site.api.calls["media/upload"] == 2


@pytest.mark.parametrize("code", [60020, 301002, 50002, 81013])
async def test_where_nothing_helps_the_text_waits_for_the_members_next_turn(
    store: OutboxStore, site: Site, client: ApiClient, code: int
) -> None:
    site.api.faults.plan(ErrorCode(code), "message/send", times=None)
    await store.accept(file(1))
    await store.accept(text(2))
    async with delivering(store, client) as results:
        await results.until(2)
        await store.collect(10)
    assert await store.notes("zhang") == ("文件1没有发成", "第2条")
    assert results.counts == {"failed": 2}
    # Not tried again: one call for each.
    assert site.api.calls["message/send"] == 2


async def test_member_that_gets_nothing_although_the_call_succeeds_learns_of_it(
    store: OutboxStore, site: Site, client: ApiClient
) -> None:
    site.api.unlicensed = {"zhang"}
    await store.accept(text(1))
    async with delivering(store, client) as results:
        await results.until(1)
        await store.collect(10)
    assert results.counts == {"failed": 1}
    assert await store.notes("zhang") == ("第1条",)


async def test_fault_that_does_not_pass_costs_a_bounded_number_of_calls(make_store: MakeStore) -> None:
    clock = Clock()
    store = make_store(clock=clock)
    async with api_site(clock) as site, site.client() as client:
        site.clock.time = clock.time
        site.api.faults.plan(ErrorCode(40014), "message/send", times=None)
        await store.accept(text(1))
        async with delivering(store, client, pace=Pace(poll=0.05), clock=clock) as results:
            await results.until(1)
            await store.collect(10)
        assert results.counts == {"failed": 1}
        assert site.api.calls["message/send"] == 2 * Pace().tries
        assert site.api.calls["gettoken"] <= 1 + Pace().tries
    assert await store.notes("zhang") == ("第1条",)
    assert 60 < clock.slept < 600


async def test_what_is_too_old_is_given_up(make_store: MakeStore) -> None:
    clock = Clock()
    store = make_store(clock=clock)
    async with api_site(clock) as site, site.client() as client:
        site.api.faults.plan(HttpStatus(503), times=None)
        await store.accept(file(1))
        async with delivering(store, client, pace=Pace(poll=0.05), clock=clock) as results:
            await results.until(1)
            await store.collect(10)
        # Three hours of pauses of up to a minute.
        assert 150 < site.api.calls.total() < 800
    assert await store.notes("zhang") == ("文件1没有发成",)
    assert 3 * 3600 < clock.slept < 3 * 3600 + 120


@pytest.mark.parametrize("count", [100, 1050])
async def test_nothing_is_sent_that_would_be_dropped_in_silence(make_store: MakeStore, count: int) -> None:
    clock = Clock()
    store = make_store(limits=Limits(parcels_of_one=2000), clock=clock)
    async with api_site(clock) as site, site.client() as client:
        site.clock.time = clock.time
        for number in range(count):
            await store.accept(text(number))
        async with delivering(store, client, pace=Pace(poll=0.05, in_hand=2000), clock=clock) as results:
            await results.until(count)
        assert site.api.dropped == []
        assert site.api.texts("zhang") == [f"第{number}条" for number in range(count)]
    assert clock.slept >= (count - 1) // 30 * 60


async def test_api_that_is_down_is_left_alone_by_all_lanes(make_store: MakeStore) -> None:
    """A hundred members' messages wait; no lane's own pause spares the API, the brake does."""
    store = make_store()
    async with api_site() as site, site.client() as client:
        site.api.faults.plan(HttpStatus(503), times=None)
        for number in range(100):
            await store.accept(text(1, f"user{number}"))
        pace = replace(BRISK, backoff=Backoff(0.001, 0.002), brake=Backoff(0.1, 0.2))
        async with delivering(store, client, pace=pace) as results:
            await site.api.until(lambda: site.api.calls.total() >= 3)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.6):
                    await site.api.until(lambda: site.api.calls.total() > 70)
            site.api.faults.heal()
            await results.until(100)
    assert len(site.api.shown) == 100


async def test_what_is_accepted_while_the_courier_runs_is_delivered(
    store: OutboxStore, site: Site, client: ApiClient
) -> None:
    async with delivering(store, client) as results:
        for number in range(5):
            await store.accept(text(number))
            await results.until(number + 1)
    assert in_order(site, "zhang") == [f"第{number}条" for number in range(5)]


async def test_call_on_its_way_is_ended_before_the_courier_stops(store: OutboxStore, site: Site) -> None:
    site.api.faults.plan(Hang(), "message/send")
    await store.accept(text(1))
    async with site.client() as client:
        async with delivering(store, client, pace=replace(BRISK, grace=30.0)):
            await site.api.until(lambda: site.api.calls["message/send"] > 0)
            asyncio.get_running_loop().call_later(0.05, site.api.faults.heal)
        # It came to an end (system busy), and the parcel is there for the next worker.
        assert (await store.waiting()).parcels == 1


async def test_log_tells_a_reference_and_never_a_text_or_a_member(
    store: OutboxStore, site: Site, client: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site.api.faults.plan(ErrorCode(60020), "message/send")
    site.api.faults.plan(ErrorCode(44001), "media/upload")
    await store.accept(Parcel("f00dfeed", "canary-member", "canary-text"))
    await store.accept(replace(file(1, "canary-member"), id="beefbeef", text="canary-text"))
    async with delivering(store, client) as results:
        await results.until(2)
    lines = "\n".join(f"{record.getMessage()} {record.__dict__.get('fields')}" for record in caplog.records)
    assert "'reference': 'f00dfe', 'reason': '60020'" in lines
    assert "'reference': 'beefbe', 'reason': '44001'" in lines
    assert "canary" not in lines


def test_pauses_grow_to_a_limit_and_differ() -> None:
    backoff = Backoff(first=1.0, longest=60.0)
    for tries in range(1, 2000):
        whole = min(60.0, 2.0 ** min(tries - 1, 30))
        assert whole / 2 <= backoff.delay(tries) <= whole
    assert len({backoff.delay(5) for _ in range(10)}) > 1


def test_brake_takes_hold_after_some_faults_and_lets_go_after_a_success() -> None:
    clock = Clock()
    brake = Brake(Backoff(1.0, 15.0), patience=3, clock=clock)
    for _ in range(2):
        brake.fault()
        assert brake.remaining() == 0
    brake.fault()
    assert 0.5 <= brake.remaining() <= 1
    for _ in range(20):
        brake.fault()
    assert 7.5 <= brake.remaining() <= 15
    brake.release()
    assert brake.remaining() == 0
    brake.fault(60)
    assert brake.remaining() == 60
