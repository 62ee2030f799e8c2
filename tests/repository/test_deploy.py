"""What lies in deploy/: rules and panels ask for figures that are really told, unit and proxy let in as little as they can."""

import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.channels.callback import MAX_BODY_BYTES
from bot.condition import Condition
from bot.errors import REFUSALS
from bot.metrics import Metrics, merge
from bot.observation import INTENTS, MISSES, OUTCOMES
from bot.settings import SECRET_NAMES, settings_table
from bot.wecom.api_errors import POLICIES
from handlers.texts.lifecycle import EVENTS
from tests.repository.checkout import ROOT
from tests.test_metrics import observation

DEPLOY = ROOT / "deploy"
WELL = Condition(True, False, False, "20260101-000000-abcdef", "2026-01-01T00:00:00+00:00", 5, 200, 0)

FUNCTIONS = frozenset(["sum", "min", "max", "count", "rate", "increase", "histogram_quantile", "topk", "time", "and"])
"""Of PromQL, as far as they are used."""

VALUES = {
    "intent": INTENTS,
    "outcome": set(OUTCOMES),
    "reason": {*MISSES, *(error.reason for error in REFUSALS)},
    "errcode": {str(code) for code in POLICIES},
    "event": set(EVENTS),
    "job": {"bigan"},
}
"""What a label may be compared with."""

Told = dict[str, set[str]]


@pytest.fixture(scope="module")
def told() -> Told:
    """Every figure that a running bot tells, with the names of its labels; ``up`` is Prometheus's own."""
    metrics = Metrics()
    metrics.observe(observation(found=False))
    metrics.refused("signature")
    metrics.api_called("message/send", 0)
    metrics.outbox_finished("delivered")
    metrics.app_event("inactive_alert")
    found: Told = defaultdict(set)
    found["up"].add("job")
    for line in merge({0: metrics.read(WELL)}).splitlines():
        if not line.startswith("#"):
            name, labels = re.match(r"(\w+)\{(.*)\}", line).groups()  # type: ignore[union-attr]
            # Prometheus adds the job itself.
            found[name] |= {*re.findall(r'(\w+)="', labels), "job"}
    return dict(found)


def rules() -> list[dict[str, Any]]:
    [group] = yaml.safe_load((DEPLOY / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))
    return found


EXPRESSIONS = [rule["expr"] for rule in rules()] + [
    target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]
]


def check(expression: str, told: Told) -> None:
    """Every name of an expression is a figure that is told, every label one that it has, every value one it can take."""
    for name, matchers in re.findall(r"(\w+)\{([^}]*)\}", expression):
        for label, values in re.findall(r'(\w+)=~?"([^"]*)"', matchers):
            assert label in told[name], (name, label)
            assert set(values.split("|")) <= VALUES[label], (label, values)
    plain = re.sub(r"\{[^}]*\}|\[\w+\]", "", expression)
    labels = {label for grouped in re.findall(r"\bby \(([^)]*)\)", plain) for label in grouped.split(", ")}
    words = set(re.findall(r"\b[a-z_]\w*", re.sub(r"\bby \([^)]*\)", "", plain))) - FUNCTIONS
    assert words
    assert words <= told.keys(), words - told.keys()
    assert labels <= set().union(*(told[name] for name in words)), labels


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression_asks_for_figures_that_are_told(expression: str, told: Told) -> None:
    check(expression, told)


@pytest.mark.parametrize(
    "wrong",
    [
        "sum(bigan_message_total)",
        'sum(rate(bigan_messages_total{result="failed"}[5m]))',
        'sum(rate(bigan_messages_total{outcome="fail"}[5m]))',
        "sum by (user) (bigan_messages_total)",
        "sum(rate([5m]))",
    ],
)
def test_the_check_of_expressions_finds(wrong: str, told: Told) -> None:
    with pytest.raises(AssertionError):
        check(wrong, told)


def test_every_alert_says_in_chinese_what_is_wrong_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules())
    for rule in rules():
        assert rule["alert"].startswith("Bigan")
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert rule["annotations"].keys() == {"summary", "description"}
        for text in rule["annotations"].values():
            assert re.search(r"[\u4e00-\u9fff]{4}", text), text


def test_dashboard_has_panels_side_by_side_and_one_source() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        for at in (panel["gridPos"] for panel in panels)
    ]
    assert not [pair for pair in combinations(cells, 2) if pair[0] & pair[1]]
    assert all(x < 24 for cell in cells for x, _ in cell)
    [variable] = dashboard()["templating"]["list"]
    sources = {target["datasource"]["uid"] for panel in panels for target in panel["targets"]}
    assert sources == {f"${{{variable['name']}}}"}
    assert all(re.search(r"[\u4e00-\u9fff]|Redis|CPU", panel["title"]) for panel in panels)


def test_scrape_configuration_shows_the_token_and_names_the_job_of_the_rules() -> None:
    told = yaml.safe_load((DEPLOY / "prometheus.yml").read_text(encoding="utf-8"))
    [job] = told["scrape_configs"]
    assert job["job_name"] == "bigan"
    assert job.get("metrics_path", "/metrics") == "/metrics"
    assert job["authorization"]["type"] == "Bearer"


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed here")
def test_promtool_finds_nothing() -> None:
    for words in (["check", "rules", "alerts.yml"], ["check", "config", "--syntax-only", "prometheus.yml"]):
        subprocess.run(["promtool", *words], cwd=DEPLOY, check=True, capture_output=True)


def unit() -> dict[str, list[str]]:
    """The directives of the unit, each with all its values."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in (DEPLOY / "bigan.service").read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


def test_unit_lets_the_service_do_little_beyond_its_work() -> None:
    found = unit()
    on = [
        "NoNewPrivileges",
        "ProtectHome",
        "PrivateTmp",
        "PrivateDevices",
        "ProtectKernelTunables",
        "ProtectKernelModules",
    ]
    on += [
        "ProtectControlGroups",
        "RestrictNamespaces",
        "RestrictSUIDSGID",
        "LockPersonality",
        "MemoryDenyWriteExecute",
    ]
    assert all(found[name] == ["yes"] for name in on)
    assert found["ProtectSystem"] == ["strict"]
    assert found["CapabilityBoundingSet"] == [""]
    assert found["User"] == ["bigan"]
    assert found["SystemCallFilter"] == ["@system-service", "~@privileged @resources"]
    assert found["RestrictAddressFamilies"] == ["AF_INET AF_INET6 AF_UNIX"]
    assert {"MemoryMax", "TasksMax", "LimitNOFILE", "CPUQuota"} <= found.keys()
    assert not found.keys() & {"ReadWritePaths", "BindPaths", "AmbientCapabilities "}
    assert found["StateDirectory"] == ["bigan"]


def test_unit_gives_every_secret_as_a_file_that_make_secrets_writes() -> None:
    given = dict(pair.split("=", 1) for value in unit()["Environment"] for pair in value.split())
    files = {name: path for name, path in given.items() if name.endswith("_FILE")}
    assert set(files) == {f"{name}_FILE" for name in SECRET_NAMES} - {"USER_HASH_SALT_FILE"}
    assert all(path == f"/etc/bigan/secrets/{name.removesuffix('_FILE').lower()}" for name, path in files.items())
    script = (DEPLOY / "make-secrets").read_text(encoding="utf-8")
    assert all(re.search(rf"(?:ask|save) {Path(path).name}\b", script) for path in files.values())
    assert set(given) - set(files) <= {name for name, _, _ in settings_table()} | {"HOME", "PYTHONDONTWRITEBYTECODE"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_understands_the_unit_and_finds_it_hardened(tmp_path: Path) -> None:
    copy = tmp_path / "bigan.service"
    text = (DEPLOY / "bigan.service").read_text(encoding="utf-8")
    # Only what is installed can be verified: the program's place is taken by one that is there.
    copy.write_text(text.replace("/opt/bigan/venv/bin/bigan serve", sys.executable), encoding="utf-8")
    verified = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
    assert (verified.returncode, "bigan" in verified.stderr) == (0, False), verified.stderr
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", copy],
        capture_output=True,
        text=True,
        check=False,
    )
    if "unrecognized option" not in judged.stderr:
        assert judged.returncode == 0, judged.stdout[-300:]


def caddyfile() -> str:
    return (DEPLOY / "Caddyfile").read_text(encoding="utf-8")


def test_proxy_passes_on_the_callback_alone_and_writes_down_no_signature() -> None:
    text = caddyfile()
    assert re.findall(r"^\s*path (.+)$", text, re.MULTILINE) == ["/wecom/callback"]
    assert text.count("reverse_proxy") == 1
    assert re.search(r"handle \{\s*respond 404\s*\}", text)
    assert "request>uri delete" in text
    assert "request>headers delete" in text
    [size] = re.findall(r"max_size (\d+)KB", text)
    assert int(size) * 1024 == MAX_BODY_BYTES


def test_proxy_and_containers_agree_on_names_and_ports() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    text = caddyfile()
    ports = dict(re.findall(r"(https?)_port (\d+)", text))
    assert compose["caddy"]["ports"] == [f"80:{ports['http']}", f"443:{ports['https']}"]
    assert compose["caddy"]["healthcheck"]["test"][-1] == ports["https"]
    assert f"{{$BIGAN_UPSTREAM:bot:{compose['bot']['environment']['PORT']}}}" in text
    assert set(re.findall(r"\{\$(\w+)", text)) - {"BIGAN_UPSTREAM"} == compose["caddy"]["environment"].keys()


@pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not installed here")
def test_caddy_understands_its_file() -> None:
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    subprocess.run(command, check=True, capture_output=True)
