"""The callback: reachable, genuine, and answering a verification as the admin console wants it."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp

from bot.diagnosis.clock import judge_clock
from bot.diagnosis.finding import Finding, fault, good, notice
from bot.wecom.crypto import SALT, Credentials, MessageCipher

VERIFY_SECONDS = 1.0
"""The admin console wants the answer to a verification within a second (path 90238)."""

_WAIT = aiohttp.ClientTimeout(total=10, sock_connect=5)
_NAME = "回调地址"
_PATH = "/wecom/callback"
_LONGEST = 4096

_STATUS = {
    301: "被重定向了：请在管理后台直接填最终地址，企业微信不跟随跳转",
    302: "被重定向了：请在管理后台直接填最终地址，企业微信不跟随跳转",
    308: "被重定向了：请在管理后台直接填最终地址，企业微信不跟随跳转",
    401: "反向代理要求登录：请对回调路径放行",
    404: f"路径不对：应以 {_PATH} 结尾，或反向代理没有转发这个路径",
    502: "反向代理连不上服务：请确认服务在运行，转发的端口没错",
    503: "服务忙或不可用：请看服务的日志",
    504: "反向代理等不到服务：请看服务的日志",
}


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    seconds: float
    at: float | None
    """What the server says the time is, in seconds since 1970."""


async def check_callback(credentials: Credentials, url: str, now: Callable[[], float] = time.time) -> list[Finding]:
    """Ask the address as the admin console would when it is saved, and once more with a forged signature."""
    if urlsplit(url).scheme not in {"http", "https"}:
        return [fault(_NAME, "地址写法不对", f"应形如 https://域名{_PATH}")]
    echo = str(secrets.randbelow(10**19))
    cipher = MessageCipher(credentials)
    encrypted = cipher.encrypt(echo, salt=os.urandom(SALT))
    timestamp, nonce = str(int(now())), str(secrets.randbelow(10**10))
    signed = {"timestamp": timestamp, "nonce": nonce, "echostr": encrypted}
    signature = cipher.sign(timestamp, nonce, encrypted)
    try:
        async with aiohttp.ClientSession(timeout=_WAIT) as session:
            answer = await _ask(session, url, {**signed, "msg_signature": signature})
            forged = await _ask(session, url, {**signed, "msg_signature": "0" * 40})
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return [_unreachable(url, error)]
    findings = _judge(answer, echo)
    if answer.at is not None:
        findings.append(judge_clock("回调服务", answer.at - now()))
    if forged.status == 200 and answer.status == 200:
        advice = "请确认这个地址后面就是本服务，中间没有会改写答复的东西"
        findings.append(fault("回调签名", "签名不对的请求也被受理，谁都能冒充企业微信", advice))
    elif forged.status == 403:
        findings.append(good("回调签名", "签名不对的请求会被拒绝"))
    return findings


async def _ask(session: aiohttp.ClientSession, url: str, query: dict[str, str]) -> _Answer:
    started = time.perf_counter()
    async with session.get(url, params=query, allow_redirects=False) as response:
        body = await response.content.read(_LONGEST)
        seconds = time.perf_counter() - started
        try:
            at = parsedate_to_datetime(response.headers["Date"]).timestamp()
        except (KeyError, ValueError):
            at = None
        return _Answer(response.status, body, seconds, at)


def _judge(answer: _Answer, echo: str) -> list[Finding]:
    if answer.status == 403:
        advice = (
            "服务用的 Token、EncodingAESKey 或 CorpID 与这里的不同，或两边时钟差了5分钟以上。"
            "请核对两处设置；服务的日志里“callback refused”一行写明是哪一项"
        )
        return [fault(_NAME, "服务拒绝了用这里的设置签名的验证请求", advice)]
    if answer.status != 200:
        advice = _STATUS.get(answer.status, "请看反向代理和服务的日志")
        return [fault(_NAME, f"答复了 HTTP {answer.status}", advice)]
    if answer.body != echo.encode():
        return [_not_plain(answer.body, echo)]
    if answer.seconds > VERIFY_SECONDS:
        advice = "企业微信要求1秒内答复验证请求，请检查服务的负载和网络"
        return [notice(_NAME, f"验证通过，但用了{answer.seconds:.1f}秒", advice)]
    return [good(_NAME, f"验证通过，用时{answer.seconds * 1000:.0f}毫秒（从本机看；企业微信还要能从公网连到）")]


def _not_plain(body: bytes, echo: str) -> Finding:
    text = body.decode("utf-8", "replace")
    if echo in text:
        message = "答复里除了明文还有别的字符（引号、换行、BOM 或包了一层 JSON）"
    elif "<" in text:
        message = "答复是网页，不是验证的明文"
    else:
        message = "答复不是验证的明文"
    return fault(_NAME, message, "请让反向代理原样转发请求和答复，不压缩改写、不加登录页和跳转")


def _unreachable(url: str, error: Exception) -> Finding:
    host = urlsplit(url).hostname or "这个地址"
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return fault(_NAME, "地址写法不对", f"应形如 https://域名{_PATH}")
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        advice = "请检查证书：没有过期、域名相符、带上了中间证书"
        return fault(_NAME, f"{host} 的 HTTPS 证书不受信任", advice)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return fault(_NAME, f"域名 {host} 解析不了", "请检查域名和本机的 DNS")
    if isinstance(error, TimeoutError):
        return fault(_NAME, f"{host} 没有在10秒内答复", "请检查防火墙、安全组和反向代理")
    return fault(_NAME, f"连不上 {host}", "请确认服务在运行、端口没错、防火墙已放行")
