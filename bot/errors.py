"""The errors of the transport layer, and the HTTP answer that goes with each of them.

::

    BotError
    ├── CredentialsError       a value of the callback's configuration cannot be right (also a ValueError)
    ├── ReplyTooLongError      a reply page is beyond what WeChat Work shows (also a ValueError)
    ├── StandInError           the simulator's exchange with the callback failed
    └── RefusedError           a callback request is not answered
        ├── OverloadError      503  it would be answered too late
        ├── BodyTooLargeError  413  more bytes than a callback ever has
        ├── BodyTooSlowError   408  the body did not arrive within the deadline
        ├── BodyLostError      408  the peer hung up before the body was there
        ├── QueryError         403  a query parameter is missing, repeated or misshapen
        ├── WindowError        403  the timestamp is too far from our clock
        ├── SignatureError     403  the signature is not ours
        ├── XmlError           403  not the XML WeChat Work writes
        ├── CipherError        403  the ciphertext does not open
        └── RecipientError     403  meant for another corp or another agent

All 403 answers are equal to the byte, so that the answer tells a forger nothing; the log tells the operator (``reason``
and ``hint``). No error text ever holds message text, a signature, a token or a key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class BotError(Exception):
    """Base of every error of the transport layer."""


class CredentialsError(BotError, ValueError):
    """A value of the callback's configuration cannot be right; the text (Chinese) names the value and the rule."""


class ReplyTooLongError(BotError, ValueError):
    """A reply page is longer than WeChat Work shows; whoever cut the pages made a mistake."""


class StandInError(BotError):
    """The simulator got no answer, or not one WeChat Work would accept; the text (Chinese) is fit for a user."""


class RefusedError(BotError):
    """A callback request that gets no answer. ``reason`` is a word for logs and metrics, ``hint`` (Chinese) tells an
    operator what to look at.
    """

    reason: ClassVar[str] = "refused"
    hint: ClassVar[str] = "请求不符合企业微信的回调格式"


class OverloadError(RefusedError):
    """So much is being worked on that this request would be answered too late; it may come again."""

    reason = "overload"
    hint = "来得比答得快，请增加进程（WORKERS）或机器"


class BodyTooLargeError(RefusedError):
    """The body is larger than any callback of WeChat Work."""

    reason = "body_too_large"
    hint = "请求体超过上限，不是企业微信的回调"


class BodyTooSlowError(RefusedError):
    """The body did not arrive before the deadline."""

    reason = "body_too_slow"
    hint = "请求体迟迟没有收全，请检查反向代理和网络"


class BodyLostError(RefusedError):
    """The peer hung up before its body was there; nobody reads the answer."""

    reason = "body_lost"
    hint = "请求体没有收全，对方就断开了"


class QueryError(RefusedError):
    """A query parameter is missing, repeated or misshapen."""

    reason = "query"
    hint = "地址参数不全或格式不对，请检查反向代理是否原样转发了地址参数"


class WindowError(RefusedError):
    """The timestamp is further from our clock than a genuine delivery can be."""

    reason = "timestamp"
    hint = "时间戳与本机相差超过5分钟，请校准服务器时钟"


class SignatureError(RefusedError):
    """The signature does not belong to this content and our token."""

    reason = "signature"
    hint = "签名不符，请核对 Token 与管理后台填写的是否一致"


class XmlError(RefusedError):
    """The XML breaks the bounds kept for hostile input, or lacks what every message has."""

    reason = "xml"
    hint = "XML 不符合企业微信的回调格式"


class CipherError(RefusedError):
    """The ciphertext does not open: encoding, length, padding or characters (never told apart)."""

    reason = "cipher"
    hint = "密文解不开，请核对 EncodingAESKey 与管理后台填写的是否一致"


class RecipientError(RefusedError):
    """The message opens, but is meant for another corp or another agent."""

    reason = "recipient"
    hint = "收件方不是本应用，请核对 CorpID 和 AgentID"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The HTTP answer to a refused request: a status and a short plain text."""

    status: int
    text: str


FORBIDDEN = Refusal(403, "请求未通过校验")

REFUSALS: dict[type[RefusedError], Refusal] = {
    RefusedError: FORBIDDEN,
    OverloadError: Refusal(503, "请稍后再试"),
    BodyTooLargeError: Refusal(413, "请求过大"),
    BodyTooSlowError: Refusal(408, "请求超时"),
    BodyLostError: Refusal(408, "请求超时"),
    QueryError: FORBIDDEN,
    WindowError: FORBIDDEN,
    SignatureError: FORBIDDEN,
    XmlError: FORBIDDEN,
    CipherError: FORBIDDEN,
    RecipientError: FORBIDDEN,
}
"""The one table from error to HTTP answer."""
