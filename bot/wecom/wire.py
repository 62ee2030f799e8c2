"""One request to the active API and its answer.

The access token and the secret travel in addresses, as the protocol wants. So no address, and no error of the HTTP
library, which would quote it, ever leaves this module.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.logs import log_event
from bot.wecom.api_errors import ApiUnreachableError, ContentError

API_BASE = "https://qyapi.weixin.qq.com/cgi-bin"

LONGEST_ANSWER = 256 * 1024
"""Bytes of an answer that are read; the longest documented one, a menu, has a few thousand."""

NO_ANSWER = -100
"""What is noted in the place of an error code when there was no answer."""

Observe = Callable[[str, int], None]
"""Told of every request: the call (``message/send``) and the error code of its answer, 0 for a good one."""

_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})

_log = logging.getLogger(__name__)


class Wire:
    """Sends requests to one API, once it is open. ``connect`` is the deadline of a connection, in seconds.

    ``base`` is the address up to and including ``/cgi-bin``: ``https``, or ``http`` to this machine.

    Raises:
        ContentError: an address that secrets must not travel to.
    """

    def __init__(self, base: str, connect: float, observe: Observe) -> None:
        check_base(base)
        self._base = base.rstrip("/")
        self._connect = connect
        self._observe = observe
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make it ready; needs a running event loop."""
        self._session = aiohttp.ClientSession()

    async def close(self) -> None:
        """Drop all connections."""
        if self._session is not None:
            await self._session.close()

    async def exchange(
        self,
        call: str,
        query: Mapping[str, str],
        seconds: float,
        body: Mapping[str, Any] | None = None,
        form: aiohttp.FormData | None = None,
    ) -> dict[str, Any]:
        """Send one request (GET without ``body`` and ``form``) and return the answer, whatever its error code.

        Raises:
            ApiUnreachableError: no answer within ``seconds``, or none of the API's form.
        """
        try:
            answer = await self._exchange(call, query, seconds, body, form)
        except ApiUnreachableError as error:
            reason = error.reason
        except (aiohttp.ClientError, OSError) as error:
            reason = type(error).__name__
        else:
            self._observe(call, answer.get("errcode", 0))
            return answer
        self._observe(call, NO_ANSWER)
        log_event(_log, f"api unreachable: {call}", logging.WARNING, reason=reason)
        # Raised here, not in the except blocks above: the library's error, as its context, would keep the request, and
        # the request's address the token or the secret.
        raise ApiUnreachableError(reason)

    async def _exchange(
        self,
        call: str,
        query: Mapping[str, str],
        seconds: float,
        body: Mapping[str, Any] | None,
        form: aiohttp.FormData | None,
    ) -> dict[str, Any]:
        if self._session is None:
            raise RuntimeError("open the client before calling")
        async with self._session.request(
            "GET" if body is None and form is None else "POST",
            f"{self._base}/{call}",
            params=query,
            # A lone surrogate has no UTF-8 form; it must not cost the whole message.
            data=form if body is None else json.dumps(body, ensure_ascii=False).encode(errors="replace"),
            headers=None if body is None else {"Content-Type": "application/json; charset=utf-8"},
            timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=self._connect),
            allow_redirects=False,
        ) as response:
            content = bytearray()
            while chunk := await response.content.read(LONGEST_ANSWER + 1 - len(content)):
                content += chunk
            return _read_answer(response.status, bytes(content))


def check_base(base: str) -> None:
    """Refuse an address that secrets must not travel to.

    Raises:
        ContentError: neither https nor this machine.
    """
    try:
        parts = urlsplit(base)
        name, scheme = parts.hostname, parts.scheme
    except ValueError:
        name, scheme = None, ""
    safe = scheme == "https" or (scheme == "http" and name in _LOCAL)
    if not name or not safe or "?" in base or "#" in base or "@" in base:
        raise ContentError("接口地址应以 https:// 开头（本机可用 http://），不带账号和参数")


def _read_answer(status: int, content: bytes) -> dict[str, Any]:
    if status != 200:
        raise ApiUnreachableError(f"HTTP {status}")
    try:
        answer = json.loads(content) if len(content) <= LONGEST_ANSWER else None
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("errcode", 0), int):
        raise ApiUnreachableError("not an answer of the API")
    return answer
