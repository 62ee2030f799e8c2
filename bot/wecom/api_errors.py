"""The errors of the active API (主动接口), and what to do about each error code.

::

    BotError
    └── ApiError
        ├── ApiUnreachableError  no answer, or none that can be read: down, slow, cut off, 5xx
        ├── ApiRefusedError      an answer with an error code; its policy says what to do
        └── ContentError         WeChat Work would not take it as it is; nothing was sent (also a ValueError)

No error text ever holds a secret, a token, an address or what was to be sent. The meanings of the codes follow
developer.work.weixin.qq.com/document/path/90313.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.errors import BotError


class ApiError(BotError):
    """A call of the active API failed."""


class ApiUnreachableError(ApiError):
    """No answer, or none that can be read. Whether the call took effect is unknown. ``reason`` is a word for the log."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"企业微信接口没有给出可用的答复（{reason}）")


class ContentError(ApiError, ValueError):
    """Too long, empty or misshapen by WeChat Work's documented limits; the text (Chinese) says what."""


class Reaction(StrEnum):
    """What to do about an error code."""

    RENEW = "renew"
    """Fetch a new access token, once, and try again."""
    RETRY = "retry"
    """Try again soon, not in step with others."""
    BACK_OFF = "back off"
    """Leave the API alone for a minute, then try again."""
    UPLOAD = "upload"
    """Upload the file again and send it under its new id."""
    ALARM = "alarm"
    """A fault of the set-up: no retry helps, an administrator has to act."""
    RECIPIENT = "recipient"
    """This member gets nothing from us: no retry helps."""
    NEVER = "never"
    """The request itself is refused: no retry helps."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What an error code means (Chinese), the reaction to it, and what an administrator can do about it."""

    meaning: str
    reaction: Reaction
    advice: str = ""


_UNKNOWN = Policy("没有登记的错误码", Reaction.NEVER, "请按错误码在企业微信开发者中心查明原因")
_LOGIN_HINT = "多半是 Secret 换过或 CorpID 不对，请核对 WECOM_CORP_ID 和 WECOM_SECRET"
_AGENT_HINT = "请核对 WECOM_AGENT_ID 和 WECOM_SECRET 是不是同一个应用的"
_SCOPE_HINT = "请在应用的“可见范围”里加上这位成员"
_MENU_HINT = "请用 bigan menu show 核对菜单"

POLICIES: dict[int, Policy] = {
    -1: Policy("系统繁忙", Reaction.RETRY),
    6000: Policy("数据版本冲突", Reaction.RETRY),
    45033: Policy("接口并发调用超过限制", Reaction.RETRY),
    45009: Policy("接口调用超过频率限制", Reaction.BACK_OFF, "一般一分钟后自动解除"),
    45011: Policy("接口调用太频繁", Reaction.BACK_OFF, "一般一分钟后自动解除"),
    40001: Policy("Secret 不对", Reaction.RENEW, _LOGIN_HINT),
    40014: Policy("access_token 不对", Reaction.RENEW, _LOGIN_HINT),
    42001: Policy("access_token 已过期", Reaction.RENEW, _LOGIN_HINT),
    40013: Policy("CorpID 不对", Reaction.ALARM, "请核对 WECOM_CORP_ID，应与“我的企业”页底部的企业ID一致"),
    40056: Policy("AgentId 不对", Reaction.ALARM, _AGENT_HINT),
    40091: Policy("Secret 不对", Reaction.ALARM, _LOGIN_HINT),
    41002: Policy("缺少 CorpID", Reaction.ALARM, "请设置 WECOM_CORP_ID"),
    41004: Policy("缺少 Secret", Reaction.ALARM, "请设置 WECOM_SECRET"),
    41011: Policy("缺少 AgentId", Reaction.ALARM, "请设置 WECOM_AGENT_ID"),
    48002: Policy("应用没有调用这个接口的权限", Reaction.ALARM, _AGENT_HINT),
    50003: Policy("应用已停用", Reaction.ALARM, "请在管理后台启用应用"),
    60020: Policy("本机的 IP 不在企业可信IP里", Reaction.ALARM, "请在应用详情页“企业可信IP”里加上本机的出口 IP"),
    301002: Policy("Secret 无权操作这个应用", Reaction.ALARM, _AGENT_HINT),
    40003: Policy("成员ID不对", Reaction.RECIPIENT),
    46004: Policy("成员不存在", Reaction.RECIPIENT),
    50002: Policy("成员不在应用的可见范围", Reaction.RECIPIENT, _SCOPE_HINT),
    60011: Policy("成员不在应用的权限范围", Reaction.RECIPIENT, _SCOPE_HINT),
    60111: Policy("成员不存在", Reaction.RECIPIENT),
    81013: Policy("接收人都不存在或没有权限", Reaction.RECIPIENT, _SCOPE_HINT),
    82001: Policy("接收人为空", Reaction.RECIPIENT),
    40007: Policy("文件的 media_id 不对或已过期", Reaction.UPLOAD),
    46001: Policy("文件不存在", Reaction.UPLOAD),
    40004: Policy("不收这种类型的文件", Reaction.NEVER),
    40006: Policy("文件大小不合要求", Reaction.NEVER),
    40008: Policy("消息类型不对", Reaction.NEVER),
    40016: Policy("菜单的按钮个数不对", Reaction.NEVER, _MENU_HINT),
    40017: Policy("菜单的按钮类型不对", Reaction.NEVER, _MENU_HINT),
    40018: Policy("菜单的按钮名太长", Reaction.NEVER, _MENU_HINT),
    40019: Policy("菜单的 key 太长", Reaction.NEVER, _MENU_HINT),
    40022: Policy("菜单的层数不对", Reaction.NEVER, _MENU_HINT),
    40023: Policy("子菜单的按钮个数不对", Reaction.NEVER, _MENU_HINT),
    40025: Policy("子菜单的按钮名太长", Reaction.NEVER, _MENU_HINT),
    40026: Policy("子菜单的 key 太长", Reaction.NEVER, _MENU_HINT),
    40033: Policy("请求里有不允许的字符", Reaction.NEVER),
    40035: Policy("参数不对", Reaction.NEVER),
    40058: Policy("参数不合要求", Reaction.NEVER),
    40063: Policy("参数为空", Reaction.NEVER),
    41006: Policy("缺少 media_id", Reaction.NEVER),
    42014: Policy("卡片的 task_id 不对或已用过", Reaction.NEVER),
    42016: Policy("要更新的卡片不存在", Reaction.NEVER),
    42022: Policy("更新卡片的 response_code 已用过", Reaction.NEVER),
    44001: Policy("收到的文件是空的", Reaction.NEVER, "多半是文件名的编码不对"),
    44004: Policy("消息内容是空的", Reaction.NEVER),
    45001: Policy("文件太大", Reaction.NEVER),
    45002: Policy("消息太长", Reaction.NEVER),
    46003: Policy("应用没有菜单", Reaction.NEVER, "请运行 bigan menu push"),
    47001: Policy("请求不是可读的 JSON", Reaction.NEVER),
}
"""The one table from error code to what is done about it. A code that is not in it is never retried."""

NO_MENU = 46003
UNTRUSTED_ADDRESS = 60020
CARD_TASK_TAKEN = 42014


def policy_of(code: int) -> Policy:
    """Return the policy of an error code, known or not."""
    return POLICIES.get(code, _UNKNOWN)


class ApiRefusedError(ApiError):
    """The API answered with an error code. ``address`` is our own address as WeChat Work saw it (60020 alone)."""

    def __init__(self, code: int, address: str | None = None) -> None:
        self.code = code
        self.address = address
        self.policy = policy_of(code)
        advice = f"。{self.policy.advice}" if self.policy.advice else ""
        seen = f"（企业微信看到的是 {address}）" if address else ""
        super().__init__(f"企业微信接口返回 {code}：{self.policy.meaning}{seen}{advice}")

    @property
    def reaction(self) -> Reaction:
        """What to do about it."""
        return self.policy.reaction
