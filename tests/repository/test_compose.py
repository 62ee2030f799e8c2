"""The containers as declared: checked by schema and linter, read as YAML, and each command in them run for real."""

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.settings import SECRET_NAMES, settings_table
from tests.repository.checkout import ROOT

SECRETS = {"wecom_token", "wecom_aes_key", "wecom_secret", "redis_password", "redis_url", "metrics_token"}
SCHEMA = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    declared: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return declared


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def test_compose_file_follows_the_schema() -> None:
    subprocess.run([*SCHEMA, str(ROOT / "docker-compose.yml")], check=True, capture_output=True)


def test_schema_refuses_a_misspelt_key(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text("services:\n  bot:\n    image: bigan\n    readonly: true\n", encoding="utf-8")
    assert subprocess.run([*SCHEMA, str(tmp_path / "compose.yml")], check=False, capture_output=True).returncode == 1


def test_dockerfile_is_clean() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    answer = subprocess.run([hadolint, ROOT / "Dockerfile"], check=False, capture_output=True, text=True)
    assert (answer.returncode, answer.stdout) == (0, "")


@pytest.mark.parametrize("name", ["bot", "redis"])
def test_each_service_can_do_little_beyond_its_work(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    user, group = service["user"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.keys() & {"privileged", "cap_add", "network_mode", "pid", "devices"}
    assert service["mem_limit"]
    assert service["cpus"]
    assert service["pids_limit"]
    assert service["restart"] == "unless-stopped"
    assert all(mount.split(":")[0] in compose["volumes"] for mount in service["volumes"]), "named volumes only"


def test_proxy_comes_with_its_profile_alone_and_can_do_little(compose: dict[str, Any]) -> None:
    service = compose["services"]["caddy"]
    assert service["profiles"] == ["tls"]
    assert (service["cap_drop"], service["cap_add"]) == (["ALL"], ["NET_BIND_SERVICE"])
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "pids_limit", "healthcheck"} <= service.keys()
    assert not service.keys() & {"privileged", "network_mode", "pid", "devices", "secrets"}
    assert service["volumes"] == ["caddy:/data"]
    assert service["networks"] == ["front"], "it does not reach Redis"
    assert compose["configs"]["caddyfile"] == {"file": "./deploy/Caddyfile"}
    # Without the profile nothing of it may be required: Compose fills in variables of every service.
    assert ":?" not in str(service)


def test_redis_can_be_reached_by_the_bot_alone(compose: dict[str, Any]) -> None:
    service = compose["services"]["redis"]
    assert not service.keys() & {"ports", "expose"}
    assert service["networks"] == ["back"]
    assert compose["networks"]["back"]["internal"] is True
    assert [name for name, other in compose["services"].items() if "back" in other["networks"]] == ["bot", "redis"]


def test_bot_is_published_on_the_loopback_address_unless_told_otherwise(compose: dict[str, Any]) -> None:
    (port,) = compose["services"]["bot"]["ports"]
    assert port == "${BIGAN_PUBLISH:-127.0.0.1:8080}:8080"
    assert compose["services"]["bot"]["environment"]["PORT"] == "8080"


def test_bot_waits_for_a_healthy_redis(compose: dict[str, Any]) -> None:
    assert compose["services"]["bot"]["depends_on"] == {"redis": {"condition": "service_healthy"}}
    assert "redis-cli ping" in compose["services"]["redis"]["healthcheck"]["test"][1]


@pytest.mark.parametrize("name", ["bot", "redis", "caddy"])
def test_images_are_pinned_to_a_line(compose: dict[str, Any], name: str) -> None:
    _, tag = compose["services"][name]["image"].split(":")
    assert re.match(r"\d+\.\d+", tag)


def test_image_bears_the_version_of_the_project(compose: dict[str, Any], dockerfile: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert compose["services"]["bot"]["image"] == f"bigan:{project['version']}"
    assert f'org.opencontainers.image.version="{project["version"]}"' in dockerfile


def test_secrets_come_from_files_and_stand_nowhere_else(compose: dict[str, Any]) -> None:
    assert compose["secrets"] == {name: {"file": f"./deploy/secrets/{name}"} for name in SECRETS}
    environment = compose["services"]["bot"]["environment"]
    assert not environment.keys() & {"WECOM_TOKEN", "WECOM_AES_KEY", "WECOM_SECRET", "REDIS_URL"}
    files = {key: value for key, value in environment.items() if key.endswith("_FILE")}
    assert {key: f"/run/secrets/{key.removesuffix('_FILE').lower()}" for key in files} == files
    assert {value.rsplit("/", 1)[1] for value in files.values()} == set(compose["services"]["bot"]["secrets"])
    assert "redis_url" not in compose["services"]["redis"]["secrets"]
    assert (ROOT / "deploy" / "secrets" / ".gitignore").read_text(encoding="utf-8").splitlines()[-2:] == [
        "*",
        "!.gitignore",
    ]


def test_every_variable_of_the_compose_file_is_explained() -> None:
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8"))) | {"PIP_INDEX_URL"}
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert {match[1] for line in lines if (match := re.match(r"#?([A-Z_]+)=", line))} == used


def test_every_name_given_to_the_bot_is_one_of_its_settings(compose: dict[str, Any]) -> None:
    known = {name for name, _, _ in settings_table()} | {f"{name}_FILE" for name in SECRET_NAMES}
    assert compose["services"]["bot"]["environment"].keys() <= known


def test_build_context_is_a_list_of_what_may_enter() -> None:
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = [rule for rule in rules if rule and not rule.startswith("#")]
    assert kept[0] == "*"
    assert not [rule for rule in kept if rule.startswith("!") and re.search(r"deploy|secret|\.env|\.git|tests", rule)]


def test_every_copied_path_is_in_the_build_context(dockerfile: str) -> None:
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert names == {rule[1:] for rule in rules if rule.startswith("!")}
    assert all((ROOT / name).exists() for name in names)


def test_image_installs_nothing_without_a_hash(dockerfile: str) -> None:
    steps = re.findall(r"\bpip\b(?: --python \S+)? (?:install|wheel) [^&\n]*", dockerfile)
    assert len(steps) == 3
    assert all("--require-hashes" in step or "--no-index" in step for step in steps)


def test_final_image_has_no_installer_and_runs_as_the_user_of_the_compose_file(
    dockerfile: str, compose: dict[str, Any]
) -> None:
    final = dockerfile.rsplit("\nFROM ", maxsplit=1)[-1]
    assert not re.search(r"apt-get|\bpip\b|gcc", final)
    (user,) = re.findall(r"^USER (\S+)$", final, re.MULTILINE)
    assert user == compose["services"]["bot"]["user"]


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (None, 1)])
async def test_health_check_of_the_image_tells_alive_from_dead(dockerfile: str, status: int | None, code: int) -> None:
    (command,) = re.findall(r"HEALTHCHECK .*?CMD (\[.*\])", dockerfile)

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status or 200)

    application = web.Application()
    application.router.add_get("/healthz", answer)
    async with TestServer(application) as server:
        port = server.port
        if status is None:
            await server.close()
        environment = os.environ | {"PORT": str(port)}
        words = [sys.executable, *json.loads(command)[1:]]
        check = await asyncio.create_subprocess_exec(
            *words, env=environment, stderr=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
        )
        assert await check.wait() == code


@pytest.fixture
def redis_of_compose(compose: dict[str, Any]) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """The Redis service's own command, on a private socket instead of a port; its folder and its process."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not on PATH; `make test` installs it or says how")
    # A unix socket's path may have 107 bytes, so not below pytest's own long names.
    with tempfile.TemporaryDirectory(prefix="bigan-") as name:
        folder = Path(name)
        (folder / "redis_password").write_text("Passw0rd", encoding="utf-8")
        script = compose["services"]["redis"]["command"][-1].replace("$$", "$").rstrip()
        script = (
            script.replace("/run/secrets", name).replace("/run/redis", name).replace("--dir /data", f"--dir {name}")
        )
        script += f" --port 0 --unixsocket {shlex.quote(str(folder / 'socket'))}"
        process = subprocess.Popen(["sh", "-euc", script], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert any("ready to accept connections" in line.lower() for line in process.stdout)
        yield process, folder
        process.terminate()
        process.communicate(timeout=10)


def test_redis_wants_the_password_and_keeps_every_write(
    redis_of_compose: tuple[subprocess.Popen[str], Path],
) -> None:
    _, folder = redis_of_compose
    stranger = redis.Redis(unix_socket_path=str(folder / "socket"))
    with pytest.raises(redis.AuthenticationError):
        stranger.ping()
    with redis.Redis(unix_socket_path=str(folder / "socket"), password="Passw0rd") as client:
        wanted = {"appendonly": "yes", "appendfsync": "everysec", "save": "", "maxmemory-policy": "noeviction"}
        assert {name: client.config_get(name)[name] for name in wanted} == wanted
    stranger.close()
    assert (folder / "appendonlydir").is_dir()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="there is no /proc here to read command lines from")
def test_password_of_redis_is_on_no_command_line(redis_of_compose: tuple[subprocess.Popen[str], Path]) -> None:
    process, folder = redis_of_compose
    assert b"Passw0rd" not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
    assert (folder / "password.conf").stat().st_mode & 0o077 == 0
