"""Read a question: the kind, the subjects and the role it names, and what is left of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from knowledge.kinds import KindMention
from knowledge.model import Role
from knowledge.normalization import normalize, simplify
from knowledge.roles import RoleMention
from knowledge.search.latin import LatinReader
from knowledge.search.phrases import is_chinese
from knowledge.search.spelling import Speller
from knowledge.segmentation import Segmenter
from knowledge.store import KnowledgeBase
from knowledge.synonyms import Correction
from knowledge.tableset import TableSet
from knowledge.topics import TopicMention

WORDS = 2048
"""Of how many words it is remembered whether some report uses them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A topic the question is about; ``term`` is the narrower term that named it, ``alias`` the words that did."""

    topic: str
    term: str | None
    alias: str

    @property
    def exact(self) -> bool:
        """Whether it was asked for by its own name; another name may stand for other things too (整改宿舍卫生)."""
        return self.alias == self.name

    @property
    def name(self) -> str:
        """What a user calls it."""
        return self.term or self.topic


@dataclass(frozen=True, slots=True)
class Question:
    """What a question names: a kind, subjects in order, a role.

    ``about`` is the text without kind and role, ``rest`` also without the subjects.
    """

    kind: str | None
    subjects: tuple[Subject, ...]
    role: Role | None
    about: str
    rest: str


# 写进总结里 and 在总结里 tell where a phrase goes; they do not ask for a summary.
_PLACED_BEFORE = re.compile(r"(?:写进|写到|放进|放到|加进|用在|写在|在|进|去年|上年)\Z")
_PLACED_INSIDE = re.compile(r"(?:写|放|加|用)(?:进|到|在)")
_PLACED_AFTER = re.compile(r"\A(?:里面|里|中|当中|上)(?!的?提纲)")

SUBJECT = "党建"
"""What all of it is about: no name of the tables, and the word that is typed most."""


class QuestionReader:
    """Reads questions to one knowledge base by the tables.

    ``words`` are further words that questions are made of (提纲, 例句) and may be misspelt. The segmenter tells a name
    from a part of a longer word (宣传 in 宣传片).
    """

    def __init__(self, base: KnowledgeBase, tables: TableSet, segmenter: Segmenter, words: Iterable[str] = ()) -> None:
        names = (*tables.names(), *words)
        self._latin = LatinReader((*names, SUBJECT))
        self._speller = Speller(names, tables.synonyms, segmenter)
        self._base = base
        self._tables = tables
        self._names = tables.names()
        self._segmenter = segmenter
        self._is_known = lru_cache(WORDS)(self._look_up)

    def load(self) -> None:
        """Load now what the first question would otherwise wait for."""
        self._segmenter.load()
        self._speller.load()

    def normalize(self, text: str) -> str:
        """Return ``text`` as it is searched: width, invisible characters, variants and traditional forms unified."""
        normal = normalize(text)
        # What the first time left as it was, the second time would.
        return (normal if normal == text else simplify(normal)).strip()

    def correct(self, text: str) -> tuple[str, tuple[Correction, ...]]:
        """Return a question in normal form with its misspelt terms and its pinyin put right, and what was changed."""
        text, read = self._latin.read(text)
        text, corrected = self._speller.correct(text)
        return text, (*read, *corrected)

    def known_words(self, text: str) -> tuple[str, ...]:
        """Return the words of ``text`` (two characters and more) that some report uses."""
        return tuple(word for word in self._words(text) if self._is_known(word))

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Return the words of ``text`` (two characters and more) that no report uses."""
        return tuple(word for word in self._words(text) if not self._is_known(word))

    def read(self, text: str) -> Question:
        """Return what ``text`` names."""
        inside = self._inside_words(text)
        mentions = [m for m in self._tables.topics.find(text) if not inside & {m.start, m.end}]
        kind = self._kind(text, mentions)
        if kind is not None:
            text = _blank(text, kind.start, kind.end)
            mentions = [m for m in self._tables.topics.find(text) if not inside & {m.start, m.end}]
        rest = text
        for mention in mentions:
            rest = _blank(rest, mention.start, mention.end)
        role, named = self._role(text, mentions)
        for mention_of_role in named:
            text = _blank(text, mention_of_role.start, mention_of_role.end)
            rest = _blank(rest, mention_of_role.start, mention_of_role.end)
        subjects = dict.fromkeys(Subject(mention.topic, mention.term, mention.alias) for mention in mentions)
        return Question(kind.kind if kind else None, tuple(subjects), role, text, rest)

    def _words(self, text: str) -> dict[str, None]:
        words = self._segmenter.words(text)
        return dict.fromkeys(word for word in words if len(word) > 1 and is_chinese(word))

    def _look_up(self, word: str) -> bool:
        """Whether some report uses a word, or a long word's parts (优秀青年: 优秀的青年)."""
        frequency = self._base.engine.document_frequency
        if frequency(word):
            return True
        parts = [part for part in self._segmenter.search_words(word) if len(part) > 1 and part != word]
        return len(word) > 3 and all(map(frequency, parts or (word[:2], word[2:])))

    def _kind(self, text: str, mentions: list[TopicMention]) -> KindMention | None:
        kind = self._tables.kinds.find(text)
        if kind is None or _PLACED_BEFORE.search(text[: kind.start]) or _PLACED_AFTER.search(text[kind.end :]):
            return None
        if _PLACED_INSIDE.search(kind.alias):
            return None
        # 述职评议 is a topic though 述职 is a kind: the name that reaches further is the one that was meant.
        if any(m.start < kind.end < m.end and m.end - m.start >= kind.end - kind.start for m in mentions):
            return None
        return kind

    def _role(self, text: str, mentions: list[TopicMention]) -> tuple[Role | None, list[RoleMention]]:
        """Return the role a question names and where it does; a role word inside a subject's name is none."""
        roles = [
            role
            for role in self._tables.roles.find(text)
            if role.end - role.start > 1 and not any(m.start < role.end and role.start < m.end for m in mentions)
        ]
        if not roles:
            return None, []
        # The role stands at the end of what is asked for: 党建品牌存在的问题.
        chosen = roles[-1].role if mentions else roles[0].role
        return chosen, [role for role in roles if role.role is chosen]

    def _inside_words(self, text: str) -> frozenset[int]:
        """Return the places inside words that everybody knows and that are no names of ours."""
        names = self._names
        places: set[int] = set()
        at = 0
        for word in self._segmenter.words(text):
            at = max(text.find(word, at), at)
            if len(word) > 2 and word not in names and self._segmenter.is_word(word):
                places.update(range(at + 1, at + len(word)))
            at += len(word)
        return frozenset(places)


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]
