"""Files that members send: checked beside the callback, given back with comments; added to the base by administrators."""

from __future__ import annotations

import asyncio
import shutil
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.office.manuscript import write_manuscript
from bot.settings import Settings
from bot.simulator.api_faults import ErrorCode, Hang, HttpStatus
from bot.simulator.stand_in import StandIn
from handlers.manuscript import Manuscript, ManuscriptParagraph, ParagraphKind
from handlers.texts import MEDIA
from tests.active.office import CREDENTIALS, Office, open_office, settings_for
from tests.conftest import RedisServer
from tests.faults.service import BotProcess
from tests.simulator.api_bench import SECRET, api_server, make_api

SLIPS = (
    "2026年党建工作总结",
    "一、主要做法",
    "组织党员学习，增强“四个意思”，坚定“四个自信”，做到“两个维护”。",
)
SALT = "a salt of the tests"
SOUND = "2026年支部例会记录\n本月组织一次集中学习。\n"


def docx(*lines: str) -> bytes:
    body = tuple(ManuscriptParagraph(ParagraphKind.BODY, "", line) for line in lines)
    return write_manuscript(Manuscript("总结", body))


def comments(document: bytes) -> str:
    with zipfile.ZipFile(BytesIO(document)) as archive:
        return archive.read("word/comments.xml").decode()


async def outcome(office: Office, texts: int = 1, user: str = "zhang") -> str:
    """Wait for what is told of a file."""
    await office.api.until(lambda: len(office.api.texts(user)) >= texts)
    return office.api.texts(user)[texts - 1]


async def test_docx_comes_back_with_comments_after_a_summary(bundled_base: Path, redis_server: RedisServer) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        assert await office.send_file("总结.docx", docx(*SLIPS)) == "收到《总结.docx》，正在校对，稍后发给您。"
        summary = await outcome(office)
        assert summary.startswith("《总结.docx》校对好了，按2026年检查（年份从文中识别）。必错")
        assert "四个意思" in summary
        assert "四个意识" in summary
        await office.api.until(lambda: bool(office.files()))
        ((name, document),) = office.files()
        assert name == "总结-校对.docx"
        assert "四个意识" in comments(document)
        assert [shown.kind for shown in office.api.shown] == ["text", "file"]


async def test_text_comes_back_as_a_word_file(bundled_base: Path, redis_server: RedisServer) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await office.send_file("总结.txt", "\n".join(SLIPS).encode("gb18030"))
        assert "四个意思" in await outcome(office)
        await office.api.until(lambda: bool(office.files()))
        ((name, document),) = office.files()
        assert name == "总结-校对.docx"
        assert "四个意识" in comments(document)


async def test_sound_text_is_said_to_be_sound(bundled_base: Path, redis_server: RedisServer) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        await office.send_file("记录.txt", SOUND.encode())
        assert "没有发现问题" in await outcome(office)


async def test_redelivered_file_is_told_about_once(bundled_base: Path, redis_server: RedisServer) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        media_id = office.api.put_media("总结.docx", docx(*SLIPS))
        delivery = office.stand_in.compose_file("zhang", "总结.docx", media_id)
        replies = {(await office.post(copy)).reply for copy in (delivery, delivery, office.stand_in.repeat(delivery))}
        assert len(replies) == 1
        await office.api.until(lambda: bool(office.files()))
        await office.send_file("记录.txt", SOUND.encode())
        await outcome(office, 2)
        assert len(office.api.texts("zhang")) == 2


async def test_file_without_a_name_is_judged_by_its_content(bundled_base: Path, redis_server: RedisServer) -> None:
    async with open_office(settings_for(bundled_base, redis_server)) as office:
        media_id = office.api.put_media("", docx(*SLIPS))
        delivery = office.stand_in.compose_file("zhang", "", media_id, named_in=())
        assert (await office.post(delivery)).reply == "收到文件，正在校对，稍后发给您。"
        assert "四个意思" in await outcome(office)


async def test_without_a_secret_a_file_is_declined_as_before(bundled_base: Path) -> None:
    async with open_office(Settings(knowledge_base=bundled_base, admin_users="zhang")) as office:
        assert await office.send_file("总结.docx", docx(*SLIPS)) == MEDIA["file"]
        assert "没有等着入库的文件" in await office.say("入库")
        assert office.api.calls == {}


@pytest.mark.parametrize("name", ["总结.pdf", "总结.doc", "名单.XLSX", "a.b"])
async def test_other_kinds_are_declined_at_once(bundled_base: Path, name: str) -> None:
    async with open_office(settings_for(bundled_base)) as office:
        assert await office.send_file(name, b"content") == (
            f"《{name}》我看不了，只校对 docx 和 txt。doc 请另存为 docx 再发；PDF、图片请把文字粘贴过来。"
        )
        assert office.api.calls == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7 and so on", "没有校对成"),
        (b"PK\x03\x04 broken", "没有校对成"),
        ("机密★10年\n关于某项工作的通知\n".encode(), "涉密材料不能发到这里"),
        ("名单：110101199001011234\n".encode(), "身份证号"),
        (("一二三四五。\n" * 40_000).encode(), "太长"),
        (b"x" * (2 * 1024 * 1024 + 1), "超过2MB"),
    ],
    ids=["pdf", "broken", "secret", "identity", "long", "large"],
)
async def test_content_that_cannot_be_handled_is_said_kindly(bundled_base: Path, content: bytes, words: str) -> None:
    async with open_office(settings_for(bundled_base)) as office:
        await office.send_file("材料.txt", content)
        told = await outcome(office)
        assert words in told
        assert "110101199001011234" not in told
        assert office.files() == []


async def test_fault_that_passes_costs_only_time(bundled_base: Path) -> None:
    async with open_office(settings_for(bundled_base)) as office:
        office.api.faults.plan(HttpStatus(502), "media/get")
        office.api.faults.plan(ErrorCode(-1), "media/get")
        await office.send_file("记录.txt", SOUND.encode())
        assert "没有发现问题" in await outcome(office)
        assert office.api.calls["media/get"] == 3


async def test_file_that_is_gone_is_said(bundled_base: Path) -> None:
    async with open_office(settings_for(bundled_base)) as office:
        await office.post(office.stand_in.compose_file("zhang", "记录.txt", "no-such-media"))
        assert await outcome(office) == "《记录.txt》没有取到，请过一会儿再发一次，或把文字粘贴过来。"


async def test_restart_in_the_middle_is_said(bundled_base: Path, redis_server: RedisServer) -> None:
    settings = settings_for(bundled_base, redis_server)
    async with open_office(settings) as office:
        api = office.api
        api.faults.plan(Hang(), "media/get", times=None)
        await office.send_file("记录.txt", SOUND.encode())
        await api.until(lambda: api.calls["media/get"] > 0)
    async with open_office(settings, api) as office:
        assert await outcome(office) == "《记录.txt》还没处理完，服务就重启了，请再发一次。"


async def test_process_killed_in_the_middle_is_said_by_the_next(
    bundled_base: Path, redis_server: RedisServer, tmp_path: Path
) -> None:
    api = make_api()
    async with api_server(api) as base, asyncio.timeout(60):
        service = BotProcess(
            bundled_base,
            tmp_path / "log",
            redis_server.url,
            credentials=CREDENTIALS,
            more={"WECOM_SECRET": SECRET, "USER_HASH_SALT": SALT, "WECOM_API_BASE": base},
        )
        await asyncio.to_thread(service.start)
        await asyncio.to_thread(service.wait_until_serving)
        api.faults.plan(Hang(), "media/get", times=None)
        async with StandIn(CREDENTIALS, service.callback_url) as stand_in:
            delivery = stand_in.compose_file("zhang", "记录.txt", api.put_media("记录.txt", SOUND.encode()))
            assert (await stand_in.post(delivery)).reply == "收到《记录.txt》，正在校对，稍后发给您。"
        await api.until(lambda: api.calls["media/get"] > 0)
        service.kill()
    settings = settings_for(bundled_base, redis_server).model_copy(update={"user_hash_salt": SecretStr(SALT)})
    async with open_office(settings, api) as office:
        assert await outcome(office) == "《记录.txt》还没处理完，服务就重启了，请再发一次。"


NEW = (
    "2026年党建工作总结\n一、主要做法\n（一）抓学习\n每月开展一次湖畔集中学习，推动理论学习走深走实。\n"
    "（二）抓组织\n建强湖畔红色驿站，把支部建在产业链上，引导党员亮身份、作表率。\n"
).encode()


@pytest.fixture
def own_base(bundled_base: Path, tmp_path: Path) -> Path:
    """A base that may be added to."""
    return Path(shutil.copytree(bundled_base, tmp_path / "base", symlinks=True))


async def test_administrator_adds_a_file_to_the_base_by_saying_so(own_base: Path, redis_server: RedisServer) -> None:
    async with open_office(settings_for(own_base, redis_server, admins="Zhang,li")) as office:
        assert (await office.say("湖畔集中学习例句")).startswith("库内没有")
        await office.say("主题党日例句")
        reply = await office.send_file("新材料.txt", NEW)
        assert reply.endswith("要把它加进知识库，回复“入库”。")
        await outcome(office)
        # What was looked at before the file came is still what a number points at.
        assert (await office.say("原文1")).startswith("【原文】")
        assert (await office.say("入库")).startswith("好的，正在把《新材料.txt》加进知识库")
        assert await outcome(office, 2) == "《新材料.txt》已入库，现有材料6篇，几秒后就能查到。"
        # Asking again and again is the wait for the base to be swapped.
        while (await office.say("湖畔集中学习例句")).startswith("库内没有"):
            pass
        assert "每月开展一次湖畔集中学习" in await office.say("湖畔集中学习例句")
        assert "没有等着入库的文件" in await office.say("入库")


async def test_nobody_else_may_add_files(own_base: Path) -> None:
    for admins in (None, "li", "zhan", "zhang2"):
        async with open_office(settings_for(own_base, admins=admins)) as office:
            assert "入库" not in await office.send_file("新材料.txt", NEW)
            assert "入库要由管理员来做" in await office.say("入库")


async def test_right_that_was_taken_away_meanwhile_counts(own_base: Path, redis_server: RedisServer) -> None:
    async with open_office(settings_for(own_base, redis_server, admins="zhang")) as office:
        api = office.api
        await office.send_file("新材料.txt", NEW)
        await outcome(office)
    async with open_office(settings_for(own_base, redis_server, admins="li"), api) as office:
        assert "入库要由管理员来做" in await office.say("入库")


async def test_base_that_cannot_be_written_is_said_with_what_to_do(
    bundled_base: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = settings_for(bundled_base, admins="zhang").model_copy(update={"knowledge_base": None})
    async with open_office(settings) as office:
        await office.send_file("新材料.txt", NEW)
        await outcome(office)
        await office.say("入库")
        assert (await outcome(office, 2)).startswith("没有入库：现在用的是自带的库")
