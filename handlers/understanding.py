"""Understand a message: text in, intent and slots in canonical words out. Pure; the ways of asking are data."""

from __future__ import annotations

import re
from typing import Any

from handlers.dialogue import Understanding
from handlers.grammar import Grammar, Match
from handlers.numbers import NUMBER, parse_number
from knowledge.library import Library
from knowledge.search.question import Question

LONGEST = 2_000
"""Characters of a message that are read; what a person types as a request is far below."""

LONGEST_SUBJECT = 60
"""Characters of a subject in the user's own words that are searched and remembered; the rest of a paste is no subject."""

MOST_ITEMS = 10
"""The most entries given at once, whatever number is asked for."""

_COUNT = re.compile(
    rf"(?<!第)(?<![0-9])(?P<count>{NUMBER})(?:条|个|句|组|段|则|例|点(?!点))(?!字|月|部分|级|层|意识|自信|维护|确立|方面)"
)
_LENGTH = re.compile(
    rf"(?<![那这])(?P<length>{NUMBER}|[一二两三四五六七八九]百(?:五十)?)(?:来|多)?(?:个)?字(?!词|号)(?P<within>以内|之内|以下|内)?(?:左右|上下)?"
)
_LEVELS = re.compile(r"(?P<level>[一二两三四1-4])(?:级|层)(?!标题)")
_ALL_LEVELS = re.compile(r"（一）.{0,4}(?:1[.．、]|（1）)")
_AT_MOST = re.compile("不超过|最多|控制在")
_ONE_SENTENCE = re.compile("一句话|一两句话|一句")
_LIKE = re.compile(
    r"(?P<like>[\u4e00-\u9fff]{1,6}(?:…+|\.{3,})(?:[，,]?[\u4e00-\u9fff]{1,8}(?:…+|\.{3,})?)?|(?:…+|\.{3,})[，,]?[\u4e00-\u9fff]{1,8})"
)
_HEADING_WORD = re.compile("小标题|标题")
_WITHOUT = re.compile(
    r"(?:不要|别用|不用|不能有|去掉|别出现|不出现|别带|别写)(?:出现|带|有|用)?[‘“'\"]?(?P<word>[\u4e00-\u9fff]{1,4})"
)
_UNWANTED = re.compile(r"(?:不要|别写|别用|不用|不能有|去掉)[^，。；、 ]{1,8}")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_GENERIC = re.compile(
    r"党建|工作|材料|咋整|咋弄|怎么弄|那个|这个|大家|方面|内容|相关|有关|情况|部分|这块|那块|那段|这段|的话|东西|一些|几句|几条|年度|今年|单位|我们|机关|关于|写|要|给|我|和|与|的|那种|这种|怎么|什么|一个|一下|来|有没有|有吗|落实"
)


def understand(text: str, grammar: Grammar, library: Library) -> Understanding:
    """Return what ``text`` asks for.

    Slots, each present only where the message says so: ``topic`` (板块), ``term`` (the narrower word that named it), ``alias`` (the words that did), ``also`` (further topics or terms),
    ``role`` (部位), ``kind`` (文种), ``count`` (1–10), ``depth`` (levels of an outline), ``length`` (characters), ``like`` (a heading with gaps: 突出…，彰显…), ``without`` (a word not to occur), ``about`` (the subject in
    the user's words, without commands), ``unknown`` (words of the subject that the library does not have), ``doubtful`` (the topic is likely not meant), ``corrected`` (terms that were misspelt), and for
    follow-ups ``ref``, ``level``, ``amount`` and ``to``.
    """
    text = library.questions.normalize(text[:LONGEST])
    if not text:
        return Understanding("empty", 1.0)
    match = grammar.match(text)
    if match is not None and match.whole:
        return Understanding(match.intent, 1.0, _follow_up_slots(match))
    corrected, corrections = library.questions.correct(text)
    understood = _request(corrected, grammar.match(corrected) if corrections else match, grammar, library)
    if corrections:
        understood.slots["corrected"] = [correction.right for correction in corrections]
    return understood


def _follow_up_slots(match: Match) -> dict[str, Any]:
    slots: dict[str, Any] = {name: value for name, value in match.groups if name != "amount"}
    if match.reference is not None:
        slots["ref"] = list(match.reference.numbers)
        if match.reference.level is not None:
            slots["level"] = match.reference.level
    if (amount := dict(match.groups).get("amount")) and (count := parse_number(amount)):
        slots["count"] = min(count, MOST_ITEMS)
    return slots


def _request(text: str, match: Match | None, grammar: Grammar, library: Library) -> Understanding:
    question = library.questions.read(text)
    slots = _slots(text, question, grammar, library)
    if match is not None and not _asks_for_a_kind(match, slots):
        return Understanding(match.intent, 0.95, slots)
    if "kind" in slots and not {"topic", "role"} & set(slots):
        return Understanding("outline", 0.9, slots)
    if {"topic", "role", "term"} & set(slots):
        return Understanding("phrase", 0.85, slots)
    if "about" in slots:
        return Understanding("phrase", 0.5, slots)
    if _CHINESE.search(text) and not _CHINESE.search(_GENERIC.sub("", text)):
        return Understanding("menu", 0.6, slots)
    return Understanding("fallback", 0.3, slots)


def _asks_for_a_kind(match: Match, slots: dict[str, Any]) -> bool:
    """述职报告怎么写 asks for an outline, 意识形态怎么写 for phrases."""
    return match.intent == "phrase" and "kind" in slots and not {"topic", "role"} & set(slots)


def _slots(text: str, question: Question, grammar: Grammar, library: Library) -> dict[str, Any]:
    slots: dict[str, Any] = {}
    if question.kind:
        slots["kind"] = question.kind
    if question.subjects:
        first, *others = question.subjects
        slots["topic"] = first.topic
        if first.term:
            slots["term"] = first.term
        if not first.exact:
            slots["alias"] = first.alias
        if others:
            slots["also"] = [subject.name for subject in others]
    if question.role:
        slots["role"] = question.role.value
    rest = question.rest
    if (found := _COUNT.search(rest)) and (count := parse_number(found["count"])):
        slots["count"] = min(count, MOST_ITEMS)
        rest = rest[: found.start()] + " " + rest[found.end() :]
    slots.update(_form(text))
    about = grammar.strip_commands(_LENGTH.sub(" ", _LEVELS.sub(" ", _COUNT.sub(" ", question.about))))
    if _CHINESE.search(_GENERIC.sub("", about)):
        slots["about"] = about[:LONGEST_SUBJECT]
    asked_for = _GENERIC.sub(" ", grammar.strip_commands(_UNWANTED.sub(" ", _LENGTH.sub(" ", _LEVELS.sub(" ", rest)))))
    unknown = library.questions.unknown_words(asked_for)
    if unknown:
        slots["unknown"] = list(unknown)
        # A loose name among words that no report knows is about something else: 手机品牌推荐, 整改宿舍卫生.
        known = library.questions.known_words(asked_for)
        slots["doubtful"] = bool(question.subjects) and not question.subjects[0].exact and not known
    return slots


def _form(text: str) -> dict[str, Any]:
    """Return the slots that say how the answer is to look: its length, levels, pattern."""
    slots: dict[str, Any] = {}
    if length := _LENGTH.search(text):
        slots["length"] = parse_number(length["length"])
        slots["within"] = bool(length["within"] or _AT_MOST.search(text))
    if _ONE_SENTENCE.search(text):
        slots["count"] = 1
    if like := _LIKE.search(_HEADING_WORD.sub(" ", text)):
        slots["like"] = like["like"]
    if without := _WITHOUT.search(text):
        slots["without"] = without["word"].removesuffix("的")
    if depth := _depth(text):
        slots["depth"] = depth
    return slots


def _depth(text: str) -> int | None:
    if _ALL_LEVELS.search(text):
        return 3
    match = _LEVELS.search(text)
    return parse_number(match["level"]) if match else None
