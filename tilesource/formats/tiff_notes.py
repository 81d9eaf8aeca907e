"""What programs note in a TIFF for which vendors have no words: scale, axes, names of channels.

`writing.notes` writes the scale as a list of properties, as libvips does, under the names that
OpenSlide gave them, and the axes as JSON in OME-XML. large_image describes each page by JSON:
`{"frame": {"IndexC": 0, "IndexZ": 1, ...}}`, and the first one also by `"channels": [...]`.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tilesource.formats.base import frames_of
from tilesource.formats.ome import positive
from tilesource.formats.safe_xml import parse_xml

AXES_NAMESPACE = "girder-tiles/axes"
_MOST_AXES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedScale:
    """The scale of an image, as far as its properties tell it."""

    magnification: float | None = None
    mm_x: float | None = None
    mm_y: float | None = None


def noted_scale(description: str) -> NotedScale:
    """Return the scale that a description's list of properties tells; empty if it has none."""
    root = parse_xml(description) if "<properties>" in description else None
    if root is None:
        return NotedScale()
    facts = {
        node.findtext("{*}name"): positive(node.findtext("{*}value"))
        for node in root.iterfind(".//{*}property")
    }
    mpp_x, mpp_y = facts.get("openslide.mpp-x"), facts.get("openslide.mpp-y")
    return NotedScale(
        magnification=facts.get("openslide.objective-power"),
        mm_x=mpp_x and mpp_x / 1000,
        mm_y=mpp_y and mpp_y / 1000,
    )


def noted_frames(
    ome: str, descriptions: Iterable[str], count: int
) -> Sequence[Mapping[str, int]] | None:
    """Return the frames that an OME annotation, or else each page's description, tells of.

    They are none unless there are as many as planes, all on the same axes.
    """
    frames = _annotated(ome, count) if ome else _described(descriptions)
    if not isinstance(frames, Sequence) or not all(_is_frame(each, 1 << 31) for each in frames):
        return None
    alike = all(each.keys() == frames[0].keys() for each in frames)
    return frames if alike and len(frames) == count else None


def noted_channels(description: str, frames: Sequence[Mapping[str, int]]) -> tuple[str, ...]:
    """Return the names of the frames' channels, if an annotation or JSON tells one for each."""
    told = _annotation(description) if AXES_NAMESPACE in description else _json(description)
    names = told.get("channels")
    count = max((frame.get("c", 0) for frame in frames), default=0) + 1
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return ()
    return tuple(names[:count]) if len(names) >= count and len(frames) > 1 else ()


def _annotated(ome: str, count: int) -> object:
    told = _annotation(ome)
    axes = told.get("axes")
    return _grid(axes, count) if _is_frame(axes, count) and axes else told.get("frames")


def _annotation(ome: str) -> Mapping[str, Any]:
    root = parse_xml(ome) if AXES_NAMESPACE in ome else None
    if root is None:
        return {}
    node = root.find(f".//{{*}}CommentAnnotation[@Namespace='{AXES_NAMESPACE}']/{{*}}Value")
    return _json("" if node is None else node.text or "")


def _described(descriptions: Iterable[str]) -> Sequence[Mapping[str, Any]]:
    """Return the places on its axes that each description tells, up to one that tells none."""
    told = (_json(text).get("frame") for text in descriptions)
    return list(itertools.takewhile(bool, map(_places, told)))


def _places(frame: object) -> Mapping[str, Any]:
    """Return where a frame lies on each axis; `Index` alone counts frames."""
    facts = frame if isinstance(frame, dict) else {}
    return {
        key.removeprefix("Index").lower(): place
        for key, place in facts.items()
        if key.startswith("Index") and key != "Index"
    }


def _json(text: str) -> Mapping[str, Any]:
    """Return a JSON object, an empty one for any other text."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _is_frame(value: object, limit: int) -> bool:
    """Tell whether a value is a small number for each of a few axes."""
    return (
        isinstance(value, dict)
        and len(value) <= _MOST_AXES
        and all(type(number) is int and 0 <= number <= limit for number in value.values())
    )


def _grid(axes: Mapping[str, int], count: int) -> Sequence[Mapping[str, int]] | None:
    """Return the frames of a grid, unless it is another number of frames."""
    total = 1
    for size in axes.values():
        total *= size
        if not 0 < total <= count:
            return None
    return frames_of(axes)
