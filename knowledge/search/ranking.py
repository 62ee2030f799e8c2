"""Order passages and heading sets by what a writer wants first; deterministic, explained weight by weight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from knowledge.build.headings import parallelism, shape
from knowledge.model import HeadingSet, Passage, Role

# What people copy first when they name a subject and no role: what was done, then what came of it.
_ROLE_WEIGHT = {
    Role.PRACTICE: 1.0,
    Role.RESULT: 0.8,
    Role.PLAN: 0.2,
    Role.CLOSING: 0.0,
    Role.CAUSE: -2.0,
    Role.PROBLEM: -2.0,
    Role.OPENING: -2.0,
}
COMFORTABLE = range(28, 121)
"""Length in characters that copies well on a phone and still says something."""

WORDS_WEIGHT = 8.0
"""What a passage gains that has every word of the question; as much as being about the topic and naming it."""

WARNING = 1.5
"""What a passage loses whose wording does not fit the reader's year."""

WINDOW = 24
"""How far down the list an order is refined: some pages of it."""

REPEAT_PENALTY = 0.9
"""What a passage loses for each of the last few passages from the same report: a page shows several voices."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What passages are ordered by.

    ``alias`` is the name the subject was asked for by, ``names`` all its names, its own first; ``shares`` says how much
    of the question's words a passage has (0–1, by id); ``marked`` which passages carry a warning: they come later.
    """

    topic: str | None = None
    alias: str = ""
    names: Sequence[str] = ()
    role: Role | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    marked: Callable[[Passage], bool] = lambda _: False


def rank_passages(passages: Iterable[Passage], wanted: Wanted) -> tuple[Passage, ...]:
    """Return ``passages`` best first."""
    scored = sorted(((_score(passage, wanted), passage) for passage in passages), key=_order)
    # Judging the year costs more than all the rest: only what may come to be shown first is judged.
    head = [(score - (WARNING * wanted.marked(passage)), passage) for score, passage in scored[:WINDOW]]
    return _diversify([*sorted(head, key=_order), *scored[WINDOW:]])


def _order(entry: tuple[float, Passage]) -> tuple[float, str, int]:
    score, passage = entry
    return -score, passage.sources[0].report, passage.sources[0].start


def rank_sets(sets: Iterable[HeadingSet], topic: str | None = None) -> tuple[HeadingSet, ...]:
    """Return ``sets`` best first: parallel ones, then longer ones; those under ``topic`` itself lead."""

    def key(found: HeadingSet) -> tuple[float, float, str, int]:
        own = 0 if topic is None or found.topics[:1] == (topic,) else 1
        # Two clauses and the second level are what people mean by 小标题; six headings are enough for any section.
        weight = parallelism(found.headings) + min(len(found.headings), 6) / 20
        weight += 0.2 * (len(shape(found.headings)) > 1) + 0.1 * (found.headings[0].level == 2)
        return (own, -weight, found.source.report, found.source.start)

    return tuple(sorted(sets, key=key))


def _score(passage: Passage, wanted: Wanted) -> float:
    text = passage.text
    score = 0.0 if wanted.role else _ROLE_WEIGHT[passage.role]
    if wanted.role is Role.OPENING:
        # An opening is worth what it opens with: guidance, situation, purpose. The announcement alone is a formula.
        score += min(len(text), 160) / 50
    if wanted.topic is not None and wanted.topic in passage.topics:
        score += 3.0 - min(passage.topics.index(wanted.topic), 2)
    score += _names_weight(text, wanted)
    score += WORDS_WEIGHT * wanted.shares.get(passage.id, 0.0)
    if len(text) in COMFORTABLE:
        score += 0.6
    if text.endswith(("。", "！")):
        score += 0.3
    score += 0.3 * (len({source.report for source in passage.sources}) - 1)
    return score - 0.15 * min(text.count("【"), 6)


def _names_weight(text: str, wanted: Wanted) -> float:
    """The name that was typed counts most, then the subject's own, then any other; at the head of the text more."""
    names = [name for name in (wanted.alias, *wanted.names) if name and name in text]
    if not names:
        return 0.0
    weight = 3.0 if wanted.alias in names or names[0] == wanted.names[0] else 1.0
    return weight + (1.0 if min(text.find(name) for name in names) < 24 else 0.0)


def _diversify(scored: Sequence[tuple[float, Passage]]) -> tuple[Passage, ...]:
    """Take the best again and again, each time a little less from a report just quoted. Looks at a short window only."""
    waiting = list(scored)
    chosen: list[Passage] = []
    while waiting:
        recent = [passage.sources[0].report for passage in chosen[-2:]]
        window = waiting[:WINDOW]
        best = max(
            range(len(window)),
            key=lambda place: (
                window[place][0] - REPEAT_PENALTY * recent.count(window[place][1].sources[0].report),
                -place,
            ),
        )
        chosen.append(waiting.pop(best)[1])
    return tuple(chosen)
