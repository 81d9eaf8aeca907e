"""What a TIFF says of itself in its tags and descriptions: scale, channels, the vendor's notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import tifffile

# OME-XML lengths, schema 2016-06, in millimetres.
_MILLIMETRES = {"m": 1e3, "cm": 10.0, "mm": 1.0, "µm": 1e-3, "um": 1e-3, "nm": 1e-6, "pm": 1e-9}
_RESOLUTION_UNITS = {2: 25.4, 3: 10.0}  # TIFF 6.0, tag 296: inch, centimetre


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffMetadata:
    """The facts that tags and descriptions carry beside the pixels."""

    magnification: float | None = None
    mm_x: float | None = None
    mm_y: float | None = None
    channels: tuple[str, ...] = ()
    internal: Mapping[str, Any] = field(default_factory=dict)


def metadata_of(tiff: tifffile.TiffFile, page: Any) -> TiffMetadata:
    """Return what the file says of the image whose first page is given."""
    if tiff.is_svs:
        return _aperio(page)
    if tiff.is_ome:
        return _ome(tiff.ome_metadata or "")
    mm_x, mm_y = _resolution(page)
    return TiffMetadata(mm_x=mm_x, mm_y=mm_y, internal={"description": page.description})


def _aperio(page: Any) -> TiffMetadata:
    """Read `name|key = value|...`; AppMag is the objective, MPP micrometres a pixel."""
    facts: dict[str, str] = {}
    for part in page.description.split("|")[1:]:
        key, found, value = part.partition("=")
        if found:
            facts[key.strip()] = value.strip()
    mpp = _positive(facts.get("MPP"))
    mm = mpp / 1000 if mpp else None
    return TiffMetadata(
        magnification=_positive(facts.get("AppMag")), mm_x=mm, mm_y=mm, internal={"xml": facts}
    )


def _ome(text: str) -> TiffMetadata:
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return TiffMetadata(internal={"omereadable": False})
    pixels = root.find(".//{*}Pixels")
    if pixels is None:
        return TiffMetadata()
    objective = root.find(".//{*}Objective[@NominalMagnification]")
    power = None if objective is None else objective.get("NominalMagnification")
    names = [channel.get("Name") for channel in pixels.findall("{*}Channel")]
    return TiffMetadata(
        magnification=_positive(power),
        mm_x=_ome_length(pixels, "PhysicalSizeX"),
        mm_y=_ome_length(pixels, "PhysicalSizeY"),
        channels=tuple(name for name in names if name) if all(names) else (),
        internal={"omeinfo": text},
    )


def _ome_length(pixels: ElementTree.Element, name: str) -> float | None:
    length = _positive(pixels.get(name))
    unit = _MILLIMETRES.get(pixels.get(f"{name}Unit", "µm"))
    return length * unit if length and unit else None


def _resolution(page: Any) -> tuple[float | None, float | None]:
    """Return millimetres a pixel, unless the tags only tell a screen's or printer's dots."""
    unit = _RESOLUTION_UNITS.get(_tag(page, "ResolutionUnit"))
    lengths = []
    for name in ("XResolution", "YResolution"):
        value = _tag(page, name)
        per_unit = value[0] / value[1] if isinstance(value, tuple) and value[1] else 0
        lengths.append(unit / per_unit if unit and per_unit else None)
    mm_x, mm_y = lengths
    known = mm_x is not None and mm_y is not None and max(mm_x, mm_y) < 0.1
    return (mm_x, mm_y) if known else (None, None)


def _tag(page: Any, name: str) -> Any:
    return page.tags.valueof(name)


def _positive(text: str | None) -> float | None:
    """Return the number if it is one that a length or a magnification can have."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 < value < 1e9 else None
