"""Many patterns tried on one text: only those that have a chance, told by the characters that they cannot do without.

Most patterns of ours are Chinese words with a choice here and there, and a message has few of all the characters that
they ask for. So each pattern is kept under characters of which every match has one, and a text is looked up character by
character. What is left is tried as ever: the sieve holds nothing back that would fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

Need = frozenset[str]
"""Characters of which every match has at least one."""

_WIDEST_RANGE = 64
_REPEAT = re.compile(r"(?:([*?])|(\+)|\{(\d+)(?:,\d*)?\})[?+]?")
_CODE = re.compile("u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}")
_CATEGORIES = frozenset("dDwWsSbBAZ")
_BLANKS = {"n": "\n", "r": "\r", "t": "\t"}
_ALIKE = frozenset("iIkKsS")
"""Letters that stand for more than their two forms where case is ignored (sign of the kelvin, long s, dotless i)."""

_GROUP = re.compile(r"\?(?:(:|P<\w+>)|(=|!|<=|<!))")


class Sieve:
    """Patterns in groups, looked up by a text; the groups are known by their place."""

    def __init__(self, groups: Iterable[Sequence[re.Pattern[str]]]) -> None:
        self._entries: list[tuple[int, re.Pattern[str], tuple[Need, ...]]] = []
        self._always: set[int] = set()
        self._under: dict[str, set[int]] = {}
        for group, patterns in enumerate(groups):
            for pattern in patterns:
                needs = sorted(characters_needed(pattern), key=_cost)
                if not needs:
                    self._always.add(len(self._entries))
                for character in needs[0] if needs else ():
                    self._under.setdefault(character, set()).add(len(self._entries))
                self._entries.append((group, pattern, tuple(needs[1:])))

    def candidates(self, text: str) -> dict[int, list[re.Pattern[str]]]:
        """Return the patterns that may be found in a text, by group and in order; groups without any are left out."""
        characters = set(text)
        found: dict[int, list[re.Pattern[str]]] = {}
        named = [self._under[character] for character in self._under.keys() & characters]
        for number in sorted(self._always.union(*named)):
            group, pattern, needs = self._entries[number]
            if needs and any(map(characters.isdisjoint, needs)):
                continue
            if group in found:
                found[group].append(pattern)
            else:
                found[group] = [pattern]
        return found

    def search(self, text: str) -> set[int]:
        """Return the groups of which some pattern is found in a text."""
        return {
            group
            for group, patterns in self.candidates(text).items()
            if any(pattern.search(text) for pattern in patterns)
        }


def characters_needed(pattern: re.Pattern[str]) -> frozenset[Need]:
    """Return sets of characters: every match of ``pattern`` has at least one of each. None for what is not understood.

    White space is never among them.
    """
    if pattern.flags & re.VERBOSE:
        return frozenset()
    reader = _Reader(pattern.pattern)
    try:
        needs = reader.read_choice()
    except _UnreadableError:
        return frozenset()
    return needs if reader.at_end() else frozenset()


class _UnreadableError(ValueError):
    """Syntax that is not understood here."""


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def at_end(self) -> bool:
        return self._at >= len(self._pattern)

    def read_choice(self) -> frozenset[Need]:
        """Read alternatives up to the end of the group: what they need between them, taking the least of each."""
        every = [self._read_sequence()]
        while self._next() == "|":
            self._at += 1
            every.append(self._read_sequence())
        if len(every) == 1:
            return every[0]
        return frozenset({frozenset().union(*(min(needs, key=_cost) for needs in every))} if all(every) else ())

    def _read_sequence(self) -> frozenset[Need]:
        """Read what stands in a row: it needs all that its parts need."""
        together: set[Need] = set()
        while self._next() not in ("", "|", ")"):
            needs = self._read_atom()
            repeat = _REPEAT.match(self._pattern, self._at)
            if repeat:
                self._at = repeat.end()
            if not repeat or not (repeat[1] or repeat[3] == "0"):
                together |= needs
        return frozenset(together)

    def _read_atom(self) -> frozenset[Need]:
        character = self._take()
        if character == "(":
            return self._read_group()
        if character == "[":
            return _each(self._read_class())
        if character in ".^$":
            return frozenset()
        if character in "*+?{":
            raise _UnreadableError
        if character == "\\":
            self._at -= 1
            return _each(_only(self._read_character()))
        return _each(_only(character))

    def _read_group(self) -> frozenset[Need]:
        counts = True
        if self._next() == "?":
            kind = _GROUP.match(self._pattern, self._at)
            if kind is None:
                raise _UnreadableError
            self._at = kind.end()
            counts = kind[1] is not None  # what is only looked at may lie outside the match
        needs = self.read_choice()
        if self._take() != ")":
            raise _UnreadableError
        return needs if counts else frozenset()

    def _read_class(self) -> Need | None:
        """Read a set of characters; one that excludes, or that has a category such as digits, needs nothing."""
        excludes = self._next() == "^"
        self._at += excludes
        needs: Need | None = frozenset()
        first = True
        while self._next() != "]" or first:
            first = False
            found = self._read_member()
            needs = None if needs is None or found is None else needs | found
        self._at += 1
        return None if excludes else needs

    def _read_member(self) -> Need | None:
        """Read a character or a category of a set, or a range."""
        start = self._read_character()
        if self._next() != "-" or self._pattern[self._at + 1 : self._at + 2] == "]":
            return _only(start)
        self._at += 1
        end = self._read_character()
        if not start or not end:
            raise _UnreadableError
        if ord(end) - ord(start) >= _WIDEST_RANGE:
            return None
        each = [_only(chr(code)) for code in range(ord(start), ord(end) + 1)]
        return None if None in each else frozenset().union(*filter(None, each))

    def _read_character(self) -> str | None:
        """Read one character, be it escaped; ``None`` for a category and for what only looks."""
        character = self._take()
        if character != "\\":
            return character
        escaped = self._take()
        if escaped in _CATEGORIES:
            return None
        if code := _CODE.match(self._pattern, self._at - 1):
            self._at = code.end()
            return chr(int(code[0][1:], 16))
        if escaped in _BLANKS or not escaped.isalnum():
            return _BLANKS.get(escaped, escaped)
        raise _UnreadableError

    def _next(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        if self.at_end():
            raise _UnreadableError
        self._at += 1
        return self._pattern[self._at - 1]


def _cost(need: Need) -> tuple[int, list[str]]:
    """Order needs, the least first, and alike in every process."""
    return len(need), sorted(need)


def _each(need: Need | None) -> frozenset[Need]:
    return frozenset({need}) if need is not None else frozenset()


def _only(character: str | None) -> Need | None:
    """Return the forms that one character of a pattern may have in a text."""
    # Blanks are put in where something is taken out of a text, so a blank may come about.
    if character is None or character.isspace() or character in _ALIKE:
        return None
    forms = frozenset((character, character.lower(), character.upper()))
    return forms if character.isascii() or len(forms) == 1 else None
