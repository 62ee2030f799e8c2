"""Understand a question to the registry: what it asks (还能用吗, 一年几次) from its words, what about from the registry's names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from handlers.dialogue import Understanding, View
from handlers.grammar import Grammar, Match
from handlers.numbers import NUMBER, parse_number
from knowledge.events import CONGRESS
from knowledge.inquiry import Inquiry
from knowledge.library import Library
from knowledge.registry import Registry

TERM, VALIDITY, USAGE, RULE, FORMAT, DIFFERENCE = "term", "validity", "usage", "rule", "format", "difference"

ABOUT = (USAGE, DIFFERENCE, RULE, FORMAT, VALIDITY, TERM)
"""The intents a question to the registry may have, in the order in which they are tried."""

_ABOUT = frozenset(ABOUT)

GENERAL = frozenset({"outline", "phrase", "heading", "advice", "section_outline"})
"""Intents whose words a question to the registry may hold too (一岗双责是啥，怎么写); any other goes before it."""

DEFINED_FIRST = frozenset({"政治要求", "思想理论", "战略布局", "时间表述", "组织"})
"""Sorts of set phrases whose bare name asks what it stands for; that of a practice (三会一课, 双报到) asks for phrases."""

CAMPAIGNS, MEETINGS = "学习教育", "会议"
"""Sorts of set phrases of which the tables of campaigns and meetings know more."""

FEW = 6
"""Characters left of a question that is about two forms of a word and nothing else."""

_NAMES: dict[str, Callable[[Inquiry], list[str]]] = {
    "formulations": lambda inquiry: [entry.term for entry in inquiry.formulations],
    "campaigns": lambda inquiry: [entry.name for entry in inquiry.campaigns],
    "meetings": lambda inquiry: [entry.name for entry in inquiry.meetings],
    "yearly": lambda inquiry: [entry.name for entry in inquiry.yearly],
    "rules": lambda inquiry: [entry.item for entry in inquiry.rules],
    "layouts": lambda inquiry: [entry.item for entry in inquiry.layouts],
    "differences": lambda inquiry: [entry.name for entry in inquiry.differences],
    "usages": lambda inquiry: [entry.name for entry in inquiry.usages],
    "kinds": lambda inquiry: [entry.id for entry in inquiry.kinds],
}
_CAMPAIGN_OF_YEAR = re.compile(
    r"(?:(?P<year>20\d\d)年?|今年|当年|目前|现在)(?:度|全党|党内|在|正在)*(?:开展|搞|进行|抓)?(?:了)?的?(?:是)?(?:个)?(?:什么|哪个|哪一个|哪项|啥)?"
    r"(?:党内)?(?:集中|学习|主题|集中性)教育(?:活动)?(?:是什么|是啥|是哪个|叫什么|有哪些)?[吗呢啊？?。]*"
    r"|(?:(?P<written>20\d\d)年?|今年|当年|目前|现在)(?:度|的)?(?:总结|材料|报告)?(?:应该|应当|该|要|得)?(?:写|用|突出|围绕|提)(?:个)?(?:什么|哪个|啥)(?:主题|教育|学习教育)[吗呢啊？?。]*"
    r"|(?:党内)?(?:集中|学习|集中性)教育(?:今年|目前|现在)(?:的)?(?:是|叫|有|搞|开展)(?:个)?(?:什么|啥|哪个|哪项|哪些)[吗呢啊？?。]*"
)
_NEW = re.compile(
    r"(?:(?:20)?(?P<year>[23]\d)年?(?:以来)?|今年|最近|近期|当前|现在|目前)?(?:的|有|出)*(?:什么|哪些|啥)?(?:新|最新)的?(?:提法|表述|说法|规范表述|政治表述)"
    r"(?:有|是|都有)?(?:哪些|什么|啥)?(?:没有)?[吗呢啊？?。]*"
)
_AGAIN = re.compile("(?:那么?|那)?(?P<name>[^，。？?！!；;\\s]{2,16}?)呢[？?。]*")
_TABLES_ASKED = {
    "term": "formulations campaigns meetings",
    "validity": "campaigns meetings yearly formulations",
    "rule": "rules",
    "format": "layouts",
}
"""Where another entry is looked for, by what was asked last."""

_INSTEAD = re.compile(
    "(?:那么?|这样的话|不能写的?话?|[，, ])*(?:现在|今年|目前|眼下)?(?:应该|应当|该|要|得|可以)(?:怎么|如何)?(?:改)?(?:写|提|用|叫|换|改)(?:成|为)?"
    "(?:个|些)?(?:什么|啥|哪个|哪一个)?(?:提法|说法|表述|教育|好|合适)?[呢啊才好？?。]*"
)
_POINTS_AT_SHOWN = re.compile(
    rf"(?:请问)?(?:(?:[这那](?:个|些|几?[条句个段]|里面?|里面)?|上面|刚才|它)(?:的|给的)?|第?(?P<number>{NUMBER})[条句个]?)?"
    r"(?:提法|说法|表述|内容|例句|提纲)?(?:今年|现在|20[0-9]{2}年)?(?:都|还|已经|是不是|有没有)*(?:能|可以|可|过时|过期|有效)"
    r"(?:不能)?(?:再|继续|接着)?(?:用|写|提|讲)?(?:了)?(?:吗|么|不|没|没有)?[？?。]*"
)
_WHOLE_LAYOUT = re.compile(
    r"GB/?T|公文的?[格版]式|^(?:公文|文件)?格式|排版(?:要求|规范|标准|格式)|(?:版面|红头文件|国标)的?[格版]式"
)
_UNKNOWN = re.compile(
    r"^(?:查(?:一下|查)?)?(?:提法)?[：: ]*(?P<name>[^，。？！?!：: ]{2,16}?)"
    r"(?:是|指|叫|指的是)(?:的)?(?:什么|啥|哪(?:几|些|[二两三四五六七八九十]))(?:意思|个|条|项|种|方面|内容)?[吗呢啊？?。]*$"
)
_NAMED_ONLY = re.compile(r"^(?:查(?:一下|查)?)?提法[：: ]+(?P<name>[^，。？！?!：: ]{2,16})$")
_BESIDE_FORMS = re.compile(r"[和与跟或、，,？?吗呢 “”‘’]|还是|或者|哪个|应该|怎么|到底|公文|里面|用|写|对|的")
_LAST_YEAR, _NEXT_YEAR = (
    re.compile("(?:去年|上年|上一年)度?的?(?:总结|材料|工作|报告)"),
    re.compile("(?:明年|下年|下一年)"),
)


def understand_question(text: str, grammar: Grammar, library: Library) -> Understanding | None:
    """Return what a question in normal form asks the registry, or ``None`` for a message that asks it nothing.

    Slots: one for each table with the names of the entries meant; ``of_year`` where the campaign of a year is asked for (0: this), ``new_since`` where new wording is (0: since lately); ``session``, ``times``, ``written_for`` (a year),
    ``shift`` (years from the current one), ``instead`` (what to write in place of what was asked about), ``missing`` (a set phrase that is in no table), ``shown`` (what the user is looking at is meant).
    """
    return read_inquiry(text, other_match(text, grammar), grammar, library)


def read_inquiry(text: str, other: Match | None, grammar: Grammar, library: Library) -> Understanding | None:
    """Do what :func:`understand_question` does, given the :func:`other_match` of the text."""
    if other is not None and other.intent not in GENERAL:
        return None
    registry = library.registry
    if found := _CAMPAIGN_OF_YEAR.fullmatch(text.removeprefix("那")):
        return Understanding(VALIDITY, 0.9, {"of_year": int(found["year"] or found["written"] or 0)})
    if found := _NEW.fullmatch(text):
        return Understanding(TERM, 0.9, {"new_since": 2000 + int(found["year"]) if found["year"] else 0})
    if _INSTEAD.fullmatch(text):
        return Understanding(VALIDITY, 0.8, {"instead": True})
    inquiry = registry.read_question(text)
    asked = grammar.named_in(text) & _ABOUT
    for about in ABOUT:
        slots = _slots(about, about in asked, text, inquiry, registry)
        if slots:
            return Understanding(about, 0.95, slots | _circumstances(text, inquiry))
    return _unheld(text, asked, library, general=other is not None)


def _unheld(text: str, asked: frozenset[str], library: Library, *, general: bool) -> Understanding | None:
    """Understand a question of the registry's sort about something that it does not have."""
    missing = _NAMED_ONLY.match(text) or (_UNKNOWN.match(text) if TERM in asked else None)
    about = next((intent for intent in (DIFFERENCE, RULE, FORMAT, VALIDITY) if intent in asked), None)
    if missing is None and (about is None or general):
        return None
    question = library.questions.read(text)
    # What is a topic of the library is not missing here, though the registry has no entry for it.
    if question.subjects or (missing is None and (question.kind or question.role)):
        return None
    if missing:
        return Understanding(TERM, 0.8, {"missing": missing["name"]})
    shown = _POINTS_AT_SHOWN.fullmatch(text) if about == VALIDITY else None
    return Understanding(about or TERM, 0.6, _what_is_shown(shown) if shown else {})


def _what_is_shown(found: re.Match[str]) -> dict[str, Any]:
    number = parse_number(found["number"]) if found["number"] else None
    return {"shown": True} if number is None else {"shown": True, "ref": [number]}


def other_match(text: str, grammar: Grammar) -> Match | None:
    """Return the first intent whose patterns fit, other than those that also need a name of the registry."""
    return next((match for match in grammar.matches(text) if match.intent not in ABOUT), None)


def asked_again(text: str, view: View | None, registry: Registry) -> Understanding | None:
    """Return 那二十大呢 as the question that was asked last, about another entry; ``None`` where it is none."""
    found = _AGAIN.fullmatch(text.strip())
    tables = _TABLES_ASKED.get(view.kind) if view is not None else None
    if found is None or tables is None:
        return None
    inquiry = registry.read_question(found["name"])
    slots = _names(tables, inquiry)
    return Understanding(view.kind, 0.85, slots) if slots and view is not None else None


def entries_named(name: str, registry: Registry) -> dict[str, Any]:
    """Return the slots of what goes by exactly this name: set phrases, campaigns, meetings; empty for none."""
    inquiry = registry.read_question(name)
    return _names("formulations campaigns meetings", inquiry) if inquiry.bare else {}


def inquiry_of(view: View, registry: Registry) -> Inquiry:
    """Return what an open view is about; an entry that the tables no longer have is left out."""
    find = {
        "formulations": registry.formulations.get,
        "campaigns": registry.campaign,
        "meetings": registry.meeting,
        "yearly": registry.yearly,
        "rules": registry.rules.get,
        "layouts": registry.layouts.get,
        "differences": registry.differences.get,
        "usages": registry.usages.get,
        "kinds": registry.kind,
    }
    found: dict[str, Any] = {
        table: tuple(entry for name in names.split("\n") if (entry := find[table](name)) is not None)
        for table in _NAMES
        if (names := view.param(table))
    }
    times, year = view.param("times"), view.param("year")
    return Inquiry(
        **found,
        session=view.param("session"),
        times=int(times) if times else None,
        year=int(year) if year else None,
    )


def view_of(understanding: Understanding, year: int) -> View:
    """Return the view that shows the answer to a question asked in ``year``."""
    slots = understanding.slots
    params = [(table, "\n".join(slots[table])) for table in _NAMES if slots.get(table)]
    params += [(name, str(slots[name])) for name in ("session", "times") if slots.get(name) is not None]
    written_for = slots.get("written_for") or year + int(slots.get("shift") or 0)
    return View(understanding.intent, (*params, ("year", str(written_for))))


def _fits(patterns: tuple[re.Pattern[str], ...], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)


def _slots(about: str, asked: bool, text: str, inquiry: Inquiry, registry: Registry) -> dict[str, Any]:
    """Return the entries that an intent is about in this question; empty where the question is not of that intent."""
    if about == USAGE:
        return _names("usages", inquiry) if inquiry.usages and _asks_for_form(text, inquiry, registry) else {}
    if about == TERM and not asked:
        return _names("formulations meetings", inquiry) if inquiry.bare and _is_defined_first(inquiry) else {}
    if not asked:
        return {}
    if about == DIFFERENCE:
        return _names("differences", inquiry) or _compared(text, registry)
    if about == RULE:
        return _names("rules", inquiry)
    if about == FORMAT:
        overview = [layout.item for layout in registry.layouts.overview] if _WHOLE_LAYOUT.search(text) else []
        return _names("layouts", inquiry) or ({"layouts": overview} if overview else {})
    if about == VALIDITY:
        return _names("campaigns meetings yearly formulations", inquiry) or (
            {"session": inquiry.session} if inquiry.session else {}
        )
    found = _names("formulations campaigns meetings", inquiry)
    return found or (_names("rules", inquiry) if any(rule.content for rule in inquiry.rules) else {})


def _is_defined_first(inquiry: Inquiry) -> bool:
    """Whether the bare names ask what they stand for: political wording does, and a plenum; a practice does not."""
    plenums = bool(inquiry.meetings) and all(meeting.kind != CONGRESS for meeting in inquiry.meetings)
    sorts = DEFINED_FIRST | {MEETINGS} if plenums else DEFINED_FIRST
    return all(entry.kind in sorts for entry in inquiry.formulations) and bool(inquiry.formulations or plenums)


def _asks_for_form(text: str, inquiry: Inquiry, registry: Registry) -> bool:
    """Whether a question is about the forms it names: it has a pattern of theirs, or hardly a word besides."""
    if any(_fits(usage.asked, text) for usage in inquiry.usages):
        return True
    return len(_BESIDE_FORMS.sub("", registry.usages.strip(text))) <= FEW


def _compared(text: str, registry: Registry) -> dict[str, Any]:
    kinds = registry.kinds_named(text)
    return {"kinds": [kind.id for kind in kinds[:2]]} if len(kinds) > 1 else {}


def _names(tables: str, inquiry: Inquiry) -> dict[str, Any]:
    return {table: names for table in tables.split() if (names := _NAMES[table](inquiry))}


def _circumstances(text: str, inquiry: Inquiry) -> dict[str, Any]:
    slots: dict[str, Any] = {}
    if inquiry.session:
        slots["session"] = inquiry.session
    if inquiry.times is not None:
        slots["times"] = inquiry.times
    if inquiry.year:
        slots["written_for"] = inquiry.year
    elif _LAST_YEAR.search(text):
        slots["shift"] = -1
    elif _NEXT_YEAR.search(text):
        slots["shift"] = 1
    return slots
