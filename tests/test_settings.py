"""Settings: read once, complete complaints, no secret ever shown."""

from __future__ import annotations

import os
import re
import traceback
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bot.settings import EMPTY_IS_UNSET, SECRET_NAMES, Settings, SettingsError, load_settings, settings_table
from bot.wecom.wire import check_base

TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
WECOM = {"WECOM_CORP_ID": "wx5823bf96d3bd56c7", "WECOM_TOKEN": TOKEN, "WECOM_AES_KEY": AES_KEY}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests reaches them."""
    names = {name for name, _, _ in settings_table()}
    for name in list(os.environ):
        if name.upper().removesuffix("_FILE") in names:
            monkeypatch.delenv(name)


@pytest.fixture
def wecom(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WECOM.items():
        monkeypatch.setenv(name, value)


NAMED_BY_THE_RULE = ("redis://", "unix://", "2", "true")


def complaint(*, production: bool = False, **overrides: object) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load_settings(production=production, **overrides)
    return caught.value


def test_everything_has_a_default_for_a_trial_run() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8080, 1)
    assert (settings.log_level, settings.log_format) == ("INFO", "json")
    assert settings.redis_url is None
    assert settings.knowledge_base is None
    assert settings.wecom_token is None


def test_environment_is_read_and_overrides_win(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"PORT": "9000", "HOST": "0.0.0.0", "LOG_LEVEL": "debug", "LOG_FORMAT": "text"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KNOWLEDGE_BASE", str(tmp_path))
    settings = load_settings(port=9001, host=None)
    assert (settings.host, settings.port, settings.log_level, settings.log_format) == ("0.0.0.0", 9001, "DEBUG", "text")
    assert settings.knowledge_base == tmp_path


def test_credentials_of_the_callback(wecom: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECOM_AGENT_ID", "1000002")
    credentials = load_settings(production=True).require_wecom()
    assert credentials.corp_id == WECOM["WECOM_CORP_ID"]
    assert credentials.token.get_secret_value() == TOKEN
    assert credentials.aes_key.get_secret_value() == AES_KEY
    assert (credentials.agent_id, credentials.secret) == ("1000002", None)


def test_missing_credentials_are_named_together() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings().require_wecom()
    assert list(caught.value.problems) == ["WECOM_CORP_ID", "WECOM_TOKEN", "WECOM_AES_KEY"]


def test_everything_wrong_is_named_in_one_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wrong = {
        "WECOM_TOKEN": "with space canary",
        "WECOM_AGENT_ID": "agent-canary",
        "REDIS_URL": "http://canary",
        "PORT": "canary",
        "WORKERS": "0",
        "LOG_LEVEL": "LOUD",
        "LOG_FORMAT": "canary",
        "WECOM_AES_KEY_FILE": str(tmp_path / "absent-canary"),
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    error = complaint(production=True)
    assert set(error.problems) == {name.removesuffix("_FILE") for name in wrong} | {"WECOM_CORP_ID"}
    assert "canary" not in str(error)
    for name, text in error.problems.items():
        assert f"{name}：{text}" in str(error)
        assert re.search(r"[\u4e00-\u9fff]", text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WECOM_AES_KEY", AES_KEY[:-1]),
        ("WECOM_AES_KEY", AES_KEY + "="),
        ("WECOM_AES_KEY", "-" * 43),
        ("WECOM_TOKEN", "x" * 33),
        ("WECOM_TOKEN", "密语"),
        ("WECOM_CORP_ID", "wx 1"),
        ("WECOM_API_BASE", "http://qyapi.example.com/cgi-bin"),
        ("WECOM_API_BASE", "https://user:word@example.com/cgi-bin"),
        ("WECOM_API_BASE", "https://example.com/cgi-bin?a=b"),
        ("WECOM_API_BASE", "qyapi.weixin.qq.com"),
        ("ADMIN_USERS", "zhang|li"),
        ("ADMIN_USERS", "@all"),
        ("ADMIN_USERS", "zhang, li si"),
        ("ADMIN_USERS", "x" * 65),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "redis://:pa/ss@host:6379/0"),
        ("REDIS_URL", "unix://"),
        ("REDIS_URL", "localhost:6379"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("WORKERS", "65"),
        ("WORKERS", "2"),
        ("METRICS_TOKEN", "fifteen-signs15"),
        ("METRICS_TOKEN", "sixteen signs 16"),
        ("COLLECT_MISSES", "perhaps"),
        ("COLLECT_MISSES", "true"),
    ],
)
def test_invalid_value_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    error = complaint()
    assert list(error.problems) == [name]
    assert value not in str(error) or value in NAMED_BY_THE_RULE


@pytest.mark.parametrize(
    "url", ["redis://redis:6379/0", "rediss://:p%40ss@host", "unix:///run/redis.sock", "redis://[::1]:6379"]
)
def test_address_of_redis_is_accepted(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    monkeypatch.setenv("WORKERS", "4")
    found = load_settings().redis_url
    assert found is not None
    assert found.get_secret_value() == url


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
@pytest.mark.parametrize("name", SECRET_NAMES)
def test_secret_is_read_from_a_file(name: str, ending: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    examples = {"REDIS_URL": "redis://:secret@redis", "WECOM_AES_KEY": AES_KEY, "METRICS_TOKEN": "Sixteen-signs+16"}
    value = examples.get(name, "Secret1")
    file = tmp_path / "secret"
    file.write_bytes((value + ending).encode())
    monkeypatch.setenv(f"{name}_FILE", str(file))
    found = getattr(load_settings(), name.lower())
    assert isinstance(found, SecretStr)
    assert found.get_secret_value() == value


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * 5000])
def test_file_without_a_secret_is_refused(content: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    monkeypatch.setenv("WECOM_TOKEN_FILE", str(file))
    assert "WECOM_TOKEN_FILE" in complaint().problems["WECOM_TOKEN"]


@pytest.mark.parametrize("name", sorted(EMPTY_IS_UNSET))
def test_empty_file_of_a_secret_one_can_do_without_counts_as_unset(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"\n")
    monkeypatch.setenv(f"{name}_FILE", str(file))
    assert getattr(load_settings(), name.lower()) is None
    file.unlink()
    assert f"{name}_FILE" in complaint().problems[name]


def test_secret_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(TOKEN)
    monkeypatch.setenv("WECOM_TOKEN_FILE", str(file))
    monkeypatch.setenv("WECOM_TOKEN", TOKEN)
    assert "只能设置一个" in complaint().problems["WECOM_TOKEN"]


def test_empty_value_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, _, _ in settings_table():
        monkeypatch.setenv(name, "")
    for name in SECRET_NAMES:
        monkeypatch.setenv(f"{name}_FILE", "")
    assert load_settings() == Settings.model_construct()
    assert set(complaint(production=True).problems) == set(WECOM)


def test_no_secret_is_shown(wecom: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:PassCanary@redis")
    monkeypatch.setenv("USER_HASH_SALT", "SaltCanary")
    monkeypatch.setenv("WECOM_SECRET", "SecretCanary")
    settings = load_settings()
    shown = f"{settings!r}{settings}{settings.model_dump()}{settings.model_dump_json()}{settings.require_wecom()!r}"
    for secret in (TOKEN, AES_KEY, "Canary"):
        assert secret not in shown


def test_no_secret_is_in_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECOM_TOKEN", "not a token canary")
    monkeypatch.setenv("REDIS_URL", "redis://:canary/x@redis:1")
    error = complaint()
    assert "canary" not in "".join(traceback.format_exception(error))
    assert (error.__cause__, error.__context__) == (None, None)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "value", ["https://work.example.com/cgi-bin", "https://10.0.0.1:8443/cgi-bin/", "http://127.0.0.1:9000/cgi-bin"]
)
def test_address_of_the_api_is_one_that_secrets_may_travel_to(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECOM_API_BASE", value)
    assert load_settings().wecom_api_base == value
    check_base(value)


@pytest.mark.parametrize(
    ("value", "users"),
    [("zhang", ("zhang",)), (" zhang , Li，wang,", ("zhang", "Li", "wang")), ("zhang,zhang", ("zhang",)), (",", ())],
)
def test_administrators_are_read_as_people_write_lists(
    value: str, users: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().administrators == ()
    monkeypatch.setenv("ADMIN_USERS", value)
    assert load_settings().administrators == users


def test_settings_do_not_change(wecom: None) -> None:
    settings = load_settings()
    with pytest.raises(ValidationError):
        settings.port = 1


def test_salt_is_the_one_given_else_follows_the_key(wecom: None, monkeypatch: pytest.MonkeyPatch) -> None:
    derived = load_settings().hash_salt
    assert derived == load_settings().hash_salt
    assert AES_KEY.encode() not in derived
    assert derived != load_settings(wecom_aes_key=SecretStr(AES_KEY[::-1])).hash_salt
    monkeypatch.setenv("USER_HASH_SALT", "grains")
    assert load_settings().hash_salt == b"grains"


def test_table_names_every_setting_with_its_default_and_a_chinese_description() -> None:
    table = settings_table()
    assert [name for name, _, _ in table] == [name.upper() for name in Settings.model_fields]
    assert ("PORT", "8080", "监听端口") in table
    for name, _, description in table:
        assert re.search(r"[\u4e00-\u9fff]{2}", description), name
        assert (f"{name}_FILE" in description) == (name in SECRET_NAMES)


def test_every_secret_setting_is_a_secret_type() -> None:
    secret = {name.upper() for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert secret == set(SECRET_NAMES)
