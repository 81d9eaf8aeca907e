"""What the pixels of a sink are, and how they become others when a tile brings more.

A sink keeps colours and, as the last band, how opaque they are: 0 where no tile has been.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tilesource.formats.base import Pixels

_GREY, _RGB = 1, 3


@dataclass(frozen=True, slots=True)
class Layout:
    """The type of pixels and their number of colours, beside opacity."""

    dtype: np.dtype[Any]
    colours: int

    @property
    def opaque(self) -> float:
        """Return the value that stands for a pixel through which nothing shows."""
        return 1.0 if self.dtype.kind == "f" else float(np.iinfo(self.dtype).max)

    def joined(self, other: Layout) -> Layout:
        """Return the least layout that holds the pixels of both."""
        dtype = np.promote_types(self.dtype, other.dtype)
        return Layout(dtype, max(self.colours, other.colours))

    def full(self) -> Any:
        """Return the opacity of a covered pixel, as the type has it."""
        return self.dtype.type(np.iinfo(self.dtype).max if self.dtype.kind != "f" else 1)

    def empty(self, height: int, width: int) -> Pixels:
        """Return pixels where no tile has been."""
        return np.zeros((height, width, self.colours + 1), self.dtype)

    def take(self, pixels: Pixels, layout: Layout) -> Pixels:
        """Return pixels of another layout, which this one has room for, in this one."""
        if layout == self:
            return pixels
        out = self.empty(*pixels.shape[:2])
        colours = pixels[..., :-1]
        if layout.colours == _GREY and self.colours == _RGB:
            colours = colours.repeat(_RGB, axis=2)
        out[..., : colours.shape[2]] = colours
        out[..., -1] = self._opacity(pixels[..., -1], layout)
        return out

    def _opacity(self, opacity: Pixels, layout: Layout) -> Pixels:
        """Return opacity of another type in this one; what is opaque stays just that."""
        if self.dtype == layout.dtype:
            return opacity
        share = opacity / layout.opaque
        scaled = share if self.dtype.kind == "f" else np.rint(share * self.opaque)
        # As a float, the greatest integer of 64 bits is one more, which is none of them.
        partial = np.clip(scaled, 0, np.nextafter(self.opaque, 0)).astype(self.dtype)
        return np.where(share >= 1, self.full(), partial)


def over(below: Pixels, above: Pixels, layout: Layout) -> Pixels:
    """Return pixels as they look with others on top of them, by the opacity of each."""
    top, bottom = (each[..., -1:] / layout.opaque for each in (above, below))
    share = top + bottom * (1 - top)
    colours = above[..., :-1] * top + below[..., :-1] * (bottom * (1 - top))
    mixed = np.divide(colours, share, out=np.zeros_like(colours), where=share > 0)
    out = np.concatenate([mixed, share * layout.opaque], axis=2)
    rounded = out if layout.dtype.kind == "f" else np.rint(out)
    # Where one of both is all there is, it stays as it is to the last bit.
    result = rounded.astype(layout.dtype)
    result = np.where(above[..., -1:] == layout.full(), above, result)
    return np.where((below[..., -1:] == 0) | (top == 0), np.where(top == 0, below, above), result)
