"""What a TIFF says of itself in its tags and descriptions: scale, channels, the vendor's notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import tifffile

from tilesource.formats import ome
from tilesource.formats.base import magnification_of
from tilesource.formats.ome import positive
from tilesource.formats.safe_xml import parse_xml
from tilesource.formats.tiff_layout import TiffLayout
from tilesource.formats.tiff_notes import noted_channels, noted_scale

_UNITS = {2: 25.4, 3: 10.0}  # TIFF 6.0, tag 296: inch, centimetre, in millimetres
_FEWEST_DOTS = 100  # to an inch or a centimetre; fewer are told by files that know no scale
# ImageJ's names of the unit in its description, in millimetres.
_IMAGEJ_UNITS = {
    "micron": 1e-3, "um": 1e-3, "µm": 1e-3, "\\u00b5m": 1e-3, "micrometer": 1e-3, "nm": 1e-6,
    "mm": 1.0, "cm": 10.0, "inch": 25.4, "m": 1e3,
}  # fmt: skip
_NDPI_LENS, _XMP = 65421, 700


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffMetadata:
    """The facts that tags and descriptions carry beside the pixels."""

    magnification: float | None = None
    mm_x: float | None = None
    mm_y: float | None = None
    channels: tuple[str, ...] = ()
    internal: Mapping[str, Any] = field(default_factory=dict)


def metadata_of(tiff: tifffile.TiffFile, layout: TiffLayout) -> TiffMetadata:
    """Return what the file says of its main image."""
    page = layout.levels[0][0].page.keyframe  # type: ignore[union-attr]
    for is_kind, read in _KINDS.items():
        if getattr(tiff, is_kind):
            notes = read(tiff, page, layout)
            break
    else:
        notes = _plain(page)
        notes = replace(notes, channels=noted_channels(page.description, layout.frames))
    return replace(notes, magnification=notes.magnification or magnification_of(notes.mm_x))


def _plain(page: Any) -> TiffMetadata:
    mm_x, mm_y = _resolution(page)
    noted = noted_scale(page.description)
    return TiffMetadata(
        magnification=noted.magnification,
        mm_x=noted.mm_x or mm_x,
        mm_y=noted.mm_y or mm_y,
        internal={"description": page.description},
    )


def _aperio(_: tifffile.TiffFile, page: Any, __: TiffLayout) -> TiffMetadata:
    """Read `name|key = value|...`; AppMag is the objective, MPP micrometres a pixel."""
    facts: dict[str, str] = {}
    for part in page.description.split("|")[1:]:
        key, found, value = part.partition("=")
        if found:
            facts[key.strip()] = value.strip()
    mpp = positive(facts.get("MPP"))
    mm = mpp / 1000 if mpp else None
    return TiffMetadata(
        magnification=positive(facts.get("AppMag")), mm_x=mm, mm_y=mm, internal={"xml": facts}
    )


def _ome(tiff: tifffile.TiffFile, page: Any, layout: TiffLayout) -> TiffMetadata:
    text = tiff.ome_metadata or ""
    image = ome.image_of(text, layout.name)
    has_channels = any("c" in frame for frame in layout.frames)
    return TiffMetadata(
        magnification=image.magnification, mm_x=image.mm_x, mm_y=image.mm_y,
        channels=noted_channels(text, layout.frames) or (image.channels if has_channels else ()),
        internal={"omeinfo": text},
    )  # fmt: skip


def _imagej(tiff: tifffile.TiffFile, page: Any, _: TiffLayout) -> TiffMetadata:
    """Read the unit from ImageJ's description; the resolution tags count pixels of it."""
    facts = dict(tiff.imagej_metadata or {})
    unit = _IMAGEJ_UNITS.get(str(facts.get("unit", "")).lower())
    if unit is None:
        return replace(_plain(page), internal={"imagej": facts})
    mm_x, mm_y = _lengths(page, unit)
    return TiffMetadata(mm_x=mm_x, mm_y=mm_y, internal={"imagej": facts})


def _lsm(tiff: tifffile.TiffFile, page: Any, layout: TiffLayout) -> TiffMetadata:
    """Read Zeiss LSM's header; it tells the size of a voxel in metres."""
    facts = dict(tiff.lsm_metadata or {})
    names = facts.get("ChannelColors", {}).get("ColorNames", ())
    has_channels = any("c" in frame for frame in layout.frames)
    return TiffMetadata(
        mm_x=_scaled(facts.get("VoxelSizeX"), 1000), mm_y=_scaled(facts.get("VoxelSizeY"), 1000),
        channels=tuple(map(str, names)) if has_channels else (),
    )  # fmt: skip


def _ndpi(_: tifffile.TiffFile, page: Any, __: TiffLayout) -> TiffMetadata:
    lens = positive(str(page.tags.valueof(_NDPI_LENS)))
    return replace(_plain(page), magnification=lens)


def _philips(tiff: tifffile.TiffFile, page: Any, _: TiffLayout) -> TiffMetadata:
    """Read the first DICOM_PIXEL_SPACING, two quoted lengths in mm: between rows, then columns."""
    root = parse_xml(tiff.philips_metadata or "")
    found = [] if root is None else root.iterfind(".//Attribute[@Name='DICOM_PIXEL_SPACING']")
    for node in found:
        lengths = [positive(part) for part in (node.text or "").replace('"', " ").split()]
        if len(lengths) == 2:
            return TiffMetadata(mm_x=lengths[1], mm_y=lengths[0])
    return _plain(page)


def _scn(_: tifffile.TiffFile, page: Any, layout: TiffLayout) -> TiffMetadata:
    """Read Leica's XML: the image of the main pages, its size in nanometres and its objective."""
    root = parse_xml(page.parent.pages.first.description)
    images = [] if root is None else root.findall(".//{*}image")
    image = next((each for each in images if each.get("name") == layout.name), None)
    if image is None:
        return _plain(page)
    view, lens = image.find("{*}view"), image.findtext(".//{*}objective")
    across = None if view is None else positive(view.get("sizeX"))
    down = None if view is None else positive(view.get("sizeY"))
    return TiffMetadata(
        magnification=positive(lens),
        mm_x=across / 1e6 / page.imagewidth if across else None,
        mm_y=down / 1e6 / page.imagelength if down else None,
    )


def _qptiff(_: tifffile.TiffFile, page: Any, layout: TiffLayout) -> TiffMetadata:
    """Read PerkinElmer's XML: each page tells the name of its channel and the objective."""
    roots = [parse_xml(_description(ref.page)) for ref in layout.levels[0]]
    names = [None if root is None else root.findtext("Name") for root in roots]
    lens = None if roots[0] is None else roots[0].findtext(".//Objective")
    return replace(
        _plain(page),
        magnification=positive((lens or "").lower().rstrip("x")),
        channels=tuple(str(name) for name in names) if len(names) > 1 and all(names) else (),
    )


def _bif(_: tifffile.TiffFile, page: Any, __: TiffLayout) -> TiffMetadata:
    """Read Ventana's iScan element: micrometres a pixel, and the objective."""
    root = parse_xml(_text(page.tags.valueof(_XMP)))
    scan = None if root is None else next(root.iter("iScan"), None)
    if scan is None:
        return _plain(page)
    mm = _scaled(scan.get("ScanRes"), 1e-3)
    return TiffMetadata(magnification=positive(scan.get("Magnification")), mm_x=mm, mm_y=mm)


_KINDS: dict[str, Callable[[tifffile.TiffFile, Any, TiffLayout], TiffMetadata]] = {
    "is_svs": _aperio, "is_ome": _ome, "is_lsm": _lsm, "is_ndpi": _ndpi, "is_philips": _philips,
    "is_scn": _scn, "is_qpi": _qptiff, "is_bif": _bif, "is_imagej": _imagej,
}  # fmt: skip


def _resolution(page: Any) -> tuple[float | None, float | None]:
    """Return millimetres a pixel, unless the tags only tell a screen's or printer's dots."""
    unit = _UNITS.get(_tag(page, "ResolutionUnit"))
    if unit is None:
        return None, None
    mm_x, mm_y = _lengths(page, unit)
    coarsest = unit / _FEWEST_DOTS
    return (mm_x if mm_x and mm_x <= coarsest else None,
            mm_y if mm_y and mm_y <= coarsest else None)  # fmt: skip


def _lengths(page: Any, unit: float) -> tuple[float | None, float | None]:
    """Return the width and height of a pixel, from tags that tell how many make a unit."""
    lengths = []
    for name in ("XResolution", "YResolution"):
        value = _tag(page, name)
        per_unit = value[0] / value[1] if isinstance(value, tuple) and value[1] else 0
        lengths.append(unit / per_unit if per_unit else None)
    return lengths[0], lengths[1]


def _tag(page: Any, name: str) -> Any:
    return page.tags.valueof(name)


def _description(page: Any) -> str:
    return str(page.tags.valueof("ImageDescription") or "") if hasattr(page, "tags") else ""


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")


def _scaled(value: Any, factor: float) -> float | None:
    length = positive(str(value))
    return length * factor if length else None
