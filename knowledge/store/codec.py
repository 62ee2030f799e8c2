"""Frozen dataclasses to JSON and back, field by field in order, so that a field added to a type needs no code here.

Handles what the model is made of: texts, numbers, truth values, ``None``, string enums, tuples of one kind, dataclasses.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Json = Any
"""What the json module reads and writes."""

T = TypeVar("T")


def pack(value: object) -> Json:
    """Return the JSON form of a value: a dataclass becomes the list of its fields."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, tuple):
        return [pack(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return [pack(getattr(value, name)) for name in _names(type(value))]
    raise TypeError(f"{type(value).__name__} can't be stored")


def unpack(kind: type[T], packed: Json) -> T:
    """Return the value of a dataclass from its JSON form; raises ``TypeError`` or ``ValueError`` for another shape."""
    read = _reader(cast("Hashable", kind))
    value: T = read(packed) if read else packed
    return value


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _reader(kind: Hashable) -> Callable[[Json], Any] | None:
    """Return what turns the JSON form of a type into a value; ``None`` where the two are the same."""
    if get_origin(kind) is tuple:
        return _tuple_reader(_reader(get_args(kind)[0]))
    if get_origin(kind) in (Union, UnionType):
        (other,) = (part for part in get_args(kind) if part is not NoneType)
        return _optional_reader(_reader(other))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass_reader(kind)
    return None


def _tuple_reader(read: Callable[[Json], Any] | None) -> Callable[[Json], Any]:
    return tuple if read is None else lambda packed: tuple(map(read, packed))


def _optional_reader(read: Callable[[Json], Any] | None) -> Callable[[Json], Any] | None:
    return read and (lambda packed: None if packed is None else read(packed))


def _dataclass_reader(kind: type) -> Callable[[Json], Any]:
    hints = get_type_hints(kind)
    readers = [(place, _reader(hints[name])) for place, name in enumerate(_names(kind))]
    converted = tuple((place, read) for place, read in readers if read is not None)

    def read_fields(packed: Json) -> object:
        values = list(packed)
        if len(values) != len(readers):
            raise TypeError(f"{kind.__name__} has {len(readers)} fields, not {len(values)}")
        for place, read in converted:
            values[place] = read(values[place])
        return kind(*values)

    return read_fields
