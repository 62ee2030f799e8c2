"""The routes of the simulator: the chat page, its files, and the endpoints the page asks."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from importlib import resources
from types import MappingProxyType

from aiohttp import web

from bot.errors import StandInError
from bot.simulator.acts import (
    MAX_TEXT,
    Act,
    CardUse,
    EventUse,
    Redelivery,
    RequestError,
    check_file_name,
    check_user,
    read_act,
    read_body,
    read_file,
    read_word,
)
from bot.simulator.api import TOKEN_CALLS, ApiStandIn
from bot.simulator.api_faults import ErrorCode, Fault, HttpStatus, Slow
from bot.simulator.feed import Feed
from bot.simulator.guards import Handler, guard, is_same_origin
from bot.simulator.inbound import Lifecycle, Medium
from bot.simulator.presentation import Body, describe_exchange
from bot.simulator.stand_in import Delivery, Exchange, StandIn

__all__ = ["MAX_TEXT", "MAX_USERS", "SCRIPTS", "routes"]

MAX_USERS = 64
"""How many users' last deliveries are kept for 重推."""

NO_SUCH_FILE = "3Wb-nothing-to-fetch"
"""The media id of a file that a member sends where there is no active API to fetch it from."""

SCRIPTS = ("page.js", "talk.js", "chat.js", "cards.js", "menu.js", "wire.js", "dom.js")

_FILES = {
    "page.css": "text/css",
    "parts.css": "text/css",
    "icon.svg": "image/svg+xml",
    **dict.fromkeys(SCRIPTS, "text/javascript"),
}
_FAULTS: MappingProxyType[str, Fault | None] = MappingProxyType(
    {"none": None, "slow": Slow(3.0), "down": HttpStatus(503), "token": ErrorCode(40014, "invalid access_token")}
)

Endpoint = Callable[[web.Request], Awaitable[Body]]


def routes(stand_in: StandIn, api: ApiStandIn | None = None) -> list[web.RouteDef]:
    """Return the simulator's routes, to be added to an application on a loopback address.

    With ``api``, the stand-in for the active API, the page shows what is sent through it. Its ``close`` belongs into
    the application's ``on_shutdown``: a page that waits for news is let go then.
    """
    desk = _Desk(stand_in, api)
    feed = Feed(api)
    return [
        web.get("/simulator", guard(_file_handler("page.html", "text/html"))),
        *(web.get(f"/simulator/{name}", guard(_file_handler(name, kind))) for name, kind in _FILES.items()),
        web.post("/simulator/messages", guard(_endpoint(desk.perform, "application/json"))),
        web.post("/simulator/files", guard(_endpoint(desk.take_file, "application/octet-stream"))),
        web.post("/simulator/faults", guard(_endpoint(desk.plan_fault, "application/json"))),
        web.get("/simulator/updates", guard(_endpoint(feed.tell))),
        web.get("/simulator/files/{message}", guard(_own(feed.give_file))),
    ]


def _file_handler(name: str, kind: str) -> Handler:
    content = resources.files(__package__).joinpath("static", name).read_bytes()

    async def show(_: web.Request) -> web.Response:
        return web.Response(body=content, content_type=kind, charset="utf-8")

    return show


def _own(handler: Handler) -> Handler:
    """Wrap a handler so that no page of another origin can ask for anything."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if not is_same_origin(request):
            return _answer(403, {"error": "只接受模拟器页面自己的请求"})
        return await handler(request)

    return handle


def _endpoint(act: Endpoint, kind: str | None = None) -> Handler:
    """Return the handler that answers with an object; only a body of the given type is taken."""

    async def handle(request: web.Request) -> web.Response:
        if kind is not None and request.content_type != kind:
            return _answer(403, {"error": "只接受模拟器页面自己的请求"})
        try:
            return _answer(200, await act(request))
        except RequestError as error:
            return _answer(400, {"error": str(error)})
        except StandInError as error:
            return _answer(502, {"error": str(error)})

    return _own(handle)


class _Desk:
    """Does what members do on the page."""

    def __init__(self, stand_in: StandIn, api: ApiStandIn | None) -> None:
        self._stand_in = stand_in
        self._api = api
        self._last: OrderedDict[str, Delivery] = OrderedDict()

    async def perform(self, request: web.Request) -> Body:
        """Do one act and tell how the bot answered."""
        act = read_act(await read_body(request))
        if isinstance(act.deed, CardUse):
            return describe_exchange(await self._click(act.user, act.deed))
        delivery = self._compose(act)
        if isinstance(act.deed, Redelivery):
            return describe_exchange(await self._stand_in.post(delivery))
        return await self._send(act.user, delivery)

    async def take_file(self, request: web.Request) -> Body:
        """Let a member send the posted file (``?user=…&name=…``)."""
        user = check_user(request.query.get("user", ""))
        name = check_file_name(request.query.get("name", ""))
        content = await read_file(request)
        media_id = NO_SUCH_FILE if self._api is None else self._api.put_media(name, content)
        return await self._send(user, self._stand_in.compose_file(user, name, media_id))

    async def plan_fault(self, request: web.Request) -> Body:
        """Let every call of the active API meet a fault from now on, or none."""
        name = read_word(await read_body(request), "fault")
        if self._api is None or name not in _FAULTS:
            raise RequestError("没有主动接口，或不认识这种故障")
        self._api.faults.heal()
        fault = _FAULTS[name]
        if fault is not None:
            # A token that is refused everywhere is still given out.
            for call in TOKEN_CALLS if isinstance(fault, ErrorCode) else (None,):
                self._api.faults.plan(fault, call, times=None)
        return {"fault": name}

    async def _send(self, user: str, delivery: Delivery) -> Body:
        self._remember(user, delivery)
        return describe_exchange(await self._stand_in.deliver(delivery))

    def _compose(self, act: Act) -> Delivery:
        match act.deed:
            case Redelivery():
                last = self._last.get(act.user)
                if last is None:
                    raise RequestError("还没有可以重推的消息")
                return last if act.deed is Redelivery.SAME else self._stand_in.repeat(last)
            case Medium():
                return self._stand_in.compose_medium(act.user, act.deed)
            case Lifecycle():
                return self._stand_in.compose_lifecycle(act.deed)
            case EventUse(event, key):
                return self._stand_in.compose_event(act.user, event, key)
            case _:
                return self._stand_in.compose_text(act.user, str(act.deed))

    async def _click(self, user: str, use: CardUse) -> Exchange:
        api = self._api
        click = api.click_card(user, use.message_id, use.key, use.selected) if api is not None else None
        if api is None or click is None:
            raise RequestError("没有这张卡片，或这个按钮不能点")
        delivery = self._stand_in.compose_card_click(
            user, click.task, click.key, click.response_code, click.selected, card_type=click.card_type
        )
        self._remember(user, delivery)
        exchange = await self._stand_in.deliver(delivery)
        if exchange.update is not None and (code := api.answer_click(user, use.message_id, exchange.update)):
            raise StandInError(f"答复里的卡片不合规定，企业微信不会更新（{code}）")
        return exchange

    def _remember(self, user: str, delivery: Delivery) -> None:
        self._last[user] = delivery
        self._last.move_to_end(user)
        if len(self._last) > MAX_USERS:
            self._last.popitem(last=False)


def _answer(status: int, content: Body) -> web.Response:
    return web.json_response(content, status=status, dumps=lambda value: json.dumps(value, ensure_ascii=False))
