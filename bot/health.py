"""The health checks: ``/healthz`` (the process answers) and ``/readyz`` (it can do its work as configured)."""

from __future__ import annotations

import json
from functools import partial

from aiohttp import web

from bot.condition import Inspector


def health_routes(inspector: Inspector) -> list[web.RouteDef]:
    """Return the routes of both checks."""

    async def live(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(_: web.Request) -> web.Response:
        condition = await inspector.inspect()
        # Without Redis answers still come, from memory; the check turns red so that somebody looks. A newer base or overlay
        # that can't be used is said here too, but what answers meanwhile is whole, so the check stays green.
        report = {
            "status": "ok" if condition.sessions else "degraded",
            "sessions": condition.sessions,
            "knowledge": condition.version,
            "problems": list(condition.problems),
        }
        return web.json_response(
            report, status=200 if condition.sessions else 503, dumps=partial(json.dumps, ensure_ascii=False)
        )

    return [web.get("/healthz", live), web.get("/readyz", ready)]
