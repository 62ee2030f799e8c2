"""Signatures: the cases every webhook receiver should know, what this one's missing delimiter invites, and other tenants.

The first table follows the test suites of the Standard Webhooks libraries (standardwebhooks.com), case by case, in this
protocol's terms: id → nonce, webhook-signature → msg_signature, secret → Token.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from bot.errors import CredentialsError
from bot.wecom.crypto import Credentials, MessageCipher
from tests.wecom.conftest import Client
from tests.wecom.peer import AES_KEY, AGENT, CORP, CREDENTIALS, NOW, TOKEN, Peer, Posted, RecordingReceiver, text_xml

PATH = "/wecom/callback"
OTHER_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def signature(posted: Posted) -> str:
    return dict(posted.query)["msg_signature"]


def without(name: str) -> Callable[[Peer], Posted]:
    def build(peer: Peer) -> Posted:
        posted = peer.post()
        return Posted(tuple(pair for pair in posted.query if pair[0] != name), posted.body)

    return build


def signed_as(change: Callable[[str], str]) -> Callable[[Peer], Posted]:
    def build(peer: Peer) -> Posted:
        posted = peer.post()
        return posted.with_query(msg_signature=change(signature(posted)))

    return build


def in_another_order(peer: Peer) -> Posted:
    posted = peer.post()
    return Posted((*reversed(posted.query), ("utm_source", "proxy")), posted.body)


def with_two_signatures(peer: Peer) -> Posted:
    posted = peer.post()
    return Posted((("msg_signature", "0" * 40), *posted.query), posted.body)


def at(offset: float) -> Callable[[Peer], Posted]:
    return lambda peer: peer.post(timestamp=str(NOW + int(offset)))


STANDARD: list[tuple[str, int, Callable[[Peer], Posted]]] = [
    ("valid signature", 200, lambda peer: peer.post()),
    ("valid signature, parameters in another order and others beside them", 200, in_another_order),
    ("missing id", 403, without("nonce")),
    ("missing timestamp", 403, without("timestamp")),
    ("missing signature", 403, without("msg_signature")),
    ("timestamp that is no number", 403, lambda peer: peer.post(timestamp="hello12345")),
    ("invalid signature", 403, signed_as(lambda _: "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3")),
    ("partial signature", 403, signed_as(lambda whole: whole[:8])),
    ("empty signature", 403, signed_as(lambda _: "")),
    ("old timestamp", 403, at(-301)),
    ("new timestamp", 403, at(301)),
    ("several signatures, one of them valid: never tried one by one", 403, with_two_signatures),
    ("signature with a version before it", 403, signed_as(lambda whole: "v1," + whole)),
]


@pytest.mark.parametrize(("status", "build"), [case[1:] for case in STANDARD], ids=[case[0] for case in STANDARD])
async def test_standard_webhook_case(
    client: Client, receiver: RecordingReceiver, peer: Peer, status: int, build: Callable[[Peer], Posted]
) -> None:
    posted = build(peer)
    response = await client.post(PATH, params=posted.query, data=posted.body)
    assert response.status == status
    assert len(receiver.messages) == (status == 200)


@pytest.mark.parametrize("token", ["", " ", "a" * 33, "whsec_QDG6eK"])
def test_standard_webhook_case_of_an_impossible_secret(token: str) -> None:
    with pytest.raises(CredentialsError):
        Credentials(CORP, token, AES_KEY, AGENT)


def test_standard_webhook_case_of_the_published_signature() -> None:
    cipher = MessageCipher(CREDENTIALS)
    echo = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
    assert cipher.sign("1409659589", "263014780", echo) == "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"


def moved(count: int) -> Callable[[Peer], Posted]:
    """Move digits between timestamp and nonce: what is signed has no delimiter, so joined they look the same."""

    def build(peer: Peer) -> Posted:
        # The order of signing is that of the sorted strings; these two stay neighbours.
        posted = peer.post(nonce=str(NOW) + "55")
        joined = str(NOW) + dict(posted.query)["nonce"]
        return posted.with_query(timestamp=joined[: 10 + count], nonce=joined[10 + count :])

    return build


def swapped_far(peer: Peer) -> Posted:
    posted = peer.post(nonce="1409659589")
    return posted.with_query(timestamp="1409659589", nonce=str(NOW))


def swapped_with_the_ciphertext(peer: Peer) -> Posted:
    posted = peer.post(encrypted="263014780A==", nonce="AAAA")
    return Posted(posted.with_query(nonce="263014780A==").query, posted.body.replace(b"263014780A==", b"AAAA"))


@pytest.mark.parametrize("count", [-9, -3, -1, 1, 2, 9])
async def test_digits_moved_between_timestamp_and_nonce_are_refused(
    client: Client, receiver: RecordingReceiver, peer: Peer, count: int
) -> None:
    posted = moved(count)(peer)
    assert (await client.post(PATH, params=posted.query, data=posted.body)).status == 403
    assert receiver.messages == []


@pytest.mark.parametrize("build", [swapped_far, swapped_with_the_ciphertext])
async def test_swapped_fields_are_refused(
    client: Client, receiver: RecordingReceiver, peer: Peer, build: Callable[[Peer], Posted]
) -> None:
    posted = build(peer)
    assert (await client.post(PATH, params=posted.query, data=posted.body)).status == 403
    assert receiver.messages == []


async def test_swap_that_the_protocol_cannot_notice_is_still_the_same_delivery(
    client: Client, receiver: RecordingReceiver, peer: Peer
) -> None:
    """The signature of the swap is valid, so what counts is that it wins nothing: the delivery id is that of the first."""
    genuine = peer.post(nonce=str(NOW + 7))
    replayed = genuine.with_query(timestamp=str(NOW + 7), nonce=str(NOW))
    for posted in (genuine, replayed):
        assert (await client.post(PATH, params=posted.query, data=posted.body)).status == 200
    first, second = receiver.messages
    assert first.delivery == second.delivery


TENANTS = list(itertools.product((TOKEN, "othertoken"), (AES_KEY, OTHER_KEY), (CORP, "ww0000000000000000")))


@pytest.mark.parametrize(("token", "key", "corp"), TENANTS)
@pytest.mark.parametrize("named", [CORP, "ww0000000000000000"])
@pytest.mark.parametrize("agent", [AGENT, "1000003"])
async def test_of_all_tenants_only_our_own_is_served(
    client: Client, receiver: RecordingReceiver, token: str, key: str, corp: str, named: str, agent: str
) -> None:
    """Token, key, the CorpID in the cipher, the CorpID in the message and the agent: each must be ours."""
    ours = (token, key, corp, named, agent) == (TOKEN, AES_KEY, CORP, CORP, AGENT)
    posted = Peer(corp=corp, token=token, aes_key=key).post(text_xml(corp=named, agent=agent))
    response = await client.post(PATH, params=posted.query, data=posted.body)
    assert response.status == (200 if ours else 403)
    assert len(receiver.messages) == ours
    if corp == CORP:
        verified = await client.get(PATH, params=Peer(corp=corp, token=token, aes_key=key).echo())
        assert verified.status == (200 if (token, key) == (TOKEN, AES_KEY) else 403)
