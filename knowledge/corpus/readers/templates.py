"""Server pages saved as they are (jsp, Blade): code out, words out of tag attributes in."""

from __future__ import annotations

import re
from typing import Final

# Openings and endings of code; comments first, for they open like code.
_BRACKETS: Final = (
    ("<%--", "--%>"),
    ("{{--", "--}}"),
    ("<%", "%>"),
    ("<?php", "?>"),
    ("{!!", "!!}"),
    ("{{", "}}"),
    ("${", "}"),
)
_BLADE: Final = re.compile(r"^[ \t]*@[a-z]{2,20}(?:\([^\n]{0,300}\))?[ \t]*\r?$", re.MULTILINE)
# A slip of the page's author: <<c:set …>.
_DOUBLED: Final = re.compile("<(?=<[a-z]+:)")
_MARKS: Final = re.compile("|".join(re.escape(opening) for opening, _ in _BRACKETS))
_ENDINGS: Final = dict(_BRACKETS)
_EXPRESSIONS: Final = frozenset({"{!!", "{{", "${"})
# An expression longer than this is not one: the brackets are text.
_LONGEST_EXPRESSION: Final = 300

_TEXT_VARIABLES: Final = frozenset({"title", "content", "text", "body"})
_BREAK: Final = re.compile(r"<\s{0,3}(?:br|/p|/div)\s{0,3}/?>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]{1,500}>")
_CHINESE: Final = re.compile("[\u4e00-\u9fff]")


def strip_template_code(text: str) -> str:
    """Return the page without server code: ``<% %>``, ``{{ }}``, ``${ }``, their comments, and Blade's ``@`` lines."""
    # How far the text is known to lack an ending: none is looked for twice in the same place.
    searched: dict[str, int] = {}
    pieces: list[str] = []
    position = 0
    for match in _MARKS.finditer(text):
        if match.start() < position:
            continue
        opening = match.group()
        ending = _ENDINGS[opening]
        limit = match.end() + _LONGEST_EXPRESSION if opening in _EXPRESSIONS else len(text)
        end = text.find(ending, max(match.end(), searched.get(ending, 0)), limit)
        if end < 0:
            searched[ending] = max(match.end(), limit - len(ending))
        else:
            pieces.append(text[position : match.start()])
            position = end + len(ending)
    pieces.append(text[position:])
    return _DOUBLED.sub("", _BLADE.sub("", "".join(pieces)))


def words_of_variable(tag: str, attributes: dict[str, str]) -> str:
    """Return the text that a JSTL ``<c:set var="content" value="…">`` holds, empty for any other variable or tag."""
    if tag not in {"c:set", "set"} or attributes.get("var", "") not in _TEXT_VARIABLES:
        return ""
    value = attributes.get("value", "")
    if not _CHINESE.search(value):
        return ""
    return _TAG.sub("", _BREAK.sub("\n", "".join(line.strip() for line in value.split("\n"))))
