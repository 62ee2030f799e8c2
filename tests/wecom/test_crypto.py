"""Credentials and cipher."""

from __future__ import annotations

import base64
import itertools
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BotError, CipherError, CredentialsError, RecipientError, SignatureError
from bot.wecom.crypto import Credentials, MessageCipher

from .peer import AES_KEY, AGENT, CORP, CREDENTIALS, TOKEN, Peer

CIPHER = MessageCipher(CREDENTIALS)
PEER = Peer()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"corp_id": ""}, "CorpID"),
        ({"corp_id": "某单位"}, "CorpID"),
        ({"corp_id": "ww1\n"}, "CorpID"),
        ({"token": ""}, "Token"),
        ({"token": "t" * 33}, "Token"),
        ({"token": "has blank"}, "Token"),
        ({"aes_key": ""}, "EncodingAESKey"),
        ({"aes_key": AES_KEY[:-1]}, "EncodingAESKey"),
        ({"aes_key": AES_KEY + "="}, "EncodingAESKey"),
        ({"aes_key": AES_KEY[:-1] + "-"}, "EncodingAESKey"),
        ({"aes_key": AES_KEY[:-1] + "\uff19"}, "EncodingAESKey"),
        ({"agent_id": ""}, "AgentID"),
        ({"agent_id": "应用"}, "AgentID"),
        ({"agent_id": "\uff11\uff10"}, "AgentID"),
    ],
)
def test_impossible_credential_is_named_but_not_shown(change: dict[str, str], named: str) -> None:
    values = {"corp_id": CORP, "token": TOKEN, "aes_key": AES_KEY, "agent_id": AGENT} | change
    with pytest.raises(CredentialsError, match=named) as caught:
        Credentials(**values)
    assert isinstance(caught.value, ValueError)
    for value in change.values():
        assert not value or value not in str(caught.value)


def test_secrets_stay_out_of_repr() -> None:
    shown = f"{CREDENTIALS!r} {CREDENTIALS} {CIPHER!r}"
    assert TOKEN not in shown
    assert AES_KEY not in shown
    assert CORP in shown


def test_credentials_are_a_value() -> None:
    assert pickle.loads(pickle.dumps(CREDENTIALS)) == CREDENTIALS


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_peer_reads_what_we_encrypt_and_we_read_what_the_peer_encrypts(text: str) -> None:
    assert PEER.decrypt(CIPHER.encrypt(text)) == text
    assert CIPHER.decrypt(PEER.encrypt(text.encode())) == text
    assert CIPHER.decrypt(CIPHER.encrypt(text, salt=b"\0" * 16)) == text


def test_ciphertext_repeats_for_the_same_text_alone() -> None:
    assert CIPHER.encrypt("四个意识") == CIPHER.encrypt("四个意识")
    assert CIPHER.encrypt("四个意识")[:20] != CIPHER.encrypt("四个自信")[:20]
    other = MessageCipher(Credentials(CORP, TOKEN, AES_KEY[::-1]))
    assert other.encrypt("四个意识") != CIPHER.encrypt("四个意识")


def test_signature_is_the_published_one_and_every_changed_part_is_noticed() -> None:
    timestamp, nonce = "1409659589", "263014780"
    echo = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
    signature = "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    CIPHER.verify(signature, timestamp, nonce, echo)
    genuine = (signature, timestamp, nonce, echo)
    for place, character in itertools.product(range(4), "xy"):
        changed = tuple(part[:-1] + character if n == place else part for n, part in enumerate(genuine))
        with pytest.raises(SignatureError):
            CIPHER.verify(*changed)


@given(st.binary(max_size=300))
def test_any_ciphertext_opens_or_fails_as_one_error(raw: bytes) -> None:
    for text in (
        base64.b64encode(raw).decode(),
        raw.decode("latin-1"),
        PEER.encrypt_padded(raw[: len(raw) // 16 * 16]),
    ):
        try:
            CIPHER.decrypt(text)
        except (CipherError, RecipientError):
            continue
        pytest.fail("a random ciphertext was accepted")


@given(st.integers(1, 32), st.data())
def test_only_complete_padding_opens(count: int, data: st.DataObject) -> None:
    frame = PEER.frame(b"a" * ((-count - 20 - len(CORP)) % 32))
    padded = PEER.pad(frame)
    assert padded[-1] == count
    assert CIPHER.decrypt(PEER.encrypt_padded(padded)) == "a" * ((-count - 20 - len(CORP)) % 32)
    place = data.draw(st.integers(1, count))
    wrong = data.draw(st.integers(0, 255).filter(lambda value: value != count))
    changed = padded[: len(padded) - place] + bytes([wrong]) + padded[len(padded) - place + 1 :]
    with pytest.raises(BotError):
        CIPHER.decrypt(PEER.encrypt_padded(changed))


@pytest.mark.parametrize("count", [0, 33, 64])
def test_padding_outside_the_block_never_opens_even_when_complete(count: int) -> None:
    frame = PEER.frame(b"a" * (-(20 + len(CORP) + count) % 32))
    padded = frame + bytes([count]) * count if count else frame[:-1] + b"\0"
    with pytest.raises(BotError):
        CIPHER.decrypt(PEER.encrypt_padded(padded))


def test_message_of_half_a_block_never_opens() -> None:
    frame = PEER.frame(b"a" * (-(20 + len(CORP) + 8) % 16))
    padded = frame + bytes([8]) * 8 if (len(frame) + 8) % 32 else frame + bytes([24]) * 24
    assert len(padded) % 32 == 16
    with pytest.raises(CipherError):
        CIPHER.decrypt(PEER.encrypt_padded(padded))


@pytest.mark.parametrize("noise", ["\n", " ", "=", "====", "=AAAA", "-", "\u4e00"])
def test_base64_with_anything_else_never_opens(noise: str) -> None:
    encrypted = PEER.encrypt(b"<xml/>")
    assert CIPHER.decrypt(encrypted) == "<xml/>"
    for text in (encrypted + noise, noise + encrypted):
        with pytest.raises(CipherError):
            CIPHER.decrypt(text)
