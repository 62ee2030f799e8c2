"""Order passages and heading sets by what a writer wants first; deterministic, explained weight by weight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

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

REPEAT_PENALTY = 0.9
"""What a passage loses for each of the last few passages from the same report: a page shows several voices."""


def rank_passages(
    passages: Iterable[Passage],
    *,
    topic: str | None = None,
    words: Sequence[str] = (),
    role: Role | None = None,
    marked: Callable[[Passage], bool] = lambda _: False,
) -> tuple[Passage, ...]:
    """Return ``passages`` best first.

    ``words`` are the names of the subject, its own name first; a passage that uses one in its own words comes before one
    that merely stands under the topic. ``marked`` says which passages carry a warning; they come later.
    """
    scored = [(_score(passage, topic, words, role, marked), passage) for passage in passages]
    scored.sort(key=lambda entry: (-entry[0], entry[1].sources[0].report, entry[1].sources[0].start))
    return _diversify(scored)


def rank_sets(sets: Iterable[HeadingSet], topic: str | None = None) -> tuple[HeadingSet, ...]:
    """Return ``sets`` best first: parallel ones, then longer ones; those under ``topic`` itself lead."""

    def key(found: HeadingSet) -> tuple[float, float, str, int]:
        own = 0 if topic is None or found.topics[:1] == (topic,) else 1
        # Two clauses and the second level are what people mean by 小标题; six headings are enough for any section.
        weight = parallelism(found.headings) + min(len(found.headings), 6) / 20
        weight += 0.2 * (len(shape(found.headings)) > 1) + 0.1 * (found.headings[0].level == 2)
        return (own, -weight, found.source.report, found.source.start)

    return tuple(sorted(sets, key=key))


def _score(
    passage: Passage,
    topic: str | None,
    words: Sequence[str],
    role: Role | None,
    marked: Callable[[Passage], bool],
) -> float:
    text = passage.text
    score = 0.0 if role else _ROLE_WEIGHT[passage.role]
    if role is Role.OPENING:
        # An opening is worth what it opens with: guidance, situation, purpose. The announcement alone is a formula.
        score += min(len(text), 160) / 50
    if topic is not None and topic in passage.topics:
        score += 3.0 - min(passage.topics.index(topic), 2)
    found = [text.find(word) for word in words if word in text]
    if found:
        score += (3.0 if words[0] in text else 1.0) + (1.0 if min(found) < 24 else 0.0)
    if len(text) in COMFORTABLE:
        score += 0.6
    if text.endswith(("。", "！")):
        score += 0.3
    score += 0.3 * (len({source.report for source in passage.sources}) - 1)
    score -= 0.15 * min(text.count("【"), 6)
    return score - (1.5 if marked(passage) else 0.0)


def _diversify(scored: Sequence[tuple[float, Passage]]) -> tuple[Passage, ...]:
    """Take the best again and again, each time a little less from a report just quoted. Looks at a short window only."""
    waiting = list(scored)
    chosen: list[Passage] = []
    while waiting:
        recent = [passage.sources[0].report for passage in chosen[-2:]]
        window = waiting[:24]
        best = max(
            range(len(window)),
            key=lambda place: (
                window[place][0] - REPEAT_PENALTY * recent.count(window[place][1].sources[0].report),
                -place,
            ),
        )
        chosen.append(waiting.pop(best)[1])
    return tuple(chosen)
