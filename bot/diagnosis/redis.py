"""Redis: reachable, writable, and set up so that nothing users keep is thrown away."""

from __future__ import annotations

import asyncio
import time

from bot.diagnosis.clock import judge_clock
from bot.diagnosis.finding import Finding, fault, good, notice
from bot.stores.redis_address import RedisAddress
from bot.stores.redis_links import Link, open_link

TRIP_SECONDS = 3.0
SLOW_SECONDS = 0.05
"""A round trip that takes longer spends a good part of what an answer has for Redis (0.15 s)."""

OLDEST_VERSION = (6, 2)

_NAME = "Redis"
_KEY = "bigan:{doctor}"
_AWAY = "请确认 Redis 在运行、地址和端口没错、防火墙已放行；服务在此期间用内存答复，重启即失"

_FAULTS = {
    "AuthenticationError": ("密码不对", "请核对 REDIS_URL 里的密码；特殊字符要作百分号编码"),
    "AuthenticationWrongNumberOfArgsError": ("密码不对", "请核对 REDIS_URL 里的用户名和密码"),
    "NoPermissionError": ("这个用户没有权限", "请给 REDIS_URL 里的用户读写和运行脚本的权限"),
    "ReadOnlyError": ("是只读的副本", "请把 REDIS_URL 指向主节点"),
    "OutOfMemoryError": ("内存已满，写不进去", "请加大 maxmemory，或查明是什么占了内存"),
    "MasterNotFoundError": ("哨兵找不到主节点", "请核对 REDIS_URL 里主节点的名称和哨兵的状态"),
    "TimeoutError": ("没有按时答复", _AWAY),
    "BusyLoadingError": ("正在载入数据", "请过一会儿再试"),
}


async def check_redis(url: str) -> list[Finding]:
    """Write, measure a round trip, and read how Redis is set up."""
    link = open_link(RedisAddress.parse(url), TRIP_SECONDS)
    try:
        async with asyncio.timeout(TRIP_SECONDS):
            await link.write(_KEY)
        return await _look(link)
    except Exception as error:  # noqa: BLE001 - a client whose connections break raises more than RedisError
        return [_away(error)]
    finally:
        await link.close()


async def _look(link: Link) -> list[Finding]:
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(TRIP_SECONDS):
        started = loop.time()
        reply = await link.call(_KEY, "INFO")
        seconds = loop.time() - started
        clock = await link.call(_KEY, "TIME")
    facts = _read_info(reply)
    findings = [_judge_speed(seconds), *_judge_version(facts), *_judge_eviction(facts), *_judge_persistence(facts)]
    if isinstance(clock, list | tuple) and len(clock) == 2:
        findings.append(judge_clock("Redis", int(clock[0]) - time.time()))
    return findings


def _read_info(reply: object) -> dict[str, str]:
    if isinstance(reply, bytes):
        lines = (line.partition(":") for line in reply.decode(errors="replace").splitlines())
        return {name: value for name, colon, value in lines if colon}
    return {str(name): str(value) for name, value in reply.items()} if isinstance(reply, dict) else {}


def _judge_speed(seconds: float) -> Finding:
    if seconds > SLOW_SECONDS:
        advice = "请把 Redis 放在同一台机器或同一机房；超过150毫秒的往返会被放弃，改用内存"
        return notice(_NAME, f"能读写，但往返一次要{seconds * 1000:.0f}毫秒", advice)
    return good(_NAME, f"能读写，往返一次{seconds * 1000:.1f}毫秒")


def _judge_version(facts: dict[str, str]) -> list[Finding]:
    version = facts.get("redis_version", "")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if len(numbers) == 2 and numbers < OLDEST_VERSION:
        return [fault("Redis 版本", f"{version}太旧，待发的文件用不了", "请升级到6.2以上")]
    return []


def _judge_eviction(facts: dict[str, str]) -> list[Finding]:
    policy = facts.get("maxmemory_policy", "noeviction")
    if policy == "noeviction":
        return [good("Redis 淘汰策略", "noeviction，不会挤掉用户的收藏和草稿")]
    message = f"{policy}：内存一满，用户的收藏、草稿和待发的文件会被挤掉"
    return [notice("Redis 淘汰策略", message, "请设置 maxmemory-policy noeviction")]


def _judge_persistence(facts: dict[str, str]) -> list[Finding]:
    name = "Redis 持久化"
    if facts.get("aof_enabled") != "1":
        advice = "请设置 appendonly yes（appendfsync everysec）"
        return [notice(name, "没有开 AOF，Redis 重启会丢收藏、草稿和待发的文件", advice)]
    if facts.get("aof_last_write_status", "ok") != "ok":
        return [fault(name, "AOF 上次没有写成", "请检查 Redis 所在磁盘的空间和权限")]
    return [good(name, "AOF 已开")]


def _away(error: Exception) -> Finding:
    name = type(error).__name__
    if str(error).startswith("MISCONF"):
        return fault(_NAME, "存不了盘，因而拒绝写入", "请检查 Redis 所在磁盘的空间和权限")
    message, advice = _FAULTS.get(name, ("连不上", _AWAY))
    return fault(_NAME, message, advice)
