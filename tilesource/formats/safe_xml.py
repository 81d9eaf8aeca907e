"""Read the XML that image files carry, without what makes XML dangerous."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from tilesource.errors import UnreadableFile

_LONGEST = 1 << 26
# Entities can name each other and grow without end; no image format needs a document type.
_DOCUMENT_TYPE = re.compile(r"<!(DOCTYPE|ENTITY)")


def check_xml(text: str) -> None:
    """Refuse text that would be dangerous to parse as XML."""
    if len(text) > _LONGEST:
        raise UnreadableFile(f"its XML of {len(text):,} characters is too long")
    if _DOCUMENT_TYPE.search(text):
        raise UnreadableFile("its XML declares a document type or entities, which is not allowed")


def parse_xml(text: str) -> Element | None:
    """Return the root element, or None if the text is no XML."""
    check_xml(text)
    try:
        return ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return None
