"""What a genuine request gets: verification, delivery, reply."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.callback import Callback
from bot.wecom.crypto import Credentials
from handlers.dialogue import MessageKind

from .conftest import Client
from .peer import AES_KEY, AGENT, CORP, CREDENTIALS, NOW, TOKEN, Peer, RecordingReceiver, event_xml, text_xml

PATH = "/wecom/callback"

VECTOR = {
    "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
    "timestamp": "1409659589",
    "nonce": "263014780",
    "echostr": "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
}


def client_at(now: float, receiver: RecordingReceiver) -> Client:
    app = web.Application()
    app.add_routes(Callback(CREDENTIALS, receiver, now=lambda: now).routes())
    return TestClient(TestServer(app))


async def test_published_vector_is_verified(receiver: RecordingReceiver) -> None:
    async with client_at(1409659589, receiver) as client:
        response = await client.get(PATH, params=VECTOR)
        assert response.status == 200
        assert response.content_type == "text/plain"
        assert await response.read() == b"1616140317555161061"


async def test_published_vector_survives_a_proxy_that_turns_plus_into_blank(receiver: RecordingReceiver) -> None:
    async with client_at(1409659589, receiver) as client:
        response = await client.get(PATH, params=VECTOR | {"echostr": VECTOR["echostr"].replace("+", " ")})
        assert await response.read() == b"1616140317555161061"


async def test_message_reaches_the_receiver_and_its_answer_comes_back_encrypted(
    client: Client, receiver: RecordingReceiver, peer: Peer
) -> None:
    posted = peer.post(text_xml(" 党建工作总结提纲\n"))
    response = await client.post(PATH, params=posted.query, data=posted.body)
    assert response.status == 200
    assert response.content_type == "application/xml"
    (message,) = receiver.messages
    assert (message.channel, message.user, message.text) == ("wecom", "zhangsan", "党建工作总结提纲")
    assert message.kind is MessageKind.TEXT
    assert message.sent_at.timestamp() == NOW
    assert message.sent_at.tzinfo is not None
    fields = peer.read_reply(await response.read())
    assert fields["Content"] == receiver.answer
    assert (fields["ToUserName"], fields["FromUserName"]) == ("zhangsan", CORP)
    assert (fields["MsgType"], fields["CreateTime"]) == ("text", str(NOW))


@pytest.mark.parametrize("answer", [None, ""])
async def test_nothing_to_say_is_an_empty_200(
    client: Client, receiver: RecordingReceiver, peer: Peer, answer: str | None
) -> None:
    receiver.answer = answer
    posted = peer.post(event_xml("unsubscribe"))
    response = await client.post(PATH, params=posted.query, data=posted.body)
    assert response.status == 200
    assert await response.read() == b""
    assert receiver.messages[0].kind is MessageKind.OTHER


async def test_repeated_request_gets_the_same_bytes(client: Client, receiver: RecordingReceiver, peer: Peer) -> None:
    posted = peer.post()
    answers = set()
    for _ in range(3):
        response = await client.post(PATH, params=posted.query, data=posted.body)
        answers.add(await response.read())
    assert len(answers) == 1
    assert len({message.delivery for message in receiver.messages}) == 1


async def test_redelivery_under_a_new_nonce_is_the_same_delivery_and_gets_the_same_text(
    client: Client, receiver: RecordingReceiver, peer: Peer
) -> None:
    replies = []
    for nonce, timestamp in (("1", NOW), ("2", NOW + 5), ("3", NOW + 10)):
        posted = peer.post(nonce=nonce, timestamp=str(timestamp))
        response = await client.post(PATH, params=posted.query, data=posted.body)
        replies.append(peer.read_reply(await response.read()))
    assert replies[0] == replies[1] == replies[2]
    assert len({message.delivery for message in receiver.messages}) == 1


async def test_requests_at_once_are_answered_each_to_its_own_user(client: Client, peer: Peer) -> None:
    async def ask(user: str) -> str:
        posted = peer.post(text_xml(user=user, number=len(user)))
        response = await client.post(PATH, params=posted.query, data=posted.body)
        return peer.read_reply(await response.read())["ToUserName"]

    users = [f"user{'x' * n}" for n in range(20)]
    assert await asyncio.gather(*(ask(user) for user in users)) == users


@pytest.mark.parametrize("offset", [-300, -240, 0, 240, 300])
async def test_clock_skew_within_five_minutes_is_accepted(client: Client, peer: Peer, offset: int) -> None:
    posted = peer.post(timestamp=str(NOW + offset))
    response = await client.post(PATH, params=posted.query, data=posted.body)
    assert response.status == 200
    verification = await client.get(PATH, params=peer.echo(timestamp=str(NOW + offset)))
    assert verification.status == 200


async def test_without_an_agent_id_every_agent_of_the_corp_is_served(receiver: RecordingReceiver, peer: Peer) -> None:
    app = web.Application()
    app.add_routes(Callback(Credentials(CORP, TOKEN, AES_KEY), receiver, now=lambda: NOW).routes())
    async with TestClient(TestServer(app)) as client:
        for agent in (AGENT, "1000099"):
            posted = peer.post(text_xml(agent=agent))
            assert (await client.post(PATH, params=posted.query, data=posted.body)).status == 200
    assert len({message.delivery for message in receiver.messages}) == 2


async def test_longest_reply_passes_and_one_byte_more_is_an_error_of_ours(
    client: Client, receiver: RecordingReceiver, peer: Peer
) -> None:
    posted = peer.post()
    receiver.answer = "笔" * 682 + "杆ab"[1:]
    assert len(receiver.answer.encode()) == 2048
    response = await client.post(PATH, params=posted.query, data=posted.body)
    assert peer.read_reply(await response.read())["Content"] == receiver.answer
    receiver.answer += "c"
    assert (await client.post(PATH, params=posted.query, data=posted.body)).status == 500


async def test_other_methods_are_not_served(client: Client, peer: Peer) -> None:
    for method in ("HEAD", "PUT", "DELETE", "PATCH"):
        assert (await client.request(method, PATH, params=peer.echo())).status == 405
