"""Every setting of the process, read from the environment here and nowhere else.

``load_settings`` is called once, in ``__main__``, and its result passed down. Whatever is wrong or missing is named in one
message before a port opens. A secret ``NAME`` may be given as ``NAME_FILE`` instead: the path of a file that holds it, as
container secrets do. No value of a setting ever stands in a message.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.stores.redis_address import RedisAddress

SECRET_NAMES = ("WECOM_TOKEN", "WECOM_AES_KEY", "WECOM_SECRET", "REDIS_URL", "USER_HASH_SALT", "METRICS_TOKEN")
"""Settings that are never shown and may come from a file (``NAME_FILE``)."""

WECOM_NAMES = ("WECOM_CORP_ID", "WECOM_TOKEN", "WECOM_AES_KEY")
"""What a callback behind WeChat Work cannot do without."""

EMPTY_IS_UNSET = frozenset({"WECOM_SECRET", "METRICS_TOKEN"})
"""Secrets that the service does without: a container mounts their file in any case, and an empty one says so."""

MAX_SECRET_BYTES = 4096

_RULES = {
    "WECOM_CORP_ID": "应为企业ID，只含字母、数字、下划线和连字符",
    "WECOM_TOKEN": "应为回调配置里的 Token，1–32位字母或数字",
    "WECOM_AES_KEY": "应为回调配置里的 EncodingAESKey，43位字母或数字",
    "WECOM_AGENT_ID": "应为应用的 AgentId，只含数字",
    "WECOM_API_BASE": "应以 https:// 开头（本机可用 http://），不带账号和参数，例如 https://域名/cgi-bin",
    "ADMIN_USERS": "应为成员的 UserID，多个用英文逗号隔开，最多50个",
    "REDIS_URL": "应以 redis://、rediss://、unix://、redis+sentinel:// 或 redis+cluster:// 开头，密码里的特殊字符要作百分号编码",
    "SEGMENTER": "应为 jieba 或 rjieba",
    "PORT": "应为0–65535的整数",
    "WORKERS": "应为1–64的整数；多于1个时须设置 REDIS_URL",
    "LOG_LEVEL": "应为 DEBUG、INFO、WARNING 或 ERROR",
    "LOG_FORMAT": "应为 json 或 text",
    "METRICS_TOKEN": "应为16–128位字母、数字或符号，不含空格",
    "COLLECT_MISSES": "应为 true 或 false；为 true 时须设置 REDIS_URL",
}


class SettingsError(Exception):
    """Settings are missing or invalid. The message is Chinese, complete, and holds no value.

    ``problems`` says by name what is wrong.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("设置有误：\n" + "\n".join(f"  {name}：{text}" for name, text in self.problems.items()))


@dataclass(frozen=True, slots=True)
class WecomCredentials:
    """What a self-built app's callback is verified and encrypted with; ``secret`` is for the active API only."""

    corp_id: str
    token: SecretStr
    aes_key: SecretStr
    agent_id: str | None
    secret: SecretStr | None


class Settings(BaseSettings):
    """All settings, valid and immutable. Names in the environment are the field names in capitals."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True, str_strip_whitespace=True
    )

    wecom_corp_id: str | None = Field(default=None, pattern=r"^[\w-]{1,64}$", description="企业ID，在“我的企业”页底部")
    wecom_token: SecretStr | None = Field(default=None, description="回调配置里的 Token")
    wecom_aes_key: SecretStr | None = Field(default=None, description="回调配置里的 EncodingAESKey，43位")
    wecom_agent_id: str | None = Field(
        default=None, pattern=r"^[0-9]{1,20}$", description="应用的 AgentId；设置后只收这个应用的消息"
    )
    wecom_secret: SecretStr | None = Field(default=None, description="应用的 Secret；只在主动发消息、发文件时需要")
    wecom_api_base: str | None = Field(
        default=None,
        pattern=r"^(https://[^\s?#@]+|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?(/[^\s?#@]*)?)$",
        description="企业微信接口的地址，到 /cgi-bin 为止；不设则用公有云的，私有部署的企业微信才要改",
    )
    admin_users: str | None = Field(
        default=None,
        pattern=r"^[^\s,|@]{1,64}(,[^\s,|@]{1,64}){0,49}$",
        description="管理员的企业微信帐号（UserID），逗号隔开；他们收应用的停用预警，发来的文件可以入库。不设则谁也不能",
    )
    redis_url: SecretStr | None = Field(
        default=None, description="会话所在的 Redis；不设则放在内存里，重启即失，且只能有1个进程"
    )
    knowledge_base: Path | None = Field(default=None, description="知识库所在的目录；不设则用自带语料建的库")
    knowledge_overlay: Path | None = Field(
        default=None, description="覆盖表所在的目录：管理员自己的提法、会议、规定等条目，改了两秒内生效；不设则没有"
    )
    segmenter: Literal["jieba", "rjieba"] = Field(
        default="jieba",
        description="分词程序；rjieba 快约十倍，须另装（pip install 'bigan[fast]'），换过之后要重新建库",
    )
    host: str = Field(default="127.0.0.1", description="监听地址；容器里设为 0.0.0.0")
    port: int = Field(default=8080, ge=0, le=65535, description="监听端口")
    workers: int = Field(default=1, ge=1, le=64, description="进程数")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="日志级别")
    log_format: Literal["json", "text"] = Field(
        default="json", description="日志格式：json 每行一个对象，text 便于人看"
    )
    user_hash_salt: SecretStr | None = Field(
        default=None, description="给用户ID作散列用的密语；不设则由 WECOM_AES_KEY 导出"
    )
    metrics_token: SecretStr | None = Field(
        default=None, description="读 /metrics 和 /stats 要出示的令牌（Bearer）；不设则只有本机能直接读"
    )
    collect_misses: bool = Field(
        default=False,
        description="采集未命中：把没听懂、没查到的问题原文存进 Redis 30天，供 bigan stats 查看；开之前先看 docs/operation.md",
    )

    @field_validator("admin_users", mode="before")
    @classmethod
    def _close_up(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return re.sub(r"\s*[,，]\s*", ",", value.strip()).strip(",") or None

    @field_validator("wecom_token")
    @classmethod
    def _check_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[0-9A-Za-z]{1,32}", value.get_secret_value()):
            raise ValueError("not a token")
        return value

    @field_validator("wecom_aes_key")
    @classmethod
    def _check_aes_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _is_aes_key(value.get_secret_value()):
            raise ValueError("not a key")
        return value

    @field_validator("redis_url")
    @classmethod
    def _check_redis_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _is_redis_url(value.get_secret_value()):
            raise ValueError("not an address")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _check_metrics_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[!-~]{16,128}", value.get_secret_value()):
            raise ValueError("not a token")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _capitalise(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    def require_wecom(self) -> WecomCredentials:
        """Return the credentials of the callback. Raises :class:`SettingsError` naming every one that is missing."""
        missing = [name for name in WECOM_NAMES if getattr(self, name.lower()) is None]
        if self.wecom_corp_id is None or self.wecom_token is None or self.wecom_aes_key is None:
            raise SettingsError({name: f"未设置。{_RULES[name]}" for name in missing})
        return WecomCredentials(
            self.wecom_corp_id, self.wecom_token, self.wecom_aes_key, self.wecom_agent_id, self.wecom_secret
        )

    @property
    def administrators(self) -> tuple[str, ...]:
        """The members who administer the bot, as they were written."""
        return tuple(dict.fromkeys(filter(None, (self.admin_users or "").split(","))))

    @property
    def hash_salt(self) -> bytes:
        """The secret that user ids are hashed with in logs and in Redis, equal in all workers.

        Without credentials (a trial run on one machine) it is a constant.
        """
        if self.user_hash_salt is not None:
            return self.user_hash_salt.get_secret_value().encode()
        key = self.wecom_aes_key.get_secret_value() if self.wecom_aes_key is not None else ""
        return hashlib.sha256(b"bigan user hash " + key.encode()).digest()


def load_settings(*, production: bool = False, **overrides: object) -> Settings:
    """Read the environment; ``overrides`` (field names, e.g. from the command line) win, ``None`` among them is ignored.

    ``production`` also asks for everything a callback behind WeChat Work needs. Raises :class:`SettingsError` naming
    everything that is wrong at once.
    """
    given: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
    problems = _take_secret_files(given)
    settings = None
    try:
        settings = Settings(**given)
    except ValidationError as error:
        for entry in error.errors(include_input=False, include_context=False):
            name = str(entry["loc"][0]).upper()
            problems.setdefault(name, _RULES.get(name, "无法识别"))
    if settings is not None and settings.workers > 1 and settings.redis_url is None:
        problems["WORKERS"] = _RULES["WORKERS"]
    if settings is not None and settings.collect_misses and settings.redis_url is None:
        problems["COLLECT_MISSES"] = _RULES["COLLECT_MISSES"]
    if production:
        present = {name.upper() for name in given} | {name.upper() for name, value in os.environ.items() if value}
        for name in WECOM_NAMES:
            if name not in present:
                problems.setdefault(name, f"未设置。{_RULES[name]}")
    if settings is None or problems:
        # Raised here, not in the except block above: a ValidationError as its context would keep the values it was given.
        raise SettingsError(problems)
    return settings


def settings_table() -> list[tuple[str, str, str]]:
    """Return (name, default, Chinese description) of every setting, in order; the README's table is checked against it."""
    rows = []
    for field_name, field in Settings.model_fields.items():
        name = field_name.upper()
        description = field.description or ""
        if name in SECRET_NAMES:
            description += f"；也可用 {name}_FILE 给出存放它的文件"
        default = str(field.default).lower() if isinstance(field.default, bool) else field.default
        rows.append((name, "" if default is None else str(default), description))
    return rows


def _take_secret_files(given: dict[str, Any]) -> dict[str, str]:
    """Add the secrets that the environment gives as files to ``given``; return what is wrong with them, by name."""
    problems = {}
    for name in SECRET_NAMES:
        path = os.environ.get(f"{name}_FILE")
        if not path or name.lower() in given:
            continue
        if os.environ.get(name):
            problems[name] = f"{name} 和 {name}_FILE 只能设置一个"
            continue
        value = _read_secret(Path(path))
        if value:
            given[name.lower()] = SecretStr(value)
        elif value is None or name not in EMPTY_IS_UNSET:
            problems[name] = f"{name}_FILE 指向的文件读不出内容（应为不超过{MAX_SECRET_BYTES}字节的 UTF-8 文本）"
    return problems


def _read_secret(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_SECRET_BYTES + 1)
        return content.decode().rstrip("\r\n") if len(content) <= MAX_SECRET_BYTES else None
    except (OSError, ValueError):
        return None


def _is_aes_key(text: str) -> bool:
    # WeChat Work's key: 43 characters that, with "=" added, are the base64 form of 32 bytes.
    if not re.fullmatch(r"[0-9A-Za-z]{43}", text):
        return False
    try:
        return len(base64.b64decode(text + "=")) == 32
    except binascii.Error:
        return False


def _is_redis_url(text: str) -> bool:
    try:
        RedisAddress.parse(text)
    except ValueError:
        return False
    return True
