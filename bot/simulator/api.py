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
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from bot.simulator.api_cards import Cards
from bot.simulator.api_faults import Cut, ErrorCode, Faults, Hang, HttpStatus, Slow
from bot.simulator.api_inbox import Dropped, Inbox, Shown, UploadedFile
from bot.simulator.api_media import Media
from bot.simulator.api_rules import judge_menu, judge_message
from bot.simulator.inbound import CardClick
from bot.simulator.passive import CardUpdate

TOKEN_SECONDS = 7200
RECALL_SECONDS = 86_400

TOKEN_CALLS = (
    "message/send",
    "message/update_template_card",
    "message/recall",
    "media/upload",
    "media/get",
    "menu/create",
    "menu/get",
    "menu/delete",
)
"""The calls that ask for a token."""

Answer = dict[str, Any]
Act = Callable[[web.Request], Awaitable[Answer | web.Response]]


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
        self.menu: Answer | None = None
        self.unknown: set[str] = set()
        self.unlicensed: set[str] = set()
        self.closed = False
        self._cards = Cards(self.inbox, now)
        self._media = Media(now)
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
        posts: dict[str, Act] = {
            "message/send": self._send,
            "message/update_template_card": self._update_card,
            "message/recall": self._recall,
            "media/upload": self._media.take,
            "menu/create": self._create_menu,
        }
        gets: dict[str, Act] = {
            "gettoken": self._give_token,
            "media/get": self._media.give,
            "menu/get": self._get_menu,
            "menu/delete": self._delete_menu,
        }
        return [
            *(web.post(f"{prefix}/{call}", self._serve(call, act)) for call, act in posts.items()),
            *(web.get(f"{prefix}/{call}", self._serve(call, act)) for call, act in gets.items()),
        ]

    @property
    def token(self) -> str:
        """The token that is good now, empty before the first and after one was called in."""
        return self._token

    @property
    def files(self) -> dict[str, UploadedFile]:
        """Every file by its media id."""
        return self._media.files

    def call_in_token(self) -> None:
        """Make the token bad before its time, as WeChat Work may."""
        self._token = ""

    def close(self) -> None:
        """Let everyone go who waits for a change (a server that ends need not wait for them)."""
        self.closed = True
        self.faults.heal()
        self._tell()

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

    def put_media(self, name: str, content: bytes) -> str:
        """Keep a file as WeChat Work keeps one that a member sends; return its media id, good for three days."""
        return self._media.put(name, content)

    def click_card(self, user: str, message_id: str, key: str, selected: Mapping[str, str]) -> CardClick | None:
        """Click a button of a member's card; return what the callback is to be told, ``None`` if there is no such button."""
        card = self.inbox.find(user, message_id)
        return None if card is None else self._cards.click(card, key, selected)

    def answer_click(self, user: str, message_id: str, update: CardUpdate) -> int:
        """Update a card as the passive answer to its click says; return the error code, 0 for done."""
        card = self.inbox.find(user, message_id)
        code = 42016 if card is None or card.card is None else self._cards.answer(card, update)
        self._tell()
        return code

    def _serve(self, call: str, act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
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

    async def _checked(self, call: str, act: Act, request: web.Request) -> web.Response:
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
        return answer if isinstance(answer, web.Response) else _answer(answer.pop("errcode", 0), **answer)

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
            code = self._media.judge(body["file"]["media_id"])
        if not code and body["msgtype"] == "template_card" and self.inbox.knows_task(body["template_card"]["task_id"]):
            code = 42014
        invalid = [user for user in users if user in self.unknown]
        unlicensed = [user for user in users if user in self.unlicensed]
        reached = [user for user in users if user not in {*invalid, *unlicensed}]
        if code or not reached:
            return {"errcode": code or 81013}
        message_id, response_code = f"msg{next(self._numbers):08d}", self._cards.new_code()
        file = self.files[body["file"]["media_id"]] if body["msgtype"] == "file" else None
        for user in reached:
            shown = Shown(message_id, user, body["msgtype"], self._now(), file=file)
            if self.inbox.put(shown, response_code, body):
                self._cards.cover(response_code, shown)
        answer = {"invaliduser": "|".join(invalid), "unlicenseduser": "|".join(unlicensed), "msgid": message_id}
        return answer | ({"response_code": response_code} if body["msgtype"] == "template_card" else {})

    async def _update_card(self, request: web.Request) -> Answer:
        body = await request.json()
        name = body.get("button", {}).get("replace_name", "")
        update = CardUpdate(str(name), body.get("template_card"))
        code, reached = self._cards.update(body["response_code"], body["userids"], update)
        missed = [user for user in body["userids"] if user not in reached]
        return {"errcode": code} if code else {"invaliduser": missed}

    async def _recall(self, request: web.Request) -> Answer:
        message_id = (await request.json()).get("msgid")
        found = [shown for shown in self.shown if shown.id == message_id and self._now() - shown.at < RECALL_SECONDS]
        for shown in found:
            shown.recalled = True
            self.inbox.touch(shown)
        return {} if found else {"errcode": 40058}

    async def _create_menu(self, request: web.Request) -> Answer:
        if request.query.get("agentid") != str(self._agent_id):
            return {"errcode": 40056}
        menu = await request.json()
        code = judge_menu(menu)
        if not code:
            self.menu = menu
            self.inbox.touch()
        return {"errcode": code}

    async def _get_menu(self, request: web.Request) -> Answer:
        if request.query.get("agentid") != str(self._agent_id):
            return {"errcode": 40056}
        return {"errcode": 46003} if self.menu is None else dict(self.menu)

    async def _delete_menu(self, _: web.Request) -> Answer:
        self.menu = None
        self.inbox.touch()
        return {}


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _answer(code: int, **fields: object) -> web.Response:
    # The real one says text/plain or application/json as it pleases, and writes Chinese unescaped.
    content = {"errcode": code, "errmsg": "ok" if code == 0 else f"refused, more info at e={code}", **fields}
    return web.Response(text=json.dumps(content, ensure_ascii=False), content_type="application/json")
