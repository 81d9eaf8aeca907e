"""The dictionaries that describe an image, under the keys of the documented API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tilesource.formats.base import ImageInfo
from tilesource.geometry import Grid


def metadata_of(grid: Grid, info: ImageInfo) -> dict[str, Any]:
    """Return the image's sizes in pixels, its scale in millimetres and its frames."""
    facts: dict[str, Any] = {
        "levels": grid.levels,
        "sizeX": grid.width,
        "sizeY": grid.height,
        "tileWidth": grid.tile_width,
        "tileHeight": grid.tile_height,
        "magnification": grid.scale.magnification,
        "mm_x": grid.scale.mm_x,
        "mm_y": grid.scale.mm_y,
        "dtype": str(info.dtype.newbyteorder("=")),
        "bandCount": info.bands,
    }
    if len(info.frames) > 1:
        facts |= _frames(info)
    if info.channels:
        facts["channels"] = list(info.channels)
        facts["channelmap"] = {name: index for index, name in enumerate(info.channels)}
    return facts


def _frames(info: ImageInfo) -> dict[str, Any]:
    axes = [axis for axis in info.frames[0] if len({frame[axis] for frame in info.frames}) > 1]
    frames: list[dict[str, Any]] = []
    before: tuple[int, ...] | None = None
    index = -1
    for number, frame in enumerate(info.frames):
        # Neighbours that differ by channel only are one picture, so they share their Index.
        picture = tuple(place for axis, place in frame.items() if axis != "c")
        picture = picture if frame else (number,)
        index, before = index + (picture != before), picture
        record: dict[str, Any] = {_key(axis): place for axis, place in frame.items()}
        record |= {"Frame": number, "Index": index}
        channel = frame.get("c", 0)
        if channel < len(info.channels):
            record["Channel"] = info.channels[channel]
        frames.append(record)
    if not axes:
        return {"frames": frames}
    return {
        "frames": frames,
        "IndexRange": {_key(axis): _range(info, axis) for axis in axes},
        "IndexStride": {_key(axis): _stride(info, axis) for axis in axes},
    }


def _range(info: ImageInfo, axis: str) -> int:
    return len(Counter(frame[axis] for frame in info.frames))


def _stride(info: ImageInfo, axis: str) -> int:
    """Return how many frames lie between the first frame and the next on the axis."""
    first: Mapping[str, int] = info.frames[0]
    return next(number for number, frame in enumerate(info.frames) if frame[axis] != first[axis])


def _key(axis: str) -> str:
    return f"Index{axis.upper()}"
