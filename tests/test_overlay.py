"""A running bot takes up an overlay between messages, goes on with the last good one, and the librarian sees what it does."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.opening import LiveDialogue, Shelf
from bot.rendering import render
from bot.settings import Settings
from handlers.dialogue import Message, Session
from handlers.notebook import Notebook
from knowledge.build.base import build_base
from knowledge.segmentation import Segmenter
from knowledge.tables import TableError
from knowledge.tableset import TableSet
from tests.knowledge.test_overlay import OWN, REPLACING
from tests.test_commands import load, run

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
PATIENCE = 30.0
"""For what takes two seconds on a machine that has nothing else to do."""


@asynccontextmanager
async def following(settings: Settings) -> AsyncIterator[LiveDialogue]:
    live = LiveDialogue(Shelf(settings))
    task = asyncio.create_task(live.follow())
    yield live
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def collocations(live: LiveDialogue, term: str) -> str:
    entry = live.library.registry.formulations.get(term)
    return (entry.usage or "") if entry else ""


async def until(live: LiveDialogue, term: str, usage: str) -> None:
    """Return once the dialogue that answers has this usage: looking again and again is the wait."""
    deadline = time.monotonic() + PATIENCE
    while usage not in collocations(live, term):
        assert time.monotonic() < deadline, collocations(live, term)
        await asyncio.sleep(0.01)


async def until_logged(caplog: pytest.LogCaptureFixture, event: str, count: int = 1) -> list[logging.LogRecord]:
    deadline = time.monotonic() + PATIENCE
    while len(found := [record for record in caplog.records if record.getMessage() == event]) < count:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "overlay"
    made.mkdir()
    return made


@pytest.fixture
def settings(bundled_base: Path, folder: Path) -> Settings:
    return Settings(knowledge_base=bundled_base, knowledge_overlay=folder)


async def test_a_running_bot_takes_up_what_is_written_and_what_is_removed(settings: Settings, folder: Path) -> None:
    file = folder / "formulations.toml"
    async with following(settings) as live:
        bundled = collocations(live, "四个意识")
        first = live.library
        file.write_text(REPLACING, encoding="utf-8")
        started = time.monotonic()
        await until(live, "四个意识", "牢固树立")
        assert time.monotonic() - started < PATIENCE / 2
        # The base is the same one: nothing was built or opened again, and what users look at stays valid.
        assert live.library is not first
        assert live.library.edition == first.edition
        assert live.version == first.edition
        file.write_text(REPLACING + OWN, encoding="utf-8")
        await until(live, "五心工程", "深入实施")
        file.unlink()
        await until(live, "四个意识", bundled)
        assert live.library.registry.changes == ()


async def test_messages_are_answered_all_the_while(settings: Settings, folder: Path) -> None:
    async with following(settings) as live:
        (folder / "formulations.toml").write_text(REPLACING, encoding="utf-8")
        answers: set[str] = set()
        deadline = time.monotonic() + PATIENCE
        while "牢固树立" not in collocations(live, "四个意识"):
            turn = live.respond(Message("test", "u", "主题党日 3条", NOW), Session(), Notebook())
            assert turn.reply is not None
            answers.add(render(turn.reply)[0])
            assert time.monotonic() < deadline
            # Not all the time: the tables are loaded in a thread, which has to have its turn.
            await asyncio.sleep(0.01)
        assert len(answers) == 1


async def test_a_slip_is_logged_and_the_last_good_state_goes_on(
    settings: Settings, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.opening")
    file = folder / "formulations.toml"
    file.write_text(REPLACING, encoding="utf-8")
    async with following(settings) as live:
        assert "牢固树立" in collocations(live, "四个意识")
        file.write_text(OWN + REPLACING.replace("confidence", "confidnece"), encoding="utf-8")
        (record,) = await until_logged(caplog, "overlay not taken")
        problem = str(vars(record)["fields"]["problem"])
        assert problem.startswith("overlay/formulations.toml第2条[[formulation]]：")
        assert "牢固树立" in collocations(live, "四个意识")
        assert not collocations(live, "五心工程")
        # The whole folder gone is a slip too.
        shutil.move(folder, folder.with_name("aside"))
        await until_logged(caplog, "overlay not taken", 2)
        assert "牢固树立" in collocations(live, "四个意识")
        shutil.move(folder.with_name("aside"), folder)
        file.write_text(OWN, encoding="utf-8")
        await until(live, "五心工程", "深入实施")
        assert "牢固树立" not in collocations(live, "四个意识")


async def test_a_newer_base_is_answered_with_the_overlay(
    tmp_path: Path, folder: Path, tables: TableSet, segmenter: Segmenter
) -> None:
    (folder / "formulations.toml").write_text(OWN, encoding="utf-8")
    reports, base = tmp_path / "reports", tmp_path / "base"
    reports.mkdir()
    text = "2025年党建工作总结\n一、做法\n（一）抓学习\n坚持每月开展一次集中学习，推动理论学习走深走实。\n"
    (reports / "甲.txt").write_text(text, encoding="utf-8")
    build_base([reports], base, tables, segmenter)
    async with following(Settings(knowledge_base=base, knowledge_overlay=folder)) as live:
        version = live.version
        (reports / "甲.txt").write_text(text.replace("每月", "每周"), encoding="utf-8")
        build_base([reports], base, tables, segmenter)
        deadline = time.monotonic() + PATIENCE
        while live.version == version:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
        assert collocations(live, "五心工程")


def test_a_slip_at_the_start_is_a_clear_error(settings: Settings, folder: Path) -> None:
    (folder / "org_life.toml").write_text('[[rule]]\nitem = "支部夜话"\n', encoding="utf-8")
    with pytest.raises(TableError, match=r"^overlay/org_life\.toml第1条\[\[rule\]\]：缺少“clause”"):
        Shelf(settings)


def test_serving_with_a_slip_ends_with_one_line(bundled_base: Path, folder: Path) -> None:
    (folder / "usage.toml").write_text("[[usage]]\n", encoding="utf-8")
    result = run("ask", "小标题", base=bundled_base, KNOWLEDGE_OVERLAY=str(folder))
    assert result.returncode == 2
    assert result.stderr == "overlay/usage.toml第1条[[usage]]：缺少名称，不知道要换掉哪一条\n"


def test_kb_show_lists_what_the_overlay_replaces_and_counts_what_it_adds(bundled_base: Path, folder: Path) -> None:
    (folder / "formulations.toml").write_text(OWN + REPLACING, encoding="utf-8")
    text = run("kb", "show", base=bundled_base, KNOWLEDGE_OVERLAY=str(folder)).stdout
    assert (
        "覆盖表：新增1条，换掉自带的1条\n　四个意识：overlay/formulations.toml第2条[[formulation]] 换掉 formulations.toml第3条[[formulation]]"
        in text
    )
    shown = load(run("kb", "show", "--json", base=bundled_base, KNOWLEDGE_OVERLAY=str(folder)))["overlay"]
    assert (shown["added"], shown["slip"]) == (1, None)
    assert [entry["entry"] for entry in shown["replaced"]] == ["四个意识"]


def test_kb_show_tells_a_slip_and_shows_the_base(bundled_base: Path, folder: Path) -> None:
    (folder / "formulations.toml").write_text(OWN.replace("五心工程", "三力"), encoding="utf-8")
    result = run("kb", "show", base=bundled_base, KNOWLEDGE_OVERLAY=str(folder))
    assert result.returncode == 0, result.stderr
    assert "材料5篇" in result.stdout
    assert (
        "覆盖表有误，没有用上：overlay/formulations.toml第1条[[formulation]]：“三力”已属于“政治三力”" in result.stdout
    )
    assert (
        "政治三力"
        in load(run("kb", "show", "--json", base=bundled_base, KNOWLEDGE_OVERLAY=str(folder)))["overlay"]["slip"]
    )
    assert load(run("kb", "show", "--json", base=bundled_base))["overlay"] is None


def test_answers_come_from_the_overlay(bundled_base: Path, folder: Path) -> None:
    (folder / "formulations.toml").write_text(OWN, encoding="utf-8")
    answer = json.loads(run("ask", "五心工程是什么", "--json", base=bundled_base, KNOWLEDGE_OVERLAY=str(folder)).stdout)
    assert answer["intent"] == "term"
    assert "匠心、初心、同心、暖心、公心" in answer["pages"][0]
    assert "地方（单位）提法" in answer["pages"][0]
