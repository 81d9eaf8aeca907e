"""Where a palette starts and ends: numbers, or what the pixels of a frame hold."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tilesource.formats.base import ImageInfo, Pixels
from tilesource.geometry import Box
from tilesource.histogram import histogram_of, histogramThreshold, statistics_of
from tilesource.style.model import Limit

# Statistics are of the image at no more than this many pixels on a side.
_LARGEST_SIDE = 4096
_ROWS = 512
_FRAMES_KEPT = 256

Read = Callable[[int, Box, int, int], Pixels]
"""Reads a box of base pixels of a frame at a width and height."""


class Ranges:
    """The statistics of an image's frames, each gathered once, when a style first needs it."""

    def __init__(self, info: ImageInfo, read: Read) -> None:
        self._info = info
        self._read = read
        self._lock = threading.Lock()  # requests for many tiles shall not gather the same
        self._statistics = functools.lru_cache(_FRAMES_KEPT)(self._gather_statistics)
        self._histogram = functools.lru_cache(_FRAMES_KEPT)(self._gather_histogram)

    def low(self, limit: Limit, frame: int, band: int) -> float:
        """Return the value that the palette's first colour stands for; bands count from 0."""
        if limit.kind == "full" or (limit.kind == "auto" and self._fits_screen(frame)):
            return 0.0
        return self._found(limit, frame, band, from_max=limit.kind == "max")

    def high(self, limit: Limit, frame: int, band: int) -> float:
        """Return the value that the palette's last colour stands for; bands count from 0."""
        if limit.kind == "full":
            return _full(self._info.dtype)
        if limit.kind == "auto" and self._fits_screen(frame):
            return 255.0
        return self._found(limit, frame, band, from_max=limit.kind != "min")

    def _found(self, limit: Limit, frame: int, band: int, *, from_max: bool) -> float:
        if limit.kind == "number":
            return limit.value
        with self._lock:
            if limit.value:
                return histogramThreshold(self._histogram(frame)[band], limit.value, from_max)
            return float(self._statistics(frame)["max" if from_max else "min"][band])

    def _fits_screen(self, frame: int) -> bool:
        """Tell whether the values are on a screen's scale of 0 to 255 already, in all bands."""
        if self._info.dtype == np.uint8:
            return True
        with self._lock:
            found = self._statistics(frame)
        low, high = found["min"], found["max"]
        # Of 0 to 1 would be black, and a band that is 255 throughout tells nothing.
        return bool((low >= 0).all() and (low < 255).all() and (high >= 2).all()
                    and (high <= 255).all())  # fmt: skip

    def _gather_statistics(self, frame: int) -> dict[str, Pixels]:
        return statistics_of(self._blocks(frame))

    def _gather_histogram(self, frame: int) -> list[dict[str, Any]]:
        records = histogram_of(lambda: self._blocks(frame))["histogram"]
        return list(records)

    def _blocks(self, frame: int) -> Iterator[Pixels]:
        """Yield the whole image in broad strips, halved until it is small enough."""
        base = self._info.levels[0]
        step = 1
        while max(base.width, base.height) > _LARGEST_SIDE * step:
            step *= 2
        for top in range(0, base.height, _ROWS * step):
            height = min(_ROWS * step, base.height - top)
            box = Box(x=0, y=top, width=base.width, height=height)
            yield self._read(frame, box, max(1, base.width // step), max(1, height // step))


def _full(dtype: np.dtype[Any]) -> float:
    """Return what the API documents as the maximum of a type."""
    if dtype.kind == "f":
        return 1.0
    return 65535.0 if dtype == np.uint16 else 255.0
