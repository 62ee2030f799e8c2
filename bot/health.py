"""The health checks: ``/healthz`` (the process answers) and ``/readyz`` (it can do its work as configured)."""

from __future__ import annotations

from aiohttp import web

from bot.opening import LiveDialogue
from bot.stores.protocol import ConversationStore


def health_routes(store: ConversationStore, dialogue: LiveDialogue) -> list[web.RouteDef]:
    """Return the routes of both checks."""

    async def live(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(_: web.Request) -> web.Response:
        sessions = await store.ready()
        # Without Redis answers still come, from memory; the check turns red so that somebody looks.
        report = {"status": "ok" if sessions else "degraded", "sessions": sessions, "knowledge": dialogue.version}
        return web.json_response(report, status=200 if sessions else 503)

    return [web.get("/healthz", live), web.get("/readyz", ready)]
