"""The ways people say things, as data: one TOML file per intent in ``handlers/intents``, compiled once by the caller."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib import resources

from handlers.numbers import NUMBER, Reference, parse_reference
from knowledge.sieve import Sieve

_REFERENCE_CHARACTERS = r"[第前最后上刚才这那（(0-9零一二两俩三四五六七八九十①-⑳）)、.．,，和与跟及\-–~～到至条个点项部分段句组版面的里下中小节章块大 ]"
_PLACEHOLDERS = {
    "{参}": rf" *(?P<ref>{_REFERENCE_CHARACTERS}{{1,30}}) *",
    "{量}": rf"(?:(?P<amount>{NUMBER})|几|些|一些)?(?:条|个|句|组|段|批|版|点|则)?",
}
_COURTESY = re.compile(
    r"^(?:@\S{1,20}\s+|\[语音\]|请问|请(?!示)您?|麻烦(?:您|你)?|劳驾|帮忙|帮(?:我|个忙)|给我|我想要?|我要|想要|能不能|能否|可不可以|可以|那么?|然后|那就|再帮我|[，,。 ])+"
)
_PLAIN = re.compile("[\u4e00-\u9fff]+")
_TRAILING = re.compile(r"(?:谢谢(?:您|你|啦|了)?|[吧呗啊呢呀哈嘛哦]|一下|[。.！!？?~～…，, 、；;])+$")
LONGEST_WHOLE = 40
"""Messages beyond this many characters are never a follow-up or a greeting; keeps matching cheap on long pastes."""


class GrammarError(ValueError):
    """A file of ``handlers/intents`` that cannot be used; says which and why."""


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern that fits: the intent, what it captured, and the text of the user's own that a command is about.

    ``colon``: the text stood behind a command, so it is a text whatever it says.
    """

    intent: str
    whole: bool
    reference: Reference | None = None
    groups: tuple[tuple[str, str], ...] = ()
    quoted: str = ""
    colon: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """One intent: patterns that must fit the whole message, patterns that may stand anywhere, and examples.

    ``before`` and ``after`` are commands around a text of the user's own (检查：…, …这样写对吗): what they leave is the text.
    """

    name: str
    order: int
    whole: tuple[re.Pattern[str], ...]
    part: tuple[re.Pattern[str], ...]
    before: tuple[re.Pattern[str], ...]
    after: tuple[re.Pattern[str], ...]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grammar:
    """All intents, in the order in which they are tried."""

    intents: tuple[Intent, ...]
    _whole: Sieve = field(init=False, repr=False, compare=False)
    _part: Sieve = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_whole", Sieve(intent.whole for intent in self.intents))
        object.__setattr__(self, "_part", Sieve(intent.part for intent in self.intents))

    @classmethod
    def load(cls) -> Grammar:
        """Read the intents that ship with the program; raises :class:`GrammarError` naming the file at fault."""
        folder = resources.files("handlers").joinpath("intents")
        files = sorted(
            (entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name
        )
        intents = [_read(entry.name, entry.read_text(encoding="utf-8")) for entry in files]
        return cls(tuple(sorted(intents, key=lambda intent: intent.order)))

    def words(self) -> frozenset[str]:
        """Return the plain words among the patterns that may stand anywhere: 提纲, 例句, 小标题 …"""
        words = (pattern.pattern for intent in self.intents for pattern in intent.part)
        return frozenset(word for word in words if len(word) > 1 and _PLAIN.fullmatch(word))

    def match(self, text: str) -> Match | None:
        """Return the first intent whose patterns fit ``text``, or ``None``."""
        return next(self.matches(text), None)

    def read_command(self, raw: str) -> Match | None:
        """Return the command that stands before a text of the user's own (检查：…), with the text as it was typed."""
        for intent in self.intents:
            for pattern in intent.before:
                if (found := pattern.match(raw)) and (quoted := _unquote(raw[found.end() :])):
                    return Match(intent.name, whole=True, quoted=quoted, groups=_groups(found), colon=True)
        return None

    def read_question(self, raw: str) -> Match | None:
        """Return the question that stands after a text of the user's own (…这样写对吗), with the text as it was typed."""
        head, tail = raw[:-LONGEST_WHOLE], raw[-LONGEST_WHOLE:]
        for intent in self.intents:
            for pattern in intent.after:
                if (found := pattern.search(tail)) and (quoted := _unquote(head + tail[: found.start()])):
                    return Match(intent.name, whole=True, quoted=quoted, groups=_groups(found))
        return None

    def matches(self, text: str) -> Iterator[Match]:
        """Yield every intent whose patterns fit ``text``, in order."""
        forms = dict.fromkeys((text.strip(" 。.！!？?~～…，,：:"), strip_courtesy(text)))
        whole = [(form, self._whole.candidates(form)) for form in forms if len(form) <= LONGEST_WHOLE]
        part = self._part.candidates(text)
        for place in sorted(part.keys() | {place for _, patterns in whole for place in patterns}):
            intent = self.intents[place]
            for form, patterns in whole:
                if place in patterns and (match := _whole(intent, patterns[place], form)):
                    yield match
                    break
            else:
                if place in part and (match := _part(intent, part[place], text)):
                    yield match

    def named_in(self, text: str) -> frozenset[str]:
        """Return the names of the intents of which a pattern that may stand anywhere is found in ``text``."""
        return frozenset(self.intents[place].name for place in self._part.search(text))

    def strip_commands(self, text: str) -> str:
        """Return ``text`` without courtesies and without the words that only say which kind of answer is wanted."""
        # What is taken out makes no other word possible, so those that are not in the text now need not be tried.
        for patterns in self._part.candidates(text).values():
            for pattern in patterns:
                text = pattern.sub(" ", text)
        return strip_courtesy(text)


def strip_courtesy(text: str) -> str:
    """Return ``text`` without 请, 帮我, 谢谢 … and without closing particles and punctuation."""
    return _TRAILING.sub("", _COURTESY.sub("", text.strip())).strip()


def _whole(intent: Intent, patterns: Iterable[re.Pattern[str]], text: str) -> Match | None:
    for pattern in patterns:
        if (found := pattern.fullmatch(text)) and (match := _captured(intent, found, whole=True)):
            return match
    return None


def _part(intent: Intent, patterns: Iterable[re.Pattern[str]], text: str) -> Match | None:
    for pattern in patterns:
        if (found := pattern.search(text)) and (match := _captured(intent, found, whole=False)):
            return match
    return None


def _captured(intent: Intent, found: re.Match[str], *, whole: bool) -> Match | None:
    """Return the match with its groups, or ``None`` where what stands for a reference is none."""
    groups = dict(_groups(found))
    reference = None
    if "ref" in groups:
        reference = parse_reference(groups.pop("ref"))
        if reference is None:
            return None
    return Match(intent.name, whole, reference, tuple(groups.items()))


def _groups(found: re.Match[str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value.strip()) for name, value in found.groupdict().items() if value and value.strip())


def _unquote(text: str) -> str:
    """Return ``text`` without a pair of quotation marks around it and without what joined it to the command."""
    text = text.strip().lstrip("：:，,。 ").strip()
    if len(text) > 2 and text[0] in "“‘「『\"'" and text[-1] in "”’」』\"'" and text[0] not in text[1:-1]:
        return text[1:-1].strip()
    return text


def _read(name: str, text: str) -> Intent:
    try:
        data = tomllib.loads(text)
        unknown = set(data) - {"name", "order", "whole", "part", "before", "after", "examples"}
        if unknown:
            raise GrammarError(f"{name}：有不认识的项：{'、'.join(sorted(unknown))}")
        return Intent(
            data["name"],
            data["order"],
            tuple(_compile(pattern) for pattern in data.get("whole", ())),
            tuple(_compile(pattern) for pattern in data.get("part", ())),
            tuple(_compile(rf"\s*(?:{pattern})") for pattern in data.get("before", ())),
            tuple(_compile(rf"(?:{pattern})[。.！!？?～~ ]*$") for pattern in data.get("after", ())),
            tuple(data["examples"]),
        )
    except (tomllib.TOMLDecodeError, KeyError, re.error) as error:
        raise GrammarError(f"{name}：{error}") from error


def _compile(pattern: str) -> re.Pattern[str]:
    for placeholder, expression in _PLACEHOLDERS.items():
        pattern = pattern.replace(placeholder, expression)
    return re.compile(pattern, re.IGNORECASE)
