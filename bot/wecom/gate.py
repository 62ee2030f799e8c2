"""The gate between the network and dialogue: every check of a callback request, in the order that costs least.

query → time window → signature (constant time, before anything is parsed) → outer XML → cipher and CorpID → inner XML
→ CorpID and AgentID. Facts: developer.work.weixin.qq.com/document/path/90238.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.errors import QueryError, RecipientError, WindowError, XmlError
from bot.wecom.bounded_xml import read_tree
from bot.wecom.crypto import Credentials, MessageCipher
from bot.wecom.envelope import Incoming, read_message, write_reply

WINDOW_SECONDS = 300
"""Largest distance between the timestamp of a delivery and our clock, either way."""

ENVELOPE_DEPTH = 3

_SHAPES = {
    "msg_signature": re.compile(r"[0-9a-f]{40}"),
    "timestamp": re.compile(r"[0-9]{10}"),
    "nonce": re.compile(r"[0-9A-Za-z._-]{1,128}"),
    "echostr": re.compile(r"[0-9A-Za-z+/=]{1,1024}"),
}
_DELIVERED = frozenset(_SHAPES) - {"echostr"}
_ENCRYPTED = re.compile(rb"[0-9A-Za-z+/=]+")

_REPLY = (
    "<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
    "<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
)


@dataclass(frozen=True, slots=True)
class Query:
    """The checked parameters of a callback address; ``echo`` is empty except when the address is being verified."""

    signature: str = field(repr=False)
    timestamp: str
    nonce: str
    echo: str = field(default="", repr=False)


class CallbackGate:
    """Lets genuine requests of one app in and seals the answers; ``now`` gives seconds since 1970."""

    def __init__(self, credentials: Credentials, now: Callable[[], float]) -> None:
        self._cipher = MessageCipher(credentials)
        self._corp_id = credentials.corp_id
        self._agent_id = credentials.agent_id
        self._now = now

    def admit(self, parameters: Iterable[tuple[str, str]], *, echo: bool = False) -> Query:
        """Check shape and time of the query before a body is read.

        Raises:
            QueryError: a parameter is missing, repeated or misshapen.
            WindowError: the timestamp is more than :data:`WINDOW_SECONDS` off.
        """
        values = _single_values(parameters, echo=echo)
        if abs(self._now() - int(values["timestamp"])) > WINDOW_SECONDS:
            raise WindowError
        return Query(values["msg_signature"], values["timestamp"], values["nonce"], values.get("echostr", ""))

    def verify_address(self, query: Query) -> str:
        """Return the decrypted echo of a URL verification.

        Raises:
            SignatureError, CipherError, RecipientError: it is not WeChat Work that asks, or not for this corp.
        """
        self._cipher.verify(query.signature, query.timestamp, query.nonce, query.echo)
        return self._cipher.decrypt(query.echo)

    def open(self, query: Query, body: bytes) -> Incoming:
        """Return what a delivery holds.

        Raises:
            RefusedError: one of its subclasses, for the first check that fails.
        """
        encrypted, around = _find_encrypted(body)
        self._cipher.verify(query.signature, query.timestamp, query.nonce, encrypted)
        # Base64 holds no markup: with it or without it the envelope has the same elements, and this is the shorter to read.
        outer = read_tree(_decode(around), ENVELOPE_DEPTH)
        if _leaf(outer.get("Encrypt")):
            raise XmlError
        if _leaf(outer.get("ToUserName", self._corp_id)) != self._corp_id:
            raise RecipientError
        incoming = read_message(self._cipher.decrypt(encrypted))
        if incoming.corp != self._corp_id:
            raise RecipientError
        if self._agent_id is not None and incoming.agent != self._agent_id:
            raise RecipientError
        return incoming

    def seal(self, query: Query, incoming: Incoming, text: str) -> str:
        """Return the encrypted, signed reply to ``incoming``; the same request gets the same bytes.

        Raises:
            ReplyTooLongError: ``text`` is longer than a reply may be.
        """
        encrypted = self._cipher.encrypt(write_reply(incoming, text))
        signature = self._cipher.sign(query.timestamp, query.nonce, encrypted)
        return _REPLY.format(encrypted=encrypted, signature=signature, timestamp=query.timestamp, nonce=query.nonce)


def _single_values(parameters: Iterable[tuple[str, str]], *, echo: bool) -> dict[str, str]:
    required = _SHAPES.keys() if echo else _DELIVERED
    values: dict[str, str] = {}
    for name, value in parameters:
        if name not in required:
            continue
        # A form decoder between us and WeChat Work turns the + of base64 into a blank; base64 has no blanks.
        given = value.replace(" ", "+") if name == "echostr" else value
        if name in values or not _SHAPES[name].fullmatch(given):
            raise QueryError
        values[name] = given
    if len(values) != len(required):
        raise QueryError
    return values


def _find_encrypted(body: bytes) -> tuple[str, bytes]:
    """Return the ciphertext and the body without it, cut by position alone: nothing unsigned may reach a parser."""
    head, tag, rest = body.partition(b"<Encrypt>")
    content, closed, tail = rest.partition(b"</Encrypt>")
    encrypted = content.strip().removeprefix(b"<![CDATA[").removesuffix(b"]]>").strip()
    if not closed or not _ENCRYPTED.fullmatch(encrypted):
        raise XmlError
    around = b"".join((head, tag, content.replace(encrypted, b"", 1), closed, tail))
    return encrypted.decode("ascii"), around


def _decode(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise XmlError from error


def _leaf(node: object) -> str:
    if not isinstance(node, str):
        raise XmlError
    return node.strip()
