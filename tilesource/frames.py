"""Frames and the axes they lie on, and many frames in one picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tilesource.arguments import whole
from tilesource.canvas import check_size
from tilesource.errors import InvalidRequest
from tilesource.formats.base import ImageInfo, Pixels


def axes_of(info: ImageInfo) -> dict[str, int]:
    """Return the axes on which frames differ, and how many places each has."""
    sizes = {axis: len({frame.get(axis, 0) for frame in info.frames}) for axis in info.frames[0]}
    return {axis: size for axis, size in sizes.items() if size > 1}


def frame_to_axes(info: ImageInfo, frame: int) -> dict[str, int]:
    """Return a frame's place on each axis, or its number if the image has no axes."""
    number = _number(frame, "a frame", len(info.frames))
    axes = axes_of(info)
    return {axis: info.frames[number][axis] for axis in axes} or {"frame": number}


def axes_to_frame(info: ImageInfo, places: Mapping[str, int]) -> int:
    """Return the number of the frame at a place on each axis, 0 for those that are not given."""
    axes = axes_of(info)
    wanted = dict.fromkeys(axes, 0)
    for name, place in places.items():
        axis = name.lower()
        if axis == "frame" and not axes:
            return _number(place, "a frame", len(info.frames))
        if axis not in axes:
            known = ", ".join(axes) or "none"
            raise InvalidRequest(f"{name!r} is not an axis; the axes are {known}")
        wanted[axis] = _number(place, f"the place on axis {name}", axes[axis])
    for number, frame in enumerate(info.frames):
        if all(frame.get(axis, 0) == place for axis, place in wanted.items()):
            return number
    raise InvalidRequest(f"there is no frame at {wanted}")


def frame_list(frames: Sequence[int] | None, count: int) -> list[int]:
    """Return the wanted frames, all if none is named."""
    if frames is None or (isinstance(frames, list | tuple) and not frames):
        return list(range(count))
    if isinstance(frames, str) or not isinstance(frames, Sequence):
        raise InvalidRequest(f"frameList is a list of numbers of frames, not {frames!r}")
    return [_number(frame, "a frame", count) for frame in frames]


def compose(frames: Sequence[int], across: int | None, render: Callable[[int], Pixels]) -> Pixels:
    """Return the pictures of all frames beside and below each other, row by row.

    `across` is how many stand in a row; if it is not given, the result is about square.
    """
    columns = min(whole(across, "framesAcross") or math.ceil(math.sqrt(len(frames))), len(frames))
    if columns < 1:
        raise InvalidRequest(f"framesAcross is at least 1, not {across}")
    first = render(frames[0])
    height, width, bands = first.shape
    rows = -(-len(frames) // columns)
    check_size(columns * width, rows * height, bands * first.dtype.itemsize)
    out = np.zeros((rows * height, columns * width, bands), first.dtype)
    for place, frame in enumerate(frames):
        y, x = place // columns * height, place % columns * width
        out[y : y + height, x : x + width] = first if place == 0 else render(frame)
    return out


def _number(value: object, name: str, count: int) -> int:
    number = whole(value, name)
    if number is None or not 0 <= number < count:
        raise InvalidRequest(f"{name} is 0 to {count - 1}, not {value!r}")
    return number
