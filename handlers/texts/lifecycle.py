"""What administrators are told about the app's own life.

Facts: developer.work.weixin.qq.com/document/path/90240 (应用长期未使用、低活跃的预警与停用事件).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "inactive_alert": "企业微信提醒：应用长期没有人用，到期会被停用。请让同事打开用一次，或到管理后台的应用详情页处理。",
        "close_inactive_agent": "企业微信提醒：应用因长期没有人用已被停用，同事发消息收不到答复。请到管理后台的应用详情页重新启用。",
        "reopen_inactive_agent": "企业微信提醒：停用的应用已重新启用，可以照常使用。",
        "low_active_alert": "企业微信提醒：应用使用的人太少，到期会被列为低活跃应用，主动发消息、发文件会受限制。请让同事多用，或到管理后台处理。",
        "low_active": "企业微信提醒：应用已被列为低活跃应用，主动发消息、发文件会受限制；问答不受影响。请到管理后台的应用详情页处理。",
        "active_restored": "企业微信提醒：应用已恢复活跃，限制解除。",
    }
)
"""Each event by its name, in words, with what to do."""
