"""The error tree and its table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from bot import errors
from bot.errors import (
    FORBIDDEN,
    REFUSALS,
    BodyLostError,
    BodyTooLargeError,
    BodyTooSlowError,
    BotError,
    OverloadError,
    RefusedError,
)

Kind = TypeVar("Kind", bound=BotError)


def descendants(kind: type[Kind]) -> Iterator[type[Kind]]:
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


def test_every_refusal_has_one_row_and_what_says_anything_about_the_content_is_the_uniform_403() -> None:
    refused = {RefusedError, *descendants(RefusedError)}
    assert set(REFUSALS) == refused
    own = {OverloadError: 503, BodyTooLargeError: 413, BodyTooSlowError: 408, BodyLostError: 408}
    for kind, refusal in REFUSALS.items():
        assert refusal.status == own.get(kind, 403)
        assert (refusal is FORBIDDEN) == (kind not in own)


def test_every_refusal_has_a_reason_and_a_hint_of_its_own() -> None:
    kinds: list[type[RefusedError]] = [RefusedError, *descendants(RefusedError)]
    assert len({kind.reason for kind in kinds}) == len(kinds)
    assert len({kind.hint for kind in kinds}) == len(kinds)


def test_docstring_draws_the_whole_tree() -> None:
    drawn = errors.__doc__ or ""
    kinds: list[type[BotError]] = [BotError, *descendants(BotError)]
    for kind in kinds:
        if kind.__module__ == errors.__name__:
            assert kind.__name__ in drawn
