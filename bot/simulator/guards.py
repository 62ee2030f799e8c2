"""Who may use the simulator: programs and browsers on this machine, and no page of another origin."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def guard(handler: Handler) -> Handler:
    """Wrap a handler so that only local requests reach it and every answer carries the security headers."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        if is_local(request):
            response = await handler(request)
        else:
            response = web.Response(status=403, text="模拟器只供本机使用")
        response.headers.update(HEADERS)
        return response

    return guarded


def is_local(request: web.Request) -> bool:
    """Return whether the peer is this machine, the Host names this machine (a rebound DNS name does not), and no
    proxy passed the request on.
    """
    transport = request.transport
    peer = transport.get_extra_info("peername") if transport else None
    if not isinstance(peer, tuple) or not _is_loopback(str(peer[0])):
        return False
    if any(name in request.headers for name in _FORWARDED):
        return False
    return _names_loopback(request.headers.get(hdrs.HOST, ""))


def is_same_origin(request: web.Request) -> bool:
    """Return whether a posting browser shows one of our own pages; programs that send neither header pass."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None and origin != f"http://{request.headers.get(hdrs.HOST)}":
        return False
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def _names_loopback(host: str) -> bool:
    name, _, port = host.rpartition(":") if not host.endswith("]") and ":" in host else (host, "", "")
    if port and not port.isdecimal():
        return False
    return name.lower() == "localhost" or _is_loopback(name.removeprefix("[").removesuffix("]"))


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)
