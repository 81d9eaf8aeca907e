"""What an OME-XML claims, before tifffile makes lists as long as it says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.etree import ElementTree

from tilesource.errors import UnreadableFile

_MOST_PLANES = 100_000
_SIZES = ("SizeZ", "SizeC", "SizeT")
_COUNTS = ("IFD", "NumPlanes", "PlaneCount")


def check_ome(text: str) -> None:
    """Raise UnreadableFile if the metadata tell of more planes than any file has."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:  # then tifffile does not go by them either
        return
    try:
        most = max(_counts(root), default=0)
    except ValueError as exc:
        raise UnreadableFile(f"the OME metadata make no sense: {exc}") from exc
    if not most <= _MOST_PLANES:
        raise UnreadableFile(f"the OME metadata tell of {most:.10g} planes")


def _counts(root: ElementTree.Element) -> Iterator[float]:
    """Yield all numbers by which tifffile makes a list or an array."""
    for element in root.iter():  # tifffile knows elements by the end of their name, too
        if element.tag.endswith("Pixels"):
            yield math.prod(_number(element, name, 1) for name in _SIZES)
        elif element.tag.endswith("TiffData"):
            yield from (_number(element, name, 0) for name in _COUNTS)
        elif {"Start", "End"} <= set(element.keys()):  # an axis of a modulo annotation
            step = abs(_number(element, "Step", 1)) or 1
            yield abs(_number(element, "End", 0) - _number(element, "Start", 0)) / step


def _number(element: ElementTree.Element, name: str, default: float) -> float:
    return float(element.get(name, default))
