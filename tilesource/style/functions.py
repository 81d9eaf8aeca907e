"""The functions that a style may call on pixels: ours, and those installed as entry points.

Nothing is ever imported because a style names it.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tilesource import pixels as px
from tilesource.errors import InvalidRequest
from tilesource.formats.base import Pixels
from tilesource.style.context import StyleContext
from tilesource.style.values import number, whole

ENTRY_POINTS = "tilesource.style_function"
_MODULES = (
    "tilesource.stylefuncs", "tilesource.style.functions",
    "large_image.tilesource.stylefuncs",
)  # fmt: skip
_LARGEST_KERNEL = 63
_MOST_VALUES = 1 << 12
_HIDDEN = (0, 0, 0, 255)
_SHOWN = (255, 255, 255, 0)


def maskPixelValues(
    image: Pixels,
    context: StyleContext,
    values: Sequence[int | Sequence[int]],
    negative: Sequence[int] | None = None,
    positive: Sequence[int] | None = None,
) -> Pixels:
    """Return an 8-bit RGBA image that is white and transparent where the source has the values.

    A value is one number a band, or 0xBBGGRR; elsewhere the image is black, unless `negative` and
    `positive` are other colours of four numbers of 0 to 255.
    """
    source = np.asarray(context.image)
    if isinstance(values, str) or not isinstance(values, Sequence) or len(values) > _MOST_VALUES:
        raise InvalidRequest(f"values is a list of up to {_MOST_VALUES} pixels")
    found = np.zeros(source.shape[:2], bool)
    for value in values:
        found |= (source == _pixel(value, source.shape[2])).all(axis=-1)
    colours = np.array([_rgba(negative, _HIDDEN), _rgba(positive, _SHOWN)], np.uint8)
    return colours[found.astype(np.intp)]


def medianFilter(
    image: Pixels, context: StyleContext | None = None, kernel: int = 5, weight: float = 1.0
) -> Pixels:
    """Return the image sharpened by `weight` times its difference from the median around a pixel.

    `kernel` is the odd width and height, in pixels, of what the median is of.
    """
    size, share = whole("kernel", kernel), number("weight", weight)
    if size is None or not (size % 2 and 1 <= size <= _LARGEST_KERNEL) or share is None:
        raise InvalidRequest(f"kernel is odd and 1 to {_LARGEST_KERNEL}, not {kernel!r}")
    bands = image if image.ndim == 3 else image[..., None]
    median = _median(bands, size).reshape(image.shape)
    sharp = image + share * (image.astype(np.float64) - median)
    if image.dtype.kind in "ui":
        limits = np.iinfo(image.dtype)
        sharp = np.clip(np.rint(sharp), limits.min, limits.max)
    return sharp.astype(image.dtype)


def _median(pixels: Pixels, size: int) -> Pixels:
    return px.from_vips(px.to_vips(pixels).median(size), pixels.dtype)


def find_function(name: object) -> Callable[..., Any]:
    """Return the function of a name that is allowed, or raise InvalidRequest."""
    known = _allowed()
    if not isinstance(name, str) or name not in known:
        raise InvalidRequest(f"there is no style function {repr(name)[:100]}")
    return known[name]


@functools.cache
def _allowed() -> dict[str, Callable[..., Any]]:
    found: dict[str, Callable[..., Any]] = {}
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        with contextlib.suppress(ImportError):  # its extra is not installed
            found[entry.name] = entry.load()
    for function in (maskPixelValues, medianFilter):
        found |= {f"{module}.{function.__name__}": function for module in _MODULES}
    return found


def _pixel(value: object, bands: int) -> Pixels:
    """Return a value a band; a band that 0xBBGGRR says nothing of, as alpha, is full."""
    if isinstance(value, list | tuple):
        wanted = [number("values", each) for each in value]
        if len(wanted) < min(bands, 3) or None in wanted:
            raise InvalidRequest(f"values has {len(value)} numbers for {bands} bands")
        return np.array([*wanted, *[255] * bands][:bands])
    packed = whole("values", value)
    if packed is None or packed < 0:
        raise InvalidRequest(f"values holds {value!r}, which is no pixel")
    if bands == 1:
        return np.array([packed])
    return np.array([*((packed >> shift) & 255 for shift in (0, 8, 16)), *[255] * bands][:bands])


def _rgba(colour: Sequence[int] | None, default: tuple[int, ...]) -> list[int]:
    wanted = [whole("colour", each) for each in (default if colour is None else colour)]
    if len(wanted) != 4 or not all(each is not None and 0 <= each <= 255 for each in wanted):
        raise InvalidRequest(f"a colour is four numbers of 0 to 255, not {colour!r}")
    return [int(each or 0) for each in wanted]
