"""The clock: a delivery whose time is more than five minutes off is refused as a replay."""

from __future__ import annotations

from bot.diagnosis.finding import Finding, fault, good, notice
from bot.wecom.gate import WINDOW_SECONDS

CLOSE_SECONDS = 30.0
"""What the time in an HTTP header and a slow answer may be off by without anything being wrong."""

_NAME = "时钟"
_ADVICE = "请校准服务器时钟：timedatectl set-ntp true，或安装 chrony"


def judge_clock(other: str, ahead: float) -> Finding:
    """Judge by how many seconds the clock of ``other`` is ahead of ours."""
    off = abs(ahead)
    if off <= CLOSE_SECONDS:
        return good(_NAME, f"与{other}一致")
    words = f"本机比{other}{'慢' if ahead > 0 else '快'}{_duration(off)}"
    if off > WINDOW_SECONDS:
        return fault(_NAME, f"{words}，差5分钟以上的消息会被当作重放而拒收", _ADVICE)
    return notice(_NAME, words, _ADVICE)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f}秒" if seconds < 120 else f"{seconds / 60:.0f}分钟"
