"""What an app sends to members through the active API, as the tests of the page need it."""

from __future__ import annotations

from typing import Any

import aiohttp

from .api_bench import AGENT, CORP, SECRET

BUTTONS: dict[str, Any] = {
    "card_type": "button_interaction",
    "main_title": {"title": "党建工作总结提纲", "desc": "共三部分"},
    "task_id": "buttons",
    "button_list": [
        {"text": "展开（一）", "style": 1, "key": "展开（一）"},
        {"text": "换一版", "style": 2, "key": "换一版"},
    ],
}
CHOICE: dict[str, Any] = {
    "card_type": "multiple_interaction",
    "main_title": {"title": "要哪一种提纲？"},
    "task_id": "choice",
    "select_list": [
        {
            "question_key": "kind",
            "title": "文种",
            "selected_id": "a",
            "option_list": [{"id": "a", "text": "工作总结"}, {"id": "b", "text": "述职报告"}],
        }
    ],
    "submit_button": {"text": "就要这种", "key": "submit"},
}


class App:
    """An app that sends to members, all to user-a unless another is named."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base
        self._token = ""

    async def log_in(self) -> None:
        query = {"corpid": CORP, "corpsecret": SECRET}
        async with self._session.get(f"{self._base}/gettoken", params=query) as response:
            self._token = (await response.json())["access_token"]

    async def call(self, name: str, body: dict[str, Any], **query: str) -> dict[str, Any]:
        params = {"access_token": self._token, **query}
        async with self._session.post(f"{self._base}/{name}", params=params, json=body) as response:
            answer: dict[str, Any] = await response.json()
        return answer

    async def send(self, kind: str, content: dict[str, Any], user: str = "user-a") -> dict[str, Any]:
        body = {"touser": user, "msgtype": kind, "agentid": AGENT, kind: content}
        answer = await self.call("message/send", body)
        assert answer["errcode"] == 0
        return answer

    async def say(self, text: str, user: str = "user-a") -> dict[str, Any]:
        return await self.send("text", {"content": text}, user)

    async def push_menu(self, *buttons: dict[str, Any]) -> None:
        answer = await self.call("menu/create", {"button": list(buttons)}, agentid=str(AGENT))
        assert answer["errcode"] == 0
