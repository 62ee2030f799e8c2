"""A knowledge base at a glance: kinds and years, topics by role, and the gaps a librarian would fill next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from unicodedata import east_asian_width

from knowledge.contents import ReportSummary
from knowledge.model import Role
from knowledge.overlay import Change
from knowledge.store import KnowledgeBase

FEW = 2
"""A topic with fewer passages than this is a gap."""

STAGES = {"read": "未收", "repair": "订正", "withheld": "扣留", "structure": "编号", "passage": "未作例句"}
"""What the stages of the pipeline are called."""

_NO_TOPIC = "（无板块）"


@dataclass(frozen=True, slots=True)
class OverlayState:
    """What the overlay does: how many entries it adds and which bundled ones it replaces, or why it is not in use."""

    added: int
    replaced: tuple[Change, ...]
    slip: str | None = None

    @classmethod
    def of(cls, changes: Sequence[Change]) -> OverlayState:
        """Return the state of an overlay with these entries."""
        replaced = tuple(change for change in changes if change.replaces)
        return cls(len(changes) - len(replaced), replaced)

    def to_lines(self) -> list[str]:
        """Return the state for a person."""
        if self.slip is not None:
            return [f"覆盖表有误，没有用上：{self.slip}"]
        lines = [f"覆盖表：新增{self.added}条，换掉自带的{len(self.replaced)}条"]
        return lines + [f"　{change.entry}：{change.where} 换掉 {change.replaces}" for change in self.replaced]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a knowledge base holds; ``table`` is the number of passages by topic and role. ``overlay``: ``None`` for none."""

    version: str
    reports: tuple[ReportSummary, ...]
    passages: int
    heading_sets: int
    table: dict[str, dict[str, int]]
    gaps: tuple[str, ...]
    problems: dict[str, int]
    overlay: OverlayState | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the summary for a program."""
        return asdict(self)

    def to_text(self) -> str:
        """Return the summary for a person: a few lines and a table that lines up in a terminal."""
        kinds = Counter(report.kind or "文种不明" for report in self.reports)
        years = Counter(str(report.year or "年份不明") for report in self.reports)
        lines = [
            f"版本 {self.version}",
            f"材料{len(self.reports)}篇　例句{self.passages}条　小标题{self.heading_sets}组",
            "文种：" + "、".join(f"{kind}{count}" for kind, count in kinds.most_common()),
            "年份：" + "、".join(f"{year}年{count}篇" for year, count in sorted(years.items())),
            "",
            *self._table_lines(),
            "",
            f"缺口（不足{FEW}条）：" + ("、".join(self.gaps) or "无"),
            "处理：" + "、".join(f"{reason}{count}" for reason, count in self.problems.items()),
            "逐条看用 bigan kb show --problems",
            *(self.overlay.to_lines() if self.overlay else ()),
        ]
        return "\n".join(lines)

    def _table_lines(self) -> list[str]:
        roles = [role.value for role in Role]
        width = max(_width(topic) for topic in (*self.table, "板块")) + 2
        rows = [pad("板块", width) + "".join(pad(role, 6) for role in (*roles, "合计"))]
        for topic, counts in self.table.items():
            cells = [str(counts.get(role, 0) or "·") for role in roles]
            rows.append(pad(topic, width) + "".join(pad(cell, 6) for cell in (*cells, str(sum(counts.values())))))
        return rows


def summarise(base: KnowledgeBase, topics: Sequence[str], overlay: OverlayState | None = None) -> Summary:
    """Summarise ``base``; ``topics`` are all topics there could be, in the order of the table."""
    table: dict[str, dict[str, int]] = {topic: {} for topic in topics}
    for entry in base.topic_counts():
        table.setdefault(entry.topic or _NO_TOPIC, {})[entry.role.value] = entry.count
    problems = Counter(STAGES.get(problem.stage, problem.stage) for problem in base.problems())
    return Summary(
        version=base.version,
        reports=base.reports(),
        passages=base.count_passages(),
        heading_sets=base.manifest.counts.heading_sets,
        table={topic: counts for topic, counts in table.items() if counts},
        gaps=tuple(topic for topic in topics if sum(table[topic].values()) < FEW),
        problems=dict(problems.most_common()),
        overlay=overlay,
    )


def _width(text: str) -> int:
    """Return the columns a text takes in a terminal: a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def pad(text: str, width: int) -> str:
    """Return a text filled up with blanks to ``width`` columns of a terminal."""
    return text + " " * max(1, width - _width(text))
