"""Settings: present, of the right form, and fit for each other."""

from __future__ import annotations

import re

from bot.diagnosis.finding import Finding, fault, good, notice
from bot.settings import WECOM_NAMES, Settings, SettingsError

_CORP_ID = re.compile(r"w[wx][0-9a-z]{16}")
_CORP_ID_CHARACTERS = re.compile(r"[0-9A-Za-z_-]+")
_ADVICE = {
    "WECOM_CORP_ID": "管理后台“我的企业”页最下方的企业ID，整段复制",
    "WECOM_TOKEN": "应用详情页“接收消息”→“API接收”里的 Token，整段复制，前后不能有空格",
    "WECOM_AES_KEY": "应用详情页“接收消息”→“API接收”里的 EncodingAESKey，共43位，整段复制，前后不能有空格和等号",
    "WECOM_AGENT_ID": "应用详情页上方的 AgentId，只有数字",
    "REDIS_URL": "例如 redis://:密码@主机:6379/0；密码里有 @ : / # ? 时写成 %40 %3A %2F %23 %3F",
}


def describe_slips(error: SettingsError) -> list[Finding]:
    """Return one fault for each setting that is wrong."""
    return [fault(name, text, _ADVICE.get(name, "改好后再运行一次")) for name, text in error.problems.items()]


def check_configuration(settings: Settings) -> list[Finding]:
    """Look at the settings themselves; their form has been checked when they were read."""
    missing = [name for name in WECOM_NAMES if getattr(settings, name.lower()) is None]
    findings = [fault(name, "未设置", _ADVICE[name]) for name in missing]
    if not missing:
        findings.append(good("回调设置", "CorpID、Token、EncodingAESKey 齐全，格式正确"))
    if settings.wecom_corp_id is not None:
        findings += _judge_corp_id(settings.wecom_corp_id)
    if settings.wecom_agent_id is None:
        findings.append(
            notice("WECOM_AGENT_ID", "未设置，本企业任何应用的消息都会受理", f"建议设置：{_ADVICE['WECOM_AGENT_ID']}")
        )
    if settings.redis_url is None:
        findings.append(
            notice(
                "REDIS_URL",
                "未设置，会话、收藏、草稿和待发的文件都在内存里，重启即失，只能有1个进程",
                "正式使用请装 Redis 并设置 REDIS_URL",
            )
        )
    if settings.administrators and settings.wecom_secret is None:
        findings.append(
            notice("ADMIN_USERS", "没有 WECOM_SECRET，管理员收不到通知，也不能入库", "要用请设置 WECOM_SECRET")
        )
    return findings


def _judge_corp_id(corp_id: str) -> list[Finding]:
    if _CORP_ID.fullmatch(corp_id):
        return []
    advice = f"请核对：{_ADVICE['WECOM_CORP_ID']}"
    if not _CORP_ID_CHARACTERS.fullmatch(corp_id):
        return [fault("WECOM_CORP_ID", "不是企业ID：企业ID只有字母和数字，不是企业名称", advice)]
    return [notice("WECOM_CORP_ID", "企业ID一般是 ww 或 wx 开头的18位", advice)]
