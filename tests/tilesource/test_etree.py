"""XML to dictionaries and back."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from tilesource.errors import InvalidRequest
from tilesource.etree import dictToEtree, etreeToDict

PAIRS = [
    ("<a />", {"a": {}}),
    ("<a>t</a>", {"a": "t"}),
    ('<a b="1">text</a>', {"a": {"b": "1", "text": "text"}}),
    ("<a><b>1</b><b>2</b><c /></a>", {"a": {"b": ["1", "2"], "c": {}}}),
    ('<a q="2"><b k="v">z</b></a>', {"a": {"b": {"k": "v", "text": "z"}, "q": "2"}}),
]


@pytest.mark.parametrize(("text", "content"), PAIRS)
def test_xml_becomes_a_dictionary_and_xml_again(text: str, content: dict[str, Any]) -> None:
    assert etreeToDict(ElementTree.fromstring(text)) == content
    assert ElementTree.tostring(dictToEtree(content)).decode() == text


def test_schemas_are_left_out_and_an_attribute_hides_a_child() -> None:
    text = '<x:a xmlns:x="u" x:q="2"><x:b k="v">z</x:b></x:a>'
    content = {"a": {"b": {"k": "v", "text": "z"}, "q": "2"}}
    assert etreeToDict(ElementTree.fromstring(text)) == content
    assert etreeToDict(ElementTree.fromstring('<a b="1"><b>2</b></a>')) == {"a": {"b": "1"}}


def test_several_keys_are_put_into_a_root() -> None:
    assert ElementTree.tostring(dictToEtree({"a": 1, "b": {"c": 2}})) == (
        b'<root a="1"><b c="2" /></root>'
    )
    with pytest.raises(InvalidRequest, match="dictionary"):
        dictToEtree("text")  # type: ignore[arg-type]
