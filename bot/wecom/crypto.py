"""Signature and cipher of the callback (wechatpy's AES), with the checks wechatpy leaves out.

Protocol: AES-256-CBC, IV = first half of the key, PKCS#7 with blocks of 32; the plaintext is 16 random bytes, the
length as 4 bytes big-endian, the message, the CorpID (developer.work.weixin.qq.com/document/path/90238).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import struct
from dataclasses import dataclass, field

from wechatpy.crypto.base import WeChatCipher
from wechatpy.crypto.pkcs7 import PKCS7Encoder

from bot.errors import CipherError, CredentialsError, RecipientError, SignatureError

BLOCK = 32
SALT = 16
LENGTH = struct.Struct(">I")

_CORP_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_TOKEN = re.compile(r"[0-9A-Za-z]{1,32}")
_AES_KEY = re.compile(r"[0-9A-Za-z]{43}")
_AGENT_ID = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the admin console shows for a self-built app (自建应用); token and key are kept out of ``repr``.

    ``agent_id`` is optional: without it messages of every agent of the corp are accepted.

    Raises:
        CredentialsError: a value cannot be right (Chinese text that names it; never the value itself).
    """

    corp_id: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    agent_id: str | None = None

    def __post_init__(self) -> None:
        _require(_CORP_ID, self.corp_id, "CorpID 应为字母和数字（企业ID，形如 ww 开头的一串字符）")
        _require(_TOKEN, self.token, "Token 应为1至32位字母或数字")
        _require(_AES_KEY, self.aes_key, "EncodingAESKey 应为43位字母或数字")
        if self.agent_id is not None:
            _require(_AGENT_ID, self.agent_id, "AgentID 应为数字（不填则不校验）")


def _require(pattern: re.Pattern[str], value: str, rule: str) -> None:
    if not pattern.fullmatch(value):
        raise CredentialsError(rule)


class MessageCipher:
    """Signs, checks, encrypts and decrypts for one set of credentials; immutable and cheap to share."""

    def __init__(self, credentials: Credentials) -> None:
        self._token = credentials.token
        self._corp_id = credentials.corp_id.encode()
        self._key = base64.b64decode(credentials.aes_key + "=")
        self._cipher = WeChatCipher(self._key)

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """Return the signature: SHA-1 over the sorted, joined token, timestamp, nonce and ciphertext, in hex."""
        joined = "".join(sorted((self._token, timestamp, nonce, encrypted)))
        # The protocol's choice; what it lacks as a hash is made up for by the encryption it is computed over.
        return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()

    def verify(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> None:
        """Check a signature in constant time.

        Raises:
            SignatureError: it is not the signature of these values.
        """
        expected = self.sign(timestamp, nonce, encrypted)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise SignatureError

    def encrypt(self, text: str, salt: bytes | None = None) -> str:
        """Return the ciphertext of ``text`` in base64.

        ``salt`` stands for the 16 random bytes. By default it is derived from key and text, so that the answer to a
        redelivery is the same ciphertext; it reveals no more than that two answers are equal, time and user included.
        """
        body = text.encode()
        prefix = salt
        if prefix is None:
            prefix = hashlib.blake2b(body, digest_size=SALT, key=self._key, person=b"reply").digest()
        plain = b"".join((prefix, LENGTH.pack(len(body)), body, self._corp_id))
        return base64.b64encode(self._cipher.encrypt(PKCS7Encoder.encode(plain))).decode("ascii")

    def decrypt(self, encrypted: str) -> str:
        """Return the message inside ``encrypted`` (base64).

        Raises:
            CipherError: encoding, length, padding or characters are wrong.
            RecipientError: it is a well-formed message for another corp.
        """
        content = _unpad(self._cipher.decrypt(_decode(encrypted)))
        start = SALT + LENGTH.size
        if len(content) < start:
            raise CipherError
        (length,) = LENGTH.unpack_from(content, SALT)
        body, recipient = content[start : start + length], content[start + length :]
        if len(body) != length:
            raise CipherError
        if not hmac.compare_digest(recipient, self._corp_id):
            raise RecipientError
        try:
            return body.decode()
        except UnicodeDecodeError as error:
            raise CipherError from error


def _decode(encrypted: str) -> bytes:
    try:
        raw = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CipherError from error
    if not raw or len(raw) % BLOCK:
        raise CipherError
    return raw


def _unpad(padded: bytes) -> bytes:
    count = padded[-1]
    if not 1 <= count <= BLOCK or padded[-count:] != bytes([count]) * count:
        raise CipherError
    return padded[:-count]
