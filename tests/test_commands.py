"""The command line, run as a program: what it prints, and what it says to a user's mistake."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.errors import StandInError
from bot.simulator.stand_in import StandIn
from bot.wecom.crypto import Credentials
from knowledge.build.base import bundled_reports
from knowledge.corpus.reader import read
from tests.conftest import RedisServer

WECOM = {
    "WECOM_CORP_ID": "wwtestcorp",
    "WECOM_TOKEN": "TestToken1234567",
    "WECOM_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA",
}
REPORT = bundled_reports() / "000_517756d88a2dde0b.txt"


def run(
    *arguments: str, base: Path, stdin: str = "", folder: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("WECOM_", "REDIS_"))}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**keep, "KNOWLEDGE_BASE": str(base), "PYTHONUTF8": "1", **environment},
        timeout=60,
        check=False,
        cwd=folder,
    )


def load(result: subprocess.CompletedProcess[str]) -> Any:
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_ask_prints_one_answer_object(bundled_base: Path) -> None:
    answer = load(run("ask", "主题党日 3条", "--json", base=bundled_base))
    assert set(answer) == {"intent", "confidence", "slots", "items", "total", "found", "notes", "pages"}
    assert answer["intent"] == "phrase"
    assert [item["n"] for item in answer["items"]] == [1, 2, 3]
    item = answer["items"][0]
    assert set(item) == {"n", "type", "text", "level", "ordinal", "set", "sources"}
    explained = load(
        run(
            "kb", "explain", str(bundled_reports() / f"{item['sources'][0]['report']}.txt"), "--json", base=bundled_base
        )
    )
    source = item["sources"][0]
    assert explained["text"][source["start"] : source["end"]] == item["text"]


def test_ask_for_people_prints_the_pages(bundled_base: Path) -> None:
    result = run("ask", "党建工作总结提纲", base=bundled_base)
    assert result.stdout.startswith("【提纲】年度党建工作总结")


def test_chat_by_lines_keeps_one_session_for_each_user(bundled_base: Path) -> None:
    lines = [("a", "党建工作总结提纲"), ("b", "2"), ("a", "展开（五）")]
    stdin = "".join(json.dumps({"user": user, "text": text}) + "\n" for user, text in lines)
    result = run("chat", "--jsonl", base=bundled_base, stdin=stdin)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["intent"] for answer in answers] == ["outline", "select", "expand"]
    assert [answer["found"] for answer in answers] == [True, False, True]


def test_chat_in_a_terminal_welcomes_answers_and_leaves(bundled_base: Path) -> None:
    result = run("chat", base=bundled_base, stdin="小标题\n再见\n")
    assert "您好，我是笔杆" in result.stdout
    assert "【小标题】" in result.stdout


def test_an_exported_draft_is_written_beside_what_is_there(bundled_base: Path, tmp_path: Path) -> None:
    said = "党建工作总结提纲\n加入草稿\n意识形态怎么写\n加入1\n我们单位叫市住建局\n导出\n导出\n"
    result = run("chat", base=bundled_base, stdin=said, folder=tmp_path)
    assert result.returncode == 0, result.stderr
    names = [f"市住建局{datetime.now().astimezone().year}年度党建工作总结{more}.docx" for more in ("", "（2）")]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert all(name in result.stdout for name in names)
    text = read(tmp_path / names[0]).text
    assert text.startswith(names[0].removesuffix(".docx"))
    assert "（三）防范化解风险，铸牢意识形态安全防线\n意识形态工作责任制抓严抓实" in text
    assert "2023年上半年党建工作汇报·一（一）二是" in text


def test_search_shows_passages_with_their_sources(bundled_base: Path) -> None:
    found = load(run("search", "意识形态责任制", "--json", "--limit", "2", base=bundled_base))
    assert len(found["results"]) == 2
    assert "意识形态" in found["results"][0]["text"]
    assert found["results"][0]["sources"][0]["report"]


def test_kb_build_show_and_problems(tmp_path: Path) -> None:
    base = tmp_path / "base"
    built = run("kb", "build", str(bundled_reports()), "-o", str(base), base=tmp_path / "unused")
    assert built.returncode == 0, built.stderr
    assert "材料5篇" in built.stdout
    summary = load(run("kb", "show", "--json", base=base))
    assert len(summary["reports"]) == 5
    assert summary["table"]["意识形态"]["做法"] >= 5
    assert "党费" in summary["gaps"]
    text = run("kb", "show", base=base).stdout
    assert "年份：2023年5篇" in text
    assert "缺口（不足2条）：" in text
    problems = load(run("kb", "show", "--problems", "--json", base=base))
    assert {problem["stage"] for problem in problems} >= {"repair", "withheld", "structure"}
    assert "\t订正\t固定提法误写\t" in run("kb", "show", "--problems", base=base).stdout


def test_kb_add_list_remove_and_verify(bundled_base: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(bundled_base, base)
    extra = tmp_path / "社区总结.txt"
    sentence = "坚持每月开展一次社区便民接待活动，现场听取群众意见。"
    extra.write_text(f"2025年党建工作总结\n一、做法\n（一）办实事\n{sentence}\n", encoding="utf-8")
    added = run("kb", "add", str(extra), base=base)
    assert added.returncode == 0, added.stderr
    assert "现有材料6篇" in added.stdout
    assert "社区总结" in [report["id"] for report in load(run("kb", "list", "--json", base=base))]
    assert sentence in run("search", "社区便民接待", base=base).stdout
    extra.write_text(extra.read_text(encoding="utf-8").replace("每月", "每周"), encoding="utf-8")
    assert "现有材料6篇" in run("kb", "add", str(extra), base=base).stdout
    found = run("search", "社区便民接待", base=base).stdout
    assert "每周" in found
    assert sentence not in found
    assert "完好" in run("kb", "verify", base=base).stdout
    assert "现有材料5篇" in run("kb", "remove", "社区总结", base=base).stdout
    assert "每周" not in run("search", "社区便民接待", base=base).stdout
    missing = run("kb", "remove", "没有这篇", base=base)
    assert missing.returncode == 2
    assert "没有这篇" in missing.stderr


def test_damaged_base_is_found_by_verify(bundled_base: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(bundled_base, base)
    database = next(base.rglob("*.sqlite"))
    content = bytearray(database.read_bytes())
    content[-10] ^= 255
    database.write_bytes(content)
    result = run("kb", "verify", base=base)
    assert result.returncode == 2
    assert "重新建库" in result.stderr


def test_kb_explain_shows_every_stage(bundled_base: Path) -> None:
    explained = load(run("kb", "explain", str(REPORT), "--json", base=bundled_base))
    assert [1, "一", "主要做法和成效", False] in explained["outline"]
    assert [3, "一是", "落实主题党日制度", True] in explained["outline"]
    assert any(repair["before"] == "交纳交纳" for repair in explained["repairs"])
    assert explained["withheld"]
    assert all(
        {"text", "topic", "role", "section", "start", "end"} == set(passage) for passage in explained["passages"]
    )
    assert "【结构】" in run("kb", "explain", str(REPORT), base=bundled_base).stdout


def test_unreadable_document_is_named_and_the_rest_is_built(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "好.txt").write_bytes(REPORT.read_bytes())
    (folder / "坏.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    result = run("kb", "build", str(folder), "-o", str(tmp_path / "base"), base=tmp_path / "unused")
    assert result.returncode == 0, result.stderr
    assert "坏.doc" in result.stderr
    assert "另存为docx" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ask", "你好"), "bigan kb build"),
        (("kb", "build", "没有这个文件夹"), "找不到"),
        (("kb", "explain", "没有.txt"), "没有.txt"),
        (("evaluate", "没有"), "评测集"),
    ],
)
def test_mistake_is_one_clear_line_and_exit_code_2(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    result = run(*arguments, base=tmp_path / "nothing")
    assert result.returncode == 2
    assert says in result.stderr
    assert "Traceback" not in result.stderr
    assert not result.stdout


def test_line_that_is_no_message_is_named(bundled_base: Path) -> None:
    result = run("chat", "--jsonl", base=bundled_base, stdin='{"user": "a"}\n')
    assert result.returncode == 2
    assert "第1行" in result.stderr


def test_serve_names_every_missing_setting_at_once(bundled_base: Path) -> None:
    result = run("serve", base=bundled_base)
    assert result.returncode == 2
    assert all(name in result.stderr for name in ("WECOM_CORP_ID", "WECOM_TOKEN", "WECOM_AES_KEY"))


def test_simulator_refuses_production_credentials_and_foreign_addresses(bundled_base: Path) -> None:
    assert "WECOM_TOKEN" in run("serve", "--simulator", base=bundled_base, WECOM_TOKEN="abc123").stderr
    assert "127.0.0.1" in run("serve", "--simulator", "--host", "0.0.0.0", base=bundled_base).stderr


def test_more_than_one_worker_needs_redis(bundled_base: Path) -> None:
    result = run("serve", "--workers", "2", base=bundled_base, folder=None, **WECOM)
    assert result.returncode == 2
    assert "REDIS_URL" in result.stderr


def test_workers_share_a_port_and_sessions_and_stop_when_told(bundled_base: Path, redis_server: RedisServer) -> None:
    with socket.socket() as reserved:
        # Bound but not listening: the port stays ours while the workers, who share it, are started.
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        environment = {**os.environ, **WECOM, "KNOWLEDGE_BASE": str(bundled_base), "REDIS_URL": redis_server.url}
        command = [sys.executable, "-m", "bot", "serve", "--workers", "2", "--port", str(port)]
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as service:
            replies = asyncio.run(_talk(port))
            service.send_signal(signal.SIGTERM)
            assert service.wait(timeout=10) == 0
    assert replies[0].startswith("【提纲】")
    assert all(reply.startswith("【展开】（五）") for reply in replies[1:])


async def _talk(port: int) -> list[str]:
    credentials = Credentials(WECOM["WECOM_CORP_ID"], WECOM["WECOM_TOKEN"], WECOM["WECOM_AES_KEY"], None)
    replies: list[str] = []
    deadline = time.monotonic() + 30
    for text in ("党建工作总结提纲", *["展开（五）"] * 8):
        # A connection of its own for each message, so that the kernel spreads them over the workers.
        while True:
            try:
                async with StandIn(credentials, f"http://127.0.0.1:{port}/wecom/callback") as stand_in:
                    replies.append((await stand_in.post(stand_in.compose_text("zhang", text))).reply or "")
                break
            except StandInError:
                assert time.monotonic() < deadline, "the service did not start"
                await asyncio.sleep(0.1)
    return replies
