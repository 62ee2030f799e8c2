"""WeChat Work's side of the callback, written from the protocol alone: it shares no code with what is tested."""

from __future__ import annotations

import base64
import hashlib
import os
import struct
from dataclasses import dataclass, field, replace
from xml.etree import ElementTree as ET

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.wecom.crypto import Credentials
from handlers.dialogue import Message

# The published example of the protocol; no tenant's secrets.
CORP = "wx5823bf96d3bd56c7"
TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
AGENT = "1000002"
CREDENTIALS = Credentials(CORP, TOKEN, AES_KEY, AGENT)

NOW = 1_700_000_000

TEXT_XML = (
    "<xml><ToUserName><![CDATA[{corp}]]></ToUserName><FromUserName><![CDATA[{user}]]></FromUserName>"
    "<CreateTime>{created}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>"
    "<MsgId>{number}</MsgId><AgentID>{agent}</AgentID></xml>"
)


def text_xml(text: str = "党建工作总结提纲", **fields: str | int) -> str:
    values = {"corp": CORP, "user": "zhangsan", "created": NOW, "number": 4561255354251345929, "agent": AGENT}
    return TEXT_XML.format(text=text, **(values | fields))


def event_xml(event: str, **fields: str | int) -> str:
    values: dict[str, str | int] = {"ToUserName": CORP, "FromUserName": "zhangsan", "CreateTime": NOW}
    values |= {"MsgType": "event", "Event": event, "AgentID": AGENT} | fields
    return "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in values.items()) + "</xml>"


@dataclass(frozen=True)
class Posted:
    """One request to the callback."""

    query: tuple[tuple[str, str], ...]
    body: bytes

    def with_query(self, **values: str) -> Posted:
        return replace(self, query=tuple((name, values.get(name, value)) for name, value in self.query))


@dataclass(frozen=True)
class Peer:
    corp: str = CORP
    token: str = TOKEN
    aes_key: str = AES_KEY
    _key: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_key", base64.b64decode(self.aes_key + "="))

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        return hashlib.sha1("".join(sorted([self.token, timestamp, nonce, encrypted])).encode()).hexdigest()

    def frame(self, content: bytes, *, length: int | None = None, corp: str | None = None) -> bytes:
        size = len(content) if length is None else length
        return os.urandom(16) + struct.pack(">I", size) + content + (self.corp if corp is None else corp).encode()

    @staticmethod
    def pad(plain: bytes) -> bytes:
        count = 32 - len(plain) % 32
        return plain + bytes([count]) * count

    def encrypt_padded(self, padded: bytes) -> str:
        encryptor = Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16])).encryptor()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def encrypt(self, content: bytes, *, length: int | None = None, corp: str | None = None) -> str:
        return self.encrypt_padded(self.pad(self.frame(content, length=length, corp=corp)))

    def decrypt(self, encrypted: str) -> str:
        decryptor = Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16])).decryptor()
        padded = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
        plain = padded[: -padded[-1]]
        (length,) = struct.unpack(">I", plain[16:20])
        assert plain[20 + length :] == self.corp.encode()
        return plain[20 : 20 + length].decode()

    def post(
        self,
        xml: str | bytes | None = None,
        *,
        encrypted: str | None = None,
        timestamp: str = str(NOW),
        nonce: str = "263014780",
        outer: str = "<xml><ToUserName><![CDATA[{corp}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt>"
        "<AgentID><![CDATA[1000002]]></AgentID></xml>",
    ) -> Posted:
        """Build a request with a valid signature around ``xml`` (or around a given ciphertext)."""
        if encrypted is None:
            content = text_xml() if xml is None else xml
            encrypted = self.encrypt(content.encode() if isinstance(content, str) else content)
        query = (("msg_signature", self.sign(timestamp, nonce, encrypted)), ("timestamp", timestamp), ("nonce", nonce))
        return Posted(query, outer.format(corp=self.corp, encrypted=encrypted).encode())

    def echo(self, text: str = "1616140317555161061", *, timestamp: str = str(NOW)) -> tuple[tuple[str, str], ...]:
        encrypted = self.encrypt(text.encode())
        signature = self.sign(timestamp, "263014780", encrypted)
        return (
            ("msg_signature", signature),
            ("timestamp", timestamp),
            ("nonce", "263014780"),
            ("echostr", encrypted),
        )

    def read_reply(self, answer: bytes) -> dict[str, str]:
        """Check the signature of an encrypted reply and return its fields."""
        outer = read_fields(answer.decode())
        assert outer["MsgSignature"] == self.sign(outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
        return read_fields(self.decrypt(outer["Encrypt"]))


def read_fields(xml: str) -> dict[str, str]:
    """Return the elements below the root, each of which must come exactly once and hold text alone."""
    root = ET.fromstring(xml)
    fields = {child.tag: child.text or "" for child in root}
    assert len(fields) == len(root) == len(list(root.iter())) - 1
    return fields


class RecordingReceiver:
    """Answers with a fixed text and remembers what it was asked."""

    def __init__(self, answer: str | None = "【提纲】党建工作总结（年度）\n一、主要做法和成效") -> None:
        self.answer = answer
        self.messages: list[Message] = []

    async def receive(self, message: Message) -> str | None:
        self.messages.append(message)
        return self.answer
