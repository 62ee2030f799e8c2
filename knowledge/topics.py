"""Topics (板块) and the narrower terms people ask for by name: found in a question, assigned to a passage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.cues import HIDDEN, PLAIN, STRONG, WEAK, Cue, CueSheet
from knowledge.formulations import Formulations
from knowledge.lexicon import Lexicon
from knowledge.tables import Row, Table, TableError, bundled, check_unique

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Three points make a topic: one strong cue, or a plain one and a weak one.
_ENOUGH = 3
# A heading speaks for its whole section, but weaker than the passage's own words.
_HEADING = 2
# A topic with less than this share of the first topic's points is only mentioned; a long list of cues for the first
# raises the bar up to the given number of points.
_BEHIND, _FAR_AHEAD = 0.25, 16


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: ``name`` is its key and what a user reads; ``related`` runs from the nearest outwards.

    ``unnamed`` phrases of a question hold its name without meaning it (宣传部 is not the topic 宣传).
    """

    name: str
    aliases: tuple[str, ...]
    related: tuple[str, ...]
    parent: str | None
    unnamed: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A term narrower than a topic (三会一课); ``note`` says what it means or where it is in use."""

    name: str
    aliases: tuple[str, ...]
    topic: str
    note: str | None
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicMention:
    """A topic named in a question: ``text[start:end]`` is ``alias``; ``term`` is set if a narrower term named it."""

    topic: str
    alias: str
    start: int
    end: int
    term: str | None = None


class Topics:
    """All topics and terms; immutable once loaded."""

    def __init__(self, topics: Sequence[Topic], terms: Sequence[Term], cues: CueSheet) -> None:
        self.topics = tuple(topics)
        self.terms = tuple(terms)
        self._cues = cues
        self._by_name = {topic.name: topic for topic in self.topics}
        named: dict[str, tuple[str, Term | None] | None] = {}
        for topic in self.topics:
            named.update(dict.fromkeys(topic.unnamed))
        for topic in self.topics:
            named.update((alias, (topic.name, None)) for alias in (topic.name, *topic.aliases))
        for term in self.terms:
            named.update((alias, (term.topic, term)) for alias in (term.name, *term.aliases))
        self._names = Lexicon(named)

    @classmethod
    def load(cls) -> Topics:
        """Return the topics that ship with the program."""
        return cls.read(bundled("topics.toml"), Formulations.load())

    @classmethod
    def read(cls, table: Table, formulations: Formulations | None = None) -> Topics:
        """Return the topics of ``table``; raises ``TableError`` for any slip in it.

        Formulations (三个务必) are terms too, under the topic their entry names, where the table itself has none.
        """
        rows = table.parse("topic", "term")
        cues: dict[str, list[Cue]] = {}
        topics = [_read_topic(row, place, cues) for place, row in enumerate(rows["topic"])]
        terms = [_read_term(row) for row in rows["term"]]
        _check(table.name, topics, terms)
        if formulations is not None:
            terms.extend(_terms_of(formulations, topics, terms))
        return cls(topics, terms, CueSheet(cues))

    def get(self, name: str) -> Topic | None:
        """Return the topic of that name."""
        return self._by_name.get(name)

    def find(self, text: str) -> tuple[TopicMention, ...]:
        """Return the topics a question names, by name, alias or term, in order; the longest name at each place."""
        return tuple(
            TopicMention(topic, text[start:end], start, end, term.name if term else None)
            for start, end, (topic, term) in self._named(text)
        )

    def term(self, text: str) -> Term | None:
        """Return the first narrower term that a question names."""
        return next((term for _, _, (_, term) in self._named(text) if term), None)

    def _named(self, text: str) -> Iterator[tuple[int, int, tuple[str, Term | None]]]:
        for start, end, meant in self._names.longest(text):
            if meant is not None:
                yield start, end, meant

    def related(self, name: str) -> tuple[str, ...]:
        """Return the nearest topics of a topic, nearest first; none for a name that is no topic."""
        topic = self._by_name.get(name)
        return topic.related if topic else ()

    def classify(self, text: str, headings: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the topics a passage is about, the likeliest first; ``headings`` run from the outermost inwards.

        The passage's own words decide, its first clause most. The innermost heading that names a topic helps it over
        the line where the passage barely touches it, and decides where the passage says nothing. A topic far behind
        the first is mentioned, not meant, and is left out. No topic is a valid answer.
        """
        own = self._cues.weigh(text)
        above: dict[int, int] = {}
        for heading in reversed(headings):
            above = dict.fromkeys(self._cues.named_by(heading), _HEADING)
            if above:
                break
        total = {topic: points + above.get(topic, 0) for topic, points in own.items()}
        bar = max(_ENOUGH, _BEHIND * min(max(total.values(), default=0), _FAR_AHEAD))
        chosen = [topic for topic, points in total.items() if points >= bar]
        if not any(own[topic] >= _ENOUGH for topic in chosen):
            chosen.extend(topic for topic in above if topic not in chosen)
        chosen.sort(key=lambda topic: (-total.get(topic, 0), -own.get(topic, 0), topic))
        return tuple(self.topics[topic].name for topic in chosen)


def _read_topic(row: Row, place: int, cues: dict[str, list[Cue]]) -> Topic:
    topic = Topic(
        name=row.text("name"),
        aliases=row.texts("aliases") + row.texts("colloquial"),
        related=row.texts("related", required=True),
        parent=row.optional_text("parent"),
        unnamed=row.texts("unnamed"),
        source=row.texts("source", required=True),
    )
    seen: set[str] = set()
    for key, points in (("strong", STRONG), ("cues", PLAIN), ("weak", WEAK), ("hidden", HIDDEN)):
        for phrase in row.texts(key, required=key == "strong"):
            if phrase in seen:
                raise row.error(f"“{phrase}”在这个板块里写了两次")
            seen.add(phrase)
            cues.setdefault(phrase, []).append(Cue(place, points, points if points >= PLAIN else 0))
    for phrase in row.texts("headings"):
        if phrase not in seen:
            cues.setdefault(phrase, []).append(Cue(place, 0, PLAIN))
    row.finish()
    return topic


def _read_term(row: Row) -> Term:
    term = Term(
        name=row.text("name"),
        aliases=row.texts("aliases"),
        topic=row.text("topic"),
        note=row.optional_text("note"),
        source=row.texts("source", required=True),
    )
    row.finish()
    return term


def _terms_of(formulations: Formulations, topics: Sequence[Topic], terms: Sequence[Term]) -> Iterator[Term]:
    known = {topic.name for topic in topics}
    claims = [*((topic.name, topic.aliases) for topic in topics), *((term.name, term.aliases) for term in terms)]
    taken = {alias for name, aliases in claims for alias in (name, *aliases)}
    for entry in formulations.entries:
        if entry.topic is None:
            continue
        if entry.topic not in known:
            raise TableError(f"formulations.toml：“{entry.term}”的板块“{entry.topic}”不存在")
        if entry.term not in taken:
            aliases = tuple(alias for alias in entry.aliases if alias not in taken)
            yield Term(entry.term, aliases, entry.topic, entry.note, entry.source)


def _check(table: str, topics: Sequence[Topic], terms: Sequence[Term]) -> None:
    known = {topic.name for topic in topics}
    wanted = [(topic.name, name) for topic in topics for name in (*topic.related, *filter(None, [topic.parent]))]
    for owner, name in (*wanted, *((term.name, term.topic) for term in terms)):
        if name not in known or name == owner:
            raise TableError(f"{table}：“{owner}”指向的板块“{name}”不存在或就是它自己")
    entries = [*((topic.name, topic.aliases) for topic in topics), *((term.name, term.aliases) for term in terms)]
    if len({name for name, _ in entries}) != len(entries):
        raise TableError(f"{table}：有重复的名称")
    check_unique(
        ((alias, name) for name, aliases in entries for alias in (name, *aliases)),
        lambda alias, first, second: f"{table}：“{alias}”同时属于“{first}”和“{second}”",
    )
