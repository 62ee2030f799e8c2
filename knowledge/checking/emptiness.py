"""Empty talk (空话): a long sentence of stock words that names nothing one could look at or count. Hints only, and few."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.checking.declaring import LANGUAGE, Hit, Kind
from knowledge.checking.model import Category, Copy, Level, Rule
from knowledge.tables import Table, TableError, bundled, check_unique

TABLE = "checking_emptiness.toml"
"""The stock words and the words of fact that ship with the program."""

SHORTEST = 60
"""Shortest sentence, in characters, that may be called empty: a short one is a heading or a link."""

FEWEST = 8
"""How many stock words make a sentence empty."""

MOST = 5
"""Most hints per text: more would only annoy."""

_SPARSEST = 9
"""At most so many characters to a stock word: a long sentence holds some of them anyway."""

_KIND = Kind(Category.EMPTY, LANGUAGE)
_SENTENCE = re.compile(r"[^。！？\n]+")
_FACT = (
    r"[\d【Xx×*%％“《]|[一二三四五六七八九十百千几多两][次名人个项条件场期篇份家户支批轮级]|第[一二三四五六七八九十]"
)


@dataclass(frozen=True, slots=True)
class Wordlist:
    """What tells empty talk: the words that fit everywhere, and whatever shows a fact."""

    stock: re.Pattern[str]
    fact: re.Pattern[str]

    @classmethod
    def read(cls, table: Table) -> Wordlist:
        """Return the words of ``table``; raises ``TableError`` for any slip in it."""
        rows = table.parse("stock", "fact")
        lists: dict[str, tuple[str, ...]] = {}
        for key, entries in rows.items():
            words: list[str] = []
            for row in entries:
                words += row.texts("words", required=True)
                row.finish()
            lists[key] = tuple(words)
        check_unique(
            ((word, f"{key}{place}") for key, words in lists.items() for place, word in enumerate(words)),
            lambda word, _first, _second: f"{table.name}：“{word}”写了两次",
        )
        if not all(lists.values()):
            raise TableError(f"{table.name}：缺[[stock]]或[[fact]]")
        return cls(re.compile(_either(lists["stock"])), re.compile(f"{_FACT}|{_either(lists['fact'])}"))


def rules(table: Table | None = None) -> tuple[Rule, ...]:
    """Return the rule on empty talk; ``table`` takes the place of the words that ship with the program."""
    words = Wordlist.read(bundled(TABLE) if table is None else table)

    def look(copy: Copy) -> Iterator[Hit]:
        told = 0
        for start, end in copy.lines:
            if told < MOST and (span := _emptiest(copy.text, start, end, words)) is not None:
                told += 1
                yield Hit(*span, "这句多为通用词，没有具体做法、对象或数字，可补一两个实例")

    return (
        _KIND.rule(
            "empty.talk",
            Level.HINT,
            "空话较多",
            look,
            flags=(
                "下一步，将进一步提高思想认识，切实增强责任感和使命感，不断强化责任担当，持续加强作风建设，深入推进各项工作，全面提升工作水平，努力开创各项工作新局面。",
                "始终坚持高度重视，切实加强组织领导，不断健全工作机制，持续压实各方责任，扎实推进重点任务，着力提升工作质量，全面增强整体合力，确保各项工作落地见效。",
            ),
            misses=(
                "进一步提高思想认识，切实加强学习教育，全年组织集中学习12次，持续强化责任担当，深入推进各项工作，全面提升工作水平，努力开创新局面。",
                "坚持把学习摆在首位，不断提高认识，持续强化担当。",
                "进一步健全支委会议事规则，每月梳理任务清单，由支部书记逐项督办，切实加强跟踪问效，持续推动工作落实，全面提升组织生活质量。",
            ),
        ),
    )


def _emptiest(text: str, start: int, end: int, words: Wordlist) -> tuple[int, int] | None:
    """Return the emptiest sentence of a paragraph, if one is empty."""
    best, most = None, FEWEST - 1
    if end - start < SHORTEST:
        return None
    for found in _SENTENCE.finditer(text, start, end):
        first, last = found.start() + len(found[0]) - len(found[0].lstrip()), found.end()
        if last - first < SHORTEST or words.fact.search(text, first, last):
            continue
        count = sum(1 for _ in words.stock.finditer(text, first, last))
        if count > most and count * _SPARSEST >= last - first:
            best, most = (first, last), count
    return best


def _either(words: tuple[str, ...]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
