"""The routes of the simulator: the chat page, its files, and the endpoint the page posts to."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

from aiohttp import web

from bot.errors import StandInError
from bot.simulator.guards import Handler, guard, is_same_origin
from bot.simulator.inbound import Event, Medium
from bot.simulator.stand_in import Delivery, Exchange, StandIn

MAX_TEXT = 8000
"""Characters of one message; encrypted it stays below what the callback reads."""

MAX_USERS = 64
"""How many users' last deliveries are kept for 重推."""

_FILES = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_USER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}")
_SURROGATE = re.compile("[\ud800-\udfff]")


class _RequestError(Exception):
    """What the page posted is not usable; the text (Chinese) says why."""


class _Redelivery(StrEnum):
    SAME = "same"
    """The same bytes again."""
    FRESH = "fresh"
    """The same message under a new nonce, timestamp and ciphertext."""


@dataclass(frozen=True, slots=True)
class _Act:
    """One thing a user does: exactly one of the four is set."""

    user: str
    text: str | None = None
    event: Event | None = None
    medium: Medium | None = None
    redelivery: _Redelivery | None = None
    key: str = ""


def routes(stand_in: StandIn) -> list[web.RouteDef]:
    """Return the simulator's routes, to be added to an application on a loopback address."""
    endpoint = _Endpoint(stand_in)
    return [
        web.get("/simulator", guard(_file_handler("page.html", "text/html"))),
        *(web.get(f"/simulator/{name}", guard(_file_handler(name, kind))) for name, kind in _FILES.items()),
        web.post("/simulator/messages", guard(endpoint.post)),
    ]


def _file_handler(name: str, kind: str) -> Handler:
    content = resources.files(__package__).joinpath("static", name).read_bytes()

    async def show(_: web.Request) -> web.Response:
        return web.Response(body=content, content_type=kind, charset="utf-8")

    return show


class _Endpoint:
    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in
        self._last: OrderedDict[str, Delivery] = OrderedDict()

    async def post(self, request: web.Request) -> web.Response:
        """Do what the page asks for and tell it how the bot answered."""
        if not is_same_origin(request) or request.content_type != "application/json":
            return _answer(403, {"error": "只接受模拟器页面自己的请求"})
        try:
            delivery = self._compose(_read_act(await _read_body(request)))
            exchange = await self._stand_in.post(delivery)
        except _RequestError as error:
            return _answer(400, {"error": str(error)})
        except StandInError as error:
            return _answer(502, {"error": str(error)})
        return _answer(200, _describe(exchange))

    def _compose(self, act: _Act) -> Delivery:
        if act.redelivery is not None:
            last = self._last.get(act.user)
            if last is None:
                raise _RequestError("还没有可以重推的消息")
            return last if act.redelivery is _Redelivery.SAME else self._stand_in.repeat(last)
        if act.text is not None:
            delivery = self._stand_in.compose_text(act.user, act.text)
        elif act.medium is not None:
            delivery = self._stand_in.compose_medium(act.user, act.medium)
        else:
            delivery = self._stand_in.compose_event(act.user, act.event or Event.ENTER, act.key)
        self._remember(delivery)
        return delivery

    def _remember(self, delivery: Delivery) -> None:
        self._last[delivery.user] = delivery
        self._last.move_to_end(delivery.user)
        if len(self._last) > MAX_USERS:
            self._last.popitem(last=False)


async def _read_body(request: web.Request) -> dict[str, object]:
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError, web.HTTPRequestEntityTooLarge) as error:
        raise _RequestError("不是可读的 JSON") from error
    if not isinstance(body, dict):
        raise _RequestError("应为一个 JSON 对象")
    return body


def _read_act(body: dict[str, object]) -> _Act:
    user = _word(body, "user")
    if not _USER.fullmatch(user):
        raise _RequestError("user 应为1至64位字母、数字或 _ - . @")
    acts = [name for name in ("text", "event", "media", "redeliver") if name in body]
    if len(acts) != 1:
        raise _RequestError("text、event、media、redeliver 应恰有一项")
    value = _word(body, acts[0])
    try:
        match acts[0]:
            case "text":
                return _Act(user, text=value)
            case "event":
                return _Act(user, event=Event(value), key=_word(body, "key") if "key" in body else "")
            case "media":
                return _Act(user, medium=Medium(value))
            case _:
                return _Act(user, redelivery=_Redelivery(value))
    except ValueError as error:
        raise _RequestError(f"{acts[0]} 的取值不认识") from error


def _word(body: dict[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise _RequestError(f"{name} 应为文字")
    if len(value) > MAX_TEXT:
        raise _RequestError(f"{name} 超过{MAX_TEXT}字")
    if _SURROGATE.search(value):
        raise _RequestError(f"{name} 含有不成对的代理字符")
    return value


def _describe(exchange: Exchange) -> dict[str, object]:
    return {
        "status": exchange.status,
        "reply": exchange.reply,
        "milliseconds": round(exchange.milliseconds, 1),
        "request_bytes": exchange.request_bytes,
        "response_bytes": exchange.response_bytes,
    }


def _answer(status: int, content: dict[str, object]) -> web.Response:
    return web.json_response(content, status=status, dumps=lambda value: json.dumps(value, ensure_ascii=False))
