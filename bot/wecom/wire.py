"""One request to the active API and its answer.

The access token and the secret travel in addresses, as the protocol wants. So no address, and no error of the HTTP
library, which would quote it, ever leaves this module.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
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

T = TypeVar("T")

_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked: within ``seconds``, of an answer at most ``most`` bytes and one."""

    call: str
    query: Mapping[str, str] = field(repr=False)
    seconds: float
    most: int
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    form: aiohttp.FormData | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Content:
    """What came back: ``is_file`` where it was announced as one."""

    status: int
    is_file: bool
    body: bytes = field(repr=False)


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
        return await self._ask(_Request(call, query, seconds, LONGEST_ANSWER, body, form), _read_answer)

    async def fetch(self, call: str, query: Mapping[str, str], seconds: float, most: int) -> bytes | dict[str, Any]:
        """Send a GET request for a file; return its bytes, of which one more than ``most`` says that it is longer, or the
        answer that there is in its place.

        Raises:
            ApiUnreachableError: as :meth:`exchange` does.
        """
        return await self._ask(_Request(call, query, seconds, most), _read_file)

    async def _ask(self, request: _Request, read: Callable[[_Content], T]) -> T:
        call = request.call
        try:
            answer = read(await self._exchange(request))
        except ApiUnreachableError as error:
            reason = error.reason
        except (aiohttp.ClientError, OSError) as error:
            reason = type(error).__name__
        else:
            self._observe(call, answer.get("errcode", 0) if isinstance(answer, dict) else 0)
            return answer
        self._observe(call, NO_ANSWER)
        log_event(_log, f"api unreachable: {call}", logging.WARNING, reason=reason)
        # Raised here, not in the except blocks above: the library's error, as its context, would keep the request, and
        # the request's address the token or the secret.
        raise ApiUnreachableError(reason)

    async def _exchange(self, request: _Request) -> _Content:
        if self._session is None:
            raise RuntimeError("open the client before calling")
        body, form = request.body, request.form
        async with self._session.request(
            "GET" if body is None and form is None else "POST",
            f"{self._base}/{request.call}",
            params=request.query,
            # A lone surrogate has no UTF-8 form; it must not cost the whole message.
            data=form if body is None else json.dumps(body, ensure_ascii=False).encode(errors="replace"),
            headers=None if body is None else {"Content-Type": "application/json; charset=utf-8"},
            timeout=aiohttp.ClientTimeout(total=request.seconds, sock_connect=self._connect),
            allow_redirects=False,
        ) as response:
            content = bytearray()
            while chunk := await response.content.read(request.most + 1 - len(content)):
                content += chunk
            return _Content(response.status, "Content-Disposition" in response.headers, bytes(content))


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


def _read_answer(content: _Content) -> dict[str, Any]:
    _check_status(content)
    answer = _load(content.body)
    if answer is None:
        raise ApiUnreachableError("not an answer of the API")
    return answer


def _read_file(content: _Content) -> bytes | dict[str, Any]:
    """Return the bytes of a file; where it comes without the header of one, an error code in JSON is an answer."""
    _check_status(content)
    answer = None if content.is_file else _load(content.body)
    return content.body if answer is None or not answer.get("errcode") else answer


def _check_status(content: _Content) -> None:
    if content.status != 200:
        raise ApiUnreachableError(f"HTTP {content.status}")


def _load(content: bytes) -> dict[str, Any] | None:
    """Return an answer of the API's form, or ``None``."""
    try:
        answer = json.loads(content) if len(content) <= LONGEST_ANSWER else None
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) and isinstance(answer.get("errcode", 0), int) else None
