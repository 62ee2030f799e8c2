"""Slips of the hand (错漏重字): a word, clause or sentence twice, a measure word too many, a pair without its partner."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.checking.declaring import LANGUAGE, Hit, Kind
from knowledge.checking.model import Category, Copy, Level, Rule
from knowledge.checking.repetition import Doublings, doubled_runs, is_chinese
from knowledge.tables import Table, bundled

TABLE = "checking_slips.toml"
"""The doublings that ship with the program."""

_SENTENCE = 18
"""Shortest sentence, in characters, whose return is worth a word: shorter ones are headings and slogans."""

_CLAUSE = 4
"""Shortest clause whose repetition side by side is a slip: 前进，前进 is a call."""

_MEASURE = re.compile(
    r"[二三四五六七八九十百两几\d](?:(?P<ge>个)个(?![个人体性案别股])|(?P<xiang>项)项(?!目)|(?P<tiao>条)条(?![例款目文幅])|"
    r"(?P<ming>名)名(?![师家人医字称额录])|(?P<ci>次)次(?!数|序|要|日|年)|(?P<jian>件)件|(?P<chang>场)场(?![所地景馆次合])|"
    r"(?P<pian>篇)篇(?![目章幅])|(?P<fen>份)份(?!额))"
)
_CLAUSES = re.compile(r"[^，、；。：！？,;\s“”‘’《》（）()]+")
_SENTENCES = re.compile(r"[^。！？；\n]+")
_SEPARATORS = frozenset("，、；。,;")
_DANGLING = re.compile(r"[，。；：、,;]的(?![确士卢黎])")


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two words that call for each other: the first, how far the second is looked for, and the second."""

    first: re.Pattern[str]
    stop: re.Pattern[str]
    second: re.Pattern[str]
    wanted: str


_SENTENCE_STOP = re.compile(r"[。！？；\n]")
_PARAGRAPH_STOP = re.compile(r"\n")
_PAIRS = (
    _Pair(re.compile("一方面(?<![这某哪何另那每各此双单又]...)"), _PARAGRAPH_STOP, re.compile("一方面"), "另一方面"),
    _Pair(re.compile("既要"), _SENTENCE_STOP, re.compile("[又也还更并且]|同时"), "又要、也要"),
    _Pair(re.compile("不仅(?!限|如此|仅)"), _SENTENCE_STOP, re.compile("[而还也更并又同都甚就且是]"), "还、而且"),
    _Pair(re.compile("一手抓(?<!另...)(?!到)"), _SENTENCE_STOP, re.compile("[一两双]手|手抓"), "一手抓"),
)


def rules(table: Table | None = None) -> tuple[Rule, ...]:
    """Return the rules on slips; ``table`` takes the place of the doublings that ship with the program."""
    doublings = Doublings.read(bundled(TABLE) if table is None else table)
    return (_word(doublings), _sign(doublings), _measure(), _clause(), _sentence(), _partner(), _dangling())


_KIND = Kind(Category.SLIP, LANGUAGE)


def _word(doublings: Doublings) -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        text = copy.text
        for middle, end in doubled_runs(text):
            word = text[middle:end]
            if len(word) == 2:
                unlike = doublings.words.get(word)
                if word not in doublings.words or (unlike is not None and unlike.match(text, end)):
                    continue
            if len(set(word)) > 1:
                yield Hit(2 * middle - end, end, f"“{word}”重复", word)

    return _KIND.rule(
        "repeat.word",
        Level.WRONG,
        "词语重复",
        look,
        flags=(
            "每位党员共交纳交纳党费360元。",
            "深入进行进行专题调研。",
            "全面落实从严治党主体责任主体责任，压实各方责任。",
            "推进党风廉政建设党风廉政建设向纵深发展。",
        ),
        misses=(
            "大家再研究研究、讨论讨论，把方案学习学习。",
            "组织组织生活会，按时参加党员活动。",
            "形形色色的问题要一个一个解决，一代一代接着干。",
            "鼓励企业创业创新，做到即到即办、专款专用。",
            "签订责任责任书前先开会。",
        ),
    )


def _sign(doublings: Doublings) -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        for found in doublings.signs.finditer(copy.text):
            yield Hit(found.start(), found.end(), f"“{found[0][0]}”重复", found[0][0])

    return _KIND.rule(
        "repeat.sign",
        Level.WRONG,
        "虚字重复",
        look,
        flags=("支部建设取得了明显的的成效。", "全年完成了了三项任务。", "党委、党组以及及各支部。"),
        misses=(
            "党的的确确为人民办实事，以教育为目的的活动。",
            "不能不了了之，除了了解情况还要解决问题。",
            "参与与监督并重，普及及推广同步，请以及时报送为准。",
        ),
    )


def _measure() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        for found in _MEASURE.finditer(copy.text):
            word = found[0][1]
            yield Hit(found.start(), found.end(), f"“{word}”重复", found[0][:2])

    return _KIND.rule(
        "repeat.measure",
        Level.WRONG,
        "量词重复",
        look,
        flags=("重点在四个个方面持续用力。", "制定5条条措施。", "开展3次次集中学习。"),
        misses=("做到个个达标、一个个过关。", "落实5项项目、3条条例。", "培养10名名师，帮扶两个个体户。"),
    )


def _clause() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        text, before = copy.text, None
        for clause in _CLAUSES.finditer(text):
            if (
                before is not None
                and before[0] == clause[0]
                and clause.start() - before.end() == 1
                and text[before.end()] in _SEPARATORS
                and len(clause[0]) >= _CLAUSE
                and is_chinese(clause[0])
            ):
                yield Hit(before.start(), clause.end(), f"“{_shown(clause[0])}”连写两遍", clause[0])
            before = clause

    return _KIND.rule(
        "repeat.clause",
        Level.DOUBTFUL,
        "分句或列举项重复",
        look,
        flags=("加强党员教育管理，加强党员教育管理，提升素质。", "增强政治意识、大局意识、大局意识、看齐意识。"),
        misses=(
            "前进，前进，奋力前进。",
            "加强党员教育，加强党员管理，加强党员监督。",
            "同部署、同落实、同检查、同考核。",
        ),
    )


def _sentence() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        text = copy.text
        sentences = list(_sentence_spans(text))
        times = Counter(text[start:end] for start, end in sentences)
        seen: Counter[str] = Counter()
        block: list[tuple[int, int]] = []
        for start, end in (*sentences, (len(text), len(text))):
            sentence = text[start:end]
            seen[sentence] += 1
            if len(sentence) >= _SENTENCE and seen[sentence] == 2 and not sentence.startswith("——"):
                block.append((start, end))
            elif block:
                # Sentences that come again together are one finding.
                count, first = len(block), text[slice(*block[0])]
                shown = f"“{_shown(first)}”" + (f"起{count}句" if count > 1 else "")
                yield Hit(block[0][0], block[-1][1], f"{shown}全文出现{times[first]}次")
                block.clear()

    return _KIND.rule(
        "repeat.sentence",
        Level.HINT,
        "整句重复出现",
        look,
        flags=(
            "认真落实“三会一课”制度，不断提高组织生活质量。党员踊跃参加。认真落实“三会一课”制度，不断提高组织生活质量。",
            "定期研究党建工作，及时解决存在的突出问题；\n定期研究党建工作，及时解决存在的突出问题；",
        ),
        misses=(
            "定期研究党建工作。各支部定期研究党建工作。定期研究党建工作。",
            "认真落实“三会一课”制度，不断提高组织生活质量。认真落实主题党日制度，不断提高组织生活质量。",
        ),
    )


def _partner() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        text = copy.text
        for pair in _PAIRS:
            place = 0
            while found := pair.first.search(text, place):
                stop = pair.stop.search(text, found.end())
                place = len(text) if stop is None else stop.end()
                if not pair.second.search(text, found.end(), place):
                    yield Hit(*found.span(), f"有“{found[0]}”，没有与它呼应的“{pair.wanted}”")

    return _KIND.rule(
        "pair.partner",
        Level.HINT,
        "关联词缺一半",
        look,
        flags=("一方面抓学习教育，党员素质明显提高。", "既要抓好当前，打牢基础。", "不仅提高了认识。"),
        misses=(
            "一方面抓学习，另一方面抓实践。",
            "这一方面成效明显。既要抓好当前，又要谋划长远。",
            "一手抓业务、一手抓党建，不仅提高了认识，还改进了作风。",
        ),
    )


def _dangling() -> Rule:
    def look(copy: Copy) -> Iterator[Hit]:
        for found in _DANGLING.finditer(copy.text):
            yield Hit(found.start(), found.end(), f"“{found[0]}”：标点后直接接“的”，疑有漏字或多出标点")

    return _KIND.rule(
        "pair.dangling",
        Level.DOUBTFUL,
        "标点后接“的”",
        look,
        flags=("提高党员，的思想认识。", "坚持问题导向。的工作方法。"),
        misses=("提高党员的思想认识。", "成绩的取得，的确来之不易。"),
    )


def _sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the sentences without their stops and without blanks at the ends."""
    for found in _SENTENCES.finditer(text):
        sentence = found[0].strip()
        if sentence:
            start = found.start() + found[0].index(sentence)
            yield start, start + len(sentence)


def _shown(text: str) -> str:
    return text if len(text) <= 16 else f"{text[:15]}…"
