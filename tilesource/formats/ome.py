"""What OME-XML says of an image, and whether it is safe to follow.

Source: the OME data model, schema 2016-06.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from tilesource.config import getConfig
from tilesource.errors import UnreadableFile
from tilesource.formats.safe_xml import parse_xml

# Lengths in millimetres.
_MILLIMETRES = {
    "m": 1e3, "cm": 10.0, "mm": 1.0, "µm": 1e-3, "μm": 1e-3, "um": 1e-3, "nm": 1e-6, "pm": 1e-9,
    "micrometer": 1e-3, "millimeter": 1.0, "nanometer": 1e-6, "centimeter": 10.0,
}  # fmt: skip
_MOST_PLANES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OmeImage:
    """The facts of one image of an OME document."""

    magnification: float | None = None
    mm_x: float | None = None
    mm_y: float | None = None
    channels: tuple[str, ...] = ()


def siblings_of(text: str, path: Path) -> list[Path]:
    """Return the other files that hold planes of the image; all lie beside it, and exist.

    Raise UnreadableFile for a document that names files elsewhere or an absurd number of planes.
    """
    root = parse_xml(text)
    if root is None:
        return []
    _check_planes(root)
    names = {node.get("FileName", "") for node in _elements(root, "UUID")}
    return [found for name in sorted(names) if (found := _beside(path, name)) is not None]


def image_of(text: str, name: str | None = None) -> OmeImage:
    """Return the facts of the image of that name, or else of the first."""
    root = parse_xml(text)
    if root is None:
        return OmeImage()
    images = list(_elements(root, "Image"))
    named = [node for node in images if name and node.get("Name") == name]
    image = (named or images or [root])[0]
    pixels = next(_elements(image, "Pixels"), None)
    if pixels is None:
        return OmeImage()
    return OmeImage(
        magnification=_power(root, image),
        mm_x=_length(pixels, "PhysicalSizeX"),
        mm_y=_length(pixels, "PhysicalSizeY"),
        channels=_channels(pixels),
    )


def _channels(pixels: Element) -> tuple[str, ...]:
    channels = [node for node in pixels if _local(node) == "Channel"]
    names = [node.get("Name") for node in channels]
    return tuple(name for name in names if name) if all(names) else ()


def _power(root: Element, image: Element) -> float | None:
    """Return the magnification of the objective that the image refers to, or of the only one."""
    objectives = {node.get("ID"): node for node in _elements(root, "Objective")}
    settings = [node.get("ID") for node in _elements(image, "ObjectiveSettings")]
    chosen = [objectives[key] for key in settings if key in objectives]
    for node in chosen or (list(objectives.values()) if len(objectives) == 1 else []):
        return positive(node.get("NominalMagnification"))
    return None


def _length(pixels: Element, name: str) -> float | None:
    length = positive(pixels.get(name))
    unit = _MILLIMETRES.get(pixels.get(f"{name}Unit", "µm"))
    return length * unit if length and unit else None


def positive(text: str | None) -> float | None:
    """Return the number if it is one that a length or a magnification can have."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 < value < 1e9 else None


def _check_planes(root: Element) -> None:
    """Refuse numbers of planes that would fill the memory before the first is missed."""
    total = 0
    for node in root.iter():  # tifffile, too, knows elements by how their names end
        name = _local(node)
        if name.endswith("Pixels"):
            total += math.prod(max(_whole(node.get(f"Size{axis}")), 1) for axis in "CZT")
        elif name.endswith("TiffData"):
            total += max(_whole(node.get("PlaneCount")), _whole(node.get("NumPlanes")), 0)
            total += max((_whole(node.get(f"First{axis}")) for axis in "CZT"), default=0)
        elif name[:-1].endswith("Along"):
            total += _steps(node)
        if total > 2 * _MOST_PLANES:
            raise UnreadableFile(f"its OME-XML claims more than {_MOST_PLANES:,} planes")


def _steps(node: Element) -> int:
    try:
        start, end = float(node.get("Start", 0)), float(node.get("End", 0))
        return math.ceil(abs(end - start) / abs(float(node.get("Step", 1))))
    except (ValueError, ArithmeticError):
        return _MOST_PLANES * 2 + 1


def _whole(text: str | None) -> int:
    """Return a count; one that is no number is refused as too large."""
    if text is None:
        return 0
    return int(text) if text.strip().isdigit() and len(text) < 10 else _MOST_PLANES * 2 + 1


def _beside(path: Path, name: str) -> Path | None:
    """Return the named file in the folder of the path; None for the path itself or a lost one."""
    if not name or name == path.name:
        return None
    if "/" in name or "\\" in name or "\0" in name or name in (".", ".."):
        raise UnreadableFile(f"its OME-XML names a file outside of its folder: {name[:80]!r}")
    found = path.parent / name
    if not getConfig("allow_other_files") or not found.is_file():
        return None
    if found.resolve().parent != path.parent.resolve():
        raise UnreadableFile(f"its OME-XML names a file that lies elsewhere: {name[:80]!r}")
    return found


def _elements(root: Element, name: str) -> Iterator[Element]:
    """Yield the elements of that name, of whatever version of the schema."""
    return (node for node in root.iter() if _local(node) == name)


def _local(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]
