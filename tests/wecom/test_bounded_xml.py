"""The reader of hostile XML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import XmlError
from bot.wecom.bounded_xml import MAX_ELEMENTS, Node, parse_tree, strip_illegal


@pytest.mark.parametrize(
    ("document", "tree"),
    [
        ("<xml><A>1</A><B><![CDATA[<x>&]]></B></xml>", {"A": "1", "B": "<x>&"}),
        ("<xml>\n <A/>\n</xml>\n", {"A": ""}),
        ("<xml><A>&lt;&#65;</A></xml>", {"A": "<A"}),
        ("<xml></xml>", {}),
        ('<?xml version="1.0" encoding="UTF-8"?><xml><A>一</A></xml>', {"A": "一"}),
        ("\ufeff<xml><A>1</A></xml>", {"A": "1"}),
        ("<xml><L><item>1</item></L></xml>", {"L": {"item": "1"}}),
        ("<xml><L><item>1</item><item><A/></item></L></xml>", {"L": {"item": ["1", {"A": ""}]}}),
        ("<xml><A>1<![CDATA[2]]>3</A></xml>", {"A": "123"}),
    ],
)
def test_tree_of_a_document(document: str, tree: dict[str, Node]) -> None:
    assert parse_tree(document.encode(), 4) == tree


@pytest.mark.parametrize(
    "document",
    [
        "",
        "text",
        "<xml>",
        "<xml></xml><xml></xml>",
        "<XML></XML>",
        "<xml a='1'></xml>",
        "<xml xmlns='a'></xml>",
        "<xml><A b='1'/></xml>",
        "<xml><!-- a --></xml>",
        "<xml><?a b?></xml>",
        "<!DOCTYPE xml><xml></xml>",
        "<!DOCTYPE xml [<!ENTITY a 'b'>]><xml></xml>",
        "<!DOCTYPE xml SYSTEM 'file:///etc/hostname'><xml></xml>",
        "<xml>&a;</xml>",
        "<xml>text</xml>",
        "<xml>text<A/></xml>",
        "<xml><A/>text</xml>",
        "<xml><A/><A/></xml>",
        "<xml><A><B><C><D/></C></B></A></xml>",
        "<xml><A>\x01</A></xml>",
        "<xml><A>\ufffe</A></xml>",
    ],
)
def test_document_out_of_bounds_is_refused(document: str) -> None:
    with pytest.raises(XmlError):
        parse_tree(document.encode(), 4)


def test_depth_is_counted_from_the_root() -> None:
    document = b"<xml><A><B/></A></xml>"
    assert parse_tree(document, 3) == {"A": {"B": ""}}
    with pytest.raises(XmlError):
        parse_tree(document, 2)


def test_number_of_elements_is_bounded() -> None:
    def document(count: int) -> bytes:
        return ("<xml>" + "".join(f"<a{n}/>" for n in range(count - 1)) + "</xml>").encode()

    assert len(parse_tree(document(MAX_ELEMENTS), 2)) == MAX_ELEMENTS - 1
    with pytest.raises(XmlError):
        parse_tree(document(MAX_ELEMENTS + 1), 2)


def test_declared_encoding_cannot_change_how_bytes_are_read() -> None:
    document = "<?xml version='1.0' encoding='iso-8859-1'?><xml><A>党</A></xml>".encode()
    assert parse_tree(document, 2) == {"A": "党"}


@given(st.binary(max_size=400) | st.text(alphabet="<>/xmlA&;![]CDT- '=\n", max_size=80).map(str.encode))
def test_any_bytes_give_a_tree_or_the_one_error(document: bytes) -> None:
    for candidate in (document, b"<xml>" + document + b"</xml>"):
        try:
            tree = parse_tree(candidate, 5)
        except XmlError:
            continue
        assert isinstance(tree, dict)


@given(st.text(alphabet=st.characters(), max_size=200))
def test_text_freed_of_illegal_characters_survives_a_cdata_section(text: str) -> None:
    legal = strip_illegal(text).replace("]]>", "").replace("\r", "")
    assert parse_tree(f"<xml><A><![CDATA[{legal}]]></A></xml>".encode(), 2) == {"A": legal}
