"""The figures under ``/metrics``, in a registry of one application's own. The only module that imports prometheus_client.

No label ever holds what somebody wrote or who it was: values come from fixed lists, and what is on none of them is ``other``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from bot.condition import Condition
from bot.observation import Observation
from bot.wecom.api_errors import POLICIES
from bot.wecom.wire import NO_ANSWER

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Bounds of the latency histogram: an answer takes milliseconds, a Redis that is away some hundred, WeChat Work hangs up
after five seconds."""

MOST_WORDS = 40
"""Different values one label takes at most; all beyond are counted together."""

_REDELIVERED = frozenset({"replayed", "still running"})
_WITHOUT_TURN = ("failed", "busy", *sorted(_REDELIVERED))


class Metrics:
    """Counts messages, refusals and calls of the API as they happen; states are set when the figures are read."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._messages = Counter("bigan_messages", "收到的消息，按意图和结果", ("intent", "outcome"), registry=registry)
        self._seconds = Histogram(
            "bigan_message_seconds", "从收到消息到给出答复的时间（秒）", registry=registry, buckets=SECONDS
        )
        self._misses = Counter("bigan_misses", "没有给出内容的答复，按原因", ("reason",), registry=registry)
        self._redeliveries = Counter("bigan_redeliveries", "认出的重复投递", registry=registry)
        self._dedup_hits = Counter("bigan_dedup_hits", "用记下的答复应答的重复投递", registry=registry)
        self._refused = Counter("bigan_refused", "没有受理的请求，按原因", ("reason",), registry=registry)
        self._api = Counter("bigan_api_calls", "对企业微信接口的调用，按错误码", ("call", "errcode"), registry=registry)
        self._outbox_depth = Gauge("bigan_outbox_depth", "等着发出的消息和文件（各进程同一个数）", registry=registry)
        self._outbox_age = Gauge("bigan_outbox_oldest_seconds", "其中等得最久的一个已等了多久（秒）", registry=registry)
        self._outbox_done = Counter("bigan_outbox_done", "发件箱处理完的，按结果", ("result",), registry=registry)
        self._life = Counter("bigan_app_events", "企业微信关于应用停用、低活跃的事件", ("event",), registry=registry)
        self._state = _State(registry)
        # Intents and outcomes are words from fixed lists, so there is no end of them to remember.
        self._count_of = cache(self._messages.labels)
        self._words = {name: _Words() for name in ("reason", "call", "result", "event")}
        ProcessCollector(registry=registry)
        for outcome in _WITHOUT_TURN:
            # A series that begins with its first event hides that event from increase().
            self._messages.labels("none", outcome)

    def observe(self, observation: Observation) -> None:
        """Count one message."""
        self._count_of(observation.intent, observation.outcome).inc()
        if observation.outcome in _REDELIVERED:
            self._redeliveries.inc()
            if observation.outcome == "replayed":
                self._dedup_hits.inc()
        elif observation.outcome != "ignored":
            self._seconds.observe(observation.seconds)
        if observation.miss is not None:
            self._misses.labels(observation.miss).inc()

    def refused(self, reason: str) -> None:
        """Count a request that was not let in; ``reason`` is a word of ours (``signature``, ``rate``)."""
        self._refused.labels(self._words["reason"].bounded(reason)).inc()

    def api_called(self, call: str, errcode: int) -> None:
        """Count a call of WeChat Work's API by its name (``message/send``) and the error code of its answer."""
        code = "no answer" if errcode == NO_ANSWER else str(errcode) if errcode == 0 or errcode in POLICIES else "other"
        self._api.labels(self._words["call"].bounded(call), code).inc()

    def outbox_holds(self, depth: int, oldest_seconds: float) -> None:
        """Set what waits in the outbox that all workers share, and how long its oldest entry has waited."""
        self._outbox_depth.set(depth)
        self._outbox_age.set(oldest_seconds)

    def outbox_finished(self, result: str) -> None:
        """Count what left the outbox; ``result`` is a word of ours (``delivered``, ``failed``)."""
        self._outbox_done.labels(self._words["result"].bounded(result)).inc()

    def app_event(self, event: str) -> None:
        """Count an event of the app's own life by its name (``inactive_alert``)."""
        self._life.labels(self._words["event"].bounded(event)).inc()

    def read(self, condition: Condition) -> Figures:
        """Return all figures, with the states as ``condition`` says."""
        self._state.set(condition)
        return Figures.parse(generate_latest(self.registry).decode())


class _Words:
    """The values one label has taken."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def bounded(self, word: str) -> str:
        """Return the word, or ``other`` when there are too many already."""
        if word not in self._seen and len(self._seen) < MOST_WORDS:
            self._seen.add(word)
        return word if word in self._seen else "other"


class _State:
    """How the process is doing: gauges that are set when somebody reads."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str, labels: Iterable[str] = ()) -> Gauge:
            return Gauge(f"bigan_{name}", text, tuple(labels), registry=registry)

        self._redis_up = gauge("redis_up", "Redis 能读写为1（没有配置 Redis 时也是1）")
        self._breaker_open = gauge("redis_breaker_open", "断路器断开为1，这时不再问 Redis")
        self._local = gauge("sessions_local", "会话只在本进程内存里为1")
        self._info = gauge("knowledge_info", "正在使用的知识库版本", ("version",))
        self._built = gauge("knowledge_built_timestamp_seconds", "知识库的建成时间")
        self._reports = gauge("knowledge_reports", "知识库里的材料篇数")
        self._passages = gauge("knowledge_passages", "知识库里的例句条数")
        self._stale = gauge("knowledge_swap_failed", "有新知识库却用不上为1")
        self._entries = gauge("overlay_entries", "覆盖表的条目数")
        self._rejected = gauge("overlay_rejected", "覆盖表有误、沿用上一次的为1")

    def set(self, condition: Condition) -> None:
        self._redis_up.set(condition.sessions)
        self._breaker_open.set(condition.breaker_open)
        self._local.set(condition.local)
        self._info.clear()
        self._info.labels(condition.version).set(1)
        self._built.set(datetime.fromisoformat(condition.created).timestamp())
        self._reports.set(condition.reports)
        self._passages.set(condition.passages)
        self._stale.set(condition.base_slip is not None)
        self._entries.set(condition.overlay_entries)
        self._rejected.set(condition.overlay_slip is not None)


class Figures(NamedTuple):
    """The figures of one process: by family (its HELP and TYPE lines) the lines of its samples."""

    families: Mapping[str, list[str]]

    @classmethod
    def parse(cls, text: str) -> Figures:
        """Read the text form. Times of creation are left out: nobody reads them, and they double the number of series."""
        families: dict[str, list[str]] = {}
        # A label may hold anything but a line feed, so this is what lines end with, and no sample begins with "#".
        for line in filter(None, text.split("\n")):
            if line.startswith("# HELP "):
                heading = line
            elif line.startswith("# TYPE "):
                samples = families.setdefault(f"{heading}\n{line}", [])
            else:
                samples.append(line)
        return cls({family: found for family, found in families.items() if "_created " not in family.split("\n")[1]})

    def to_text(self) -> str:
        """Return the text form."""
        return "".join("\n".join((family, *samples, "")) for family, samples in self.families.items())


def merge(figures: Mapping[int, Figures | None]) -> str:
    """Return the text form of the figures of several workers, each under its number; ``None``: it did not answer."""
    merged: dict[str, list[str]] = {}
    for worker, read in figures.items():
        for family, samples in read.families.items() if read is not None else ():
            merged.setdefault(family, []).extend(_labelled(sample, worker) for sample in samples)
    up = [f'bigan_worker_up{{worker="{worker}"}} {int(read is not None)}' for worker, read in figures.items()]
    merged["# HELP bigan_worker_up 进程给出了指标为1\n# TYPE bigan_worker_up gauge"] = up
    return Figures(merged).to_text()


def _labelled(sample: str, worker: int) -> str:
    """Add the worker's number to a line ``name{label="…"} value`` or ``name value``."""
    name, brace, rest = sample.partition("{")
    if brace:
        return f'{name}{{worker="{worker}",{rest}'
    name, _, value = sample.partition(" ")
    return f'{name}{{worker="{worker}"}} {value}'
