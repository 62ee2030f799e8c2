"""Whatever arrives, with or without a valid signature: 200, 403 or 413, and never an unhandled error."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from bot.channels.callback import Callback

from .conftest import Client
from .peer import CREDENTIALS, NOW, Peer, RecordingReceiver, event_xml, text_xml

PATH = "/wecom/callback"
PEER = Peer()
EXAMPLES = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])

NAMES = ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId", "AgentID", "Event", "EventKey"]
NAMES += ["TaskId", "SelectedItems", "SelectedItem", "OptionId", "item", "xml"]
VALUES = [
    "",
    "event",
    "text",
    "click",
    "enter_agent",
    "1000002",
    "wx5823bf96d3bd56c7",
    "-1",
    "1e9",
    "٣",
    "9" * 30,
    "NaN",
]


@contextmanager
def running_client(receiver: RecordingReceiver) -> Iterator[tuple[asyncio.Runner, Client]]:
    with asyncio.Runner() as runner:
        app = web.Application()
        app.add_routes(Callback(CREDENTIALS, receiver, now=lambda: NOW).routes())

        async def start() -> Client:
            client: Client = TestClient(TestServer(app))
            await client.start_server()
            return client

        client = runner.run(start())
        try:
            yield runner, client
        finally:
            runner.run(client.close())


def element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


leaves = st.sampled_from(VALUES) | st.text(max_size=12).map(lambda text: f"<![CDATA[{text}]]>")
elements = st.recursive(
    st.builds(element, st.sampled_from(NAMES), leaves),
    lambda inner: st.builds(element, st.sampled_from(NAMES), st.lists(inner, max_size=4).map("".join)),
    max_leaves=12,
)
mutations = st.builds(
    lambda xml, start, length, piece: xml[:start] + piece + xml[start + length :],
    st.sampled_from([text_xml(), event_xml("click", EventKey="a"), event_xml("template_card_event", TaskId="1")]),
    st.integers(0, 300),
    st.integers(0, 30),
    st.text(max_size=8) | st.sampled_from(["<a>", "</a>", "]]>", "<![CDATA[", "<!DOCTYPE a>", "&#0;"]) | elements,
)
documents = st.lists(elements, max_size=8).map(lambda parts: element("xml", "".join(parts))) | mutations | st.text()


def to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def test_any_signed_content_gets_200_or_403() -> None:
    receiver = RecordingReceiver()
    with running_client(receiver) as (runner, client):

        @EXAMPLES
        @given(documents.map(to_bytes) | st.binary(max_size=500))
        def check(content: bytes) -> None:
            before = len(receiver.messages)
            posted = PEER.post(content)
            status = runner.run(status_of(client, posted.query, posted.body))
            assert status in {200, 403}
            assert len(receiver.messages) - before == (status == 200)

        check()
    assert receiver.messages, "no example was a readable message: the strategy lost its bite"


def test_any_signed_ciphertext_is_refused() -> None:
    receiver = RecordingReceiver()
    with running_client(receiver) as (runner, client):

        @EXAMPLES
        @given(st.text(alphabet="ABCabc019+/=", min_size=1, max_size=200) | st.binary(max_size=256).map(as_padded))
        def check(encrypted: str) -> None:
            posted = PEER.post(encrypted=encrypted)
            assert runner.run(status_of(client, posted.query, posted.body)) == 403

        check()
    assert receiver.messages == []


def as_padded(raw: bytes) -> str:
    return PEER.encrypt_padded(raw.ljust(-len(raw) % 16 + len(raw), b"\x01"))


def test_any_unsigned_body_is_refused() -> None:
    receiver = RecordingReceiver()
    with running_client(receiver) as (runner, client):

        @EXAMPLES
        @given(st.binary(max_size=2000) | documents.map(to_bytes))
        def check(body: bytes) -> None:
            assert runner.run(status_of(client, PEER.post().query, body)) == 403

        check()
    assert receiver.messages == []


def test_any_query_is_refused() -> None:
    receiver = RecordingReceiver()
    names = st.sampled_from(["msg_signature", "timestamp", "nonce", "echostr"]) | st.text(max_size=5)
    values = st.text(max_size=60) | st.sampled_from(["0" * 40, str(NOW), f"{NOW}000", "-1", "inf", "AAAA"])
    with running_client(receiver) as (runner, client):

        @EXAMPLES
        @given(st.lists(st.tuples(names, values), max_size=6), st.sampled_from(["GET", "POST"]))
        def check(query: list[tuple[str, str]], method: str) -> None:
            # Lone surrogates cannot be written into an address at all.
            sent = [(n.encode(errors="replace").decode(), v.encode(errors="replace").decode()) for n, v in query]
            body = PEER.post().body if method == "POST" else None
            assert runner.run(status_of(client, sent, body, method)) == 403

        check()
    assert receiver.messages == []


def test_any_raw_query_string_is_refused() -> None:
    receiver = RecordingReceiver()
    characters = st.text(alphabet="%0123456789abcdefABCDEF&=+;[]msg_signatureonceh~!$'()*,:@/?-._", max_size=120)
    with running_client(receiver) as (runner, client):

        @EXAMPLES
        @given(characters)
        def check(query: str) -> None:
            url = URL(f"{client.make_url(PATH)}?{query}", encoded=True)

            async def ask() -> int:
                async with client.session.get(url) as response:
                    return response.status

            assert runner.run(ask()) == 403

        check()


async def status_of(
    client: Client, query: list[tuple[str, str]] | tuple[tuple[str, str], ...], body: bytes | None, method: str = "POST"
) -> int:
    async with client.request(method, PATH, params=query, data=body) as response:
        await response.read()
        return response.status
