"""Find the passages that answer a question, best first, and know when there are none."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from knowledge.model import Passage, Role
from knowledge.search.engine import Demand, Facet, Query
from knowledge.search.ranking import Wanted, rank_passages
from knowledge.segmentation import Segmenter
from knowledge.store import KnowledgeBase
from knowledge.tableset import TableSet
from knowledge.topics import Term, Topic

COVERAGE = 0.5
"""Share of a free question's words (by rarity) that a passage must hold to count as an answer."""

MOST = 150
"""Up to how many passages of a topic are all ordered."""

KEPT = 60
"""How many of more than that are: those that name the subject best. Nobody reads further."""

COUNTS = 1024
"""Of how many topics with a role the number of passages is remembered."""

HITS = 60
"""How many hits of the words of a question are looked at."""

_PLACES = frozenset({Role.OPENING, Role.CLOSING})
"""Roles that are a place in the text: what stands elsewhere is neither, whatever it says."""

_FIGURE = re.compile(r"【X[^【】]{0,6}】|[0-9]")
_HARSH = re.compile(
    "严重|极其|薄弱|淡薄|缺失|缺乏|普遍偏|根本|完全没|流于形式|形同虚设|打折扣|显著|大幅|全面提升|一流|第一|最强|极大"
)

CHATTER = (
    "你好|您好|谢谢|多谢|辛苦|麻烦|劳驾|今天|明天|后天|下周|马上|赶紧|着急|急用|要交|快点|快一点|想问|问一下|请教|打扰|"
    "领导让|让我|叫我|不会写|完全不会|没思路|没头绪|后面接什么|前面写什么|前面接什么|后面写什么|过去|今后|未来|五年|几年|近几年|近年来|简单|写写|随便|大概|老师"
)
"""What people say around a wish: courtesies, haste, whose wish it is, how long ago. It is never a subject."""

# Words that ask, point or fill: they are no subject and need not occur in an answer.
_FILLERS = re.compile(
    r"有没有|有啥|用什么|用啥|有什么|现成|怎么带进去|怎么放进去|带进去|放进去|想写|想要|我想|想|可以写|写什么|这种|那种|这边|那边|哪些|大家|能写进|做了|进行|这类|之类|那些|这些|那句|这句|那段|这段|那块|这块|一段|一句|句子|"
    f"的话|几句|几条|多少次|多少篇|多少|总要求|在总结里|总结里|写进|里面|时候|一些|什么|怎么|如何|可以|应该|一下|比较|能用|好用|直接|帮忙|请|{CHATTER}|第一句|再来|一遍|合适|写得好|好一点|说明|举个"
)


@dataclass(frozen=True, slots=True)
class PhraseQuery:
    """What passages are wanted: by topic, term, role, in free words, or from one section of a report.

    ``alias`` is the name the subject was asked for by and ``about`` the subject in the user's words. ``length`` is in
    characters: at most that many with ``within``, else about that many. ``without`` is a word not to occur, ``figures``
    whether there must be blanks for figures or none, ``soft`` whether harsh wording is left out; passages from reports of
    unit ``level`` and of ``kind`` come first.
    """

    topic: str | None = None
    term: str | None = None
    alias: str = ""
    role: Role | None = None
    about: str = ""
    report: str | None = None
    section: int | None = None
    length: int | None = None
    within: bool = False
    without: str = ""
    figures: bool | None = None
    soft: bool = False
    level: str | None = None
    kind: str | None = None


class PhraseFinder:
    """Finds passages in one knowledge base. ``marked`` tells whether a passage does not fit the reader's year."""

    def __init__(
        self,
        base: KnowledgeBase,
        tables: TableSet,
        segmenter: Segmenter,
        marked: Callable[[Passage, int], bool],
    ) -> None:
        self._base = base
        self._tables = tables
        self._segmenter = segmenter
        self._marked = marked
        self._count = lru_cache(COUNTS)(base.count_passages)

    def find(self, query: PhraseQuery, year: int) -> tuple[Passage, ...]:
        """Return every passage that answers ``query`` (a topic, a term, a role or free words), best first."""
        shares = self._shares(query)
        if query.topic:
            found = self._of_topic(query, shares)
        elif query.role:
            found = self._of_role(query, shares)
        else:
            found = self._about(query.about, shares)
        wanted = Wanted(
            topic=query.topic,
            alias=query.alias,
            names=self.names(query.term or query.topic),
            role=query.role,
            shares=shares,
            marked=lambda passage: self._marked(passage, year),
        )
        return rank_passages(found, wanted)

    def names(self, name: str | None) -> tuple[str, ...]:
        """Return every name of a term or topic, its own first."""
        topics = self._tables.topics
        entries: tuple[Topic | Term, ...] = (*topics.terms, *topics.topics)
        return tuple(word for entry in entries if entry.name == name for word in (entry.name, *entry.aliases))

    def _of_topic(self, query: PhraseQuery, shares: Mapping[str, float]) -> Iterable[Passage]:
        found = {p.id: p for p in self._candidates(query)}
        hits = [p for p in self._base.passages(shares) if query.role in {None, p.role}]
        if query.term:
            # A narrower term is asked for by name: passages that use it are the answer, the rest of the topic is not.
            names = (query.alias or query.term, *self.names(query.term))
            using = (p for p in (*found.values(), *hits) if any(name in p.text for name in names))
            return {p.id: p for p in using}.values()
        # Elsewhere the words themselves must be there, all of them: 优秀青年干部占比 stands under 党务干部.
        words = self._content(query.about)
        found.update((p.id, p) for p in hits if words and self._coverage(p, words) > 0.99)
        return found.values()

    def _of_role(self, query: PhraseQuery, shares: Mapping[str, float]) -> Iterable[Passage]:
        words = self._content(query.about)
        if words and not any(self._base.engine.document_frequency(word) for word in words):
            return ()
        found = {p.id: p for p in self._candidates(query)}
        if query.role not in _PLACES:
            found.update((p.id, p) for p in self._base.passages(shares) if words and self._coverage(p, words) > 0.99)
        return found.values()

    def is_cut(self, query: PhraseQuery) -> bool:
        """Whether the topic and role have more passages than are all ordered."""
        named = query.topic or query.role
        return bool(named) and self._count(topic=query.topic, role=query.role) > MOST

    def _candidates(self, query: PhraseQuery) -> tuple[Passage, ...]:
        """Return the passages of a topic and role: all of them, or of very many those that name the subject best."""
        if not self.is_cut(query):
            return self._base.find_passages(topic=query.topic, role=query.role)
        demands = [Demand(Facet.TOPIC, (query.topic,))] if query.topic else []
        demands += [Demand(Facet.ROLE, (query.role.value,))] if query.role else []
        text = f"{query.about} {query.term or ''} {query.topic or ''}"
        hits = self._base.search(Query(text=text, demands=tuple(demands), limit=KEPT))
        return self._base.passages(hit.id for hit in hits) or self._base.find_passages(
            topic=query.topic, role=query.role, limit=KEPT
        )

    def _about(self, about: str, shares: Mapping[str, float]) -> Iterable[Passage]:
        words = self._content(about)
        if not words:
            return ()
        return [p for p in self._base.passages(shares) if self._coverage(p, words) >= COVERAGE]

    def _shares(self, query: PhraseQuery) -> dict[str, float]:
        """Return how much of the question's words each hit has (0–1), by id, best first."""
        about = _FILLERS.sub(" ", query.about)
        return {hit.id: hit.share for hit in self._base.search(Query(text=about, limit=HITS))} if about.strip() else {}

    def _content(self, text: str) -> dict[str, float]:
        """Return the words of a question that an answer should hold, with their rarity."""
        words = (word for word in self._segmenter.words(_FILLERS.sub(" ", text)) if len(word) > 1 and is_chinese(word))
        return {word: self._rarity(word) for word in dict.fromkeys(words)}

    def _coverage(self, passage: Passage, words: Mapping[str, float]) -> float:
        field = passage.text + "".join(passage.sources[0].section)
        return sum(weight * _held(word, field) for word, weight in words.items()) / sum(words.values())

    def _rarity(self, word: str) -> float:
        """Return how much a word tells, as inverse document frequency."""
        held = self._base.engine.document_frequency(word)
        return math.log(1 + self._base.count_passages() / (held + 0.5))


def _held(word: str, field: str) -> float:
    """Return how much of a word a text has: all of it, or of a long word its pairs of characters (优秀的青年干部)."""
    if word in field:
        return 1.0
    pairs = [word[at : at + 2] for at in range(len(word) - 1)]
    share = sum(pair in field for pair in pairs) / len(pairs)
    return share if len(word) > 2 and share >= 0.5 else 0.0


def is_chinese(word: str) -> bool:
    """Whether ``word`` consists of Chinese characters."""
    return all("\u4e00" <= character <= "\u9fff" for character in word)


def fits_form(text: str, query: PhraseQuery) -> bool:
    """Whether a passage has the form asked for: without a word, with or without figures, not harsh."""
    if query.without and query.without in text:
        return False
    if query.figures is not None and query.figures != bool(_FIGURE.search(text)):
        return False
    return not (query.soft and _HARSH.search(text))
