"""Understand a message: text in, intent and slots in canonical words out. Pure; the ways of asking are data."""

from __future__ import annotations

import re
from typing import Any

from handlers.asking import other_match, read_inquiry
from handlers.dialogue import Understanding
from handlers.form import LENGTH, LEVELS, read_form, strip_form
from handlers.grammar import Grammar, Match
from handlers.numbers import NUMBER, parse_number
from knowledge.library import PARAGRAPH, Library
from knowledge.model import Role
from knowledge.search.phrases import CHATTER
from knowledge.search.question import Question

LONGEST = 2_000
"""Characters of a message that are read; what a person types as a request is far below."""

LONGEST_PASTE = 8_000
"""Characters of a pasted text that are looked at; more comes as a file."""

SHORTEST_PASTE = 30
"""Characters from which a message in more than one sentence may be a pasted text."""

LONGEST_REQUEST = 80
"""Characters up to which a message is taken for a request; a longer one may be a pasted text."""

CHECK = "check"

FORBIDDEN = frozenset({"secret", "identity_number"})
"""Intents whose message is neither read further nor repeated."""

ALONE = frozenset(
    {
        "secret",
        "identity_number",
        "injection",
        "others_data",
        "fabricate",
        "copy_report",
        "leaders",
        "off_topic",
        "synonym",
    }
)
"""Intents known by a part of the message that want nothing else of it."""

WEAK = frozenset({"outline", "phrase", "heading", "advice", "section_outline"})
"""Intents whose words stand in texts of the user's own too: a question about a text goes before them."""

_PLACES = frozenset({Role.OPENING.value, Role.CLOSING.value})

ROLE_INTENTS = {
    Role.OPENING.value: "opening",
    Role.CLOSING.value: "closing",
    Role.PROBLEM.value: "problem",
    Role.CAUSE.value: "cause",
    Role.PLAN.value: "plan",
}
"""What asking for phrases of a role (部位) is called."""

LONGEST_SUBJECT = 60
"""Characters of a subject in the user's own words that are searched and remembered; the rest of a paste is no subject."""

MOST_ITEMS = 10
"""The most entries given at once, whatever number is asked for."""

_COUNT = re.compile(
    rf"(?<!第)(?<![0-9])(?!一点)(?P<count>{NUMBER})(?:条|个|句|组|段|则|例|点(?!点))(?!字|月|部分|级|层|意识|自信|维护|确立|方面)"
)
_TWICE = re.compile("(.{1,6}?)\\1{1,3}")
_REPEATED = re.compile(r"(.{1,12}?)(?:[ ，,。]*\1){5,}+", re.DOTALL)
_REQUEST = re.compile(
    r"提纲|大纲|框架|例句|小标题|怎么写|咋写|如何写|写法|模板|给我|来[几一两三个]|帮我写|有没有|吗[？?]?$|导出|收藏|草稿"
)
_SPOKEN = re.compile("怎么|咋|如何|什么|啥|哪|[吗呢吧啊]|谢谢|[你您]|请问|帮")
"""What people say and reports do not."""

_POINTING = re.compile(
    "(?:帮我|再|请|你)*(?:看|看看|看一下|瞧瞧|检查|校对|查查|查)?(?:下|一下)?(?:这个|这样|这|那个|上面的?|草稿)?"
)
"""What may stand before 有没有问题 without being a text."""

_CHINESE = re.compile("[\u4e00-\u9fff]")
_ASKING = re.compile(
    "(?:帮我)?写(?:一)?(?:段话|段|句话|几句)[，,：: ]*(?:说说?|讲讲?|关于|内容是)?|(?:再|多|帮我)?(?:来|给|要|写|找|弄|换)(?:我)?(?:个|几|一些|些|点|一下)(?:条|个|句|段)?"
)
_NAMES_A_DOCUMENT = re.compile(
    "(?:对照检查(?:材料)?|检查材料|方案|讲稿|发言(?:材料|提纲)?|述职(?:报告)?|整改报告)$|(?:研讨|交流)发言|发言(?:材料|提纲)|(?:事迹|经验|典型)材料"
    "|(?:团委|共青团|工会|妇联|纪委|妇委会)的?(?:年度|年终|全年|半年)?(?:工作)?总结"
)
_DOCUMENT_NOT_HELD = re.compile(
    "(?P<name>讲话稿|(?:七一|表态|就职|离任|开幕|闭幕)讲话|演讲稿|致辞|发言稿|表态发言|主持[词稿]|倡议书|通讯稿|情况说明|承诺书|责任书|鉴定材料|评语"
    "|邀请函|贺信|感谢信|慰问信|请柬|公开信|表彰决定|会议通知|选举办法|管理办法|考核办法|实施细则"
    "|(?<=^)(?:请示|批复|通报|通知|公告|函|决定)(?=(?:怎么写|咋写|如何写|格式|模板|范文|提纲)?[吗呢？?]?$))"
)
_DOCUMENT_ASKED = re.compile("(?:会议记录|工作报告|情况报告|方案|请示|要点|讲稿|简报|发言稿?)(?:怎么|咋|如何)写")
_DRAFTED = re.compile(
    "(?:写|拟|起草)(?:个|一份|一个|一篇|份)?[^，。]{0,8}?(?P<name>表彰决定|会议通知|通知|通报|批复|公告)(?=$|[，。,呢吗])"
)
"""Asked to draw one up: then what it is about does not matter."""

"""Documents that offices write and no table of ours knows."""
_UNSURE = 0.6
"""How sure a question to the registry is that names nothing of it."""

_COINED = re.compile("[二两三四五六七八九十]个[\u4e00-\u9fff]{2,3}")
_FIGURE_NAME = re.compile("..?(?:率|数|量|人次|次数|人数|数据|数字)|数据|数字")
_UNWANTED = re.compile(r"(?:不要|别写|别用|不用|不能有|去掉)[^，。；、 ]{1,8}")
_COMMAND = re.compile(
    "^(?:请|先|再|那)?(?:把|将)|(?:能不能|可不可以|行不行)|(?:再|更).{1,4}一?[点些]$|哪一?[个条块]|^这几?[个条]|加进|放进"
)
_GENERIC = re.compile(
    f"党建|工作|材料|用什么话|说什么话|咋整|咋弄|怎么弄|那个|这个|大家|方面|内容|相关|有关|情况|部分|这块|那块|那段|这段|的话|东西|一些|几句|几条|年度|今年|单位|我们|机关|关于|写|要|给|我|和|与|的|那种|这种|怎么|什么|一个|一下|来|有没有|有吗|落实|就行|就好|就可以|即可|第一句|一遍|合适|{CHATTER}|先|吧|你好|您好|开始"
)


def understand(raw: str, grammar: Grammar, library: Library) -> Understanding:
    """Return what the message ``raw`` asks for.

    Slots, each present only where the message says so: ``topic`` (板块), ``term`` (the narrower word that named it), ``alias`` (the words that did), ``also`` (further topics or terms),
    ``role`` (部位), ``kind`` (文种), ``count`` (1–10), ``depth`` (levels of an outline), ``length`` (characters), ``like`` (a heading with gaps: 突出…，彰显…), ``without`` (a word not to occur),
    ``without_role`` (a part to leave out), ``parts`` (sections an outline is to have), ``figures`` (有 or 无: with blanks for figures, or without), ``soft`` (mild wording), ``about`` (the subject in
    the user's words, without commands), ``unknown`` (words of the subject that the library does not have), ``doubtful`` (the topic is likely not meant), ``corrected`` (terms that were misspelt),
    ``text`` (a text of the user's own that the message is about), for follow-ups ``ref``, ``level``, ``amount``, and what a pattern captures by name.
    """
    text = library.questions.normalize(raw[:LONGEST])
    if not text:
        return Understanding("empty", 1.0)
    if repeated := _REPEATED.fullmatch(raw.strip()):
        raw = text = library.questions.normalize(repeated[1])
    match = other_match(text, grammar)
    if (match is None or not match.whole) and (twice := _TWICE.fullmatch(text)):
        # 更多更多, 返回返回: said twice in a hurry.
        once = other_match(twice[1], grammar)
        match = once if once is not None and once.whole else match
    if match is not None and match.intent in FORBIDDEN:
        # What must not be handled at all (涉密, 身份证号) is looked for in the whole of the message, and first.
        return Understanding(match.intent, 1.0)
    own = raw[:LONGEST_PASTE].strip()
    if (command := grammar.read_command(own)) is not None and _is_statement(command):
        return Understanding(command.intent, 1.0, {**_follow_up_slots(command), "text": command.quoted})
    if match is not None and (match.whole or match.intent in ALONE):
        about = {} if match.whole else {"about": text[:LONGEST_SUBJECT]}
        return Understanding(match.intent, 1.0, {**about, **_follow_up_slots(match)})
    if len(own) <= LONGEST_REQUEST and (question := read_inquiry(text, match, grammar, library)) is not None:
        if question.confidence <= _UNSURE and (named := _DOCUMENT_NOT_HELD.search(text)):
            # 能写讲话稿吗 asks whether there is one, not whether a phrase may be used.
            return Understanding("outline", 0.7, {"about": named["name"]})
        return question
    if (about_text := _text_of_ones_own(own, match, grammar)) is not None:
        return about_text
    return _request_as_meant(text, match, grammar, library)


def _request_as_meant(text: str, match: Match | None, grammar: Grammar, library: Library) -> Understanding:
    """Understand a request, misspelt terms put right."""
    corrected, corrections = library.questions.correct(text)
    if not corrections:
        return _request(text, match, grammar, library)
    match = other_match(corrected, grammar)
    understood = read_inquiry(corrected, match, grammar, library) or _request(corrected, match, grammar, library)
    understood.slots["corrected"] = [correction.right for correction in corrections]
    return understood


def _text_of_ones_own(own: str, match: Match | None, grammar: Grammar) -> Understanding | None:
    """Understand a message that asks about a text it brings along, or that is nothing but such a text (``None``: neither)."""
    if match is None or len(own) > LONGEST_REQUEST or match.intent in WEAK:
        command = grammar.read_question(own)
        if command is not None and _is_statement(command):
            return Understanding(command.intent, 1.0, {**_follow_up_slots(command), "text": command.quoted})
    if _is_paste(own):
        return Understanding(CHECK, 0.8, {"text": own, "unasked": True})
    return None


def _is_statement(command: Match) -> bool:
    """Whether what a command leaves is a text: 意识形态怎么写 in 意识形态怎么写可以吗 is a request still."""
    text = command.quoted
    if _POINTING.fullmatch(text):
        return False
    return bool(_CHINESE.search(text)) and (len(text) > LONGEST_REQUEST or not _REQUEST.search(text) or command.colon)


def _is_paste(text: str) -> bool:
    """Whether a message is a stretch of a report rather than a request: long, in sentences, without a request's words."""
    if len(text) < SHORTEST_PASTE:
        return False
    ends = sum(text.count(sign) for sign in "。；;\n")
    if len(text) <= LONGEST_REQUEST:
        return text.count("。") > 1 and not _REQUEST.search(text) and not _SPOKEN.search(text)
    return (ends > 1 or len(text) > 2 * LONGEST_REQUEST) and not _REQUEST.search(text[:40] + " " + text[-40:])


def _follow_up_slots(match: Match) -> dict[str, Any]:
    slots: dict[str, Any] = {name: value for name, value in match.groups if name != "amount"}
    if match.reference is not None:
        slots["ref"] = list(match.reference.numbers)
        if match.reference.level is not None:
            slots["level"] = match.reference.level
        if match.reference.parent is not None:
            slots["parent"] = match.reference.parent
    if (amount := dict(match.groups).get("amount")) and (count := parse_number(amount)):
        slots["count"] = min(count, MOST_ITEMS)
    return slots


def _request(text: str, match: Match | None, grammar: Grammar, library: Library) -> Understanding:
    if _COINED.fullmatch(text) and not library.usage(text) and not library.questions.read(text).subjects:
        # 六个带头: named like a set phrase, and neither the tables nor the reports have it.
        return Understanding("term", 0.7, {"missing": text})
    question = library.questions.read(strip_form(text))
    slots = _slots(text, question, grammar, library)
    named = None if {"kind", "topic", "role", "term"} & set(slots) else _DOCUMENT_NOT_HELD.search(text)
    if "kind" not in slots and (named := named or _DRAFTED.search(text)):
        return Understanding("outline", 0.7, {"about": named["name"]})
    document = _NAMES_A_DOCUMENT.search(text) or _DOCUMENT_ASKED.search(text)
    if match is not None and not _asks_for_a_kind(match, slots, text):
        slots.update(match.groups)
        if match.intent == "heading" and "parallel" in slots and slots.get("role") in _PLACES and "标题" not in text:
            # 排比的结尾 is a closing, though not one that we can tell to be parallel.
            return Understanding(_narrowed("phrase", slots), 0.9, slots)
        if match.intent == "phrase" and slots.get("figures") == "有" and not {"topic", "role", "term"} & set(slots):
            # 数据怎么写 asks for sentences that tell what was done, in figures.
            slots["role"] = Role.RESULT.value
        return Understanding(_narrowed(match.intent, slots), 0.95, slots)
    if "kind" in slots and "count" in slots and (slots.get("length", PARAGRAPH) < PARAGRAPH or "一句" in text):
        # 50字以内的一句总结 is a sentence about what was achieved, not a summary.
        slots.setdefault("role", Role.RESULT.value)
        return Understanding("phrase", 0.7, slots)
    if "kind" in slots and (not {"topic", "role"} & set(slots) or document):
        return Understanding("outline", 0.9, slots)
    if {"topic", "role", "term"} & set(slots):
        return Understanding(_narrowed("phrase", slots), 0.85, slots)
    if "about" in slots:
        if _COMMAND.search(text) and not library.questions.known_words(slots["about"]):
            # 这几条哪个适合医院: something is to be done, and what cannot be told; nothing is missing from the library.
            return Understanding("fallback", 0.3, slots)
        return Understanding("phrase", 0.5, slots)
    if _CHINESE.search(text) and not _CHINESE.search(_GENERIC.sub("", text)):
        return Understanding("menu", 0.6, slots)
    return Understanding("fallback", 0.3, slots)


def _narrowed(intent: str, slots: dict[str, Any]) -> str:
    """Phrases for a part of a report have a name of their own: 开头怎么写, 存在问题三条."""
    return ROLE_INTENTS.get(slots.get("role", ""), intent) if intent == "phrase" else intent


def _asks_for_a_kind(match: Match, slots: dict[str, Any], text: str) -> bool:
    """述职报告怎么写 asks for an outline, and so does 支委会会议记录怎么写; 意识形态怎么写 asks for phrases."""
    if match.intent != "phrase" or "kind" not in slots:
        return False
    return not {"topic", "role"} & set(slots) or _DOCUMENT_ASKED.search(text) is not None


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
    slots.update(read_form(text))
    about = grammar.strip_commands(_ASKING.sub(" ", LENGTH.sub(" ", LEVELS.sub(" ", _COUNT.sub(" ", question.about)))))
    if _CHINESE.search(_GENERIC.sub("", about)):
        slots["about"] = about[:LONGEST_SUBJECT]
    asked_for = _GENERIC.sub(
        " ", grammar.strip_commands(_ASKING.sub(" ", _UNWANTED.sub(" ", LENGTH.sub(" ", LEVELS.sub(" ", rest)))))
    )
    unknown = tuple(word for word in library.questions.unknown_words(asked_for) if not _FIGURE_NAME.fullmatch(word))
    if unknown:
        slots["unknown"] = list(unknown)
        # A loose name among words that no report knows is about something else: 手机品牌推荐, 整改宿舍卫生.
        known = library.questions.known_words(asked_for)
        slots["doubtful"] = bool(question.subjects) and not question.subjects[0].exact and not known
    return slots
