"""The gate's tables (把关表): what is repaired, what becomes a blank, what is withheld, and what the checker tells of it.

Data in TOML, read strictly. Every entry carries texts it must fire on (``matches``) and texts it must leave alone (``misses``); tests run them all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from knowledge.checking.model import Category, Level
from knowledge.corpus.typography import HAN
from knowledge.tables import Row, Table, TableError, bundled, check_unique

BUNDLED = ("gate.toml", "gate_slips.toml", "gate_masks.toml")
"""The tables that ship with the program: set phrases, slips and deletions, masks and figures."""

_KINDS = ("X", "letters", "stars", "某", "某某")


class Decision(StrEnum):
    """What the gate does with the text an entry finds; ``TELL`` is left alone by it and told by the checker only."""

    REPAIR = "repair"
    SLOT = "slot"
    WITHHOLD = "withhold"
    LEAVE = "leave"
    TELL = "tell"


_ENTRY_DECISIONS = (Decision.REPAIR, Decision.SLOT, Decision.WITHHOLD, Decision.TELL)


@dataclass(frozen=True, slots=True)
class Telling:
    r"""What the checker (校对) says of an entry's text.

    ``right`` is what should stand there where the gate has no replacement (``\1`` is a group of the pattern, ``None``: no
    single answer). It stays silent in a sentence that holds ``unless``.
    """

    level: Level
    category: Category
    title: str | None
    right: str | None
    unless: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One wrong form (误写) and what to do with it.

    The pattern is tried only where one of ``cues`` occurs. ``since`` and ``until`` bound the years of report for which
    the repair is certain; outside of them, and for a report of unknown year, ``otherwise`` holds (withhold or leave).
    ``telling`` is missing where only the gate uses the entry.
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
    telling: Telling | None

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
    """Everything the gate knows, compiled once and handed to every ``clean``; ``told`` is the checker's part of it."""

    entries: tuple[Entry, ...]
    told: tuple[Entry, ...]
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
    entries = tuple(read_entry(row) for rows in parsed for row in rows["entry"])
    masks = tuple(_mask(row, guarded) for rows in parsed for row in rows["mask"])
    ids = [entry.id for entry in entries] + [rule.id for rule in masks]
    check_unique(
        ((name, str(place)) for place, name in enumerate(ids)),
        lambda name, _first, _second: f"把关表：编号“{name}”重复",
    )
    kept = tuple(entry for entry in entries if entry.decision is not Decision.TELL)
    told = tuple(entry for entry in entries if entry.telling is not None)
    return GateTable(kept, told, masks, _figure(bare))


def _measure(row: Row) -> list[tuple[str, str | None]]:
    words, unlike = row.texts("words", required=True), row.optional_text("unlike")
    row.finish()
    return [(word, unlike) for word in words]


def read_entry(row: Row, category: Category | None = None) -> Entry:
    """Return the entry of a row; ``category`` is the one of a table that holds a single kind of wrong forms.

    Without ``decision`` the checker alone tells it. Raises ``TableError`` for any slip.
    """
    stated = row.optional_text("decision") or Decision.TELL
    if stated not in _ENTRY_DECISIONS:
        raise row.error("“decision”只能是repair、slot、withhold或tell")
    decision = Decision(stated)
    otherwise = Decision.LEAVE if decision is Decision.TELL else Decision.WITHHOLD
    entry_id = row.text("id")
    entry = Entry(
        id=entry_id,
        pattern=_pattern(row, row.text("pattern")),
        cues=row.texts("cues", required=True),
        decision=decision,
        replacement=row.optional_text("replacement") or "",
        reason=row.text("reason"),
        source=row.optional_text("source"),
        since=row.number("since"),
        until=row.number("until"),
        otherwise=Decision(row.optional_text("otherwise") or otherwise),
        matches=row.texts("matches", required=True),
        misses=row.texts("misses", required=True),
        telling=_telling(row, decision, category or _CATEGORIES.get(entry_id.partition(".")[0], Category.PHRASE)),
    )
    row.finish()
    if decision in {Decision.WITHHOLD, Decision.TELL} and entry.replacement:
        raise row.error("扣留和只提示的条目不写“replacement”")
    if entry.otherwise not in {Decision.WITHHOLD, Decision.LEAVE}:
        raise row.error("“otherwise”只能是withhold或leave")
    return entry


_CATEGORIES = {
    "deleted": Category.SLIP,
    "slip": Category.SLIP,
    "usage": Category.SLIP,
    "stop": Category.PUNCTUATION,
    "web": Category.WEB,
}
"""What an entry is about, by the first part of its id, where it does not say so itself."""


def _telling(row: Row, decision: Decision, category: Category) -> Telling | None:
    """Take the checker's keys; what is repaired with certainty is certainly wrong, the rest is to be looked at."""
    level = Level.WRONG if decision is Decision.REPAIR else Level.DOUBTFUL
    stated, kind, unless = (row.optional_text(key) for key in ("level", "category", "unless"))
    if not row.flag("check", default=True):
        if decision is Decision.TELL or stated or kind or unless:
            raise row.error("“check = false”的条目不写“level”“category”“unless”，也不能只提示")
        return None
    for key, value, allowed in (("level", stated, list(Level)), ("category", kind, list(Category))):
        if value is not None and value not in allowed:
            raise row.error(f"“{key}”只能是{'、'.join(allowed)}，不能是“{value}”")
    if unless is not None and decision is not Decision.TELL:
        raise row.error("“unless”只用于只提示的条目")
    return Telling(
        level=Level(stated or level),
        category=Category(kind or category),
        title=row.optional_text("title"),
        right=row.optional_text("right"),
        unless=None if unless is None else _pattern(row, unless),
    )


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
