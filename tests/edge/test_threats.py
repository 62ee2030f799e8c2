"""Threats that no single module answers: the whole service is asked, as it is composed for production."""

from __future__ import annotations

import hmac
import io
import itertools
import logging
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import BaseTestServer
from pydantic import SecretStr

from bot.app import create_app
from bot.edge.limits import LIMITS
from bot.errors import SignatureError
from bot.logs import JsonFormatter
from bot.opening import LiveDialogue, Shelf
from bot.settings import Settings
from bot.simulator.inbound import Medium
from bot.simulator.stand_in import StandIn
from bot.stores.protocol import Lifetimes
from bot.wecom.crypto import MessageCipher
from bot.wecom.gate import WINDOW_SECONDS
from handlers.dialogue import Message, Session, Turn
from handlers.routing import Dialogue
from handlers.texts.limits import IDENTITY_NUMBER, SECRECY
from handlers.texts.pace import TOO_FAST
from handlers.understanding import LONGEST, LONGEST_PASTE
from knowledge.corpus.reader import read
from tests.conftest import RedisServer
from tests.knowledge.reader_fixtures import docx_parts, paragraph, zip_of
from tests.wecom.peer import CREDENTIALS, Peer, Posted, text_xml

from .guarded import GuardedTestServer, deliver
from .redis_contents import all_bytes, spoil_everything

HELP = "帮助"
NUMBERS = itertools.count(1)
"""Of messages: two of one user with one number would be one delivery."""


class Service:
    """The whole application behind guarded connections."""

    def __init__(self, server: BaseTestServer) -> None:
        self._server = server
        self._peer = Peer()

    def compose(self, text: str, user: str = "zhangsan") -> Posted:
        now = int(time.time())
        xml = text_xml(text, user=user, number=next(NUMBERS), created=now)
        return self._peer.post(xml, timestamp=str(now))

    async def say(self, text: str, user: str = "zhangsan") -> str:
        return await self.send(self.compose(text, user))

    async def send(self, posted: Posted) -> str:
        answer = await deliver(self._server, posted)
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        return self._peer.read_reply(body)["Content"] if body else ""


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    async with GuardedTestServer(create_app(settings, LiveDialogue(Shelf(settings)), CREDENTIALS)) as server:
        yield Service(server)


@pytest.fixture
def bait() -> Iterator[socket.socket]:
    """A port on which nobody should ever call."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def address_of(bait: socket.socket) -> str:
    return f"http://127.0.0.1:{bait.getsockname()[1]}"


async def test_no_address_in_a_message_is_ever_called(bundled_base: Path, bait: socket.socket) -> None:
    url = address_of(bait)
    stand_in = StandIn(CREDENTIALS, "")
    async with running(Settings(knowledge_base=bundled_base)) as service:
        for text in (
            url,
            f"看看 {url}/总结.docx",
            f"检查：{url}，一是抓学习。三是抓整改。",
            f"收藏{url}",
            f"拆成提纲 {url}",
        ):
            assert await service.say(text, user=text)
        for medium in Medium:
            xml = stand_in.compose_medium("zhangsan", medium).xml.replace("http://example.invalid", url)
            await service.send(Peer().post(xml, timestamp=str(int(time.time()))))
    with pytest.raises(BlockingIOError):
        bait.accept()


def test_no_address_in_a_document_is_ever_called(bait: socket.socket, tmp_path: Path) -> None:
    url = address_of(bait)
    parts: dict[str, Any] = docx_parts(paragraph("坚持每月开展一次集中学习，推动理论学习走深走实。"))
    parts["word/_rels/document.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
        f'Target="{url}/a.dotm" TargetMode="External"/></Relationships>'
    )
    page = (
        f'<!DOCTYPE html SYSTEM "{url}/a.dtd"><html><head><link rel="stylesheet" href="{url}/a.css"><base href="{url}">'
        f'<script src="{url}/a.js"></script></head><body><img src="{url}/a.png"><iframe src="{url}"></iframe>'
        f"{'<p>坚持每月开展一次集中学习，推动理论学习走深走实。</p>' * 8}</body></html>"
    )
    for name, content in {
        "a.docx": zip_of(parts.items()),
        "a.html": page.encode(),
        "a.md": f"![a]({url})。".encode(),
    }.items():
        (tmp_path / name).write_bytes(content)
        read(tmp_path / name)
    with pytest.raises(BlockingIOError):
        bait.accept()


async def test_one_users_crowd_is_told_once_and_others_are_answered(bundled_base: Path) -> None:
    async with running(Settings(knowledge_base=bundled_base)) as service:
        answers = [await service.say(HELP) for _ in range(LIMITS.messages_per_minute + 5)]
        assert answers[LIMITS.messages_per_minute :] == [TOO_FAST, "", "", "", ""]
        assert all(answers[: LIMITS.messages_per_minute])
        assert await service.say(HELP, user="li") == answers[0]


async def test_replay_gets_the_recorded_answer_even_from_another_process(
    bundled_base: Path, redis_server: RedisServer
) -> None:
    settings = Settings(knowledge_base=bundled_base, redis_url=SecretStr(redis_server.url))
    async with running(settings) as service:
        await service.say("意识形态怎么写")
        replayed = service.compose("更多")
        second = await service.send(replayed)
        assert await service.send(replayed) == second
    async with running(settings) as another:
        assert await another.send(replayed) == second
        assert "第4–6条" in second
        assert "第7–8条" in await another.say("更多"), "no replay has moved the conversation"


def test_replies_are_recorded_for_as_long_as_a_signature_is_accepted() -> None:
    assert Lifetimes().reply >= 2 * WINDOW_SECONDS


MARKED = (
    ("机密★10年 某单位某月某日行动方案", SECRECY),
    ("检查：绝密★ 某单位某月某日行动方案。一是抓学习。三是抓整改。", SECRECY),
    ("加入草稿：秘密★5年 某单位某月某日行动方案", SECRECY),
    ("收藏机\u200b密★某单位某月某日行动方案", SECRECY),
    ("查重：某单位某月某日行动方案机密☆", SECRECY),
    ("某单位某月某日行动方案，身份证号11010119900307123X", IDENTITY_NUMBER),
)
TRACES = ("某月某日行动方案", "11010119900307123X")


async def test_marked_secrets_are_refused_with_the_reason_and_leave_no_trace(
    bundled_base: Path, redis_server: RedisServer
) -> None:
    """Even where texts that were not understood are collected."""
    settings = Settings(knowledge_base=bundled_base, redis_url=SecretStr(redis_server.url), collect_misses=True)
    with captured_log() as log:
        async with running(settings) as service:
            await service.say("党建工作总结提纲")
            for text, reason in MARKED:
                assert (await service.say(text)).startswith(reason)
            assert (await service.say("展开（五）")).startswith("【展开】"), "the conversation goes on where it was"
            assert await service.say("党员积分兑换柜台怎么写")
    stored = all_bytes(redis_server)
    assert "积分兑换".encode() in stored, "nothing was collected at all"
    for trace in TRACES:
        assert trace.encode() not in stored
        assert trace not in log.getvalue()


class captured_log:  # noqa: N801 - reads as what it is where it is used
    """All that is logged, as it would be written."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self._handler = logging.StreamHandler(self._stream)
        self._handler.setFormatter(JsonFormatter())

    def __enter__(self) -> io.StringIO:
        logging.getLogger().addHandler(self._handler)
        logging.getLogger("bot").setLevel(logging.DEBUG)
        return self._stream

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self._handler)
        logging.getLogger("bot").setLevel(logging.NOTSET)


@pytest.mark.parametrize("value", [b"\xff\xfe\x00", b'0 {"format":1,"views":[[[[', b"9" * 100_000])
async def test_whatever_redis_is_filled_with_the_next_message_is_answered(
    bundled_base: Path, redis_server: RedisServer, value: bytes
) -> None:
    settings = Settings(knowledge_base=bundled_base, redis_url=SecretStr(redis_server.url))
    async with running(settings) as service:
        first = await service.say("党建工作总结提纲")
        assert spoil_everything(redis_server, value) >= 2
    async with running(settings) as service:
        assert (await service.say("党建工作总结提纲"))[:60] == first[:60]
        assert (await service.say("展开（五）")).startswith("【展开】")


@pytest.mark.parametrize(("before", "read"), [(LONGEST - 200, True), (LONGEST, False)])
def test_request_is_read_as_far_as_the_cap(dialogue: Dialogue, before: int, *, read: bool) -> None:
    understood = respond(dialogue, "。" * before + "党建工作总结提纲").understanding
    assert (understood.intent == "outline") is read


@pytest.mark.parametrize(("before", "read"), [(LONGEST_PASTE - 200, True), (LONGEST_PASTE, False)])
def test_text_is_checked_as_far_as_the_cap(dialogue: Dialogue, before: int, *, read: bool) -> None:
    sentence = "坚持每月开展一次集中学习。"
    turn = respond(dialogue, "检查：" + (sentence * before)[: before - 3] + "三会一棵抓得紧。")
    assert turn.understanding.intent == "check"
    assert ("三会一棵" in str(turn.reply)) is read


def respond(dialogue: Dialogue, text: str) -> Turn:
    return dialogue.respond(Message("wecom", "u", text, datetime.now(UTC)), Session())


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time cannot be measured on a shared machine; what can be seen is that nothing else compares."""
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return constant_time(one, other)

    constant_time = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", compare)
    cipher = MessageCipher(CREDENTIALS)
    genuine = cipher.sign("1", "2", "AAAA")
    cipher.verify(genuine, "1", "2", "AAAA")
    for forged in ("0" * 40, genuine[:-1] + ("0" if genuine[-1] != "0" else "1"), genuine[:20], ""):
        with pytest.raises(SignatureError):
            cipher.verify(forged, "1", "2", "AAAA")
        assert compared[-1] == (genuine.encode(), forged.encode())
    assert len(compared) == 5
