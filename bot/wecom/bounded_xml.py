"""A small XML reader for hostile input: element trees of WeChat Work's shape, and nothing else XML can do.

A document that is nothing but leaves below the root, as WeChat Work writes nearly all, is read by one pattern; expat reads
every other, and would read that one alike (a test holds the two against each other).

Refused: DOCTYPE and entities, attributes, comments, processing instructions, text beside elements, elements of the
same name where WeChat Work never repeats one, and everything beyond the given depth and :data:`MAX_ELEMENTS`.
"""

from __future__ import annotations

import re
from typing import NoReturn, TypeAlias
from xml.parsers import expat

from bot.errors import XmlError

MAX_ELEMENTS = 64

REPEATABLE = frozenset({"SelectedItem", "OptionId", "item"})
"""Elements that come in lists: the answers of a template card, and the pictures of a photo menu entry
(developer.work.weixin.qq.com/document/path/90240)."""

Node: TypeAlias = "str | dict[str, Node] | list[Node]"
Tree: TypeAlias = dict[str, Node]

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_LEAF = re.compile(r"[ \t\n]*<([A-Za-z][A-Za-z0-9_]*)>(?:<!\[CDATA\[([^\]\r]*)\]\]>|([^<&\]\r]*))</\1>", re.ASCII)
_START, _END = "<xml>", "</xml>"


def strip_illegal(text: str) -> str:
    """Remove what XML 1.0 cannot carry: control characters, lone surrogates, U+FFFE and U+FFFF."""
    # Printable text in lines, which most messages are, holds none of it, and asking for that is quicker.
    return text if text.replace("\n", "").isprintable() else _ILLEGAL.sub("", text)


def read_tree(text: str, depth: int) -> Tree:
    """Read an ``<xml>`` document as :func:`parse_tree` does, quicker where it is nothing but leaves.

    Raises:
        XmlError: the document is not well-formed or breaks a bound.
    """
    leaves = _read_leaves(text) if depth > 1 else None
    if leaves is not None:
        return leaves
    try:
        document = text.encode()
    except UnicodeEncodeError as error:
        raise XmlError from error
    return parse_tree(document, depth)


def _read_leaves(text: str) -> Tree | None:
    """Return the leaves of a flat document, or ``None`` for any document this pattern does not know how to read."""
    if not text.startswith(_START) or strip_illegal(text) != text:
        return None
    tree: Tree = {}
    at = len(_START)
    while (leaf := _LEAF.match(text, at)) is not None:
        name, section, plain = leaf.groups()
        if name in tree or len(tree) >= MAX_ELEMENTS - 1:
            return None
        tree[name] = plain if section is None else section
        at = leaf.end()
    return tree if text[at:].strip(" \t\n") == _END else None


def parse_tree(document: bytes, depth: int) -> Tree:
    """Read an ``<xml>`` document (UTF-8) of at most ``depth`` levels, the root included.

    A leaf is a string, an element with children a dict, a repeated element a list.

    Raises:
        XmlError: the document is not well-formed or breaks a bound.
    """
    builder = _TreeBuilder(depth)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = builder.open
    parser.EndElementHandler = builder.close
    parser.CharacterDataHandler = builder.add_text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ProcessingInstructionHandler = _refuse
    parser.CommentHandler = _refuse
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise XmlError from error
    return builder.root


def _refuse(*_: object) -> NoReturn:
    raise XmlError


class _TreeBuilder:
    def __init__(self, depth: int) -> None:
        self.root: Tree = {}
        self._depth = depth
        self._elements = 0
        self._open: list[tuple[Tree, list[str]]] = []

    def open(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if attributes or self._elements > MAX_ELEMENTS or len(self._open) >= self._depth:
            raise XmlError
        if not self._open and name != "xml":
            raise XmlError
        self._open.append(({}, []))

    def add_text(self, text: str) -> None:
        self._open[-1][1].append(text)

    def close(self, name: str) -> None:
        children, texts = self._open.pop()
        text = "".join(texts)
        if (children or not self._open) and text.strip():
            raise XmlError
        if self._open:
            _attach(self._open[-1][0], name, children or text)
        else:
            self.root = children


def _attach(parent: Tree, name: str, node: Node) -> None:
    if name not in parent:
        parent[name] = node
        return
    if name not in REPEATABLE:
        raise XmlError
    before = parent[name]
    parent[name] = [*before, node] if isinstance(before, list) else [before, node]
