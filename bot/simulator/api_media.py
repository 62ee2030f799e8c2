"""The files that WeChat Work keeps for three days: uploaded by a program, or sent by a member."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from aiohttp import BodyPartReader, web

from bot.simulator.api_inbox import UploadedFile
from bot.simulator.api_rules import FILE_BYTES, judge_file

FILE_SECONDS = 3 * 86_400

_NAME_BREAKERS = re.compile(r'[\x00-\x1f\x7f"\\]')


class Media:
    """All files by their media ids. ``now`` gives seconds since 1970."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.files: dict[str, UploadedFile] = {}
        self._now = now

    def put(self, name: str, content: bytes) -> str:
        """Keep a file; return its media id."""
        media_id = f"3a{secrets.token_urlsafe(40)}"
        self.files[media_id] = UploadedFile(name, content, self._now())
        return media_id

    def judge(self, media_id: str) -> int:
        """Return 0 for the id of a file that is still kept, else the error code."""
        file = self.files.get(media_id)
        return 0 if file is not None and self._now() - file.at < FILE_SECONDS else 40007

    async def take(self, request: web.Request) -> dict[str, Any]:
        """Answer an upload."""
        if request.query.get("type") != "file":
            return {"errcode": 40004}
        parts = await request.clone(client_max_size=FILE_BYTES + 65_536).multipart()
        part = await parts.next()
        if not isinstance(part, BodyPartReader) or part.name != "media":
            return {"errcode": 41005}
        content = bytes(await part.read())
        if code := judge_file(part.headers.get("Content-Disposition", ""), content):
            return {"errcode": code}
        media_id = self.put(part.filename or "", content)
        return {"type": "file", "media_id": media_id, "created_at": str(int(self._now()))}

    async def give(self, request: web.Request) -> dict[str, Any] | web.Response:
        """Answer a download: like an ordinary one (path 90254), with the name as it is."""
        media_id = request.query.get("media_id", "")
        if code := self.judge(media_id):
            return {"errcode": code}
        file = self.files[media_id]
        headers = {"Content-Disposition": f'attachment; filename="{_NAME_BREAKERS.sub("_", file.name)}"'}
        return web.Response(body=file.content, content_type="application/octet-stream", headers=headers)
