"""Where a tile goes: its corner, and its place on each axis that counts frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tilesource.arguments import whole
from tilesource.errors import InvalidRequest
from tilesource.formats.base import Pixels

_PLANE = ("y", "x", "s")
_RESERVED = (*_PLANE, "level")


@dataclass(frozen=True, slots=True)
class Planes:
    """One plane or several of them: an array of (..., height, width, bands)."""

    pixels: Pixels
    starts: Mapping[str, int]  # axis -> the place of the first plane
    counts: Mapping[str, int]  # axis -> how many planes the array has; in the array's order

    @property
    def axes(self) -> dict[str, int]:
        """Return how long each axis must be."""
        return {axis: start + self.counts.get(axis, 1) for axis, start in self.starts.items()}

    def each(self) -> Iterator[tuple[dict[str, int], Pixels]]:
        """Yield each plane with its place on every axis."""
        for index in np.ndindex(*self.counts.values()):
            steps = dict(zip(self.counts, index, strict=True))
            place = {axis: start + steps.get(axis, 0) for axis, start in self.starts.items()}
            yield place, self.pixels[index]


def planes_of(array: Pixels, order: object, starts: Mapping[str, object]) -> Planes:
    """Return the planes of an array whose axes are in an order such as `tzyxs`, `yxs` if None."""
    first = {_axis(name): _start(name, value) for name, value in starts.items()}
    names = list("yxs"[: max(array.ndim, 2)]) if order is None else _names(order)
    if "s" not in names:
        array, names = array[..., np.newaxis], [*names, "s"]
    if not array.size or len(names) != array.ndim:
        raise InvalidRequest(f"a tile of the shape {array.shape} has no pixels with axes {names}")
    extra = [name for name in names if name not in _PLANE]
    moved = np.transpose(array, [names.index(name) for name in (*extra, *_PLANE)])
    counts = dict(zip(extra, moved.shape, strict=False))
    return Planes(moved, dict.fromkeys(extra, 0) | first, counts)


def _names(order: object) -> list[str]:
    """Return the names of the axes of an array."""
    if not isinstance(order, str | Sequence):
        raise InvalidRequest(f"axes are written like 'tzyxs', not {order!r}")
    names = [str(name).lower() for name in order]
    if len(set(names)) != len(names) or not {"y", "x"} <= set(names):
        raise InvalidRequest(f"axes {order!r} do not name y, x and each other axis once")
    for name in names:
        if name not in _PLANE:
            _axis(name)
    return names


def _start(name: str, value: object) -> int:
    start = whole(value, f"the place on the axis {name}") or 0
    if start < 0:
        raise InvalidRequest(f"a place on an axis is 0 or more, not {name}={start}")
    return start


def _axis(name: str) -> str:
    lowered = str(name).lower()
    if lowered in _RESERVED or not lowered.isidentifier():
        raise InvalidRequest(f"an axis cannot be named {name!r}")
    if lowered.endswith("_value"):
        raise InvalidRequest(f"{name}: frames have places on axes, and no other values")
    return lowered
