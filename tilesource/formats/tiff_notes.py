"""What `writing.notes` writes into a TIFF for which vendors have no words: scale and axes.

The scale is a list of properties as libvips writes it, under the names that OpenSlide gave them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


def noted_frames(ome: str, count: int) -> Sequence[Mapping[str, int]] | None:
    """Return the frames that an annotation tells, if it tells of as many as there are."""
    root = parse_xml(ome) if AXES_NAMESPACE in ome else None
    if root is None:
        return None
    node = root.find(f".//{{*}}CommentAnnotation[@Namespace='{AXES_NAMESPACE}']/{{*}}Value")
    frames = _parsed("" if node is None else node.text or "", count)
    return frames if frames is not None and len(frames) == count else None


def _parsed(text: str, count: int) -> Sequence[Mapping[str, int]] | None:
    try:
        told = json.loads(text)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    axes, frames = told.get("axes"), told.get("frames")
    if _is_frame(axes, count) and axes:
        return _grid(axes, count)
    if isinstance(frames, list) and all(_is_frame(frame, 1 << 31) for frame in frames):
        return frames if all(frame.keys() == frames[0].keys() for frame in frames) else None
    return None


def _is_frame(value: object, limit: int) -> bool:
    """Tell whether a value is a small number for each of a few axes."""
    return (
        isinstance(value, dict)
        and len(value) <= _MOST_AXES
        and all(isinstance(number, int) and 0 <= number <= limit for number in value.values())
    )


def _grid(axes: Mapping[str, int], count: int) -> Sequence[Mapping[str, int]] | None:
    """Return the frames of a grid, unless it is another number of frames."""
    total = 1
    for size in axes.values():
        total *= size
        if not 0 < total <= count:
            return None
    return frames_of(axes)
