"""The counts of some days as one report: use by day, what is asked for, and what the library lacks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from bot.commands.summary import pad
from bot.commands.usage_words import name_intent, name_miss
from bot.usage import Day, Missed

MOST_SHOWN = 15
"""Entries of each list that are printed; ``--json`` has all."""

NO_SUBJECT = "（表里没有的主题）"

_WEEKDAYS = "一二三四五六日"
_COLUMNS = ("消息", "人数", "答出", "没答出", "出错")


@dataclass(frozen=True, slots=True)
class Gap:
    """Something asked for that the library does not hold: how often, and by which intents."""

    subject: str
    count: int
    asked: dict[str, int]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A passage that users called wrong or out of date; ``text`` is empty where the base no longer has it."""

    passage: str
    count: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """What became of the messages of a day or of all days. ``missed`` leaves out feedback that was taken."""

    messages: int
    answered: int
    missed: int
    failed: int

    @classmethod
    def of(cls, counts: Counter[str]) -> Self:
        """Read the counts of a day."""
        missed = sum(count for name, count in counts.items() if name.startswith("miss:") and name != "miss:correction")
        failed = counts["failed"] + counts["busy"]
        return cls(counts["messages"], counts["messages"] - missed - failed, missed, failed)


@dataclass(frozen=True, slots=True)
class UsageReport:
    """A report over ``days``, the newest first. ``texts`` is ``None`` where texts are not collected."""

    days: tuple[Day, ...]
    intents: dict[str, int]
    misses: dict[str, int]
    gaps: tuple[Gap, ...]
    wrong: tuple[Wrong, ...]
    texts: tuple[Missed, ...] | None = None

    @classmethod
    def of(cls, days: Sequence[Day], texts: Sequence[Missed] | None = None) -> Self:
        """Add up the counts of ``days``."""
        total: Counter[str] = Counter()
        for day in days:
            total.update(day.counts)
        gaps: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for name, count in total.items():
            if name.startswith("gap:"):
                _, intent, subject = name.split(":", 2)
                gaps[subject][intent] = count
        listed = [Gap(subject, sum(asked.values()), _by_count(asked)) for subject, asked in gaps.items()]
        return cls(
            tuple(days),
            _by_count(_under("intent:", total)),
            _by_count(_under("miss:", total)),
            tuple(sorted(listed, key=lambda gap: (-gap.count, gap.subject))),
            tuple(Wrong(passage, count) for passage, count in _by_count(_under("wrong:", total)).items()),
            None if texts is None else tuple(texts),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the report for a program."""
        return {
            "days": [
                {"day": day.day.isoformat(), "users": day.users} | _share_json(Share.of(Counter(day.counts)))
                for day in self.days
            ],
            "total": _share_json(self._total()),
            "intents": self.intents,
            "misses": self.misses,
            "gaps": [{"subject": gap.subject, "count": gap.count, "asked": gap.asked} for gap in self.gaps],
            "wrong": [{"passage": wrong.passage, "count": wrong.count, "text": wrong.text} for wrong in self.wrong],
            "texts": None if self.texts is None else [_text_json(text) for text in self.texts],
        }

    def to_text(self) -> str:
        """Return the report for a person."""
        total = self._total()
        lines = [f"近{len(self.days)}天（{self.days[-1].day} 至 {self.days[0].day}）", *self._table(total)]
        if not total.messages:
            return "\n".join([*lines, "", "这几天没有消息。"])
        lines += [
            "",
            "用得最多：" + _listed({name_intent(intent): count for intent, count in self.intents.items()}),
            "没答出的原因：" + _listed({name_miss(reason): count for reason, count in self.misses.items()}),
            "",
            "知识缺口（问了而库里没有）：",
            *self._gap_lines(),
            "",
            "被指过时或有误的例句：",
            *([f"　{wrong.passage}　{wrong.count}次　{wrong.text}" for wrong in self.wrong[:MOST_SHOWN]] or ["　无"]),
        ]
        if self.texts is not None:
            lines += ["", "没答出的原话（采集未命中已开）：", *self._text_lines(self.texts)]
        return "\n".join(lines)

    def _total(self) -> Share:
        total: Counter[str] = Counter()
        for day in self.days:
            total.update(day.counts)
        return Share.of(total)

    def _table(self, total: Share) -> list[str]:
        rows = [(pad("日期", 14) + "".join(pad(name, 8) for name in _COLUMNS)).rstrip()]
        for day in self.days:
            share = Share.of(Counter(day.counts))
            label = f"{day.day:%m-%d} 周{_WEEKDAYS[day.day.weekday()]}"
            rows.append(_row(label, share, str(day.users)))
        rate = f"　答出率{total.answered * 100 // total.messages}%" if total.messages else ""
        return [*rows, _row("合计", total, "") + rate]

    def _gap_lines(self) -> list[str]:
        return [
            f"　{gap.subject or NO_SUBJECT}　{gap.count}次"
            f"（{_listed({name_intent(intent): count for intent, count in gap.asked.items()})}）"
            for gap in self.gaps[:MOST_SHOWN]
        ] or ["　无"]

    @staticmethod
    def _text_lines(texts: Sequence[Missed]) -> list[str]:
        return [f"　{text.at:%m-%d %H:%M}　{name_intent(text.intent)}　{text.text}" for text in texts] or ["　无"]


def _under(prefix: str, counts: Counter[str]) -> dict[str, int]:
    return {name.removeprefix(prefix): count for name, count in counts.items() if name.startswith(prefix)}


def _by_count(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _listed(counts: dict[str, int]) -> str:
    return "、".join(f"{name}{count}" for name, count in list(counts.items())[:MOST_SHOWN]) or "无"


def _text_json(text: Missed) -> dict[str, str]:
    return {"at": text.at.isoformat(), "intent": text.intent, "text": text.text}


def _share_json(share: Share) -> dict[str, int]:
    return {
        "messages": share.messages,
        "answered": share.answered,
        "missed": share.missed,
        "failed": share.failed,
    }


def _row(label: str, share: Share, users: str) -> str:
    cells = (str(share.messages), users, str(share.answered), str(share.missed), str(share.failed))
    return (pad(label, 14) + "".join(pad(cell, 8) for cell in cells)).rstrip()
