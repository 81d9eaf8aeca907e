"""XML as nested dictionaries, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from tilesource.errors import InvalidRequest


def etreeToDict(t: ElementTree.Element) -> dict[str, Any]:
    """Return an element as {name: content}, without the schemas that names are of.

    Children and attributes are keys, text beside them is `text`; children of one name are a list,
    and an attribute hides a child of its name.
    """
    children: dict[str, list[Any]] = {}
    for child in t:
        name, content = next(iter(etreeToDict(child).items()))
        children.setdefault(name, []).append(content)
    inside: dict[str, Any] = {
        name: contents if len(contents) > 1 else contents[0] for name, contents in children.items()
    }
    inside |= {_local(name): value for name, value in t.attrib.items()}
    text = (t.text or "").strip()
    if text and not inside:
        return {_local(t.tag): text}
    return {_local(t.tag): inside | ({"text": text} if text else {})}


def dictToEtree(d: Mapping[str, Any], root: ElementTree.Element | None = None) -> Any:
    """Return a dictionary, in the style of etreeToDict, as an element.

    Dictionaries and lists become children, other values attributes. Of a dictionary of one key that
    key is the element; else the element is `root`.
    """
    if not isinstance(d, Mapping):
        raise InvalidRequest(f"only a dictionary becomes an XML element, not {d!r}")
    if root is None:
        if len(d) == 1:
            name, content = next(iter(d.items()))
            return _filled(ElementTree.Element(str(name)), content)
        root = ElementTree.Element("root")
    return _filled(root, d)


def _filled(element: ElementTree.Element, content: Any) -> ElementTree.Element:
    """Put the content into the element and return it."""
    if not isinstance(content, Mapping):
        element.text = None if content is None else str(content)
        return element
    for name, value in content.items():
        if name == "text":
            element.text = str(value)
        elif isinstance(value, Mapping | list | tuple):
            for each in value if isinstance(value, list | tuple) else [value]:
                _filled(ElementTree.SubElement(element, str(name)), each)
        else:
            element.set(str(name), str(value))
    return element


def _local(name: str) -> str:
    return name.rpartition("}")[2]
