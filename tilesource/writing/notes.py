"""What is written of an image beside its pixels: as OME-XML, or as properties like libvips's.

Sources: OME schema 2016-06, OME-TIFF specification; libvips writes the properties of an image as
an XML list into ImageDescription, where OpenSlide's names for scale and objective are customary.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from tilesource.formats.base import frames_of
from tilesource.formats.tiff_notes import AXES_NAMESPACE
from tilesource.geometry import Scale
from tilesource.writing.picture import Picture

_VIPS = "http://www.vips.ecs.soton.ac.uk//dzsave"
_OME = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
_OME_TYPES = {"float32": "float", "float64": "double"}
_OME_AXES = ("t", "c", "z")
_MICROMETRES = 1000  # in a millimetre


def is_ome(picture: Picture) -> bool:
    """Tell whether an image has frames or channels, which only OME-XML can describe."""
    return len(picture.frames) > 1 or bool(picture.channels)


def properties(scale: Scale) -> bytes:
    """Return the scale of an image of one frame as an XML list of properties."""
    root = ElementTree.Element("image", {"xmlns": _VIPS})
    listed = ElementTree.SubElement(root, "properties")
    facts = {
        "openslide.objective-power": scale.magnification,
        "openslide.mpp-x": scale.mm_x and scale.mm_x * _MICROMETRES,
        "openslide.mpp-y": scale.mm_y and scale.mm_y * _MICROMETRES,
    }
    for name, value in facts.items():
        if value:
            entry = ElementTree.SubElement(listed, "property")
            ElementTree.SubElement(entry, "name").text = name
            number = ElementTree.SubElement(entry, "value", {"type": "VipsRefString"})
            number.text = f"{value:.12g}"
    return _xml(root)


def ome(picture: Picture, associated: Mapping[str, tuple[int, int, int]]) -> bytes:
    """Return the OME-XML of an image whose frames are the first pages of a file.

    The associated images are the pages that follow: name -> width, height and bands.
    """
    root = ElementTree.Element("OME", {"xmlns": _OME, "Creator": "girder-tiles"})
    if picture.scale.magnification:
        power = f"{picture.scale.magnification:.12g}"
        instrument = ElementTree.SubElement(root, "Instrument", {"ID": "Instrument:0"})
        ElementTree.SubElement(
            instrument, "Objective", {"ID": "Objective:0", "NominalMagnification": power}
        )
    sizes, order = ome_axes(picture.frames)
    _image(root, 0, "", picture, sizes, order)
    for number, (name, (width, height, bands)) in enumerate(associated.items(), 1):
        _associated_image(root, number, name, (width, height, bands), len(picture.frames))
    if not _is_plain(picture.frames):
        _annotate(root, picture)
    return _xml(root)


def ome_axes(frames: Sequence[Mapping[str, int]]) -> tuple[dict[str, int], str]:
    """Return the sizes of t, c and z, and their order, fastest first.

    OME knows no other axes. Frames that have others count as times; an annotation tells the rest.
    """
    if not _is_plain(frames):
        return {"z": 1, "c": 1, "t": len(frames)}, "ZCT"
    sizes = _sizes(frames)
    slowest_first = [*(axis for axis in _OME_AXES if axis not in sizes), *sizes]
    return {axis: sizes.get(axis, 1) for axis in _OME_AXES}, "".join(
        reversed(slowest_first)
    ).upper()


def _sizes(frames: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Return the length of each axis, slowest first."""
    return {axis: len({frame.get(axis) for frame in frames}) for axis in frames[0]}


def _is_grid(frames: Sequence[Mapping[str, int]]) -> bool:
    """Tell whether the frames are all places of their axes, in order."""
    sizes = _sizes(frames)
    return math.prod(sizes.values()) == len(frames) and list(frames_of(sizes)) == list(frames)


def _is_plain(frames: Sequence[Mapping[str, int]]) -> bool:
    """Tell whether OME can describe the frames' axes."""
    return set(frames[0]) <= set(_OME_AXES) and _is_grid(frames)


def _image(
    root: ElementTree.Element,
    number: int,
    name: str,
    picture: Picture,
    sizes: Mapping[str, int],
    order: str,
) -> None:
    image = ElementTree.SubElement(root, "Image", {"ID": f"Image:{number}", "Name": name})
    if picture.scale.magnification:
        ElementTree.SubElement(image, "InstrumentRef", {"ID": "Instrument:0"})
        ElementTree.SubElement(image, "ObjectiveSettings", {"ID": "Objective:0"})
    lengths = {"PhysicalSizeX": picture.scale.mm_x, "PhysicalSizeY": picture.scale.mm_y}
    facts = {name: f"{mm * _MICROMETRES:.12g}" for name, mm in lengths.items() if mm}
    names = list(picture.channels)[: sizes["c"]]
    pixels = _pixels(image, number, (picture.width, picture.height, picture.bands), sizes["c"])
    pixels.attrib.update(facts)
    pixels.set("Type", _OME_TYPES.get(picture.dtype.name, picture.dtype.name))
    pixels.set("DimensionOrder", f"XY{order}")
    pixels.attrib.update({"SizeZ": str(sizes["z"]), "SizeT": str(sizes["t"])})
    for channel, channel_name in zip(pixels, names, strict=False):
        channel.set("Name", channel_name)
    _data(pixels, 0, len(picture.frames))


def _associated_image(
    root: ElementTree.Element, number: int, name: str, size: tuple[int, int, int], pages: int
) -> None:
    image = ElementTree.SubElement(root, "Image", {"ID": f"Image:{number}", "Name": name})
    _data(_pixels(image, number, size, 1), pages + number - 1, 1)


def _pixels(
    image: ElementTree.Element, number: int, size: tuple[int, int, int], channels: int
) -> ElementTree.Element:
    width, height, bands = size
    facts = {
        "ID": f"Pixels:{number}", "DimensionOrder": "XYCZT", "Type": "uint8",
        "SizeX": str(width), "SizeY": str(height), "SizeC": str(channels * bands),
        "SizeZ": "1", "SizeT": "1",
    }  # fmt: skip
    pixels = ElementTree.SubElement(image, "Pixels", facts)
    for channel in range(channels):
        known = {"ID": f"Channel:{number}:{channel}", "SamplesPerPixel": str(bands)}
        ElementTree.SubElement(pixels, "Channel", known)
    return pixels


def _data(pixels: ElementTree.Element, page: int, count: int) -> None:
    ElementTree.SubElement(pixels, "TiffData", {"IFD": str(page), "PlaneCount": str(count)})


def _annotate(root: ElementTree.Element, picture: Picture) -> None:
    """Tell the axes that OME has no words for, and their channels, for this library to read."""
    frames = picture.frames
    told: dict[str, Any] = {"channels": list(picture.channels)} if picture.channels else {}
    told |= {"axes": _sizes(frames)} if _is_grid(frames) else {"frames": [dict(f) for f in frames]}
    annotations = ElementTree.SubElement(root, "StructuredAnnotations")
    entry = ElementTree.SubElement(
        annotations, "CommentAnnotation", {"ID": "Annotation:0", "Namespace": AXES_NAMESPACE}
    )
    ElementTree.SubElement(entry, "Value").text = json.dumps(told)


def _xml(root: ElementTree.Element) -> bytes:
    # TIFF's text is 7-bit: other characters go as XML references.
    body: bytes = ElementTree.tostring(root, encoding="us-ascii", xml_declaration=True)
    return body
