"""The clock: a delivery whose time is more than five minutes off is refused as a replay."""

from __future__ import annotations

from bot.diagnosis.finding import Finding, fault, good, notice
from bot.wecom.gate import WINDOW_SECONDS

CLOSE_SECONDS = 30.0
"""What the time in an HTTP header and a slow answer may be off by without anything being wrong."""

_ADVICE = "请校准服务器时钟：timedatectl set-ntp true，或安装 chrony"


def judge_clock(check: str, ahead: float) -> list[Finding]:
    """Judge by how many seconds another clock is ahead of ours."""
    off = abs(ahead)
    if off <= CLOSE_SECONDS:
        return [good(check, "与本机一致")]
    words = f"比本机{'快' if ahead > 0 else '慢'}{_duration(off)}"
    if off > WINDOW_SECONDS:
        return [fault(check, f"{words}，超过5分钟的消息会被当作重放而拒收", _ADVICE)]
    return [notice(check, words, _ADVICE)]


def _duration(seconds: float) -> str:
    return f"{seconds:.0f}秒" if seconds < 120 else f"{seconds / 60:.0f}分钟"
