"""A stand-in for the active API of WeChat Work (qyapi): tokens, messages, files, cards, menu, and faults on demand.

It keeps what a member would see, and holds a program to the documented limits where the real one is silent: a text that is
too long is cut, messages beyond 30 a minute and 1000 an hour to one member are dropped without a word. Of two readings of
the documentation it takes the one that is harder on the program.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import BodyPartReader, web

from bot.simulator.api_faults import Cut, ErrorCode, Faults, Hang, HttpStatus, Slow
from bot.simulator.api_inbox import Dropped, Inbox, Shown, UploadedFile
from bot.simulator.api_rules import FILE_BYTES, judge_card, judge_file, judge_menu, judge_message

TOKEN_SECONDS = 7200
FILE_SECONDS = 3 * 86_400
RECALL_SECONDS = 86_400

Answer = dict[str, Any]


class ApiStandIn:
    """One corp with one app. ``now`` gives seconds since 1970; ``notify`` is called with each message that is shown."""

    def __init__(
        self,
        corp_id: str,
        secret: str,
        agent_id: int,
        *,
        now: Callable[[], float] = time.time,
        notify: Callable[[Shown], None] = lambda shown: None,
    ) -> None:
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self.inbox = Inbox(now, notify)
        self.files: dict[str, UploadedFile] = {}
        self.menu: Answer | None = None
        self.unknown: set[str] = set()
        self.unlicensed: set[str] = set()
        self._corp_id = corp_id
        self._secret = secret
        self._agent_id = agent_id
        self._now = now
        self._token = ""
        self._token_ends = 0.0
        self._numbers = itertools.count(1)
        self._change = asyncio.Event()

    def routes(self, prefix: str = "/cgi-bin") -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        posts: dict[str, Callable[[web.Request], Awaitable[Answer]]] = {
            "message/send": self._send,
            "message/update_template_card": self._update_card,
            "message/recall": self._recall,
            "media/upload": self._upload,
            "menu/create": self._create_menu,
        }
        gets = {"gettoken": self._give_token, "menu/get": self._get_menu, "menu/delete": self._delete_menu}
        return [
            *(web.post(f"{prefix}/{call}", self._serve(call, act)) for call, act in posts.items()),
            *(web.get(f"{prefix}/{call}", self._serve(call, act)) for call, act in gets.items()),
        ]

    @property
    def token(self) -> str:
        """The token that is good now, empty before the first and after one was called in."""
        return self._token

    def call_in_token(self) -> None:
        """Make the token bad before its time, as WeChat Work may."""
        self._token = ""

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; looks whenever a call arrives and whenever one ends."""
        while not holds():
            await self._change.wait()

    @property
    def shown(self) -> list[Shown]:
        """Return every message as its member sees it, oldest first."""
        return self.inbox.shown

    @property
    def dropped(self) -> list[Dropped]:
        """Return what was taken and not shown."""
        return self.inbox.dropped

    def texts(self, user: str) -> list[str]:
        """Return the texts a member has, oldest first."""
        return [shown.text for shown in self.shown if shown.user == user and shown.text]

    def _serve(
        self, call: str, act: Callable[[web.Request], Awaitable[Answer]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            self.calls[call] += 1
            self._tell()
            try:
                return await meet(request)
            finally:
                self._tell()

        async def meet(request: web.Request) -> web.Response:
            fault = self.faults.meet(call)
            if isinstance(fault, Hang):
                await self.faults.healed.wait()
                return _answer(-1)
            if isinstance(fault, Slow):
                await asyncio.sleep(fault.seconds)
            if isinstance(fault, HttpStatus):
                return web.Response(status=fault.status, text="<html>busy</html>", content_type="text/html")
            if isinstance(fault, Cut) and not fault.late:
                return _cut(request)
            if isinstance(fault, ErrorCode):
                return _answer(fault.code, errmsg=fault.message or "on demand")
            answer = await self._checked(call, act, request)
            return _cut(request) if isinstance(fault, Cut) else answer

        return serve

    def _tell(self) -> None:
        self._change.set()
        self._change = asyncio.Event()

    async def _checked(
        self, call: str, act: Callable[[web.Request], Awaitable[Answer]], request: web.Request
    ) -> web.Response:
        token = request.query.get("access_token")
        if call != "gettoken":
            if not token:
                return _answer(41001)
            if token != self._token:
                return _answer(40014)
            if self._now() >= self._token_ends:
                return _answer(42001)
        try:
            answer = await act(request)
        except (ValueError, TypeError, AttributeError):
            return _answer(47001)
        return _answer(answer.pop("errcode", 0), **answer)

    async def _give_token(self, request: web.Request) -> Answer:
        if request.query.get("corpid") != self._corp_id:
            return {"errcode": 40013}
        if request.query.get("corpsecret") != self._secret:
            return {"errcode": 40001}
        if not self._token or self._now() >= self._token_ends:
            self._token, self._token_ends = secrets.token_urlsafe(48), self._now() + TOKEN_SECONDS
        # The same one again while it is good, with the whole life named, as the real one does.
        return {"access_token": self._token, "expires_in": TOKEN_SECONDS}

    async def _send(self, request: web.Request) -> Answer:
        body = await request.json()
        if body.get("agentid") != self._agent_id:
            return {"errcode": 40056}
        users = [user for user in str(body.get("touser", "")).split("|") if user]
        if not users:
            return {"errcode": 82001}
        code = judge_message(body)
        if not code and body["msgtype"] == "file":
            code = self._judge_media(body["file"]["media_id"])
        if not code and body["msgtype"] == "template_card" and self.inbox.knows_task(body["template_card"]["task_id"]):
            code = 42014
        invalid = [user for user in users if user in self.unknown]
        unlicensed = [user for user in users if user in self.unlicensed]
        reached = [user for user in users if user not in {*invalid, *unlicensed}]
        if code or not reached:
            return {"errcode": code or 81013}
        message_id, response_code = f"msg{next(self._numbers):08d}", secrets.token_urlsafe(24)
        file = self.files[body["file"]["media_id"]] if body["msgtype"] == "file" else None
        for user in reached:
            self.inbox.put(Shown(message_id, user, body["msgtype"], self._now(), file=file), response_code, body)
        answer = {"invaliduser": "|".join(invalid), "unlicenseduser": "|".join(unlicensed), "msgid": message_id}
        return answer | ({"response_code": response_code} if body["msgtype"] == "template_card" else {})

    def _judge_media(self, media_id: str) -> int:
        file = self.files.get(media_id)
        return 0 if file is not None and self._now() - file.at < FILE_SECONDS else 40007

    async def _update_card(self, request: web.Request) -> Answer:
        body = await request.json()
        cards = [shown for shown in self.shown if shown.response_code and shown.response_code == body["response_code"]]
        if not cards:
            return {"errcode": 42016}
        if any(shown.replaced for shown in cards):
            return {"errcode": 42022}
        replacement = body.get("template_card")
        if replacement is not None and (code := judge_card(replacement)):
            return {"errcode": code}
        for shown in cards:
            button = {"replaced": body.get("button", {}).get("replace_name", "")}
            shown.card, shown.replaced = replacement or {**(shown.card or {}), **button}, True
        reached = {shown.user for shown in cards}
        return {"invaliduser": [user for user in body["userids"] if user not in reached]}

    async def _recall(self, request: web.Request) -> Answer:
        message_id = (await request.json()).get("msgid")
        found = [shown for shown in self.shown if shown.id == message_id and self._now() - shown.at < RECALL_SECONDS]
        for shown in found:
            shown.recalled = True
        return {} if found else {"errcode": 40058}

    async def _upload(self, request: web.Request) -> Answer:
        if request.query.get("type") != "file":
            return {"errcode": 40004}
        parts = await request.clone(client_max_size=FILE_BYTES + 65_536).multipart()
        part = await parts.next()
        if not isinstance(part, BodyPartReader) or part.name != "media":
            return {"errcode": 41005}
        content = bytes(await part.read())
        disposition = part.headers.get("Content-Disposition", "")
        if code := judge_file(disposition, content):
            return {"errcode": code}
        media_id = f"3a{secrets.token_urlsafe(40)}"
        self.files[media_id] = UploadedFile(part.filename or "", content, self._now())
        return {"type": "file", "media_id": media_id, "created_at": str(int(self._now()))}

    async def _create_menu(self, request: web.Request) -> Answer:
        if request.query.get("agentid") != str(self._agent_id):
            return {"errcode": 40056}
        menu = await request.json()
        code = judge_menu(menu)
        if not code:
            self.menu = menu
        return {"errcode": code}

    async def _get_menu(self, request: web.Request) -> Answer:
        if request.query.get("agentid") != str(self._agent_id):
            return {"errcode": 40056}
        return {"errcode": 46003} if self.menu is None else dict(self.menu)

    async def _delete_menu(self, _: web.Request) -> Answer:
        self.menu = None
        return {}


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _answer(code: int, **fields: object) -> web.Response:
    # The real one says text/plain or application/json as it pleases, and writes Chinese unescaped.
    content = {"errcode": code, "errmsg": "ok" if code == 0 else f"refused, more info at e={code}", **fields}
    return web.Response(text=json.dumps(content, ensure_ascii=False), content_type="application/json")
