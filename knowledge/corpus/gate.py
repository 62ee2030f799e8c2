"""The gate's tables (把关表): what is repaired, what becomes a blank, what is withheld. Data in TOML, read strictly.

Every entry carries texts it must fire on (``matches``) and texts it must leave alone (``misses``); tests run them all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from knowledge.corpus.typography import HAN
from knowledge.tables import Row, Table, TableError, bundled, check_unique

BUNDLED = ("gate.toml", "gate_slips.toml", "gate_masks.toml")
"""The tables that ship with the program: set phrases, slips and deletions, masks and figures."""

_KINDS = ("X", "letters", "stars", "某", "某某")


class Decision(StrEnum):
    """What an entry does with the text it finds."""

    REPAIR = "repair"
    SLOT = "slot"
    WITHHOLD = "withhold"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Entry:
    """One wrong form (误写) and what to do with it.

    The pattern is tried only where one of ``cues`` occurs. ``since`` and ``until`` bound the years of report for which
    the repair is certain; outside of them, and for a report of unknown year, ``otherwise`` holds (withhold or leave).
    """

    id: str
    pattern: re.Pattern[str]
    cues: tuple[str, ...]
    decision: Decision
    replacement: str
    reason: str
    source: str | None
    since: int | None
    until: int | None
    otherwise: Decision
    matches: tuple[str, ...]
    misses: tuple[str, ...]

    def decide(self, year: int | None) -> Decision:
        """Return the decision for a report of that year (``None``: not known)."""
        if self.since is None and self.until is None:
            return self.decision
        fits = year is not None and (self.since or year) <= year <= (self.until or year)
        return self.decision if fits else self.otherwise

    def occurs(self, text: str) -> bool:
        """Tell whether a cue stands in the text: far cheaper than the pattern."""
        return any(cue in text for cue in self.cues)


@dataclass(frozen=True, slots=True)
class MaskRule:
    r"""What one kind of mask (遮字) stands for, told from its neighbours; the first rule that fits decides.

    ``before`` has to match up to the mask, ``after`` from its end on, ``token`` the mask itself. ``result`` takes the
    mask's place (``\g<measure>`` is the measure word found) and, with ``takes``, the place of what ``after`` matched.
    """

    id: str
    of: frozenset[str]
    token: re.Pattern[str] | None
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    decision: Decision
    result: str
    takes: bool
    reason: str
    matches: tuple[str, ...]
    misses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GateTable:
    """Everything the gate knows, compiled once and handed to every ``clean``."""

    entries: tuple[Entry, ...]
    masks: tuple[MaskRule, ...]
    figure: re.Pattern[str]


def load_gate(*paths: Path) -> GateTable:
    """Read the gate's tables: those that ship with the program, or the given files in their place.

    Raises ``TableError`` with the file, the entry and the slip; ``OSError`` for a file that can't be read.
    """
    tables = [Table(path.name, path.read_text(encoding="utf-8")) for path in paths] or [
        bundled(name) for name in BUNDLED
    ]
    parsed = [table.parse("entry", "mask", "measure") for table in tables]
    measures = [word for rows in parsed for row in rows["measure"] for word in _measure(row)]
    if not measures:
        raise TableError(f"{tables[0].name}：没有量词表[[measure]]")
    # The longest first: 场次 before 场, whatever must not follow it.
    measures.sort(key=lambda measure: len(measure[0]), reverse=True)
    bare = "|".join(word for word, _ in measures)
    guarded = "|".join(word + (f"(?!{unlike})" if unlike else "") for word, unlike in measures)
    entries = tuple(_entry(row) for rows in parsed for row in rows["entry"])
    masks = tuple(_mask(row, guarded) for rows in parsed for row in rows["mask"])
    ids = [entry.id for entry in entries] + [rule.id for rule in masks]
    check_unique(
        ((name, str(place)) for place, name in enumerate(ids)),
        lambda name, _first, _second: f"把关表：编号“{name}”重复",
    )
    return GateTable(entries, masks, _figure(bare))


def _measure(row: Row) -> list[tuple[str, str | None]]:
    words, unlike = row.texts("words", required=True), row.optional_text("unlike")
    row.finish()
    return [(word, unlike) for word in words]


def _entry(row: Row) -> Entry:
    decision = Decision(row.choice("decision", (Decision.REPAIR, Decision.SLOT, Decision.WITHHOLD)))
    entry = Entry(
        id=row.text("id"),
        pattern=_pattern(row, row.text("pattern")),
        cues=row.texts("cues", required=True),
        decision=decision,
        replacement=row.optional_text("replacement") or "",
        reason=row.text("reason"),
        source=row.optional_text("source"),
        since=row.number("since"),
        until=row.number("until"),
        otherwise=Decision(row.optional_text("otherwise") or Decision.WITHHOLD),
        matches=row.texts("matches", required=True),
        misses=row.texts("misses", required=True),
    )
    row.finish()
    if decision is Decision.WITHHOLD and entry.replacement:
        raise row.error("扣留的条目不写“replacement”")
    if entry.otherwise not in {Decision.WITHHOLD, Decision.LEAVE}:
        raise row.error("“otherwise”只能是withhold或leave")
    return entry


def _mask(row: Row, measures: str) -> MaskRule:
    def neighbour(key: str) -> re.Pattern[str] | None:
        text = row.optional_text(key)
        return None if text is None else _pattern(row, text.replace("<measure>", f"(?P<measure>{measures})"))

    of = row.texts("of", required=True)
    if unknown := set(of) - set(_KINDS):
        raise row.error(f"“of”里有不认识的遮字：{'、'.join(sorted(unknown))}")
    rule = MaskRule(
        id=row.text("id"),
        of=frozenset(of),
        token=neighbour("token"),
        before=neighbour("before"),
        after=neighbour("after"),
        decision=Decision(row.choice("decision", tuple(Decision))),
        result=row.optional_text("result") or "",
        takes=row.flag("takes"),
        reason=row.text("reason"),
        matches=row.texts("matches", required=True),
        misses=row.texts("misses", required=True),
    )
    row.finish()
    if (rule.decision in {Decision.REPAIR, Decision.SLOT}) != bool(rule.result):
        raise row.error("订正和空位要写“result”，其余不写")
    return rule


def _pattern(row: Row, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text.replace("<han>", f"[{HAN}]"), re.MULTILINE)
    except re.error as error:
        raise row.error(f"表达式写错了：{text}（{error}）") from error


def _figure(measures: str) -> re.Pattern[str]:
    """Return the expression of an Arabic figure with its measure word; 第3次 is an ordinal, 24小时 a set phrase."""
    rest = r"\d*+(?:,\d{3})*+(?:\.\d++)?"
    return re.compile(
        rf"(?P<number>[0-9](?<![A-Za-z\d.第×].){rest})(?!(?<=24) ?小时|(?<=365) ?天)(?: ?[-—–~～至] ?\d{rest})?"
        rf" ?(?:余|多|几)?(?:个(?=场次|人次|批次|班次|期次|小时))?(?P<scale>[十百千]?(?:万亿|[万亿])?)(?:余|多)?"
        rf"(?P<measure>{measures})"
    )
