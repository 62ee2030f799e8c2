"""The active API of WeChat Work (主动接口): send, upload, menu, cards. An upgrade, never a condition of an answer.

One :class:`ApiClient` serves one app. Every call has a deadline; a refused token is renewed once; what is wrong with a
message is said before it travels.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp

from bot.logs import log_event
from bot.wecom.api_errors import UNTRUSTED_ADDRESS, ApiRefusedError, ApiUnreachableError, ContentError, Reaction
from bot.wecom.cards import Card
from bot.wecom.contents import CardContent, Content, FileContent, Markdown, Text, check_file, check_members
from bot.wecom.menu import Menu
from bot.wecom.tokens import Token, TokenStore
from bot.wecom.wire import API_BASE, Observe, Wire

DUPLICATE_SECONDS = 14_400
"""The longest time over which WeChat Work compares messages with the one sent (``duplicate_check_interval``, 4 h)."""

Answer = TypeVar("Answer", bound="bytes | dict[str, Any]")

_ADDRESS = re.compile(r"from ip: ?([0-9a-fA-F.:]{3,45})")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ApiCredentials:
    """What the active API asks for: the corp, the app (AgentId) and its secret, which is kept out of ``repr``."""

    corp_id: str
    agent_id: int
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Deadlines in seconds: to connect, for fetching a token, for an ordinary call, for a file of 20 MB either way."""

    connect: float = 3.0
    token: float = 5.0
    call: float = 10.0
    upload: float = 60.0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message that WeChat Work took.

    ``invalid`` and ``unlicensed`` are members it did not reach although the call succeeded, in lower case as the API
    gives them. ``response_code`` serves to update the card, once within 72 h.
    """

    message_id: str
    response_code: str = field(default="", repr=False)
    invalid: tuple[str, ...] = ()
    unlicensed: tuple[str, ...] = ()

    @property
    def missed(self) -> tuple[str, ...]:
        """Every member that does not get the message."""
        return self.invalid + self.unlicensed


class ApiClient:
    """Calls the API for one app; use as an asynchronous context manager.

    ``base`` is the address up to and including ``/cgi-bin``. ``now`` gives seconds since 1970. Methods raise
    :class:`ApiUnreachableError` and :class:`ApiRefusedError`.
    """

    def __init__(
        self,
        credentials: ApiCredentials,
        tokens: TokenStore,
        *,
        base: str = API_BASE,
        timeouts: Timeouts | None = None,
        observe: Observe = lambda call, code: None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._credentials = credentials
        self._tokens = tokens
        self._timeouts = timeouts or Timeouts()
        self._wire = Wire(base, self._timeouts.connect, observe)
        self._now = now

    async def __aenter__(self) -> Self:
        await self._wire.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._wire.close()

    async def send(self, users: str | Sequence[str], content: Content, *, check_duplicates: bool = False) -> Receipt:
        """Send to one member or several. ``check_duplicates``: a repetition of the same request within four hours is
        taken by WeChat Work and not shown again (path 90236).
        """
        body: dict[str, Any] = {
            "touser": "|".join(check_members(users)),
            "msgtype": content.kind,
            "agentid": self._credentials.agent_id,
            content.kind: content.to_json(),
        }
        if check_duplicates:
            body |= {"enable_duplicate_check": 1, "duplicate_check_interval": DUPLICATE_SECONDS}
        answer = await self._call("message/send", body=body)
        receipt = Receipt(
            _word(answer, "msgid"),
            _word(answer, "response_code"),
            _members(answer, "invaliduser"),
            _members(answer, "unlicenseduser"),
        )
        if receipt.missed:
            count = len(receipt.missed)
            log_event(_log, "message did not reach all members", logging.WARNING, missed=count)
        return receipt

    async def send_text(self, users: str | Sequence[str], text: str) -> Receipt:
        """Send a text of at most 2048 bytes."""
        return await self.send(users, Text(text))

    async def send_markdown(self, users: str | Sequence[str], text: str) -> Receipt:
        """Send markdown of at most 2048 bytes; the WeChat plug-in does not show it."""
        return await self.send(users, Markdown(text))

    async def send_file(self, users: str | Sequence[str], name: str, content: bytes) -> Receipt:
        """Upload a file and send it."""
        return await self.send(users, FileContent(await self.upload(name, content)))

    async def send_card(self, users: str | Sequence[str], card: Card) -> Receipt:
        """Send a template card."""
        return await self.send(users, CardContent(card))

    async def upload(self, name: str, content: bytes) -> str:
        """Upload a file of 5 bytes to 20 MB; return its media id, good for three days (path 90253)."""
        safe = check_file(name, content)

        def form() -> aiohttp.FormData:
            # Raw UTF-8: a name encoded as RFC 2231 says is answered with 44001, a percent-encoded one shown as it is.
            data = aiohttp.FormData(quote_fields=False)
            data.add_field("media", BytesIO(content), filename=safe, content_type="application/octet-stream")
            return data

        answer = await self._call("media/upload", {"type": "file"}, form=form)
        return _word(answer, "media_id")

    async def download(self, media_id: str, most: int) -> bytes:
        """Return a file that a member sent, of at most ``most`` bytes (path 90254). Raises :class:`ContentError` for more."""
        call = "media/get"

        async def fetch(token: str) -> bytes | dict[str, Any]:
            query = {"access_token": token, "media_id": media_id}
            return await self._wire.fetch(call, query, self._timeouts.upload, most)

        content = await self._with_token(call, fetch)
        if not isinstance(content, bytes):
            raise ApiUnreachableError("no file in the answer")
        if len(content) > most:
            raise ContentError(f"文件超过{most // 1024 // 1024}MB")
        return content

    async def update_card(self, users: Sequence[str], response_code: str, replacement: Card | str) -> tuple[str, ...]:
        """Put another card in the place of one that was sent, or (text) grey its buttons out under that name.

        Returns the members whose card stays as it was (path 94888).
        """
        body: dict[str, Any] = {
            "userids": list(check_members(users)),
            "agentid": self._credentials.agent_id,
            "response_code": response_code,
        }
        if isinstance(replacement, str):
            body["button"] = {"replace_name": replacement}
        else:
            body["template_card"] = replacement.to_json()
        answer = await self._call("message/update_template_card", body=body)
        missed = answer.get("invaliduser", [])
        return tuple(str(user) for user in missed) if isinstance(missed, list) else _members(answer, "invaliduser")

    async def recall(self, message_id: str) -> None:
        """Take a message back that was sent within the last 24 hours (path 94867)."""
        await self._call("message/recall", body={"msgid": message_id})

    async def create_menu(self, menu: Menu) -> None:
        """Set the app's menu; raises :class:`ContentError` for one that the API would refuse."""
        problems = menu.problems()
        if problems:
            raise ContentError("；".join(problems))
        await self._call("menu/create", self._agent(), body=menu.to_json())

    async def get_menu(self) -> dict[str, Any]:
        """Return the menu as the API gives it; raises 46003 where there is none."""
        answer = await self._call("menu/get", self._agent())
        return {"button": answer.get("button", [])}

    async def delete_menu(self) -> None:
        """Remove the app's menu."""
        await self._call("menu/delete", self._agent())

    async def _call(
        self,
        call: str,
        query: Mapping[str, str] | None = None,
        *,
        body: Mapping[str, Any] | None = None,
        form: Callable[[], aiohttp.FormData] | None = None,
    ) -> dict[str, Any]:
        """Make a call with a token and return its answer."""
        limit = self._timeouts.upload if form else self._timeouts.call

        async def exchange(token: str) -> dict[str, Any]:
            signed = {**(query or {}), "access_token": token}
            return await self._wire.exchange(call, signed, limit, body, form() if form else None)

        return await self._with_token(call, exchange)

    async def _with_token(self, call: str, exchange: Callable[[str], Awaitable[Answer]]) -> Answer:
        """Return what ``exchange`` yields, be it no answer at all but a file; a token that is refused is renewed once."""
        token = await self._tokens.get(self._fetch_token)
        renewed = False
        while True:
            answer = await exchange(token.value)
            refused = _refusal(answer) if isinstance(answer, dict) else None
            if refused is None:
                return answer
            if renewed or refused.reaction is not Reaction.RENEW:
                raise self._note(call, refused)
            token = await self._tokens.renew(token, self._fetch_token)
            renewed = True

    async def _fetch_token(self) -> Token:
        query = {"corpid": self._credentials.corp_id, "corpsecret": self._credentials.secret}
        answer = await self._wire.exchange("gettoken", query, self._timeouts.token)
        if (refused := _refusal(answer)) is not None:
            raise self._note("gettoken", refused)
        value, life = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(value, str) or not value or not isinstance(life, int | float):
            raise ApiUnreachableError("no token in the answer")
        return Token(value, self._now(), self._now() + life)

    def _agent(self) -> dict[str, str]:
        return {"agentid": str(self._credentials.agent_id)}

    @staticmethod
    def _note(call: str, refused: ApiRefusedError) -> ApiRefusedError:
        level = logging.ERROR if refused.reaction in {Reaction.ALARM, Reaction.RENEW} else logging.WARNING
        policy = refused.policy
        # The code in the event: the log's storm limit then keeps a flood of one code from hiding another.
        log_event(
            _log, f"api refused: {refused.code}", level, call=call, meaning=policy.meaning, hint=policy.advice or None
        )
        return refused


def _refusal(answer: Mapping[str, Any]) -> ApiRefusedError | None:
    code = answer.get("errcode", 0)
    if code == 0:
        return None
    seen = _ADDRESS.search(str(answer.get("errmsg", ""))) if code == UNTRUSTED_ADDRESS else None
    return ApiRefusedError(code, seen[1] if seen else None)


def _word(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""


def _members(answer: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(filter(None, _word(answer, name).split("|")))
