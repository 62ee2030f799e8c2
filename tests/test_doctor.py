"""``bigan doctor`` finds the usual faults of a deployment and says what to do."""

from __future__ import annotations

import asyncio
import heapq
import json
import os
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner, Result

from bot.channels.callback import Callback
from bot.commands.doctor import doctor
from bot.diagnosis.api import check_api
from bot.diagnosis.callback import check_callback
from bot.diagnosis.clock import judge_clock
from bot.diagnosis.finding import State
from bot.diagnosis.redis import check_redis
from bot.simulator.api_faults import ErrorCode, Hang, HttpStatus
from bot.wecom.client import ApiCredentials
from bot.wecom.crypto import Credentials
from bot.wecom.menu import MENU
from knowledge.build.base import build_base
from knowledge.segmentation import Segmenter
from knowledge.tableset import TableSet
from tests.conftest import RedisServer, StartRedis
from tests.simulator.api_bench import AGENT, CORP, SECRET
from tests.wecom.api_client import CREDENTIALS, Site, api_site
from tests.wecom.peer import RecordingReceiver

TOKEN = "canaryToken1234567"
AES_KEY = "canaryABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789A"
CALLBACK = Credentials(CORP, TOKEN, AES_KEY, str(AGENT))
PATH = "/wecom/callback"

Diagnose = Callable[..., Awaitable[Result]]
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, bundled_base: Path) -> None:
    """The settings of a complete deployment, and nobody else's."""
    for name in list(os.environ):
        if name.startswith(("WECOM_", "REDIS_", "KNOWLEDGE_", "WORKERS", "SEGMENTER")):
            monkeypatch.delenv(name)
    settings = {
        "WECOM_CORP_ID": CORP,
        "WECOM_TOKEN": TOKEN,
        "WECOM_AES_KEY": AES_KEY,
        "WECOM_AGENT_ID": str(AGENT),
        "KNOWLEDGE_BASE": str(bundled_base),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


async def run(*arguments: str) -> Result:
    result = await asyncio.to_thread(CliRunner().invoke, doctor, arguments)
    for canary in (TOKEN, AES_KEY, SECRET):
        assert canary not in result.output
    assert "Traceback" not in result.output
    return result


async def findings(*arguments: str) -> dict[str, dict[str, str]]:
    """Run with ``--json`` and return the findings by the name of their check."""
    result = await run(*arguments, "--json")
    report: dict[str, Any] = json.loads(result.stdout)
    assert set(report) == {"ok", "findings"}
    assert result.exit_code == (0 if report["ok"] else 1)
    assert report["ok"] == all(finding["state"] != "fault" for finding in report["findings"])
    return {finding["check"]: finding for finding in report["findings"]}


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with api_site(time.time) as site:
        yield site


@pytest.fixture
async def callback() -> AsyncIterator[str]:
    """A service that runs with the same settings."""
    app = web.Application()
    app.add_routes(Callback(CALLBACK, RecordingReceiver()).routes())
    async with TestServer(app) as server:
        yield str(server.make_url(PATH))


async def test_sound_deployment_is_said_to_be_sound(
    start_redis: StartRedis, callback: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis = start_redis("--appendonly", "yes")
    monkeypatch.setenv("REDIS_URL", redis.url)
    monkeypatch.setenv("WECOM_SECRET", SECRET)
    site.api.menu = MENU.to_json()
    arguments = ("--url", callback, "--api-base", site.base)
    found = await findings(*arguments)
    states = {name: finding["state"] for name, finding in found.items()}
    assert {name for name, state in states.items() if state not in {"good", "skipped"}} == {"WECOM_CORP_ID"}
    assert {
        "回调设置",
        "知识库",
        "Redis",
        "Redis 持久化",
        "回调地址",
        "回调签名",
        "时钟",
        "企业微信接口",
        "应用菜单",
    } <= set(states)
    result = await run(*arguments)
    assert result.exit_code == 0
    assert "[正常] 回调地址：验证通过" in result.output
    assert "0项有误" in result.output


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("WECOM_AES_KEY", AES_KEY[:-1], "43位"),
        ("WECOM_AES_KEY", AES_KEY + "=", "43位"),
        ("WECOM_AES_KEY", AES_KEY[:-1] + "é", "43位"),
        ("WECOM_TOKEN", "with space", "1–32位"),
        ("WECOM_TOKEN", "x" * 33, "1–32位"),
        ("WECOM_CORP_ID", "公司", "企业ID"),
        ("WECOM_CORP_ID", "ww with space", "企业ID"),
        ("WECOM_AGENT_ID", "agent", "只含数字"),
        ("REDIS_URL", "localhost:6379", "redis://"),
    ],
)
async def test_setting_of_the_wrong_form_is_named_with_where_to_find_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    found = await findings("--url", "http://127.0.0.1:1/wecom/callback")
    assert found[name]["state"] == "fault"
    assert words in found[name]["message"]
    assert found[name]["advice"]
    assert value not in json.dumps(found, ensure_ascii=False)
    assert (await run()).exit_code == 1


async def test_missing_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WECOM_TOKEN", "WECOM_AES_KEY", "WECOM_AGENT_ID"):
        monkeypatch.delenv(name)
    found = await findings("--url", "http://127.0.0.1:1/wecom/callback")
    assert {name: finding["state"] for name, finding in found.items() if name.startswith("WECOM")} == {
        "WECOM_TOKEN": "fault",
        "WECOM_AES_KEY": "fault",
        "WECOM_CORP_ID": "notice",
        "WECOM_AGENT_ID": "notice",
    }
    assert found["REDIS_URL"]["state"] == "notice"
    assert "ADMIN_USERS" not in found
    assert found["回调地址"]["state"] == "skipped"


async def test_api_is_passed_over_without_a_secret_and_a_fault_with_half_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_USERS", "zhang")
    found = await findings()
    assert (found["企业微信接口"]["state"], found["ADMIN_USERS"]["state"]) == ("skipped", "notice")
    monkeypatch.setenv("WECOM_SECRET", SECRET)
    assert "ADMIN_USERS" not in await findings()
    monkeypatch.delenv("WECOM_AGENT_ID")
    assert (await findings())["企业微信接口"]["state"] == "fault"


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials("wwanother", TOKEN, AES_KEY),
        Credentials(CORP, "another", AES_KEY),
        Credentials(CORP, TOKEN, "b" + AES_KEY[1:]),
    ],
    ids=["CorpID", "Token", "EncodingAESKey"],
)
async def test_service_with_other_settings_than_ours_is_noticed(callback: str, credentials: Credentials) -> None:
    (refused, clock, signature) = await check_callback(credentials, callback)
    assert refused.state is State.FAULT
    assert "Token、EncodingAESKey 或 CorpID" in refused.advice
    assert (clock.state, signature.state) == (State.GOOD, State.GOOD)


async def serve(answer: Answer) -> TestServer:
    app = web.Application()
    app.router.add_get(PATH, answer)
    server = TestServer(app)
    await server.start_server()
    return server


def echoing(form: str, content_type: str = "text/plain", status: int = 200) -> Answer:
    """Answer with the decrypted echo in some form, whatever the signature."""

    async def answer(request: web.Request) -> web.Response:
        from bot.wecom.crypto import MessageCipher  # noqa: PLC0415

        echo = MessageCipher(CALLBACK).decrypt(request.query["echostr"])
        return web.Response(text=form.format(echo), content_type=content_type, status=status)

    return answer


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ('"{}"', "还有别的字符"),
        ("{}\n", "还有别的字符"),
        ("\ufeff{}", "还有别的字符"),
        ('{{"data": "{}"}}', "还有别的字符"),
        ("<html>请登录</html>", "网页"),
        ("ok", "不是验证的明文"),
        ("", "不是验证的明文"),
    ],
)
async def test_answer_that_is_not_plain_is_told_apart(form: str, words: str) -> None:
    server = await serve(echoing(form))
    found = await check_callback(CALLBACK, str(server.make_url(PATH)))
    await server.close()
    assert found[0].state is State.FAULT
    assert words in found[0].message
    assert "反向代理" in found[0].advice


async def test_service_that_takes_a_forged_signature_is_a_fault() -> None:
    server = await serve(echoing("{}"))
    found = await check_callback(CALLBACK, str(server.make_url(PATH)))
    await server.close()
    assert found[0].state is State.GOOD
    assert (found[-1].check, found[-1].state) == ("回调签名", State.FAULT)
    assert "冒充" in found[-1].message


@pytest.mark.parametrize(
    ("status", "words"), [(302, "重定向"), (404, PATH), (502, "连不上服务"), (401, "放行"), (500, "日志")]
)
async def test_status_of_a_proxy_is_explained(status: int, words: str) -> None:
    server = await serve(echoing("x", status=status))
    found = await check_callback(CALLBACK, str(server.make_url(PATH)))
    await server.close()
    assert found[0].state is State.FAULT
    assert words in found[0].advice


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1/wecom/callback", "连不上"),
        ("http://no-such-host.invalid/wecom/callback", "no-such-host.invalid"),
        ("not an address", "写法不对"),
        ("ftp://127.0.0.1/", "写法不对"),
    ],
)
async def test_address_that_is_not_reached_is_said_in_words(url: str, words: str) -> None:
    (found,) = await check_callback(CALLBACK, url)
    assert found.state is State.FAULT
    assert words in found.message


async def test_path_of_the_callback_may_be_left_out(callback: str) -> None:
    assert (await findings("--url", callback.removesuffix(PATH)))["回调地址"]["state"] == "good"


async def test_slow_verification_is_noticed() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(1.05)
        return await echoing("{}")(request)

    server = await serve(answer)
    found = await check_callback(CALLBACK, str(server.make_url(PATH)))
    await server.close()
    assert found[0].state is State.NOTICE
    assert "1秒内" in found[0].advice


@pytest.mark.parametrize(
    ("ahead", "state", "words"),
    [
        (0.0, State.GOOD, "一致"),
        (-20.0, State.GOOD, "一致"),
        (90.0, State.NOTICE, "本机比甲慢90秒"),
        (-200.0, State.NOTICE, "本机比甲快3分钟"),
        (360.0, State.FAULT, "本机比甲慢6分钟"),
        (-360.0, State.FAULT, "本机比甲快6分钟"),
    ],
)
def test_clock_is_judged_by_the_window_of_the_callback(ahead: float, state: State, words: str) -> None:
    found = judge_clock("甲", ahead)
    assert found.state is state
    assert words in found.message


async def test_clock_is_compared_with_the_service_and_with_wechat_work(callback: str, site: Site) -> None:
    def early() -> float:
        return time.time() - 400

    refused, clock, _ = await check_callback(CALLBACK, callback, early)
    assert refused.state is State.FAULT
    assert "时钟" in refused.advice
    assert (clock.state, clock.check) == (State.FAULT, "时钟")
    found = {finding.check: finding for finding in await check_api(CREDENTIALS, site.base, early)}
    assert found["时钟"].state is State.FAULT
    assert "本机比企业微信慢" in found["时钟"].message


@pytest.mark.parametrize(
    ("credentials", "words"),
    [
        (ApiCredentials("wwanother", AGENT, SECRET), "CorpID 不对（40013）"),
        (ApiCredentials(CORP, AGENT, "wrong"), "Secret 不对（40001）"),
        (ApiCredentials(CORP, 1, SECRET), "AgentId 不对（40056）"),
    ],
)
async def test_refused_credentials_are_named(site: Site, credentials: ApiCredentials, words: str) -> None:
    found = (await check_api(credentials, site.base))[-1]
    assert found.state is State.FAULT
    assert words in found.message
    assert "WECOM_" in found.advice


async def test_untrusted_address_is_shown_as_wechat_work_sees_it(site: Site) -> None:
    site.api.faults.plan(ErrorCode(60020, "not allow to access from your ip, from ip: 203.0.113.7"), "menu/get")
    found = (await check_api(CREDENTIALS, site.base))[-1]
    assert found.state is State.FAULT
    assert "203.0.113.7" in found.message
    assert "企业可信IP" in found.advice


async def test_api_that_is_away_is_a_fault_that_does_not_touch_answers(site: Site) -> None:
    for fault in (HttpStatus(503), ErrorCode(-1)):
        site.api.faults.plan(fault, times=None)
        found = (await check_api(CREDENTIALS, site.base))[-1]
        assert found.state is State.FAULT
        site.api.faults.heal()
    (found,) = await check_api(CREDENTIALS, "http://127.0.0.1:1/cgi-bin")
    assert "问答不受影响" in found.advice
    (found,) = await check_api(CREDENTIALS, "http://qyapi.weixin.qq.com/cgi-bin")
    assert "https" in found.message
    site.api.faults.plan(Hang(), "nothing")


async def test_menu_that_is_missing_or_another_is_noticed(site: Site) -> None:
    found = (await check_api(CREDENTIALS, site.base))[-1]
    assert (found.check, found.state) == ("应用菜单", State.NOTICE)
    assert "menu push" in found.advice
    site.api.menu = {"button": [{"name": "别的", "type": "click", "key": "k"}]}
    assert "不同" in (await check_api(CREDENTIALS, site.base))[-1].message


async def test_redis_as_the_compose_file_has_it_is_sound(start_redis: StartRedis) -> None:
    server = start_redis("--appendonly", "yes", "--maxmemory", "256mb", "--maxmemory-policy", "noeviction")
    found = await check_redis(server.url)
    assert {finding.check for finding in found} == {"Redis", "Redis 淘汰策略", "Redis 持久化", "时钟"}
    assert all(finding.state is State.GOOD for finding in found)


async def test_redis_that_would_lose_what_users_keep_is_noticed(start_redis: StartRedis) -> None:
    server = start_redis("--maxmemory", "10mb", "--maxmemory-policy", "allkeys-lru")
    found = {finding.check: finding for finding in await check_redis(server.url)}
    assert found["Redis 淘汰策略"].state is State.NOTICE
    assert "noeviction" in found["Redis 淘汰策略"].advice
    assert found["Redis 持久化"].state is State.NOTICE
    assert "appendonly yes" in found["Redis 持久化"].advice


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (("CONFIG", "SET", "requirepass", "another"), "密码不对"),
        (("CONFIG", "SET", "maxmemory", "1"), "内存已满"),
        (("REPLICAOF", "127.0.0.1", "1"), "只读"),
        (("ACL", "SETUSER", "default", "resetkeys", "-@all"), "权限"),
    ],
)
async def test_fault_of_redis_is_said_in_words(redis_server: RedisServer, spoil: tuple[str, ...], words: str) -> None:
    redis_server.command(*spoil)
    (found,) = await check_redis(redis_server.url)
    assert found.state is State.FAULT
    assert words in found.message


async def test_redis_that_is_away_is_a_fault(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    redis_server.kill()
    found = await findings()
    assert found["Redis"]["state"] == "fault"
    assert "在运行" in found["Redis"]["advice"]


async def test_knowledge_base_that_is_missing_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert (await findings())["知识库"]["state"] == "good"
    monkeypatch.setenv("KNOWLEDGE_BASE", str(tmp_path))
    found = (await findings())["知识库"]
    assert found["state"] == "fault"
    assert "bigan kb build" in found["message"] + found["advice"]


@pytest.fixture
def small_base(tmp_path: Path, tables: TableSet) -> Path:
    """A base of one report, built with a dictionary of its own."""
    (tmp_path / "reports").mkdir()
    report = "2024年党建工作总结\n一、做法\n（一）抓学习\n坚持每月开展一次集中学习，推动理论学习走深走实。\n"
    (tmp_path / "reports" / "甲.txt").write_text(report, encoding="utf-8")
    build_base([tmp_path / "reports"], tmp_path / "base", tables, Segmenter(words=["测试专用生词"], cache=tmp_path))
    return tmp_path / "base"


async def test_knowledge_base_of_another_analyser_is_a_fault(monkeypatch: pytest.MonkeyPatch, small_base: Path) -> None:
    monkeypatch.setenv("KNOWLEDGE_BASE", str(small_base))
    found = (await findings())["知识库"]
    assert found["state"] == "fault"
    assert "分词或词典" in found["message"]


async def test_damaged_knowledge_base_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bundled_base: Path
) -> None:
    copy = tmp_path / "copy"
    await asyncio.to_thread(shutil.copytree, bundled_base, copy)
    monkeypatch.setenv("KNOWLEDGE_BASE", str(copy))
    assert (await findings())["知识库"]["state"] == "good"
    (largest,) = heapq.nlargest(
        1, (path for path in copy.rglob("*") if path.is_file()), lambda path: path.stat().st_size
    )
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 1
    largest.write_bytes(content)
    found = (await findings())["知识库"]
    assert found["state"] == "fault"
    assert "kb build" in found["advice"]


async def test_slip_in_the_overlay_is_named_with_its_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KNOWLEDGE_OVERLAY", str(tmp_path))
    assert (await findings())["覆盖表"]["message"] == "0条，其中0条换掉自带的"
    (tmp_path / "formulations.toml").write_text("[[formulation]]\nterm = 1\n", encoding="utf-8")
    found = await findings()
    assert found["覆盖表"]["state"] == "fault"
    assert "formulations.toml" in found["覆盖表"]["message"]
    assert found["知识库"]["state"] == "good"
