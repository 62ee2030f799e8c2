"""The commands of the pages for administrators, run as they stand there: only places and absent programs are others.

A machine of its own is played by a folder: paths such as /etc/bigan lie below it, and ``docker``, ``sudo``, ``systemctl``,
``journalctl``, ``useradd`` and ``chown`` are stubs. The stub for docker runs what would run in a container right here, with the
container's /data being a folder.
"""

import ast
import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from aiohttp.test_utils import BaseTestServer, TestServer
from pydantic import SecretStr

from bot.app import create_app
from bot.logs import JsonFormatter
from bot.settings import Settings
from bot.simulator.stand_in import StandIn
from bot.stores.redis_usage import RedisUsage
from bot.usage import CHINA, Batch, Missed
from knowledge.build.base import bundled_reports
from tests.conftest import StartRedis
from tests.repository.checkout import ROOT
from tests.test_metrics import CREDENTIALS, dialogue_of

PAGES = ("operation.md", "backup.md", "offline.md")
PLACES = re.compile(r"(?<![\w./])/(opt/bigan|etc/bigan|etc/systemd/system|var/lib/bigan|var/lib/redis)")
ANSWERS = "QDG6eK\njWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C\n\n"

DOCKER = f"""#!{sys.executable}
import gzip, os, re, subprocess, sys
home, words = os.environ["STUB_HOME"], sys.argv[1:]
open(f"{{home}}/calls", "a").write(" ".join(words) + "\\n")
if words[:3] == ["compose", "--profile", "tls"]:
    words[1:3] = []
if words == ["compose", "stop"]:
    subprocess.run(["redis-cli", "shutdown"], check=True)
elif words[:2] == ["compose", "logs"]:
    print(open(f"{{home}}/log").read(), end="")
elif words[:2] == ["compose", "run"] or words[:2] == ["compose", "exec"]:
    words, program, folders = words[2:], [], {{}}
    while words[0][0] == "-":
        option = words.pop(0)
        if option == "--entrypoint":
            program = [words.pop(0)]
        elif option == "-v":
            here, there, _ = words.pop(0).split(":")
            folders[there] = here
        else:
            assert option in ("--rm", "-T", "--no-deps"), option
    service = words.pop(0)
    if service == "bot" and not program and words[0] != "bigan":
        program = ["bigan"]
    folders |= {{"/data": f"{{home}}/volumes/{{service}}", "/run/secrets": os.path.abspath("deploy/secrets")}}
    for there, here in folders.items():
        words = [re.sub(rf"(?<![\\w.]){{there}}\\b", here, word) for word in words]
    sys.exit(subprocess.run(program + words).returncode)
elif words[:1] == ["save"]:
    print("images")
elif words[:1] == ["load"]:
    assert gzip.decompress(sys.stdin.buffer.read()) == b"images\\n"
else:
    assert words[0] in ("compose", "pull"), words
"""
SUDO = '#!/bin/sh\nif [ "$1" = -u ]; then shift 2; fi\nexec "$@"\n'
NOTED = '#!/bin/sh\necho "$(basename "$0") $*" >>"$STUB_HOME/calls"\n'


@dataclass(frozen=True)
class Block:
    """The commands of one fenced block: on which page, under which heading, and the how manieth there."""

    page: str
    heading: str
    number: int
    text: str

    @property
    def key(self) -> tuple[str, str, int]:
        return self.page, self.heading, self.number


def blocks() -> Iterator[Block]:
    for page in PAGES:
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        for section in re.split(r"^##+ ", text, flags=re.MULTILINE)[1:]:
            heading = section.partition("\n")[0]
            for number, found in enumerate(re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)):
                yield Block(page, heading, number, found)


BLOCKS = {block.key: block.text for block in blocks()}


class Machine:
    """A folder that plays a machine, with a checkout in it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.home = folder / "stub"
        self.checkout = folder / "checkout"
        self.programs = folder / "bin"
        for place in (self.root, self.home / "volumes" / "bot", self.home / "volumes" / "redis", self.programs):
            place.mkdir(parents=True)
        for folder_there in ("etc/systemd/system", "var/lib"):
            (self.root / folder_there).mkdir(parents=True)
        shutil.copytree(ROOT / "deploy", self.checkout / "deploy", ignore=shutil.ignore_patterns("secrets"))
        (self.checkout / "deploy" / "secrets").mkdir()
        for name in (".env.example", "docker-compose.yml"):
            shutil.copy(ROOT / name, self.checkout)
        self.program("docker", DOCKER)
        self.program("sudo", SUDO)
        self.program("bigan", f'#!/bin/sh\ncd "{ROOT}"\nexec "{sys.executable}" -m bot "$@"\n')
        for name in ("systemctl", "useradd", "chown"):
            self.program(name, NOTED)
        self.program("journalctl", '#!/bin/sh\ncat "$STUB_HOME/log"\n')

    def program(self, name: str, text: str) -> None:
        path = self.programs / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def run(
        self,
        page: str,
        heading: str,
        number: int = 0,
        *,
        replace: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> str:
        """Run a block from the checkout, with settings in the environment, and return what it wrote."""
        text = PLACES.sub(f"{self.root}/\\1", BLOCKS[page, heading, number])
        for old, new in {" -C / ": f" -C {self.root} ", "-C /\n": f"-C {self.root}\n", **(replace or {})}.items():
            text = text.replace(old, new)
        surroundings = {
            **{name: value for name, value in os.environ.items() if not re.match("WECOM_|REDIS_|METRICS_", name)},
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "STUB_HOME": str(self.home),
            **(settings or {}),
        }
        done = subprocess.run(
            ["sh", "-euc", text],
            cwd=self.checkout,
            env=surroundings,
            input=ANSWERS,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def calls(self) -> list[str]:
        return (self.home / "calls").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
async def service(bundled_base: Path) -> AsyncIterator[BaseTestServer]:
    settings = Settings(knowledge_base=bundled_base, metrics_token=SecretStr("a-token-of-the-tests"))
    async with TestServer(create_app(settings, dialogue_of(bundled_base), CREDENTIALS)) as server:
        yield server


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return found


def here(server: BaseTestServer) -> dict[str, str]:
    return {"127.0.0.1:8080": f"127.0.0.1:{server.port}"}


def test_containers_are_set_up(machine: Machine) -> None:
    machine.run("operation.md", "容器", 0)
    assert (machine.checkout / ".env").is_file()
    assert {path.name for path in (machine.checkout / "deploy" / "secrets").iterdir()} >= compose()["secrets"].keys()
    machine.run("operation.md", "容器", 1)
    assert machine.calls() == ["compose up -d", "compose --profile tls up -d"]


def test_system_service_finds_everything_its_unit_names(machine: Machine) -> None:
    machine.run("operation.md", "系统服务", 0)
    unit = (machine.root / "etc/systemd/system/bigan.service").read_text(encoding="utf-8")
    named = re.findall(r"(?:EnvironmentFile|_FILE)=(/\S+)", unit)
    assert len(named) == 6
    assert [path for path in named if not (machine.root / path[1:]).is_file()] == []
    assert "127.0.0.1" in (machine.root / "etc/bigan/secrets/redis_url").read_text(encoding="utf-8")
    assert (machine.root / "etc/bigan/secrets").stat().st_mode & 0o777 == 0o750
    [home] = re.findall(r"^WorkingDirectory=(.+)$", unit, re.MULTILINE)
    assert f"--home-dir {machine.root}{home} " in machine.calls()[0]
    machine.run("operation.md", "系统服务", 1)
    assert machine.calls()[-3:] == ["systemctl daemon-reload", "systemctl enable --now bigan", "systemctl status bigan"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed here")
async def test_state_and_figures_are_read(machine: Machine, service: BaseTestServer) -> None:
    shown = await asyncio.to_thread(machine.run, "operation.md", "看状态", replace=here(service))
    live, ready = (json.loads(line + "}") for line in shown.split("}")[:2])
    assert live["status"] == ready["status"] == "ok"
    (machine.checkout / "deploy" / "secrets" / "metrics_token").write_text("a-token-of-the-tests", encoding="utf-8")
    figures = await asyncio.to_thread(machine.run, "operation.md", "指标", replace=here(service))
    exported = set(re.findall(r"^# TYPE (bigan_\w+) ", figures, re.MULTILINE))
    page = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(bigan_\w+)` \|", page, re.MULTILINE)) == exported


async def test_message_is_found_by_the_reference_of_its_apology(
    machine: Machine, service: BaseTestServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bot.conversation")
    async with StandIn(CREDENTIALS, str(service.make_url("/wecom/callback"))) as stand_in:
        for text in ("你好", "帮助"):
            await stand_in.post(stand_in.compose_text("u", text))
    lines = [JsonFormatter().format(record) for record in caplog.records if record.name == "bot.conversation"]
    (machine.home / "log").write_text("\n".join(lines) + "\n", encoding="utf-8")
    wanted = {"20f118": json.loads(lines[0])["reference"]}
    assert machine.run("operation.md", "日志", 0, replace=wanted) == lines[0] + "\n"
    assert machine.run("operation.md", "日志", 1, replace=wanted) == lines[0] + "\n"
    page = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
    named = page.partition("## 日志")[2].partition("## ")[0]
    assert all(f"`{name}`" in named for name in ("reference", "miss", "passages", "outcome", "user", "suppressed"))


async def test_statistics_are_shown_and_collected_texts_deleted(
    machine: Machine, bundled_base: Path, start_redis: StartRedis
) -> None:
    server = start_redis("--requirepass", "Passw0rd")
    store = RedisUsage(f"unix://:Passw0rd@{server.socket}")
    batch = Batch(datetime.now(CHINA).date())
    batch.counts.update({"messages": 7, "answered": 7})
    batch.texts.append(Missed(datetime.now(CHINA), "phrase", "某事"))
    await store.add(batch)
    address = {"REDIS_URL": f"unix://:Passw0rd@{server.socket}", "KNOWLEDGE_BASE": str(bundled_base)}
    shown = machine.run("operation.md", "使用统计", 0, settings=address)
    assert "近30天" in shown
    assert re.search(r"^合计 +7 +7 ", shown, re.MULTILINE)
    secrets, program = machine.root / "etc/bigan/secrets", machine.root / "opt/bigan/venv/bin"
    secrets.mkdir(parents=True)
    (secrets / "redis_url").write_text(address["REDIS_URL"], encoding="utf-8")
    program.mkdir(parents=True)
    (program / "bigan").symlink_to(machine.programs / "bigan")
    assert machine.run("operation.md", "使用统计", 1, settings={"KNOWLEDGE_BASE": str(bundled_base)}) == shown
    password = machine.checkout / "deploy" / "secrets" / "redis_password"
    password.write_text("Passw0rd", encoding="utf-8")
    client = shutil.which("redis-cli")
    machine.program("redis-cli", f'#!/bin/sh\nexec {client} -s {server.socket} "$@"\n')
    assert len(await store.read_texts()) == 1
    machine.run("operation.md", "采集未命中（COLLECT_MISSES）")
    assert await store.read_texts() == []
    assert (await store.read([batch.day]))[0].counts == batch.counts
    await store.close()


def test_what_was_backed_up_is_there_after_the_loss_of_everything(
    machine: Machine, start_redis: StartRedis, tmp_path: Path
) -> None:
    (machine.checkout / ".env").write_text("WECOM_CORP_ID=wx1\n", encoding="utf-8")
    secret = machine.checkout / "deploy" / "secrets" / "wecom_token"
    secret.write_text("QDG6eK", encoding="utf-8")
    volume = machine.home / "volumes" / "bot"
    (volume / "overlay").mkdir()
    (volume / "overlay" / "names.toml").write_text("# 本单位\n", encoding="utf-8")
    server = start_redis("--appendonly", "yes")
    data = machine.home / "volumes" / "redis"
    data.rmdir()
    data.symlink_to(server.folder)
    client = shutil.which("redis-cli")
    machine.program("redis-cli", f'#!/bin/sh\nexec {client} -s {server.socket} "$@"\n')
    with redis.Redis(unix_socket_path=str(server.socket)) as connection:
        connection.set("bigan:{u}:notebook", "草稿", px=10_000_000)
    machine.run("backup.md", "备份（容器）")
    server.kill()
    assert (machine.checkout / "backup" / "list.txt").read_text(encoding="utf-8").count("appendonlydir/") >= 3
    assert (machine.checkout / "backup").stat().st_mode & 0o777 == 0o700
    for path in (*volume.iterdir(), *server.folder.iterdir()):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    (machine.checkout / ".env").unlink()
    secret.unlink()
    server.start()
    with redis.Redis(unix_socket_path=str(server.socket)) as connection:
        assert connection.dbsize() == 0
    machine.run("backup.md", "恢复（容器）")
    server.kill()
    server.start()
    with redis.Redis(unix_socket_path=str(server.socket)) as connection:
        assert connection.get("bigan:{u}:notebook") == "草稿".encode()
        assert 0 < connection.pttl("bigan:{u}:notebook") <= 10_000_000
    assert (volume / "overlay" / "names.toml").read_text(encoding="utf-8") == "# 本单位\n"
    assert secret.read_text(encoding="utf-8") == "QDG6eK"
    assert (machine.checkout / ".env").is_file()
    services = {words.split()[7] for words in machine.calls() if words.startswith("compose run")}
    assert services == {"bot", "redis"}
    mounts = {name: compose()["services"][name]["volumes"] for name in services}
    assert all(any(mount.endswith(":/data") for mount in mounts[name]) for name in services)


def test_system_service_is_backed_up_and_restored_with_its_rights(machine: Machine) -> None:
    kept = {"etc/bigan/secrets/redis_url": 0o444, "var/lib/bigan/knowledge/CURRENT": 0o600, "var/lib/redis/aof": 0o640}
    for name, mode in kept.items():
        path = machine.root / name
        path.parent.mkdir(parents=True)
        path.write_text(name, encoding="utf-8")
        path.chmod(mode)
    machine.run("backup.md", "备份（系统服务）")
    assert (machine.checkout / "bigan-backup.tgz").stat().st_mode & 0o077 == 0
    (machine.root / "var/lib/bigan/knowledge/CURRENT").write_text("damaged", encoding="utf-8")
    machine.run("backup.md", "恢复（系统服务）")
    assert {name: (machine.root / name).stat().st_mode & 0o777 for name in kept} == kept
    assert all((machine.root / name).read_text(encoding="utf-8") == name for name in kept)
    stop, start = "systemctl stop bigan redis-server", "systemctl start redis-server bigan"
    assert machine.calls() == [stop, start, stop, start]


def test_containers_are_upgraded_and_a_base_of_ones_own_is_built_anew(machine: Machine, bundled_base: Path) -> None:
    machine.run("backup.md", "升级（容器）", 0, settings={"KNOWLEDGE_BASE": str(bundled_base)})
    assert machine.calls() == [
        "compose build --pull",
        "compose up -d",
        "compose exec bot bigan kb verify",
    ]
    reports = machine.checkout / "材料"
    reports.mkdir()
    shutil.copy(next(bundled_reports().glob("*.txt")), reports)
    absolute = {"./材料": str(reports)}
    assert "材料1篇" in machine.run("backup.md", "升级（容器）", 1, replace=absolute)
    assert (machine.home / "volumes" / "bot" / "knowledge" / "CURRENT").is_file()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed here")
async def test_system_service_is_upgraded(machine: Machine, service: BaseTestServer) -> None:
    (machine.root / "etc/bigan").mkdir()
    shown = await asyncio.to_thread(machine.run, "backup.md", "升级（系统服务）", replace=here(service))
    assert json.loads(shown.splitlines()[-1])["status"] == "ok"
    assert machine.calls()[-2:] == ["systemctl daemon-reload", "systemctl restart bigan"]
    assert (machine.root / "etc/bigan/secrets/metrics_token").is_file()


def test_images_are_carried_over(machine: Machine) -> None:
    images = {service["image"] for service in compose()["services"].values()}
    machine.run("offline.md", "用容器", 0)
    saved = next(words for words in machine.calls() if words.startswith("save "))
    assert set(saved.split()[1:]) == images
    pulled = {words.split()[1] for words in machine.calls() if words.startswith("pull ")}
    assert pulled == images - {compose()["services"]["bot"]["image"]}
    machine.run("offline.md", "用容器", 1)
    assert machine.calls()[-2:] == ["load", "compose up -d --no-build"]


@pytest.mark.skipif("DOCS_TESTS" not in os.environ, reason="fetches and builds every package; `make test-docs` runs it")
def test_wheels_made_on_one_machine_install_on_another_without_any_index(machine: Machine) -> None:
    for name in ("bot", "handlers", "knowledge", "docs"):
        shutil.copytree(ROOT / name, machine.checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "constraints.txt", "constraints-build.txt"):
        shutil.copy(ROOT / name, machine.checkout)
    (machine.programs / "python3").symlink_to(sys.executable)
    machine.run("offline.md", "备好（能上网的机器）")
    carried = machine.checkout / "bigan-offline.tgz"
    machine.checkout = machine.home / "elsewhere"
    machine.checkout.mkdir()
    shutil.copy(carried, machine.checkout)
    # No settings of pip's own and no way out: everything has to be in the folder.
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/", "HOME": str(machine.home)}
    shown = machine.run("offline.md", "安装（没有外网的机器）", settings=nowhere)
    assert "【例句】意识形态" in shown
    assert (machine.root / "opt/bigan/deploy/bigan.service").is_file()


def test_every_block_of_the_pages_is_run_by_a_test() -> None:
    run = set()
    for node in ast.walk(ast.parse(Path(__file__).read_text(encoding="utf-8"))):
        words = (
            [word.value for word in node.args if isinstance(word, ast.Constant)] if isinstance(node, ast.Call) else []
        )
        if words and words[0] in PAGES and len(words) > 1:
            run.add((*words, 0)[:3])
    assert run == BLOCKS.keys()


@pytest.mark.parametrize("page", PAGES)
def test_page_begins_with_one_line_in_english_and_its_links_lead_somewhere(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    title, line = text.split("\n\n")[:2]
    assert re.match(r"# [\u4e00-\u9fff]", title)
    assert re.fullmatch(r"[A-Z][ -~—]+\.", line)
    for target in re.findall(r"\]\(([^)#:]+)[^)]*\)", text):
        assert (ROOT / "docs" / target).exists(), target
    assert len(text) < 8000
